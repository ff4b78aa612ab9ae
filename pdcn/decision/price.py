"""What an arm costs: time of a call as it was measured, parameters, and training time. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pdcn.config import TWO_TOWERS, offered
from pdcn.decision import words as say
from pdcn.evaluation.words import QUERY_ONCE
from pdcn.files import SHOWCASE
from pdcn.jobs.analysis import Recipe, kept
from pdcn.runs.folder import RunFolder
from pdcn.words import capital, micro, percent, plural, span, spoken

Source = Literal["run", "bundled", "none"]
"""Where something is from: the run itself, what comes with the project, or nowhere, as it was not measured."""
CANDIDATES = "candidates"
"""The recipe by which a ranking model is timed."""
TIMED = "arm "
"""What the name of an arm of a run begins with among the variants of a measurement of times."""


@dataclass(frozen=True)
class Price:
    """What one thing costs: by arm in its own unit (microseconds of a call, dense parameters, seconds of training a
    seed), of every arm of which it is known. `ratio` is arm over the other with its 95% interval, and `ratios` that of
    each arm over the same, which only times of a call have. `said` says it of the two in sentences."""

    kind: Literal["latency", "parameters", "training"]
    said: str
    of: Mapping[str, float] = field(default_factory=dict)
    ratio: tuple[float, float, float] | None = None
    source: Source = "none"
    ratios: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    @property
    def slower(self) -> bool:
        """Whether the interval of the ratio lies above 1."""
        return self.ratio is not None and self.ratio[1] > 1


@dataclass(frozen=True)
class Place:
    """Where a call is made: its batch size, the device, and the threads that an operation may use."""

    batch: int
    device: str
    threads: int

    @property
    def said(self) -> str:
        """The device in words."""
        device = say.DEVICES.get(self.device, self.device)
        return say.ON_THREADS(device=device, threads=plural(self.threads, "thread")) if self.device == "cpu" else device


@dataclass(frozen=True)
class Timed:
    """One measurement of whole query towers at one place: by arm the median microseconds of a call, and its ratio to
    the arm that it was held against, with the interval."""

    p50: Mapping[str, float]
    ratios: Mapping[tuple[str, str], tuple[float, float, float]]
    machine: str
    batch: int


def measurement(run: RunFolder, timed: Recipe | None, place: Place) -> Timed | None:
    """What was measured of a run's arms there, or at the nearest batch size; None where nothing was."""
    for analysis in kept(run, timed) if timed else ():
        with suppress(OSError, ValueError, KeyError):  # taken away or damaged: the next one then
            if found := _read(analysis.path, (analysis.path / "done.json").stat().st_mtime_ns, place):
                return found
    return None


@lru_cache(maxsize=64)
def _read(path: Path, written: int, place: Place) -> Timed | None:
    """The same of one measurement; when it was `written` tells whether its tables are still the same."""
    tables = {name: pd.read_parquet(path / f"{name}.parquet") for name in ("times", "forms", "about")}
    times, forms = (_at(tables[name], place) for name in ("times", "forms"))
    if not times:
        return None
    batch = min({row["batch"] for row in times}, key=lambda one: (max(one, place.batch) / min(one, place.batch), one))
    return Timed(
        {_arm(row["variant"]): row["p50"] for row in times if row["batch"] == batch},
        {
            (_arm(row["variant"]), _arm(row["against"])): (row["ratio"], row["ratio_low"], row["ratio_high"])
            for row in forms
            if row["batch"] == batch
        },
        str(tables["about"]["machine"].iloc[0]),
        int(batch),
    )


def _at(rows: pd.DataFrame, place: Place) -> list[dict[Any, Any]]:
    """The rows of whole query towers of a run's arms on a device, on a processor with so many threads."""
    own = rows[(rows["tower"] == "query") & (rows["device"] == place.device) & rows["variant"].str.startswith(TIMED)]
    if place.device == "cpu":
        own = own[own["threads"] == place.threads]
    return own.to_dict("records")


def _arm(variant: str) -> str:
    return variant.removeprefix(TIMED)


def latency(run: RunFolder, timed: Recipe | None, arm: str, against: str, place: Place) -> Price:
    """What a call of the query tower takes in both arms: in this run's measurement, else in the showcase's.

    Of a model without a query tower it is what scoring the candidates of a request takes, in this run's measurement.
    """
    if timed_by(run) == CANDIDATES:
        return _of_candidates(run, timed, arm, against)
    for folder in dict.fromkeys((run.path, SHOWCASE)):
        found = measurement(RunFolder(folder), timed, place)
        if found is None or (arm, against) not in found.ratios or not {arm, against} <= found.p50.keys():
            continue
        ratio = found.ratios[arm, against]
        times = say.TIMES_ALIKE if ratio[1] <= 1 <= ratio[2] else say.TIMES
        of, own = found.p50, {name: one for (name, held), one in found.ratios.items() if held == against}
        said = [
            say.LATENCY(
                batch=f"{found.batch:,}",
                device=place.said,
                arm=spoken(arm),
                arm_time=micro(of[arm]),
                against=spoken(against),
                against_time=micro(of[against]),
                times=times(ratio=f"{ratio[0]:.2f}", interval=span(ratio[1], ratio[2], "{:.2f}".format)),
            )
        ]
        said += [say.NEAREST(asked=f"{place.batch:,}")] if found.batch != place.batch else []
        said += [say.OF_SHOWCASE] if folder != run.path else []
        said.append(say.TIMED_ON(machine=found.machine))
        return Price("latency", " ".join(said), of, ratio, "run" if folder == run.path else "bundled", own)
    if not against:
        return Price("latency", say.UNTIMED_ALONE(device=place.said, arm=spoken(arm)))
    return Price("latency", say.UNTIMED(device=place.said, arm=spoken(arm), against=spoken(against)))


def timed_by(run: RunFolder) -> str:
    """The name of the recipe by which it is measured what a run's models take: the whole of a query tower, or the
    candidates of a request where there are no two towers."""
    two = TWO_TOWERS in offered(run.experiment.data.source, run.experiment.task)
    return "latency" if two else CANDIDATES


def _of_candidates(run: RunFolder, timed: Recipe | None, arm: str, against: str) -> Price:
    """Microseconds of a request with the most candidates that were timed, whose query is looked up once for all."""
    for analysis in kept(run, timed) if timed else ():
        with suppress(OSError, ValueError, KeyError):  # taken away or damaged: the next one then
            rows, about = (pd.read_parquet(analysis.path / f"{name}.parquet") for name in ("candidates", "about"))
            most = rows[rows["candidates"] == rows["candidates"].max()].set_index("arm")
            once = most[most["way"] == QUERY_ONCE]
            if not {arm, against} <= {*once.index}:
                continue
            said = say.REQUEST(
                candidates=f"{int(rows['candidates'].max()):,}",
                arm=spoken(arm),
                arm_time=micro(once["median"][arm]),
                arm_times=f"{once['of_floor'][arm]:,.0f}",
                against=spoken(against),
                against_time=micro(once["median"][against]),
                against_times=f"{once['of_floor'][against]:,.0f}",
            )
            there = say.TIMED_ON(machine=str(about["machine"].iloc[0]))
            of = {str(name): float(time) for name, time in once["median"].items()}
            return Price("latency", f"{said} {say.REQUEST_APART} {there}", of, source="run")
    return Price("latency", say.UNTIMED_TASK)


def parameters(result: Mapping[str, Any], arm: str, against: str) -> Price:
    """Dense parameters of both arms, exact."""
    arms = result["arms"]
    of = {name: float(record["parameters"]["dense"]) for name, record in arms.items() if record.get("parameters")}
    if not {arm, against} <= of.keys():
        return Price("parameters", say.NO_COST, of)
    said = say.PARAMETERS(
        arm=capital(spoken(arm)),
        arm_dense=f"{of[arm]:,.0f}",
        against=spoken(against),
        against_dense=f"{of[against]:,.0f}",
        share=percent(100 * (of[arm] / of[against] - 1)),
    )
    return Price("parameters", said, of, source="run")


def training(result: Mapping[str, Any], arm: str, against: str) -> Price:
    """Seconds that training took a seed in both arms."""
    of = {
        name: record["train_seconds"] / len(record["seeds"])
        for name, record in result["arms"].items()
        if record.get("train_seconds") and record.get("seeds")
    }
    if not {arm, against} <= of.keys():
        return Price("training", say.NO_COST, of)
    told = {"arm_time": seconds(of[arm]), "against_time": seconds(of[against])}
    return Price("training", say.TRAINING(arm=spoken(arm), against=spoken(against), **told), of, source="run")


def seconds(value: float) -> str:
    """Seconds as they are said: with a decimal, and not as nothing where there are few.

    >>> seconds(17.14), seconds(0.04)
    ('17.1 s', 'less than 0.1 s')
    """
    return say.NO_TIME if value < 0.1 else say.SECONDS(seconds=f"{value:,.1f}")
