"""A draft on the page: what each column is, what counts and what judges, what is doubtful, and what it will be."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pdcn.inert import named, short, words
from pdcn.pages.data import words as say
from pdcn.pages.data.figures import timeline_figure
from pdcn.pages.data.told import EARLIEST, LATEST, cuts_at, days_of, on_a_page, timeline_of
from pdcn.settings import SettingError
from pdcn.shell.parts import folded, lead
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms
from pdcn.sources.split import PARTS
from pdcn.sources.table.draft import EVENTS, KIND, REPEATS, SPLITS, TIME, VALUE, Column, Draft, edit, possible
from pdcn.sources.table.preview import Preview, preview
from pdcn.sources.table.problems import Problem, problems

DRAFT, LOOKED, REFUSED, SOUND = "own-draft", "own-looked", "own-refused", "own-sound"
"""Where a session keeps the draft, what was seen of it, why a choice was not taken, and whether it can be imported."""
SHOWN = 40
"""Columns of a table that are shown at once; the others are one press away."""
LETTERS = 24
"""Letters of an example."""


def show_draft() -> None:
    """The draft, to be changed."""
    draft: Draft = st.session_state[DRAFT]
    st.markdown(f"## {say.DRAFT}", anchors=False)
    st.markdown(with_terms(say.DRAFT_HOW))
    if refused := st.session_state.pop(REFUSED, ""):
        st.error(words(refused), icon=":material/error:")
    for table, columns in draft.columns.items():
        staged = draft.tables[table]
        st.markdown(with_terms(say.OF_TABLE[table](rows=f"{staged.rows:,}", file=named(staged.landed.called))))
        for at, column in enumerate(columns[:SHOWN]):
            _column(draft, table, at, column)
        if columns[SHOWN:]:
            with folded(say.OTHERS(count=len(columns) - SHOWN)):
                for at, column in enumerate(columns[SHOWN:], SHOWN):
                    _column(draft, table, at, column)
    _choices(draft)
    found, seen = _looked(draft)
    st.session_state[SOUND] = seen is not None
    _problems(found)
    if seen is not None:
        _preview(draft, seen)
    elif draft.cuts:  # which may be what is wrong
        _cuts(draft, [])


def _change(key: str, **changes: Any) -> None:
    """Take a choice over, or say why it can't be; `key` is where the widget keeps what was chosen."""
    value = st.session_state[key]
    (what, made), *_ = changes.items()
    try:
        st.session_state[DRAFT] = edit(st.session_state[DRAFT], **{what: made(value)})
    except SettingError as error:
        st.session_state[REFUSED] = on_a_page(str(error))


def _column(draft: Draft, table: str, at: int, column: Column) -> None:
    """A column: its name and cells, its role, and why."""
    name, role, why = st.columns([3, 3, 5], vertical_alignment="center")
    cells = ", ".join(short(one, LETTERS) for one in column.examples)
    of_name, of_why = name.container(gap=None), why.container(gap=None)
    of_name.markdown(f"**{named(column.name)}**")
    of_name.caption(with_terms(say.EXAMPLES(examples=words(cells)) if cells else say.NO_EXAMPLES))
    key = f"own-role-{draft.folder.name}-{table}-{at}"
    st.session_state[key] = column.role
    role.selectbox(
        say.ROLE_OF(column=named(column.name)),
        possible(table, column),
        key=key,
        format_func=say.ROLES.__getitem__,
        label_visibility="collapsed",
        on_change=partial(_change, key, roles=lambda chosen: {f"{table}.{column.name}": chosen}),
    )
    of_why.caption(with_terms(words(column.reason)))
    if column.warning:
        of_why.caption(with_terms(f":material/warning: {words(on_a_page(column.warning))}"))


def _choices(draft: Draft) -> None:
    """How it is split, whether repeats count, which rows are events, and what they weigh."""
    st.markdown(f"## {say.CHOICES}", anchors=False)
    split, repeats = st.columns(2)
    timed = draft.at(EVENTS, TIME) is not None
    for place, what, options, chosen, label, said, helps in (
        (split, "split", SPLITS if timed else SPLITS[-1:], draft.split, say.SPLIT_BY, say.SPLITS_BY, say.SPLIT_HELP),
        (repeats, "repeats", REPEATS, draft.repeats, say.REPEATS_OF, say.REPEATS, None),
    ):
        key = f"own-{what}-{draft.folder.name}"
        st.session_state[key] = chosen
        place.segmented_control(
            label,
            options,
            key=key,
            required=True,
            format_func=said.__getitem__,
            help=with_picture(helps) if helps else None,
            on_change=partial(_change, key, **{what: lambda value: value}),
        )
    if (value := draft.having(EVENTS, VALUE)) is not None:
        key = f"own-least-{draft.folder.name}"
        st.session_state[key] = draft.positive_from
        split.number_input(
            say.POSITIVE_FROM(column=named(value.name)),
            value=None,
            key=key,
            placeholder=say.EVERY_ROW,
            help=with_picture(say.POSITIVE_HELP),
            on_change=partial(
                _change, key, positive_from=lambda least: float("-inf") if least is None else float(least)
            ),
        )
    if draft.having(EVENTS, KIND) is not None:
        row = st.container(horizontal=True)
        for at, (kind, weight) in enumerate(draft.kinds.items()):
            key = f"own-kind-{draft.folder.name}-{at}"
            st.session_state[key] = float(weight)
            row.number_input(
                say.WEIGHT_OF(kind=named(kind)),
                0.0,
                1e6,
                key=key,
                width=170,
                help=with_picture(say.WEIGHT_HELP),
                on_change=partial(_change, key, kinds=lambda chosen, kind=kind: {kind: chosen}),
            )


def _cuts(draft: Draft, firsts: list[str]) -> None:
    """The days on which validation and test begin, below the time line. Until somebody moves them, these are the first
    days of the parts."""
    days = days_of(draft.cuts, firsts)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    keys = [f"own-cut-{draft.folder.name}-{part}" for part in PARTS[1:]]
    for key, part, day in zip(keys, PARTS[1:], days, strict=True):
        st.session_state[key] = day
        row.date_input(
            say.BEGINS[part],
            key=key,
            min_value=EARLIEST,
            max_value=LATEST,
            width=220,
            help=with_picture(say.BEGINS_HELP),
            on_change=partial(_change, key, cuts=lambda _: cuts_at([st.session_state[one] for one in keys])),
        )
    if draft.cuts:
        key = f"own-shares-{draft.folder.name}"
        row.button(say.BY_SHARES, key=key, on_click=partial(_change, key, cuts=lambda _: False))


def _looked(draft: Draft) -> tuple[list[Problem], Preview | None]:
    """What is wrong with a draft, and what it will be where nothing stops it; looked at once for every change."""
    kept = st.session_state.get(LOOKED)
    if kept is None or kept[0] is not draft:
        with st.spinner(say.LOOKING):
            seen: Preview | None = None
            try:
                found = problems(draft)
                if not any(one.level == "error" for one in found):
                    seen = preview(draft)
            except SettingError as error:
                found = [Problem("error", str(error))]
        kept = st.session_state[LOOKED] = (draft, found, seen)
    return kept[1], kept[2]


def _problems(found: list[Problem]) -> None:
    """What is wrong or doubtful, the worst first; notes in one list."""
    st.markdown(f"## {say.PROBLEMS}", anchors=False)
    if not found:
        st.markdown(with_terms(say.NO_PROBLEMS))
    for one in found:
        if one.level == "error":
            st.error(words(on_a_page(one.text)), icon=":material/error:")
        elif one.level == "warning":
            st.warning(words(on_a_page(one.text)), icon=":material/warning:")
    notes = [f"- {words(on_a_page(one.text))}" for one in found if one.level == "note"]
    if notes:
        st.markdown(with_terms("\n".join(notes)))


def _preview(draft: Draft, seen: Preview) -> None:
    """What it will be: in words, on a time line, and how popularity does."""
    st.markdown(f"## {say.PREVIEW}", anchors=False)
    events = {one.part: f"{one.events:,}" for one in seen.parts}
    lead(say.PREVIEW_LEAD(train=events["train"], test=events["test"]))
    if seen.stretches:
        st.plotly_chart(timeline_figure(timeline_of(seen.stretches)), key="own-timeline")
    if draft.split == "time":
        _cuts(draft, [one.first for one in seen.parts])
    found: list[tuple[str, str, str]] = [
        (say.EVENTS, f"{seen.events:,}", say.EVENTS_IN_ALL),
        (say.ITEMS, f"{seen.items:,}", say.ITEMS_HELP),
        *(
            (say.POPULARITY_FINDS(k=k), f"{share:.1%}", say.POPULARITY_HELP(k=k))
            for k, share in seen.popularity.items()
        ),
    ]
    for column, (label, value, helps) in zip(st.columns(len(found)), found, strict=True):
        column.metric(label, value, help=with_picture(helps))
    st.markdown(with_terms("\n".join(f"- {words(sentence)}" for sentence in seen.sentences)))
