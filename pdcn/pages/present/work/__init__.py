"""What is worked out: two lists for one typical event."""
