"""A run from somebody else, and a link from somebody else, whose every text wants to be more than text."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from pdcn.dials import dials
from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from tests.browser.conftest import Tabs
from tests.browser.driver import App, still, unfold

PAGES = ["", "compare", "crosses", "embeddings", "inside", "retrieve", "latency", "findings", "data", "runs", "side"]
SAYS = (
    "![x](http://evil.example/a.png) <img src=http://evil.example/b.png onerror=fetch('http://evil.example')> "
    "**evil** $evil$ :red[evil] :material/skull: [evil](http://evil.example) <a href='http://evil.example'>evil</a> "
    "http://evil.example www.evil.example `evil <script>fetch('http://evil.example')</script> %{x}"
)
NAME = "![x](evil.png) **evil** <b>evil<b> $evil$ :red[evil] [evil](www.evil.example) `" + "n" * 120
WORDS = {
    "title",
    "note",
    "device",
    "verdict",
    "warning",
    "reason",
    "phase",
    "message",
    "label",
    "unit",
    "item",
    "when",
    "words",
    "query_words",
    "item_words",
    "settings",
    "machine",
    "clock",
    "torch",
    "why",
    "value",
    "value_a",
    "value_b",
    "product",
    "department",
    "_name",
    "_true",
    "household",
    "processor",
    "instructions",
}
"""Keys and columns of plain words, which no page looks anything up by."""


def poisoned(found: Any, key: str = "") -> Any:
    """A record whose every word for people is hostile, and still unlike the others."""
    if isinstance(found, dict):
        return {name: poisoned(value, name) for name, value in found.items()}
    if isinstance(found, list):
        return [poisoned(value, key) for value in found]
    return f"{SAYS} {found}" if isinstance(found, str) and key in WORDS else found


@pytest.fixture(scope="module")
def hostile_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The showcase, whose every text wants to be more than text."""
    path = tmp_path_factory.mktemp("hostile") / "run"
    shutil.copytree(SHOWCASE, path)
    (path / "remarks.json").write_text(json.dumps({"name": SAYS, "notes": SAYS, "tags": [SAYS]}))
    for file in (*path.glob("*.json"), *path.glob("analysis/*/state.json")):
        if file.name != "experiment.json":
            file.write_text(json.dumps(poisoned(json.loads(file.read_text()))))
    for file in path.rglob("*.parquet"):
        frame = pd.read_parquet(file)
        for column in (WORDS - {"device", "verdict"}) & {
            name for name in frame if frame[name].dtype.kind not in "fiub"
        }:
            frame[column] = f"{SAYS} " + frame[column].astype(str)
        if file.name == "slices.parquet":
            frame["field"] = f"{SAYS} " + frame["field"].astype(str)
        frame.to_parquet(file, index=False)
    return path


@pytest.fixture
def hostile(app: App, hostile_files: Path) -> RunFolder:
    path: Path = app.store.folders / NAME
    shutil.copytree(hostile_files, path)  # as old as it was: what the server keeps of it stands
    return RunFolder(path)


def harmless(page: Page) -> None:
    """Nothing of it became anything; and it is shown cut short."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=90_000)
    still(page)
    unfold(page)
    for made in ("img[src*=evil]", "svg a", ".katex", "[data-testid=stException]"):
        expect(page.locator(f"[data-testid=stApp] {made}")).to_have_count(0)
    for made in ("strong", "b", "em", "a", "span[style*=color]", "tspan[style*=bold]"):
        found = page.locator(f"[data-testid=stApp] {made}").filter(has_text="evil")
        plain = [text for text in found.all_inner_texts() if text.strip() == "evil"]
        assert plain == []
    assert set(page.evaluate("[...document.links].map((link) => link.hostname)")) == {"127.0.0.1"}
    for icon in page.locator("[data-testid=stIconMaterial]").all_inner_texts():
        assert icon != "skull"
    # a choice that a person typed stands whole in its own widget
    page.locator("[data-testid=stMultiSelect]").evaluate_all("all => all.forEach((one) => one.remove())")
    assert "n" * 60 not in page.locator("[data-testid=stApp]").inner_text()


KEYS = (
    "epochs",
    "deep",
    "arms",
    "baseline",
    "data",
    "move",
    "event",
    "top",
    "walk",
    "map_method",
    "map_draw",
    "latency_batch",
    "inside_side",
    "data_of",
    "filter",
    "with",
    "seed",
)


def link(run: str) -> str:
    """The parameters of a link to a run that asks for nonsense besides."""
    return urlencode({"run": run, **dict.fromkeys(KEYS, SAYS + "n" * 300)})


@pytest.mark.parametrize("path", PAGES)
def test_a_run_and_a_link_whose_every_text_is_hostile(tabs: Tabs, hostile: RunFolder, path: str) -> None:
    harmless(tabs.open(f"{path}?{link(hostile.run)}"))


def test_neither_a_hostile_name_nor_a_number_in_a_link_takes_a_page_down(tabs: Tabs) -> None:
    no_numbers = {"epochs": "inf", "seeds": "1e400", "batch": "9" * 5_000, "tune": "1_000", "patience": "٣"}
    page = tabs.open(f"compare?{urlencode({'run': SAYS + 'n' * 300, **no_numbers})}")
    for key, text in no_numbers.items():
        (dial,) = (one for one in dials() if one.key == key)
        got = f"{text[:40]}{'…' * (len(text) > 40)}"
        said = f"{key}: expected {dial.expected()}, got {got}; {dial.text(dial.default)} is used"
        expect(page.get_by_text(said)).to_be_visible()
        expect(page).not_to_have_url(re.compile(rf"{key}={re.escape(quote(text[:3]))}"))
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("5")
    epochs.press("Enter")
    expect(page.get_by_text("You changed settings. Press Run to train them.")).to_be_visible()
    harmless(page)
