"""Runs: every run of this computer; open one, put two side by side, delete with a way back."""

from pdcn.pages.runs.page import run_list
from pdcn.shell.frame import inside_app

inside_app()
run_list()
