"""Every probe finds the pages as the app's tests do, with all that is in their folds: no worker is started, and no
store of another test is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from tests.app.app_help import open_at_once


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("pdcn.jobs.submit.ensure_worker", lambda store: False)
    open_at_once(monkeypatch)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
