"""With a login set up, no page is drawn before one has logged in; without one, everybody comes in."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pdcn.pages import PAGES
from tests.app.app_help import PATIENCE, ROOT, labels, switch_to, texts

AUTH = {"auth": {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "x", "client_id": "a"}}


def opened(page: str, *, logged_in: bool | None, secrets: bool = True, called: str = "ann@example.org") -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    at.secrets = AUTH if secrets else {}
    at.user = {} if logged_in is None else {"is_logged_in": logged_in, "email": called}
    at.query_params["run"] = "showcase"
    return switch_to(at, page)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_before_the_login(page: str) -> None:
    for logged_in in (False, None):
        at = opened(page, logged_in=logged_in)
        assert not at.exception
        assert labels(at) == ["Log in"]
        assert texts(at) == "PDCN Explorer\nThis laboratory is shared with some people only. Log in to see it."
        assert not at.sidebar.children


def test_who_has_logged_in_and_an_app_without_a_login_are_as_ever() -> None:
    plain = opened("findings", logged_in=None, secrets=False)
    inside = opened("findings", logged_in=True)
    assert texts(inside).replace("Logged in: `ann@example.org`\n", "", 1) == texts(plain)
    assert len(texts(plain)) > 500
    assert [one for one in labels(inside) if one not in labels(plain)] == ["Log out"]


def test_who_is_logged_in_is_told_as_plain_text() -> None:
    at = opened("findings", logged_in=True, called="**Ann** ![x](http://evil.example)")
    (told,) = [one.value for one in at.caption if one.value.startswith("Logged in")]
    assert told == "Logged in: `**Ann**` `![x](http://evil.example)`"


def test_a_file_that_cannot_be_read_lets_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("[auth\n", encoding="utf-8")
    before = st.get_option("secrets.files")
    st._config.set_option("secrets.files", [str(file)])
    try:
        at = opened("findings", logged_in=True, secrets=False)
    finally:
        st._config.set_option("secrets.files", before)
    (said,) = (one.value for one in at.error)
    assert said.startswith("The file secrets.toml is there but can't be read, so nobody is let in.")
    assert not at.title
