"""A bag in a table: checked, told in words, kept, profiled; a table without one has the hash that it had before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pdcn.pages.inside.work.probes import fields_of, judged_fields
from pdcn.pages.latency.work.serving import filled_up
from pdcn.sources import cache
from pdcn.sources.encoded_table import Table
from pdcn.sources.profile import profile
from pdcn.sources.spoken import field_words
from tests.unit.nn import nn_reference as reference
from tests.unit.pages.analysis_help import EVENTS, small_data

PLAIN = small_data().dataset
BAGGED = replace(PLAIN, queries=reference.table((4, 3, 5), 2, rows=EVENTS, seed=0, bags=((8, 5), (4, 2))))


def test_without_a_bag_the_hash_is_what_it_was() -> None:
    assert PLAIN.hash == "2e7698fbd454"
    assert BAGGED.hash != PLAIN.hash


def test_codes_must_be_values_of_their_bag() -> None:
    table = BAGGED.queries
    codes = table.codes.copy()
    codes[4, -1] = 4
    with pytest.raises(ValueError, match="codes of b1 between 0 and 3"):
        replace(table, codes=codes)
    with pytest.raises(ValueError, match=r"int32 codes of shape \(60, 10\)"):
        replace(table, codes=table.codes[:, :-1])


def test_a_row_in_words() -> None:
    table = BAGGED.queries
    first, second = dict(field_words(table, 0)), dict(field_words(table, 1))
    assert list(first) == [field.label for field in table.fields] == ["F0", "F1", "F2", "B0", "B1", "N0", "N1"]
    assert first["B0"] == "none"
    names = [table.bags[0].values[code] for code in table.held[0][1]]
    assert second["B0"] == f"{', '.join(names[:3])} and 2 more"


def test_it_comes_back_from_the_cache(tmp_path: Path) -> None:
    cache.save(BAGGED, tmp_path / "one.npz")
    back = cache.load(tmp_path / "one.npz")
    assert back.hash == BAGGED.hash
    assert back.queries.bags == BAGGED.queries.bags


def test_the_profile_says_how_many_values_and_which() -> None:
    record = next(field for field in profile(BAGGED)["fields"] if field["name"] == "b0")
    held = BAGGED.queries.held[0][: PLAIN.bounds[0]]
    assert (record["kind"], record["values"], record["places"]) == ("bag", 7, 5)
    assert record["held"] == pytest.approx(np.mean([np.count_nonzero(row) for row in held]))
    shares = {f"w{code}": np.mean([code in row for row in held]) for code in range(1, 8)}
    assert dict(record["top"]) == pytest.approx({name: share for name, share in shares.items() if share})


def test_a_probe_says_why_it_reads_no_bag() -> None:
    fields = fields_of(BAGGED.queries, np.arange(EVENTS, dtype=np.int64))
    asked, left_out = judged_fields(fields, {"by row": np.zeros(EVENTS, np.int64)})
    assert "several values at once" in left_out["B0"]
    assert "B0" not in {one.field.label for one in asked}


def test_made_up_items_have_the_whole_bag_of_some_item() -> None:
    table: Table = filled_up(BAGGED.queries, 90)
    there = {tuple(row) for row in BAGGED.queries.held[0]}
    assert len(table) == 90
    assert {tuple(row) for row in table.held[0]} <= there
