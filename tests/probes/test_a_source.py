"""To add a source of data: settings with `source: Literal[its name]`, and a `Source` in `pdcn.sources.SOURCES`.

Give it words (`help`, `speech`), how its dataset is built, a size, a quick preset and what `python -m pdcn data` lists.
Where content can change behind equal settings, give it a fingerprint. Where the verdict shall be calibrated on it, give
it a calibration. Dials, options, links, cache, pages and studies follow; nothing else is touched.

Here it is a CSV of books that readers borrowed. Where it lies is a setting of free text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from pdcn.cli import experiment_of, main, parser
from pdcn.config import Experiment
from pdcn.dials import assemble, changed, dials, quick
from pdcn.jobs.needs import needs, refusal
from pdcn.jobs.worker import Recent, carry_out
from pdcn.pages.compare.page.dials import link_of
from pdcn.runs.store import Store
from pdcn.settings import SettingError, dial
from pdcn.sources import SOURCES, load
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Category, encode, time_bounds
from pdcn.sources.source import DataSettings, Size, Source, Speech, TableSize
from tests.app.app_help import button, experiment_in, follow, open_app, set_to, texts, widget
from tests.app.conftest import answer, asked

__all__ = ["answer", "asked"]
SMALL = {"data": "books", "batch": 64, "epochs": 1, "seeds": 2, "deep": (8,), "evaluations": 1}
EVENTS, BOOKS = 600, 30


def written(path: Path, seed: int = 0) -> Path:
    """A CSV of events: at each moment a reader in a mood borrowed a book from a shelf."""
    draws = np.random.default_rng(seed)
    book = np.append(np.arange(BOOKS), draws.integers(0, BOOKS, EVENTS - BOOKS))
    columns = {"when": 60 * np.arange(EVENTS), "reader": draws.integers(0, 20, EVENTS), "book": book}
    moods = draws.choice(["calm", "curious"], EVENTS)
    pd.DataFrame({**columns, "mood": moods, "shelf": book % 3}).to_csv(path, index=False)
    return path


class BookData(DataSettings):
    """What was borrowed."""

    source: Literal["books"] = "books"
    path: str = dial("", "Path", "Where the CSV of what was borrowed lies.", level="main")


def bytes_of(settings: BookData) -> bytes:
    try:
        return Path(settings.path).read_bytes()
    except OSError:
        raise SettingError("path: expected a CSV that can be read") from None


def build(settings: BookData) -> Dataset:
    bytes_of(settings)
    table = pd.read_csv(settings.path)
    books = table.drop_duplicates("book").sort_values("book").reset_index(drop=True)
    bounds = time_bounds(len(table))
    reader = Category("reader", "Reader", table["reader"])
    return Dataset(
        name="books",
        title="Books",
        note="What readers borrowed.",
        queries=encode([reader, Category("mood", "Mood", table["mood"])], [], np.arange(len(table)) < bounds[0]),
        items=encode(
            [Category("book", "Book", books["book"]), Category("shelf", "Shelf", books["shelf"])],
            [],
            np.ones(len(books), np.bool_),
        ),
        item_names=tuple(f"Book {number}" for number in books["book"]),
        positive=table["book"].to_numpy(np.int64),
        user=table["reader"].to_numpy(np.int64),
        when=table["when"].to_numpy(np.int64),
        bounds=bounds,
    )


def size(settings: BookData) -> Size:
    return Size(TableSize(bytes_of(settings).count(b"\n"), (21, 3), 0), TableSize(BOOKS, (BOOKS + 1, 4), 0))


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The CSV, whose source is there for the length of a test."""
    path = written(tmp_path / "my events, 1.csv")
    source = Source(
        name="books",
        settings=BookData,
        help="books that readers borrowed",
        build=build,
        size=size,
        quick={"epochs": 1, "batch": 64},
        presets=(("--path my.csv", BookData(path=str(path))),),
        speech=Speech("a reader", "borrowed", "borrowed", "book"),
        fingerprint=lambda settings: hashlib.sha256(bytes_of(settings)).hexdigest(),
    )
    monkeypatch.setitem(SOURCES, "books", source)
    return path


def test_its_settings_are_dials_options_and_json(csv: Path) -> None:
    (own,) = [one for one in dials() if one.source == "books"]
    assert (own.key, own.kind, own.expected()) == ("path", "text", "any text")
    given = experiment_of(parser().parse_args(["compare", "--data", "books", "--path", str(csv)]))
    assert given == assemble({"data": "books", "path": str(csv)})
    assert changed(given) == {"data": "books", "path": str(csv)}
    assert Experiment.from_json(given.to_json()) == given
    assert given.hash() not in {assemble({"data": name}).hash() for name in SOURCES}
    with pytest.raises(SettingError, match=r"^path: belongs to --data books, but the data is planted"):
        assemble({"data": "planted", "path": str(csv)})
    with pytest.raises(SettingError, match=r"^path: expected a valid string, got 3"):
        assemble({"data": "books", "path": 3})


def test_a_setting_whose_name_is_taken_is_refused(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clash(BookData):
        epochs: int = dial(1, "Epochs", "A name that the training has.", low=1, high=2)

    monkeypatch.setitem(SOURCES, "books", replace(SOURCES["books"], settings=Clash))
    with pytest.raises(ValueError, match="every setting to have a name of its own, got epochs twice"):
        dials()


def test_its_quick_preset_is_that_of_the_option(csv: Path) -> None:
    given = experiment_of(parser().parse_args(["compare", "--quick", "--data", "books", "--path", str(csv)]))
    assert given == assemble(quick({"data": "books", "path": str(csv)}))
    assert (given.training.epochs, given.training.batch) == (1, 64)


def test_changed_content_is_seen_and_the_same_is_prepared_once(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, recent = BookData(path=str(csv)), Recent()
    first = recent(settings)
    assert load(settings).hash == first.hash
    written(csv, seed=1)
    second = load(settings)
    assert second.hash != first.hash
    assert recent(settings).hash == second.hash  # the worker remembers the settings of before
    monkeypatch.setattr("pdcn.sources.cache.save", None)  # what is kept is not prepared again
    assert load(settings).hash == second.hash


def test_it_is_listed(csv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for other in set(SOURCES) - {"books"}:
        monkeypatch.setitem(
            SOURCES, other, replace(SOURCES[other], presets=())
        )  # the others take ten seconds to prepare
    assert main(["data", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["setting"], row["events"], row["items"]) == ("--data books --path my.csv", EVENTS, BOOKS)


def test_what_it_needs_is_estimated_and_a_wrong_path_is_one_sentence(csv: Path, tmp_path: Path) -> None:
    few = needs(assemble({**SMALL, "path": str(csv)}))
    csv.write_bytes(csv.read_bytes() * 1_000)
    assert needs(assemble({**SMALL, "path": str(csv)})).memory > few.memory
    assert refusal(assemble({**SMALL, "path": "nowhere.csv"}), tmp_path) == "path: expected a CSV that can be read"


def test_compare_shows_its_dial_as_a_text_field_and_a_link_carries_it(csv: Path) -> None:
    at = set_to(open_app(), data="books")
    assert widget(at, "path").type == "text_input"
    assert "path: expected a CSV that can be read" in texts(at)
    assert button(at, "Run").disabled
    at = set_to(at, path=str(csv))
    wanted = assemble({"data": "books", "path": str(csv)})
    assert experiment_in(at) == wanted
    assert not button(at, "Run").disabled
    assert experiment_in(follow(link_of(wanted, "showcase", ""))) == wanted
    button(at, "Quick setting").click()
    assert experiment_in(at.run()) == assemble(quick({"data": "books", "path": str(csv)}))


def test_the_data_page_shows_it_or_says_why_not(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = set_to(open_app("data"), data_of="books")
    assert at.error[0].value == "path: expected a CSV that can be read"

    class ThatCsv(BookData):
        path: str = str(csv)

    monkeypatch.setitem(SOURCES, "books", replace(SOURCES["books"], settings=ThatCsv))
    at = set_to(open_app("data"), data_of="books")
    assert at.metric[0].value == f"{EVENTS:,}"
    assert "a reader borrowed **Book" in texts(at)


def test_a_study_is_trained_on_it_and_pages_speak_its_words(csv: Path) -> None:
    store = Store()
    folder = store.create(assemble({**SMALL, "path": str(csv)}))
    ended = carry_out(store, folder)
    assert ended.state == "done", ended.message
    result = folder.result
    assert result is not None
    assert (result["data"]["name"], result["data"]["events"]) == ("books", EVENTS)
    at = open_app("retrieve", run=folder.run)
    said = [texts(at), *(one.proto.body for one in at.get("html"))]
    assert f"a reader borrowed one of {BOOKS} books" in " ".join(said)
    assert "a reader borrowed **Book" in texts(open_app("data", run=folder.run))
