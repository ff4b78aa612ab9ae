"""The live picture of a training: loss and validation recall by step, a thin line a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.pages.compare import words as say
from pdcn.shell.figures.theme import finish, ink
from pdcn.tasks.retrieval.metrics import VALIDATED_BEFORE
from pdcn.words import spoken


def validated(history: pd.DataFrame) -> str:
    """What validation measured in a run, such as recall@100."""
    return str(history["validated"].iloc[0]) if "validated" in history else VALIDATED_BEFORE


def history_figure(
    history: pd.DataFrame,
    column: str,
    steps: int | None = None,
    *,
    percent: bool = True,
    kept: Mapping[tuple[str, int], int] | None = None,
) -> go.Figure:
    """`loss` or `recall` (what validation measures, in percent unless it is no share) by step: thin lines seeds, thick
    the mean.

    `steps` fixes the right end of the axis, so that nothing jumps while points come in. `kept` says at which step the
    weights of an arm and seed were kept, and marks it.
    """
    figure = go.Figure()
    rows = history[history[column].notna()].copy()
    percent = percent and column == "recall"
    rows[column] *= 100 if percent else 1
    arms = tuple(history["arm"].unique())
    unit = "%{y:.1f}%" if percent else "%{y:.3f}"
    for arm in arms:
        style = ink(arm, arms)
        seeds = rows[rows["arm"] == arm].pivot_table(index="step", columns="seed", values=column)
        for seed in seeds:
            line = seeds[seed].dropna()
            figure.add_scatter(
                x=line.index,
                y=line,
                mode="lines",
                name=say.OF_SEED(arm=spoken(arm), seed=seed),
                legendgroup=arm,
                line={"color": style.colour, "width": 1},
                opacity=0.55,
                showlegend=False,
                hoverinfo="skip",
            )
        at = [
            (step, seeds[seed].get(step)) for (own, seed), step in (kept or {}).items() if own == arm and seed in seeds
        ]
        if at:
            figure.add_scatter(
                x=[step for step, _ in at],
                y=[value for _, value in at],
                mode="markers",
                name=say.KEPT_OF(arm=spoken(arm)),
                legendgroup=arm,
                showlegend=False,
                marker={"symbol": style.marker, "size": 13, "color": style.colour},
                hovertemplate=say.KEPT_AT(step="%{x}", value=unit),
            )
        mean = seeds.mean(axis=1)
        figure.add_scatter(
            x=mean.index,
            y=mean,
            name=spoken(arm),
            legendgroup=arm,
            hovertemplate=unit,
            mode="lines+markers" if column == "recall" and not kept else "lines",
            line={"color": style.colour, "width": 3, "dash": style.dash},
            marker={"symbol": style.marker, "size": 8},
        )
    name = _validation(validated(history), percent=percent) if column == "recall" else say.LOSS_AXIS
    finish(figure, x=say.STEP_AXIS, y=name, height=300, key=column)
    if column == "recall":
        figure.update_yaxes(rangemode="tozero")
    if steps:
        figure.update_xaxes(range=[0, steps])
    return figure


def _validation(measured: str, *, percent: bool) -> str:
    """The name of an axis of what validation measured."""
    return (say.VALIDATION_AXIS_PERCENT if percent else say.VALIDATION)(metric=label(measured))


def tuning_figure(tuning: Mapping[str, Any], *, percent: bool = True) -> go.Figure:
    """What validation measured (in percent unless it is no share) of every trial, a marker an arm; the chosen trial of
    each is larger. A hollow one was not trained again from the seeds that decide."""
    figure = go.Figure()
    arms = tuple(tuning["arms"])
    for arm in arms:
        style, record = ink(arm, arms), tuning["arms"][arm]
        scale = 100 if percent else 1
        value = [None if t["validation"] is None else scale * t["validation"] for t in record["trials"]]
        decided = tuning.get("final_seeds") is None
        hollow = ["" if decided or "finals" in trial else "-open" for trial in record["trials"]]
        size = [15 if place == record["chosen"] else 8 for place in range(len(value))]
        figure.add_scatter(
            x=list(range(len(value))),
            y=value,
            mode="markers",
            name=spoken(arm),
            marker={"symbol": [style.marker + one for one in hollow], "size": size, "color": style.colour},
            hovertemplate=say.TRIAL_HOVER(trial="%{x}", value="%{y:.1f}%" if percent else "%{y:.4f}"),
        )
    measure = _validation(tuning.get("validated", VALIDATED_BEFORE), percent=percent)
    finish(figure, x=say.TRIAL_AXIS, y=measure, height=260, key="tuning")
    figure.update_xaxes(dtick=1, range=[-0.5, tuning["trials"] - 0.5])
    return figure
