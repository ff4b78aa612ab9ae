"""A link for a class: it brings everybody into the same state, and names no run, so each person trains their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pdcn.dials import dials
from pdcn.inert import code
from pdcn.shell import words as say
from pdcn.shell.frame import way_to, ways
from pdcn.shell.hidden import PARAMETER, hidden
from pdcn.shell.inputs import labelled
from pdcn.shell.parts import remark, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms

FOLD = "class-link"
"""The key of the fold."""
ONLY_HERE = ("localhost", "127.0.0.1", "::1")
"""Names by which every computer calls itself, so that a link with one of them leads everybody to their own."""


def address_of(page: str, url: str) -> str:
    """The address of a page beside that of the one that is open, without parameters."""
    base = url.partition("?")[0]
    open_page = base.rstrip("/").rpartition("/")[2]
    root = base.rstrip("/").removesuffix(open_page) if open_page in ways() else f"{base.rstrip('/')}/"
    return f"{root}{way_to(page).url_path}"


def called_in_full(key: str) -> str:
    """A dial's label, which says of what it is where two have the same.

    >>> called_in_full("epochs"), called_in_full("item_deep"), called_in_full("events")
    ('Epochs', 'Deep widths of the item tower', 'Events (planted)')
    """
    (dial,) = (dial for dial in dials() if dial.key == key)
    if dial.path[0] == "item_network":
        return say.OF_ITEM_TOWER(label=dial.label)
    return say.OF_SOURCE(label=dial.label, source=dial.source) if dial.source else dial.label


def link_for_others(link: str) -> None:
    """A link to copy. Where its address means something else on every computer, that is said, with what to do."""
    st.code(link, language=None, wrap_lines=True)
    host = urlsplit(link).hostname or ""
    if host in ONLY_HERE:
        remark(say.LINK_ONLY_HERE(host=code(host)))


def class_link(page: str, query: Mapping[str, list[str]]) -> None:
    """Folded: a form to choose what a class is not to see, and the link, with the lesson that is open."""

    def inside() -> None:
        st.caption(with_terms(say.CLASS_HELP if query else say.CLASS_HELP_LESSON))
        keys = [dial.key for dial in dials()]
        chosen = labelled(
            key="class_hide",
            unseen=partial(
                st.multiselect,
                say.CLASS_HIDE,
                keys,
                default=[key for key in keys if key in hidden()],
                bind="query-params",
            ),
            seen=partial(
                st.multiselect, say.CLASS_HIDE, keys, format_func=called_in_full, help=with_picture(say.CLASS_HIDE_HELP)
            ),
        )
        place = {name: [st.query_params[name]] for name in ("lesson", "step") if name in st.query_params}
        hide = {PARAMETER: [",".join(chosen)]} if chosen else {}
        asked = urlencode({**query, **hide, **place}, doseq=True)
        link = address_of(page, st.context.url or "") + (f"?{asked}" if asked else "")
        link_for_others(link)

    unfolded(FOLD, say.CLASS, inside)
