"""The door of a shared app: with a login set up, nothing is drawn before one has logged in.

Whoever serves it sets it up as Streamlit's own `st.login` reads it, in the section `auth` of `.streamlit/secrets.toml`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pdcn.shell import words as say

SECTION = "auth"


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
