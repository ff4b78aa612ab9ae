"""A small planted world whose events are clicks, saves and purchases, with impressions that came to nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from pdcn.arrays import Floats
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.fields import UNKNOWN, CategoryField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.outcomes import OutcomeRetrieval
from pdcn.training.loop import Trainer

CLICK, SAVE, BUY = 1, 2, 3
KINDS = ("none", "click", "save", "purchase")
GROUPS = {"conversion": (BUY,), "engagement": (CLICK, SAVE), "all": (CLICK, SAVE, BUY)}
CAP = 100.0
SETTINGS = PlantedData(events=2_000, items=60, users=40, fields=3, values=4, numbers=1, crosses=1)
CPU = torch.device("cpu")
PLAIN = {"hard_negatives": 0.0, "advertiser_loss": 0.0, "value_weight": "equal"}
"""What makes of several outcomes one."""


def with_feedback() -> Dataset:
    """The first field of a query is its surface, that of an item its advertiser; every second event is a click that
    lasts, of the rest two thirds are purchases."""
    dataset = planted(SETTINGS)
    n, draws = len(dataset.queries), np.random.default_rng(7)
    outcome = np.where(np.arange(n) % 2, CLICK, np.where(np.arange(n) % 3, BUY, SAVE))
    value = np.where(outcome == CLICK, draws.exponential(40, n), 0).astype(np.float32)
    many = 900
    rows = np.sort(draws.integers(n, size=many))
    queries = taken(dataset.queries, rows)
    bounds = tuple(np.searchsorted(rows, dataset.bounds).tolist())
    shown = draws.integers(0, 20, many) ** 2 // 8  # low numbers are shown more
    passed = Passed(queries, shown, dataset.user[rows], dataset.when[rows], bounds)
    told = Feedback(
        KINDS,
        GROUPS,
        value,
        CAP,
        "seconds",
        dataset.queries.categories[0].name,
        dataset.items.categories[0].name,
        passed,
    )
    return replace(dataset, outcome=outcome.astype(np.float32), feedback=told)


def by_advertiser(world: int, events: int = 8_000, items: int = 1_500, firms: int = 60) -> Dataset:
    """A world of conversions. Two fields of the query, crossed, give a taste for advertisers, who have items by Zipf's
    law; which of an advertiser's items is bought is their popularity and luck."""
    draws, values, width = np.random.default_rng(world), 12, 6
    size = 1 / np.arange(1.0, firms + 1)
    whose = np.concatenate([np.arange(firms), draws.choice(firms, items - firms, p=size / size.sum())])
    tastes, traits = draws.standard_normal((values, values, width)), draws.standard_normal((firms, width))
    picks, user = draws.integers(0, values, (events, 2)), draws.integers(0, 400, events)
    score = 2 * (tastes[picks[:, 0], picks[:, 1]] @ traits.T) / np.sqrt(width)  # (events, firms)
    chance = score[:, whose] + 0.7 * draws.standard_normal(items)
    bought = (chance + draws.gumbel(size=chance.shape)).argmax(1)

    def table(columns: dict[str, Any]) -> Table:
        fields = [
            CategoryField(name, name, (UNKNOWN, *map(str, range(int(own.max()) + 1)))) for name, own in columns.items()
        ]
        codes = np.column_stack([own + 1 for own in columns.values()]).astype(np.int32)
        return Table(tuple(fields), (), codes, np.zeros((len(codes), 0), np.float32))

    queries = table({"surface": np.zeros(events, np.int64), "one": picks[:, 0], "other": picks[:, 1]})
    more = {name: draws.integers(0, 8, items) for name in ("colour", "form")}
    none = Table(queries.categories, (), queries.codes[:0], queries.values[:0])
    nobody = np.zeros(0, np.int64)
    passed = Passed(none, nobody, nobody, nobody, (0, 0))
    groups = {"conversion": (1,), "engagement": ()}
    value = np.zeros(events, np.float32)
    told = Feedback(("none", "bought"), groups, value, 1.0, "", "surface", "advertiser", passed)
    return Dataset(
        "by advertiser",
        "Taste by advertiser",
        "",
        queries,
        table({"item": np.arange(items), "advertiser": whose, **more}),
        tuple(map(str, range(items))),
        bought,
        user,
        np.arange(events),
        (int(0.7 * events), int(0.8 * events)),
        outcome=np.ones(events, np.float32),
        feedback=told,
    )


def known(dataset: Dataset) -> tuple[Floats, Feedback]:
    """The outcomes (n,) and the feedback of a dataset that has some."""
    assert dataset.outcome is not None
    assert dataset.feedback is not None
    return dataset.outcome, dataset.feedback


def taken(table: Table, rows: Any) -> Table:
    """Some rows of a table."""
    return Table(table.categories, table.numbers, table.codes[rows], table.values[rows], table.bags)


def without(dataset: Dataset, kinds: tuple[int, ...]) -> Dataset:
    """The dataset without the training events of these kinds."""
    assert dataset.outcome is not None
    assert dataset.feedback is not None
    train = np.arange(len(dataset.queries)) < dataset.bounds[0]
    kept = np.flatnonzero(~(train & np.isin(dataset.outcome, kinds)))
    gone = len(dataset.queries) - len(kept)
    return replace(
        dataset,
        queries=taken(dataset.queries, kept),
        **{name: getattr(dataset, name)[kept] for name in ("positive", "user", "when", "outcome")},
        bounds=(dataset.bounds[0] - gone, dataset.bounds[1] - gone),
        truth=None,
        feedback=replace(dataset.feedback, value=dataset.feedback.value[kept]),
    )


def asked(**values: Any) -> Experiment:
    """A small experiment on data with several outcomes, with hard negatives and an advertiser loss unless `values` say
    otherwise."""
    small = {"embedding": 4, "deep": (12,), "output": 8, "batch": 128, "epochs": 2, "evaluations": 2}
    learning = {"hard_negatives": 0.25, "advertiser_loss": 0.1, "advertiser_vector": "mean"}
    return assemble({"data": "shopping", **small, **learning, **values})


def task_of(experiment: Experiment) -> OutcomeRetrieval:
    """Its task."""
    found = task_for(experiment)
    assert isinstance(found, OutcomeRetrieval)
    return found


def seen(dataset: Dataset, experiment: Experiment) -> DeviceData:
    """The dataset as the experiment's task reads it, on the processor."""
    return DeviceData(task_of(experiment).view(dataset, experiment), CPU)


def trained(dataset: Dataset, experiment: Experiment, seed: int = 3, arm: str = "parallel") -> Trainer:
    """A training from its first step to its last."""
    trainer = Trainer(seen(dataset, experiment), experiment, arm, seed)
    while trainer.lap(100):
        pass
    return trainer
