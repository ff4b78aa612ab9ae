"""Latency: what each wiring costs to serve on this machine, and what that buys."""

from pdcn.ui.frame import inside_app
from pdcn.ui.latency_view import latency_view

inside_app()
latency_view()
