"""Latency: what a wiring costs in time."""
