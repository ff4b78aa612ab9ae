"""One cross layer by hand."""
