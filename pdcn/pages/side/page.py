"""The page that holds two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.across import Across
from pdcn.files import SHOWCASE
from pdcn.inert import code, short, words
from pdcn.pages.side import WITH
from pdcn.pages.side import words as say
from pdcn.pages.side.figures import overlay_figure
from pdcn.pages.side.work import OneRun, TwoRuns, found_in, headline_rows, held, settings_rows, value_rows
from pdcn.runs.folder import ACTIVE, OVER, RunFolder, clock
from pdcn.runs.remarks import remarks_of
from pdcn.settings import SettingError
from pdcn.shell import words as shell
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.recall import several_seeds
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.parts import explaining, lead, measured, unfolded
from pdcn.shell.shown_run import curves_of, once, show, shown_run, store
from pdcn.shell.terms import with_terms
from pdcn.sources import source_said
from pdcn.tasks.metric import Metric
from pdcn.training.version import made_otherwise
from pdcn.words import listed, span, spoken

FIRST, SECOND, KEPT = "side_first", "side_second", "side-with"
IN_SIGHT = 5
"""Settings that are shown before the rest is folded."""


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    first = shown_run()
    runs = {row.run: store().folders / row.run for row in store().rows()} | {SHOWCASE.name: SHOWCASE}
    runs.setdefault(first.run, first.path)
    if len(runs) < 2:
        st.info(say.ONLY_ONE, icon=":material/info:")
        st.page_link(way_to("compare"), label=say.TO_COMPARE, icon=":material/compare_arrows:")
        return
    second = RunFolder(runs[_second(list(runs), first.run)])
    _choose({run: _label(RunFolder(path)) for run, path in runs.items()}, first.run, second.run)
    if first.run == second.run:
        st.info(say.SAME_RUN, icon=":material/info:")
        return
    _both(first, second)


def _second(runs: list[str], first: str) -> str:
    """The run that the address names, else the session's, else the newest other one; the address says it from then
    on."""
    asked = st.query_params.get(WITH)
    if asked is not None and asked not in runs:
        st.info(shell.NOT_HERE(run=code(asked)), icon=":material/info:")
    kept = asked or st.session_state.get(KEPT)
    found = kept if kept in runs else next(run for run in runs if run != first)
    st.session_state[KEPT] = found
    if asked != found:
        st.query_params[WITH] = found
    return found


def _label(folder: RunFolder) -> str:
    """A run in a list of them, which is text and no Markdown."""
    name = say.SHOWCASE if folder.path == SHOWCASE else remarks_of(folder).name
    with suppress(SettingError):
        data, when = source_said(folder.experiment.data.source), clock(folder.request["created"])
        if name:
            return say.OPTION(name=name, data=data, when=f"{when:%d %b %Y %H:%M:%S}")
        return say.OPTION_UNNAMED(when=f"{when:%d %b %Y %H:%M:%S}", data=data, end=short(folder.run.rpartition("-")[2]))
    return name or short(folder.run)


def _choose(labels: dict[str, str], first: str, second: str) -> None:
    """Two lists of all runs, and a button that swaps what is chosen in them."""
    st.session_state[FIRST], st.session_state[SECOND] = first, second
    left, right, swap = st.columns([5, 5, 2], vertical_alignment="bottom")
    for place, key, label, about in (
        (left, FIRST, say.FIRST, say.FIRST_HELP),
        (right, SECOND, say.SECOND, say.SECOND_HELP),
    ):
        how: dict[str, Any] = {"format_func": labels.get, "on_change": _chosen, "args": (key,), "help": about}
        place.selectbox(label, list(labels), key=key, **how)
    swap.button(say.SWAP, key="side_swap", icon=":material/swap_horiz:", on_click=_swap, args=(first, second))


def _chosen(key: str) -> None:
    if key == FIRST:
        show(st.session_state[FIRST])
    else:
        st.query_params[WITH] = st.session_state[SECOND]


def _swap(first: str, second: str) -> None:
    show(second)
    st.query_params[WITH] = first


@says_errors
def _both(first: RunFolder, second: RunFolder) -> None:
    folders = {"A": first, "B": second}
    answer = st.container()
    differing = settings_rows(first.experiment, second.experiment)
    _settings(differing)
    found = {which: found_in(folder) for which, folder in folders.items()}
    ours, theirs = found.values()
    with answer:
        _states(folders, found)
    if ours is None or theirs is None:
        return
    for which, one in found.items():
        if one is not None and (said := made_otherwise(one.result)):
            st.caption(with_terms(words(say.OTHERWISE(which=which, said=said))))
    if ours.measured is None or theirs.measured is None:
        damaged = first if ours.measured is None else second
        st.error(words(damaged.damaged("ranks.parquet")), icon=":material/error:")
        _values(ours, theirs, TwoRuns(""))
        return
    apart = _held(first, second)
    with answer:
        _answer(ours, theirs, apart)
    _curves(first, second)
    _forest(ours.metric, apart)
    if len(differing) > 1 and not apart.alike:
        st.caption(with_terms(say.NOT_CAUSE))
    _values(ours, theirs, apart)
    if not apart.why:
        measured(*say.HOW)


def _states(folders: dict[str, RunFolder], found: dict[str, OneRun | None]) -> None:
    """A sentence of each run that is not done."""
    for which, folder in folders.items():
        state = "done" if folder.path == SHOWCASE else store().state(folder.run)
        if found[which] is None and state in OVER:
            st.info(say.NEVER(which=which), icon=":material/info:")
        elif found[which] is None:
            st.info(say.NO_RESULT(which=which), icon=":material/hourglass_empty:")
        elif state in (*ACTIVE, "queued"):
            st.info(say.LIVE(which=which), icon=":material/hourglass_empty:")
        elif state in OVER and state != "done":
            st.info(say.ENDED_EARLY(which=which, state=state), icon=":material/info:")


def _settings(rows: list[dict[str, str]]) -> None:
    """The settings that differ, a few of them in sight."""
    if not rows:
        st.markdown(with_terms(say.SAME_SETTINGS))
        return
    _table(rows[:IN_SIGHT])
    if len(rows) > IN_SIGHT:
        unfolded("side-settings", say.ALL_SETTINGS(count=len(rows)), _table, rows)


def _table(rows: list[dict[str, str]]) -> None:
    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, height="content", column_config=explaining(table))


@once
def _held(first: RunFolder, second: RunFolder) -> TwoRuns:
    """Worked out once for the files of the two runs as they are."""
    ours, theirs = found_in(first), found_in(second)
    assert ours is not None
    assert theirs is not None
    return held(ours, theirs)


def _answer(ours: OneRun, theirs: OneRun, apart: TwoRuns) -> None:
    """What is found in a sentence or two."""
    if apart.why:
        other = ours.metric != theirs.metric
        more = f" {say.OTHER_METRIC(first=ours.metric, second=theirs.metric)}" if other else ""
        st.info(words(say.UNPAIRED(why=apart.why) + more), icon=":material/link_off:")
        return
    if apart.alike:
        lead(say.SAME_TRAININGS)
        return
    lead(" ".join(_said(apart.rows, ours.metric)))
    if ours.experiment.until_sure or theirs.experiment.until_sure:
        st.caption(with_terms(say.UNTIL_SURE))


def _said(rows: tuple[Across, ...], metric: Metric) -> Iterator[str]:
    """A sentence for each kind of finding about arms, one for each lead, and why an interval may seem to say more."""
    if any(row.seeds > 1 and row.verdict != "too short" and not row.alike for row in rows):
        yield (say.IN_POINTS if metric.unit == "points" else say.IN)(metric=metric)
    for verdict, sentence in say.SAID.items():
        own = [row for row in rows if row.verdict == verdict and not row.against and not row.alike]
        if own:
            yield sentence(arms=listed(_in_short(row, metric) for row in own))
    if same := [row.name for row in rows if row.alike and not row.against]:
        yield say.SAME_MODELS(arms=listed(same))
    for row in rows:
        if row.against and row.seeds > 1 and row.verdict != "too short" and not row.alike:
            sign = row.difference if row.verdict in ("better", "worse") else 0
            told = say.LEAD_LARGER if sign > 0 else say.LEAD_SMALLER if sign < 0 else say.LEAD_ALIKE
            size = metric.told(abs(row.difference) if sign else row.difference).removeprefix("+" if sign else "")
            ends = (-row.high, -row.low) if sign < 0 else (row.low, row.high)
            arms = {"arm": spoken(row.arm), "against": spoken(row.against)}
            yield told(**arms, size=size, interval=span(*ends, metric.change))
    tested = [row for row in rows if row.seeds > 1 and not row.alike]
    unsure = [row for row in tested if row.verdict == "no detectable difference"]
    if any(row.low > 0 or row.high < 0 for row in unsure):
        yield say.COUNTED_TOGETHER(rows=len(tested))


def _in_short(row: Across, metric: Metric) -> str:
    if row.seeds < 2 or row.verdict == "too short":
        return row.name
    interval = span(row.low, row.high, metric.change)
    return say.ROW(arms=row.name, change=metric.change(row.difference), interval=interval)


@once
def _curves(first: RunFolder, second: RunFolder) -> None:
    """The curves of both, where there are any."""
    ours, theirs = curves_of(first), curves_of(second)
    if not len(ours) or not len(theirs):
        return
    one, other = found_in(first), found_in(second)
    assert one is not None
    assert other is not None
    one_data = one.result["data"].get("hash") == other.result["data"].get("hash")
    figure = overlay_figure(ours, theirs, label=one.metric.label, one_data=one_data)
    st.plotly_chart(figure, key="side-curves")
    bands = say.CURVES_BANDS if several_seeds(ours) or several_seeds(theirs) else ""
    st.caption(with_terms(" ".join(filter(None, (say.CURVES, bands, "" if one_data else say.NOT_ONE_DATA)))))


def _forest(metric: Metric, apart: TwoRuns) -> None:
    """The paired rows that rest on several seeds."""
    rows = [row for row in apart.rows if row.seeds > 1 and not row.alike]
    if not rows:
        return
    st.header(say.FOREST_TITLE, anchor=False)
    frame = pd.DataFrame([{**vars(row), "label": row.name, "group": say.GROUPS[bool(row.against)]} for row in rows])
    if frame["group"].nunique() == 1:
        frame = frame.drop(columns="group")
    name = say.AXIS(metric=metric)
    st.plotly_chart(forest_figure(frame, key="side", points=metric.unit == "points", name=name), key="side-forest")
    seeds = listed(sorted({row.seeds for row in rows}))
    basis = say.FOREST_BASIS(users=f"{rows[0].users:,}", events=f"{rows[0].events:,}", seeds=seeds)
    st.caption(with_terms(f"{say.FOREST(rows=len(rows))} {basis} {say.FOREST_DOES_NOT_SHOW}"))


def _values(ours: OneRun, theirs: OneRun, apart: TwoRuns) -> None:
    st.header(say.VALUES, anchor=False)
    _table(headline_rows(ours, theirs, apart.rows))
    unfolded("side-values", say.ALL_VALUES, lambda: _table([*value_rows(ours, theirs)]))
