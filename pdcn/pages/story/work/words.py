"""What the story's work says while it is at work."""

FOLLOWING = "Following one event through both towers"
