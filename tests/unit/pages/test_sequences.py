"""What the pages that look inside make of an encoded sequence: a field like any other, wherever widths are read."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pdcn.config import Network
from pdcn.nn.fields import Blocks
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.pages.crosses.work.weights import projection_layers
from pdcn.pages.inside.work.sequences import facts_of, stages_of
from pdcn.pages.latency.work.forms import Fused, parts
from pdcn.pages.latency.work.subjects import pair_of
from pdcn.pages.retrieve.work.retrieval import Query, Retriever, average_x0, value_shares
from pdcn.tasks.retrieval.batches import DeviceData
from tests.unit.sequence_help import ActedData, acted, build, known

DATA = DeviceData(build(ActedData(acts=300)), torch.device("cpu"))
TABLE = DATA.dataset.queries
FORM = {"sequence": "transformer", "projection": "dcn", "projected": 6}
SEQUENCE = 1
"""The sequence's place among the fields."""


def model(**values: object) -> TwoTower:
    with known():
        made = TwoTower(TABLE, DATA.dataset.items, acted(**{**FORM, **values}), "parallel")
    initialise(made, 0, 0.5)
    return made.requires_grad_(False).eval()


def test_it_is_a_block_as_wide_as_the_projection() -> None:
    found = Blocks.of(TABLE, model().query.fields)
    assert (found.names, found.widths) == (("place", "did"), (8, 6))
    assert Scoring(model(), DATA, DATA.dataset.events("test")).blocks["query"] == found


@pytest.mark.parametrize("sequence", ["mean", "transformer", "none"])
def test_hidden_it_is_what_the_tower_makes_of_it_on_average(sequence: str) -> None:
    made = model(sequence=sequence)
    mean = average_x0(made.query, value_shares(TABLE), 0, DATA.queries)
    torch.testing.assert_close(mean, made.query.x0(*DATA.queries[slice(None)]).mean(0), atol=1e-5, rtol=1e-5)
    retriever, query = Retriever(made, DATA, value_shares(TABLE)), Query.of(DATA.dataset, 1)
    found = retriever.query_occlusion(query, 3).set_index("field")
    assert (found.loc["did", "adds"] != 0) == (sequence != "none")


def test_the_projection_is_read_as_it_computes() -> None:
    made = model()
    codes = DATA.queries.codes
    (layer,) = projection_layers(made.query, 0, codes)
    encoder = made.query.embedding.encoder(0)
    assert encoder is not None
    assert encoder.crosses is not None
    whole = encoder.actions(*made.query.embedding.actions(0, made.query.embedding.held(codes, 0)))
    np.testing.assert_allclose(layer.x0, whole.double().square().mean(0).sqrt(), rtol=1e-5)
    assert layer.W.shape == (32, 32)
    assert [*projection_layers(model(projection="mlp").query, 0, codes)] == []


def test_facts_of_a_sequence_are_those_of_its_codes() -> None:
    rows = np.array([3, 0, 7])
    last, kind, many, taste = facts_of(DATA.dataset, rows)[0]
    codes = TABLE.of_bags[0][rows]
    assert last.column.tolist() == codes[:, 0].tolist()
    assert kind.column.tolist() == codes[:, 4].tolist()
    assert many.column.tolist() == (codes[:, :4] > 0).sum(1).tolist()
    assert len(taste.column) == 3
    made = model()
    found = stages_of(made.query, 0, DATA, rows)
    assert {stage: layer.shape[1] for stage, layer in found.items()} == {"mean": 8, "whole": 32, "projected": 6}
    x0 = made.query.x0(*DATA.queries[torch.tensor(rows)])
    np.testing.assert_allclose(found["projected"], x0[:, 8:], atol=1e-5)


def test_forms_for_serving_begin_above_it() -> None:
    network = Network(**{**FORM, "deep": (16,), "output": 8})
    parallel, sequential = pair_of(TABLE, network)
    assert parallel.embedding is sequential.embedding
    x0 = parallel.x0(*DATA.queries[slice(0, 5)])
    torch.testing.assert_close(Fused(parallel)(x0), parallel(*DATA.queries[slice(0, 5)]), atol=1e-5, rtol=1e-5)
    assert {"cross", "deep", "join", "head"} <= parts(parallel, x0).keys()
