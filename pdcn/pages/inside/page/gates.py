"""Which experts each surface uses, where a tower mixes several."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.inside import words as say
from pdcn.pages.inside.figures import Scale, kept_figure
from pdcn.pages.inside.page.branches import rows_of
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.parts import further, remark
from pdcn.words import spoken


def show_gates(found: Tables, arms: tuple[str, ...], side: str) -> None:
    """A part for towers that mix experts; nothing where there is none."""
    if "gates" not in found:
        return
    gates = rows_of(found, "gates", arms, side)

    def inside() -> None:
        seed = int(gates["seed"].min())
        for column, arm in zip(st.columns(2), arms, strict=False):
            own = gates[(gates["arm"] == arm) & (gates["seed"] == seed)]
            names = [str(say.EXPERT(number=number)) for number in own["expert"]]
            drawn = own.assign(label=own["surface"], name=names, place=own["expert"], score=own["share"])
            title = say.GATES_TITLE(arm=spoken(arm), seed=seed)
            figure = kept_figure(drawn, title, Scale(say.SCALE_OF_GATES, 0.0, 1.0, percent=True))
            column.plotly_chart(figure, key=f"inside-gates-{arm}", config={"displayModeBar": False})
        remark(say.GATES_READING)
        take_csv(gates, "inside-gates", say.GATES_CSV)

    further("gates", say.GATES, said_of(gates, arms), inside)


def said_of(gates: pd.DataFrame, arms: tuple[str, ...]) -> str:
    """How unevenly the gates use the experts, and how far surfaces are apart, of each arm, the mean over seeds."""
    told = []
    for arm in arms:
        own = gates[gates["arm"] == arm]
        first = own.groupby(["seed", "surface"])["share"].max().mean()
        told.append(say.GATES_OF(arm=spoken(arm), first=f"{first:.0%}", apart=f"{apart(own):.0%}"))
    return " ".join((*told, say.GATES_EVEN(even=f"{1 / gates['expert'].max():.0%}")))


def apart(gates: pd.DataFrame) -> float:
    """Which part of their shares two surfaces give to other experts, the mean over pairs of surfaces and over seeds.

    >>> two = {"seed": [0] * 4, "surface": ["a", "a", "b", "b"], "expert": [1, 2, 1, 2]}
    >>> round(apart(pd.DataFrame({**two, "share": [0.7, 0.3, 0.4, 0.6]})), 6)
    0.3
    """
    found = []
    for _, own in gates.groupby("seed"):
        shares = own.pivot_table("share", "surface", "expert").to_numpy()
        one, other = np.triu_indices(len(shares), 1)
        found += (np.abs(shares[one] - shares[other]).sum(1) / 2).tolist()
    return float(np.mean(found)) if found else 0.0
