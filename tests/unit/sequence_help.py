"""Data whose truth lies in the order of actions: what is chosen next depends on the latest action and the one before.

A mean over actions knows which there were, and never which came last. The other actions say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
import pytest

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.settings import dial
from pdcn.sources import SOURCES
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import time_bounds
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, CategoryField, SequenceField
from pdcn.sources.source import SEQUENCE, DataSettings, Size, Source, TableSize
from pdcn.sources.truth import Truth

VALUES, TYPES, USERS = 5, 2, 40
NAME = "acted"


class ActedData(DataSettings):
    """What users did in order."""

    source: Literal["acted"] = "acted"
    acts: int = dial(3000, "Events", "How many.", low=200, high=100_000)
    places: int = dial(4, "Places", "How many actions are known at most.", low=2, high=VALUES)


def build(settings: ActedData) -> Dataset:
    """Events of users with 2 actions or more, none twice; some have none, and choose anything."""
    n, places = settings.acts, settings.places
    draws = np.random.default_rng(0)
    values = 1 + draws.permuted(np.tile(np.arange(VALUES), (n, 1)), axis=1)[:, :places]
    types = draws.integers(1, TYPES + 1, (n, places))
    many = np.where(draws.random(n) < 0.8, places, draws.integers(2, places + 1, n)) * (draws.random(n) < 0.95)
    there = np.arange(places) < many[:, None]
    group = np.where(many > 0, (values[:, 0] - 1) * VALUES + values[:, 1] - 1, draws.integers(0, VALUES**2, n))
    group = np.where(draws.random(n) < 0.9, group, draws.integers(0, VALUES**2, n))
    items = 2 * VALUES**2
    positive = 2 * group + draws.integers(0, 2, n)
    user = draws.integers(0, USERS, n)
    place = CategoryField("place", "Place", (UNKNOWN, "home", "search"))
    kinds = CategoryField("type", "Type", (UNKNOWN, "click", "save"))
    did = SequenceField("did", "Did before", (UNKNOWN, *(f"thing {at}" for at in range(VALUES))), places, (kinds,))
    codes = np.hstack([draws.integers(1, 3, (n, 1)), values * there, types * there]).astype(np.int32)
    thing = CategoryField("thing", "Thing", (UNKNOWN, *(f"item {at}" for at in range(items))))
    taste = np.eye(VALUES**2, dtype=np.float32)
    known = np.where((many > 0)[:, None], taste[(values[:, 0] - 1) * VALUES + values[:, 1] - 1], 0)
    return Dataset(
        name=NAME,
        title="Actions",
        note="What users did in order.",
        queries=Table((place,), (), codes, np.zeros((n, 0), np.float32), (did,)),
        items=Table((thing,), (), 1 + np.arange(items, dtype=np.int32)[:, None], np.zeros((items, 0), np.float32)),
        item_names=tuple(f"item {at}" for at in range(items)),
        positive=positive,
        user=user,
        when=60 * np.arange(n),
        bounds=time_bounds(n),
        truth=Truth((), known.astype(np.float32), taste.repeat(2, 0)),
    )


SOURCE = Source(
    name=NAME,
    settings=ActedData,
    help="what users did in order",
    build=build,
    size=lambda settings: Size(
        TableSize(settings.acts, (3,), 0, ((VALUES + 1, 2 * settings.places),), (settings.places,)),
        TableSize(2 * VALUES**2, (2 * VALUES**2 + 1,), 0),
    ),
    quick={"epochs": 1},
    presets=(("--acts 500", ActedData(acts=500)),),
    offers=frozenset({SEQUENCE}),
)
SMALL = {"embedding": 8, "deep": (16,), "output": 16, "batch": 128, "epochs": 3, "evaluations": 1, "patience": 0}


@contextmanager
def known() -> Iterator[None]:
    """The source is there for the length of a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SOURCES, NAME, SOURCE)
        yield


def acted(**values: object) -> Experiment:
    """A small experiment on this data; within `known`."""
    return assemble({"data": NAME, "arms": ("parallel",), "seeds": 1, "match": "none", **SMALL, **values})
