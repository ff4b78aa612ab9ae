"""The open questions and what our studies say to each: the question, one line, one picture, the rest folded."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.causes import PATH, SOURCES
from pdcn.evaluation.verdict import UNITS
from pdcn.pages.findings import words as say
from pdcn.pages.findings.figures import pareto_figure, synthetic_figure
from pdcn.research import projections
from pdcn.research.answers import (
    beside_the_claim,
    called,
    cause_steps,
    changes,
    details,
    interval,
    metric_of,
    part_of,
    rows_of,
    sentences,
    tally,
)
from pdcn.research.findings import FINDINGS, FOLDER, Finding, bundled
from pdcn.research.synthetic import NAME, bundled_frame
from pdcn.research.synthetic import answer as paper_sentences
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.parts import explaining, lead, remark, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import once, shown_run, stamps
from pdcn.tasks.base import Metric
from pdcn.wirings import WIRINGS
from pdcn.words import capital, chance, minus, percent, plural, points, span, spoken

SPLIT = (2, 3)
"""How the words and the picture of a question share the width."""
WHOLE_ANSWER = "whole-"
"""How the keys of the folds begin."""


def draw() -> None:
    """Every finding, one below the other: what is answered first, then what is not."""
    files = stamps(*sorted(FOLDER.glob("*.json")))
    answered = _title(files)
    for place, name in enumerate(sorted(FINDINGS, key=lambda name: name not in answered), 1):
        _question(place, name, files)
        if name in answered:
            _whole(name, files)
    if _projections(files):
        _projections_whole(files)
    if _paper(files):
        _paper_whole(files)
    _published(files)
    shown_run()  # none is shown here, but the address and the menu keep it


@once
def _title(files: list[tuple[str, int]]) -> list[str]:
    """What leads the page, as long as the files are the same; the questions that have an answer."""
    st.title(say.TITLE, anchor=False)
    if cause := bundled("cause"):
        lead(f"**{sentences(FINDINGS['cause'], cause)[0]}**")
    return [name for name in FINDINGS if bundled(name)]


@once
def _question(place: int, name: str, files: list[tuple[str, int]]) -> None:
    """A question with its answer, or how it gets one."""
    finding, record = FINDINGS[name], bundled(name)
    if record is None:
        _heading(place, finding)
        st.markdown(say.NOT_RUN(command=f"`python -m pdcn study {name}`"))
    else:
        _show(place, finding, record)


@once
def _published(files: list[tuple[str, int]]) -> None:
    """What others claimed, and how often ours agree."""
    found = {name: record for name in FINDINGS if (record := bundled(name))}
    st.divider()
    st.header(say.PUBLISHED, anchor="published")
    st.markdown(say.CLAIMED)
    if "cause" in found:
        st.markdown(beside_the_claim(found["cause"]))
    _count([{**record, "rows": rows_of(FINDINGS[name], record)} for name, record in found.items()])


def _heading(place: int, finding: Finding) -> None:
    st.header(say.QUESTION(place=place, question=finding.question), anchor=finding.name)


def _count(records: list[dict[str, Any]]) -> None:
    counts = tally(records)
    if not any(counts.values()):
        return
    st.markdown(say.COUNTS(settings=plural(sum(counts.values()), "setting")))
    row = st.container(horizontal=True, gap="large")
    for verdict, number in counts.items():
        row.metric(verdict, number, width="content", help=with_picture(say.COUNT_HELP))


def _show(place: int, finding: Finding, record: dict[str, Any]) -> None:
    """The question and its answer in a line beside their picture."""
    rows = pd.DataFrame(rows_of(finding, record))
    told = sentences(finding, record)
    left, right = st.columns(SPLIT, gap="medium")
    with left:
        _heading(place, finding)
        if finding.kind == "cause":  # its first sentence leads the page
            st.markdown(" ".join(told[1:]))
        else:
            st.markdown(f"**{told[0]}**")
        if place == 1:
            remark(say.HOW_TO_READ)
    with right:
        figure = _picture(finding, rows)
        st.plotly_chart(figure, key=f"finding-{finding.name}", config={"displayModeBar": False})


@st.fragment
def _whole(name: str, files: list[tuple[str, int]]) -> None:
    """All else that is to say to a question, made and drawn once somebody opens it: it is most of the page."""
    with unfolded(f"{WHOLE_ANSWER}{name}", say.FOLD(question=FINDINGS[name].question)) as opened:
        if opened:
            _inside(name, files)


@once
def _inside(name: str, files: list[tuple[str, int]]) -> None:
    finding, record = FINDINGS[name], bundled(name)
    if record is None:
        return
    st.markdown(finding.why)
    for said in [*sentences(finding, record), *details(finding, record)]:
        st.markdown(f"- {said}")
    st.markdown(say.GROUPS)
    say_version(record)
    _more_pictures(finding, pd.DataFrame(rows_of(finding, record)))
    _numbers(finding, record)


def _picture(finding: Finding, rows: pd.DataFrame) -> Any:
    """The one picture of a question: of the cause its steps, of arms each against the first, else the first pair."""
    metric, (arm, held) = metric_of(rows.to_dict("records")[0]), finding.pairs[0]
    if finding.kind == "cause":
        return forest_figure(_by_step(rows), key=finding.name, name=say.STEPS_AXIS(metric=metric))
    if finding.kind == "arms":
        own = rows[rows["against"] == held]
        return forest_figure(own.assign(label=own["arm"].map(_name)), key=finding.name, name=_minus(metric, held))
    if finding.kind in ("levels", "parts"):
        own = rows[rows["arm"] == rows["against"]]
        own = own.assign(label=[part_of(row) for row in own.to_dict("records")]) if finding.kind == "parts" else own
        return forest_figure(_labelled(own), key=finding.name, name=say.HELD[finding.kind](metric=metric))
    own = rows[(rows["arm"] == arm) & (rows["against"] == held)]
    name = say.PAIR(metric=metric, arm=spoken(arm), held=spoken(held))
    return forest_figure(_labelled(own), key=finding.name, name=name)


def _minus(metric: Metric, held: str) -> str:
    return say.MINUS(metric=metric, held=spoken(held))


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """With labels as a person says them."""
    return rows.assign(label=rows["label"].map(called))


def _by_step(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the cause the whole and each step, on all data on which they raced; a group a step."""
    equal = rows.groupby(["group", "arm", "against"], sort=False).head(1)  # later rows are of other budgets
    pairs = [(PATH[-1], PATH[0]), *zip(PATH[1:], PATH, strict=False)]
    parts = []
    for name, (arm, against) in zip((say.WHOLE, *map(capital, SOURCES)), pairs, strict=True):
        own = equal[(equal["arm"] == arm) & (equal["against"] == against)]
        parts.append(own.assign(label=own["group"], group=name))
    return pd.concat(parts)


def _more_pictures(finding: Finding, rows: pd.DataFrame) -> None:
    """What else raced for this question: of the cause what adds up, and every arm; of all others every other pair."""
    metric = metric_of(rows.to_dict("records")[0])
    shown: list[tuple[str, Any]] = []
    if finding.kind == "cause":
        shown += _waterfalls(rows)
        for group, own in rows.groupby("group", sort=False):
            part = own[own["against"] == finding.pairs[0][1]]
            part = part[part["label"] == part["label"].iloc[0]]
            title = say.ARMS_TITLE(group=capital(str(group)), held=spoken(finding.pairs[0][1]))
            drawn = part.assign(label=part["arm"].map(_name)).drop(columns="group")
            shown.append((title, forest_figure(drawn, key=f"arms-{group}", name=_minus(metric, finding.pairs[0][1]))))
    elif finding.kind != "arms":
        for arm, held in finding.pairs[finding.kind == "settings" :]:
            own = rows[(rows["arm"] == arm) & (rows["against"] == held)]
            title = say.PAIR_TITLE(arm=capital(spoken(arm)), held=_name(held))
            name = say.PAIR(metric=metric, arm=spoken(arm), held=spoken(held))
            shown.append((title, forest_figure(_labelled(own), key=f"{finding.name}-{held}", name=name)))
    for at, (title, figure) in enumerate(shown):
        st.markdown(f"**{title}**")
        st.plotly_chart(figure, key=f"more-{finding.name}-{at}")


def _waterfalls(rows: pd.DataFrame) -> list[tuple[str, Any]]:
    """What the advantage is made of, a picture for each group of data, all on one axis."""
    found = cause_steps({str(name): value for name, value in row.items()} for row in rows.to_dict("records"))
    ends = [end for steps in found.values() for end in _reach([c.difference for c in steps], steps)]
    wide = (min(ends) - 0.3, max(ends) + 0.3) if ends else None
    return [
        (say.STEPS(group=capital(group)), steps_figure(steps, key=f"steps-{group}", wide=wide))
        for group, steps in found.items()
    ]


def _reach(sizes: list[float], steps: list[Any]) -> list[float]:
    """How far bars and whiskers go, in points."""
    starts = [0.0, *pd.Series(sizes).cumsum().tolist()]
    return [100 * (start + end) for start, c in zip(starts, steps, strict=False) for end in (0, c.low, c.high)]


def _name(arm: str) -> str:
    """An arm as a person says it, and whether it is there to rule something out."""
    control = arm in WIRINGS and WIRINGS[arm].rules_out
    return say.CONTROL(arm=spoken(arm)) if control else spoken(arm)


@once
def _projections(files: list[tuple[str, int]]) -> bool:
    """What a projection of actions costs and keeps beside what was reported; whether that was measured."""
    record = bundled(projections.NAME)
    if record is None:
        st.header(say.PROJECTIONS, anchor=projections.NAME)
        st.markdown(say.NOT_RUN(command=f"`python -m pdcn study {projections.NAME}`"))
        return False
    left, right = st.columns(SPLIT, gap="medium")
    with left:
        st.header(say.PROJECTIONS, anchor=projections.NAME)
        st.markdown(say.PROJECTIONS_REPORTED)
        st.markdown(f"**{projections.answer(record)[1]}**")
        st.markdown(say.PROJECTIONS_WIDE)
    with right:
        _pareto(projections.frame(record), record["metric"], record["batches"][0])
        remark(say.PROJECTIONS_CAPTION(metric=record["metric"], device=record["device"]))
    return True


@st.fragment
def _projections_whole(files: list[tuple[str, int]]) -> None:
    """All else that is to say to projections, once somebody opens it."""
    with unfolded(f"{WHOLE_ANSWER}{projections.NAME}", say.PROJECTIONS_FOLD) as opened:
        if opened:
            _inside_projections(files)


@once
def _inside_projections(files: list[tuple[str, int]]) -> None:
    """What was not stated, what we built, and every number that was measured."""
    record = bundled(projections.NAME)
    if record is None:
        return
    rows, told = projections.frame(record), projections.answer(record)
    st.markdown(say.PROJECTIONS_NOT_STATED)
    st.markdown(say.PROJECTIONS_BUILT(seeds=plural(record["seeds"], "seed")))
    st.markdown(say.PROJECTIONS_MEASURED)
    for said in told:
        st.markdown(f"- {said}")
    say_version(record)
    for batch in record["batches"][1:]:
        st.markdown(say.AT_BATCH(batch=batch))
        _pareto(rows, record["metric"], batch)
    st.markdown(say.PROJECTIONS_KEPT)
    kept = projections.kept_frame(record)
    for stage in projections.STAGES:
        kept[stage] = kept[stage].map("{:.0%}".format).map(minus)
    kept = kept.rename(columns=say.KEPT_COLUMNS)
    st.dataframe(kept, hide_index=True, column_config=explaining(kept))
    numbers = _of_forms(rows, record["batches"])
    st.dataframe(numbers, hide_index=True, column_config=explaining(numbers))
    st.code(record["command"], language="bash")
    st.markdown(say.REPEATED)


def _pareto(rows: pd.DataFrame, metric: str, batch: int) -> None:
    figure = pareto_figure(rows, metric=metric, batch=batch, key=f"{projections.NAME}-{batch}")
    st.plotly_chart(figure, key=f"finding-{projections.NAME}-{batch}", config={"displayModeBar": False})


def _of_forms(rows: pd.DataFrame, batches: list[int]) -> pd.DataFrame:
    """A row a form, in words: what it finds, against what, its size and its times."""
    name, found = say.FORM_COLUMNS, []
    for row in rows.to_dict("records"):
        against = {
            name[one]: say.NOTHING
            if pd.isna(row[one])
            else f"{points(row[one])} {span(row[f'{one}_low'], row[f'{one}_high'])}"
            for one in projections.AGAINST
        }
        times = {}
        for batch in batches:
            times[say.TIME_COLUMN(batch=batch)] = f"{row[f'p50_{batch}']:,.0f}"
            ends = span(row[f"times_low_{batch}"], row[f"times_high_{batch}"], "{:.2f}".format)
            times[say.TIMES_COLUMN(batch=batch)] = f"{row[f'times_{batch}']:.2f} {ends}"
        level = f"[{row['low']:.1%}, {row['high']:.1%}]"
        own = {name["form"]: row["form"], name["recall"]: f"{row['recall']:.1%}", name["interval"]: level}
        found.append({**own, **against, name["dense"]: f"{row['dense']:,}", **times})
    return pd.DataFrame(found)


@once
def _paper(files: list[tuple[str, int]]) -> bool:
    """The synthetic experiments of the paper behind the cross layers, ours beside what it published; whether there are
    any."""
    rows = bundled_frame()
    st.header(say.PAPER, anchor=NAME)
    if rows is None:
        st.markdown(say.NOT_RUN(command=f"`python -m pdcn study {NAME}`"))
        return False
    for said in paper_sentences(rows):
        st.markdown(f"- {said}")
    tables = list(rows.groupby("table", sort=False))
    for column, (table, own) in zip(st.columns(len(tables)), tables, strict=True):
        column.markdown(f"**{capital(str(table))}**")
        column.plotly_chart(synthetic_figure(own, key=f"{NAME}-{table}"), key=f"finding-{NAME}-{table}")
    remark(say.PAPER_CAPTION)
    return True


@st.fragment
def _paper_whole(files: list[tuple[str, int]]) -> None:
    """How that was measured, and its numbers, once somebody opens it."""
    with unfolded(f"{WHOLE_ANSWER}{NAME}", say.PAPER_FOLD) as opened:
        if opened:
            _paper_inside(files)


@once
def _paper_inside(files: list[tuple[str, int]]) -> None:
    rows = bundled_frame()
    if rows is None:
        return
    for said in say.PAPER_MEASURED:
        st.markdown(said)
    numbers = rows.drop(columns="table")
    st.dataframe(numbers, hide_index=True, column_config=explaining(numbers))
    st.code(f"python -m pdcn study {NAME}", language="bash")


def _numbers(finding: Finding, record: dict[str, Any]) -> None:
    held = {
        id(change.row): say.CHANGED(
            size=interval(change.size), held=called(change.held["label"]), chance=chance(change.adjusted)
        )
        for change in changes(finding, record)
    }
    name = say.COLUMNS
    table = [
        {
            name["data"]: row["group"],
            name["setting"]: called(row["label"]),
            name["arm"]: spoken(row["arm"]),
            name["minus"]: spoken(row["against"]),
            name["verdict"]: row["verdict"],
            name["recall"]: f"{100 * row['recall'][0]:.1f}%",
            name["other"]: f"{100 * row['recall'][1]:.1f}%",
            name["points"]: points(row["difference"]),
            name["interval"]: span(row["low"], row["high"]),
            name["adjusted"]: chance(row["adjusted"]),
            **{
                say.IN_POINTS(metric=metric): f"{points(o[0])} {span(o[1], o[2])}" for metric, o in row["other"].items()
            },
            **({name["change"]: held.get(id(row), say.NOTHING)} if held else {}),
            **{
                spoken(baseline): f"{100 * value:.1f}%"
                for baseline, value in row["baselines"].items()
                if value is not None
            },
            name["mismatch"]: f"{percent(100 * row['residual'])} {UNITS['none']}",
            name["finished"]: say.NO if row["unfinished"] else say.YES,
            name["settings"]: row["terms"],
            name["trial"]: " / ".join(str(c["trial"]) for c in row["chosen"] if c) or say.NOTHING,
            **({name["worlds"]: str(row["worlds"]["count"])} if "worlds" in row else {}),
            name["seeds"]: row["seeds"],
            name["users"]: row["users"],
            name["events"]: row["events"],
        }
        for row in rows_of(finding, record)
    ]
    frame = pd.DataFrame(table).fillna(say.NOTHING)
    st.dataframe(frame, hide_index=True, column_config=explaining(frame))
    st.code(record["command"], language="bash")
    st.markdown(say.DEVICE(device=record["device"]))
    st.markdown(say.REPEATED)
