"""Retrieve: one query, two lists, and why they differ."""
