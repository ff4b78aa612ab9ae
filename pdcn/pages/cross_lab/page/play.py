"""PLACEHOLDER."""


def draw() -> None:
    """Draw this part of the page."""
