"""A data set is there whole or not at all, is told from others by its content, and can be deleted with all of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.files import home as home_folder
from pdcn.settings import SettingError
from pdcn.sources import fingerprint, load
from pdcn.sources.own import OwnData
from pdcn.sources.table import importing
from pdcn.sources.table.draft import SPLITS, Draft, Files, begin, edit
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.kept import delete, folder_of_all, kept, names
from pdcn.sources.table.preview import preview
from tests.unit.sources.table.formats_help import bare, drawn, movielens_1m

MINE = OwnData(dataset="mine")


def draft_of(tmp_path: Path, events: int = 900) -> Draft:
    return begin(Files(bare(tmp_path, events=events)))


def test_equal_content_has_an_equal_fingerprint_and_other_content_another(tmp_path: Path) -> None:
    import_data(draft_of(tmp_path), "mine")
    import_data(draft_of(tmp_path), "again")
    first = load(MINE)
    assert load(OwnData(dataset="again")).hash == first.hash
    assert fingerprint(MINE) == fingerprint(OwnData(dataset="again"))
    assert kept("mine").changed == []
    bare(tmp_path, events=901)
    assert kept("mine").changed == ["bare.csv"]  # the file, not the data set
    assert load(MINE).hash == first.hash
    with pytest.raises(SettingError, match="'mine' is there already"):
        import_data(draft_of(tmp_path), "mine")
    import_data(draft_of(tmp_path, 901), "mine", replacing=True)
    assert load(MINE).hash != first.hash


def test_it_is_deleted_with_what_was_prepared_of_it(tmp_path: Path) -> None:
    import_data(draft_of(tmp_path), "mine")
    import_data(draft_of(tmp_path), "other")
    load(MINE)
    load(OwnData(dataset="other"))
    assert len([*(home_folder() / "cache").glob("own-*.npz")]) == 2
    delete("mine")
    assert len([*(home_folder() / "cache").glob("own-*.npz")]) == 1
    assert names() == ["other"]
    assert [one.name for one in folder_of_all().iterdir()] == ["other"]
    with pytest.raises(SettingError, match=r"dataset: expected data that you imported \(other\), got 'mine'"):
        load(MINE)
    with pytest.raises(SettingError, match="expected the name of data"):
        load(OwnData())


@pytest.mark.parametrize("name", ["My data", "../mine", "", "a/b", ".mine", "x" * 41, "journey", "own"])
def test_a_name_is_a_plain_word_that_no_source_has(tmp_path: Path, name: str) -> None:
    draft = draft_of(tmp_path)
    with pytest.raises(SettingError, match=r"^--name: expected"):
        import_data(draft, name)
    with pytest.raises(SettingError, match="dataset: expected"):
        load(OwnData(dataset=name))


@pytest.mark.parametrize("at", ["write_json", "_write_items", "_write_users", "sha256_of"])
def test_a_failure_leaves_nothing_half_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    import_data(draft_of(tmp_path), "mine")
    before = load(MINE).hash
    draft = draft_of(tmp_path, 901)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(importing, at, fail)
    with pytest.raises(OSError, match="No space left"):
        import_data(draft, "mine", replacing=True)
    assert names() == ["mine"]
    assert load(MINE).hash == before
    monkeypatch.undo()
    monkeypatch.setenv("PDCN_HOME", str(draft.folder.parents[1]))
    import_data(draft, "mine", replacing=True)  # the draft is as it was
    assert load(MINE).hash != before
    assert [one.name for one in folder_of_all().iterdir()] == ["mine"]


def test_drafts_of_processes_that_are_gone_are_thrown_away(tmp_path: Path) -> None:
    dead = folder_of_all() / ".999999999-abcd.staging"
    dead.mkdir(parents=True)
    draft = draft_of(tmp_path)
    assert [one.name for one in folder_of_all().iterdir()] == [draft.folder.name]
    assert names() == []


def test_a_replacement_that_was_cut_off_leaves_what_was_there(tmp_path: Path) -> None:
    """Between the going of the old data and the coming of the new, which is when a process may be killed."""
    import_data(draft_of(tmp_path), "mine")
    folder = kept("mine").folder
    folder.rename(folder.with_name(".mine.replaced"))
    assert names() == ["mine"]
    folder.rename(folder.with_name(".mine.replaced"))
    assert len(load(MINE).queries) == 900


def test_a_damaged_or_later_record_is_one_sentence(tmp_path: Path) -> None:
    import_data(draft_of(tmp_path), "mine")
    record = kept("mine").folder / "meta.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "form": 99}))
    with pytest.raises(SettingError, match="was imported by a later version, or is damaged"):
        load(MINE)


def test_splits(tmp_path: Path) -> None:
    """In time no moment is in two parts; per user the latest are tested; at random, time plays no part."""
    for split in SPLITS:
        import_data(edit(draft_of(tmp_path), split=split), split)
    log = drawn(900, 40, 60)
    of_time = load(OwnData(dataset="time"))
    assert of_time.bounds == (765, 810)
    assert of_time.when.tolist() == log["seconds"].tolist()
    per_user = load(OwnData(dataset="per-user"))
    train, test = per_user.part("train"), per_user.part("test")
    last = {
        user: max(when)
        for user, when in pd.DataFrame({"u": per_user.user, "w": per_user.when})[train].groupby("u")["w"]
    }
    first = pd.DataFrame({"u": per_user.user, "w": per_user.when})[test].groupby("u")["w"].min()
    assert (first >= [last[user] for user in first.index]).all()
    counts = np.bincount(per_user.user)
    assert np.bincount(per_user.user[test]).tolist() == [max(1, int(0.1 * many + 0.5)) for many in counts]
    drawn_part = load(OwnData(dataset="random"))
    assert drawn_part.bounds == (765, 810)
    assert sorted({*drawn_part.when.tolist()}) == [0, 1, 2]
    pairs = [sorted(zip(one.user, one.positive, strict=True)) for one in (of_time, per_user, drawn_part)]
    assert pairs[0] == pairs[1] == pairs[2]


def test_a_split_at_given_moments(tmp_path: Path) -> None:
    """An event at the moment itself belongs to the part that begins with it; another split forgets the moments."""
    seconds = drawn(900, 40, 60)["seconds"]
    cuts = (int(seconds[600]), int(seconds[800]) + 1)
    draft = edit(draft_of(tmp_path), cuts=cuts)
    assert edit(draft, repeats="once").cuts == cuts
    assert edit(draft, split="random").cuts is edit(draft, cuts=False).cuts is None
    seen = preview(draft)
    import_data(draft, "mine")
    dataset = load(MINE)
    assert dataset.bounds == (int((seconds < cuts[0]).sum()), int((seconds < cuts[1]).sum()))
    assert [one.events for one in seen.parts] == np.diff([0, *dataset.bounds, 900]).tolist()
    told = f"{datetime.fromtimestamp(cuts[0], UTC):%Y-%m-%d %H:%M:%S}"
    assert f"Validation begins on {told}, and the test part on" in dataset.note
    import_data(draft_of(tmp_path), "by-shares")
    assert kept("by-shares").record["cuts"] is None
    assert kept("by-shares").fingerprint != kept("mine").fingerprint


@pytest.mark.parametrize(
    ("cuts", "split", "said"),
    [
        (
            (2, 1),
            None,
            "--cuts: expected the beginning of validation before that of the test part, got 1970-01-01 00:0",
        ),
        ((1, 2), "random", "--cuts: expected a split in time, which alone has dates, got random"),
        ((1, 2), None, "--cuts: expected dates that leave events in every part, got 0 to train on, 0 to validate with"),
    ],
)
def test_moments_that_split_nothing(tmp_path: Path, cuts: tuple[int, int], split: Any, said: str) -> None:
    with pytest.raises(SettingError, match=f"^{said}"):
        preview(edit(draft_of(tmp_path), cuts=cuts, split=split))


def test_repeats_that_are_taken_once_are_no_answers_any_more(tmp_path: Path) -> None:
    import_data(edit(draft_of(tmp_path), repeats="once"), "mine")
    dataset = load(MINE)
    pairs = [*zip(dataset.user.tolist(), dataset.positive.tolist(), strict=True)]
    assert len({*pairs}) == len(pairs)
    assert dataset.leave_out


def test_weights_and_outcomes(tmp_path: Path) -> None:
    log = drawn(900, 40, 60)
    kinds = np.array(["view", "cart", "shown"])[np.arange(900) % 3]
    frame = pd.DataFrame({"user": log["user"], "item": log["item"], "time": log["seconds"], "action": kinds})
    frame.assign(weight=1 + np.arange(900) % 2).to_csv(tmp_path / "log.csv", index=False)
    import_data(edit(begin(Files(str(tmp_path / "log.csv"))), kinds={"cart": 3}), "mine")
    dataset = load(MINE)
    rows = np.flatnonzero(kinds != "shown")
    assert dataset.weight is not None
    assert dataset.outcome is not None
    expected = np.where(kinds[rows] == "cart", 3, 1) * (1 + rows % 2)
    assert dataset.weight.tolist() == expected.tolist()
    order = [*kept("mine").record["kinds"]]
    assert [order[int(one) - 1] for one in dataset.outcome] == kinds[rows].tolist()


def test_names_and_cells_of_others_are_text(tmp_path: Path) -> None:
    """Quotes, queries, formulas and Markdown in names and cells come out as they are, in one line."""
    log = drawn(600, 30, 60)
    nasty = [
        "'; DROP TABLE events; --",
        "=cmd|' /C calc'!A0",
        "![x](http://evil)",
        '"',
        "<b>",
        "a\u202eb",
        "{x}",
        "\\N",
    ]
    frame = pd.DataFrame({"user": log["user"], "item": log["item"], "time": log["seconds"]})
    frame["x'; DROP TABLE c0; --"] = [nasty[at % 8] for at in range(600)]
    frame["a.b\n\x1b[31m"] = [nasty[at % 7] for at in range(600)]
    frame.to_csv(tmp_path / "log.csv", index=False)
    import_data(begin(Files(str(tmp_path / "log.csv"))), "mine")
    dataset = load(MINE)
    labels = {field.label: field for field in dataset.queries.categories}
    assert "X'; DROP TABLE c0; --" in labels
    assert {"'; DROP TABLE events; --", "![x](http://evil)", "{x}"} <= {*labels["X'; DROP TABLE c0; --"].values}
    text = "".join([*labels, *(value for field in labels.values() for value in field.values)])
    assert text.isprintable()
    assert "\u202e" not in text


def test_names_that_could_be_those_of_another_field(tmp_path: Path) -> None:
    log = drawn(600, 30, 60)
    frame = pd.DataFrame({"user": log["user"], "item": log["item"], "time": log["seconds"]})
    for name in ("hour", "length_given", "length", "Length", "weekday"):
        frame[name] = [None if at % 9 == 0 else at / 7 for at in range(600)]
    frame.to_csv(tmp_path / "log.csv", index=False)
    import_data(begin(Files(str(tmp_path / "log.csv"))), "mine")
    fields = [field.name for field in load(MINE).queries.fields]
    assert len({*fields}) == len(fields) == 3 + 2 * 5


def test_what_it_needs_is_estimated_from_its_record(tmp_path: Path) -> None:
    from pdcn.sources import SOURCES

    import_data(begin(Files(*movielens_1m(tmp_path))), "mine")
    size = SOURCES["own"].size(MINE)
    dataset = load(MINE)
    assert (size.query.rows, size.item.rows) == (len(dataset.queries), len(dataset.items))
    assert len(size.query.values) == len(dataset.queries.categories)
    assert len(size.item.bags) == len(dataset.items.bags) == 2
