"""What the pages that look inside make of a bag: a block like any other, its mean, and what a hand changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from pdcn.nn.fields import Blocks
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.pages.crosses.work.weights import field_values
from pdcn.pages.retrieve.page.cards import query_html
from pdcn.pages.retrieve.work.retrieval import Query, Retriever, average_x0, steady_fields, value_shares
from pdcn.tasks.retrieval.batches import DeviceData
from tests.unit.nn import nn_reference as reference
from tests.unit.pages.analysis_help import EVENTS, small_data, small_model

DATA = DeviceData(
    replace(small_data().dataset, queries=reference.table((4, 3, 5), 2, rows=EVENTS, seed=0, bags=((8, 5),))),
    torch.device("cpu"),
)
TABLE = DATA.dataset.queries
MODEL = small_model(DATA, id_embedding=4)
BAG = 3
"""The bag's place among the fields."""


def test_blocks_are_as_wide_as_the_fields() -> None:
    found = Blocks.of(TABLE, MODEL.query.fields)
    assert found.names == ("f0", "f1", "f2", "b0", "n0", "n1")
    assert found.widths == (2, 2, 4, 4, 1, 1)
    assert Scoring(MODEL, DATA, DATA.dataset.events("test")).blocks["query"] == found


def test_the_mean_of_a_bag_is_that_of_its_block_over_all_rows() -> None:
    mean = average_x0(MODEL.query, value_shares(TABLE), len(TABLE.numbers))
    rows = MODEL.query.x0(*DATA.queries[slice(None)])
    assert torch.allclose(mean[:12], rows.mean(0)[:12], atol=1e-6)  # the numbers behind have 0


def test_a_field_that_is_hidden_counts_in_the_score() -> None:
    retriever, query = Retriever(MODEL, DATA, value_shares(TABLE)), Query.of(DATA.dataset, 1)
    found = retriever.query_occlusion(query, 3).set_index("field")
    assert found.loc["b0", "adds"] != 0
    assert found["score"].iloc[0] == pytest.approx(retriever.answer(query).score[3], rel=1e-6)  # in another batch


def test_an_emptied_bag_is_one_changed_field() -> None:
    query = Query.of(DATA.dataset, 1)
    emptied = Query(query.codes.copy(), query.values.copy())
    emptied.codes[BAG:] = 0
    emptied.values[1] += 1
    assert emptied.changed(query, TABLE) == [BAG, 5]
    shown = query_html(emptied.table(TABLE), steady_fields(TABLE, DATA.dataset.user), emptied.changed(query, TABLE))
    assert '<span class="rt-set"><i>B0</i> <b>none</b></span>' in shown


def test_a_bag_is_steady_where_no_user_s_ever_changes() -> None:
    codes = TABLE.codes.copy()
    codes[:, BAG:] = codes[1, BAG:]
    steady = replace(TABLE, codes=codes)
    assert steady_fields(steady, DATA.dataset.user)[BAG]
    assert not steady_fields(TABLE, DATA.dataset.user)[BAG]


def test_values_of_a_bag_are_those_that_stand_first() -> None:
    rows = np.arange(EVENTS, dtype=np.int64)
    found = field_values(MODEL.query, TABLE, rows, BAG)
    assert found.codes.tolist() == TABLE.codes[:, BAG].tolist()
    assert found.x0.shape == (8, 4)
    assert field_values(MODEL.query, TABLE, rows, BAG + 1).names[1].startswith("high")
