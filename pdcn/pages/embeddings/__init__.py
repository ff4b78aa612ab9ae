"""Embeddings: maps of both arms, and the numbers that a map can't show."""
