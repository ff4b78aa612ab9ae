"""What the projection of a sequence keeps of it, beside all actions and their mean."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.inside import words as say
from pdcn.pages.inside.figures import Scale, kept_figure
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.parts import further, remark
from pdcn.words import spoken


def show_sequences(found: Tables, arms: tuple[str, ...], side: str) -> None:
    """A part for each sequence that a tower of these arms encodes; nothing where none does."""
    frame = found.get("sequences")
    if frame is None:
        return
    shown = frame[(frame["side"] == side) & frame["arm"].isin(arms)]
    for field, own in shown.groupby("sequence", sort=False):
        asked = say.SEQUENCE(field=words(field))
        further(f"sequence-{field}", asked, _finding(own, arms), _stages, own, arms, side)


def _stages(own: pd.DataFrame, arms: tuple[str, ...], side: str) -> None:
    for column, arm in zip(st.columns(2), [arm for arm in arms if (own["arm"] == arm).any()], strict=False):
        rows = own[own["arm"] == arm]
        named = [say.STAGES[stage](width=width) for stage, width in zip(rows["stage"], rows["width"], strict=True)]
        title = say.TOWER_TITLE(arm=spoken(arm), side=side)
        figure = kept_figure(rows.assign(name=named), title, Scale(say.SCALE_OF_FIELDS, 0.0, 1.0, percent=True))
        column.plotly_chart(figure, key=f"inside-sequence-{arm}", config={"displayModeBar": False})
    remark(say.SEQUENCE_READING)
    take_csv(own, f"inside-sequence-{side}", say.SEQUENCE_CSV)


def _finding(own: pd.DataFrame, arms: tuple[str, ...]) -> str:
    """Of the first arm, the mean over facts and seeds at each stage."""
    arm = next(arm for arm in arms if (own["arm"] == arm).any())
    rows = own[own["arm"] == arm]
    kept = rows.assign(score=rows["score"].clip(lower=0)).groupby("stage")["score"].mean()
    width = int(rows.loc[rows["stage"] == "projected", "width"].iloc[0])
    shares = {
        name: f"{kept[stage]:.0%}" for name, stage in (("kept", "projected"), ("whole", "whole"), ("mean", "mean"))
    }
    return say.SEQUENCE_KEPT(arm=spoken(arm), width=width, **shares)
