"""What this page draws."""
