"""Findings: the open questions and their answers."""

from pdcn.shell.page import Page

PAGE = Page("findings", "Findings", ":material/lightbulb:", "Compare", "pdcn.pages.findings.page")
