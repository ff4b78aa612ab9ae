"""The Lessons page."""


def draw() -> None:
    """Draw the page."""
