"""The app in this process, without a browser and without a worker; and runs in any state."""

from __future__ import annotations

import re
import shlex
import shutil
from argparse import ArgumentParser
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pdcn.cli import experiment_of, parser
from pdcn.config import Experiment
from pdcn.dial import Dial
from pdcn.dials import assemble, dials
from pdcn.files import SHOWCASE
from pdcn.pages import PAGES
from pdcn.pages.compare.page.answer import TRAINING
from pdcn.pages.compare.page.dials import TAKE
from pdcn.pages.compare.page.evidence import EVERY_DIFFERENCE
from pdcn.pages.compare.page.trust import TRUST
from pdcn.runs.folder import Progress, RunFolder, State
from pdcn.runs.store import Store
from pdcn.shell.class_link import FOLD
from pdcn.shell.terms import LINK
from pdcn.shell.whose import VISITOR

ROOT = Path(__file__).parents[2]
FILES = ("profile.json", "history.parquet", "ranks.parquet", "result.json")
ME = "me"
"""The session of every page that is opened here, which started every run that is planted."""
PATIENCE = 200
"""Seconds that a page may take: many, because other work may keep every core busy."""
OPENED = (TAKE, FOLD, TRAINING, EVERY_DIFFERENCE, TRUST)
"""Folds whose contents are there once they are open."""
COMMANDS: list[tuple[tuple[Dial, ...], ArgumentParser]] = []
"""The command line, kept for as long as there are the same dials."""
INSIDE = ("weights", "snapshots", "arms.json", "towers.json")


def open_app(page: str = "compare", **query: str | list[str]) -> AppTest:
    """A page of the app, opened by its URL's parameters."""
    return visit(page, query)


def visit(page: str, query: Mapping[str, str | list[str]]) -> AppTest:
    """As `open_app`."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    at._bidi_component_manager = _components()
    at.session_state[VISITOR] = ME
    for fold in OPENED:
        at.session_state[fold] = True
    for key, value in query.items():
        at.query_params[key] = value
    return sound(switch_to(at, page))


@cache
def _components() -> BidiComponentManager:
    """Components of all installed packages, as a server has them: looked for once, for that reads every package."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def switch_to(at: AppTest, page: str) -> AppTest:
    """Another page of the same session, as its link in the menu leads there; AppTest only knows ways to files."""
    at._page_hash = calc_hash("" if page == next(iter(PAGES)) else page)  # the first opens the app
    return at.run()


def unfold(at: AppTest) -> AppTest:
    """The same page with every fold open, those within folds too."""
    while shut := [key for key in map(_fold, at.expander) if key and not at.session_state[key]]:
        for key in shut:
            at.session_state[key] = True
        sound(at.run())
    return at


def open_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on folds are open when they are drawn first, so that one run of a page has all that is in them."""
    real = st.expander

    def opened(label: str, expanded: bool = False, **how: Any) -> Any:
        return real(label, expanded or how.get("on_change") == "rerun", **how)

    monkeypatch.setattr(st, "expander", opened)


def _fold(fold: Any) -> str:
    """The key of a fold that is made once it is open; nothing of another."""
    return str(fold.proto.id.partition("-")[2].partition("-")[2])


def follow(link: str) -> AppTest:
    """The page that a link leads to."""
    query: dict[str, list[str]] = {}
    for key, text in parse_qsl(link.partition("?")[2]):
        query.setdefault(key, []).append(text)
    return visit("compare", {key: found if len(found) > 1 else found[0] for key, found in query.items()})


def sound(at: AppTest) -> AppTest:
    """The same page, which shows no exception."""
    assert not at.exception, at.exception
    return at


def widget(at: AppTest, key: str) -> Any:
    """The one element of that key."""
    (found,) = [one for one in cast(Any, at) if getattr(one, "key", None) == key]
    return found


def set_to(at: AppTest, **values: Any) -> AppTest:
    """Set widgets by key, one after the other, each followed by a run of the page."""
    for key, value in values.items():
        widget(at, key).set_value(value)
        at.run()
    return sound(at)


def button(at: AppTest, label: str) -> Any:
    """The one button of that label."""
    (found,) = [one for one in at.button if one.label == label]
    return found


def press(at: AppTest, label: str) -> AppTest:
    """The page after the one button of that label was pressed."""
    button(at, label).click()
    return sound(at.run())


def labels(at: AppTest) -> list[str]:
    """Labels of all buttons."""
    return [one.label for one in at.button]


def texts(at: AppTest) -> str:
    """Every word that the page says outside its widgets."""
    said = (at.title, at.header, at.subheader, at.caption, at.markdown, at.warning, at.info, at.success, at.error)
    parts = [*(str(one.value) for kind in (*said, at.metric) for one in kind), *(one.label for one in at.expander)]
    said_in_all = [*parts, *(one.label for one in at.metric), *(one.delta or "" for one in at.metric)]
    return plain("\n".join(said_in_all))


def plain(text: str) -> str:
    """A text as it reads, without the links that explain its terms."""
    return re.sub(rf"\[([^\]]+)\]\({LINK}[\w-]+\)", r"\1", text)


def verdict_of(at: AppTest) -> str:
    """The claim in large with what it rests on, which stands below the figure."""
    sentences = [plain(str(one.value)) for one in at.markdown]
    return f"{plain(at.header[0].value)} {next(one for one in sentences if ' test events; ' in one)}"


def csvs(at: AppTest) -> set[str]:
    """Names of the tables that can be taken away."""
    found = at.get("download_button")
    return {one.proto.id.rpartition("csv-")[2] for one in found if "csv-" in one.proto.id}


def run_in(at: AppTest) -> str:
    """The run that the address names."""
    (found,) = parse_qs(urlencode(at.query_params, doseq=True))["run"]
    return found


def charts(at: AppTest) -> list[str]:
    """Keys of all charts."""
    return [str(one.key) for one in cast(Any, at) if one.type == "plotly_chart"]


def experiment_in(at: AppTest) -> Experiment:
    """What the command that the page offers would run."""
    words = shlex.split(at.sidebar.code[0].value)
    assert words[:3] == ["python", "-m", "pdcn"]
    if not COMMANDS or COMMANDS[0][0] is not dials():
        COMMANDS[:] = [(dials(), parser())]
    return experiment_of(COMMANDS[0][1].parse_args(words[3:]))


def tiny(**values: Any) -> Experiment:
    """A study that trains in about a second."""
    small = {"data": "planted", "events": 2_000, "items": 300, "users": 50, "batch": 256}
    return assemble({**small, "epochs": 1, "seeds": 2, **values})


def plant(
    store: Store,
    state: State,
    source: RunFolder | None,
    *,
    files: tuple[str, ...] = FILES,
    message: str = "",
    by: str = ME,
) -> RunFolder:
    """A run in a state, with files of a run that was really made; this process owns it while it is live."""
    experiment = source.experiment if source else tiny()
    folder = store.create(experiment, own=state != "queued", by=by)
    for name in files if source else ():
        shutil.copy(cast(RunFolder, source).path / name, folder.path / name)
    for path in (source.path / name for name in INSIDE) if source and state == "done" else ():
        if path.is_dir():
            shutil.copytree(path, folder.path / path.name)
        elif path.exists():
            shutil.copy(path, folder.path / path.name)
    if state != "queued":
        total = 100
        phase = "training seed 1 of 2" if state in ("running", "paused") else ""
        left = 75.0 if state == "running" else None
        store.mark(folder, Progress(state, phase, total // 2, total, left, message, step=50, steps=80))
    return folder


SHOWN = RunFolder(SHOWCASE)
