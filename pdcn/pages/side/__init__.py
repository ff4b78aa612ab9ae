"""Two runs side by side: what differs in their settings, their curves, and the paired difference between them.

The address names both: `?run=A&with=B`. A is the run that every page shows; differences are A minus B.
"""

from pdcn.shell.page import Page

WITH = "with"
"""The second run, in the address."""
PAGE = Page(
    "side",
    "Two runs",
    ":material/compare:",
    "Workshop",
    "pdcn.pages.side.page",
    keys=(WITH,),
    hides=("side_first", "side_second", "side_swap"),
)
