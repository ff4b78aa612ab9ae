"""Compare: choose, run, watch, and read the answer."""
