"""A prepared dataset on disk, so that it is prepared once: arrays as .npz, words as JSON.

Large arrays are not read but mapped where they lie in the file, so that data past memory can be trained on.
"""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from pdcn.files import FULL, LOCKED, atomic_path, home, read_only
from pdcn.settings import digest
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.fields import BagField, CategoryField, NumberField, SequenceField
from pdcn.sources.source import DataSettings
from pdcn.sources.truth import PlantedCross, Truth

VERSION = 6
"""Raise it whenever a source would prepare other data from the same settings, or a dataset has other parts."""
WORDS, TUPLES = ("name", "title", "note", "zone", "leave_out"), ("bounds", "item_names")
PASSED, TOLD = ("item", "user", "when"), ("cap", "unit", "surface", "advertiser")
COLUMNS = ("positive", "user", "when")
"""Parts of a dataset that are as JSON has them, a tuple, or an array of its events or of what came to nothing."""
MAPPED = 2**26
"""Bytes from which an array is mapped. What is damaged in it is not found, since that takes reading all of it."""
ALIGNED = 64
"""Arrays begin at multiples of so many bytes, as those in memory do."""
LOCAL, OF_SIZE, OF_PADDING = 30, 20, 4
"""Bytes of a member's header in an archive: what is before its name, its size in 64 bits, and before the padding."""
DAMAGED = (OSError, EOFError, ValueError, TypeError, LookupError, zipfile.BadZipFile)
"""What reading a damaged entry can raise."""


def cached(settings: DataSettings, prepare: Callable[[], Dataset], content: str = "") -> Dataset:
    """The dataset of these settings and this content, from the cache where it has one; a damaged entry is remade.

    Where the disk is full or read-only it is not kept.
    """
    told = [VERSION, settings.record(), *([content] if content else [])]
    name = f"{settings.source}-{digest(told)}.npz"
    path = home() / "cache" / name
    if path.exists():
        try:
            return load(path)
        except DAMAGED:
            if not read_only(path.parent):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
    dataset = prepare()
    try:
        save(dataset, path)
    except OSError as error:
        if error.errno not in (*FULL, *LOCKED):
            raise
        return dataset
    return load(path) if path.stat().st_size >= MAPPED else dataset  # which then need not be in memory


def forget(source: str, title: str) -> None:
    """Delete what is kept of a source's data of that title."""
    for path in (home() / "cache").glob(f"{source}-*.npz"):
        with suppress(*DAMAGED), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if json.loads(arrays["words"].tobytes())["title"] != title:
                continue
            path.unlink(missing_ok=True)


def save(dataset: Dataset, path: Path) -> None:
    """Write a dataset whole or not at all."""
    words = {
        **{name: getattr(dataset, name) for name in (*WORDS, *TUPLES)},
        "tables": {side: _fields(getattr(dataset, side)) for side in ("queries", "items")},
        "crosses": _crosses(dataset.truth),
        "feedback": None,
    }
    if told := dataset.feedback:
        words["feedback"] = {name: getattr(told, name) for name in ("kinds", "groups", *TOLD)} | {
            "bounds": told.passed.bounds,
            "truths": {name: _crosses(truth) for name, truth in told.truths.items()},
        }
    arrays: dict[str, Any] = {
        "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
        **{name: getattr(dataset, name) for name in COLUMNS},
        **dataset.of_events(),
    }
    for side in ("queries", "items"):
        table: Table = getattr(dataset, side)
        arrays[f"{side}_codes"], arrays[f"{side}_values"] = table.codes, table.values
    if dataset.truth:
        arrays["truth_query"], arrays["truth_item"] = dataset.truth.query, dataset.truth.item
    if told := dataset.feedback:
        arrays["value"] = told.value
        arrays["passed_codes"], arrays["passed_values"] = told.passed.queries.codes, told.passed.queries.values
        arrays |= {f"passed_{name}": getattr(told.passed, name) for name in PASSED}
        for name, truth in told.truths.items():
            arrays[f"{name}_query"], arrays[f"{name}_item"] = truth.query, truth.item
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in arrays.items():
            _write(archive, f"{name}.npy", np.asanyarray(array))


def _write(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """Add an array as `np.savez` does, but where it can be mapped: at an even place."""
    assert archive.fp is not None
    member, before = zipfile.ZipInfo(name), archive.fp.tell() + LOCAL + len(name) + OF_SIZE + OF_PADDING
    padding = -before % ALIGNED
    member.extra = b"\0\0" + padding.to_bytes(2, "little") + bytes(padding)  # a field that no reader knows
    with archive.open(member, "w", force_zip64=True) as file:
        npy.write_array(file, array, allow_pickle=False)


def load(path: Path) -> Dataset:
    """Read a dataset that `save` wrote; nothing is unpickled."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        mapped = {name: _mapped(file, archive.zip.getinfo(f"{name}.npy")) for name in archive.files}
        arrays = {name: archive[name] if array is None else array for name, array in mapped.items()}
        words = json.loads(arrays["words"].tobytes())
        parts: dict[str, Any] = {
            side: Table(
                tuple(CategoryField(f["name"], f["label"], tuple(f["values"])) for f in fields["categories"]),
                tuple(NumberField(**f) for f in fields["numbers"]),
                arrays[f"{side}_codes"],
                arrays[f"{side}_values"],
                tuple(map(_bag, fields["bags"])),
            )
            for side, fields in words["tables"].items()
        }
        if words["crosses"] is not None:
            parts["truth"] = _truth(words["crosses"], arrays, "truth")
        if told := words["feedback"]:
            like = parts["queries"]
            queries = dataclasses.replace(like, codes=arrays["passed_codes"], values=arrays["passed_values"])
            shown = {name: arrays[f"passed_{name}"] for name in PASSED}
            passed = Passed(queries, **shown, bounds=tuple(told["bounds"]))
            parts["feedback"] = Feedback(
                kinds=tuple(told["kinds"]),
                groups={name: tuple(kinds) for name, kinds in told["groups"].items()},
                value=arrays["value"],
                passed=passed,
                truths={name: _truth(crosses, arrays, name) for name, crosses in told["truths"].items()},
                **{name: told[name] for name in TOLD},
            )
        parts |= {name: words[name] for name in WORDS} | {name: tuple(words[name]) for name in TUPLES}
        parts |= {name: arrays[name] for name in (*COLUMNS, "outcome", "weight") if name in arrays}
        return Dataset(**parts)


def _mapped(file: IO[bytes], member: zipfile.ZipInfo) -> NDArray[Any] | None:
    """A large array where it lies in the file; None where it is small, or stands at no even place."""
    if member.file_size < MAPPED:
        return None
    file.seek(member.header_offset)
    header = file.read(LOCAL)
    start = member.header_offset + LOCAL + sum(int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    file.seek(start)
    version = npy.read_magic(file)
    shape, by_column, kind = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(file)
    if by_column or kind.hasobject or file.tell() % ALIGNED:
        return None
    # a copy is made of what is written to, which nobody does: torch takes no array that can't be written
    return np.memmap(file.name, kind, "c", file.tell(), shape)


def _fields(table: Table) -> dict[str, list[dict[str, Any]]]:
    return {
        "categories": [dataclasses.asdict(field) for field in table.categories],
        "numbers": [dataclasses.asdict(field) for field in table.numbers],
        "bags": [dataclasses.asdict(field) for field in table.bags],
    }


def _bag(told: dict[str, Any]) -> BagField:
    plain = {**told, "values": tuple(told["values"])}
    if "more" not in plain:
        return BagField(**plain)
    more = (CategoryField(one["name"], one["label"], tuple(one["values"])) for one in plain["more"])
    return SequenceField(**{**plain, "more": tuple(more)})


def _crosses(truth: Truth | None) -> list[dict[str, Any]] | None:
    return [dataclasses.asdict(cross) for cross in truth.crosses] if truth else None


def _truth(crosses: list[dict[str, Any]], arrays: Mapping[str, NDArray[Any]], name: str) -> Truth:
    planted = tuple(PlantedCross(one["side"], tuple(one["fields"]), one["strength"]) for one in crosses)
    return Truth(planted, arrays[f"{name}_query"], arrays[f"{name}_item"])
