"""The questions that the published claim leaves open, each a study that one command repeats.

A finding is a list of settings; each is raced as a run of its own, kept in the store like any other and
taken from there if it has been run before. Its answer is written by `pdcn.research.answers` from the numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcn.config import Experiment
from pdcn.dials import assemble, changed
from pdcn.evaluation.statistics import holm, outcome
from pdcn.evaluation.verdict import comparisons_of, headline_in, headline_of, record_of
from pdcn.files import DATA, read_json
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.training.version import VERSION, made_otherwise

FOLDER = DATA / "findings"
SEEDS = 5
SAME = ("data", "arm", "dense", "recall", "difference", "p", "chosen")
"""Rows that agree in all of these are of the same trainings."""
PLANTED: Mapping[str, Any] = {"data": "planted", "events": 100_000, "items": 1_000, "batch": 512}
JOURNEY: Mapping[str, Any] = {"data": "journey"}
BASES = (JOURNEY, PLANTED)
USUAL = "strength 1.5, order 2, noise 0.3"
"""What planted data is unless a setting says otherwise."""
COMBINERS = ("parallel", "parallel_sum", "parallel_gated", "sequential")
TOWERS = ("parallel", "parallel-sequential", "sequential-parallel", "sequential")


@dataclass(frozen=True)
class Finding:
    """A question, and the settings that answer it: a label and dial values over the finding's base.

    `contrasts` pairs a setting, or an arm where several race, with the one of its data source that it is held
    against: only so can a finding say that something changes the difference.
    """

    name: str
    question: str
    why: str
    settings: tuple[tuple[str, Mapping[str, Any]], ...]
    contrasts: tuple[tuple[str, str], ...] = ()

    @property
    def experiments(self) -> list[tuple[str, Experiment]]:
        """Every setting with its label, as an experiment of five seeds."""
        return [(label, assemble({"seeds": SEEDS, **values})) for label, values in self.settings]


def _both(*settings: tuple[str, dict[str, Any]]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Settings on journey and on planted data."""
    return tuple((label, {**base, **values}) for base in BASES for label, values in settings)


def _planted(*settings: tuple[str, dict[str, Any]]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return tuple((label, {**PLANTED, **values}) for label, values in settings)


def _held_against(reference: str, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, reference) for name in names)


FINDINGS: Mapping[str, Finding] = {
    finding.name: finding
    for finding in (
        Finding(
            "capacity",
            "Is it the wiring, or the capacity?",
            "The concatenation makes the parallel tower larger. Here both arms get the same blocks, the same "
            "dense parameters, or the same FLOPs, and are tuned equally, four trials an arm.",
            _both(
                ("same blocks", {"match": "none", "tune": 4}),
                ("equal parameters", {"match": "parameters", "tune": 4}),
                ("equal FLOPs", {"match": "flops", "tune": 4}),
            ),
            _held_against("same blocks", "equal parameters", "equal FLOPs"),
        ),
        Finding(
            "shape",
            "Does it depend on depth, width or cross rank?",
            "One block changed at a time, at equal dense parameters as far as the widths allow.",
            _both(
                ("as it comes", {}),
                ("1 cross layer", {"cross_layers": 1}),
                ("4 cross layers", {"cross_layers": 4}),
                ("deep 16,16", {"deep": (16, 16)}),
                ("deep 256,256", {"deep": (256, 256)}),
                ("cross rank 16", {"cross": "low_rank"}),
            )
            + _planted(
                ("cross rank 4", {"cross": "low_rank", "cross_rank": 4}),
                ("deep 64 alone", {"deep": (64,)}),
                ("deep 64,64,64,64", {"deep": (64, 64, 64, 64)}),
            ),
            _held_against(
                "as it comes",
                "1 cross layer",
                "4 cross layers",
                "deep 16,16",
                "deep 256,256",
                "cross rank 16",
                "cross rank 4",
                "deep 64 alone",
                "deep 64,64,64,64",
            ),
        ),
        Finding(
            "combine",
            "Concatenate, add, or gate?",
            "The source names concatenation or addition and does not say which was used. All three ways to join "
            "the branches against sequential, at equal dense parameters.",
            _both(("as it comes", {"arms": COMBINERS})),
            _held_against("parallel", *COMBINERS[1:-1]),
        ),
        Finding(
            "data",
            "Which data favours it?",
            "With and without id fields; as the planted crosses grow stronger, of higher order, or noisier; as "
            "the training data shrinks. At equal dense parameters.",
            (
                ("with ids", {**JOURNEY}),
                ("without ids", {**JOURNEY, "ids": False}),
                ("a third of the households", {**JOURNEY, "size": "quick", "batch": 256}),
                *_planted(
                    ("no crosses", {"strength": 0.0}),
                    ("strength 0.75", {"strength": 0.75}),
                    (USUAL, {}),
                    ("strength 3", {"strength": 3.0}),
                    ("strength 6", {"strength": 6.0}),
                    ("order 3", {"order": 3}),
                    ("no noise", {"noise": 0.0}),
                    ("noise 1", {"noise": 1.0}),
                    ("25,000 events", {"events": 25_000}),
                    ("400,000 events", {"events": 400_000}),
                ),
            ),
            _held_against("with ids", "without ids", "a third of the households")
            + _held_against("no crosses", "strength 0.75", USUAL, "strength 3", "strength 6")
            + _held_against(USUAL, "order 3", "no noise", "noise 1", "25,000 events", "400,000 events"),
        ),
        Finding(
            "small",
            "And in very small models?",
            "The source advises against it there, as concatenation widens the representation. At equal dense "
            "parameters, as far as so few widths can be made equal.",
            _both(
                ("deep 16, embedding 4", {"deep": (16,), "embedding": 4, "output": 16}),
                ("deep 4, embedding 2", {"deep": (4,), "embedding": 2, "output": 8}),
            ),
        ),
        Finding(
            "towers",
            "One tower, or both?",
            "Parallel in the query tower alone, in the item tower alone, or in both, against sequential in both, "
            "at equal dense parameters.",
            _both(("as it comes", {"arms": TOWERS})),
            _held_against("parallel", *TOWERS[1:-1]),
        ),
    )
}
"""Every finding by name, in the order in which they are told."""


def run(finding: Finding, store: Store, carry_out: Callable[[RunFolder, str], None]) -> dict[str, Any]:
    """Race every setting that has not been raced before, and put the numbers together.

    `carry_out` trains a run's folder to its end; it is told which setting that is.
    """
    rows: list[dict[str, Any]] = []
    devices = set()
    for place, (label, experiment) in enumerate(finding.experiments, 1):
        said = f"{finding.name} {place} of {len(finding.settings)}: {experiment.data.source}, {label}"
        result = _done(store, experiment)
        if result is None:
            folder = store.create(experiment, "auto", own=True)
            carry_out(folder, said)
            result = folder.result
            if result is None or folder.progress.state != "done":
                ended = folder.progress
                raise SettingError(f"study: {said} was {ended.state}. {ended.message}".strip())
        devices.add(result["device"])
        rows += _rows(label, experiment, result)
    rows = _distinct(rows)
    adjusted = holm(np.array([row["p"] for row in rows])).tolist()
    for row, p in zip(rows, adjusted, strict=True):
        row |= {"adjusted": p, "verdict": outcome(row["difference"], p, row["seeds"])}
    return {
        "name": finding.name,
        "command": f"python -m pdcn study {finding.name}",
        "device": ", ".join(sorted(devices)),
        "training": VERSION,
        "rows": rows,
    }


def _done(store: Store, experiment: Experiment) -> dict[str, Any] | None:
    """The result of a finished run of the same experiment, trained as it would be today."""
    for row in store.rows():
        if row.state == "done" and row.experiment == experiment.hash():
            result = store.folder(row.run).result
            if result is not None and not made_otherwise(result):
                return result
    return None


def _rows(label: str, experiment: Experiment, result: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    items = result["data"]["items"]
    metric = headline_in(result)
    found = comparisons_of(result)
    for c in headline_of(found, metric):
        arms = {arm: result["arms"][arm] for arm in (c.arm, c.against)}
        yield {
            "label": label,
            "data": experiment.data.source,
            "title": result["data"]["title"],
            "settings": changed(experiment),
            "hash": experiment.hash(),
            "terms": result["tuning"]["settings"],
            "match": experiment.fairness.match,
            "residual": result["match"]["residual"][c.arm],
            "met": result["match"]["met"].get(c.arm),
            **c.record(),
            "recall": {arm: record_of(record, metric) for arm, record in arms.items()},
            "dense": {arm: record["parameters"]["dense"] for arm, record in arms.items()},
            "other": {
                str(o.metric): [o.difference, o.low, o.high, o.difference_percent]
                for o in found
                if o.arm == c.arm and o.metric.name == metric.name and o.metric != metric and (o.metric.k or 0) < items
            },
            "chosen": {arm: _chosen(result["tuning"], arm) for arm in arms},
        }


def _chosen(tuning: Mapping[str, Any], arm: str) -> dict[str, Any] | None:
    """The trial that an arm kept, with its number; None where nothing was tuned."""
    if not tuning.get("trials"):
        return None
    record = tuning["arms"][arm]
    return {"trial": record["chosen"], **record["trials"][record["chosen"]]}


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without those that came out as the same trainings as an earlier one, which is told so.

    Two budgets can ask for the same widths; one study is not to be counted twice.
    """
    kept: list[dict[str, Any]] = []
    for row in rows:
        same = [k for k in kept if all(k[name] == row[name] for name in SAME)]
        if same:
            same[0]["label"] += f" (also {row['label']})"
            same[0]["also"].append(row["hash"])
        else:
            kept.append({**row, "also": []})
    return kept


def bundled(name: str) -> dict[str, Any] | None:
    """The result of a finding that comes with the project."""
    record = read_json(FOLDER / f"{name}.json")
    return record if isinstance(record, dict) else None
