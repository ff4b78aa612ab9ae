"""Crosses: the learned weights of the cross layers, what they matter, and what happens without them."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.crosses.words import MEASURING, TAKING_AWAY
from pdcn.shell.page import Page

CROSSES = Recipe("crosses", MEASURING, "pdcn.pages.crosses.work.weights_job", snapshots=True)
IMPORTANCE = Recipe("importance", TAKING_AWAY, "pdcn.pages.crosses.work.importance_job", {"events": 2_048})
EVERY = 0
"""In the place of an expert's number: all of them, by how much they count."""
KEYS = (
    "cross_expert",
    *("cross_side", "cross_layer", "cross_view", "cross_seeds", "cross_scaled", "cross_moment", "cross_every_field"),
    "worth_measure",
    *("what_if_write", "what_if_read", "what_if_factor", "what_if_ways", "what_if_layers", "what_if_event"),
)
PAGE = Page(
    "crosses",
    "Crosses",
    ":material/grid_on:",
    "Look inside",
    "pdcn.pages.crosses.page",
    (CROSSES, IMPORTANCE),
    keys=KEYS,
)
