"""The app around a page: the navigation, the ways from one page to another, and errors in a sentence."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from functools import cache, wraps
from importlib import import_module
from types import ModuleType
from typing import Any, ParamSpec

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pdcn.environment import only_looked_at
from pdcn.inert import words
from pdcn.jobs.analysis import Recipe
from pdcn.settings import SettingError
from pdcn.shell import words as say
from pdcn.shell.address import PARAMETER
from pdcn.shell.door import admitted, way_out
from pdcn.shell.page import Page
from pdcn.shell.pictures import with_picture
from pdcn.words import DEMONSTRATION

P = ParamSpec("P")
WAYS, RECIPES = "ways", "recipes"
"""Where a session keeps Streamlit's pages by name, and the recipes of all pages by theirs."""


@cache
def _settled(module: str) -> None:
    gc.freeze()


def imported(name: str) -> ModuleType:
    """A module, imported; what was imported is searched for garbage no more.

    Streamlit collects garbage after every run of a page, and torch, Plotly and pandas are most of what it would search.
    """
    module = import_module(name)
    _settled(name)
    return module


def navigation(pages: Iterable[Page]) -> StreamlitPage:
    """The menu of the pages in its groups; the page that was asked for, or the first, which opens the app.

    Above a page stand the others of its group, one press away.
    """
    known, groups = list(pages), dict[str, list[Page]]()
    for page in known:
        groups.setdefault(page.group, []).append(page)

    def drawn(page: Page) -> Callable[[], None]:
        def draw() -> None:
            if not admitted():
                return
            if not page.alone:
                _neighbours(one for one in groups[page.group] if not one.alone)
                if only_looked_at():
                    st.info(DEMONSTRATION, icon=":material/visibility:")
            for other in known:
                if other.above and other is not page and not page.alone:
                    import_module(other.above).above()
            imported(page.module).draw()

        return draw

    found = {
        page.name: st.Page(
            drawn(page),
            title=page.title,
            icon=page.icon,
            url_path=page.name if at else "",
            default=not at,
            visibility="hidden" if page.alone else "visible",
        )
        for at, page in enumerate(page for group in groups.values() for page in group)
    }
    first = next(iter(found))

    def lead_there() -> None:
        st.switch_page(found[first], query_params={key: st.query_params.get_all(key) for key in st.query_params})

    # the first page opens the app, so its name is no address; but people type it
    by_name = st.Page(lead_there, title=found[first].title, url_path=first, visibility="hidden")
    st.session_state[WAYS] = found
    st.session_state[RECIPES] = {recipe.name: recipe for page in known for recipe in page.recipes}
    menu = {name: [found[page.name] for page in own] for name, own in groups.items()}
    return st.navigation({"": [by_name], **menu}, position="top")


def _neighbours(group: Iterable[Page]) -> None:
    """The pages of a group, of which the browser marks the one that is open; and the way out, where there is a door."""
    row = st.container(horizontal=True, gap="small", key="neighbours")
    for page in group:
        row.page_link(way_to(page.name), width="content")
    way_out(row)


def present(run: str, place: Any = st) -> None:
    """The button of a page that shows a run: it presents the run in a room."""
    place.page_link(
        way_to("present"),
        label=say.PRESENT,
        icon=":material/slideshow:",
        width="content",
        help=with_picture(say.PRESENT_HELP),
        query_params={PARAMETER: run},
    )


def way_to(name: str) -> StreamlitPage:
    """The page of that name, to be linked or switched to."""
    return ways()[name]


def ways() -> dict[str, StreamlitPage]:
    """All pages by name, to be linked or switched to."""
    found: dict[str, StreamlitPage] = st.session_state[WAYS]
    return found


def recipe_named(name: str) -> Recipe:
    """The recipe of an analysis, for a page that shows what another page's analysis found."""
    recipes: dict[str, Recipe] = st.session_state[RECIPES]
    return recipes[name]


def says_errors(draw: Callable[P, None]) -> Callable[P, None]:
    """What goes wrong in a part of a page is one sentence in its place; a fragment lets no error through to
    `app.py`."""

    @wraps(draw)
    def drawn(*given: P.args, **named: P.kwargs) -> None:
        try:
            draw(*given, **named)
        except SettingError as error:  # a home that can't be written, a run whose files are damaged
            st.error(words(error), icon=":material/error:")

    return drawn
