"""Batches: a function of the seed, each event once an epoch, the mixture's q, exact accidental hits."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pdcn.config import Experiment, Network, Training
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, CategoryField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import (
    Batch,
    BlockShuffle,
    DeviceData,
    Rows,
    assemble_batch,
    draws,
    resampled,
    shuffled,
    steps_per_epoch,
)
from pdcn.training.loop import Trainer

CPU = torch.device("cpu")
DATA = DeviceData(planted(PlantedData(events=2000, items=50, users=20, fields=3, values=3, crosses=1)), CPU)
PARTS = ("events", "items", "times", "log_q", "place")


def toy() -> DeviceData:
    """Ten training events: item 0 five times, 1 three times, 2 twice, 3 and 4 never."""

    def table(rows: int) -> Table:
        kind = CategoryField("kind", "Kind", (UNKNOWN, "x"))
        return Table((kind,), (), np.ones((rows, 1), np.int32), np.zeros((rows, 0), np.float32))

    positive = np.array([0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 3, 4])
    return DeviceData(
        Dataset(
            "toy",
            "Toy",
            "",
            table(12),
            table(5),
            tuple("abcde"),
            positive,
            np.zeros(12, np.int64),
            np.arange(12),
            (10, 11),
        ),
        CPU,
    )


def drawn(seed: int, **training: Any) -> list[Batch]:
    settings = Training(**{"batch": 128, "epochs": 2, "log_q": True, "negatives": 0, **training})
    return list(Retrieval().batches(DATA, settings, draws(DATA, settings, seed)))


def same(one: Batch, other: Batch) -> bool:
    return all(torch.equal(getattr(one, part), getattr(other, part)) for part in PARTS)


# order


@pytest.mark.parametrize("negatives", [0, 9])
def test_equal_seeds_equal_batches(negatives: int) -> None:
    one, two = drawn(3, negatives=negatives), drawn(3, negatives=negatives)
    assert all(same(a, b) for a, b in zip(one, two, strict=True))
    assert not any(same(a, b) for a, b in zip(one, drawn(4, negatives=negatives), strict=True))


def test_the_global_generators_do_not_matter() -> None:
    state = torch.get_rng_state()
    first = drawn(0, negatives=5)[0]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    assert same(drawn(0, negatives=5)[0], first)


def test_all_arms_see_the_same_batches() -> None:
    network = Network(embedding=2, deep=(4,), output=3)
    trainers = [
        Trainer(DATA, Experiment(network=network, training=Training(negatives=4)), arm, 5, lambda *_: 0.0)
        for arm in ("parallel", "sequential", "deep_only-cross_only")
    ]
    runs = [[next(trainer.batches) for _ in range(2)] for trainer in trainers]
    assert all(same(a, b) for run in runs[1:] for a, b in zip(runs[0], run, strict=True))


@pytest.mark.parametrize(("size", "steps"), [(100, 17), (128, 13), (1700, 1), (5000, 1)])
def test_an_epoch_takes_events_once_each(size: int, steps: int) -> None:
    found = drawn(0, batch=size)
    assert len(found) == 2 * steps
    epochs = [torch.cat([b.events for b in found[at : at + steps]]).tolist() for at in (0, steps)]
    for events in epochs:
        assert len(set(events)) == len(events) == steps * min(size, 1700)
        assert min(events) >= 0
        assert max(events) < 1700  # of the training part only
    assert epochs[0] != epochs[1]
    assert epochs[0] != sorted(epochs[0])
    if size == 128:
        assert set(epochs[0]) != set(epochs[1])  # another rest is left out
    assert steps_per_epoch(1700, size) == steps


@pytest.mark.parametrize(
    ("events", "size", "blocks"), [(1_000, 64, BlockShuffle(50, 4)), (103, 10, BlockShuffle(7, 3))]
)
def test_a_block_shuffle_takes_events_once_each_from_few_blocks(events: int, size: int, blocks: BlockShuffle) -> None:
    found = [*shuffled(np.random.default_rng(3), events, size, blocks)]
    assert [len(one) for one in found] == [size] * (events // size)
    every = np.concatenate(found)
    assert len(np.unique(every)) == len(every)
    assert every.min() >= 0
    assert every.max() < events
    mixed = blocks.events * blocks.mixed
    for at in range(0, len(every) - mixed, mixed):  # what a pool has left goes into the first batch of the next
        assert len(np.unique(every[at : at + mixed] // blocks.events)) <= 2 * blocks.mixed
    assert (np.diff(every) != 1).mean() > 0.9
    again = [*shuffled(np.random.default_rng(3), events, size, blocks)]
    assert all(np.array_equal(one, two) for one, two in zip(found, again, strict=True))


def test_small_data_is_shuffled_all_at_once_unless_blocks_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdcn.tasks.retrieval.batches.BLOCKS", BlockShuffle(100, 4))
    asked, whole, usual = ([b.events for b in drawn(3, shuffle=how)] for how in ("blocks", "all", "auto"))
    assert all(torch.equal(one, two) for one, two in zip(whole, usual, strict=True))
    assert len(np.unique(asked[0] // 100)) <= 4 < len(np.unique(usual[0] // 100))
    order = np.random.default_rng([3, 20_160_817]).permutation(1700)  # what has always been drawn first
    assert usual[0].tolist() == order[:128].tolist()


# candidates


@pytest.mark.parametrize("negatives", [0, 6])
def test_the_first_candidates_are_the_positives(negatives: int) -> None:
    for batch in drawn(1, negatives=negatives)[:4]:
        positive = DATA.dataset.positive[batch.events.numpy()]
        assert batch.candidates[:128].tolist() == positive.tolist()
        assert batch.candidates.shape == (128 + negatives,)
        assert batch.hits.shape == (128, 128 + negatives)
        assert batch.own.tolist() == batch.place[:128].tolist()


def test_uniform_negatives_are_uniform() -> None:
    found = torch.cat([batch.candidates[128:] for batch in drawn(0, negatives=2000, epochs=1)])
    counts = np.bincount(found.numpy(), minlength=50)
    assert len(counts) == 50
    expected = len(found) / 50
    assert ((counts - expected) ** 2 / expected).sum() < 100  # chi squared of 49 degrees of freedom


@pytest.mark.parametrize("negatives", [0, 40])
def test_hits_are_exactly_the_accidental_ones(negatives: int) -> None:
    batch = drawn(2, negatives=negatives, batch=32)[0]
    expected = [
        [i != j and batch.candidates[i] == batch.candidates[j] for j in range(32 + negatives)] for i in range(32)
    ]
    assert batch.hits.tolist() == expected
    assert batch.hits.any()


def test_different_items_are_counted() -> None:
    for batch in drawn(1, negatives=9)[:3]:
        counts = np.bincount(batch.candidates.numpy(), minlength=50)
        assert batch.items.tolist() == counts.nonzero()[0].tolist()
        assert batch.times.tolist() == counts[counts > 0].tolist()
        assert batch.log_q.shape == batch.items.shape
        assert batch.times.max() > 1


def test_hits_by_hand() -> None:
    batch = assemble_batch(toy(), torch.tensor([0, 2, 3]), torch.tensor([2, 4]), log_q=True)
    assert batch.candidates.tolist() == [0, 0, 2, 2, 4]
    assert batch.hits.int().tolist() == [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
    assert batch.items.tolist() == [0, 2, 4]
    assert batch.times.tolist() == [2, 2, 1]


# log q


def log_q(events: list[int], uniform: list[int]) -> Tensor:
    kept = torch.tensor(uniform, dtype=torch.int64)
    batch = assemble_batch(toy(), torch.tensor(events), kept, log_q=True)
    return batch.log_q[batch.place]


def test_in_batch_q_is_the_share_of_training_events() -> None:
    found = log_q([0, 1, 3], [])
    assert found.tolist() == pytest.approx([log(5 / 10), log(3 / 10), log(2 / 10)])


def test_q_of_the_mixture_by_hand() -> None:
    """B = 3 in-batch and M = 2 uniform candidates out of N = 5 items: q = (3 p + 2/5) / 5."""
    found = log_q([0, 1, 3], [3, 0])
    shares = [5 / 10, 3 / 10, 2 / 10, 0, 5 / 10]
    assert found.tolist() == pytest.approx([log((3 * p + 2 / 5) / (3 + 2)) for p in shares])


def test_q_of_the_mixture_sums_to_one() -> None:
    found = log_q([0, 1, 3], [0, 1, 2, 3, 4])[3:]
    assert float(found.exp().sum()) == pytest.approx(1)


def test_without_the_correction_log_q_is_zero() -> None:
    batch = assemble_batch(toy(), torch.tensor([0, 1]), torch.tensor([3]), log_q=False)
    assert batch.log_q[batch.place].tolist() == [0, 0, 0]
    assert all((b.log_q == 0).all() for b in drawn(0, log_q=False)[:2])


# data on a device


def test_shares_are_of_the_training_part() -> None:
    data = toy()
    assert data.share.tolist() == pytest.approx([0.5, 0.3, 0.2, 0, 0])
    assert len(data) == 10


def test_rows_hold_a_copy() -> None:
    table = DATA.dataset.queries
    rows = Rows.of(table, CPU)
    codes, values = rows[torch.tensor([3, 1])]
    assert codes.tolist() == table.codes[[3, 1]].tolist()
    assert values.tolist() == table.values[[3, 1]].tolist()
    assert rows[0:2][0].tolist() == table.codes[:2].tolist()
    rows.codes[0, 0] = 7
    assert table.codes[0, 0] != 7


# users drawn anew


@pytest.mark.parametrize("seed", range(5))
def test_users_are_drawn_anew_with_all_of_their_events(seed: int) -> None:
    """As many events as before; every user's stand equally often, but for the latest of the last one."""
    user = np.random.default_rng(9).integers(40, size=1_000) ** 2
    rows = resampled(user, seed)
    assert len(rows) == len(user)
    times = np.bincount(rows, minlength=len(user))
    cut = 0
    for one in np.unique(user):
        own = times[user == one]
        assert (np.diff(own) <= 0).all()  # what is left out is a user's latest
        assert own[0] - own[-1] <= 1
        cut += own[0] != own[-1]
    assert cut <= 1
    assert not np.array_equal(rows, resampled(user, seed + 100))
    assert np.array_equal(rows, resampled(user, seed))


def test_each_user_is_drawn_as_often_as_any_other_and_a_third_not_at_all() -> None:
    """Of 200 users with a few events each, over 300 seeds: a mean of one, and exp(-1) = 37% that are missing."""
    user = np.repeat(np.arange(200), 1 + np.arange(200) % 4)
    first = np.flatnonzero(np.diff(user, prepend=-1))
    times = np.array([np.bincount(resampled(user, seed), minlength=len(user))[first] for seed in range(300)])
    assert times.mean() == pytest.approx(1, abs=0.01)
    assert times.var() == pytest.approx(1, abs=0.05)  # as of a multinomial
    assert (times == 0).mean() == pytest.approx(np.exp(-1), abs=0.01)
    assert abs(times.mean(0)[user[first] % 4 == 3].mean() - 1) < 0.03  # those with more events no more often


def test_what_is_trained_on_are_the_events_that_were_drawn() -> None:
    data = DATA.resampled(3)
    rows = resampled(DATA.dataset.user[: len(DATA)], 3)
    settings = Training(batch=len(DATA), epochs=2)
    for events, _ in draws(data, settings, 5):
        assert np.array_equal(np.sort(events.numpy()), rows)
    (plain, _), (other, _) = (next(draws(one, settings, 5)) for one in (DATA, data))
    assert np.array_equal(other.numpy(), rows[plain.numpy()])  # the order of places is the seed's, as before
    counts = np.bincount(DATA.dataset.positive[rows], minlength=50)
    assert data.share.numpy() == pytest.approx(counts / len(rows))
    assert (len(data), data.train is None, DATA.train is None) == (len(DATA), False, True)
    assert not torch.equal(data.share, DATA.share)


def test_all_arms_of_a_seed_draw_the_same_users_and_seeds_draw_others() -> None:
    one = Experiment(network=Network(embedding=2, deep=(4,), output=3), training_sets="bootstrap")

    def drawn(arm: str, seed: int) -> list[int]:
        rows = Trainer(DATA, one, arm, seed, lambda *_: 0.0).data.train
        assert rows is not None
        return [*rows.tolist()]

    for seed in (0, 1):
        assert drawn("parallel", seed) == drawn("sequential", seed)
    assert drawn("parallel", 0) != drawn("parallel", 1)


def test_events_that_were_drawn_count_one_on_average() -> None:
    dataset = replace(DATA.dataset, weight=np.random.default_rng(0).uniform(1, 9, 2000).astype(np.float32))
    data = DeviceData(dataset, CPU).resampled(1)
    assert data.weight is not None
    assert data.train is not None
    assert data.weight[torch.from_numpy(data.train)].mean().item() == pytest.approx(1, abs=1e-5)
