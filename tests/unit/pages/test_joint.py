"""One network looked into as two towers are: muted branches, crosses taken away and shuffled, and lists that change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
import torch

from pdcn.arrays import Doubles, Floats
from pdcn.config import JOINT
from pdcn.evaluation.sides import labelled
from pdcn.nn.joint import Joint, together
from pdcn.pages.crosses.work.edits import both_ways
from pdcn.pages.crosses.work.importance import Removal, cuts, losses, measured_without, removals
from pdcn.pages.crosses.work.scoring import JointScoring, scored
from pdcn.pages.inside.work.branches import branch_means
from pdcn.pages.inside.work.muting import WHOLE, Variant, changed_measures, drop_frame, variants
from pdcn.pages.retrieve.work.retrieval import JointRetriever, Query, chosen_together, retriever_of
from pdcn.tasks.ranking import Ranking
from pdcn.tasks.ranking.metrics import GroupedAUC
from tests.unit.pages.analysis_help import layers_of, small_joint, small_pairs

DATA = small_pairs()
DATASET = DATA.dataset
assert DATASET.outcome is not None
EVENTS = np.arange(20, 60)
LABEL, USER = DATASET.outcome[EVENTS] > 0, DATASET.user[EVENTS]
TASK = Ranking()


def logits(model: Joint, item: int | None = None) -> Doubles:
    """The network's own answer to the events, one by one; or to their queries with another item."""
    index = torch.from_numpy(EVENTS)
    items = DATA.positive[index] if item is None else torch.full((len(EVENTS),), item)
    found: Doubles = model(DATA.queries[index], DATA.items[items]).numpy().astype(np.float64)
    return found


def odds(measured: Any) -> Doubles:
    return np.log(np.abs(np.asarray(measured, np.float64)))


def slow_auc(score: Doubles | Floats) -> dict[int, float]:
    """Of each user the share of pairs of a chosen and another event in which the chosen one scores higher."""
    found = {}
    for user in np.unique(USER):
        own = user == USER
        pairs = [(a > b) + (a == b) / 2 for a in score[own & LABEL] for b in score[own & ~LABEL]]
        if pairs:
            found[int(user)] = float(np.mean(pairs))
    return found


def test_the_intact_network_gives_its_own_odds() -> None:
    model = small_joint(DATA)
    found = scored(model, DATA, EVENTS)
    assert isinstance(found, JointScoring)
    np.testing.assert_allclose(odds(found.intact), logits(model), atol=1e-4)
    assert ((found.intact > 0) == LABEL).all()
    assert found.asked.tolist() == np.flatnonzero(LABEL).tolist()


def test_a_muted_branch_is_one_that_puts_out_its_mean_whatever_it_reads() -> None:
    model = small_joint(DATA)
    assert [*map(str, variants(model))] == ["mute cross, joint", "mute deep, joint", "bypass cross, joint"]
    found = changed_measures(TASK, model, DATA, EVENTS)
    np.testing.assert_allclose(odds(found[WHOLE]), logits(model), atol=1e-4)
    mean = branch_means(model, DATA, EVENTS)[JOINT][0]["deep"]
    by_hand = small_joint(DATA)
    last = cast(Any, by_hand.joint.wiring).deep.linears[-1]
    last.weight.zero_()
    last.bias.copy_(mean)  # behind a ReLU a mean is what it lets through
    np.testing.assert_allclose(odds(found[Variant("mute deep", JOINT)]), logits(by_hand), atol=1e-4)
    by_hand = small_joint(DATA)
    for layer in layers_of(by_hand.joint):
        layer.W.weight.zero_()
        layer.W.bias.zero_()
    np.testing.assert_allclose(odds(found[Variant("bypass cross", JOINT)]), logits(by_hand), atol=1e-4)


def test_what_a_muted_branch_costs_is_the_difference_of_slow_aucs() -> None:
    found = {seed: changed_measures(TASK, small_joint(DATA, seed=seed), DATA, EVENTS) for seed in (0, 1, 2)}
    drops = drop_frame(found, USER, GroupedAUC())
    assert drops["k"].isna().all()
    for row in drops.to_dict("records"):
        muted = Variant(row["change"], row["sides"])
        each = []
        for of in found.values():
            before, after = slow_auc(odds(of[WHOLE])), slow_auc(odds(of[muted]))
            each.append(np.mean([after[user] - before[user] for user in before]))
        assert row["difference"] == pytest.approx(np.mean(each))
        assert row["low"] <= row["difference"] <= row["high"]


def test_without_a_cross_is_with_its_weights_at_zero() -> None:
    scoring = scored(small_joint(DATA), DATA, EVENTS)
    blocks = scoring.blocks[JOINT]
    pairs = len(blocks) * (len(blocks) + 1) // 2
    assert len(removals(scoring)) == 2 * 2 * pairs
    a, b = 0, blocks.names.index("item_f0")  # a field of the query with one of the item
    found = measured_without(scoring, [Removal(JOINT, 1, a, b, "ablation")], 0, lambda: None)
    by_hand = small_joint(DATA)
    W = layers_of(by_hand.joint)[1].W.weight
    W[blocks.slices[a], blocks.slices[b]] = 0
    W[blocks.slices[b], blocks.slices[a]] = 0
    np.testing.assert_allclose(odds(found[:, 1]), logits(by_hand), atol=1e-4)
    lost = losses([found], USER, GroupedAUC())
    before, after = slow_auc(logits(small_joint(DATA))), slow_auc(logits(by_hand))
    assert lost.drop[0, 0] == pytest.approx(np.mean([before[user] - after[user] for user in before]))
    moved = np.abs(odds(found[:, 1]) - odds(found[:, 0])) / np.log(2)
    assert lost.moved[0, 0] == pytest.approx(np.mean([moved[user == USER].mean() for user in np.unique(USER)]))


def test_a_shuffled_cross_reads_the_value_of_another_event() -> None:
    """By NumPy: one cross layer and a linear head, in which one field's reading of another is given to other rows."""
    model = small_joint(DATA, "cross_only", cross_layers=1)
    scoring = scored(model, DATA, EVENTS)
    found = measured_without(scoring, [Removal(JOINT, 0, 1, 3, "permutation")], 5, lambda: None)[:, 1]
    order = torch.randperm(len(EVENTS), generator=torch.Generator().manual_seed(5)).numpy()
    x0 = scoring.x0[JOINT].numpy().astype(np.float64)
    layer, a, b = layers_of(model.joint)[0], *(scoring.blocks[JOINT].slices[at] for at in (1, 3))
    W, bias = (one.numpy().astype(np.float64) for one in (layer.W.weight, layer.W.bias))
    read = x0 @ W.T + bias
    for write, other in ((a, b), (b, a)):
        read[:, write] += (x0[order][:, other] - x0[:, other]) @ W[write, other].T
    state = x0 * read + x0
    assert not len(model.joint.hidden.linears)
    head = model.joint.head
    by_hand = (state @ head.weight.numpy().T + head.bias.numpy())[:, 0]
    np.testing.assert_allclose(odds(found), by_hand, atol=1e-3)
    assert not np.allclose(odds(found), odds(scoring.intact), atol=1e-3)


def test_a_list_is_what_the_network_says_of_every_item() -> None:
    model = small_joint(DATA)
    scoring = scored(model, DATA, EVENTS)
    row = int(scoring.asked[2])
    for edits in ((), both_ways(None, 0, 4)):
        by_hand = small_joint(DATA)
        for layer in layers_of(by_hand.joint) if edits else ():
            one, other = (scoring.blocks[JOINT].slices[at] for at in (0, 4))
            layer.W.weight[one, other] = layer.W.weight[other, one] = 0
        score = np.array([logits(by_hand, item)[row] for item in range(len(DATASET.items))])
        found, rank = scoring.listed(row, 7, scoring.intact, JOINT, edits)
        assert found.tolist() == np.argsort(-score, kind="stable")[:7].tolist()
        own = score[DATASET.positive[EVENTS[row]]]
        assert rank == pytest.approx((score > own + 1e-5).sum() + ((np.abs(score - own) < 1e-5).sum() - 1) / 2)


def test_a_cut_to_full_rank_changes_nothing() -> None:
    """Half the width is the most that is tried, so a matrix of that rank is put in first."""
    model = small_joint(DATA)
    width = scored(model, DATA, EVENTS).towers[JOINT].width
    draws = torch.Generator().manual_seed(1)
    for layer in layers_of(model.joint):
        left, right = (torch.randn(width, 2, generator=draws) for _ in range(2))
        layer.W.weight.copy_(left @ right.T / width)
    scoring = scored(model, DATA, EVENTS)
    by_rank = {rank: found for side, rank, found in cuts(scoring) if side == JOINT}
    np.testing.assert_allclose(odds(by_rank[2]), odds(scoring.intact), atol=1e-3)
    assert not np.allclose(odds(by_rank[1]), odds(scoring.intact), atol=1e-3)


def test_as_many_events_of_either_label_are_looked_at() -> None:
    rows = np.arange(60)
    assert DATASET.outcome is not None
    found = labelled(DATASET, rows, 20)
    assert (len(found), int(DATASET.outcome[found].sum())) == (20, 10)
    assert (np.diff(found) > 0).all()
    few = np.sort(np.r_[np.flatnonzero(DATASET.outcome > 0)[:3], np.flatnonzero(DATASET.outcome == 0)])
    found = labelled(DATASET, few, 20)
    assert (len(found), int(DATASET.outcome[found].sum())) == (20, 3)
    assert labelled(DATASET, rows, 500).tolist() == rows.tolist()


def answer_to(changed: Query, item: int) -> float:
    """The network's own answer to a pair of which the query was changed."""
    codes, values = (torch.from_numpy(one[None].copy()) for one in (changed.codes, changed.values))
    return float(small_joint(DATA)((codes, values), DATA.items[torch.tensor([item])])[0])


def test_a_request_is_answered_by_scoring_every_pair_and_a_changed_one_by_scoring_the_changed_pairs() -> None:
    retriever = retriever_of(small_joint(DATA), DATA, ())
    real = Query.of(DATASET, 41)
    codes, values = real.codes.copy(), real.values.copy()
    codes[1], values[0] = (codes[1] + 1) % 3, 2.5
    for query in (real, replace(real, codes=codes, values=values)):
        found = retriever.answer(query)
        slow = np.array([answer_to(query, item) for item in range(len(DATASET.items))])
        np.testing.assert_allclose(found.score, slow, atol=1e-4)
        order = np.argsort(-slow, kind="stable")[:5]
        assert found.top(5)["item"].tolist() == order.tolist()
    assert not np.allclose(retriever.answer(real).score, found.score, atol=1e-3)


@pytest.mark.parametrize("side", ["query", "item"])
def test_a_hidden_field_has_its_mean_in_x0(side: str) -> None:
    """By hand: the mean over training events for a query's field, over the catalogue for an item's."""
    model = small_joint(DATA)
    retriever = cast(JointRetriever, retriever_of(model, DATA, ()))
    query, item = Query.of(DATASET, 41), 7
    frame = retriever.query_occlusion(query, item) if side == "query" else retriever.item_occlusion(query, item)
    table = DATASET.queries if side == "query" else DATASET.items
    assert frame["field"].tolist() == [field.name for field in table.fields]

    def x0(codes: Any, values: Any, items: Any) -> torch.Tensor:
        given = together((codes, values), DATA.items[torch.as_tensor(items)], model.single)
        return model.joint.x0(*given)

    rows = torch.arange(DATASET.bounds[0])
    train = x0(*DATA.queries[rows], DATA.positive[rows]).mean(0)
    codes, values = (torch.from_numpy(one[None].copy()) for one in (query.codes, query.values))
    whole = x0(codes.expand(30, -1), values.expand(30, -1), np.arange(30))
    instead = train if side == "query" else whole.mean(0)
    plain = model.joint.above(whole).squeeze(-1)
    names = scored(model, DATA, EVENTS).blocks[JOINT]
    for row in frame.to_dict("records"):
        name = row["field"] if side == "query" else f"item_{row['field']}"
        hidden = whole.clone()
        part = names.slices[names.names.index(name)]
        hidden[:, part] = instead[part]
        logit = model.joint.above(hidden).squeeze(-1)
        others = logit if side == "query" else plain
        assert row["without"] == pytest.approx(float(logit[item]), abs=1e-4)
        assert row["adds"] == pytest.approx(float(plain[item] - logit[item]), abs=1e-4)
        rest = torch.cat([others[:item], others[item + 1 :]])
        assert row["rank_without"] == pytest.approx(int((rest > logit[item]).sum()), abs=0.5)


def test_only_what_was_chosen_at_the_same_moment_is_told() -> None:
    assert DATASET.outcome is not None
    at_once = replace(DATASET, when=np.zeros(60, np.int64), zone="UTC")
    event = int(np.flatnonzero(DATASET.outcome > 0)[0])
    own = (DATASET.user == DATASET.user[event]) & (DATASET.outcome > 0)
    expected = set(DATASET.positive[own].tolist()) - {int(DATASET.positive[event])}
    assert set(chosen_together(at_once, event, examples=True).tolist()) == expected
    assert set(chosen_together(at_once, event).tolist()) > expected
