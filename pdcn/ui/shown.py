"""Which run a page shows: the one in the URL, else the newest of the person's own, else the showcase."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from pdcn.config import Experiment, SettingError, changed
from pdcn.evaluation.frames import difference_frame, recall_frame
from pdcn.files import SHOWCASE
from pdcn.studies.folder import ACTIVE, RunFolder
from pdcn.studies.store import Store

PARAMETER = "run"


@st.cache_resource
def store() -> Store:
    """The store of this server."""
    return Store()


def shown_run() -> RunFolder:
    """The run to show; a link to a run that is not here says so and shows what there is."""
    asked = st.query_params.get(PARAMETER) or st.session_state.get(PARAMETER)
    if asked:
        try:
            folder = store().folder(asked)
            _ = folder.experiment  # readable
            st.session_state[PARAMETER] = asked
            return folder
        except SettingError:
            st.info(
                f"The run {asked} is not on this computer. Below is what there is.", icon=":material/info:"
            )
            forget()
    rows = store().rows()
    live = [row for row in rows if row.state in (*ACTIVE, "queued")]
    ended = [row for row in rows if row.verdict]
    newest = [*live, *ended][:1]
    return store().folder(newest[0].run) if newest else RunFolder(SHOWCASE)


def show(run: str) -> None:
    """Let every page show this run from now on; the URL says so."""
    st.session_state[PARAMETER] = run
    st.query_params[PARAMETER] = run


def forget() -> None:
    """Show what is newest again."""
    st.session_state.pop(PARAMETER, None)
    st.query_params.pop(PARAMETER, None)


def about(folder: RunFolder) -> str:
    """Which run, which data and which seeds a page shows, in one line."""
    experiment = folder.experiment
    seeds = experiment.seed_list
    if folder.path == SHOWCASE:
        name = "the showcase run that comes with the project"
    else:
        name = (
            f"run {folder.run}, {time.strftime('%d %b %Y %H:%M', time.localtime(folder.request['created']))}"
        )
    data = experiment.data.source
    numbers = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    return f"Showing {name} · data: {data} · {numbers} · {settings_of(experiment)}"


def settings_of(experiment: Experiment) -> str:
    """The settings of an experiment that are not as they come, in words.

    >>> from pdcn.config import assemble
    >>> settings_of(assemble({"epochs": 5, "size": "quick"}))
    'size quick, epochs 5, all else as it comes'
    """
    other = [f"{key.replace('_', ' ')} {text}" for key, text in changed(experiment).items() if key != "data"]
    return ", ".join([*other, "all else as it comes"]) if other else "all settings as they come"


@st.cache_data(max_entries=8, show_spinner=False)
def curves(path: str, stamp: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Recall curves and paired differences of a run; `stamp` is when its ranks were written."""
    folder = RunFolder(type(SHOWCASE)(path))
    result, ranks = folder.result, folder.ranks
    assert result is not None
    assert ranks is not None
    arms, items = folder.experiment.arms, result["data"]["items"]
    return recall_frame(ranks, arms, items), difference_frame(ranks, arms, items)


def curves_of(folder: RunFolder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`curves` of a run as it is now."""
    return curves(str(folder.path), (folder.path / "ranks.parquet").stat().st_mtime)


def text_colour() -> str:
    """The colour of the page's text, light or dark."""
    return "#E8EDF3" if st.context.theme.type == "dark" else "#1B2430"
