"""Compare: choose, run, watch, and read the answer."""

from pdcn.shell.page import Page

PAGE = Page("compare", "Compare", ":material/compare_arrows:", "pdcn.pages.compare.page")
