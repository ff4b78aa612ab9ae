"""The form in which a person names a run, tags it, and takes notes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pdcn.files import read_only, why_read_only
from pdcn.inert import words
from pdcn.pages.runs import words as say
from pdcn.runs.folder import RunFolder
from pdcn.runs.remarks import LONGEST_NAME, LONGEST_NOTES, Remarks, remarks_from, remarks_of, write_remarks
from pdcn.settings import SettingError
from pdcn.shell.shown_run import store

SAID = "remarks-said"
"""Where a session keeps what came of the last press of Save, by run."""


def write_form(folder: RunFolder) -> None:
    """The form, filled with what was written before."""
    parts = {"name": f"name-{folder.run}", "tags": f"tags-{folder.run}", "notes": f"notes-{folder.run}"}
    if parts["name"] not in st.session_state:  # opened this moment: it begins with what is there now
        st.session_state[f"remarks-began-{folder.run}"] = remarks_of(folder)
    began: Remarks = st.session_state[f"remarks-began-{folder.run}"]
    with st.form(key=f"remarks-{folder.run}", enter_to_submit=True):
        name, tags = st.columns([3, 2])
        name.text_input(say.NAME, began.name, key=parts["name"], max_chars=LONGEST_NAME, placeholder=say.NAME_HINT)
        tags.text_input(say.TAGS, ", ".join(began.tags), key=parts["tags"], placeholder=say.TAGS_HINT)
        st.text_area(say.NOTES, began.notes, key=parts["notes"], max_chars=LONGEST_NOTES, height=90)
        save, told = st.columns([1, 5], vertical_alignment="center")
        locked = read_only(folder.path)
        save.form_submit_button(
            say.SAVE, icon=":material/save:", on_click=partial(_save, folder, parts), disabled=locked
        )
        if locked:
            told.caption(words(why_read_only(store().home)))
        said, wrong = st.session_state.pop(SAID, {}).get(folder.run, ("", False))
        if wrong:
            told.warning(words(said), icon=":material/error:")
        elif said:
            told.markdown(said)


def _save(folder: RunFolder, parts: dict[str, str]) -> None:
    """Keep what stands in the form, unless somebody else wrote something meanwhile, which is said first."""
    typed = {part: str(st.session_state[key]) for part, key in parts.items()}
    key, now = f"remarks-began-{folder.run}", remarks_of(folder)
    said, wrong = str(say.SAVED), False
    try:
        asked = remarks_from(**typed)
        if st.session_state[key] != now != asked:
            st.session_state[key] = now
            there = " · ".join(filter(None, (now.name, ", ".join(now.tags), now.notes))) or say.NOTHING_WRITTEN
            said, wrong = say.MEANWHILE(there=there), True
        else:
            write_remarks(folder, asked)
            st.session_state[key] = asked
    except SettingError as error:
        said, wrong = str(error), True
    st.session_state[SAID] = {folder.run: (said, wrong)}
