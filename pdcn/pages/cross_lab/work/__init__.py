"""What the Cross lab works out."""
