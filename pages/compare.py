"""Compare: choose, run, watch, and read the answer."""

from pdcn.pages.compare.page import compare_view
from pdcn.shell.frame import inside_app

inside_app()
compare_view()
