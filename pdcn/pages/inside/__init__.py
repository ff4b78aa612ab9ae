"""Inside: what each stage of a tower keeps, and what each branch contributes."""

from pdcn.jobs.analysis import Recipe
from pdcn.shell.page import Page

INSIDE = Recipe(
    "inside",
    "probing the towers and muting their branches",
    "pdcn.pages.inside.work.job",
    {"events": 8_192},
    snapshots=True,
)
KEYS = ("inside_side", "inside_where", "inside_share", "inside_measure_")
PAGE = Page("inside", "Inside", ":material/schema:", "Look inside", "pdcn.pages.inside.page", (INSIDE,), keys=KEYS)
