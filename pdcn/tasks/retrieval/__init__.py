"""Retrieval: one item of the whole catalogue is right for each event."""
