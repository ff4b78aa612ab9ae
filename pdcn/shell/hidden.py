"""What a teacher hides: `?hide=epochs,seeds` takes dials and other widgets out of sight, on every page.

What is hidden is still there, and where the link put it: it counts, and it travels in links. Streamlit gives the place
of every widget a class that is named after its key, so a style sheet hides any of them, and whoever listens to the
page or goes through it by keyboard does not meet it either.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import streamlit as st

from pdcn.dials import OWN_ITEM_TOWER, dials
from pdcn.shell import words as say
from pdcn.shell.address import as_code
from pdcn.shell.inputs import LABELLED

PARAMETER = "hide"
ALL_BUT = "all-but:"
"""Before names: every dial is hidden but these."""


def hidden(asked: str | None = None) -> frozenset[str]:
    """The names that are to be hidden, as the address says it, or as given; known or not.

    >>> sorted(hidden("seeds, epochs,")), "data" in hidden("all-but:data,seeds"), "epochs" in hidden("all-but:data")
    (['epochs', 'seeds'], False, True)
    """
    text = st.query_params.get(PARAMETER, "") if asked is None else asked
    names = frozenset(name.strip() for name in text.removeprefix(ALL_BUT).split(",") if name.strip())
    return _of_dials() - names if text.startswith(ALL_BUT) else names


def _of_dials() -> frozenset[str]:
    return frozenset((OWN_ITEM_TOWER, *(dial.key for dial in dials())))


def not_there(names: Collection[str], of_pages: Collection[str]) -> list[str]:
    """Those of the names that neither a dial nor a widget of a page has, whose keys are `of_pages`.

    >>> not_there(["epochs", "epoch", "cross_side", "hand-hour"], ["cross_side", "hand-"])
    ['epoch']
    """
    known = {*of_pages, *_of_dials()}
    beginnings = tuple(key for key in of_pages if key.endswith(("_", "-")))
    return sorted(name for name in names if name not in known and not name.startswith(beginnings))


def rule_of(names: Collection[str]) -> str:
    """The style that hides widgets by their keys, of which no letter can be anything but part of a name.

    >>> rule_of(["seeds"])
    '.st-key-seeds, .st-key-seeds-labelled { display: none; }'
    >>> rule_of(["hand-"])
    '[class*="st-key-hand-"] { display: none; }'
    """
    safe = sorted(name for name in names if re.fullmatch(r"[A-Za-z][\w-]*", name, re.ASCII))
    found = [
        f'[class*="st-key-{name}"]' if name.endswith(("_", "-")) else f".st-key-{name}, .st-key-{name}{LABELLED}"
        for name in safe
    ]
    return f"{', '.join(found)} {{ display: none; }}" if found else ""


def hide(of_pages: Collection[str]) -> None:
    """Hide what the address asks for on the page that follows; what nothing knows is said in one sentence."""
    asked = st.query_params.get(PARAMETER, "")
    if not asked:
        return
    names = hidden(asked)
    if wrong := not_there(hidden(asked.removeprefix(ALL_BUT)), of_pages):
        st.warning(say.NOT_HIDDEN(names=as_code(wrong)), icon=":material/visibility_off:")
    if rule := rule_of(names - {*wrong}):
        st.html(f"<style>{rule}</style>")
