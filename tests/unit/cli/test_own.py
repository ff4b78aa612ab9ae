"""python -m pdcn data import | list | add | delete, and --data with the name of what was imported."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from pdcn.cli import experiment_of, main, parser
from pdcn.dials import assemble, changed, named_data
from pdcn.jobs import needs
from pdcn.jobs.worker import carry_out
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from tests.unit.sources.table.formats_help import bare, movielens_1m, movielens_100k, ta_feng


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command ends with."""
    assert main(words) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def shown(run: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command line says of a run, whose answer stays."""
    capsys.readouterr()
    assert main(["runs", "show", run]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "On mine, " in out
    return out


def test_a_log_is_imported_trained_on_listed_and_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = bare(tmp_path)
    assert main(["data", "import", log, "--name", "mine"]) == 0
    out = capsys.readouterr().out
    assert "Its name says that it names users." in out
    assert "popular items hold" in out
    assert out.endswith("Imported. Compare on it with: python -m pdcn compare --data mine --quick\n")
    given = experiment_of(parser().parse_args(["compare", "--quick", "--data", "mine", "--seeds", "2", "--deep", "8"]))
    assert {key: changed(given)[key] for key in ("data", "dataset")} == {"data": "own", "dataset": "mine"}
    store = Store()
    ended = carry_out(store, store.create(given, "cpu", own=True))
    assert ended.state == "done", ended.message
    (row,) = store.rows()
    result = store.folder(row.run).result
    assert result is not None
    assert (result["data"]["title"], result["data"]["events"]) == ("mine", 1_500)
    said = f"{result['baselines']['popularity']['recall']['10']:.1%}"
    assert f"The 10 most popular items hold {said} of the test events" in out  # before anything is trained
    assert main(["data", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["name"], told["events"], told["items"], told["files"]) == ("mine", 1_500, 60, ["bare.csv"])
    bare(tmp_path, events=1_501)
    assert main(["data", "list"]) == 0
    assert "mine: bare.csv has changed since it was imported." in capsys.readouterr().out
    assert "The data has changed since the data set mine was imported from it: bare.csv." in shown(row.run, capsys)
    assert main(["data", "import", log, "--name", "mine", "--replace"]) == 0
    assert "The data set mine was imported anew on" in shown(row.run, capsys)
    assert main(["inspect", row.run, "--kind", "crosses", "--out", str(tmp_path / "tables")]) != 0
    assert f"the data has changed since {row.run} was trained" in " ".join(capsys.readouterr().err.split())
    assert main(["data", "delete", "mine"]) == 0
    assert capsys.readouterr().out == "mine is deleted.\n"
    assert "The data set mine is not here any more" in shown(row.run, capsys)
    assert main(["data", "list"]) == 0
    assert "No data of your own yet" in capsys.readouterr().out
    assert named_data("mine") == {}
    assert "expected one of" in refused(["compare", "--data", "mine"], capsys)


def test_a_look_keeps_nothing(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events, users, items = movielens_1m(tmp_path)
    words = ["data", "import", events, "--users", users, "--items", items, "--look", "--json"]
    assert main([*words, "--role", "items.column 3=category", "--positive-from", "all", "--split", "random"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["roles"]["items"]["column 3"] == "item-category"
    assert (told["preview"]["events"], told["preview"]["stretches"]) == (2_500, [])
    assert [*(home / "data").iterdir()] == []


def test_a_split_at_given_dates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = bare(tmp_path)
    days = [line.split(",")[2][:10] for line in Path(log).read_text().splitlines()[1:]]
    assert main(["data", "import", log, "--name", "mine", "--cuts", "1998-01-10", "1998-02-01T00:00"]) == 0
    parts = [
        (f"{first} to {last}", sum(first <= day <= last for day in days))
        for first, last in ((min(days), "1998-01-09"), ("1998-01-10", "1998-01-31"), ("1998-02-01", max(days)))
    ]
    out = capsys.readouterr().out
    for (told, count), done in zip(parts, ("Trained on", "Validated with", "Tested with"), strict=True):
        assert f"{done}: {count:,} events of 40 users, {told}." in out
    assert main(["data", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["cuts"] == [884_390_400, 886_291_200]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.csv", "--name", "mine"], "expected a file with a table, got 'nowhere.csv'"),
        (["LOG"], "--name: expected a name"),
        (["LOG", "--name", "journey"], "--name: expected another name, because 'journey' is a source of data"),
        (["LOG", "--name", "mine", "--role", "user"], "--role: expected COLUMN=ROLE, got 'user'"),
        (["LOG", "--name", "mine", "--role", "item=leave-out"], "No column names the item of an event"),
        (["LOG", "--name", "mine", "--positive-from", "x"], "--positive-from: expected a number, got 'x'"),
        (["LOG", "--name", "mine", "--kind", "a=b"], "--kind: expected a number, got 'b'"),
        (["LOG", "--name", "mine", "--cuts", "1998-01-01", "soon"], "--cuts: expected a date such as 2026-10-02"),
        (
            ["LOG", "--name", "mine", "--cuts", "1998-01-01", "1997-12-01"],
            "--cuts: expected the beginning of validation",
        ),
        (["LOG", "--name", "mine", "--cuts", "2026-01-01", "2026-02-01"], "--cuts: expected dates that leave events"),
        (["LOG", "--name", "mine", "--encoding", "utf-9"], "--encoding: expected one such as utf-8"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    log = bare(tmp_path, events=300)
    assert sentence in refused(["data", "import", *(log if word == "LOG" else word for word in words)], capsys)
    assert not (home / "data").exists() or [*(home / "data").iterdir()] == []


def test_terms_are_shown_and_have_to_be_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "add", "movielens-100k"]) == 2
    told = capsys.readouterr()
    assert "You may not pass it on" in told.out
    assert told.err.startswith("pdcn: --accept: expected")
    assert "expected one of movielens-100k" in refused(["data", "add", "netflix", "--accept"], capsys)


def test_settings_of_own_data_belong_to_it() -> None:
    with pytest.raises(SettingError, match=r"^dataset: belongs to --data own, but the data is planted"):
        assemble({"data": "planted", "dataset": "mine"})


def test_a_home_over_its_limit_takes_no_data(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "other").write_bytes(bytes(2_000_000))
    monkeypatch.setenv("PDCN_MOST_MEGABYTES", "1")
    log = bare(tmp_path)
    assert "takes 2.0 MB" in refused(["data", "import", log, "--name", "mine"], capsys)
    assert not (home / "data").exists()


def test_a_demonstration_takes_no_data(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PDCN_READ_ONLY", "1")
    assert "demonstration" in refused(["data", "import", bare(tmp_path), "--name", "mine"], capsys)
    assert not home.exists()


def test_known_data_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files in the published formats, by the command line alone; one with another sum is told."""
    for name, tables in (("movielens-100k", movielens_100k(tmp_path)), ("movielens-1m", movielens_1m(tmp_path))):
        archive = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(archive, "w") as made:
            for table in tables:
                made.write(table, f"ml/{Path(table).name}")
        assert main(["data", "add", name, "--accept", "--from", str(archive)]) == 0
        told = capsys.readouterr()
        assert f"'{name}.zip' is not the file that was published" in told.err
        assert "You may not pass it on" in told.out
        assert told.out.endswith(f"compare --data {name} --quick\n")
    assert main(["data", "add", "ta-feng", "--accept", "--from", ta_feng(tmp_path), "--name", "groceries"]) == 0
    assert "published" not in capsys.readouterr().err
    assert main(["data", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["split"]) for one in told] == [
        ("groceries", "time"),
        ("movielens-100k", "time"),
        ("movielens-1m", "time"),
    ]


def test_an_import_that_would_not_fit_is_not_begun(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Path(bare(tmp_path))
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(log.read_bytes()))
    monkeypatch.setattr(needs, "room", lambda _: 3 * log.stat().st_size)
    for file in (log, tmp_path / "log.csv.gz"):
        assert "This import needs about" in refused(["data", "import", str(file), "--name", "mine"], capsys)
    assert [one for one in home.rglob("*") if one.is_file()] == []
