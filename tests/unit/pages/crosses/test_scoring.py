"""Ranks of a sample, with one tower changed and what does not change kept."""

from __future__ import annotations

import numpy as np
import torch

from pdcn.nn.two_tower import SIDES
from pdcn.pages.crosses.work.edits import both_ways
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.tasks.retrieval.ranks import model_ranks
from tests.unit.pages.analysis_help import layers_of, small_data, small_model

DATA = small_data()


def test_the_sample_is_spread_over_the_test_events() -> None:
    assert np.array_equal(DATA.dataset.events("test", 1_000), DATA.dataset.events("test"))
    few = DATA.dataset.events("test", 5)
    assert few.tolist() == [30, 37, 44, 51, 59]


def test_intact_ranks_are_the_models() -> None:
    model, events = small_model(DATA), DATA.dataset.events("test", 12)
    assert np.array_equal(Scoring(model, DATA, events).intact, model_ranks(model, DATA, events))


def test_edited_ranks_are_those_of_a_model_with_edited_weights() -> None:
    events = DATA.dataset.events("test", 30)
    for side in SIDES:
        model = small_model(DATA)
        scoring = Scoring(model, DATA, events)
        found = scoring.measured(side, both_ways(0, 0, 1))
        assert np.array_equal(scoring.intact, scoring.measured(side))  # nothing stayed behind
        tower, blocks = scoring.towers[side], scoring.blocks[side]
        W = layers_of(tower)[0].W.weight
        for i, j in ((0, 1), (1, 0)):
            W[blocks.slices[i], blocks.slices[j]] = 0
        assert np.array_equal(found, model_ranks(model, DATA, events))
        assert not np.array_equal(found, scoring.intact)


def test_the_first_items_are_those_with_the_highest_scores() -> None:
    model, events = small_model(DATA), DATA.dataset.events("test", 30)
    scoring = Scoring(model, DATA, events)
    query = model.query(*DATA.queries[torch.tensor(events[4:5])])
    score = (query @ model.item(*DATA.items[slice(None)]).T)[0].numpy()
    found, rank = scoring.listed(4, 7, scoring.intact)
    assert found.tolist() == np.argsort(-score, kind="stable")[:7].tolist()
    assert rank == scoring.intact[4]
    edits = both_ways(None, 0, 3)
    lists = [[scoring.listed(row, 7, scoring.intact, "query", some)[0] for row in range(30)] for some in ((), edits)]
    changed = [one.tolist() != other.tolist() for one, other in zip(*lists, strict=True)]
    assert any(changed)
