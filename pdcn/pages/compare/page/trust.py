"""How far the method can be trusted: how often it errs in trials whose truth is known, beside the run on show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.comparison import Comparison
from pdcn.files import DATA, read_json
from pdcn.pages.compare import words as say
from pdcn.research.calibrate import PROMISED, calibrated
from pdcn.shell.analysis_view import say_version
from pdcn.shell.parts import explaining, remark, unfolded
from pdcn.shell.shown_run import once, stamps
from pdcn.shell.terms import with_terms
from pdcn.words import capital, points, span

TRUST = "trust-the-method"
"""Key of a fold whose tables are drawn once it is open."""


def show_trust(headline: Sequence[Comparison]) -> None:
    """How often the method claims a difference where there is none, and finds one that is there; beside the run on
    show."""
    given = list(headline), stamps(*map(_calibration, calibrated()))
    unfolded(TRUST, say.TRUST, _trials_of_the_method, *given, icon=":material/verified:")


def _calibration(name: str) -> Path:
    return DATA / "calibration" / f"{name}.json"


@once
def _trials_of_the_method(headline: list[Comparison], files: list[tuple[str, int]]) -> None:
    """The trials, as long as the files are the same."""
    records = {calibration.on: read_json(_calibration(name)) for name, calibration in calibrated().items()}
    st.markdown(with_terms(say.TRUST_HOW))
    for on, record in records.items():
        if not isinstance(record, dict):
            continue
        st.markdown(with_terms(say.TRUST_STUDIES(data=capital(on), studies=record["studies"])))
        st.markdown(with_terms(in_short(record)))
        table = calibration_table(record)
        how: dict[str, Any] = {"width": "stretch", "height": "content", "column_config": explaining(table)}
        st.dataframe(table, hide_index=True, **how)
        st.caption(f"`{record['command']}` · settings {record['hash']}")
        say_version(record)
        st.json(record["experiment"], expanded=False)
    st.markdown(with_terms(beside(headline)))
    remark(say.TRUST_CAPTION)


def in_short(record: dict[str, Any]) -> str:
    """What the trial says, a list entry a number of seeds: false alarms, whether what was called detectable was found, and
    how often which difference was.

    >>> rows = [{"kind": "A/A", "seeds": 3, "rate": 0.02, "low": 0.0, "high": 0.07, "difference": 0.0}]
    >>> rows += [{"kind": f"A/B, {s}% lost", "seeds": 3, "rate": s / 10, "difference": -s / 200} for s in (2, 5)]
    >>> print(in_short({"rows": rows}))
    - 3 seeds: 2.0% [0.0%, 7.0%] of the studies without a difference claimed one. A loss was found: 1.0 points in 20%, 2.5 points in 50%.
    >>> rows += [{"kind": PROMISED, "seeds": 3, "rate": 0.81, "low": 0.7, "high": 0.9, "difference": -0.04}]
    >>> print(in_short({"rows": rows}).partition("found: ")[2])
    1.0 points in 20%, 2.5 points in 50%, the reliably detected 4.0 points in 81% [70.0%, 90.0%].
    """  # noqa: E501
    said = []
    for none in (row for row in record["rows"] if row["kind"] == "A/A"):
        lost = [row for row in record["rows"] if row["seeds"] == none["seeds"] and row["kind"].startswith("A/B")]
        found = []
        for row in sorted(lost, key=lambda row: row["kind"] == PROMISED):
            size = f"{100 * abs(row['difference']):.1f}"
            if row["kind"] == PROMISED:
                found.append(say.FOUND_PROMISED(size=size, rate=_rate(row)))
            else:
                found.append(say.FOUND(size=size, rate=f"{row['rate']:.0%}"))
        said.append(f"- {say.FALSE_ALARMS(seeds=none['seeds'], alarms=_rate(none, 1), found=', '.join(found))}")
    return "\n".join(said)


def _rate(row: dict[str, Any], decimals: int = 0) -> str:
    return f"{row['rate']:.{decimals}%} [{row['low']:.1%}, {row['high']:.1%}]"


def beside(headline: Sequence[Comparison]) -> str:
    """What the run on show reliably detects, and why the studies of the trial detect something else.

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .02, .01, .03, "better", 3, 780, 39_454, detectable=.027)
    >>> print(beside([c]))
    The run above reliably detects 2.7 points with 3 seeds and 39,454 test events. The trial has other data and fewer test events, so its figure may differ. The promise is the same: what is called reliably detected is found in about four of five studies.
    """  # noqa: E501
    c = next((c for c in headline if c.detectable), None)
    if c is None or c.detectable is None:
        return ""
    return say.BESIDE(size=f"{100 * c.detectable:.1f}", seeds=c.seeds, events=f"{c.events:,}")


def calibration_table(record: dict[str, Any]) -> pd.DataFrame:
    """A calibration as a table to read."""
    rows = [
        {
            "study": row["kind"],
            "seeds": row["seeds"],
            "claims": f"{row['rate']:.1%}",
            "interval": span(row["low"], row["high"], "{:.1%}".format),
            "any": f"{row['anywhere'] / row['studies']:.1%}",
            "points": points(row["difference"]),
            "of": say.CLAIMS_OF(claims=row["claims"], studies=row["studies"]),
            "wrong": row["wrong"],
        }
        for row in record["rows"]
    ]
    return pd.DataFrame(rows).rename(columns=say.TRUST_COLUMNS)
