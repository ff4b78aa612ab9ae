"""Latency: what each wiring costs to serve on this machine, and what that buys."""

from pdcn.pages.latency.page import latency_view
from pdcn.shell.frame import inside_app

inside_app()
latency_view()
