"""One cross layer by hand: numbers that can be changed, what makes each output, and the same as a polynomial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.arrays import Doubles
from pdcn.pages.cross_lab.figures.one_layer import OneLayer, one_layer_figure, short
from pdcn.pages.cross_lab.hand import words as say
from pdcn.pages.cross_lab.page.formulas import formula
from pdcn.pages.cross_lab.polynomials import Polynomial, degree, latex, layers_of, number_of
from pdcn.shell.inputs import number_input, number_standing, one_of, slider, toggle
from pdcn.shell.parts import further, lead, measured, remark, unfolded
from pdcn.shell.shown_run import text_colour
from pdcn.shell.terms import with_terms
from pdcn.words import listed, plural

NAMES = [str(name) for name in say.NAMES]
X0, W, B = (2.0, 1.0, 3.0), ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.0, 0.0)), (0.0, 0.0, 0.0)
"""Where the numbers stand at first: young reads evening, evening reads snack, snack reads young."""
LARGEST, STEP = 9.0, 0.5
LAYERS, RANK = 3, 2
NAME_WIDTH, BOX_WIDTH = 62, 60
"""Pixels of the names and boxes of W and b: beside each other on a telephone, too."""
SHOWN = 8
"""Terms of a formula that are shown."""
FIGURE = "hand-layer-figure"


@dataclass(frozen=True)
class Asked:
    """What was set: the numbers, the output to follow (its row), the layer, and whether a layer multiplies with what it
    reads."""

    x0: Doubles
    W: Doubles
    b: Doubles
    row: int
    layer: int
    itself: bool


def draw() -> None:
    """Draw this part of the page."""
    line = st.container()
    left, right = st.columns([2, 3], gap="large")
    with left:
        x0, W, b = _numbers()
    with right:
        row, layer, itself = _choices()
        asked = Asked(x0, W, b, row, layer, itself)
        exact = layers_of(W, b, LAYERS, itself)
        _layer(asked, exact[layer][row], line)
    _degrees(asked)
    _direction(asked)
    _forms(asked)
    measured(*say.MEASURED, label=say.HOW)


def _numbers() -> tuple[Doubles, Doubles, Doubles]:
    """The boxes of x0, and of W with b beside it."""
    st.markdown(with_terms(say.SHOPPER))
    x0 = [
        number_input(place, name, -LARGEST, LARGEST, value, key=f"hand_x_{name}", step=STEP, format="%g")
        for place, name, value in zip(st.columns(len(NAMES)), NAMES, X0, strict=True)
    ]
    st.markdown(with_terms(say.WEIGHTS))
    rows = []
    heading = st.container(horizontal=True, gap="xsmall")
    for name, width in zip(["", *NAMES, say.B], [NAME_WIDTH, *[BOX_WIDTH] * (len(NAMES) + 1)], strict=True):
        heading.markdown(name or "\u00a0", width=width)
    for i, name in enumerate(NAMES):
        row = st.container(horizontal=True, gap="xsmall", vertical_alignment="center")
        row.markdown(name, width=NAME_WIDTH)
        rows.append([_cell(row, i, j) for j in range(len(NAMES) + 1)])
    whole = np.array(rows)
    remark(say.STORY)
    return np.array(x0), whole[:, :-1], whole[:, -1]


def _cell(place: Any, i: int, j: int) -> float:
    """The box of one weight, or of the bias of its row."""
    how: dict[str, Any] = {"step": STEP, "label_visibility": "collapsed", "width": BOX_WIDTH, "format": "%g"}
    if j == len(NAMES):
        label, value = say.B_OF(row=NAMES[i]), B[i]
        return float(number_input(place, label, -LARGEST, LARGEST, value, key=f"hand_b_{NAMES[i]}", **how))
    label, key = say.W_OF(row=NAMES[i], column=NAMES[j]), f"{NAMES[i]}_{NAMES[j]}"
    return float(number_input(place, label, -LARGEST, LARGEST, W[i][j], key=f"hand_w_{key}", **how))


def _choices() -> tuple[int, int, bool]:
    """Which output is followed, after how many layers, and what the layers multiply with."""
    row = st.container(horizontal=True, gap="medium", vertical_alignment="bottom")
    name = one_of(say.OUTPUT, NAMES, key="hand_out", place=row)
    layer = one_of(say.LAYER, [*range(1, LAYERS + 1)], key="hand_layer", place=row)
    itself = toggle(say.ITSELF, key="hand_itself", place=row, help=say.ITSELF_HELP)
    return NAMES.index(name), layer, itself


def _layer(asked: Asked, exact: Polynomial, line: Any) -> None:
    """The chosen layer number by number, the sum that makes the output, and the output as a polynomial."""
    from pdcn.pages.cross_lab.work.by_hand import outputs

    found = outputs(asked.x0, asked.W, asked.b, asked.layer, asked.itself)  # (layer + 1, D)
    read, made = found[-2], found[-1]
    times = read if asked.itself else asked.x0
    name, value, reached = NAMES[asked.row], short(made[asked.row]), degree(exact)
    told = {"layers": plural(asked.layer, "layer"), "name": name, "value": value}
    with line:
        lead(
            say.LEAD(**told, terms=plural(len(exact), "term"), degree=reached)
            if reached > 1
            else say.LEAD_ALONE(**told)
        )
    one = OneLayer(NAMES, times, asked.W, asked.b, read, made)
    st.plotly_chart(
        one_layer_figure(one, asked.layer, asked.row, asked.itself, text=text_colour(), key=FIGURE),
        key=FIGURE,
        config={"displayModeBar": False},
        on_select=_pressed,
        selection_mode="points",
    )
    formula("hand-sum", _sum(one, asked.row, asked.layer))
    st.markdown(with_terms(say.AS_FORMULA))
    formula("hand-polynomial", rf"\text{{{name}}}_{{{asked.layer}}} = {latex(exact, _letters(), SHOWN)}")
    if len(exact) > SHOWN:
        remark(say.CUT(shown=SHOWN, all=len(exact)))


def _pressed() -> None:
    """Follow the output that was pressed in the figure."""
    points = st.session_state[FIGURE]["selection"]["points"]
    if points:
        st.session_state["hand_out"] = NAMES[int(np.ravel(points[0]["customdata"])[0])]


def _letters() -> list[str]:
    return [rf"\text{{{name}}}" for name in NAMES]


def _sum(one: OneLayer, row: int, layer: int) -> str:
    """The sum that makes an output, as a formula with its numbers: what is read with a weight of 0 is left out."""
    parts = [rf"{_signed(w)} \cdot {_signed(x)}" for w, x in zip(one.W[row], one.read, strict=True) if w]
    if one.b[row] or not parts:
        parts.append(_signed(one.b[row]))
    inner = " + ".join(parts)
    made, before = number_of(one.made[row]), _signed(one.read[row])
    return (
        rf"\text{{{NAMES[row]}}}_{{{layer}}} = {_signed(one.times[row])} \cdot \left({inner}\right) + {before} = {made}"
    )


def _signed(value: float) -> str:
    """A number as a factor: in brackets where it is negative."""
    return rf"({number_of(value)})" if value < 0 else number_of(value)


def _degrees(asked: Asked) -> None:
    both = [layers_of(asked.W, asked.b, LAYERS, itself) for itself in (False, True)]
    most = [max(map(degree, own[LAYERS])) for own in both]

    def inside() -> None:
        st.markdown(with_terms(say.DEGREES_WHY))
        formula("hand-x0", r"\text{Cross}(x_0, x):\; x_{l+1} = x_0 \odot (W x_l + b) + x_l")
        formula("hand-x", r"\text{Cross}(x, x):\; x_{l+1} = x_l \odot (W x_l + b) + x_l")
        rows = [
            {
                say.COLUMNS["layer"]: layer,
                say.COLUMNS["name"]: name,
                say.COLUMNS["degree"]: degree(both[0][layer][at]),
                say.COLUMNS["terms"]: len(both[0][layer][at]),
                say.COLUMNS["itself"]: degree(both[1][layer][at]),
                say.COLUMNS["itself_terms"]: len(both[1][layer][at]),
            }
            for layer in range(LAYERS + 1)
            for at, name in enumerate(NAMES)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)

    further("degrees", say.DEGREES, say.DEGREES_FOUND(ours=most[0], itself=most[1]), inside)


def _direction(asked: Asked) -> None:
    from pdcn.pages.cross_lab.work.by_hand import outputs

    pairs = {say.PAIR(row=NAMES[i], column=NAMES[j]): (i, j) for i, j in combinations(range(len(NAMES)), 2)}

    def inside() -> None:
        i, j = pairs[one_of(say.SWAP_PAIR, [*pairs], key="hand_swap")]
        other = asked.W.copy()
        other[i, j], other[j, i] = asked.W[j, i], asked.W[i, j]
        one, two = (outputs(asked.x0, W, asked.b, 1)[1] for W in (asked.W, other))
        changed = [name for name, before, after in zip(NAMES, one, two, strict=True) if before != after]
        st.markdown(with_terms(say.SWAP_CHANGED(names=listed(changed)) if changed else say.SWAP_SAME))
        st.dataframe(_table({say.AS_IT_IS: one, say.SWAPPED: two}), hide_index=True)
        st.markdown(with_terms(say.SWAP_WHY))

    further("swap", say.SWAP, say.SWAP_FOUND(row=NAMES[0], column=NAMES[1]), inside)


def _table(columns: dict[str, Doubles]) -> pd.DataFrame:
    """Outputs in rows, with their names."""
    return pd.DataFrame({str(say.NUMBER): NAMES, **{str(name): [*map(short, own)] for name, own in columns.items()}})


def _forms(asked: Asked) -> None:
    from pdcn.pages.cross_lab.work.by_hand import gated, mixed, outputs, shortened

    full = outputs(asked.x0, asked.W, asked.b, 1)[1]

    def finding() -> str:
        rank = int(number_standing("hand_rank", 1, len(NAMES), RANK))
        low = shortened(asked.x0, asked.W, asked.b, rank)
        found = say.FORMS_FOUND(rank=rank, moved=short(float(np.abs(low.x1 - full).max())))
        return f"**{say.FORMS}** {found}"

    def inside() -> None:
        one, two = st.columns(2)
        rank = slider(say.RANK, 1, len(NAMES), RANK, key="hand_rank", place=one)
        sharp = slider(say.GATE, 0.0, 2.0, 0.5, 0.25, key="hand_gate", place=two)
        low = shortened(asked.x0, asked.W, asked.b, rank)
        mixture, shares = mixed(asked.x0, asked.W, asked.b, sharp)
        through, gates = gated(asked.x0, asked.W, asked.b, sharp)
        known: dict[str, Any] = {
            "shares": listed(f"{share:.0%}" for share in shares),
            "gates": listed(f"{gate:.2f}" for gate in gates),
            "lost": f"{low.lost / (np.linalg.norm(asked.W) or 1):.0%}",
        }
        made: Sequence[Doubles] = (full, low.x1, mixture, through)
        for form, written in FORMULAS.items():
            st.markdown(with_terms(say.FORM_WORDS[form](rank=rank, **known)))
            formula(f"hand-{form}", written)
        table = [
            {say.FORM_COLUMN: name, **dict(zip(NAMES, map(short, own), strict=True))}
            for name, own in zip(say.FORM_NAMES.values(), made, strict=True)
        ]
        st.dataframe(pd.DataFrame(table), hide_index=True)
        st.markdown(with_terms(say.FORM_NOTE))
        st.markdown(with_terms(say.PRICE))

    unfolded("further-forms", finding, inside)


FORMULAS = {
    "full": r"x_1 = x_0 \odot (W x_0 + b) + x_0",
    "low": r"x_1 = x_0 \odot (U (V^\top x_0) + b) + x_0",
    "mixture": r"x_1 = \sum_i G_i(x_0)\; x_0 \odot (U_i (V_i^\top x_0) + b) + x_0",
    "gated": r"x_1 = x_0 \odot (W x_0 + b) \odot \sigma(G x_0) + x_0",
}
"""The forms of a layer, as they act on x0."""
