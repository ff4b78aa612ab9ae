"""Comparisons in which the pattern wins, ties and loses: rows of findings, with the dials that repeat them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pdcn.dials import changed
from pdcn.research.answers import rows_of
from pdcn.research.findings import CLAIM, FINDINGS, PLANTED, THIRD, Race, bundled


@dataclass(frozen=True)
class Preset:
    """What it shows, and where it was measured: the finding, its group of data and setting, and the two arms."""

    name: str
    finding: str
    group: str
    label: str
    arms: tuple[str, str] = CLAIM

    @property
    def row(self) -> dict[str, Any] | None:
        """What five seeds said; None where the finding does not come with the project."""
        finding = FINDINGS[self.finding]
        record = bundled(self.finding)
        same = {"group": self.group, "label": self.label, "arm": self.arms[0], "against": self.arms[1]}
        rows = rows_of(finding, record) if record else []
        return next(({**row, "rows": len(rows)} for row in rows if same.items() <= row.items()), None)

    @property
    def values(self) -> list[tuple[str, str]]:
        """The dials that repeat it with these two arms and three seeds, as an address writes them."""
        race = next(one for one in FINDINGS[self.finding].races if (one.group, one.label) == (self.group, self.label))
        told = changed(Race(self.group, self.label, {**race.values, "arms": self.arms, "seeds": 3}).experiment)
        return list(_spelled(told))


def _spelled(told: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Dials as an address has them: one of several values stands there once for each."""
    for key, text in told.items():
        yield from ((key, one) for one in text.split(",")) if key == "arms" else ((key, text),)


PRESETS = (
    Preset("wins", "shape", PLANTED, "deep 64,64,64,64"),
    Preset("ties", "small", THIRD, "deep 16, embedding 4"),
    Preset("loses", "ranking", PLANTED, "30,000 events"),
)
