"""The points of the maps in words: which there are, what colours them, what a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.arrays import Floats, Ints
from pdcn.jobs.analysis import Analysis, Tables
from pdcn.pages.embeddings import SPACE
from pdcn.pages.embeddings import words as say
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import trained_run
from pdcn.words import minus

if TYPE_CHECKING:
    from pdcn.runs.trained import TrainedRun

Ids = Ints
KINDS = ("items", "queries", "both")
SIDE, CHOSEN, SHARED = "_side", "_chosen", "_shared"
FAVOURITES = ("department", "category", "age", "cluster")
"""Fields to colour by at first, where there is one of that name."""


@dataclass(frozen=True)
class Points:
    """Items, then queries; a point's id is its place in that order."""

    items: pd.DataFrame
    queries: pd.DataFrame
    fields: pd.DataFrame

    @property
    def split(self) -> int:
        """How many points are items: from this id on they are queries."""
        return len(self.items)

    def __len__(self) -> int:
        return len(self.items) + len(self.queries)

    def ids(self, kind: str) -> Ids:
        """The ids of the items, the queries, or both."""
        first, last = (self.split if kind == "queries" else 0), (self.split if kind == "items" else len(self))
        return np.arange(first, last)

    @cached_property
    def names(self) -> list[str]:
        """What each point is, in a few words."""
        first = self._side("query")["name"].tolist()[:1]
        who = self.queries[first[0]].astype(str) if first else pd.Series(say.QUERY, self.queries.index)
        asked = zip(who, self.queries["_when"], self.queries["_true"].astype(str), strict=True)
        queries = [say.ASKED_AND_CHOSEN(who=who, when=when, item=item) for who, when, item in asked]
        return [*map(str, self.items["_name"]), *queries]

    def _side(self, side: str) -> pd.DataFrame:
        return self.fields[self.fields["side"] == side]

    @cached_property
    def _coloured(self) -> dict[str, Any]:
        """The row of each field by the key of its choice."""
        return {f"{row.side}.{row.name}": row for row in self.fields.itertuples()}

    def choices(self, kind: str) -> dict[str, str]:
        """What points of a kind can be coloured by: key and label, a favourite first."""
        sides = {"items": ["item"], "queries": ["query"], "both": ["item", "query"]}[kind]
        found = {SIDE: say.ITEMS_AND_QUERIES} if kind == "both" else {}
        rows = [row for side in sides for row in self._side(side).itertuples()]
        rows.sort(key=lambda row: row.name not in FAVOURITES)
        for row in rows:
            label = say.OF_SIDE(field=row.label, side=row.side) if kind == "both" else str(row.label)
            found[f"{row.side}.{row.name}"] = label
        if kind != "queries":
            found[CHOSEN] = say.TIMES_CHOSEN
        return found

    def values(self, choice: str) -> pd.Series[Any]:
        """A value for each point, empty on the side that does not have the field."""
        if choice == SIDE:
            return pd.Series(["items"] * self.split + ["queries"] * len(self.queries))
        if choice == CHOSEN:
            own = np.log10(self.items[CHOSEN].to_numpy(np.float64).clip(1))
            return pd.Series(own).reindex(range(len(self)))
        row = self._coloured[choice]
        column: pd.Series[Any] = (self.items if row.side == "item" else self.queries)[row.name]
        if not pd.api.types.is_numeric_dtype(column):
            column = column.astype(object)
        moved = column.set_axis(range(self.split, len(self))) if row.side == "query" else column
        return moved.reindex(range(len(self)))

    def unit(self, choice: str) -> str:
        """The unit of a numeric field."""
        return str(self._coloured[choice].unit) if choice in self._coloured else ""

    def words(self, point: int) -> list[tuple[str, str]]:
        """Label and value of every field of a point."""
        side, frame, at = (
            ("item", self.items, point) if point < self.split else ("query", self.queries, point - self.split)
        )
        found = []
        for row in self._side(side).itertuples():
            value = frame[row.name].iloc[at]
            number = minus(f"{value:,.{_places(frame[row.name])}f}") if row.number else ""
            found.append((str(row.label), f"{number} {row.unit}".strip() if number else str(value)))
        return found

    def described(self, ids: Ids) -> dict[str, pd.Series[Any]]:
        """Every field's values of some points, by label; of one side only."""
        items = bool(len(ids)) and bool(ids[0] < self.split)
        frame = self.items if items else self.queries
        rows = frame.iloc[ids if items else ids - self.split].reset_index(drop=True)
        return {str(row.label): rows[row.name] for row in self._side("item" if items else "query").itertuples()}

    def find(self, text: str, kind: str) -> Ids:
        """Points whose name, or whose value of any field, holds the text; case does not matter."""
        text, ids = text.strip().lower(), self.ids(kind)
        if not text:
            return ids[:0]
        hit = np.array([text in self.names[point].lower() for point in ids], bool)
        for side, frame, first in (("item", self.items, 0), ("query", self.queries, self.split)):
            own = (ids >= first) & (ids < first + len(frame))
            if not own.any():
                continue
            for row in self._side(side).itertuples():
                column = frame[row.name]
                if row.number or not isinstance(column.dtype, pd.CategoricalDtype):
                    continue
                holds = np.array([text in str(value).lower() for value in column.cat.categories], bool)
                codes = column.cat.codes.to_numpy()
                hit[own] |= holds[codes] & (codes >= 0)  # code -1, an empty cell, finds nothing
        found: Ids = ids[hit]
        return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _points(path: str, _frames: Tables) -> Points:
    return Points(_frames["items"], _frames["queries"], _frames["fields"])


def _places(column: pd.Series[Any]) -> int:
    """Decimals that its numbers are told with: none where all are whole, but for how they were rounded."""
    return 0 if np.allclose(column, column.round(), rtol=1e-5, atol=1e-3) else 2


def points_of(folder: RunFolder, frames: Tables) -> Points:
    """The points of a run, from its `space` analysis."""
    return _points(str(Analysis.of(folder, SPACE).path), frames)


@st.cache_resource(max_entries=12, show_spinner=False)
def _vectors(path: str, arm: str, seed: int, first: bool, _folder: RunFolder, _frames: Tables) -> Floats:
    if first:
        table = _frames["vectors"]
        width = sum(name.rpartition(".")[0] == arm for name in table.columns)
        return table[[f"{arm}.{at}" for at in range(width)]].to_numpy(np.float32)
    from pdcn.pages.embeddings.work.space_job import item_vectors, query_vectors, sample
    from pdcn.training.device import one_thread

    one_thread()
    run: TrainedRun = trained_run(_folder)
    settings = Analysis.of(_folder, SPACE).settings
    events, items = sample(run, int(settings["queries"]), int(settings["items"]))
    model = run.model(arm, seed)
    return np.concatenate((item_vectors(model, run.data)[items], query_vectors(model, run.data, events)))


def vectors_of(folder: RunFolder, frames: Tables, arm: str, seed: int) -> Floats:
    """Output vectors of every point, (points, H): those of the first seed are kept, others are worked out here."""
    first = seed == folder.seeds_of(arm)[0]
    return _vectors(str(Analysis.of(folder, SPACE).path), arm, seed, first, folder, frames)
