"""Every table of a run, as CSV or Parquet. Needs no torch, so that pages call it at no cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from pdcn.evaluation.compare import curve_frame
from pdcn.evaluation.comparison import comparisons_of
from pdcn.runs.folder import RunFolder, read_frame
from pdcn.tasks import task_of

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With which a cell begins that a spreadsheet would work out instead of show."""


def csv_of(frame: pd.DataFrame) -> str:
    """A table as CSV whose texts a spreadsheet shows and never works out: an apostrophe stands before such a text.

    >>> print(csv_of(pd.DataFrame({"=name": ["=1+1", "-soup", "milk"], "points": [-0.5, 1.0, 2.0]})), end="")
    '=name,points
    '=1+1,-0.5
    '-soup,1.0
    milk,2.0
    """
    safe = frame.rename(columns=_shown)
    for at, column in enumerate(safe.columns):
        if not pd.api.types.is_numeric_dtype(safe.dtypes.iloc[at]):
            safe = safe.assign(**{column: safe[column].map(_shown)}) if safe.columns.is_unique else safe.map(_shown)
    return str(safe.to_csv(index=False))


def parquet_of(frame: pd.DataFrame) -> bytes:
    """A table as Parquet. Cells of several kinds in one column, which it can't hold, become texts.

    >>> mixed = parquet_of(pd.DataFrame({"cell": [1, "a"]}))
    >>> pd.read_parquet(BytesIO(mixed))["cell"].tolist()
    ['1', 'a']
    """
    buffer = BytesIO()
    try:
        frame.to_parquet(buffer, index=False)
    except (ValueError, TypeError):  # what Arrow says of such columns
        buffer = BytesIO()
        texts = dict.fromkeys(frame.select_dtypes("object").columns, str)
        frame.astype(texts).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _shown(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(BEGINS_A_FORMULA) else cell


def tables_of(folder: RunFolder) -> dict[str, pd.DataFrame]:
    """The tables of a run by name, as far as it has come: of a run without a result, its history alone.

    `SettingError` where its result should be there, but can't be read.
    """
    result, measured = folder.whole_result(), folder.measured
    found: dict[str, pd.DataFrame | None] = {"history": folder.history, "slices": folder.slices}
    if result is not None:
        found["comparisons"] = pd.DataFrame([one.record() for one in comparisons_of(result)])
        found["costs"] = pd.DataFrame(_costs(result))
        found["trainings"] = pd.DataFrame(_trainings(result))
        if measured is not None:
            metrics = task_of(result).metrics(result["data"]["items"])
            arms = folder.experiment.arms
            each = [
                curve_frame(measured, arms, own).assign(metric=own[0].name)
                for own in (list(alike) for _, alike in groupby(metrics, type))
            ]
            found["curves"] = pd.concat(each, ignore_index=True).astype({"k": "Int64"})
        found["events"] = folder.ranks
    for path in sorted((folder.path / "analysis").glob("*/*.parquet")):
        kind = path.parent.name.rpartition("-")[0]
        name = f"{kind}-{path.stem}"
        found[name if name not in found else f"{path.parent.name}-{path.stem}"] = _read(path)
    return {name: frame for name, frame in found.items() if frame is not None and len(frame.columns)}


def write_csv(folder: RunFolder, out: Path) -> None:
    """Each table as NAME.csv."""
    for name, frame in tables_of(folder).items():
        (out / f"{name}.csv").write_text(csv_of(frame), encoding="utf-8")


def write_parquet(folder: RunFolder, out: Path) -> None:
    """Each table as NAME.parquet."""
    for name, frame in tables_of(folder).items():
        (out / f"{name}.parquet").write_bytes(parquet_of(frame))


def _read(path: Path) -> pd.DataFrame | None:
    try:
        return read_frame(path)
    except (OSError, ValueError):  # taken away this moment, or damaged
        return None


def _costs(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What each arm holds, does and took."""
    for arm, record in result["arms"].items():
        yield {
            "arm": arm,
            "dense_parameters": record["parameters"]["dense"],
            "all_parameters": record["parameters"]["total"],
            "flops_per_example": record["flops_per_example"],
            "train_seconds": record.get("train_seconds"),
            "examples_per_second": record.get("examples_per_second"),
        }


def _trainings(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """How each training ended."""
    for arm, record in result["arms"].items():
        for seed in record["seeds"]:
            yield {"arm": arm, **seed}
