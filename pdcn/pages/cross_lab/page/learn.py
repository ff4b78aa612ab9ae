"""Can it learn this function? A polynomial is typed or chosen; four kinds of models are trained on it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.pages.cross_lab.figures.learned import errors_figure, weights_figure
from pdcn.pages.cross_lab.learn import words as say
from pdcn.pages.cross_lab.learn.recipe import LEARN, place, settings_of
from pdcn.pages.cross_lab.page.formulas import formula
from pdcn.pages.cross_lab.polynomials import FEATURES, Polynomial, degree, latex, read, terms_of
from pdcn.shell.analysis_view import analysed
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import from_list, labelled
from pdcn.shell.parts import explaining, finding, further, lead, measured, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import text_colour
from pdcn.shell.terms import with_terms
from pdcn.words import capital, duration, listed, plural

TYPED = {
    "f2": "x1^2 + 0.1*x1*x2 + x2*x3 + 0.1*x3^2",
    "f1": "x1^2 + x1*x2 + x3*x1 + x4*x1",
    "toy": "0.1*x1 + 0.4*x2 + 0.7*x3 + 0.1*x1*x2 + 3.1*x2*x3 + 0.1*x3^2",
}
"""Functions that are trained on here, as the paper and the tutorial of TFRS write them."""
OWN, FIRST = "own", "2*x1*x2 + x1*x2*x3"
OF_STUDY = {
    "f3": r"f_3(x) = \sum_{(i, j) \in S} w_{ij}\, x_i x_j, \quad x \in \mathbb{R}^{100}, \; |S| = 100",
    "orders 1-4": r"f(x) = w^\top x + \sum_{a} w_a\, x^{a} + 0.1 \sin(2\, w_s^\top x + 0.1) + 0.01\, \varepsilon",
}
"""Functions of the study that comes with the project, which are too long to be typed, with their formulas."""
HELD = 1e-3
"""A function counts as learned where the error is less than so much of how far it deviates."""
ROUNDING = 1e-12
"""Errors below this are those of numbers with sixteen digits: the function itself was learned exactly."""
APART = 10
"""Errors that differ by more than this factor are told."""
PLAIN: dict[str, Any] = {"displayModeBar": False}


def draw() -> None:
    """Draw this part of the page."""
    line = st.container()
    left, right = st.columns([2, 3], gap="large", vertical_alignment="bottom")
    options = [*say.CHOICES]
    with left:
        chosen = labelled(
            key="learn_of",
            unseen=partial(from_list, say.FUNCTION, options, told=True),
            seen=partial(st.selectbox, say.FUNCTION, options, format_func=say.CHOICES.get),
        )
    if chosen in OF_STUDY:
        with right:
            formula("learn-function", OF_STUDY[chosen])
        _of_the_paper(chosen, line)
        return
    typed = TYPED.get(chosen, "")
    if chosen == OWN:
        typed = right.text_input(
            say.OWN, FIRST, max_chars=200, key="learn_f", bind="query-params", help=with_picture(say.OWN_HELP)
        )
    polynomial = read(typed)
    with st.container() if chosen == OWN else right:
        formula("learn-function", f"y = {_formula(polynomial)}")
    _trained(polynomial, line)


def _formula(polynomial: Polynomial, most: int = 10) -> str:
    return latex(polynomial, [f"x_{at + 1}" for at in range(FEATURES)], most)


def _trained(polynomial: Polynomial, line: Any) -> None:
    """Errors by depth beside weights and coefficients; while they are trained the coefficients alone."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        found = analysed(place(), LEARN, say.PRESS, _errors_so_far, offer=say.OFFER, **settings_of(polynomial))
    if found is None:
        with line:
            lead(say.QUESTION)
        _weights(_true(polynomial), say.WAITS, right)
        return
    errors = found["errors"]
    with line:
        _lead(errors)
    best = errors.sort_values("rmse")["model"].iloc[0]
    left.plotly_chart(
        errors_figure(errors, key="learn-errors"),
        key="learn-errors",
        alt=say.FIGURE_ALT(best=say.LEGEND[str(best)]),
        config=PLAIN,
    )
    left.caption(with_terms(say.READ))
    if said := deeper(errors):
        left.caption(with_terms(said))
    _weights(found["weights"], say.HIGHER if degree(polynomial) > 2 else say.WEIGHTS_NOTE, right)
    _numbers(errors)
    _measured()


def deeper(errors: pd.DataFrame) -> str:
    """Why DCN-V2 errs more with more layers, where it does; nothing where it does not, or where only rounding does."""
    from pdcn.pages.cross_lab.work.learning import GOOD
    from pdcn.research.fitting import STEPS

    rows = errors[errors["model"] == "DCN-V2"]
    ours = dict(zip(rows["layers"].tolist(), rows["rmse"].tolist(), strict=True))
    fewest = min(ours, key=ours.__getitem__)
    worse = [layers for layers in ours if layers > fewest and ours[layers] > max(ours[fewest], GOOD)]
    if not worse:
        return ""
    told = {"deeper": plural(worse[0], "layer"), "fewer": plural(fewest, "layer")}
    return say.DEEPER(**told, steps=STEPS)


def _errors_so_far(tables: dict[str, pd.DataFrame]) -> None:
    st.plotly_chart(errors_figure(tables["errors"], key="learn-errors"), key="learn-so-far", config=PLAIN)


def _lead(errors: pd.DataFrame) -> None:
    """What the errors say: the fewest layers with which DCN-V2 holds the function, if any."""
    least = errors.groupby("model")["rmse"].min()
    told = {"dnn": _error(least["DNN"]), "large": _error(least["DNN, large"])}
    ours = errors[errors["model"] == "DCN-V2"]
    held = ours[ours["rmse"] < HELD * ours["spread"]]
    if held.empty:
        lead(say.LEAD_NOT(ours=_error(least["DCN-V2"]), **told))
    else:
        first = held.iloc[0]
        lead(say.LEAD_HOLDS(layers=plural(int(first["layers"]), "layer"), ours=_error(first["rmse"]), **told))


def _error(value: float) -> str:
    """An error as a sentence says it, and where it is as small as the arithmetic's own, that this is all it is.

    >>> _error(0.0153), _error(3.6e-16)
    ('0.015', '3.6e-16 (nothing but rounding)')
    """
    return say.ROUNDED(error=f"{value:.2g}") if value < ROUNDING else f"{value:.2g}"


def _true(polynomial: Polynomial) -> pd.DataFrame:
    """The coefficients of the pairs and of the features alone, in the form of `work.learning.beside`."""
    terms = {term: factor for factor, term in terms_of(polynomial)}
    width = max(2, 1 + max(map(max, terms)))
    places = [(i, -1) for i in range(width)] + [(i, j) for i in range(width) for j in range(i, width)]
    rows = [{"one": i, "other": j, "true": terms.get((i,) if j < 0 else (i, j), 0.0)} for i, j in places]
    return pd.DataFrame(rows)


def _weights(rows: pd.DataFrame, below: str, where: Any) -> None:
    off = (rows["learned"] - rows["true"]).abs().max() if "learned" in rows else 0.0
    with where:
        finding(say.WEIGHTS_FOUND(off=f"{off:.2g}") if "learned" in rows else say.WEIGHTS_TITLE)
    where.plotly_chart(
        weights_figure(rows, text=text_colour(), key="learn-weights"),
        key="learn-weights",
        alt=say.WEIGHTS_ALT(off=f"{off:.2g}"),
        config=PLAIN,
    )
    where.caption(with_terms(below))


def _of_the_paper(chosen: str, line: Any) -> None:
    """Errors of models that are trained here, beside those of our study and those that were published."""
    from pdcn.pages.cross_lab.learn.paper import DEPTHS, PAPER, seconds
    from pdcn.research.synthetic import NAME, bundled_frame

    every = bundled_frame()
    if every is None:
        st.info(say.NO_STUDY(command=f"`python -m pdcn study {NAME}`"))
        return
    rows = every[every["target"] == chosen]
    left, right = st.columns(2, gap="large")
    with right:
        finding(say.STUDY_TITLE)
    right.plotly_chart(errors_figure(rows, key="learn-study"), key="learn-study", config=PLAIN)
    right.caption(with_terms(say.STUDY_READ))
    known = {"most": plural(max(DEPTHS), "layer"), "time": duration(sum(seconds(chosen)))}
    with left:
        finding(say.LIVE_TITLE)
        found = analysed(place(), PAPER, say.PRESS, _errors_so_far, offer=say.PAPER_OFFER(**known), function=chosen)
    with line:
        lead(_of_the_study(chosen, rows) if found is None else _of_the_training(chosen, found["errors"]))
    if found is not None:
        left.plotly_chart(errors_figure(found["errors"], key="learn-errors"), key="learn-errors", config=PLAIN)
        left.caption(with_terms(_how_trained(chosen)))
        if said := deeper(found["errors"]) if chosen == "f3" else "":
            left.caption(with_terms(said))
        if "weights" in found:
            _weights(found["weights"], say.WEIGHTS_WIDE, st.container())
    _who_differs(rows)
    if found is not None:
        _numbers(found["errors"])


def _of_the_study(chosen: str, rows: pd.DataFrame) -> str:
    """What our study found of a function, in a sentence."""
    best = rows[rows["model"] == "DCN-V2"].sort_values("rmse").iloc[0]
    known = {"layers": plural(int(best["layers"]), "layer"), "ours": _error(best["rmse"])}
    mlp = _error(rows[rows["model"].str.startswith("DNN")]["rmse"].min())
    told = say.STUDY_LEAD[chosen]
    return told(**{name: {**known, "mlp": mlp}[name] for name in told.gaps})


def _of_the_training(chosen: str, errors: pd.DataFrame) -> str:
    """What was trained here says of a function, in a sentence."""
    least = errors.groupby("model")["rmse"].min()
    best = errors[errors["model"] == "DCN-V2"].sort_values("rmse").iloc[0]
    told = {"ours": _error(best["rmse"]), "dnn": _error(least["DNN"]), "large": _error(least["DNN, large"])}
    held = best["rmse"] < HELD * best["spread"]
    return (say.LIVE_HOLDS if held else say.LIVE_NEAREST)(layers=plural(int(best["layers"]), "layer"), **told)


def _how_trained(chosen: str) -> str:
    """How to read what was trained here."""
    from pdcn.research.targets import TARGETS

    noise = TARGETS[chosen](np.random.default_rng(0)).noise
    return " ".join([say.LIVE_READ, *([say.NOISE(noise=f"{noise:g}")] if noise else [])])


def _who_differs(rows: pd.DataFrame) -> None:
    """Which of our errors are far from the published ones, and why."""
    apart = far_apart(rows)
    who = [
        say.DIFFERS(
            model=say.LEGEND[str(row["model"])],
            layers=plural(int(row["layers"]), "layer"),
            ours=_error(row["rmse"]),
            published=_error(row["published"]),
        )
        for _, row in apart.iterrows()
    ]

    def inside() -> None:
        st.markdown(with_terms(say.DIFFER_WHY))
        st.page_link(way_to("findings"), label=say.SEE_FINDINGS, icon=":material/lightbulb:")

    further("apart", say.DIFFER, say.DIFFER_SOME(who=capital(listed(who))) if who else say.DIFFER_NONE, inside)


def _numbers(errors: pd.DataFrame) -> None:
    numbers = explaining(errors, {name: {"format": "%.2g"} for name in ("rmse", "spread")})
    unfolded("learn-numbers", say.NUMBERS, partial(st.dataframe, errors, hide_index=True, column_config=numbers))


def far_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose published error is more than ten times ours, or less than a tenth of it."""
    ratio = rows["rmse"] / rows["published"]
    return rows[(ratio > APART) | (ratio < 1 / APART)]


def _measured() -> None:
    from pdcn.pages.cross_lab.work.learning import OTHERWISE, PLANS

    (small, batch, _), (large, _, _) = PLANS["DNN"], PLANS["DNN, large"]
    known = {"tries": OTHERWISE, "small": f"{small:,}", "large": f"{large:,}", "batch": batch}
    measured(*(words(**{name: known[name] for name in words.gaps}) for words in say.MEASURED))
