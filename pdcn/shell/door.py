"""The door of a shared app: with a login set up, nothing is drawn before one has logged in.

Whoever serves it sets it up as Streamlit's own `st.login` reads it, in the section `auth` of `.streamlit/secrets.toml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pdcn.inert import named
from pdcn.shell import words as say

SECTION = "auth"
CALLED = ("email", "name", "preferred_username", "sub")
"""What a provider may call a person by; the first that it tells is shown."""


def admitted() -> bool:
    """Whether this session may see pages; who may not is offered the login instead.

    Where the file is there and can't be read, nobody is let in: it may have meant to set a login up.
    """
    if not st.secrets.load_if_toml_exists():
        unread = any(Path(file).exists() for file in st.get_option("secrets.files"))
        if unread:
            st.error(say.LOGIN_UNREADABLE, icon=":material/lock:")
        return not unread
    if SECTION not in st.secrets or st.user.get("is_logged_in", False):
        return True
    st.title(say.LOGIN_TITLE, anchor=False)
    st.markdown(say.LOGIN_SAID)
    st.button(say.LOGIN, on_click=st.login, type="primary", icon=":material/login:")
    return False


def way_out(row: Any) -> None:
    """At the end of a row, who is logged in, and the button that logs out; nothing where no login is set up."""
    if not st.secrets.load_if_toml_exists() or SECTION not in st.secrets or not st.user.get("is_logged_in", False):
        return
    end = row.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")
    called = next((str(told) for name in CALLED if (told := st.user.get(name))), "")
    if called:
        end.caption(say.LOGGED_IN(who=named(called)), width="content")
    end.button(say.LOGOUT, on_click=st.logout, type="tertiary", icon=":material/logout:")
