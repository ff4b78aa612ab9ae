"""The crosses that project a sequence before the towers read it: which places of it they join."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.arrays import Doubles
from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.figures import block_map
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.parts import further, remark
from pdcn.words import spoken

FEW = 16
"""So many places, the latest, are drawn."""


def show_projection(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> None:
    """A map of places for each arm whose tower projects a sequence by crosses; nothing where none does."""
    frame = tables.get("projection")
    if frame is None:
        return
    learned = frame[(frame["side"] == side) & (frame["layer"] == 0) & (frame["moment"] == "learned")]
    for field, own in learned[learned["arm"].isin(arms)].groupby("field", sort=False):
        found = {arm: _mean(own[own["arm"] == arm]) for arm in arms if (own["arm"] == arm).any()}
        first, values = next(iter(found.items()))
        write, read = np.unravel_index(int(values.argmax()), values.shape)
        said = say.PROJECTED(arm=spoken(first), write=_place(int(write)), read=_place(int(read)))
        mixed = bool(folder.experiment.network_of(side).sequence_layers)
        given = str(field), found, mixed, frame[frame["field"] == field], side
        further(f"projection-{field}", say.PROJECTION(field=words(field)), said, _maps, *given)


def _maps(field: str, found: dict[str, Doubles], mixed: bool, table: pd.DataFrame, side: str) -> None:
    largest = max(float(values.max()) for values in found.values())
    for column, (arm, values) in zip(st.columns(len(found)), found.items(), strict=True):
        few = values[:FEW, :FEW]
        labels = tuple(_place(at) for at in range(len(few)))
        title = say.PROJECTION_TITLE(arm=spoken(arm), field=field)
        figure = block_map(few, labels, (largest, 0.0), what=say.SIZE, title=title, bar=arm == [*found][-1])
        column.plotly_chart(figure, key=f"cross-projection-{arm}", config={"displayModeBar": False})
    remark(say.PROJECTION_READING if mixed else say.PROJECTION_READING_UNMIXED)
    take_csv(table, f"projection-{side}", say.PROJECTION_CSV)


def _mean(rows: pd.DataFrame) -> Doubles:
    """Blocks (places, places) of one arm, the mean over seeds."""
    square = rows.groupby(["write", "read"], sort=False)["scaled"].mean().to_numpy(np.float64)
    side = int(np.sqrt(len(square)))
    return square.reshape(side, side)


def _place(at: int) -> str:
    return say.PLACE(number=at + 1) if at else say.LATEST
