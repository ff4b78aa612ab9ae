"""What is lost without a cross: every question asked, and answered as a slow reference answers it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pdcn.pages.crosses.work.importance import Removal, cuts, losses, measured_without, named, ranks_to_try, removals
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.pages.crosses.work.weights import cross_layers, cut_to_rank
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.tasks.retrieval.ranks import model_ranks
from tests.unit.pages.analysis_help import layers_of, small_data, small_model

DATA = small_data()
EVENTS = DATA.dataset.events("test", 30)


def test_every_pair_of_every_layer_is_asked_by_both_measures() -> None:
    scoring = Scoring(small_model(DATA), DATA, EVENTS)
    asked = removals(scoring)
    assert len(asked) == len(set(asked)) == 2 * 2 * (15 + 6)  # measures, layers, pairs of 5 and of 3 fields
    frame = named(asked, scoring)
    assert set(frame.columns) == {"side", "layer", "a", "b", "measure"}
    assert removals(Scoring(small_model(DATA, "deep_only"), DATA, EVENTS)) == []


def test_without_a_cross_is_with_its_weights_at_zero() -> None:
    scoring = Scoring(small_model(DATA), DATA, EVENTS)
    asked = [Removal("query", 1, 0, 2, "ablation"), Removal("item", 0, 1, 1, "ablation")]
    steps: list[None] = []
    ranks = measured_without(scoring, asked, 0, lambda: steps.append(None))
    assert np.array_equal(ranks[:, 0], scoring.intact)
    assert len(steps) == 2
    for column, one in enumerate(asked):
        model = small_model(DATA)
        tower, blocks = (model.query if one.side == "query" else model.item), scoring.blocks[one.side]
        W = layers_of(tower)[one.layer].W.weight
        W[blocks.slices[one.a], blocks.slices[one.b]] = 0
        W[blocks.slices[one.b], blocks.slices[one.a]] = 0
        assert np.array_equal(ranks[:, column + 1], model_ranks(model, DATA, EVENTS))


def test_a_permutation_is_the_same_for_every_pair_and_another_for_another_seed() -> None:
    scoring = Scoring(small_model(DATA), DATA, EVENTS)
    one = [Removal("query", 0, 0, 1, "permutation")]
    first, again, other = (measured_without(scoring, one, seed, lambda: None)[:, 1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_losses_are_those_of_a_slow_reference() -> None:
    draws = np.random.default_rng(0)
    user = DATA.dataset.user[EVENTS]
    ranks = [draws.integers(0, 30, size=(30, 4)).astype(np.float32) for _ in range(3)]
    found = losses(ranks, user, Recall(10))
    for seed, one in enumerate(ranks):
        for column in (1, 2, 3):
            of_users = [
                np.mean([(one[e, 0] < 10) * 1.0 - (one[e, column] < 10) for e in np.flatnonzero(user == u)])
                for u in np.unique(user)
            ]
            moves = [
                np.mean([abs(np.log2((one[e, column] + 1) / (one[e, 0] + 1))) for e in np.flatnonzero(user == u)])
                for u in np.unique(user)
            ]
            assert np.isclose(found.drop[seed, column - 1], np.mean(of_users))
            assert np.isclose(found.moved[seed, column - 1], np.mean(moves), rtol=1e-5)
    assert np.allclose(found.frame["drop"], found.drop.mean(0))
    assert (found.frame["low"] <= found.frame["drop"]).all()
    assert (found.frame["high"] >= found.frame["drop"]).all()


def test_what_changes_nothing_costs_nothing() -> None:
    same = np.repeat(np.arange(30, dtype=np.float32)[:, None], 2, axis=1)
    found = losses([same, same], DATA.dataset.user[EVENTS], Recall(10))
    assert found.frame[["drop", "low", "high", "moved"]].to_numpy().tolist() == [[0, 0, 0, 0]]


def test_cuts_are_ranks_with_the_closest_matrices() -> None:
    model = small_model(DATA)
    scoring = Scoring(model, DATA, EVENTS)
    intact = scoring.intact
    found = {(side, rank): ranks for side, rank, ranks in cuts(scoring)}
    assert list(found) == [("query", r) for r in ranks_to_try(8)] + [("item", r) for r in ranks_to_try(5)]
    for layer, one in zip(layers_of(model.query), list(cross_layers(model.query, scoring.x0["query"])), strict=True):
        layer.W.weight.copy_(layer.W.weight.new_tensor(cut_to_rank(one.W, 2)))
    by_hand = model_ranks(model, DATA, EVENTS)
    assert np.mean(np.abs(found["query", 2] - by_hand)) < 0.1
    assert not np.array_equal(by_hand, intact)


@pytest.mark.parametrize(("arm", "network"), [("deep_only", {}), ("parallel", {"cross": "mixture"})])
def test_what_has_no_one_W_is_not_cut(arm: str, network: dict[str, Any]) -> None:
    assert list(cuts(Scoring(small_model(DATA, arm, **network), DATA, EVENTS))) == []
