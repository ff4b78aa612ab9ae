"""The open questions, each a study that one command repeats: which arms race on which data, and which are compared.

A finding is a list of races; each is a run of its own, kept in the store like any other and taken from there if it has
been run before. What the numbers say in words is in `pdcn.research.answers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from pdcn.config import Experiment
from pdcn.dials import assemble, changed
from pdcn.evaluation.causes import PATH
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, headline_in, headline_of, record_of
from pdcn.evaluation.statistics import holm, outcome
from pdcn.files import DATA, read_json
from pdcn.research import words as say
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.tasks import task_of
from pdcn.tasks.base import Measured
from pdcn.training.version import VERSION, made_otherwise

FOLDER = DATA / "findings"
SEEDS = 5
SAME = ("group", "arm", "against", "dense", "difference", "p")
"""Rows that agree in all of these are of the same trainings."""
Values = Mapping[str, Any]
GROUPS: Mapping[str, Values] = {
    "Journey (half)": {"data": "journey"},
    "Journey (a third)": {"data": "journey", "size": "quick"},
    "first purchases": {"data": "journey", "purchases": "first"},
    "planted crosses": {"data": "planted", "events": 100_000, "items": 1_000},
    "shopping": {"data": "shopping"},
    "promoted products": {"data": "opportunities"},
}
"""The data that questions are put to, by name: small enough that every training can end by itself."""
WHOLE, THIRD, FIRST, PLANTED, SHOPPING, PROMOTED = GROUPS
CLAIM = ("parallel", "sequential")
TRIO = ("parallel", "wide_deep", "sequential")
"""The two arms of the claim, and one that has parallel's skip round the MLP but no crosses."""
TRIO_PAIRS = (CLAIM, ("parallel", "wide_deep"))
CONTROLS = ("sequential_skip_cross", "sequential_skip_x0", "wide_deep", "parallel_no_linear", "cross_only", "linear")
NO_WAY_ROUND = ("stacked_parallel", "deep_only")
JOINS = ("parallel", "parallel_sum", "parallel_gated")
TOWERS = ("parallel", "parallel-sequential", "sequential-parallel")


@dataclass(frozen=True)
class Race:
    """Some arms on one setting: dial values over those of its group, and a label that says what is set there.

    `setting` says what it has in common with the races on the same setting in other worlds, where there are any.
    """

    group: str
    label: str
    values: Values
    setting: str = ""

    @cached_property
    def experiment(self) -> Experiment:
        """The race as an experiment of five seeds, unless it says otherwise."""
        return assemble({"seeds": SEEDS, **GROUPS.get(self.group, {}), **self.values})


@dataclass(frozen=True)
class Finding:
    """A question, the races that answer it, and the pairs of arms that are compared in each of them.

    The first pair is what the question is about. `levels` names pairs of labels: what the first arm of that pair finds
    in a race is compared with what it finds in another. `changes` names pairs of labels too: there the difference of
    the first pair is held against that of another race.
    """

    name: str
    question: str
    why: str
    races: tuple[Race, ...]
    pairs: tuple[tuple[str, str], ...] = TRIO_PAIRS
    levels: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    kind: str = "settings"
    """How the answer is told, out of `pdcn.research.answers.TOLD`."""


def _on(groups: Sequence[str], arms: Sequence[str], *settings: tuple[str, Values]) -> tuple[Race, ...]:
    """The same settings on several groups of data, with the same arms."""
    return tuple(Race(group, label, {"arms": tuple(arms), **values}) for group in groups for label, values in settings)


def _against(held: str, *arms: str) -> tuple[tuple[str, str], ...]:
    return tuple((arm, held) for arm in arms if arm != held)


def _worlds(*settings: tuple[str, Values]) -> tuple[Race, ...]:
    """Settings of planted data, each in three worlds."""
    return tuple(
        Race(PLANTED, f"{label}, world {world + 1}", {"arms": TRIO, **values, "data_seed": world}, label)
        for label, values in settings
        for world in range(3)
    )


USUAL = "as usual"
CAUSE = (*CLAIM[:1], *CONTROLS, *NO_WAY_ROUND, *CLAIM[1:])
SHAPES: tuple[tuple[str, Values], ...] = (
    (USUAL, {}),
    ("1 cross layer", {"cross_layers": 1}),
    ("4 cross layers", {"cross_layers": 4}),
    ("cross rank 4", {"cross": "low_rank", "cross_rank": 4}),
    ("deep 16,16", {"deep": (16, 16)}),
    ("deep 256,256", {"deep": (256, 256)}),
    ("deep 64,64,64,64", {"deep": (64, 64, 64, 64)}),
)
CROSSINGS = ("low_rank", "mixture", "dcn_v1", "gated", "attention")
PLAIN = "one head for all outcomes"
PARTS_OF_THE_SYSTEM: tuple[tuple[str, Values], ...] = (
    (PLAIN, {"hard_negatives": 0.0, "advertiser_loss": 0.0}),
    ("a head for each outcome", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "heads": "two"}),
    ("hard negatives", {"hard_negatives": 0.25, "advertiser_loss": 0.0}),
    ("an advertiser loss", {"hard_negatives": 0.0, "advertiser_loss": 0.1}),
    ("all clicks alike", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "value_weight": "equal"}),
    ("learning from conversions alone", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "engagement_weight": 0.0}),
    ("heavier conversions", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "conversion_weight": 30.0}),
)
RANKED: Values = {"task": "ranking"}
OTHERS = ("edcn", "fcn")
"""Arms published since, which cross and join in ways of their own."""
FINDINGS: Mapping[str, Finding] = {
    finding.name: finding
    for finding in (
        Finding(
            "cause",
            "Is it the wiring, the capacity, or the skip?",
            "Parallel differs from sequential in three things at once: it can be larger, it hands its input to the "
            "head past the MLP, and its MLP reads x0. Sizes are made equal here, and the controls change one thing "
            "at a time.",
            _on((WHOLE,), (*PATH[::-1], "wide_deep", "deep_only"), ("equal parameters", {}))
            + _on((THIRD, FIRST, PLANTED), CAUSE, ("equal parameters", {}))
            + _on((THIRD, PLANTED), CLAIM, ("same blocks", {"match": "none"}), ("equal FLOPs", {"match": "flops"})),
            (*_against("sequential", *CAUSE), *[(arm, held) for held, arm in pairwise(PATH[1:])]),
            kind="cause",
        ),
        Finding(
            "crosses",
            "Do the crosses matter at all, and where?",
            "The control without crosses has parallel's skip round the MLP. What parallel finds beyond it is what the "
            "crosses are worth.",
            _on((THIRD, FIRST), TRIO, (USUAL, {}))
            + _on(
                (PLANTED,),
                TRIO,
                *((f"strength {strength:g}", {"strength": strength}) for strength in (0.0, 0.75, 1.5, 3.0, 6.0)),
                ("order 3", {"order": 3}),
            ),
            (("parallel", "wide_deep"), CLAIM),
            changes=_against("strength 0", "strength 0.75", "strength 1.5", "strength 3", "strength 6"),
        ),
        Finding(
            "shape",
            "Does it depend on depth, width or cross rank?",
            "One block is changed at a time, at equal dense parameters as far as the widths allow.",
            _on((THIRD, PLANTED), TRIO, *SHAPES),
            changes=_against(USUAL, *(label for label, _ in SHAPES)),
        ),
        Finding(
            "combine",
            "Concatenate, add, or gate?",
            "The source names concatenation or addition and does not say which was used. All three are held against "
            "sequential, and the other two against concatenation, at equal dense parameters.",
            _on((THIRD, PLANTED), (*JOINS, "wide_deep", "sequential"), (USUAL, {})),
            (*_against("sequential", *JOINS), *_against("parallel", *JOINS)),
            kind="arms",
        ),
        Finding(
            "data",
            "Which data favours it?",
            "Stronger crosses, crosses of three fields, no noise and more noise, each in three planted worlds; fewer "
            "events, with the number of updates held fixed; and real purchases without id fields.",
            _on((THIRD,), TRIO, ("with ids", {}), ("without ids", {"ids": False}))
            + _worlds(
                (USUAL, {}),
                ("no crosses", {"strength": 0.0}),
                ("strength 6", {"strength": 6.0}),
                ("order 3", {"order": 3}),
                ("no noise", {"noise": 0.0}),
                ("noise 1", {"noise": 1.0}),
                ("25,000 events", {"events": 25_000, "updates": 1_500}),
                ("100,000 events", {"updates": 1_500}),
            ),
        ),
        Finding(
            "small",
            "And in very small models?",
            "The source advises against it there, as concatenation widens the representation. Dense parameters are "
            "equal as far as so few widths can be made equal.",
            _on(
                (THIRD, PLANTED),
                TRIO,
                ("deep 16, embedding 4", {"deep": (16,), "embedding": 4, "output": 16}),
                ("deep 4, embedding 2", {"deep": (4,), "embedding": 2, "output": 8}),
            ),
        ),
        Finding(
            "towers",
            "One tower, or both?",
            "Parallel in the query tower alone, in the item tower alone, or in both, against sequential in both, at "
            "equal dense parameters.",
            _on((THIRD, PLANTED), (*TOWERS, "sequential"), (USUAL, {})),
            (*_against("sequential", *TOWERS), *_against("parallel", *TOWERS)),
            kind="arms",
        ),
        Finding(
            "crossings",
            "Are other ways to cross better?",
            "Parallel with three other cross layers races against parallel with the full matrix of DCN-V2, all made as "
            "large as the largest of them. Every other cross layer is also held against the full matrix at its own "
            "size, which differs by up to two thirds. Both wirings race with each, at equal dense parameters. EDCN and "
            "FCN, which cross and join in ways of their own, race beside both wirings: none of their widths may move, "
            "so their sizes differ, and the answer says by how much.",
            _on((THIRD, PLANTED), CLAIM, ("full", {}), *((name, {"cross": name}) for name in CROSSINGS))
            + _on((THIRD, PLANTED), ("parallel", *OTHERS, "sequential"), ("other arms", {}))
            + _on(
                (THIRD, PLANTED),
                ("parallel", *(f"parallel~{name}" for name in CROSSINGS[2:])),
                ("equal size", {"target": "largest", "baseline": "parallel"}),
            ),
            (
                CLAIM,
                *((arm, held) for held in CLAIM[::-1] for arm in OTHERS),
                *_against("parallel", *(f"parallel~{name}" for name in CROSSINGS[2:])),
            ),
            levels=_against("full", *CROSSINGS),
            kind="levels",
        ),
        Finding(
            "finished",
            "Does it survive finished and tuned training?",
            "Two epochs and no more; training until validation gets no better; and settings that were tuned for each "
            "arm with the same trials.",
            _on(
                (THIRD, FIRST, PLANTED),
                TRIO,
                ("2 epochs", {"epochs": 2, "schedule": "cosine"}),
                ("trained until finished", {}),
                ("finished and tuned", {"tune": 12}),
            ),
            changes=_against("2 epochs", "trained until finished", "finished and tuned"),
        ),
        Finding(
            "conversions",
            "Does it hold for conversions?",
            "Models learn from clicks, saves and conversions together, and are judged by conversions alone. Shopping "
            "is a generated world with three surfaces. Promoted products are real purchases with and without a coupon; "
            "nobody recorded what was seen. Dense parameters are equal.",
            _on((SHOPPING, PROMOTED), (*PATH[::-1], "wide_deep"), ("judged by conversions", {})),
            (*_against("sequential", *PATH[:0:-1], "wide_deep"), ("parallel", "wide_deep")),
            kind="arms",
        ),
        Finding(
            "systems",
            "What do the other parts of the shopping system add?",
            "Pinterest described the parts of its model and published one number for some of them together. Here each "
            "part is added or changed by itself, and parallel is held against parallel with one head that learns from "
            "all outcomes, where clicks count by how long they last. Heavier conversions are a control: they weigh 30 "
            "times as much, so that the one head learns about as much from conversions as from all else. All are "
            "judged by conversions.",
            _on((SHOPPING,), CLAIM, *PARTS_OF_THE_SYSTEM) + _on((PROMOTED,), CLAIM[:1], *PARTS_OF_THE_SYSTEM),
            (CLAIM,),
            levels=_against(PLAIN, *(label for label, _ in PARTS_OF_THE_SYSTEM)),
            kind="parts",
        ),
        Finding(
            "ranking",
            "And in ranking, where one network reads query and item?",
            "A ranking model scores one pair at a time, so fields of the query can meet fields of the item in a cross. "
            "It learns which items were chosen among others that were not, and is judged by how often it puts a "
            "chosen item above one that was not, for the same user (grouped AUC). Dense parameters are equal.",
            _on((PLANTED,), (*PATH[::-1], "wide_deep", "deep_only"), ("30,000 events", {"events": 30_000, **RANKED}))
            + _on((PROMOTED,), TRIO, ("bought or passed", {"households": "quick", "outcome": "engagement", **RANKED}))
            + _on((SHOPPING,), TRIO, ("engaged or passed", {"outcome": "engagement", **RANKED})),
            (*_against("sequential", *PATH[:0:-1], "wide_deep", "deep_only"), ("parallel", "wide_deep")),
            kind="arms",
        ),
    )
}
"""Every finding by name, in the order in which they are told."""


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
        result, measured = folder.whole_result(), folder.measured
        if result is None or measured is None:
            raise folder.damaged("ranks.parquet")
        return cls(race, result, measured)

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


def bundled(name: str) -> dict[str, Any] | None:
    """The result of a finding that comes with the project."""
    record = read_json(FOLDER / f"{name}.json")
    return record if isinstance(record, dict) else None
