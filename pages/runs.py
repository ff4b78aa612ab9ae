"""Runs: every run of this computer; open one, put two side by side, delete with a way back."""

from pdcn.ui.frame import inside_app
from pdcn.ui.run_list import run_list

inside_app()
run_list()
