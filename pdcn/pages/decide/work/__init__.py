"""What is worked out: the sheet, from records alone."""
