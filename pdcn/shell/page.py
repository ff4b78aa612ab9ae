"""What a page is, as plain data: Streamlit and torch are imported when it is drawn, not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pdcn.jobs.analysis import Recipe

Group = Literal["Learn", "Compare", "Look inside", "Workshop"]
"""A part of the menu."""


@dataclass(frozen=True)
class Page:
    """A page: its name, which is its address, too; its title, icon and group in the menu; the module whose `draw` draws
    it; and the recipes of its analyses.

    `keys` are those of its widgets, under which the address says what was chosen; one that ends with a stroke is the
    beginning of keys that have something of the data in their name. `above` is a module whose `above` draws a line on
    top of every other page, where it has something to say there. `hides` are names of what a link may hide there beside
    its keys. One that is `alone` fills the screen: no menu names it and nothing is drawn above it, so a button of
    another page has to lead there (`pdcn.shell.frame.present`).
    """

    name: str
    title: str
    icon: str
    group: Group
    module: str
    recipes: tuple[Recipe, ...] = ()
    keys: tuple[str, ...] = ()
    above: str = ""
    hides: tuple[str, ...] = ()
    alone: bool = False
