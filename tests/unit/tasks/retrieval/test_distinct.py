"""Equal rows are found, and tie exactly wherever they stand: catalogues of every awkward size, one and two threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pdcn.config import Experiment, Network
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.pages.retrieve.work.retrieval import Query, Retriever, value_shares
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval import distinct as module
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.distinct import Distinct
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, model_ranks, oracle_ranks

SETTINGS = PlantedData(events=2_000, items=50, users=20, fields=2, values=3, numbers=0, crosses=1)
DATA = planted(SETTINGS)
NETWORK = Network(deep=(64,), activation="gelu", layer_norm=True)
SIZES = (1, 2, 7, 31, 100, 8_191, 8_192, *range(8_193, 8_201))


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    """The test under one thread an operation and under two."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def repeated(table: Table, rows: int) -> Table:
    """So many rows, drawn out of the table's few different ones."""
    drawn = np.random.default_rng(rows).integers(len(table), size=rows)
    return Table(table.categories, table.numbers, table.codes[drawn], table.values[drawn])


def catalogue_of(items: int) -> Dataset:
    """The planted data with a catalogue of so many items, each like thousands of others."""
    positive = np.random.default_rng(0).integers(items, size=len(DATA.queries))
    names = tuple(f"item {at}" for at in range(items))
    return dataclasses.replace(DATA, items=repeated(DATA.items, items), item_names=names, positive=positive, truth=None)


def model_of(dataset: Dataset, arm: str = "parallel") -> TwoTower:
    model = TwoTower(dataset.queries, dataset.items, Experiment(network=NETWORK), arm)
    initialise(model, 0, 0.3)
    return model.requires_grad_(False).eval()


@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from([-0.0, 0.0, 0.5, -3.25])), min_size=1))
def test_different_rows_are_those_of_a_dictionary(rows: list[tuple[int, float]]) -> None:
    codes = torch.tensor([[code] for code, _ in rows], dtype=torch.int32)
    values = torch.tensor([[value] for _, value in rows])
    found = Distinct.of(codes, values)
    numbered: dict[tuple[int, float], int] = {}
    expected = [numbered.setdefault(row, len(numbered)) for row in rows]
    assert found.place.tolist() == expected
    assert found.first.tolist() == [expected.index(at) for at in range(len(numbered))]
    assert found.times.tolist() == [expected.count(at) for at in range(len(numbered))]
    assert found.repeats == (len(numbered) < len(rows))


def test_rows_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_hash", lambda columns: torch.zeros(len(columns[0]), dtype=torch.int64))
    found = Distinct.of(torch.tensor([[3], [1], [3], [2]], dtype=torch.int32))
    assert found.first.tolist() == [0, 1, 3]
    assert found.place.tolist() == [0, 1, 0, 2]


def test_many_rows_of_random_bits_collide_in_no_hash() -> None:
    codes = torch.from_numpy(np.random.default_rng(0).integers(0, 40, (200_000, 4)).astype(np.int32))
    assert len(Distinct.of(codes)) == len(np.unique(codes.numpy(), axis=0))


@pytest.mark.parametrize("items", SIZES)
def test_equal_items_tie_wherever_they_stand(items: int, threads: int) -> None:
    """The rank of an item of g equals is that of a sort of the few different items, all g in the middle of theirs."""
    dataset = catalogue_of(items)
    data, model, events = (DeviceData(dataset, torch.device("cpu")), model_of(dataset), DATA.events("test"))
    codes, place, times = np.unique(dataset.items.codes, axis=0, return_inverse=True, return_counts=True)
    with torch.no_grad():
        few = model.item(torch.from_numpy(codes), torch.zeros(len(codes), 0)).double()
        query = model.query(torch.from_numpy(DATA.queries.codes[events]), torch.zeros(len(events), 0)).double()
    score = (query @ few.T).numpy()
    own = place.ravel()[dataset.positive[events]]
    higher = ((score > score[np.arange(len(own)), own][:, None]) * times).sum(1)
    assert model_ranks(model, data, events).tolist() == (higher + (times[own] - 1) / 2).tolist()


@pytest.mark.parametrize("items", SIZES)
def test_equal_rows_have_equal_vectors_and_scores(items: int, threads: int) -> None:
    dataset = catalogue_of(items)
    data, model = DeviceData(dataset, torch.device("cpu")), model_of(dataset)
    vectors = encode_rows(model.item, data.items)
    score = Catalogue.of(vectors).scores(encode_rows(model.query, data.queries)[:5])
    _, first, place = np.unique(dataset.items.codes, axis=0, return_index=True, return_inverse=True)
    like = torch.from_numpy(first[place.ravel()])
    assert torch.equal(vectors, vectors[like])
    assert torch.equal(score, score[:, like])


@pytest.mark.parametrize("events", [1, 3, 33, 251, 299])
def test_equal_events_have_equal_ranks(events: int, threads: int) -> None:
    dataset = catalogue_of(300)
    data, model = DeviceData(dataset, torch.device("cpu")), model_of(dataset)
    asked = DATA.events("test")[:events]
    ranks = model_ranks(model, data, asked)
    found: dict[tuple[int, ...], float] = {}
    for event, rank in zip(asked, ranks, strict=True):
        row = (*DATA.queries.codes[event].tolist(), int(dataset.positive[event]))
        assert found.setdefault(row, rank) == rank


@pytest.mark.parametrize("items", [31, 8_195])
def test_a_model_whose_vectors_are_all_equal_ranks_every_item_in_the_middle(items: int, threads: int) -> None:
    dataset = catalogue_of(items)
    model = model_of(dataset)
    model.item.head.weight.zero_()
    model.item.head.bias.normal_()
    ranks = model_ranks(model, DeviceData(dataset, torch.device("cpu")), DATA.events("test"))
    assert set(ranks.tolist()) == {(items - 1) / 2}


@pytest.mark.parametrize("items", [31, 8_195])
def test_inside_views_rank_as_the_evaluation_does(items: int, threads: int) -> None:
    dataset = catalogue_of(items)
    data, model, events = (DeviceData(dataset, torch.device("cpu")), model_of(dataset), DATA.events("test"))
    expected = model_ranks(model, data, events[:40])
    scoring = Scoring(model, data, events[:40])
    np.testing.assert_array_equal(scoring.intact, expected)
    retriever = Retriever(model, data, value_shares(dataset.queries))
    for event, rank in zip(events[:5], expected, strict=False):
        item, query = int(dataset.positive[event]), Query.of(dataset, event)
        assert retriever.answer(query).rank[item] == rank
        for frame in (retriever.query_occlusion(query, item), retriever.item_occlusion(query, item)):
            assert set(frame["rank"]) == {rank}


def test_the_oracle_ranks_equal_items_alike() -> None:
    settings = SETTINGS.model_copy(update={"items": 8_195, "noise": 0.3})
    dataset = planted(settings)
    events = dataset.events("test")
    ranks = oracle_ranks(dataset, events)
    assert dataset.truth is not None
    items, place, times = np.unique(dataset.truth.item, axis=0, return_inverse=True, return_counts=True)
    score = dataset.truth.query[events].astype(np.float64) @ items.T.astype(np.float64)
    own = place.ravel()[dataset.positive[events]]
    higher = ((score > score[np.arange(len(own)), own][:, None]) * times).sum(1)
    assert ranks.tolist() == (higher + (times[own] - 1) / 2).tolist()
