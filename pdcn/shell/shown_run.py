"""Which run a page shows: the one in the address, else the session's, else the newest that is done, else the
showcase."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from pdcn.config import Experiment
from pdcn.dials import changed, dials, read
from pdcn.evaluation.compare import compare, difference_frame
from pdcn.evaluation.comparison import Comparison, comparisons_of, counted_seeds, looks_of, too_short
from pdcn.files import SHOWCASE
from pdcn.inert import code, named, words
from pdcn.jobs.analysis import Tables
from pdcn.runs.curves import curves
from pdcn.runs.folder import RunFolder, clock
from pdcn.runs.remarks import remarks_of
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.shell import words as say
from pdcn.shell.address import PARAMETER
from pdcn.sources import since, source_said
from pdcn.tasks import task_of
from pdcn.words import plural

KEPT = 256
"""Parts of pages that the server keeps, the latest of all sessions together; one is some ten to hundred kB."""
P = ParamSpec("P")
R = TypeVar("R")


@st.cache_resource
def store() -> Store:
    """The store of this server."""
    return Store()


def shown_run() -> RunFolder:
    """The run to show, which the address names from now on.

    A link to a run that is not here or can't be read says so and shows what there is. A run at work is shown to whom
    its address was given, or who started it, and to nobody else.
    """
    asked = st.query_params.get(PARAMETER) or st.session_state.get(PARAMETER)
    if asked:
        try:
            folder = _readable(asked)
            show(asked)
            return folder
        except SettingError:
            _say_why_not(asked)
            forget()
    # dials without a run mean the same at every home: they count from the showcase, which has the default settings
    alone = any(dial.key in st.query_params for dial in dials())
    folder = RunFolder(SHOWCASE) if alone else last_done()
    show(folder.run)
    return folder


def last_done() -> RunFolder:
    """The newest run of this home that is done, else the showcase."""
    for row in store().rows():
        if row.state == "done" and row.verdict:
            with suppress(SettingError):  # damaged: the next one then
                return _readable(row.run)
    return RunFolder(SHOWCASE)


def _readable(run: str) -> RunFolder:
    """The folder of a run that says what was asked for, without which no page can show it."""
    folder = store().folder(run)
    _ = folder.experiment
    return folder


def _say_why_not(asked: str) -> None:
    """Whether a run that can't be shown is not here, or here and damaged."""
    try:
        folder = store().folder(asked)
    except SettingError:
        st.info(say.NOT_HERE(run=code(asked)), icon=":material/info:")
        return
    st.warning(say.DAMAGED(run=named(asked), folder=words(folder.path)), icon=":material/error:")


def show(run: str) -> None:
    """Let every page show this run from now on; the address says so."""
    known = st.session_state.get(PARAMETER) == run and st.query_params.get_all(PARAMETER) == [run]
    st.session_state[PARAMETER] = run
    if not known:  # also after a link within the page, which tells the server alone
        st.query_params[PARAMETER] = run


def forget() -> None:
    """Show what is newest again."""
    st.session_state.pop(PARAMETER, None)
    st.query_params.pop(PARAMETER, None)


def about(folder: RunFolder) -> str:
    """Which run, which data and which seeds a page shows, in one line."""
    experiment = folder.experiment
    if folder.path == SHOWCASE:
        name: str = say.SHOWCASE
    else:
        when = f"{clock(folder.request['created']):%d %b %Y %H:%M}"
        own = remarks_of(folder).name
        told = {"name": named(folder.run), "when": when}
        name = say.RUN_NAMED(own=words(own), **told) if own else say.RUN(**told)
    data = named(source_said(experiment.data.source))
    showing = say.SHOWING(run=name, data=data, seeds=_seeds(folder), settings=settings_of(experiment))
    return " · ".join(filter(None, [showing, words(_since(folder))]))


def _since(folder: RunFolder) -> str:
    """What became of the data of a run after it was asked for; nothing where that can't be told."""
    with suppress(SettingError):
        return since(folder.experiment.data, folder.request["created"])
    return ""


def _seeds(folder: RunFolder) -> str:
    """The seeds that a run has a result of; of one without a result yet, how many it is to have."""
    asked, result = folder.experiment.seeds, folder.result
    counted = counted_seeds(result) if result and "arms" in result else ()
    if not counted:
        return say.NONE_TRAINED(seeds=plural(asked, "seed"))
    several = len(counted) > 1 and counted[-1] - counted[0] == len(counted) - 1
    numbers = say.FIRST_TO_LAST(first=counted[0], last=counted[-1]) if several else ", ".join(map(str, counted))
    said = say.SEEDS(numbers=numbers) if len(counted) > 1 else say.SEED(number=numbers)
    return said if len(counted) >= asked else say.OF_ASKED(seeds=said, asked=asked)


def settings_of(experiment: Experiment) -> str:
    """The settings of an experiment that are not at their defaults, in words.

    >>> from pdcn.dials import assemble
    >>> settings_of(assemble({"epochs": 5, "match": "train-time", "arms": ("parallel", "deep_only")}))
    'arms: parallel and deep only; match: training time; epochs: 5; all other settings at their defaults'
    """
    there, other = changed(experiment), []
    for dial in dials():
        if dial.key in there and dial.key != "data":
            told = say.SETTING_OF_ITEM if dial.path[0] == "item_network" else say.SETTING
            label = dial.label if dial.label[1:2].isdigit() else dial.label[:1].lower() + dial.label[1:]
            other.append(told(label=label, value=words(dial.said(read(experiment, dial)))))
    return "; ".join([*other, say.OTHERS_AT_DEFAULTS]) if other else say.ALL_AT_DEFAULTS


def as_it_is(folder: RunFolder) -> tuple[str, list[tuple[str, int, int]]]:
    """Which run it is, and in which state: name, time and size of each of its files."""
    try:
        with os.scandir(folder.path) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    except OSError:  # taken away, or replaced this moment
        files = []
    return str(folder.path), sorted((name, at.st_mtime_ns, at.st_size) for name, at in files)


def stamps(*paths: Path) -> list[tuple[str, int]]:
    """Name and time of each file that is there: whoever keeps what is made of them is told so when they change."""
    return [(str(path), path.stat().st_mtime_ns) for path in paths if path.exists()]


def once(part: Callable[P, R]) -> Callable[P, R]:
    """A part of a page that is worked out and drawn once, and after that shown to every session from memory.

    It holds no widget, reads nothing but its arguments, the files of a run among them, and the theme, and nobody
    changes what it returns. The same arguments give the same elements, which a browser then keeps as they stand.
    """
    name = f"{part.__module__}.{part.__qualname__}"

    @wraps(part)
    def drawn(*given: P.args, **named: P.kwargs) -> R:
        found: R = _part(name, st.context.theme.type, part, given, named)
        return found

    return drawn


@st.cache_resource(
    max_entries=KEPT, show_spinner=False, hash_funcs={RunFolder: as_it_is, Tables: lambda tables: tables.stamp}
)
def _part(
    name: str, theme: str | None, _draw: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    return _draw(*given, **named)


@once
def curves_of(folder: RunFolder) -> pd.DataFrame:
    """The headline's metric at every K, of a run as it is now; no row where it has no K."""
    return curves(folder)


@once
def differences_of(folder: RunFolder, against: str) -> tuple[pd.DataFrame, list[Comparison]]:
    """Paired differences to an arm of a run as it is now: the curve over K, and every metric of the record."""
    (result, measured), experiment = folder.whole(), folder.experiment
    task, items = task_of(result), result["data"]["items"]
    found = [c for c in comparisons_of(result) if c.against == against]
    if not found:  # the record holds those against the run's own baseline
        headline, detect = task.headline(items), experiment.detect / 100
        looks = looks_of(result)
        found = compare(measured, experiment.arms, against, task.metrics(items), headline, detect=detect, looks=looks)
        found = too_short(found, result)
    return difference_frame(measured, experiment.arms, against, task.curve(items)), found


def text_colour() -> str:
    """The colour of the page's text, light or dark."""
    return "#E8EDF3" if st.context.theme.type == "dark" else "#1B2430"
