"""Compare: choose, run, watch, and read the answer."""

from pdcn.shell.page import Page

KEYS = (
    *("each_seed", "held_against", "parts_of", "part_kind", "slices_of", "slice_kind"),
    *("tower_side", "own_item_tower"),
)
PAGE = Page("compare", "Compare", ":material/compare_arrows:", "Compare", "pdcn.pages.compare.page", keys=KEYS)
