"""Present: six slides of a run, turned by the arrow keys; the address says which one is shown."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from pdcn.decision.price import timed_by
from pdcn.decision.sheet import sheet
from pdcn.evaluation.comparison import counted_arms
from pdcn.pages.present import OF_TWO_ARMS, STEPS
from pdcn.pages.present import words as say
from pdcn.pages.present.keys import read, scaled
from pdcn.pages.present.page.look import CSS
from pdcn.pages.present.page.slides import draw_slide
from pdcn.runs.folder import OVER, RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import PARAMETER
from pdcn.shell.frame import recipe_named, says_errors, way_to
from pdcn.shell.inputs import UNSEEN, from_list, say_misread
from pdcn.shell.shown_run import shown_run, store

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

COMPONENT = "slides"
SCALE, MOST = "stage-scale", 8.0
"""Where a session keeps how much larger than 1,280 by 720 pixels its screen is, and the most that it may be."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(COMPONENT, html=read("bar.html"), css=scaled(read("bar.css")), js=read("bar.js"))


def draw() -> None:
    """The page."""
    st.html(CSS)
    with st.container(key="stage"):
        folder = shown_run()
        _presented(folder)


def _scaled() -> None:
    """What the browser says of its size, for figures: their letters have a size of their own."""
    asked = st.session_state[COMPONENT]["scale"]
    if isinstance(asked, (int, float)) and 0.5 <= asked <= MOST:
        st.session_state[SCALE] = float(asked)


def _turned() -> None:
    """What the browser says of the slide goes into the address."""
    asked = st.session_state[COMPONENT]["slide"]
    if asked in STEPS:
        st.session_state["slide"] = asked


@st.fragment
def _presented(folder: RunFolder) -> None:
    """A slide, and below it the bar that turns it."""
    try:
        store().folder(folder.run)
    except SettingError:  # deleted meanwhile: the whole page says so, and shows another run
        st.rerun()
    with st.container(key=f"{UNSEEN}present"):
        shown = from_list(say.SLIDE, STEPS, key="slide", told=True)
    say_misread("slide")
    with st.container(key=f"slide-{shown}"):
        _slide(folder, shown)
    with st.container(key="bar"):
        scale = st.session_state.get(SCALE, 1.0)
        data = {"slide": shown, "scale": scale, "names": _names(folder, shown), "say": say.BAR}
        _component()(key=COMPONENT, data=data, on_slide_change=_turned, on_scale_change=_scaled)
    with st.container(key=f"{UNSEEN}present-leave"):
        st.page_link(way_to("compare"), label=say.BAR["leave"], query_params={PARAMETER: folder.run})


def _names(folder: RunFolder, shown: str) -> dict[str, str]:
    """What the bar calls the slides. Of a run with one arm those of two are left out, unless a link asked for one."""
    result = folder.result
    alone = result is not None and len(counted_arms(result)) < 2
    return {name: said for name, said in say.SLIDES.items() if name == shown or not (alone and name in OF_TWO_ARMS)}


@says_errors
def _slide(folder: RunFolder, shown: str) -> None:
    """One slide of a run that is over; of another one, a sentence that says what to do."""
    state = store().state(folder.run)
    if state not in OVER:
        st.info(f"{say.NOTHING} {say.BUSY}", icon=":material/hourglass_empty:")
        return
    found = sheet(folder, timed=recipe_named(timed_by(folder)), state=state)
    if folder.result is None:
        st.info(f"{say.NOTHING} {say.NO_RESULT}", icon=":material/info:")
        return
    draw_slide(shown, folder, found, st.session_state.get(SCALE, 1.0))
