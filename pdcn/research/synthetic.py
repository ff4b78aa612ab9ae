"""The synthetic experiments of the DCN-V2 paper (arXiv 2008.13535, RQ1), repeated with this project's layers.

Three tables: functions of the second order that get harder, a function of the orders 1 to 4 that wants depth, and
homogeneous polynomials that want the bias and the residual (Fig. 4). The paper does not state how it trained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import active_children, get_context
from typing import Any

import numpy as np
import pandas as pd

from pdcn.ctrl_c import heard_later
from pdcn.files import read_json
from pdcn.host import cores
from pdcn.research import words as say
from pdcn.research.findings import FOLDER
from pdcn.research.targets import Entry
from pdcn.words import listed

NAME = "dcnv2-synthetic"
SEEDS = 5


def run(tick: Callable[[Entry, int], object], entries: Sequence[Entry], seeds: int) -> dict[str, Any]:
    """Train every entry from every seed, a process a core; `tick` is told of each that is through."""
    from pdcn.research.fitting import fitted
    from pdcn.runs.result import made_on

    pairs = [(entry, seed) for entry in entries for seed in range(seeds)]
    with ProcessPoolExecutor(min(cores(), len(pairs)), get_context("spawn")) as pool:
        try:
            with heard_later(children_deaf=True):
                waiting = [pool.submit(fitted, *pair) for pair in pairs]
            found = []
            for pair, one in zip(pairs, waiting, strict=True):
                found.append(one.result())
                tick(*pair)
        except BaseException:
            for child in active_children():
                child.terminate()
            raise
    rows = []
    for at, entry in enumerate(entries):
        own = found[at * seeds : (at + 1) * seeds]
        kept = {name: [getattr(one, name) for one in own] for name in ("rmse", "spread", "seconds")}
        rows.append({**asdict(entry), "parameters": own[0].parameters, **kept})
    return {"name": NAME, "command": f"python -m pdcn study {NAME}", "made_on": made_on(), "rows": rows}


def frame(record: Mapping[str, Any]) -> pd.DataFrame:
    """A row an entry: `table`, `target`, `model`, `layers`, the mean `rmse` with its `low` and `high` over seeds, the
    `spread` of what is to be learned, `parameters`, and `published` and `published_size` where the paper has them."""
    rows = []
    for row in record["rows"]:
        seeds = row["rmse"]
        rows.append(
            {
                **{name: row[name] for name in ("table", "target", "model", "layers", "parameters")},
                "rmse": float(np.mean(seeds)),
                "low": min(seeds),
                "high": max(seeds),
                "spread": float(np.mean(row["spread"])),
                "published": row["published"],
                "published_size": row["published_size"],
            }
        )
    return pd.DataFrame(rows)


def bundled_frame() -> pd.DataFrame | None:
    """The tidy rows of the study that comes with the project; None where none does."""
    record = read_json(FOLDER / f"{NAME}.json")
    return frame(record) if isinstance(record, dict) else None


def answer(rows: pd.DataFrame) -> list[str]:
    """What the rows of `frame` say, a sentence a table."""

    def errors(**wanted: object) -> pd.Series[float]:
        chosen = rows
        for name, value in wanted.items():
            chosen = chosen[chosen[name] == value]
        return chosen["rmse"]

    second = rows[rows["target"].isin(["f1", "f2", "f3"])]
    exact, shallow = (second[(second["model"] == model) & (second["layers"] == 1)] for model in ("DCN-V2", "DNN"))
    depth, deep = (errors(target="orders 1-4", model=model) for model in ("DCN-V2", "DNN"))
    published = rows[(rows["target"] == "orders 1-4") & (rows["model"] == "DCN-V2")]["published"]
    bare, whole = (errors(target="order 3", model=model) for model in ("x0 * (W x)", "DCN-V2"))
    return [
        say.ONE_LAYER(
            ours=f"{exact['rmse'].max():.1e}",
            published=f"{exact['published'].max():.1e}",
            mlp=f"{shallow['rmse'].min():.2g}",
        ),
        say.DEPTH(ours=_listed(depth), published=_listed(published), mlps=_listed(deep)),
        say.BIAS(bare=_listed(bare), whole=_listed(whole)),
    ]


def _listed(errors: pd.Series[float]) -> str:
    return listed(f"{error:.3g}" for error in errors)
