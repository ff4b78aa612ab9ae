"""Ranks against a plain sort, with ties and NaN; chunks, popularity and the oracle."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pdcn.config import Experiment, Network
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks import task
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval import ranks as module
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import MRR, Recall, headline_k
from pdcn.tasks.retrieval.ranks import (
    encode_rows,
    model_ranks,
    oracle_ranks,
    popularity_ranks,
    rank_in_chunks,
    ranks_of,
)

CPU = torch.device("cpu")
SETTINGS = PlantedData(
    events=2000,
    items=50,
    users=20,
    fields=3,
    values=3,
    numbers=1,
    order=2,
    crosses=2,
    strength=1.5,
    rank=4,
    nonlinear=0.5,
    noise=0.3,
)
DATA = planted(SETTINGS)
EXPERIMENT = Experiment(data=SETTINGS, network=Network(embedding=2, deep=(4,), output=3, cross_layers=1))


def plainly(scores: NDArray[np.float64], positive: NDArray[np.int64]) -> list[float]:
    """Mean place, over all orders of the ties, of the positive in a sorted list; counted from 0."""
    found = []
    for row, own in zip(scores, positive, strict=True):
        places = [place for place, item in enumerate(np.argsort(-row)) if row[item] == row[own]]
        found.append(sum(places) / len(places))
    return found


@given(st.data())
def test_ranks_are_the_mean_places_of_a_sort(data: st.DataObject) -> None:
    rows, items = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 8))
    few = st.sampled_from([-2.0, -0.5, 0.0, 1.0, 3.0])  # so that ties are frequent
    scores = np.array(data.draw(st.lists(few, min_size=rows * items, max_size=rows * items)))
    scores = scores.reshape(rows, items)
    positive = np.array(data.draw(st.lists(st.integers(0, items - 1), min_size=rows, max_size=rows)))
    found = ranks_of(torch.tensor(scores), torch.tensor(positive))
    assert found.tolist() == plainly(scores, positive)
    assert found.dtype == torch.float32


def test_ranks_without_ties_are_those_of_argsort() -> None:
    random = np.random.default_rng(0)
    scores = random.permuted(np.tile(np.arange(200.0), (30, 1)), axis=1)
    positive = random.integers(200, size=30)
    expected = [(-row).argsort().argsort()[own] for row, own in zip(scores, positive, strict=True)]
    assert ranks_of(torch.tensor(scores), torch.tensor(positive)).tolist() == expected


def test_equal_scores_give_the_middle_of_the_list() -> None:
    assert ranks_of(torch.zeros(2, 11), torch.tensor([0, 10])).tolist() == [5.0, 5.0]


def test_a_nan_ranks_last() -> None:
    nan = float("nan")
    scores = torch.tensor([[nan, 1, 2, 3], [nan] * 4, [1, nan, 2, 0], [float("-inf"), 1, nan, 2]])
    assert ranks_of(scores, torch.tensor([0, 1, 0, 0])).tolist() == [3.0, 3.0, 1.0, 2.0]


def test_int32_positives_will_do() -> None:
    assert ranks_of(torch.tensor([[1.0, 2.0]]), torch.tensor([0], dtype=torch.int32)).tolist() == [1.0]


@pytest.mark.parametrize("chunk", [1, 7, 64, 65, 640, 10**9])
def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    random = np.random.default_rng(1)
    scores = torch.tensor(random.integers(0, 6, (23, 64)).astype(np.float32))
    positive = torch.tensor(random.integers(64, size=23))
    asked: list[int] = []

    def block(part: slice) -> torch.Tensor:
        asked.append(len(scores[part]))
        return scores[part]

    monkeypatch.setattr(module, "CHUNK_SCORES", chunk)
    monkeypatch.setattr(module, "CHUNK_ROWS", 3)
    found = rank_in_chunks(block, positive, 64)
    assert found.tolist() == ranks_of(scores, positive).tolist()
    assert sum(asked) == 23
    assert max(asked) <= max(3, chunk // 64)


@pytest.mark.parametrize("encoded", [1, 40, 10**6])
def test_pieces_that_are_encoded_at_once_do_not_show(monkeypatch: pytest.MonkeyPatch, encoded: int) -> None:
    events = DATA.events("test")
    data = DeviceData(DATA, torch.device("cpu"))
    whole = model_ranks(model_of(), data, events)
    monkeypatch.setattr(module, "ENCODED", encoded)
    assert np.abs(model_ranks(model_of(), data, events) - whole).max() <= 1  # a tie may be rounded apart
    assert np.mean(model_ranks(model_of(), data, events) == whole) > 0.99


# a model


def model_of(seed: int = 0) -> TwoTower:
    model = TwoTower(DATA.queries, DATA.items, EXPERIMENT, "parallel")
    initialise(model, seed, 0.3)
    return model


def test_model_ranks_are_those_of_all_its_scores() -> None:
    model, data = model_of(), DeviceData(DATA, CPU)
    events = DATA.events("test")[::3]
    with torch.no_grad():
        query = model.query(torch.tensor(DATA.queries.codes[events]), torch.tensor(DATA.queries.values[events]))
        item = model.item(torch.tensor(DATA.items.codes), torch.tensor(DATA.items.values))
    expected = ranks_of(query @ item.T, torch.tensor(DATA.positive[events]))
    found = model_ranks(model, data, events)
    assert found.tolist() == expected.tolist()
    assert len(np.unique(found)) > 10


def test_ranking_drops_nothing_out() -> None:
    network = EXPERIMENT.network.model_copy(update={"dropout": 0.5})
    model = TwoTower(DATA.queries, DATA.items, EXPERIMENT.model_copy(update={"network": network}), "parallel")
    initialise(model, 0, 0.3)
    model.train()
    data, events = DeviceData(DATA, CPU), DATA.events("test")
    assert (model_ranks(model, data, events) == model_ranks(model, data, events)).all()


def test_rows_are_encoded_in_any_chunks() -> None:
    model, rows = model_of(), DeviceData(DATA, CPU).items
    whole = encode_rows(model.item, rows)
    assert whole.shape == (50, 3)
    assert torch.allclose(encode_rows(model.item, rows, chunk=7), whole, atol=1e-6)


def test_a_model_of_nan_ranks_everything_last() -> None:
    model = model_of()
    with torch.no_grad():
        model.query.head.weight.fill_(float("nan"))
    assert (model_ranks(model, DeviceData(DATA, CPU), np.arange(10)) == 49).all()


# parts and checks


def test_parts_are_every_event_once() -> None:
    parts = [DATA.events(part) for part in ("train", "validation", "test")]
    assert np.concatenate(parts).tolist() == list(range(2000))
    assert [len(part) for part in parts] == [1700, 100, 200]


def test_validation_value_is_that_of_the_validation_part() -> None:
    model, data = model_of(), DeviceData(DATA, CPU)
    events = DATA.events("validation")
    found, user = model_ranks(model, data, events) < 10, DATA.user[events]
    expected = np.mean([found[user == one].mean() for one in np.unique(user)])  # of users, as the verdict is
    assert 0 < expected < 1
    assert expected != pytest.approx(found.mean(), abs=1e-4)
    assert Retrieval().validate(model, data) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("items", "measure"),
    [
        (50, "recall@10"),
        (60, "recall@10"),
        (100, "recall@10"),
        (101, "MRR"),
        (499, "MRR"),
        (500, "recall@100"),
        (2_726, "recall@100"),
        (1_000_000, "recall@100"),
    ],
)
def test_validation_watches_the_headline_where_its_k_is_clearly_below_the_catalogue(items: int, measure: str) -> None:
    assert str(Retrieval().watched(items)) == measure


@given(st.integers(50, 2_000))
def test_by_chance_alone_validation_finds_a_fifth_at_most(items: int) -> None:
    measure = str(Retrieval().watched(items))
    if measure == "MRR":
        assert headline_k(items) / items > 1 / 5
    else:
        assert int(measure.removeprefix("recall@")) == headline_k(items) <= items / 5


@pytest.mark.parametrize("items", [60, 101])
def test_validation_tells_checks_apart_in_a_small_catalogue(items: int) -> None:
    """Recall@100 was 1 at every check of 60 items, and 0.99 of 101: the untrained weights were as good as any."""
    data = DeviceData(planted(SETTINGS.model_copy(update={"items": items})), CPU)
    model = TwoTower(data.dataset.queries, data.dataset.items, EXPERIMENT, "parallel")
    initialise(model, 0, 0.3)
    untrained = Retrieval().validate(model, data)
    events = data.dataset.events("validation")
    own = model_ranks(model, data, events)
    assert Recall(100).values(own).mean() > 0.95
    values = Recall(10).values(own) if items == 60 else MRR().values(own)
    user = data.dataset.user[events]
    assert untrained == pytest.approx(np.mean([values[user == one].mean() for one in np.unique(user)]), abs=1e-9)
    assert untrained < 0.5


def test_validation_watches_a_bounded_number_of_spread_events(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.int64]] = []

    def spy(model: TwoTower, data: DeviceData, events: NDArray[np.int64]) -> NDArray[np.float32]:
        seen.append(events)
        return np.zeros(len(events), np.float32)

    monkeypatch.setattr(module, "model_ranks", spy)
    monkeypatch.setattr(task, "VALIDATION_EVENTS", 11)
    for _ in range(2):
        assert Retrieval().validate(model_of(), DeviceData(DATA, CPU)) == 1.0
    assert seen[0].tolist() == seen[1].tolist()
    assert (seen[0][0], seen[0][-1], len(set(seen[0].tolist()))) == (1700, 1799, 11)
    assert np.ptp(np.diff(seen[0])) <= 1


# baselines


@pytest.mark.parametrize("seed", range(3))
def test_popularity_ranks_are_those_of_the_counts(seed: int) -> None:
    random = np.random.default_rng(seed)
    positive = np.minimum(random.geometric(0.08, 2000) - 1, 49)  # the tail: items that tie, some at 0
    data = dataclasses.replace(DATA, positive=positive)
    events = data.events("test")
    counts = np.bincount(positive[:1700], minlength=50)
    assert (counts == 0).sum() + len(np.unique(counts)) < 51
    scores = np.broadcast_to(counts.astype(np.float64), (len(events), 50))
    assert popularity_ranks(data, events).tolist() == plainly(scores, positive[events])


def test_popularity_by_hand() -> None:
    positive = np.full(2000, 3)
    positive[:4] = [1, 1, 2, 2]  # 1696 of item 3; two each of 1 and 2; none of the 47 others
    positive[1996:] = [3, 1, 2, 0]
    data = dataclasses.replace(DATA, positive=positive)
    assert popularity_ranks(data, np.arange(1996, 2000)).tolist() == [0, 1.5, 1.5, (3 + 49) / 2]


def test_oracle_ranks_are_those_of_the_true_scores() -> None:
    assert DATA.truth is not None
    events = DATA.events("test")
    scores = DATA.truth.query[events].astype(np.float64) @ DATA.truth.item.astype(np.float64).T
    found = oracle_ranks(DATA, events)
    expected = np.array(plainly(scores, DATA.positive[events]))
    assert np.mean(found == expected) > 0.98  # float32 may tie what float64 tells apart
    assert np.abs(found - expected).max() <= 1
    assert Recall(10).values(found).mean() > Recall(10).values(popularity_ranks(DATA, events)).mean() + 0.1


def test_no_oracle_without_a_truth() -> None:
    with pytest.raises(ValueError, match="expected data with a known truth"):
        oracle_ranks(dataclasses.replace(DATA, truth=None), np.arange(3))


def test_recall_at_counts_ranks_below_k() -> None:
    ranks = np.array([0, 9, 9.5, 10], np.float32)
    assert Recall(10).values(ranks).tolist() == [True, True, True, False]
    assert Recall(1).values(ranks).tolist() == [True, False, False, False]


@pytest.mark.parametrize("repeats", [False, True])
def test_ranks_in_blocks_are_those_of_the_whole_catalogue(repeats: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    items = draw.standard_normal((4_321, 8)).astype(np.float32)
    items[3] = np.nan
    items[4_000:] = items[17] if repeats else items[4_000:]  # equal items in different blocks
    query, positive = draw.standard_normal((70, 8)).astype(np.float32), draw.integers(0, 4_321, 70)
    positive[:3] = 3, 17, 4_320
    catalogue = module.Catalogue.of(torch.from_numpy(items))
    whole = catalogue.ranks(torch.from_numpy(query), torch.from_numpy(positive))
    for name, size in {"WHOLE": 0, "BLOCK_ROWS": 32, "BLOCK_ITEMS": 256}.items():
        monkeypatch.setattr(module, name, size)
    blocked = catalogue.ranks(torch.from_numpy(query), torch.from_numpy(positive))
    assert np.array_equal(blocked, whole)
    assert blocked[0] == 4_320
    plain = query.astype(np.float64) @ items.astype(np.float64).T
    higher = (plain > plain[np.arange(70), positive][:, None]).sum(1)
    near = np.abs(blocked - higher) <= (0.5 + 161 * repeats)  # half of what ties
    assert near[1:].all()
