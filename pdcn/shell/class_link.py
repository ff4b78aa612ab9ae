"""A link for a class: it brings everybody into the same state, and names no run, so each person trains their own."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pdcn.dials import dials
from pdcn.shell import words as say
from pdcn.shell.frame import way_to, ways
from pdcn.shell.hidden import PARAMETER, hidden
from pdcn.shell.parts import folded


def address_of(page: str, url: str) -> str:
    """The address of a page beside that of the one that is open, without parameters."""
    base = url.partition("?")[0]
    open_page = base.rstrip("/").rpartition("/")[2]
    root = base.rstrip("/").removesuffix(open_page) if open_page in ways() else f"{base.rstrip('/')}/"
    return f"{root}{way_to(page).url_path}"


def class_link(page: str, query: Mapping[str, list[str]]) -> None:
    """Folded: a form to choose what a class is not to see, and the link, with the lesson that is open."""
    with folded(say.CLASS):
        st.caption(say.CLASS_HELP)
        labels = {dial.key: dial.label for dial in dials()}
        now = [key for key in labels if key in hidden()]
        chosen = st.multiselect(
            say.CLASS_HIDE, list(labels), default=now, key="class_hide", bind="query-params", help=say.CLASS_HIDE_HELP
        )
        place = {name: [st.query_params[name]] for name in ("lesson", "step") if name in st.query_params}
        hide = {PARAMETER: [",".join(chosen)]} if chosen else {}
        link = f"{address_of(page, st.context.url or '')}?{urlencode({**query, **hide, **place}, doseq=True)}"
        st.code(link, language=None, wrap_lines=True)
