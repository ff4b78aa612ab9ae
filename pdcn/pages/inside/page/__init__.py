"""The Inside page: what each point of a tower keeps of its input, and then what each branch contributes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.inside import INSIDE
from pdcn.pages.inside.figures import Scale, kept_figure, measured_tower, stand_level
from pdcn.pages.inside.page.branches import rows_of, show_decoupling
from pdcn.pages.inside.work.bottleneck import in_words
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, arm_pair, reading, run_inside, take_csv
from pdcn.shell.cost import plans_of, show_cost
from pdcn.shell.figures.towers import tower_figure
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.shown_run import once, text_colour
from pdcn.words import plural, spoken

WHOLE = {"kept": "Fields kept, mean", "rank": "Effective rank", "cka": "CKA with x0"}
HELP = (
    "Fields kept: from each block a linear probe tries to read every input field back, on rows that it never saw: "
    "100% is all of the field, 0% no better than always saying the commonest value (a number: its mean). Effective "
    "rank: how many directions the block's values use. CKA: how alike the block and x0 are, 1 up to rotation and "
    "scale."
)
OFFER = (
    "Nothing was measured in this run yet: probes at every point of both towers, every branch muted, and the branches' "
    "shares through training. About half a minute for two arms of three seeds on two cores."
)


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("inside", "What happens inside the towers")
    if folder is None:
        return
    arms = arm_pair(folder)
    found = analysed(folder, INSIDE, offer=OFFER)
    plans = plans_of(folder)
    if found is None:
        _plain(plans, arms, _side(st.container()))
    else:
        side = _bottleneck(folder, found, arms)
        show_decoupling(found, arms, side)
    show_cost(plans, arms)
    st.page_link(way_to("latency"), label="What each wiring takes in milliseconds", icon=":material/speed:")


def _side(place: Any) -> str:
    return one_of("Tower", ["query", "item"], key="inside_side", place=place)


def _plain(plans: dict[str, Any], arms: tuple[str, ...], side: str) -> None:
    for column, arm in zip(st.columns(2), arms, strict=False):
        if arm in plans:
            figure = tower_figure(plans[arm][side], f"{spoken(arm)}, {side} tower", text_colour())
            column.plotly_chart(figure, key=f"inside-plain-{arm}", config={"displayModeBar": False})


def _bottleneck(folder: RunFolder, found: Tables, arms: tuple[str, ...]) -> str:
    """The towers with what each block keeps, and every field at every point; the side that was chosen."""
    st.markdown("#### Bottleneck: what is still there of the input?")
    st.caption(
        "The claim: side by side, the deep network sees the features themselves; behind the crosses it sees only "
        "what they let through."
    )
    claim = st.container()
    one, other = st.columns([1, 2], vertical_alignment="bottom")
    side = _side(one)
    said, labels = _in_words(found, side, arms)
    if len(arms) > 1:
        claim.markdown(f"**{said[0]}**")
    measure = from_list(
        "Colour by",
        [*WHOLE, *labels],
        key=f"inside_measure_{side}",
        place=other,
        width=320,
        help=HELP,
        format_func=lambda one: WHOLE.get(one) or f"field: {labels[one]}",
    )
    _kept_of_the_input(folder, found, side, arms, measure)
    what = {"fields": "Every field at every point as CSV", "points": "Every point as CSV"}
    for column, (name, label) in zip(st.columns(2), what.items(), strict=True):
        table = rows_of(found, name, arms, side).drop(columns=["place"])
        take_csv(table, f"inside-{name}-{side}", label, place=column, width="stretch")
    return side


@once
def _in_words(found: Tables, side: str, arms: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """What the probes say, of two arms the claim first; and the label of each field."""
    points, fields = rows_of(found, "points", arms, side), rows_of(found, "fields", arms, side)
    return in_words(points, arms, side), dict(zip(fields["field"], fields["label"], strict=True))


@once
def _kept_of_the_input(folder: RunFolder, found: Tables, side: str, arms: tuple[str, ...], measure: str) -> None:
    """The towers coloured by a measure, then every field at every point."""
    points, fields = rows_of(found, "points", arms, side), rows_of(found, "fields", arms, side)
    said, labels = _in_words(found, side, arms)
    plans = plans_of(folder)
    values, scale = _values(points, fields, measure, labels)
    drawn = {
        arm: measured_tower(
            plans[arm][side], f"{spoken(arm)}, {side} tower", values[values["arm"] == arm], scale, text_colour()
        )
        for arm in arms
        if arm in plans
    }
    stand_level(list(drawn.values()))
    for column, (arm, figure) in zip(st.columns(2), drawn.items(), strict=False):
        column.plotly_chart(figure, key=f"inside-tower-{arm}", config={"displayModeBar": False})
    reading(
        f"Read from the bottom: {words(scale.title)} at each block (of the head: the tower's output), mean over "
        f"seeds, in brackets before training{'; one colour scale for both towers' if len(arms) > 1 else ''}. A "
        "narrower block loses by its width alone, as a tower before training shows.",
        "whether what was lost was needed: a tower should drop what does not help to rank.",
    )
    st.markdown("\n".join(f"- {one}" for one in (said[1:] if len(arms) > 1 else said)))
    trained = fields[fields["moment"] == "trained"]
    low = Scale("share of the field kept", 0.0, 1.0, percent=True)
    for column, arm in zip(st.columns(2), arms, strict=False):
        figure = kept_figure(trained[trained["arm"] == arm], f"{spoken(arm)}, {side} tower", low)
        column.plotly_chart(figure, key=f"inside-kept-{arm}", config={"displayModeBar": False})
    reading(
        "A row a field, a column a point on the way up, from x0 on the left: the share of the field kept, mean over "
        "seeds; 100% is all of it, 0% nothing more than its commonest value or mean.",
        "what a nonlinear reader could still find.",
    )
    st.caption(words(_sample(points, fields, found["left_out"], side)))


def _values(
    points: pd.DataFrame, fields: pd.DataFrame, measure: str, labels: dict[str, str]
) -> tuple[pd.DataFrame, Scale]:
    """The chosen measure as `value` at each point, and its colour scale over all arms shown."""
    if measure in WHOLE:
        scales = {
            "kept": Scale("share of the fields kept", 0.0, 1.0, percent=True),
            "rank": Scale("effective rank", 1.0, max(2.0, float(points["rank"].max()))),
            "cka": Scale("linear CKA with x0", 0.0, 1.0),
        }
        return points.assign(value=points[measure]), scales[measure]
    own, scale = fields[fields["field"] == measure], Scale(f"share of {labels[measure]} kept", 0.0, 1.0, percent=True)
    return own.assign(value=own["score"].clip(lower=0)), scale


def _sample(points: pd.DataFrame, fields: pd.DataFrame, left_out: pd.DataFrame, side: str) -> str:
    """How many rows, how they were held out, and which fields could not be probed."""
    rows, seeds = int(points["rows"].iloc[0]), points["seed"].nunique()
    what = "test events, evenly spaced over the test part" if side == "query" else "items, the whole catalogue"
    one = fields.drop_duplicates("field")
    held = "; ".join(
        f"{split}: {plural(len(own), 'field')}" + (f" ({', '.join(own['label'])})" if len(own) <= 3 else "")
        for split, own in one.groupby("split", sort=False)
    )
    said = (
        f"{rows:,} {what}; {plural(seeds, 'seed')}. Judged on {held}. A category is read by a linear "
        "discriminant, scored (accuracy − majority) / (1 − majority); a number by ridge regression, scored R²; a score "
        "below zero counts as nothing kept. Values that a probe never met are not counted."
    )
    without = left_out[left_out["side"] == side]
    if len(without):
        said += " Left out: " + "; ".join(f"{row['label']} ({row['why']})" for row in without.to_dict("records")) + "."
    return said
