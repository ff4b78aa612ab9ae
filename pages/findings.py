"""Findings: the questions that the published claim leaves open, and our studies' answers."""

from pdcn.ui.findings_view import findings_view
from pdcn.ui.frame import inside_app

inside_app()
findings_view()
