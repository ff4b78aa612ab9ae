"""The runs of a home as the page lists them: with what people wrote about each, searched, filtered and sorted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pdcn.dials import dials
from pdcn.runs.remarks import Remarks
from pdcn.runs.store import RunRow
from pdcn.sources import source_said
from pdcn.words import spoken


@dataclass(frozen=True)
class Listed:
    """A run with its remarks, and the task that it is trained for; none where its settings can't be read."""

    row: RunRow
    remarks: Remarks
    task: str = ""

    @property
    def arms(self) -> str:
        """The arms as a person says them.

        >>> row = RunRow("toy", 0.0, "planted", "parallel_gated, deep_only", 1, "", "done", "", None, "study")
        >>> Listed(row, Remarks()).arms
        'parallel gated, deep only'
        """
        return ", ".join(map(spoken, self.row.arms.split(", ")))

    @property
    def sought(self) -> str:
        """All words that a search looks into, in small letters."""
        row = self.row
        told = (row.data, source_said(row.data), row.arms, self.arms, row.verdict, row.run, row.state)
        return " ".join((*told, self.task, match_said(row.matched), self.remarks.text)).casefold()


def match_said(match: str) -> str:
    """What was made equal, as a person says it.

    >>> match_said("train-time"), match_said("another")
    ('training time', 'another')
    """
    (dial,) = (one for one in dials() if one.key == "match")
    return dial.said_of_one(match)


SORTS: Mapping[str, Callable[[Listed], Any]] = {
    "newest": lambda one: -one.row.created,
    "oldest": lambda one: one.row.created,
    "name": lambda one: (not one.remarks.name, one.remarks.name.casefold()),
    "data": lambda one: source_said(one.row.data).casefold(),
    "match": lambda one: match_said(one.row.matched),
    "state": lambda one: one.row.state,
}
"""By what runs are sorted; among equals the newest comes first, and a run without a name after all that have one."""


def fitting(
    runs: Iterable[Listed], search: str, data: Collection[str], matches: Collection[str], states: Collection[str]
) -> list[Listed]:
    """The runs that hold every word of the search, and are of the chosen data, match and state; nothing chosen is any.

    >>> row = RunRow("toy", 0.0, "planted", "parallel", 1, "", "done", "", None, "study", "flops")
    >>> runs = [Listed(row, Remarks("Wide towers", tags=("for Ann",)))]
    >>> [len(fitting(runs, search, data, [], [])) for search, data in (("ANN wide", []), ("bob", []), ("", ["other"]))]
    [1, 0, 0]
    """
    asked = search.casefold().split()
    return [
        one
        for one in runs
        if (not data or one.row.data in data)
        and (not matches or one.row.matched in matches)
        and (not states or one.row.state in states)
        and all(word in one.sought for word in asked)
    ]


def ordered(runs: Iterable[Listed], sort: str) -> list[Listed]:
    """The runs, sorted by one of `SORTS`."""
    newest = sorted(runs, key=lambda one: (-one.row.created, one.row.run))
    return sorted(newest, key=SORTS[sort])
