"""What a run of a task without a curve over K found: its metrics as marks, and the calibration of its chances."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from pdcn.evaluation.comparison import counted_arms, record_of
from pdcn.inert import words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.levels import calibration_figure, levels_figure
from pdcn.runs.folder import RunFolder
from pdcn.shell.parts import folded
from pdcn.shell.shown_run import once
from pdcn.tasks import task_of
from pdcn.words import capital, spoken


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
    st.caption(say.LEVELS)


def _by_metric(record: dict[str, Any], metrics: list[Any]) -> dict[str, list[float]]:
    """The values of an arm's seeds by metric; its mean alone where a record has no more."""
    found = {}
    for metric in metrics:
        each = record_of(record, metric, "_per_seed")
        found[metric.name] = each if each is not None else [record_of(record, metric)]
    return found


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
        st.caption(say.CALIBRATION)
        for arm in groups:
            record = result["arms"][arm]
            error, ratio = record.get("calibration_error"), record.get("calibration_ratio")
            if error is not None and ratio is not None:
                told = f"{100 * error:.2f}"
                st.markdown(words(say.CALIBRATION_OF(arm=capital(spoken(arm)), error=told, ratio=f"{ratio:.2f}")))
