"""Muted, bypassed and shared out: against plain NumPy towers, plain autograd and numbers that can be checked by
hand."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from pdcn.config import Network, Training
from pdcn.evaluation.sides import rows_of
from pdcn.evaluation.similarity import linear_cka
from pdcn.evaluation.taps import taps
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import SIDES, Side, TwoTower
from pdcn.pages.inside.work.branches import (
    branch_means,
    branch_outputs,
    branches_of,
    changed,
    changes_of,
    contributions,
    first_items,
    gradient_norms,
    output_shares,
    rank_correlation,
    stages,
)
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import Batch, draws
from pdcn.training.throughput import sampled_softmax_plainly
from pdcn.wirings import WIRINGS
from tests.unit.nn import nn_reference as reference
from tests.unit.pages.analysis_help import small_data, small_model

DATA = small_data()
EVENTS = np.arange(30, 60)
CHANGES = ("mute cross", "mute deep", "bypass cross")
"""Of the parallel wiring."""
SETTINGS: dict[str, Any] = {"embedding": 2, "deep": (6, 4), "output": 3, "cross_rank": 2, "experts": 2}
Array = NDArray[np.float64]
JOINED = {
    **dict.fromkeys(
        ("parallel", "parallel_sum", "parallel_gated", "stacked_parallel", "parallel_no_linear"), ("cross", "deep")
    ),
    "sequential_skip_x0": ("deep", "x0"),
    "sequential_skip_cross": ("deep", "cross"),
    "wide_deep": ("wide", "deep"),
    "fcn": ("exponential", "linear"),
    "edcn": ("cross", "deep", "bridge"),
}
"""Branches of the wirings that join several."""
WITHOUT_CROSSES = ("deep_only", "wide_deep", "linear")
POSSIBLE = [
    (kind, change)
    for kind in WIRINGS
    for change in (*(f"mute {branch}" for branch in JOINED.get(kind, ())), "bypass cross")
    if change != "bypass cross" or kind not in WITHOUT_CROSSES
]


def ends_of(weights: dict[str, Array], kind: str, network: Network, x0: Array, change: str) -> list[Array]:
    """What the branches of one x0 put out."""

    def crosses(start: Array, part: str = "cross", **own: str) -> Array:
        if change == "bypass cross":
            return start
        return reference.crosses(weights, f"wiring.{part}", x0, start, network.model_copy(update=own))

    def deep(x: Array, part: str = "deep") -> Array:
        return reference.deep(weights, f"wiring.{part}", x, network, len(network.deep))

    def bridged() -> list[Array]:
        bypassed = change == "bypass cross"
        return [*reference.bridged(weights, "wiring.bridged", x0, network, bypassed=bypassed)[-1]]

    ends: dict[str, Callable[[], list[Array]]] = {
        "sequential": lambda: [deep(crosses(x0))],
        "cross_only": lambda: [crosses(x0)],
        "deep_then_cross": lambda: [crosses(reference.linear(weights, "wiring.project", deep(x0)))],
        "deep_only": lambda: [deep(x0)],
        "linear": lambda: [x0],
        "stacked_parallel": lambda: [deep(crosses(x0)), deep(x0, "beside")],
        "parallel_no_linear": lambda: [crosses(x0) - x0, deep(x0)],
        "sequential_skip_x0": lambda: [deep(crosses(x0)), x0],
        "sequential_skip_cross": lambda: [deep(crosses(x0)), crosses(x0)],
        "wide_deep": lambda: [x0, deep(x0)],
        "fcn": lambda: [crosses(x0, "exponential", cross="exponential"), crosses(x0, "linear", cross="masked")],
        "edcn": bridged,
    }
    return ends[kind]() if kind in ends else [crosses(x0), deep(x0)]


def finished(weights: dict[str, Array], kind: str, ends: list[Array]) -> Array:
    """The output before its length is set to one, from what the branches put out."""
    joined = np.concatenate(ends)
    if kind in ("parallel_sum", "parallel_gated"):
        c, d = reference.linear(weights, "wiring.combine.project", ends[0]), ends[1]
        joined = c + d
        if kind == "parallel_gated":
            g = reference.sigmoid(reference.linear(weights, "wiring.combine.gate", np.concatenate([c, d])))
            joined = g * c + (1 - g) * d
    return reference.linear(weights, "head", joined)


def expected(tower: Tower, kind: str, network: Network, x0: Array, change: str) -> Array:
    weights = {name: weight.double().numpy() for name, weight in tower.state_dict().items()}
    ends = [ends_of(weights, kind, network, row, change) for row in x0]
    if change.startswith("mute"):
        place = JOINED[kind].index(change.removeprefix("mute "))
        mean = np.mean([row[place] for row in ends], axis=0)
        ends = [[*row[:place], mean, *row[place + 1 :]] for row in ends]
    out = np.array([finished(weights, kind, row) for row in ends])
    return cast(Array, out / np.linalg.norm(out, axis=1, keepdims=True))


@pytest.mark.parametrize("cross", ["full", "low_rank", "mixture"])
@pytest.mark.parametrize(("kind", "change"), POSSIBLE)
def test_a_changed_tower_is_the_reference_with_that_branch_replaced(kind: str, change: str, cross: str) -> None:
    network = {**SETTINGS, "cross": cross}
    model = small_model(DATA, kind, **network)
    rows, index = rows_of(DATA, "query", EVENTS)
    codes, values = rows[index]
    means = branch_means(model, DATA, EVENTS)
    intact, items = model.query(codes, values), model.item(*DATA.items[slice(None)])
    with changed(model, change, means, ["query"]):
        found = model.query(codes, values)
        assert torch.equal(model.item(*DATA.items[slice(None)]), items)  # the other tower is as it was
    x0 = model.query.x0(codes, values).double().numpy()
    np.testing.assert_allclose(found, expected(model.query, kind, Network(**network), x0, change), atol=2e-4)
    assert not torch.allclose(found, intact, atol=1e-3)
    assert torch.equal(model.query(codes, values), intact)  # nothing stays behind


@pytest.mark.parametrize("kind", WIRINGS)
def test_what_can_be_changed_follows_from_the_wiring(kind: str) -> None:
    can = {change for name, change in POSSIBLE if name == kind}
    assert set(changes_of(small_model(DATA, kind).query)) == can
    without = changes_of(small_model(DATA, kind, cross_layers=0).query)
    assert set(without) == can - {"bypass cross"}


def test_both_towers_of_a_mixed_arm_have_their_own_changes() -> None:
    model = small_model(DATA, "parallel-deep_only")
    assert changes_of(model.query) == CHANGES
    assert changes_of(model.item) == ()
    assert list(branch_means(model, DATA, EVENTS)) == ["query"]


def test_means_are_over_the_events_and_over_the_catalogue() -> None:
    model = small_model(DATA)
    means = branch_means(model, DATA, EVENTS)
    for side in SIDES:
        rows, index = rows_of(DATA, side, EVENTS)
        held = taps(getattr(model, side), rows, index)
        np.testing.assert_allclose(means[side][0]["cross"], held["0.1"].mean(0), atol=1e-5)
        np.testing.assert_allclose(means[side][0]["deep"], held["1.1"].mean(0), atol=1e-5)


# shares of the output


@pytest.mark.parametrize("head", [(), (5,)])
@pytest.mark.parametrize("kind", JOINED)
def test_the_contributions_add_up_to_what_the_head_reads(kind: str, head: tuple[int, ...]) -> None:
    tower = small_model(DATA, kind, head=head).query
    rows, index = rows_of(DATA, "query", EVENTS)
    (out,) = branch_outputs(tower, rows, index)
    u, *rest = contributions(tower, rows, index).values()
    v = torch.stack(rest).sum(0)
    join = taps(tower, rows, index)["join"].astype(np.float64)
    first = tower.state_dict()["hidden.linears.0.weight" if head else "head.weight"].double().numpy()
    whole = (join - join.mean(0)) @ first.T
    np.testing.assert_allclose((u + v).numpy(), whole, atol=1e-4)
    found = output_shares(tower, rows, index)
    sizes = np.linalg.norm(u), np.linalg.norm(v)
    assert found["output"] == pytest.approx(sizes[0] / sum(sizes))
    assert found["cosine"] == pytest.approx(float((u * v).sum()) / (sizes[0] * sizes[1]))
    first_out, *others = out.values()
    assert found["cka"] == pytest.approx(linear_cka(first_out.numpy(), torch.cat(others, -1).numpy()))


def test_a_concatenation_shares_out_by_the_heads_own_columns() -> None:
    tower = small_model(DATA).query
    rows, index = rows_of(DATA, "query", EVENTS)
    held, width = taps(tower, rows, index), tower.width
    w = tower.head.weight.double().numpy()
    c, d = (held[key].astype(np.float64) - held[key].mean(0) for key in ("0.1", "1.1"))
    u, v = c @ w[:, :width].T, d @ w[:, width:].T
    share = np.linalg.norm(u) / (np.linalg.norm(u) + np.linalg.norm(v))
    assert output_shares(tower, rows, index)["output"] == pytest.approx(share, abs=1e-5)


def test_a_branch_that_the_head_does_not_read_has_no_share() -> None:
    tower = small_model(DATA).query
    rows, index = rows_of(DATA, "query", EVENTS)
    with torch.no_grad():
        tower.head.weight[:, : tower.width] = 0
    assert output_shares(tower, rows, index)["output"] == 0
    with torch.no_grad():
        tower.head.weight[:, tower.width :] = 0
    assert np.isnan(output_shares(tower, rows, index)["output"])


# shares of the gradient


def some_batches() -> list[Batch]:
    training = Training(batch=8, epochs=1)
    return list(Retrieval().batches(DATA, training, draws(DATA, training, 5)))


def plain_loss(model: TwoTower, batch: Batch) -> torch.Tensor:
    query = model.query(*DATA.queries[batch.events]) / model.temperature
    items = model.item(*DATA.items[batch.candidates])
    return sampled_softmax_plainly(query, items, batch.log_q[batch.place], batch.hits)


@pytest.mark.parametrize(
    ("kind", "cross", "deep"),
    [
        ("parallel", ("wiring.cross.",), ("wiring.deep.",)),
        ("parallel_sum", ("wiring.cross.",), ("wiring.deep.",)),
        ("sequential", ("wiring.cross.",), ("wiring.deep.",)),
        ("stacked_parallel", ("wiring.cross.", "wiring.deep."), ("wiring.beside.",)),
        ("deep_then_cross", ("wiring.cross.",), ("wiring.deep.", "wiring.project.")),
        (
            "edcn",
            ("wiring.bridged.cross.", "wiring.bridged.to_cross."),
            ("wiring.bridged.deep.", "wiring.bridged.to_deep."),
        ),
    ],
)
def test_gradient_norms_are_those_of_plain_autograd(kind: str, cross: tuple[str, ...], deep: tuple[str, ...]) -> None:
    model, few = small_model(DATA, kind), some_batches()
    found = gradient_norms(model, DATA, few, Retrieval())
    assert len(few) > 1
    squares: dict[tuple[Side, str], float] = {}
    for batch in few:
        other = copy.deepcopy(model).requires_grad_(True)
        plain_loss(other, batch).backward()  # type: ignore[no-untyped-call]
        for side in SIDES:
            for stage, parts in (("cross", cross), ("deep", deep)):
                for name, p in getattr(other, side).named_parameters():
                    if name.startswith(parts) and p.grad is not None:
                        squares[side, stage] = squares.get((side, stage), 0.0) + float(p.grad.square().sum())
    for (side, stage), square in squares.items():
        assert found[side][f"{stage}_norm"] == pytest.approx(np.sqrt(square / len(few)), rel=1e-4)
    sizes = {stage: sum(p.numel() for p in own) for stage, own in stages(model.query).items()}
    assert {stage: found["query"][f"{stage}_parameters"] for stage in sizes} == sizes
    assert not any(p.requires_grad for p in model.parameters())


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    model, few = small_model(DATA).double(), some_batches()[:1]
    found = gradient_norms(model, DATA, few, Retrieval())
    weights = stages(model.item)["cross"]
    steep = copy.deepcopy(model).requires_grad_(True)
    plain_loss(steep, few[0]).backward()  # type: ignore[no-untyped-call]
    slopes = [p.grad for p in stages(steep.item)["cross"]]
    length = float(np.sqrt(sum(float(g.square().sum()) for g in slopes if g is not None)))
    moved = []
    for sign in (1, -1):
        for weight, slope in zip(weights, slopes, strict=True):
            assert slope is not None
            weight.add_(slope, alpha=sign * 1e-5 / length)
        moved.append(float(plain_loss(model, few[0])))
        for weight, slope in zip(weights, slopes, strict=True):
            assert slope is not None
            weight.sub_(slope, alpha=sign * 1e-5 / length)
    assert (moved[0] - moved[1]) / 2e-5 == pytest.approx(found["item"]["cross_norm"], rel=1e-4)


def test_wirings_of_one_kind_have_no_shares() -> None:
    for kind in ("deep_only", "cross_only"):
        model = small_model(DATA, kind)
        assert branches_of(model.query) == ()
        assert gradient_norms(model, DATA, some_batches(), Retrieval()) == {}
    assert stages(small_model(DATA, "sequential", cross_layers=0).query) == {}


# agreement


def test_first_items_are_those_with_the_highest_scores() -> None:
    model = small_model(DATA)
    score = model.query(*DATA.queries[torch.from_numpy(EVENTS)]) @ model.item(*DATA.items[slice(None)]).T
    expected_items = np.argsort(-score.numpy(), axis=1)[:, :7]
    found = first_items(model, DATA, EVENTS, 7)
    listed = found.chance[7].toarray()[:, found.place] == 1
    assert [set(np.flatnonzero(row)) for row in listed] == [set(row) for row in expected_items]


def test_rank_correlation_is_spearmans() -> None:
    draws = np.random.default_rng(4)
    a, b = draws.integers(20, size=200), draws.integers(20, size=200)
    b = b + a
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert np.isnan(rank_correlation(a, np.ones(200)))


def test_sides_are_looked_at_with_the_events_or_the_whole_catalogue() -> None:
    counts: dict[Side, int] = {side: len(rows_of(DATA, side, EVENTS)[1]) for side in SIDES}
    assert counts == {"query": 30, "item": 30}
    assert rows_of(DATA, "query", EVENTS)[1].tolist() == EVENTS.tolist()
