"""What the study of projections found: its table, and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pdcn.files import home, write_json
from pdcn.research import words as say
from pdcn.research.projections import AGAINST, BATCHES, NAME, STAGES, WHOLE
from pdcn.words import listed, points, span


def frame(record: Mapping[str, Any]) -> pd.DataFrame:
    """A row a form: what it is, `recall` (a share) with `low` and `high`, `dense`, `flops`, `residual` to the median of
    all forms, `p50_BATCH` in microseconds; and `whole`, `whole_low`, `whole_high` and `whole_verdict`, its paired
    difference to all actions, as `mean` and so on to the mean."""
    rows = pd.DataFrame([{k: v for k, v in row.items() if not isinstance(v, (dict, list))} for row in record["rows"]])
    for against in AGAINST:
        found = [row.get(f"against_{against}") or {} for row in record["rows"]]
        for name, part in (("", "difference"), ("_low", "low"), ("_high", "high"), ("_verdict", "verdict")):
            rows[f"{against}{name}"] = [one.get(part) for one in found]
    return rows.assign(
        deep=[",".join(map(str, row["deep"])) for row in record["rows"]],
        residual=rows["dense"] / rows["dense"].median() - 1,
    )


def keep(record: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write the record and its table into the home; the paths."""
    folder = home() / "studies"
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_csv = folder / f"{NAME}.json", folder / f"{NAME}.csv"
    write_json(as_json, dict(record))
    frame(record).to_csv(as_csv, index=False)
    return as_json, as_csv


def on_front(rows: pd.DataFrame, batch: int = BATCHES[0]) -> pd.Series[bool]:
    """Which forms no other beats in both: as much found in less time, or more in as little.

    >>> on_front(pd.DataFrame({"p50_1": [3.0, 2.0, 1.0], "recall": [0.4, 0.5, 0.1]})).tolist()
    [False, True, True]
    """
    time, found = rows[f"p50_{batch}"].to_numpy(float), rows["recall"].to_numpy(float)
    beaten = [
        bool((((time <= t) & (found >= r)) & ((time < t) | (found > r))).any())
        for t, r in zip(time, found, strict=True)
    ]
    return ~pd.Series(beaten, index=rows.index)


def answer(record: Mapping[str, Any]) -> list[str]:
    """Where the Transformer helps; where a projection is faster than all actions side by side and finds as much, by
    batch; where it loses; and what probes read from it."""
    rows = frame(record)
    whole = rows[rows["form"] == WHOLE].iloc[0]
    compressed = rows[(rows["sequence"] == "transformer") & (rows["form"] != WHOLE)]
    said = _helped(record, whole)
    for batch in record["batches"]:
        column = f"p50_{batch}"
        faster = compressed[compressed[f"times_high_{batch}"] < 1]  # by an interval of the ratio
        holds = faster[~faster["whole_verdict"].isin(["worse"])]
        known = {"batch": batch, "whole": f"{whole[column]:,.0f}"}
        if len(holds):
            each = [
                say.OF_A_FORM(
                    form=row["form"],
                    time=f"{row[column]:,.0f}",
                    points=points(row["whole"]),
                    interval=span(row["whole_low"], row["whole_high"]),
                )
                for row in holds.sort_values(column).to_dict("records")
            ]
            said.append(say.SIGNAL_HOLDS(**known, metric=record["metric"], forms=listed(each)))
        elif len(faster):
            said.append(say.SIGNAL_HOLDS_NOWHERE(**known, metric=record["metric"]))
        else:
            said.append(say.NOTHING_FASTER(**known))
    lost = compressed[compressed["whole_verdict"] == "worse"]["form"]
    said.append(say.SIGNAL_LOST(metric=record["metric"], forms=listed(lost) if len(lost) else say.NONE))
    if record["seeds"] < 2:
        said.append(say.ONE_SEED_TELLS_NOTHING)
    apart = rows[rows["residual"].abs() > 0.01]
    if len(apart):
        each = [say.APART(form=row["form"], share=f"{row['residual']:+.0%}") for row in apart.to_dict("records")]
        said.append(say.NOT_EQUAL(forms=listed(each)))
    return said


def _helped(record: Mapping[str, Any], whole: pd.Series[Any]) -> list[str]:
    """What all actions find beyond their mean where taste changes, and in the control, where it lasts."""
    control = record.get("control")
    if control is None:
        return []
    known = {"metric": record["metric"], "points": points(whole["mean"])}
    ends = span(whole["mean_low"], whole["mean_high"])
    lasting = {"lasting": points(control["difference"]), "lasting_interval": span(control["low"], control["high"])}
    return [say.TRANSFORMER_HELPS(**known, interval=ends, **lasting)]


def kept_frame(record: Mapping[str, Any]) -> pd.DataFrame:
    """A row a form with a Transformer and a fact: `form`, `label`, and what a linear probe reads of it from the mean of
    the actions (`mean`), from all of them (`whole`) and from the projection (`projected`), mean over seeds."""
    rows = [{"form": row["form"], **one} for row in record["rows"] for one in row.get("kept", ())]
    if not rows:
        return pd.DataFrame(columns=["form", "label", *STAGES])
    wide = pd.DataFrame(rows).rename(columns={"mean": "score"})
    wide = wide.pivot_table("score", ["form", "label"], "stage", sort=False).reset_index()
    return wide[["form", "label", *STAGES]].rename_axis(columns=None)
