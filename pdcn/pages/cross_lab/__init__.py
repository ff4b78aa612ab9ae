"""Cross lab: make crosses by hand, see what can be learned, and play."""

from pdcn.shell.page import Page

HAND = ("hand_x_", "hand_w_", "hand_b_", "hand_out", "hand_layer", "hand_itself", "hand_swap", "hand_rank", "hand_gate")
LEARN = ("learn_of", "learn_f")
NEGATIVES = ("neg_zipf", "neg_batch")
KEYS = ("lab", *HAND, *LEARN, "play", *NEGATIVES)
PAGE = Page("cross_lab", "Cross lab", ":material/experiment:", "Learn", "pdcn.pages.cross_lab.page", keys=KEYS)
