"""Which run a page shows: the one in the URL, else the newest of the person's own, else the showcase."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import streamlit as st

from pdcn.config import Experiment, SettingError
from pdcn.dials import changed
from pdcn.evaluation.frames import compare, cuts_of, difference_frame, recall_frame
from pdcn.evaluation.verdict import Comparison, comparisons_of
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

    >>> from pdcn.dials import assemble
    >>> settings_of(assemble({"epochs": 5, "size": "quick"}))
    'size quick, epochs 5, all else as it comes'
    """
    other = [f"{key.replace('_', ' ')} {text}" for key, text in changed(experiment).items() if key != "data"]
    return ", ".join([*other, "all else as it comes"]) if other else "all settings as they come"


@st.cache_data(max_entries=16, show_spinner=False)
def _curves(path: str, stamp: float) -> pd.DataFrame:
    folder = RunFolder(Path(path))
    result, ranks = folder.result, folder.ranks
    assert result is not None
    assert ranks is not None
    return recall_frame(ranks, folder.experiment.arms, result["data"]["items"])


@st.cache_data(max_entries=16, show_spinner=False)
def _differences(path: str, stamp: float, against: str) -> tuple[pd.DataFrame, list[Comparison]]:
    folder = RunFolder(Path(path))
    result, ranks, experiment = folder.result, folder.ranks, folder.experiment
    assert result is not None
    assert ranks is not None
    items = result["data"]["items"]
    found = [c for c in comparisons_of(result) if c.against == against]
    if not found:  # the record holds those against the run's own baseline
        found = compare(ranks, experiment.arms, against, cuts_of(items), detect=experiment.detect / 100)
    return difference_frame(ranks, experiment.arms, against, items), found


def _as_it_is(folder: RunFolder) -> tuple[str, float]:
    """What tells the caches which run it is, and which state of it: when its ranks were written."""
    return str(folder.path), (folder.path / "ranks.parquet").stat().st_mtime


def curves_of(folder: RunFolder) -> pd.DataFrame:
    """Recall curves of a run as it is now."""
    return _curves(*_as_it_is(folder))


def differences_of(folder: RunFolder, against: str) -> tuple[pd.DataFrame, list[Comparison]]:
    """Paired differences to an arm of a run as it is now: the curve over K, and every metric of the record."""
    return _differences(*_as_it_is(folder), against)


def text_colour() -> str:
    """The colour of the page's text, light or dark."""
    return "#E8EDF3" if st.context.theme.type == "dark" else "#1B2430"
