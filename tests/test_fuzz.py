"""Links, options and files of any content: what they ask for, or one sentence; no traceback, and nothing that hangs.

    PDCN_FUZZ=20 python -m pytest tests/test_fuzz.py

tries so many times the cases that are tried without it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pdcn.cli import experiment_of, parser
from pdcn.config import Experiment
from pdcn.dials import assemble, changed, dials, parse_all
from pdcn.inert import line
from pdcn.runs.folder import RunFolder
from pdcn.runs.oddities import oddities
from pdcn.runs.remarks import LONGEST_NAME, LONGEST_NOTES, MOST_TAGS, remarks_of
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from tests.unit.studies_help import tiny

TIMES = int(os.environ.get("PDCN_FUZZ", "1"))
KEYS = [dial.key for dial in dials()]
LONGEST_SAID = 3_000

ANY = st.text(max_size=60) | st.text("0123456789.,-+eE_~x ", max_size=12)
"""A value as somebody may type it."""
GOOD = st.sampled_from([dial.text(dial.default) for dial in dials()] + [*SOURCES, "1", "2", "64,64", "true", "0.5"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.integers(10**300, 10**301),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def cases(count: int) -> Callable[[Any], Any]:
    """How many cases a test tries; a fixture of its own is made once for all of them."""
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=TIMES * count, deadline=None, suppress_health_check=quiet)


def in_a_sentence(error: SettingError) -> None:
    """What a person is told is short, in one line, and no repr of an object of ours."""
    said = line(error)
    assert 0 < len(said) < LONGEST_SAID
    assert " object at 0x" not in said
    assert "Traceback" not in said


@st.composite
def links(draw: st.DrawFn) -> list[tuple[str, str]]:
    """What an address or the options of a command ask for: known settings for the most part."""
    keys = draw(st.lists(st.sampled_from(KEYS) | st.text(max_size=12), max_size=5))
    return [(key, draw(GOOD if draw(st.booleans()) else ANY)) for key in keys]


def meaning(experiment: Experiment) -> tuple[Any, ...]:
    """An item tower that equals the query's is none of its own: the same models come out."""
    return experiment.model_copy(update={"item_network": None}), experiment.networks()


@cases(600)
@given(links())
@example([("item_head", "")])
def test_any_link_is_an_experiment_or_a_sentence(asked: list[tuple[str, str]]) -> None:
    try:
        found = assemble(parse_all(asked))
    except SettingError as error:
        in_a_sentence(error)
        return
    assert meaning(assemble(parse_all(changed(found).items()))) == meaning(found)


@cache
def understood() -> Any:
    return parser()


@cases(500)
@given(
    st.sampled_from(["compare", "calibrate", "bench train", "inspect", "export", "runs", "study", "data", "report"]),
    links(),
    st.lists(
        ANY | st.sampled_from(["--json", "--out", "--quick", "--set", "--", "-h=", "--epochs=--", "delete"]), max_size=3
    ),
)
def test_any_options_are_understood_or_told_in_a_sentence(
    command: str, asked: list[tuple[str, str]], more: list[str]
) -> None:
    options = [f"--{key.replace('_', '-')}={text}" for key, text in asked]
    try:
        found = understood().parse_args([*command.split(), *options, *more])
        if command == "compare":
            assert experiment_of(found).arms
    except SettingError as error:
        in_a_sentence(error)


@st.composite
def records(draw: st.DrawFn) -> Any:
    """An experiment's record with a few places changed: another value, one more, one less."""
    record = json.loads(draw(st.sampled_from([Experiment(), tiny()])).to_json())
    for _ in range(draw(st.integers(1, 3))):
        place = record
        while True:
            key = draw(st.sampled_from(sorted(place)) if place else st.text(max_size=8))
            if not isinstance(place.get(key), dict) or draw(st.integers(0, 3)) == 0:
                break
            place = place[key]
        change = draw(st.sampled_from(["other", "gone", "more"]))
        if change == "gone":
            place.pop(key, None)
        else:
            place[key if change == "other" else draw(st.text(max_size=12))] = draw(JSON)
    return record


@cases(500)
@given(records() | JSON | st.text(max_size=200))
def test_any_experiment_file_is_one_or_is_told_in_a_sentence(record: Any) -> None:
    text = record if isinstance(record, str) else json.dumps(record)
    try:
        found = Experiment.from_json(text)
    except SettingError as error:
        in_a_sentence(error)
        return
    assert Experiment.from_json(found.to_json()) == found
    assert found.arms


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fuzzed")
    Store(home).create(tiny())
    return home


@cases(100)
@given(st.sampled_from(["request.json", "progress.json", "result.json", "remarks.json", "lease"]), JSON | st.binary())
def test_any_file_of_a_run_leaves_the_others_and_the_list_as_they_are(home: Path, name: str, record: Any) -> None:
    store = Store(home)
    (path,) = store.folders.iterdir()
    before = {one.name: one.read_bytes() for one in path.iterdir()}
    (path / name).write_bytes(record if isinstance(record, bytes) else json.dumps(record).encode())
    try:
        folder = RunFolder(path)
        assert folder.progress.state
        assert folder.request["created"] >= 0
        store.index.discard()
        assert [row.run for row in store.rows()] == [path.name] or oddities(store)
        assert store.queue() in ([], [path.name])
        said = remarks_of(folder)
        assert len(said.name) <= LONGEST_NAME
        assert len(said.notes) <= LONGEST_NOTES
        assert len(said.tags) <= MOST_TAGS
        try:
            folder.whole_result()
        except SettingError as error:
            in_a_sentence(error)
    finally:
        for one in path.iterdir():
            one.unlink()
        for one_name, content in before.items():
            (path / one_name).write_bytes(content)
