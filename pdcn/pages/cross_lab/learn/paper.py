"""Functions of the DCN-V2 paper that are too long to be typed: which models are trained on them, and for how long.

They are those of the study that comes with the project (`pdcn.research.synthetic`), from its first seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pdcn.files import read_json
from pdcn.jobs.analysis import Recipe
from pdcn.pages.cross_lab.learn import words as say
from pdcn.pages.cross_lab.learn.recipe import KEPT
from pdcn.research.findings import FOLDER
from pdcn.research.synthetic import ENTRIES, NAME, Entry

MODELS = {"DCN": (), "DCN-V2": (), "DNN": (100,) * 4, "DNN, large": (1024, 512, 256)}
"""Widths of the layers of the MLPs, the first few of which are taken. One as wide as x has as many parameters as
DCN-V2; the large one is that of the study."""
DEPTHS: Mapping[str, Mapping[str, int]] = {
    "f3": {"DCN": 3, "DCN-V2": 3, "DNN": 3, "DNN, large": 3},
    "orders 1-4": {"DCN": 4, "DCN-V2": 4, "DNN": 4, "DNN, large": 3},
}
"""How many layers each model has at most, by function."""
SHORTER, SHARE = (10_000, 256, 0.01), 3
"""Steps, batch and highest rate of Adam of a cross network of three or four layers, which the study gives three times
as many steps."""
PAPER = Recipe(
    "lab-paper",
    say.TRAINING_PAPER,
    "pdcn.pages.cross_lab.work.paper",
    {"function": "f3"},
    of_a_run=False,
    live=True,
    most=KEPT,
)


def entries(function: str) -> list[Entry]:
    """Every model that is trained on a function of the paper, a kind after the other."""
    table = next(entry.table for entry in ENTRIES if entry.target == function)
    return [
        Entry(table, function, model, layers, deep=widths[:layers])
        for model, widths in MODELS.items()
        for layers in range(1, 1 + DEPTHS[function][model])
    ]


def plan(entry: Entry) -> tuple[int, int, float] | None:
    """How a model is trained, where that is not as in the study."""
    return SHORTER if not entry.exact and not entry.deep and entry.layers > 2 else None


@cache
def seconds(function: str) -> tuple[float, ...]:
    """How long each of `entries` takes on one core, from what the study measured; as long as in it where it is there.

    Others take as long as the nearest of their kind, by the number of layers: on the same function where there is one.
    """
    record = read_json(FOLDER / f"{NAME}.json")
    rows = record["rows"] if isinstance(record, dict) else []
    return tuple(_seconds(entry, rows) for entry in entries(function))


def _seconds(entry: Entry, rows: Sequence[Mapping[str, Any]]) -> float:
    def unlike(row: Mapping[str, Any]) -> tuple[bool, bool, bool, int]:
        other = bool(row["deep"]) != bool(entry.deep)
        return other, row["target"] != entry.target, row["model"] != entry.model, abs(row["layers"] - entry.layers)

    if not rows:
        return 1.0
    near = min((row for row in rows if row["target"] in DEPTHS), key=unlike)
    took = sum(near["seconds"]) / len(near["seconds"]) * entry.layers / near["layers"]
    return float(took / SHARE if plan(entry) else took)
