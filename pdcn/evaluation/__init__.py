"""Evaluation: `ranks` of the true item, `metrics` from them, `statistics`."""
