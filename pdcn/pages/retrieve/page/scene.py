"""What the Retrieve page is about: a run, its arms, its data, its models, and how one speaks of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pdcn.arrays import Flags, Ints
from pdcn.config import RANKING, RETRIEVAL
from pdcn.pages.retrieve import words as say
from pdcn.pages.retrieve.work.disagreement import Walk, balance, walk
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import its_weights, trained_run
from pdcn.sources import speech_of
from pdcn.sources.dataset import Dataset
from pdcn.sources.source import OUTCOMES, Speech
from pdcn.tasks.measured import Measured

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import JointRetriever, Retriever, Shares


KEPT: Mapping[str, Any] = {"show_spinner": False, "hash_funcs": {RunFolder: its_weights}}
"""What is worked out of a run is kept for all sessions, as long as its weights are the same."""


@st.cache_resource(max_entries=4, **KEPT)
def _facts(folder: RunFolder) -> tuple[Flags, Shares]:
    from pdcn.pages.retrieve.work.retrieval import steady_fields, value_shares

    dataset = trained_run(folder).data.dataset
    return steady_fields(dataset.queries, dataset.user), value_shares(dataset.queries, dataset.part("train"))


@st.cache_resource(max_entries=12, **KEPT)
def _retriever(folder: RunFolder, arm: str, seed: int, *, other: bool) -> Retriever | JointRetriever:
    from pdcn.pages.retrieve.work.retrieval import by_the_other_head, retriever_of

    run = trained_run(folder)
    model = by_the_other_head(run.model(arm, seed)) if other else run.any_model(arm, seed)
    return retriever_of(model, run.data, _facts(folder)[1])


@st.cache_resource(max_entries=4, **KEPT)
def _ranks(folder: RunFolder) -> Measured | None:
    measured = folder.measured if folder.experiment.task == RETRIEVAL else None  # another task measures no ranks
    return measured.first_world() if measured else None


@st.cache_resource(max_entries=8, **KEPT)
def _walk(folder: RunFolder, left: str, right: str) -> tuple[Walk, pd.DataFrame]:
    ranks = _ranks(folder)
    assert ranks is not None
    return walk(ranks, left, right), balance(ranks, left, right)


@dataclass(frozen=True)
class Scene:
    """A run on show. `ranks` are those of its test events as the study kept them, None where it kept none; `rows` is
    where the data has these events."""

    folder: RunFolder
    arms: tuple[str, ...]
    dataset: Dataset
    ranks: Measured | None
    rows: Ints

    @classmethod
    def of(cls, folder: RunFolder, arms: tuple[str, ...]) -> Scene:
        """Open a run; `SettingError` where its data or weights are not what they were."""
        from pdcn.training.device import one_thread

        one_thread()
        with st.spinner(say.OPENING_DATA):
            dataset = trained_run(folder).data.dataset
        ranks = _ranks(folder)
        rows = trained_run(folder).events()
        if folder.experiment.task == RANKING:
            assert dataset.outcome is not None
            rows = rows[dataset.outcome[rows] > 0]  # a list is asked for where something was chosen
        if ranks is not None and len(ranks.user) != len(rows):
            ranks = None
        return cls(folder, arms, dataset, ranks, rows)

    @property
    def events(self) -> int:
        """How many test events there are."""
        return len(self.rows)

    def row(self, event: int) -> int:
        """Where the data has a test event."""
        return int(self.rows[event])

    @property
    def joint(self) -> bool:
        """Whether one network reads query and item, and is asked about every item."""
        return self.folder.experiment.task == RANKING

    @property
    def speech(self) -> Speech:
        """How one speaks of its events."""
        return speech_of(self.dataset.name)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds from which every arm on show has weights."""
        return self.folder.seeds_of(*self.arms)

    @property
    def steady(self) -> Flags:
        """Which query fields never change for a user."""
        return _facts(self.folder)[0]

    def retriever(self, arm: str, seed: int, *, other: bool = False) -> Retriever | JointRetriever:
        """The model of an arm and seed, ready to answer; by its `other` head, which is not served, where it has one."""
        return _retriever(self.folder, arm, seed, other=other)

    @property
    def heads(self) -> tuple[str, ...]:
        """The outcomes that have a head each, the one that is served first; nothing where there is one head."""
        outcomes = self.folder.experiment.outcomes
        if OUTCOMES not in self.folder.experiment.offers or outcomes.heads != "two":
            return ()
        return outcomes.served, "engagement" if outcomes.served == "conversion" else "conversion"

    @cached_property
    def _places(self) -> NDArray[Any] | None:
        """Where each test event happened, (n,) words; None where that is not told."""
        told, queries = self.dataset.feedback, self.dataset.queries
        if told is None:
            return None
        column = [field.name for field in queries.categories].index(told.surface)
        words = np.array(queries.categories[column].values, object)
        return np.asarray(words[queries.single[self.rows, column]])

    @cached_property
    def surfaces(self) -> list[str]:
        """Where the events happened, the most frequent first; nothing where that is not told."""
        if self._places is None:
            return []
        words, counts = np.unique(self._places.astype(str), return_counts=True)
        return [str(words[at]) for at in np.argsort(-counts, kind="stable") if words[at]]

    def at(self, surface: str) -> Flags:
        """Which test events happened on a surface, (n,); all where none is named."""
        if self._places is None or surface not in self.surfaces:
            return np.ones(self.events, np.bool_)
        return np.asarray(self._places == surface)

    def told(self, event: int) -> tuple[str, str] | None:
        """The surface of a test event, and what came of it; None where that is not told."""
        feedback, row = self.dataset.feedback, self.row(event)
        if feedback is None or self.dataset.outcome is None or self._places is None:
            return None
        return str(self._places[event]), feedback.kinds[int(self.dataset.outcome[row])]

    def walk_on(self, surface: str) -> tuple[Walk, pd.DataFrame] | None:
        """The walk through disagreements on a surface, and who wins how often on all; None for one arm or without
        shared seeds."""
        if self.ranks is None or len(self.arms) < 2 or not self.ranks.seeds(*self.arms):
            return None
        whole, table = _walk(self.folder, *self.arms)
        return (whole.among(self.at(surface)) if surface in self.surfaces else whole), table

    @property
    def walk(self) -> tuple[Walk, pd.DataFrame] | None:
        """As `walk_on`, on all surfaces."""
        return self.walk_on("")

    def every_seed(self, arm: str, event: int) -> dict[int, float]:
        """The true item's rank by seed, as the study kept it; empty without kept ranks."""
        if self.ranks is None:
            return {}
        return {seed: float(self.ranks.cells[arm, seed][event]) for seed in self.ranks.seeds(arm)}
