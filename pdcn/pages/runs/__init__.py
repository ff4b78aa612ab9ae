"""Runs: all runs of this home."""
