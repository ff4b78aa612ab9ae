"""The Runs page: the list of runs, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from pdcn.config import RETRIEVAL
from pdcn.evaluation.verdict import seeds_in_words
from pdcn.files import SHOWCASE, read_only, why_read_only
from pdcn.inert import line, named, words
from pdcn.pages.runs import words as say
from pdcn.pages.runs.listed import SORTS, Listed, fitting, match_said, ordered
from pdcn.pages.runs.page.remarks import write_form
from pdcn.pages.runs.page.room import show_room
from pdcn.runs.folder import ACTIVE, RunFolder, clock
from pdcn.runs.oddities import oddities
from pdcn.runs.remarks import remarks_of
from pdcn.runs.store import RunRow
from pdcn.settings import SettingError, digest
from pdcn.shell import whose
from pdcn.shell.address import PARAMETER
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.inputs import from_list, labelled, some_of
from pdcn.shell.parts import explaining, folded, lead
from pdcn.shell.shown_run import forget, show, shown_run, store
from pdcn.shell.take import take_away
from pdcn.shell.terms import with_terms
from pdcn.sources import source_said
from pdcn.words import capital, size

REFRESH_SECONDS = 2.0
REFUSED = "runs-refused"
SEARCH_WIDTH, CHOICE_WIDTH = 376, 180
"""Pixels of what filters the list: on a telephone two lists fit beside each other."""


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    shown = shown_run()
    runs = [Listed(row, remarks_of(_folder(row)), _task(row)) for row in store().rows()]
    if not runs:
        st.info(say.NONE_YET, icon=":material/info:")
        st.page_link(way_to("compare"), label=say.TO_COMPARE, icon=":material/compare_arrows:")
    else:
        _table(runs, shown)
        if shown.path != SHOWCASE and st.button(say.TO_SHOWCASE, icon=":material/star:", type="tertiary"):
            _open(SHOWCASE.name)
        with folded(say.WHERE):
            st.markdown(with_terms(say.WHERE_SAID(folder=words(store().folders))))
    _bin()
    show_room()
    _oddities()


def _open(run: str) -> None:
    """Show the run on the Compare page."""
    show(run)
    st.switch_page(way_to("compare"), query_params={PARAMETER: run})


def _table(runs: list[Listed], shown: RunFolder) -> None:
    above = st.container()
    found = _chosen(runs)
    if not found:
        st.info(say.NOTHING_FITS, icon=":material/filter_alt_off:")
        return
    sizes = {one.row.run: _folder(one.row).size() / 1e6 for one in found}
    frame = pd.DataFrame(
        [
            {
                "shown": one.row.run == shown.run,
                "name": line(one.remarks.name),
                "when": clock(one.row.created),
                "data": source_said(one.row.data),
                "task": one.task,
                "match": match_said(one.row.matched),
                "arms": one.arms,
                "verdict": _short(one.row),
                "seeds": _seeds(one.row),
                "state": one.row.state,
                "tags": list(one.remarks.tags),
                "notes": line(one.remarks.notes),
                "MB": sizes[one.row.run],
                "run": one.row.run,
            }
            for one in found
        ]
    )
    unused = [name for name in ("name", "tags", "notes") if not frame[name].astype(bool).any()]
    if set(frame["task"]) <= {"", RETRIEVAL}:
        unused.append("task")
    same_runs = digest([one.row.run for one in found])  # ticks are by place: another list starts without any
    event = st.dataframe(
        frame.drop(columns=unused),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"runs-{same_runs}",
        column_config=explaining(
            frame.drop(columns=unused),
            {
                "shown": st.column_config.CheckboxColumn(say.SHOWN, width="small", help=say.SHOWN_HELP),
                "name": st.column_config.TextColumn(say.NAME.lower()),
                "when": st.column_config.DatetimeColumn(say.WHEN, format="D MMM YYYY, HH:mm"),
                "data": st.column_config.TextColumn(say.DATA),
                "task": st.column_config.TextColumn(say.TASK, help=say.TASK_HELP),
                "match": st.column_config.TextColumn(say.MATCH, help=say.MATCH_HELP),
                "arms": st.column_config.TextColumn(say.ARMS, width="medium", help=say.ARMS_HELP),
                "seeds": st.column_config.TextColumn(say.SEEDS, help=say.SEEDS_HELP),
                "state": st.column_config.TextColumn(say.STATE.lower()),
                "verdict": st.column_config.TextColumn(say.VERDICT, width="large"),
                "tags": st.column_config.ListColumn(say.TAGS.lower()),
                "notes": st.column_config.TextColumn(say.NOTES.lower(), width="medium"),
                "MB": st.column_config.NumberColumn(say.SIZE, format="%.1f", help=say.SIZE_HELP),
                "run": st.column_config.TextColumn(say.RUN),
            },
        ),
    )
    with above:
        lead(say.LEAD(found=len(found), all=len(runs), size=size(1e6 * sum(sizes.values()))))
    _actions([found[at].row for at in event["selection"]["rows"] if at < len(found)])
    if any(one.row.state in (*ACTIVE, "queued") for one in runs):
        _refresh([(one.row.run, one.row.state) for one in runs])


def _chosen(runs: list[Listed]) -> list[Listed]:
    """The runs that fit what the address asks for, as it sorts them."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    sought = row.container(width=SEARCH_WIDTH)
    search = sought.text_input(say.FILTER, placeholder=say.FILTER_HINT, key="filter", bind="query-params")
    data, match, state, sort = (row.container(width=CHOICE_WIDTH, gap=None) for _ in range(4))
    kinds = {one.row.data for one in runs}
    with data:
        wanted_data = labelled(key="runs_data", **_some(say.DATA_CHOICE, kinds, source_said, say.ANY_DATA))
    matches = {one.row.matched for one in runs}
    with match:
        wanted_match = labelled(key="runs_match", **_some(say.MATCH_CHOICE, matches, match_said, say.ANY_MATCH))
    states = sorted({one.row.state for one in runs})
    wanted = some_of(say.STATE, states, key="states", place=state, placeholder=say.ANY_STATE)
    by = from_list(say.SORT, list(SORTS), key="runs_sort", place=sort)
    return ordered(fitting(runs, search, wanted_data, wanted_match, wanted), by)


def _some(label: str, options: set[str], said: Callable[[str], str], hint: str) -> dict[str, Callable[..., list[str]]]:
    """For `labelled`: a list of a few names, of which people choose some and which they read by others."""
    there = sorted(options, key=said)
    return {
        "unseen": partial(some_of, label, there, told=True),
        "seen": partial(st.multiselect, label, there, format_func=said, placeholder=hint),
    }


def _task(row: RunRow) -> str:
    """What a run is trained for; nothing where its settings can't be read."""
    try:
        return _folder(row).experiment.task
    except SettingError:
        return ""


def _folder(row: RunRow) -> RunFolder:
    return RunFolder(store().folders / row.run)


def _short(row: RunRow) -> str:
    """The verdict without the words that every verdict begins with.

    >>> row = RunRow("toy", 0.0, "planted", "parallel", 1, "", "done", "On Toy, parallel is better.", None, "study")
    >>> _short(row)
    'Parallel is better.'
    """
    if row.state == "done" and not row.verdict:
        return say.DAMAGED
    return capital(row.verdict.partition(", ")[2]) or "—"


def _seeds(row: RunRow) -> str:
    return seeds_in_words(_folder(row).result, row.seeds)


@st.fragment(run_every=REFRESH_SECONDS)
def _refresh(before: list[tuple[str, str]]) -> None:
    """Draw the page anew when a run has changed its state, and only then."""
    if [(row.run, row.state) for row in store().rows()] != before:
        st.rerun(scope="app")


def _actions(picked: list[RunRow]) -> None:
    """What can be done with the runs that are ticked."""
    if not picked:
        _say_refused()
        st.caption(with_terms(say.TICK))
        return
    open_it, compare, delete_it, _ = st.columns([2, 2, 2, 3])
    if open_it.button(say.OPEN, icon=":material/open_in_new:", disabled=len(picked) != 1, width="stretch"):
        _open(picked[0].run)
    if compare.button(say.COMPARE, icon=":material/compare:", disabled=len(picked) != 2, width="stretch"):
        newer, older = (row.run for row in sorted(picked, key=lambda row: row.created, reverse=True))
        show(newer)
        st.switch_page(way_to("side"), query_params={PARAMETER: newer, "with": older})
    others = whose.others_among(map(_folder, picked))
    whose.button(delete_it, say.DELETE, others, partial(_delete, picked), key="delete", icon=":material/delete:")
    _say_refused()
    if len(picked) == 1:
        write_form(_folder(picked[0]))
        take_away(_folder(picked[0]))


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
    locked = read_only(store().home)
    with st.expander(say.BIN(count=len(gone)), expanded=True):
        for row in gone:
            name, back = st.columns([5, 1])
            one = Listed(row, remarks_of(_folder(row)))
            run, own = named(row.run), words(one.remarks.name)
            told = say.NAMED(name=own, run=run) if one.remarks.name else run
            name.markdown(with_terms(say.BIN_ROW(run=told, data=named(source_said(row.data)), arms=one.arms)))
            if back.button(say.UNDO, key=f"undo-{row.run}", icon=":material/undo:", width="stretch", disabled=locked):
                store().restore(row.run)
                st.rerun()
        if locked:
            st.caption(words(why_read_only(store().home)))
        with st.popover(say.EMPTY, icon=":material/delete_forever:", disabled=locked):
            st.write(say.EMPTY_SAID)
            for said in whose.others_among(map(_folder, gone)).values():
                st.write(said)
            if st.button(say.FOR_GOOD, type="primary", disabled=locked):
                store().empty_bin()
                st.rerun()
