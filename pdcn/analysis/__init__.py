"""What trained towers learned: plain functions from models and data to tidy frames; no pages, no files."""
