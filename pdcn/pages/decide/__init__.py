"""Decide: should I rewire my model? What a run and the bundled findings say, on one sheet."""

from pdcn.shell.page import Page

KEYS = (
    *("decide_arm", "decide_plot", "decide_batch", "decide_device"),
    *("decide_task", "decide_size", "decide_width", "decide_crossing", "decide_data"),
    *("decide_requests", "decide_share", "decide_value"),
)
PAGE = Page("decide", "Decide", ":material/balance:", "Compare", "pdcn.pages.decide.page", keys=KEYS)
