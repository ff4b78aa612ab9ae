"""What a run of a task without a curve over K found: its metrics as marks, and the calibration of its chances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.evaluation.comparison import comparisons_of, counted_arms, record_of
from pdcn.evaluation.published import PUBLISHED
from pdcn.inert import words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.levels import calibration_figure, levels_figure
from pdcn.runs.folder import RunFolder
from pdcn.shell.parts import explaining, folded, remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.tasks import task_of
from pdcn.tasks.ranking.metrics import AUC
from pdcn.words import capital, points, span, spoken


@once
def show_levels(folder: RunFolder) -> None:
    """Every metric that has no K, of every arm and seed."""
    result = folder.whole_result()
    assert result is not None
    metrics = [metric for metric in task_of(result).tabled(result["data"]["items"]) if metric.k is None]
    arms = {arm: _by_metric(record, metrics) for arm, record in counted_arms(result).items()}
    known = {name: {m.name: record_of(record, m) for m in metrics} for name, record in result["baselines"].items()}
    baselines = {name: {key: one for key, one in own.items() if one is not None} for name, own in known.items()}
    if not metrics or not arms:
        return
    st.plotly_chart(levels_figure(metrics, arms, baselines), key="levels")
    remark(say.LEVELS)


def _by_metric(record: dict[str, Any], metrics: list[Any]) -> dict[str, list[float]]:
    """The values of an arm's seeds by metric; its mean alone where a record has no more."""
    found = {}
    for metric in metrics:
        each = record_of(record, metric, "_per_seed")
        found[metric.name] = each if each is not None else [record_of(record, metric)]
    return found


def show_published(result: dict[str, Any]) -> None:
    """Folded, where AUC is measured: what others published of both wirings, beside ours."""
    if AUC not in task_of(result).kinds:
        return

    def inside() -> None:
        rows = [
            {
                say.PAPER: one.paper,
                say.THEIR_DATA: one.data,
                say.STACKED: f"{one.stacked:.4f}",
                say.PARALLEL: f"{one.parallel:.4f}",
                say.THEIR_DIFFERENCE: points(one.difference),
            }
            for one in PUBLISHED
        ]
        pair = ("parallel", "sequential", AUC())
        ours = [c for c in comparisons_of(result) if (c.arm, c.against, c.metric) == pair]
        rows += [
            {
                say.PAPER: say.THIS_RUN,
                say.THEIR_DATA: result["data"]["title"],
                say.STACKED: f"{record_of(result['arms'][c.against], c.metric):.4f}",
                say.PARALLEL: f"{record_of(result['arms'][c.arm], c.metric):.4f}",
                say.THEIR_DIFFERENCE: f"{points(c.difference)} {span(c.low, c.high) if c.seeds > 1 else ''}".strip(),
            }
            for c in ours
        ]
        table = pd.DataFrame(rows)
        st.dataframe(table, hide_index=True, width="stretch", column_config=explaining(table))
        remark(say.PUBLISHED_CAPTION)

    unfolded("published-beside", say.PUBLISHED, inside)


@once
def show_calibration(folder: RunFolder) -> None:
    """Predicted chances against what happened, all seeds of an arm together; nothing where none are predicted."""
    result, measured = folder.whole_result(), folder.measured
    if result is None or measured is None:
        return
    task, groups = task_of(result), {}
    for arm in counted_arms(result):
        columns = [measured.cells[arm, seed] for seed in measured.seeds(arm)]
        if columns and (own := task.calibrated(np.concatenate(columns))):
            groups[arm] = own
    if not groups:
        return
    with folded(say.CALIBRATED):
        st.plotly_chart(calibration_figure(groups), key="calibration")
        remark(say.CALIBRATION)
        for arm in groups:
            record = result["arms"][arm]
            error, ratio = record.get("calibration_error"), record.get("calibration_ratio")
            if error is not None and ratio is not None:
                told = f"{100 * error:.2f}"
                st.markdown(
                    with_terms(words(say.CALIBRATION_OF(arm=capital(spoken(arm)), error=told, ratio=f"{ratio:.2f}")))
                )
