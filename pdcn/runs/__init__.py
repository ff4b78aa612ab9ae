"""Runs on disk: the folder of each, the index of all, what a record says, trained models."""
