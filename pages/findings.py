"""Findings: the questions that the published claim leaves open, and our studies' answers."""

from pdcn.pages.findings.page import findings_view
from pdcn.shell.frame import inside_app

inside_app()
findings_view()
