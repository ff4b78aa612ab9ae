"""Speed against recall over the person's own runs: those on the same data, timed on the same machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.files import SHOWCASE
from pdcn.host import machine
from pdcn.jobs.analysis import Analysis, Setting, kept
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.tradeoff import pareto_figure
from pdcn.pages.latency.told import cell_of
from pdcn.pages.latency.work.tradeoff import front
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.analysis_view import analysed, take_csv
from pdcn.shell.inputs import from_list
from pdcn.shell.parts import further
from pdcn.shell.shown_run import once, settings_of, stamps, store
from pdcn.shell.terms import with_terms
from pdcn.tasks.retrieval.metrics import headline_k
from pdcn.words import capital, micro, plural, spoken

TOWERS_ONLY: dict[str, Setting] = {"widths": "", "items": 0}
"""Settings of a measurement that leaves out what this figure does not need."""
COLUMNS = ["run", "label", "arm", "p50", "recall", "seeds"]


def show_pareto(folder: RunFolder, shown: Analysis, threads: int, batch: int) -> None:
    """The figure at a number of threads and batch size, and the runs that could join it."""
    k, data = _headline(folder)
    points, missing = [], []
    for run in _runs(folder, data):
        analysis = shown if run.path == folder.path else _like(run, shown)
        own = [] if analysis is None else list(_points(run, analysis, threads, batch, k))
        points += own
        if not own:
            missing.append(run)

    def inside() -> None:
        if points:
            take_csv(_draw(points, folder.run, k, threads, batch), "latency-pareto")
        if missing and shown.settings["machine"] == machine():
            _offer(missing)

    further("pareto", say.PARETO, _ends(points) if points else say.NO_PARETO, inside)


def _ends(points: list[dict[str, Any]]) -> str:
    """The fastest mark, and the one that finds most."""
    fastest = min(points, key=lambda one: (one["p50"], -one["recall"]))
    best = min(points, key=lambda one: (-one["recall"], one["p50"]))
    known = [
        {"arm": spoken(one["arm"]), "time": micro(one["p50"]), "recall": f"{one['recall']:.1%}"}
        for one in (fastest, best)
    ]
    if fastest is best:
        return say.FASTEST_IS_BEST(**{**known[0], "arm": capital(known[0]["arm"])})
    other = {f"best_{name}": value for name, value in known[1].items()}
    return say.FASTEST_AND_BEST(**{**known[0], "arm": capital(known[0]["arm"])}, **other)


@once
def _draw(rows: list[dict[str, object]], run: str, k: int, threads: int, batch: int) -> pd.DataFrame:
    """The figure, of which `run` is on show; and its table."""
    points = pd.DataFrame(rows, columns=COLUMNS)
    points = points.assign(front=front(points))
    best = points[points["front"]].sort_values("p50")
    st.markdown(with_terms(say.FRONT(points=say.OR.join(_point(row, run) for row in best.to_dict("records")))))
    st.plotly_chart(pareto_figure(points, k=k, shown=run), key="latency-pareto")
    runs = plural(points["run"].nunique(), "run")
    how = {"batch": f"{batch:,}", "threads": plural(threads, "thread"), "k": k}
    for said in (say.PARETO_CAPTION, say.PARETO_MEASURED(runs=runs, **how), say.PARETO_LIMITS):
        st.markdown(with_terms(said))
    return points.drop(columns=["seeds"])


def _point(row: dict[Any, Any], shown: str) -> str:
    """A mark in words, and whose it is where it is not of the run on show."""
    known = {"arm": spoken(row["arm"]), "time": micro(row["p50"]), "recall": f"{row['recall']:.1%}"}
    if row["run"] == shown:
        return say.FRONT_POINT(**known)
    if row["run"] == SHOWCASE.name:
        return say.FRONT_POINT_OF_SHOWCASE(**known)
    return say.FRONT_POINT_OF(run=row["run"], **known)


def _runs(folder: RunFolder, data: str) -> Iterator[RunFolder]:
    """The run on show, and every other with a result on the same data, the newest first."""
    yield folder
    source = folder.experiment.data.source
    others = [store().folder(row.run) for row in store().rows() if row.verdict and row.data == source]
    for other in (*others, RunFolder(SHOWCASE)):
        with suppress(SettingError):  # damaged files: the Runs page says so
            if other.path != folder.path and _headline(other)[1] == data and other.experiment:
                yield other


def _kept_until(name: str) -> Callable[[RunFolder | Analysis], object]:
    """What is read from a folder is kept until its file of that name changes."""
    return lambda folder: (str(folder.path), stamps(folder.path / name))


@st.cache_resource(max_entries=1_000, show_spinner=False, hash_funcs={RunFolder: _kept_until("result.json")})
def _headline(run: RunFolder) -> tuple[int, str]:
    """The K of the run's verdict, and what tells its data from other data."""
    data = (run.result or {"data": {}})["data"]
    return headline_k(data.get("items", 1_000)), str(data.get("hash", run.path))


def _like(run: RunFolder, shown: Analysis) -> Analysis | None:
    """The newest measurement of a run on the machine and device of the one on show."""
    devices = set(_arms(shown)["device"])
    found = (one for one in kept(run, LATENCY) if one.settings["machine"] == shown.settings["machine"])
    return next((one for one in found if set(_arms(one)["device"]) == devices), None)


@st.cache_resource(max_entries=1_000, show_spinner=False, hash_funcs={Analysis: _kept_until("done.json")})
def _arms(analysis: Analysis) -> pd.DataFrame:
    times = pd.read_parquet(analysis.path / "times.parquet")
    return times[times["variant"].str.startswith("arm ") & (times["tower"] == "query")]


def _points(run: RunFolder, analysis: Analysis, threads: int, batch: int, k: int) -> Iterator[dict[str, object]]:
    arms = (run.result or {"arms": {}})["arms"]
    its = settings_of(run.experiment)
    label = say.SHOWCASE_LABEL(settings=its) if run.path == SHOWCASE else say.RUN_LABEL(run=run.run, settings=its)
    for row in cell_of(_arms(analysis), "query", threads, batch).to_dict("records"):
        arm = row["variant"].removeprefix("arm ")
        recall = arms.get(arm, {}).get("recall", {}).get(str(k))
        if recall is not None:
            seeds = tuple(arms[arm]["recall_per_seed"][str(k)])
            yield dict(zip(COLUMNS, (run.run, label, arm, row["p50"], recall, seeds), strict=True))


def _offer(missing: list[RunFolder]) -> None:
    """Have a run that is not on the figure timed, by one press; one that is being timed comes first."""
    ready = [run for run in missing if run.trained]
    if not ready:
        return
    busy = [run for run in ready if Analysis.of(run, LATENCY, **TOWERS_ONLY).under_way]
    names = {run.run: run for run in (*busy, *ready)}
    chosen = from_list(
        say.NOT_TIMED_LABEL(runs=plural(len(names), "run")),
        list(names),
        key="latency_missing",
        format_func=lambda name: say.RUN_CHOICE(run=name, settings=settings_of(names[name].experiment)),
        width=620,
    )
    analysed(names[chosen], LATENCY, offer=say.NOT_TIMED, **TOWERS_ONLY)
