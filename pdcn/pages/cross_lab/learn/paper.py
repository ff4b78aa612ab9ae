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
from pdcn.research.synthetic import NAME
from pdcn.research.targets import ENTRIES, HARDER, Entry

MODELS = {"DCN": (), "DCN-V2": (), "DNN": (100,) * 3, "DNN, large": (1024, 512, 256)}
"""Widths of the layers of the MLPs, the first few of which are taken. One as wide as x has as many parameters as
DCN-V2; the large one is that of the study."""
FUNCTIONS, DEPTHS = ("f3", "orders 1-4"), (1, 2, 3)
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
        for layers in DEPTHS
    ]


@cache
def seconds(function: str) -> tuple[float, ...]:
    """How long each of `entries` takes on one core: as long as the study measured where it is there.

    Others take as long as what is most like them there, by the number of layers.
    """
    record = read_json(FOLDER / f"{NAME}.json")
    rows = record["rows"] if isinstance(record, dict) else []
    return tuple(_seconds(entry, [row for row in rows if row["target"] in FUNCTIONS]) for entry in entries(function))


def _seconds(entry: Entry, rows: Sequence[Mapping[str, Any]]) -> float:
    def unlike(row: Mapping[str, Any]) -> tuple[bool, bool, bool, bool, int]:
        solved = row["table"] == HARDER and not row["deep"]
        as_trained = bool(row["deep"]) != bool(entry.deep), solved != entry.exact
        return (
            *as_trained,
            row["model"] != entry.model,
            row["target"] != entry.target,
            abs(row["layers"] - entry.layers),
        )

    if not rows:
        return 1.0
    near = min(rows, key=unlike)
    return float(sum(near["seconds"]) / len(near["seconds"]) * entry.layers / near["layers"])
