"""A cached dataset comes back to the last bit; a damaged entry is made again; nothing is unpickled."""

from __future__ import annotations

import dataclasses
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.sources import cache
from pdcn.sources.dataset import Dataset
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.loop import Trainer

SMALL = PlantedData(events=2000, items=50, users=20, fields=3, values=3, crosses=2)
DATA = planted(SMALL)
OTHER = dataclasses.replace(DATA, title="Another")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").iterdir())


def forbidden() -> Dataset:
    raise AssertionError("the cache should have had it")


@pytest.mark.parametrize("truth", [True, False])
def test_everything_comes_back(tmp_path: Path, truth: bool) -> None:
    data = DATA if truth else dataclasses.replace(DATA, truth=None)
    cache.save(data, tmp_path / "one.npz")
    back = cache.load(tmp_path / "one.npz")
    assert back.hash == data.hash
    words = ("name", "title", "note", "item_names", "bounds")
    assert [getattr(back, name) for name in words] == [getattr(data, name) for name in words]
    for side in ("queries", "items"):
        ours, theirs = getattr(back, side), getattr(data, side)
        assert (ours.categories, ours.numbers) == (theirs.categories, theirs.numbers)
        assert ours.codes.tobytes() == theirs.codes.tobytes()
        assert ours.values.tobytes() == theirs.values.tobytes()
    if not truth:
        assert back.truth is None
        return
    assert back.truth is not None
    assert data.truth is not None
    assert back.truth.crosses == data.truth.crosses
    assert back.truth.query.tobytes() == data.truth.query.tobytes()
    assert back.truth.item.tobytes() == data.truth.item.tobytes()


def test_large_arrays_are_mapped_and_train_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAPPED", 10_000)
    mapped = cache.cached(SMALL, lambda: DATA)
    assert isinstance(mapped.queries.codes, np.memmap)
    assert isinstance(mapped.positive, np.memmap)
    assert not isinstance(mapped.items.codes, np.memmap)
    assert mapped.hash == DATA.hash
    cpu, experiment = torch.device("cpu"), Experiment(data=SMALL)
    trainers = [Trainer(DeviceData(data, cpu), experiment, "parallel", 1) for data in (DATA, mapped)]
    assert trainers[0].lap(3)[-1].loss == trainers[1].lap(3)[-1].loss
    weights = [trainer.flat.weights.detach().numpy().tobytes() for trainer in trainers]
    assert weights[0] == weights[1]
    with np.load(entries(tmp_path)[0]) as plain:  # the file is what any reader takes it for
        assert np.array_equal(plain["positive"], DATA.positive)


def test_prepared_once(tmp_path: Path) -> None:
    calls: list[int] = []

    def prepare() -> Dataset:
        calls.append(1)
        return DATA

    assert cache.cached(SMALL, prepare).hash == DATA.hash
    assert cache.cached(SMALL, prepare).hash == DATA.hash
    assert len(calls) == 1
    assert len(entries(tmp_path)) == 1


def test_other_settings_and_other_versions_are_other_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.cached(SMALL, lambda: DATA)
    assert cache.cached(SMALL.model_copy(update={"data_seed": 1}), lambda: OTHER).title == "Another"
    monkeypatch.setattr(cache, "VERSION", cache.VERSION + 1)
    assert cache.cached(SMALL, lambda: OTHER).title == "Another"
    assert len(entries(tmp_path)) == 3


def flipped(raw: bytes) -> bytes:
    """One bit turned inside the array of positives."""
    at = raw.index(b"positive.npy") + 500
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: b"not an archive", id="other"),
        pytest.param(lambda raw: b"", id="empty"),
        pytest.param(lambda raw: raw[: len(raw) // 2], id="truncated"),
        pytest.param(lambda raw: raw[:-1], id="short"),
        pytest.param(flipped, id="flipped"),
        pytest.param(lambda raw: pickle.dumps({"words": 1}), id="pickle"),
    ],
)
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cache.cached(SMALL, lambda: DATA)
    (entry,) = entries(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.cached(SMALL, lambda: OTHER).title == "Another"
    assert cache.cached(SMALL, forbidden).title == "Another"  # and kept, whole


@pytest.mark.parametrize("lost", ["words", "positive", "items_codes", "truth_query"])
def test_an_entry_that_lacks_an_array_is_made_again(tmp_path: Path, lost: str) -> None:
    cache.cached(SMALL, lambda: DATA)
    (entry,) = entries(tmp_path)
    with np.load(entry) as arrays:
        rest = {name: arrays[name] for name in arrays.files if name != lost}
    np.savez(entry, **rest)
    assert cache.cached(SMALL, lambda: OTHER).title == "Another"


class _Bomb:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return (_explode, ("unpickled",))


def _explode(word: str) -> None:
    raise AssertionError(word)


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    cache.cached(SMALL, lambda: DATA)
    (entry,) = entries(tmp_path)
    with np.load(entry) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    parts["positive"] = np.array([_Bomb()], dtype=object)
    np.savez(entry, **parts)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        cache.load(entry)
    assert cache.cached(SMALL, lambda: OTHER).title == "Another"


def test_what_is_written_holds_no_pickle(tmp_path: Path) -> None:
    cache.save(DATA, tmp_path / "one.npz")
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        headers = [archive.read(name)[:128] for name in archive.namelist()]
    assert len(headers) == 10
    assert all(header.startswith(b"\x93NUMPY") and b"'|O'" not in header for header in headers)


def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the cache"):
        cache.cached(SMALL, forbidden)
    assert not (tmp_path / "cache").exists()


def test_writing_that_fails_leaves_the_old_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.npz"
    cache.save(DATA, path)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="disk full"):
        cache.save(OTHER, path)
    monkeypatch.undo()
    assert cache.load(path).title == DATA.title
    assert list(tmp_path.iterdir()) == [path]


def test_load_goes_through_the_cache(tmp_path: Path) -> None:
    assert datasets.load(SMALL).hash == DATA.hash
    (entry,) = entries(tmp_path)
    assert entry.name.startswith("planted-")
    cache.save(OTHER, entry)
    assert datasets.load(SMALL).title == "Another"
