"""Inside: what each stage of a tower keeps, and what each branch contributes."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.inside.work.words import WORKING
from pdcn.shell.page import Page

INSIDE = Recipe("inside", WORKING, "pdcn.pages.inside.work.job", {"events": 8_192}, snapshots=True)
KEYS = ("inside_side", "inside_where", "inside_share", "inside_measure_")
PAGE = Page("inside", "Inside", ":material/schema:", "Look inside", "pdcn.pages.inside.page", (INSIDE,), keys=KEYS)
