"""The Runs page: the list of runs, and what can be done with them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pdcn.config import Experiment
from pdcn.dials import Dial, dials, read
from pdcn.evaluation.verdict import seeds_in_words
from pdcn.files import SHOWCASE
from pdcn.inert import line, named, words
from pdcn.pages.runs import words as say
from pdcn.runs.folder import ACTIVE, RunFolder, clock
from pdcn.runs.oddities import oddities
from pdcn.runs.store import RunRow
from pdcn.settings import SettingError, digest
from pdcn.shell import whose
from pdcn.shell.address import PARAMETER
from pdcn.shell.figures.recall import recall_figure
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.parts import explaining, folded, lead
from pdcn.shell.shown_run import curves_of, forget, show, shown_run, store, text_colour
from pdcn.sources import source_said
from pdcn.words import capital, plural, size, spoken

REFRESH_SECONDS = 2.0
REFUSED = "runs-refused"


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    shown = shown_run()
    rows = store().rows()
    if not rows:
        st.info(say.NONE_YET, icon=":material/info:")
        st.page_link(way_to("compare"), label=say.TO_COMPARE, icon=":material/compare_arrows:")
    else:
        _table(rows, shown)
        if shown.path != SHOWCASE and st.button(say.TO_SHOWCASE, icon=":material/star:", type="tertiary"):
            _open(SHOWCASE.name)
        with folded(say.WHERE):
            st.markdown(say.WHERE_SAID(folder=words(store().folders)))
    _bin()
    _oddities()


def _open(run: str) -> None:
    """Show the run on the Compare page."""
    show(run)
    st.switch_page(way_to("compare"), query_params={PARAMETER: run})


def _table(rows: list[RunRow], shown: RunFolder) -> None:
    above = st.container()
    sought, states = st.columns([3, 2])
    search = sought.text_input(say.FILTER, placeholder=say.FILTER_HINT, key="filter", bind="query-params").lower()
    kinds = sorted({row.state for row in rows})
    wanted = states.multiselect(say.STATE, kinds, key="states", bind="query-params", placeholder=say.ANY_STATE)
    fitting = [row for row in rows if row.state in (wanted or kinds)]
    found = [row for row in fitting if search in _sought(row).lower()]
    if not found:
        st.info(say.NOTHING_FITS, icon=":material/filter_alt_off:")
        return
    sizes = {row.run: RunFolder(store().folders / row.run).size() / 1e6 for row in found}
    frame = pd.DataFrame(
        [
            {
                "shown": row.run == shown.run,
                "when": clock(row.created),
                "data": source_said(row.data),
                "arms": _arms(row),
                "verdict": _short(row),
                "seeds": _seeds(row),
                "state": row.state,
                "MB": sizes[row.run],
                "run": row.run,
            }
            for row in found
        ]
    )
    same_runs = digest([row.run for row in found])  # ticks are by place: another list starts without any
    event = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"runs-{same_runs}",
        column_config=explaining(
            frame,
            {
                "shown": st.column_config.CheckboxColumn(say.SHOWN, width="small", help=say.SHOWN_HELP),
                "when": st.column_config.DatetimeColumn(say.WHEN, format="D MMM YYYY, HH:mm"),
                "data": st.column_config.TextColumn(say.DATA),
                "arms": st.column_config.TextColumn(say.ARMS, width="medium", help=say.ARMS_HELP),
                "seeds": st.column_config.TextColumn(say.SEEDS, help=say.SEEDS_HELP),
                "state": st.column_config.TextColumn(say.STATE.lower()),
                "verdict": st.column_config.TextColumn(say.VERDICT, width="large"),
                "MB": st.column_config.NumberColumn(say.SIZE, format="%.1f", help=say.SIZE_HELP),
                "run": st.column_config.TextColumn(say.RUN),
            },
        ),
    )
    with above:
        lead(say.LEAD(found=len(found), all=len(rows), size=size(1e6 * sum(sizes.values()))))
    _actions([found[at] for at in event["selection"]["rows"] if at < len(found)])
    if any(row.state in (*ACTIVE, "queued") for row in rows):
        _refresh([(row.run, row.state) for row in rows])


def _sought(row: RunRow) -> str:
    """All words that a filter looks into."""
    return " ".join((row.data, source_said(row.data), row.arms, _arms(row), row.verdict, row.run, row.state))


def _short(row: RunRow) -> str:
    """The verdict without the words that every verdict begins with.

    >>> row = RunRow("toy", 0.0, "planted", "parallel", 1, "", "done", "On Toy, parallel is better.", None, "study")
    >>> _short(row)
    'Parallel is better.'
    """
    if row.state == "done" and not row.verdict:
        return say.DAMAGED
    return capital(row.verdict.partition(", ")[2]) or "—"


def _arms(row: RunRow) -> str:
    """The arms as a person says them.

    >>> _arms(RunRow("toy", 0.0, "planted", "parallel_gated, deep_only", 1, "", "done", "", None, "study"))
    'parallel gated, deep only'
    """
    return ", ".join(map(spoken, row.arms.split(", ")))


def _seeds(row: RunRow) -> str:
    return seeds_in_words(RunFolder(store().folders / row.run).result, row.seeds)


@st.fragment(run_every=REFRESH_SECONDS)
def _refresh(before: list[tuple[str, str]]) -> None:
    """Draw the page anew when a run has changed its state, and only then."""
    if [(row.run, row.state) for row in store().rows()] != before:
        st.rerun(scope="app")


def _actions(picked: list[RunRow]) -> None:
    if not picked:
        _say_refused()
        st.caption(say.TICK)
        return
    open_it, delete_it, _ = st.columns([1, 1, 4])
    if open_it.button(say.OPEN, icon=":material/open_in_new:", disabled=len(picked) != 1, width="stretch"):
        _open(picked[0].run)
    others = whose.others_among(RunFolder(store().folders / row.run) for row in picked)
    whose.button(delete_it, say.DELETE, others, partial(_delete, picked), key="delete", icon=":material/delete:")
    _say_refused()
    if len(picked) == 2:
        _side_by_side(picked)


def _delete(picked: list[RunRow]) -> None:
    for row in picked:
        try:
            store().delete(row.run)
            if st.session_state.get(PARAMETER) == row.run:
                forget()
        except SettingError as error:
            st.session_state.setdefault(REFUSED, []).append(str(error))


def _say_refused() -> None:
    """What could not be deleted, beside the button that was pressed."""
    for said in st.session_state.pop(REFUSED, []):
        st.warning(words(said), icon=":material/error:")


@says_errors
def _side_by_side(picked: list[RunRow]) -> None:
    folders = [(row, store().folder(row.run)) for row in picked]
    curves = [(row, curves_of(folder)) for row, folder in folders if folder.whole_result() is not None]
    if len(curves) < 2:
        st.info(say.NOT_TWO, icon=":material/info:")
        return
    top = 105 * max(float(frame["value"].max()) for _, frame in curves)
    for column, (row, frame) in zip(st.columns(2), curves, strict=True):
        asked, counted = plural(row.seeds, "seed"), _seeds(row)
        seeds = say.SEEDS_OF(seeds=counted.partition(" ")[0], asked=asked) if " " in counted else asked
        column.markdown(say.SIDE(run=named(row.run), data=named(source_said(row.data)), seeds=seeds))
        figure = recall_figure(frame, text=text_colour()).update_yaxes(range=[0, min(100, top)])
        column.plotly_chart(figure, key=f"side-{row.run}")
        column.caption(words(row.verdict))
    _what_differs(picked)
    st.caption(say.BOTH)


def _what_differs(picked: list[RunRow]) -> None:
    """The settings in which two runs differ, one by row."""
    experiments = {row.run: store().folder(row.run).experiment for row in picked}
    one, two = experiments.values()
    rows = [
        {say.SETTING: dial.label, **{run: _shown(dial, experiment) for run, experiment in experiments.items()}}
        for dial in dials()
        if read(one, dial) != read(two, dial)
    ]
    if rows:
        table = pd.DataFrame(rows)
        st.dataframe(table, hide_index=True, width="content", column_config=explaining(table))
    else:
        st.caption(say.SAME)


def _shown(dial: Dial, experiment: Experiment) -> str:
    value = read(experiment, dial)
    return "—" if value is None else dial.said(value)


def _oddities() -> None:
    """Entries among the runs that are none, so that nobody looks for them in vain."""
    if found := oddities(store()):
        st.warning(say.NO_RUNS(folder=words(store().folders)), icon=":material/folder_off:")
        frame = pd.DataFrame([{say.ENTRY: line(one.name), say.WHY: one.why} for one in found])
        st.dataframe(frame, hide_index=True, width="content")


@says_errors
def _bin() -> None:
    gone = store().rows(deleted=True)
    if not gone:
        return
    with st.expander(say.BIN(count=len(gone)), expanded=True):
        for row in gone:
            name, back = st.columns([5, 1])
            name.markdown(say.BIN_ROW(run=named(row.run), data=named(source_said(row.data)), arms=_arms(row)))
            if back.button(say.UNDO, key=f"undo-{row.run}", icon=":material/undo:", width="stretch"):
                store().restore(row.run)
                st.rerun()
        with st.popover(say.EMPTY, icon=":material/delete_forever:"):
            st.write(say.EMPTY_SAID)
            for said in whose.others_among(RunFolder(store().folders / row.run) for row in gone).values():
                st.write(said)
            if st.button(say.FOR_GOOD, type="primary"):
                store().empty_bin()
                st.rerun()
