"""Compare: choose, run, watch, and read the answer."""

import streamlit as st

from pdcn.pages.compare import words as say
from pdcn.pages.compare.page import live
from pdcn.pages.compare.page.answer import show_answer
from pdcn.pages.compare.page.dials import offer_dials, panel, quick_button, take_away
from pdcn.pages.compare.page.towers import show_towers
from pdcn.runs.folder import OVER
from pdcn.shell.frame import present
from pdcn.shell.shown_run import about, shown_run, store


def draw() -> None:
    """The page, from its title to its answer."""
    st.title(say.TITLE, anchor=False)
    folder = shown_run()
    busy = store().state(folder.run) not in OVER

    with st.sidebar:
        slot = st.container()
        notices = st.container()
        experiment = panel(notices, folder)
        with slot:
            if busy:
                live.controls(folder)
            else:
                live.run_button(experiment)
                quick_button(experiment)
        if experiment is not None:
            take_away(experiment, folder.run)

    line = st.container(horizontal=True, vertical_alignment="center")
    line.caption(about(folder))
    if not busy:
        present(folder.run, line)
    offer_dials(folder.experiment, experiment)
    if busy:
        towers = folder.towers
        live.picture(folder, towers_drawn=towers is not None)
        if towers:
            show_towers(towers)
    else:
        show_answer(folder)
