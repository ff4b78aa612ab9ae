"""Crosses: the learned weights of the cross layers, what they matter, and what happens without them."""

from pdcn.ui.crosses_view import crosses_view
from pdcn.ui.frame import inside_app

inside_app()
crosses_view()
