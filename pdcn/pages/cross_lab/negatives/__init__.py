"""Popular items as negatives, and the logQ correction."""
