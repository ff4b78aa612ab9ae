"""Crosses: the learned weights of the cross layers, what they matter, and what happens without them."""

from pdcn.pages.crosses.page import crosses_view
from pdcn.shell.frame import inside_app

inside_app()
crosses_view()
