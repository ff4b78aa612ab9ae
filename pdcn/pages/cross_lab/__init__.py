"""Cross lab: make crosses by hand, see what can be learned, and play."""

from pdcn.shell.page import Page

HAND = ("hand_x_", "hand_w_", "hand_b_", "hand_out", "hand_layer", "hand_itself", "hand_swap", "hand_rank", "hand_gate")
LEARN = ("learn_of", "learn_f")
NEGATIVES = ("neg_zipf", "neg_batch")
KEYS = ("lab", *HAND, *LEARN, "play", *NEGATIVES)
CONTROLS = (
    *("play_play", "play_step", "play_reset", "play_target", "play_layers", "play_width", "play_features"),
    *("play_noise", "play_rate", "play_speed", "play_seed", "play_weights"),
)
"""What a link can hide of the playground."""
PAGE = Page(
    "cross_lab", "Cross lab", ":material/experiment:", "Learn", "pdcn.pages.cross_lab.page", keys=KEYS, hides=CONTROLS
)
