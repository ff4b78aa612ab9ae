"""The races of a finding are carried out, and their numbers are put together as its record.

Each race is a run of its own, kept in the store like any other and taken from there if it has been run before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pdcn.config import Experiment
from pdcn.dials import changed
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, headline_in, headline_of, record_of
from pdcn.evaluation.statistics import holm, outcome
from pdcn.research import words as say
from pdcn.research.findings import Finding, Race
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.tasks import task_of
from pdcn.tasks.measured import Measured
from pdcn.training.version import VERSION, made_otherwise

SAME = ("group", "arm", "against", "dense", "difference", "p")
"""Rows that agree in all of these are of the same trainings."""


def run(
    finding: Finding, store: Store, carry_out: Callable[[RunFolder, str], None], kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Carry out every race that has not been run before, and put the numbers together.

    `carry_out` trains a run's folder to its end; it is told which race that is. Of a record that is `kept` the rows
    stay, and their races are not carried out, but for those that a new race is compared with.
    """
    rows = _kept(finding, kept)
    races = _missing(finding, rows)
    folders = []
    for place, race in enumerate(races, 1):
        said = f"{finding.name} {place} of {len(races)}: {race.group}, {race.label}"
        folders.append(carried_out(store, race.experiment, said, carry_out))
    raced = [CarriedOut.of(race, folder) for race, folder in zip(races, folders, strict=True)]
    rows = _distinct([*rows, *_pairs(finding, raced), *_levels(finding, raced)])
    adjusted = holm(np.array([row["p"] for row in rows])).tolist()
    for row, p in zip(rows, adjusted, strict=True):
        said = "too short" if row["verdict"] == "too short" else outcome(row["difference"], p, row["seeds"])
        row |= {"adjusted": p, "verdict": said}
    return {
        "name": finding.name,
        "command": f"python -m pdcn study {finding.name}",
        "device": ", ".join(sorted({one.result["device"] for one in raced} | ({kept["device"]} if kept else set()))),
        "training": VERSION,
        "rows": rows,
    }


@dataclass(frozen=True)
class CarriedOut:
    """A race that was carried out: its record, and what was measured of every test event."""

    race: Race
    result: Mapping[str, Any]
    measured: Measured

    @classmethod
    def of(cls, race: Race, folder: RunFolder) -> CarriedOut:
        """Of a run that is done; `SettingError` where its files are damaged."""
        return cls(race, *folder.whole())

    def row(self, comparisons: Sequence[Comparison], label: str, held: CarriedOut) -> dict[str, Any]:
        """One comparison, of an arm here with an arm of `held`, as a finding's record has it."""
        metric, result, experiment = headline_in(self.result), self.result, self.race.experiment
        (c,) = headline_of(comparisons, metric)
        sides = ((self, c.arm), (held, c.against.removeprefix(HELD)))
        own = [one.result["arms"][arm] for one, arm in sides]
        dense = [record["parameters"]["dense"] for record in own]
        short = any(seed["too_short"] for record in own for seed in record["seeds"])
        return {
            "group": self.race.group,
            "label": label,
            "title": result["data"]["title"],
            "settings": changed(experiment),
            "hash": experiment.hash(),
            "terms": result["tuning"]["settings"],
            "match": experiment.fairness.match,
            **c.record(),
            "against": sides[1][1],
            "verdict": "too short" if short else c.verdict,
            "recall": [record_of(record, metric) for record in own],
            "dense": dense,
            "residual": dense[0] / dense[1] - 1,
            "unfinished": sorted({arm for one, arm in sides if arm in one.result.get("unfinished", ())}),
            "items": result["data"]["items"],
            "baselines": {name: record_of(record, metric) for name, record in result["baselines"].items()},
            "other": {
                str(o.metric): [o.difference, o.low, o.high, o.difference_percent]
                for o in comparisons
                if o.metric != metric
            },
            "chosen": [_chosen(one.result["tuning"], arm) for one, arm in sides],
        }

    def compared(self, measured: Measured, arm: str, against: str) -> list[Comparison]:
        """An arm with another in every metric of the headline's class."""
        task, headline = task_of(self.result), headline_in(self.result)
        metrics = [m for m in task.metrics(self.result["data"]["items"]) if type(m) is type(headline)]
        return compare(measured, (arm,), against, metrics, headline)


HELD = "held: "
"""Before the name of an arm of another race, where both are measured beside each other."""


def _pairs(finding: Finding, raced: Sequence[CarriedOut]) -> Iterator[dict[str, Any]]:
    """A row for every pair of arms that raced together, and were both measured."""
    for one in raced:
        for arm, against in finding.pairs:
            if one.measured.seeds(arm, against):
                yield one.row(one.compared(one.measured, arm, against), one.race.label, one)


def _levels(finding: Finding, raced: Sequence[CarriedOut]) -> Iterator[dict[str, Any]]:
    """A row for what the first arm finds in one race, compared with what it finds in another, paired as within one."""
    arm, at = finding.pairs[0][0], {(one.race.group, one.race.label): one for one in raced}
    for (group, label), one in at.items():
        for held in (at[group, name] for its, name in finding.levels if its == label and (group, name) in at):
            others = {(HELD + arm, seed): held.measured.cells[arm, seed] for seed in held.measured.seeds(arm)}
            both = replace(one.measured, cells={**one.measured.cells, **others})
            yield one.row(one.compared(both, arm, HELD + arm), f"{label} against {held.race.label}", held)


def _kept(finding: Finding, record: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of a record that the finding still asks for; `SettingError` where another training made them."""
    if record is None:
        return []
    if record.get("name") != finding.name or record.get("training") != VERSION:
        raise SettingError(say.OTHER_RECORD(study=finding.name, version=VERSION))
    asked = {race.experiment.hash() for race in finding.races}
    pairs = {*finding.pairs, *[(finding.pairs[0][0],) * 2]}
    return [r for r in record["rows"] if {r["hash"], *r["also"]} <= asked and (r["arm"], r["against"]) in pairs]


def _missing(finding: Finding, rows: Sequence[Mapping[str, Any]]) -> list[Race]:
    """The races that have no row, and those that they are compared with."""
    there = {name for row in rows for name in (row["hash"], *row["also"])}
    new = {(race.group, race.label) for race in finding.races if race.experiment.hash() not in there}
    held = {(group, name) for group, label in new for pair in finding.levels if label in pair for name in pair}
    return [race for race in finding.races if (race.group, race.label) in new | held]


def carried_out(
    store: Store, experiment: Experiment, said: str, carry_out: Callable[[RunFolder, str], None]
) -> RunFolder:
    """A run of the experiment that is done: one from before, or a new one; `SettingError` where it ends otherwise."""
    folder = _done(store, experiment)
    if folder is None:
        folder = store.create(experiment, "auto", own=True)
        carry_out(folder, said)
        if folder.result is None or folder.progress.state != "done":
            ended = folder.progress
            raise SettingError(say.RACE_ENDED(race=said, state=ended.state, why=ended.message).strip())
    return folder


def _done(store: Store, experiment: Experiment) -> RunFolder | None:
    """A finished run of the same experiment, trained as it would be today."""
    for row in store.rows():
        if row.state == "done" and row.experiment == experiment.hash():
            folder = store.folder(row.run)
            if folder.result is not None and not made_otherwise(folder.result):
                return folder
    return None


def _chosen(tuning: Mapping[str, Any], arm: str) -> dict[str, Any] | None:
    """The trial that an arm kept, with its number; None where nothing was tuned."""
    if not tuning.get("trials"):
        return None
    record = tuning["arms"][arm]
    return {"trial": record["chosen"], **record["trials"][record["chosen"]]}


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without those that came out as the same trainings as an earlier one, which is told so.

    Two budgets can ask for the same widths, and tuning can keep the settings that it began with; one study is not to be
    counted twice.
    """
    kept: list[dict[str, Any]] = []
    for row in rows:
        same = [k for k in kept if all(k[name] == row[name] for name in SAME)]
        if same:
            same[0]["label"] += f" (also {row['label']})"
            same[0]["also"] = [*same[0]["also"], row["hash"]]
            same[0]["chosen"] = [own or other for own, other in zip(same[0]["chosen"], row["chosen"], strict=True)]
        else:
            kept.append({"also": [], **row})
    return kept
