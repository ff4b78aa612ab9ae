"""The sheet as a file for a meeting: an HTML file, or a card of one page."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import streamlit as st

from pdcn.decision import words as say
from pdcn.decision.sheet import Sheet
from pdcn.inert import words
from pdcn.report.facts import report_of
from pdcn.report.written import FORMS
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.shown_run import curves_of, store

KINDS = {".html": "text/html", ".pdf": "application/pdf", ".png": "image/png"}
"""What each file is, as browsers call it, by its ending."""
LONGEST = 60
"""Letters of a file's name."""


def report_button(folder: RunFolder, shown: Sheet, place: Any = st) -> None:
    """A button that offers the sheet that is shown in every form; each is made when it is pressed. Of a run that has
    nothing to report, it says why."""
    with place.popover(say.REPORT, icon=":material/description:", width="content"):
        try:
            found = report_of(folder, shown, store().state(folder.run), curves_of)
        except SettingError as error:
            st.info(words(error), icon=":material/info:")
            return
        name = re.sub(r"[^\w.-]+", "-", folder.run)[:LONGEST]
        for ending, label in say.REPORT_FORMS.items():
            st.download_button(
                label,
                partial(FORMS[ending], found),
                f"report-{name}{ending}",
                KINDS[ending],
                key=f"report{ending}",
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )
