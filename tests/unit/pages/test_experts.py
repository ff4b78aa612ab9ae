"""A mixture of experts looked into: muted branches and experts, crosses of one expert or of all, gates, and lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn.arrays import Doubles
from pdcn.config import JOINT
from pdcn.evaluation.sides import rows_of
from pdcn.evaluation.taps import points_of, taps
from pdcn.nn.joint import Joint
from pdcn.pages.crosses.work.edits import both_ways
from pdcn.pages.crosses.work.importance import cuts, removals
from pdcn.pages.crosses.work.scoring import scored
from pdcn.pages.crosses.work.weights_job import _with_mean, layers_of, shares_of
from pdcn.pages.inside.work.branches import contributions, gate_frame, output_shares, stages
from pdcn.pages.inside.work.muting import WHOLE, Variant, changed_measures, variants
from pdcn.pages.retrieve.work.retrieval import Query, retriever_of
from pdcn.tasks.ranking import Ranking
from tests.unit.pages.analysis_help import SURFACE, small_joint, small_pairs

DATA = small_pairs()
DATASET = DATA.dataset
EVENTS = np.arange(20, 60)
ROWS, INDEX = rows_of(DATA, JOINT, EVENTS)
CODES = ROWS[INDEX][0]
PLACE = CODES[:, 0].numpy()
EXPERTS = 3
TASK = Ranking()


def model_of(arm: str = "parallel", **network: Any) -> Joint:
    return small_joint(DATA, arm, experts=EXPERTS, **network)


def logits(model: Joint) -> Doubles:
    """The network's own answer to the events."""
    found: Doubles = model(DATA.queries[torch.from_numpy(EVENTS)], DATA.items[DATA.positive[EVENTS]]).double().numpy()
    return found


def odds(measured: Any) -> Doubles:
    return np.log(np.abs(np.asarray(measured, np.float64)))


def gates(model: Joint) -> Doubles:
    """What each expert counts for each event, (n, E), by NumPy."""
    weight = model.state_dict()["joint.gates.weight"].double().numpy()
    x0 = model.joint.x0(*ROWS[INDEX]).double().numpy()
    raised = np.exp(np.einsum("bed,bd->be", weight[PLACE], x0))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def mixed(model: Joint, outputs: Doubles) -> Doubles:
    """The logits that follow from what the experts put out, (n, E, C), by NumPy."""
    weights = {name: weight.double().numpy() for name, weight in model.state_dict().items()}
    f = (gates(model)[..., None] * outputs).sum(1)
    return np.asarray((f * weights["joint.layers.0.weight"][PLACE, 0]).sum(1) + weights["joint.layers.0.bias"][PLACE])


def put_out(model: Joint) -> Doubles:
    """What the experts put out, (n, E, C)."""
    x0 = model.joint.x0(*ROWS[INDEX])
    return np.stack([wired(x0).double().numpy() for wired in model.joint.networks], 1)


def test_a_muted_expert_and_a_muted_branch_put_out_their_means() -> None:
    model = model_of()
    names = [*(f"mute {one}" for one in ("cross", "deep", "expert 1", "expert 2", "expert 3")), "bypass cross"]
    assert [change for change, _ in variants(model)] == names
    found, outputs = changed_measures(TASK, model, DATA, EVENTS), put_out(model)
    np.testing.assert_allclose(odds(found[WHOLE]), mixed(model, outputs), atol=1e-4)
    without = outputs.copy()
    without[:, 1] = outputs[:, 1].mean(0)
    np.testing.assert_allclose(odds(found[Variant("mute expert 2", JOINT)]), mixed(model, without), atol=1e-4)
    width = model.joint.width
    without = outputs.copy()
    without[..., :width] = outputs[..., :width].mean(0)
    np.testing.assert_allclose(odds(found[Variant("mute cross", JOINT)]), mixed(model, without), atol=1e-4)
    without[..., :width] = model.joint.x0(*ROWS[INDEX]).double().numpy()[:, None]
    without[..., width:] = outputs[..., width:]
    np.testing.assert_allclose(odds(found[Variant("bypass cross", JOINT)]), mixed(model, without), atol=1e-4)


@pytest.mark.parametrize("arm", ["parallel", "parallel_sum", "edcn"])
def test_each_block_of_the_diagram_has_what_it_holds_and_branches_add_up(arm: str) -> None:
    model = model_of(arm)
    held, outputs = taps(model.joint, ROWS, INDEX), put_out(model)
    points = points_of(model.joint.plan())
    assert {point.key: held[point.key].shape for point in points} == {p.key: (len(EVENTS), p.width) for p in points}
    for place in range(EXPERTS):
        np.testing.assert_allclose(held[f"{place}.0"], outputs[:, place], atol=1e-5)
    join = (gates(model)[..., None] * outputs).sum(1)
    np.testing.assert_allclose(held["join"], join, atol=1e-4)
    first = model.state_dict()["joint.layers.0.weight"].double().numpy()[PLACE]
    whole = np.einsum("boc,bc->bo", first, join)
    parts = torch.stack(list(contributions(model.joint, ROWS, INDEX).values())).sum(0).numpy()
    np.testing.assert_allclose(parts, whole - whole.mean(0), atol=1e-4)
    assert 0 < output_shares(model.joint, ROWS, INDEX)["output"] < 1
    sizes = {stage: sum(weight.numel() for weight in own) for stage, own in stages(model.joint).items()}
    of_one = stages(small_joint(DATA, arm).joint)
    assert sizes == {stage: EXPERTS * sum(weight.numel() for weight in own) for stage, own in of_one.items()}


@pytest.mark.parametrize("expert", [None, 1])
def test_a_cross_is_taken_from_one_expert_or_from_all(expert: int | None) -> None:
    model = model_of()
    scoring, by_hand = scored(model, DATA, EVENTS), model_of()
    blocks = scoring.blocks[JOINT]
    a, b = (blocks.slices[at] for at in (0, 4))
    for place, wired in enumerate(by_hand.joint.networks):
        if expert in (None, place):
            W: Any = wired.crosses()[0].layers[0]
            W.W.weight[a, b] = W.W.weight[b, a] = 0
    found = scoring.measured(JOINT, both_ways(0, 0, 4, expert=expert))
    np.testing.assert_allclose(odds(found), logits(by_hand), atol=1e-4)
    assert not np.allclose(odds(found), odds(scoring.intact), atol=1e-3)
    pairs = len(blocks) * (len(blocks) + 1) // 2
    assert len(removals(scoring)) == 2 * 2 * pairs
    by_rank = {rank: own for _, rank, own in cuts(scoring)}
    flat = model_of()
    for wired in flat.joint.networks:
        for layer in wired.crosses()[0].layers:
            layer.W.weight.zero_()  # type: ignore[union-attr, operator]
    np.testing.assert_allclose(odds(by_rank[0]), logits(flat), atol=1e-4)


def test_the_map_of_all_experts_is_the_mean_by_what_their_gates_make_of_them() -> None:
    model = model_of()
    counts = shares_of(DATA, model, JOINT, EVENTS)
    assert counts == pytest.approx(gates(model).mean(0), abs=1e-5)
    for expert, wired in enumerate(model.joint.networks):
        first = layers_of(DATA, model, JOINT, EVENTS, expert)[0]
        assert np.array_equal(first.W, wired.state_dict()["cross.layers.0.W.weight"].double().numpy())
    tables = [[pd.DataFrame({"norm": [1.0, float(at)]})] for at in range(EXPERTS)]
    found = pd.concat(_with_mean(tables, [0.5, 0.3, 0.2], "norm"))
    assert found[found["expert"] == 0]["norm"].tolist() == pytest.approx([1.0, 0.3 * 1 + 0.2 * 2])
    assert found[found["expert"] == 3]["norm"].tolist() == [1.0, 2.0]
    assert _with_mean(tables[:1], [1.0], "norm") == tables[0]


def test_a_gate_is_told_for_each_surface() -> None:
    model = model_of()
    frame = gate_frame(model.joint, DATA, JOINT, EVENTS, SURFACE)
    names, each = DATASET.queries.categories[0].values, gates(model)
    assert len(frame) == EXPERTS * len(np.unique(PLACE))
    for row in frame.to_dict("records"):
        own = np.equal(PLACE, names.index(row["surface"]))
        assert (row["rows"], row["share"]) == (own.sum(), pytest.approx(each[own, row["expert"] - 1].mean(), abs=1e-5))


def test_a_request_is_answered_by_scoring_every_pair() -> None:
    model, query = model_of(), Query.of(DATASET, 41)
    found = retriever_of(model, DATA, ()).answer(query)
    given = tuple(torch.from_numpy(one[None].copy()) for one in (query.codes, query.values))
    one = [float(model(given, DATA.items[torch.tensor([item])])[0]) for item in range(len(DATASET.items))]
    np.testing.assert_allclose(found.score, one, atol=1e-4)
