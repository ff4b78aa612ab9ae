"""Findings: the open questions and their answers."""
