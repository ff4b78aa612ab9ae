"""Cross lab: make crosses by hand, see what can be learned, and play."""

from pdcn.shell.page import Page

KEYS = ("lab", "play")
PAGE = Page("cross_lab", "Cross lab", ":material/experiment:", "Learn", "pdcn.pages.cross_lab.page", keys=KEYS)
