"""Which models can learn a function."""
