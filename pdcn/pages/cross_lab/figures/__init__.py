"""What the Cross lab draws."""
