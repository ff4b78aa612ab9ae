"""What the towers are trained and judged on."""
