"""The Inside page: what each point of a tower keeps of its input, and then what each branch contributes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.inside import INSIDE
from pdcn.pages.inside import words as say
from pdcn.pages.inside.figures import Scale, kept_figure, measured_tower, stand_level
from pdcn.pages.inside.page.branches import drops_reading, rows_of, show_changed, show_more
from pdcn.pages.inside.page.gates import show_gates
from pdcn.pages.inside.page.sequences import show_sequences
from pdcn.pages.inside.work.bottleneck import in_words
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, arm_pair, run_inside, take_csv
from pdcn.shell.cost import plans_of, show_cost
from pdcn.shell.figures.towers import tower_figure
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import lead, measured, remark, unfolded
from pdcn.shell.shown_run import once, text_colour
from pdcn.shell.terms import with_terms
from pdcn.words import plural, spoken


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("inside", say.TITLE, towers=False)
    if folder is None:
        return
    arms = arm_pair(folder)
    # in one place before and after it is measured: a browser that moves a widget forgets to keep the address
    first, row = st.container(), st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    plans = plans_of(folder)
    there = [*next(iter(plans.values()), ("query", "item"))]
    side = there[0]
    if len(there) > 1:
        side = one_of(say.TOWER, there, key="inside_side", place=row, help=say.TOWER_HELP)
    found = analysed(folder, INSIDE, offer=say.OFFER)
    if found is None:
        _plain(plans, arms, side)
    else:
        measure = _kept(folder, found, arms, side, first, row)
        show_changed(found, arms)
        unfolded("inside-every-field", say.EVERY_FIELD, _fields_and_tables, found, side, arms)
        show_more(found, arms, side)
        show_gates(found, arms, side)
        show_sequences(found, arms, side)
    unfolded("inside-cost", say.COST, show_cost, plans, arms)
    if found is not None:
        _measured(found, side, arms, measure)
    st.page_link(way_to("latency"), label=say.LATENCY, icon=":material/speed:")


def _plain(plans: dict[str, Any], arms: tuple[str, ...], side: str) -> None:
    for column, arm in zip(st.columns(2), arms, strict=False):
        if arm in plans:
            figure = tower_figure(plans[arm][side], say.TOWER_TITLE(arm=spoken(arm), side=side), text_colour())
            column.plotly_chart(figure, key=f"inside-plain-{arm}", config={"displayModeBar": False})


def _kept(folder: RunFolder, found: Tables, arms: tuple[str, ...], side: str, first: Any, row: Any) -> str:
    """The towers with what each block keeps, the lead at `first`; the measure that is chosen in `row`."""
    said, labels = _in_words(found, side, arms)
    with first:
        lead(words(said[0]))
    measure = from_list(
        say.COLOUR_BY,
        [*say.COLOURS, *labels],
        key=f"inside_measure_{side}",
        place=row,
        width=320,
        help=say.COLOUR_HELP,
        format_func=lambda one: say.COLOURS.get(one) or say.FIELD(label=labels[one]),
    )
    _towers(folder, found, side, arms, measure)
    return measure


def _measured(found: Tables, side: str, arms: tuple[str, ...], measure: str) -> None:
    """How the towers' colours come about, and what the figures below do not show."""
    fields = rows_of(found, "fields", arms, side)
    labels = _in_words(found, side, arms)[1]
    scale = _values(rows_of(found, "points", arms, side), fields, measure, labels)[1]
    differences = [drops_reading(found, arms)] if len(rows_of(found, "drops", arms)) else []
    measured(say.READING(measure=words(scale.title)), say.CLAIM_KEPT, *differences, say.CLAIM_WITHOUT)


@once
def _in_words(found: Tables, side: str, arms: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """What the probes say, of two arms the claim first; and the label of each field."""
    points, fields = rows_of(found, "points", arms, side), rows_of(found, "fields", arms, side)
    return in_words(points, arms, side), dict(zip(fields["field"], fields["label"], strict=True))


@once
def _towers(folder: RunFolder, found: Tables, side: str, arms: tuple[str, ...], measure: str) -> None:
    """The towers coloured by a measure."""
    points, fields = rows_of(found, "points", arms, side), rows_of(found, "fields", arms, side)
    plans = plans_of(folder)
    values, scale = _values(points, fields, measure, _in_words(found, side, arms)[1])
    drawn = {
        arm: measured_tower(
            plans[arm][side],
            say.TOWER_TITLE(arm=spoken(arm), side=side),
            values[values["arm"] == arm],
            scale,
            text_colour(),
        )
        for arm in arms
        if arm in plans
    }
    stand_level(list(drawn.values()))
    for column, (arm, figure) in zip(st.columns(2), drawn.items(), strict=False):
        column.plotly_chart(figure, key=f"inside-tower-{arm}", config={"displayModeBar": False})
    remark(say.FROM_THE_BOTTOM(measure=words(scale.title)))


def _fields_and_tables(found: Tables, side: str, arms: tuple[str, ...]) -> None:
    _every_field(found, side, arms)
    what = {"fields": say.FIELDS_CSV, "points": say.POINTS_CSV}
    for column, (name, label) in zip(st.columns(2), what.items(), strict=True):
        table = rows_of(found, name, arms, side).drop(columns=["place"])
        take_csv(table, f"inside-{name}-{side}", label, place=column, width="stretch")


@once
def _every_field(found: Tables, side: str, arms: tuple[str, ...]) -> None:
    """What the probes say of each arm, and every field at every point."""
    points, fields = rows_of(found, "points", arms, side), rows_of(found, "fields", arms, side)
    said = _in_words(found, side, arms)[0]
    st.markdown(with_terms("\n".join(f"- {words(one)}" for one in said[1:])))
    trained = fields[fields["moment"] == "trained"]
    low = Scale(say.SCALE_OF_FIELDS, 0.0, 1.0, percent=True)
    for column, arm in zip(st.columns(2), arms, strict=False):
        title = say.TOWER_TITLE(arm=spoken(arm), side=side)
        figure = kept_figure(trained[trained["arm"] == arm], title, low)
        column.plotly_chart(figure, key=f"inside-kept-{arm}", config={"displayModeBar": False})
    remark(say.EVERY_FIELD_READING)
    st.caption(with_terms(words(_sample(points, fields, found["left_out"], side))))


def _values(
    points: pd.DataFrame, fields: pd.DataFrame, measure: str, labels: dict[str, str]
) -> tuple[pd.DataFrame, Scale]:
    """The chosen measure as `value` at each point, and its colour scale over all arms shown."""
    if measure in say.COLOURS:
        scales = {
            "kept": Scale(say.SCALES["kept"], 0.0, 1.0, percent=True),
            "rank": Scale(say.SCALES["rank"], 1.0, max(2.0, float(points["rank"].max()))),
            "cka": Scale(say.SCALES["cka"], 0.0, 1.0),
        }
        return points.assign(value=points[measure]), scales[measure]
    own, scale = (
        fields[fields["field"] == measure],
        Scale(say.SCALE_OF_FIELD(label=labels[measure]), 0.0, 1.0, percent=True),
    )
    return own.assign(value=own["score"].clip(lower=0)), scale


def _sample(points: pd.DataFrame, fields: pd.DataFrame, left_out: pd.DataFrame, side: str) -> str:
    """How many rows, how they were held out, and which fields could not be probed."""
    one = fields.drop_duplicates("field")
    held = [
        say.SPLIT_NAMED(split=split, fields=plural(len(own), "field"), names=", ".join(own["label"]))
        if len(own) <= 3
        else say.SPLIT(split=split, fields=plural(len(own), "field"))
        for split, own in one.groupby("split", sort=False)
    ]
    sample = say.ITEMS_SAMPLE if side == "item" else say.EVENTS_SAMPLE
    seeds = plural(points["seed"].nunique(), "seed")
    said = [sample(rows=int(points["rows"].iloc[0]), seeds=seeds, split="; ".join(held)), say.PROBES]
    without = left_out[left_out["side"] == side]
    if len(without):
        fields_out = (say.LEFT_OUT_FIELD(label=row["label"], why=row["why"]) for row in without.to_dict("records"))
        said.append(say.LEFT_OUT(fields="; ".join(fields_out)))
    return " ".join(said)
