"""A person's own data: files are brought and read, what was imported is listed, and deleted.

What is chosen here says nothing about what is shown, so no address has it. `_read`, `_import` and `_delete` alone
write to the home.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import streamlit as st

from pdcn.dials import named_data
from pdcn.environment import only_looked_at
from pdcn.files import home, why_unwritable
from pdcn.inert import named, words
from pdcn.jobs.needs import check_import
from pdcn.pages.data import words as say
from pdcn.pages.data.page.draft import DRAFT, SOUND, show_draft
from pdcn.pages.data.told import LONGEST_NAME, name_for, on_a_page
from pdcn.settings import SettingError
from pdcn.shell.frame import way_to
from pdcn.shell.parts import folded, lead
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms
from pdcn.sources import SOURCES
from pdcn.sources.table.draft import EVENTS, TABLES, discard
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.kept import Kept, delete, folder_of_all, kept, names
from pdcn.sources.table.known import KNOWN
from pdcn.sources.table.landing import unpacked
from pdcn.sources.table.limits import Limits
from pdcn.sources.table.uploads import Sent, begin_sent
from pdcn.words import size

WANTED, SAID, SUGGESTED = "own-wanted", "own-said", "own-suggested"
"""Where a session keeps which data to show next, what came of the last action, and a name for the draft."""
CHOICE = "data_of"
CAME = "own-came"
TO_WHAT_CAME = f'<script>document.querySelector(".st-key-{CAME}")?.scrollIntoView({{block: "center"}});</script>'
"""Brings what came of an action into sight: the button that was pressed may be far below it."""


def chosen_after(default: str, options: Mapping[str, str]) -> None:
    """Choose what was imported a moment ago; what was deleted is chosen no more. Before the choice is drawn."""
    wanted = st.session_state.pop(WANTED, None)
    if wanted in options:
        st.session_state[CHOICE] = wanted
    elif CHOICE in st.session_state and st.session_state[CHOICE] not in options:
        st.session_state[CHOICE] = default


def about_it(name: str) -> None:
    """Above data that was imported: what it is, and the way to a comparison on it."""
    _say_what_came()
    found = kept(name)
    _line(found)
    _way_to_compare(name)


def bring() -> None:
    """Bring files, make data of them, and see what there is."""
    _say_what_came()
    draft = st.session_state.get(DRAFT)
    if draft is not None and not draft.folder.is_dir():
        del st.session_state[DRAFT]
        st.warning(say.GONE, icon=":material/hourglass_disabled:")
        draft = None
    if draft is None:
        lead(say.BRING_LEAD)
        if not only_looked_at():
            _files()
    else:
        show_draft()
        _finish()
    _list()
    with folded(say.KNOWN):
        st.markdown(with_terms(say.KNOWN_HOW))
        for name, known in KNOWN.items():
            st.markdown(with_terms(say.KNOWN_ONE(title=words(known.title), terms=words(known.terms))))
            st.code(f"python -m pdcn data add {name} --accept", language="bash")


@contextmanager
def _plainly() -> Iterator[None]:
    """What goes wrong with the disk, as one sentence."""
    try:
        yield
    except OSError as error:
        raise why_unwritable(folder_of_all(), error) from None


def _say_what_came() -> None:
    if said := st.session_state.pop(SAID, None):
        with st.container(key=CAME):
            st.success(words(said), icon=":material/check:")
        st.html(TO_WHAT_CAME, unsafe_allow_javascript=True)


def _files() -> None:
    """The files to bring, and the button that reads them."""
    limits = Limits.here()
    brought: dict[str, Sent] = {}
    for column, table in zip(st.columns(len(TABLES)), TABLES, strict=True):
        given = column.file_uploader(
            say.FILE_OF[table],
            key=f"own-file-{table}",
            help=with_picture(say.FILE_HELP[table]),
            max_upload_size=limits.upload,
        )
        if given is not None:
            within = ""
            if given.name.lower().endswith((".db", ".sqlite", ".sqlite3", ".duckdb")):
                within = column.text_input(say.TABLE_WITHIN, key=f"own-within-{table}", placeholder=say.TABLE_HINT)
            brought[table] = Sent(given.name, given, within.strip())
    st.caption(with_terms(say.BRING_HOW(most=f"{limits.upload:,}")))
    if st.button(say.READ, key="own-read", type="primary", icon=":material/table_view:"):
        _read(brought)
    with folded(say.LARGER):
        st.code("python -m pdcn data import log.csv --items items.csv --name mine", language="bash")


def _read(brought: Mapping[str, Sent]) -> None:
    """Read the files, and go on with what was guessed."""
    if EVENTS not in brought:
        st.error(say.ONLY_FILES, icon=":material/error:")
        return
    try:
        check_import(sum(map(_text_in, brought.values())), home())
        with st.spinner(say.READING), _plainly():
            st.session_state[DRAFT] = begin_sent(brought)
    except SettingError as error:
        st.error(words(on_a_page(str(error))), icon=":material/error:")
        return
    st.session_state[SUGGESTED] = name_for(brought[EVENTS].called, {*names(), *SOURCES})
    st.rerun()


def _text_in(sent: Sent) -> float:
    """About how many bytes of text a file that was sent has."""
    sent.stream.seek(0)
    return unpacked(sent.stream.read(64), sent.stream.seek(0, os.SEEK_END))


def _drop() -> None:
    """Throw the draft away."""
    if (draft := st.session_state.pop(DRAFT, None)) is not None:
        discard(draft)


def _finish() -> None:
    """The name, and the button that imports."""
    name, button, other = st.columns([3, 1, 1], vertical_alignment="bottom")
    chosen = name.text_input(
        say.NAME_IT,
        st.session_state.get(SUGGESTED, ""),
        key="own-name",
        max_chars=LONGEST_NAME,
        help=with_picture(say.NAME_HELP),
    ).strip()
    replacing = chosen in names() and st.checkbox(say.REPLACE, key="own-replace")
    stopped = not st.session_state.get(SOUND, False)
    other.button(say.OTHER_FILES, key="own-drop", on_click=_drop, width="stretch")
    if stopped:
        st.caption(with_terms(say.MEND_FIRST))
    if button.button(say.IMPORT, key="own-import", type="primary", disabled=stopped, width="stretch"):
        _import(chosen, replacing)


def _import(name: str, replacing: bool) -> None:
    """Make data of the draft, and show it."""
    try:
        with st.spinner(say.IMPORTING), _plainly():
            import_data(st.session_state[DRAFT], name, replacing=replacing)
    except SettingError as error:
        st.error(words(on_a_page(str(error))), icon=":material/error:")
        return
    del st.session_state[DRAFT]
    st.session_state[WANTED], st.session_state[SAID] = name, say.IMPORTED(name=name)
    st.rerun()


def _line(found: Kept) -> None:
    """Imported data in a line, and which of its files changed since."""
    record, counts = found.record, found.record["counts"]
    files = ", ".join(str(file["name"]) for file in record["files"])
    told: dict[str, Any] = {key: f"{counts[key]:,}" for key in ("events", "users", "items")}
    st.markdown(
        with_terms(
            words(say.KEPT_LINE(name=found.name, **told, size=size(found.bytes), day=record["imported"], files=files))
        )
    )
    if found.changed:
        st.warning(words(say.CHANGED(files=", ".join(found.changed))), icon=":material/history:")


def _way_to_compare(name: str, place: Any = st) -> None:
    values = {key: str(value) for key, value in named_data(name).items()}
    place.page_link(
        way_to("compare"), label=say.COMPARE_ON(name=named(name)), icon=":material/compare_arrows:", query_params=values
    )


def _list() -> None:
    """What was imported, each with its size, and a button that deletes it."""
    st.markdown(f"## {say.KEPT}", anchors=False)
    known = names()
    if not known:
        st.caption(with_terms(say.NONE_KEPT))
    for name in known:
        with st.container(border=True):
            try:
                _line(kept(name))
            except SettingError as error:
                st.error(words(error), icon=":material/error:")
            row = st.container(horizontal=True, vertical_alignment="center")
            _way_to_compare(name, row)
            if only_looked_at():
                continue
            with row.popover(say.DELETE, icon=":material/delete:", key=f"own-asks-{name}"):
                st.markdown(with_terms(say.DELETE_ASKS(name=named(name))))
                st.button(say.DELETE_YES, key=f"own-delete-{name}", type="primary", on_click=partial(_delete, name))


def _delete(name: str) -> None:
    """Delete imported data for good."""
    try:
        with _plainly():
            delete(name)
        st.session_state[SAID] = say.DELETED(name=name)
    except SettingError as error:
        st.error(words(error), icon=":material/error:")
