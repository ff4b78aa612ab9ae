"""Every probe finds the pages as the app's tests do: no worker is started, and no store of another test is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("pdcn.jobs.submit.ensure_worker", lambda store: False)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
