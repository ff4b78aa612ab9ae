"""Data of a person's own on the pages: a link may call it by its name, and whatever it says is text."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from pdcn.dials import assemble, named_data
from pdcn.jobs.worker import carry_out
from pdcn.runs.store import Store
from pdcn.sources.table.draft import Files, begin, edit
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.kept import delete
from tests.app.app_help import experiment_in, follow, open_app, texts, unfold
from tests.app.conftest import asked
from tests.unit.sources.table.formats_help import drawn

__all__ = ["asked"]
NASTY = "![x](http://evil.example) **b**"


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data whose names and cells are Markdown, and whose test part is drawn at random."""
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    log = drawn(600, 30, 40)
    items = [f"{NASTY} {one}" for one in log["item"]]
    frame = pd.DataFrame({"user": log["user"], "item": items, "time": log["seconds"]})
    frame[NASTY] = [f"{NASTY} {at % 4}" for at in range(600)]
    frame.to_csv(tmp_path / "log.csv", index=False)
    import_data(edit(begin(Files(str(tmp_path / "log.csv"))), split="random"), "mine")


def test_a_link_by_its_name_and_pages_of_a_run_on_it(mine: None) -> None:
    wanted = assemble(named_data("mine"))
    assert experiment_in(follow("/compare?run=showcase&data=mine")).data == wanted.data
    at = follow("/compare?run=showcase&data=mine")
    (offered,) = (one for one in at.selectbox if one.key == "dataset")
    assert (list(offered.options), offered.value) == (["choose one", "mine"], "mine")
    gone = follow("/compare?run=showcase&data=own&dataset=gone")
    assert "dataset: expected the name of one, got `gone`; none is used" in texts(gone)
    assert "dataset: expected the name of data that you imported" in texts(gone)
    store = Store()
    small = {"batch": 64, "epochs": 1, "seeds": 2, "deep": (8,), "evaluations": 1}
    folder = store.create(assemble({**named_data("mine"), **small}))
    assert carry_out(store, folder).state == "done"
    for page in ("data", "retrieve"):
        at = unfold(open_app(page, run=folder.run))
        said = texts(at)
        assert "On an unknown day" in said or page != "data"
        assert "![x](http" not in re.sub("`[^`]*`", "", said), page  # it is shown as code, if at all
    delete("mine")
    st.cache_resource.clear()  # as after a restart of the server
    at = open_app("retrieve", run=folder.run)
    assert "dataset: expected data that you imported (none yet), got 'mine'" in texts(at)
    at = open_app("compare", run=folder.run)
    (offered,) = (one for one in at.selectbox if one.key == "dataset")
    assert (list(offered.options), offered.value) == (["mine"], "mine")  # as the run on show has it
