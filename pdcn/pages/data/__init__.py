"""Data: what the towers read."""
