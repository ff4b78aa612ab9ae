"""What the difference is worth, in the person's own numbers."""

from __future__ import annotations

import streamlit as st

from pdcn.decision import words as say
from pdcn.decision.sheet import Sheet
from pdcn.decision.worth import by_event, told
from pdcn.inert import words
from pdcn.runs.folder import RunFolder
from pdcn.shell.inputs import number_input
from pdcn.shell.parts import measured
from pdcn.shell.terms import with_terms

MOST = 1e12


def show_worth(folder: RunFolder, found: Sheet) -> None:
    """Three numbers of the person's, and the hits that the difference is worth, with its interval."""
    st.header(say.WORTH_TITLE, anchor=False)
    first, second, third, _ = st.columns([1, 1, 1, 2])
    requests = number_input(first, say.REQUESTS, 0.0, MOST, 1e6, key="decide_requests", step=1e5, format="%.0f")
    share = number_input(
        second, say.SHARE, 0.0, 100.0, 100.0, key="decide_share", step=5.0, format="%g", help=say.SHARE_HELP
    )
    value = number_input(
        third, say.VALUE, 0.0, MOST, 0.0, key="decide_value", step=0.1, format="%g", help=say.VALUE_HELP
    )
    first_said, *others = told(found.found, requests, share / 100, value, so_far=found.so_far)
    st.markdown(with_terms(f"**{words(first_said)}** {words(' '.join(others))}"))
    every = by_event(folder.result or {}, found.found)
    measured(*say.WORTH_MEASURED, *([words(every)] if every else []))
