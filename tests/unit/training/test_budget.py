"""Equal budgets: arms come out as costly as the baseline, counted on the towers that are really trained."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from statistics import geometric_mean
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import TOLERANCE, Experiment
from pdcn.dials import assemble
from pdcn.nn.model import cost
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training import budget
from pdcn.training.budget import LARGEST, Fit, deepened, matched, neighbours, scaled, solved
from pdcn.training.loop import LivePoint, Trainer
from pdcn.wirings import WIRINGS

SETTINGS = PlantedData(events=2000, items=100, users=50)
DATA = DeviceData(planted(SETTINGS), torch.device("cpu"))
TABLES = (DATA.dataset.queries, DATA.dataset.items)
FREE = tuple(name for name, wiring in WIRINGS.items() if any(part.kind == "deep" for part in wiring.parts.values()))
"""Wirings with a deep network, whose width can be moved."""
every_count = pytest.mark.parametrize("match", ["parameters", "flops"])


def experiment(**values: Any) -> Experiment:
    return assemble({"data": "planted", "events": 2000, "items": 100, "users": 50, **values})


def built(own: Experiment, arm: str) -> TwoTower:
    return TwoTower(*TABLES, own, arm)


def dense(own: Experiment, arm: str) -> int:
    """Parameters outside the embedding tables, counted on a built model."""
    named = built(own, arm).named_parameters()
    return sum(weight.numel() for name, weight in named if not name.endswith("embedding.weight"))


def flops(own: Experiment, arm: str) -> int:
    """FLOPs of a query and an item, counted by torch while the towers run."""
    model, one = built(own, arm).eval(), torch.tensor([0])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.query(*DATA.queries[one])
        model.item(*DATA.items[one])
    return int(counter.get_total_flops())


SPENT = {"parameters": dense, "flops": flops}


def off(own: Experiment, at: Experiment, arm: str, match: str) -> float:
    """By which share the arm misses the cost of the baseline of `at`, counted here."""
    return SPENT[match](own, arm) / SPENT[match](at, at.against) - 1


# counts


@every_count
def test_every_wiring_with_a_deep_network_meets_the_budget(match: str) -> None:
    at = experiment(arms=tuple(WIRINGS), match=match)
    fits = matched(at, DATA)
    assert tuple(fits) == at.arms
    for arm in FREE:
        share = off(fits[arm].experiment, at, arm, match)
        assert abs(share) <= TOLERANCE[match], arm
        assert fits[arm].residual == pytest.approx(share, abs=1e-12)
        assert fits[arm].cost == SPENT[match](fits[arm].experiment, arm)
        found = cost(built(fits[arm].experiment, arm))
        assert (found.dense, found.flops) == (dense(fits[arm].experiment, arm), flops(fits[arm].experiment, arm))
    assert {"parameters": 0.01, "flops": 0.02}[match] == TOLERANCE[match]


@every_count
def test_the_baseline_and_all_that_may_not_move_stay(match: str) -> None:
    at = experiment(arms=tuple(WIRINGS), match=match)
    fits = matched(at, DATA)
    assert fits["sequential"] == Fit(at, SPENT[match](at, "sequential"), SPENT[match](at, "sequential"))
    for arm, fit in fits.items():
        moved = fit.experiment.network
        assert fit.experiment == at.model_copy(update={"network": moved}), arm
        assert moved == at.network.model_copy(update={"deep": moved.deep}), arm
        # before it is matched, every other free wiring costs more than 1% more or less
        if arm in FREE and arm != "sequential":
            assert moved.deep != at.network.deep, arm
            assert abs(off(at, at, arm, match)) > TOLERANCE[match], arm


@every_count
def test_any_arm_can_be_the_baseline(match: str) -> None:
    at = experiment(arms=("parallel", "sequential", "deep_only"), baseline="parallel", match=match)
    fits = matched(at, DATA)
    assert fits["parallel"].experiment == at
    for arm in ("sequential", "deep_only"):
        assert abs(off(fits[arm].experiment, at, arm, match)) <= TOLERANCE[match]
        assert fits[arm].experiment.network.deep > at.network.deep  # the others are smaller at the same blocks


def test_towers_of_two_wirings_meet_the_budget() -> None:
    at = experiment(arms=("parallel-sequential", "deep_only-parallel_gated", "sequential"))
    for arm, fit in matched(at, DATA).items():
        assert abs(off(fit.experiment, at, arm, "parameters")) <= 0.01


def test_no_match_changes_nothing_and_tells_the_mismatch() -> None:
    at = experiment(arms=tuple(WIRINGS), match="none")
    for arm, fit in matched(at, DATA).items():
        assert fit.experiment == at
        assert fit.residual == pytest.approx(off(at, at, arm, "parameters"), abs=1e-12)
    assert matched(at, DATA)["parallel"].residual > 0.05


def test_a_wiring_without_the_block_that_moves_stays_and_says_how_far_off() -> None:
    at = experiment(arms=("cross_only", "parallel", "sequential"))
    fit = matched(at, DATA)["cross_only"]
    assert fit.experiment == at
    assert fit.residual == pytest.approx(off(at, at, "cross_only", "parameters"), abs=1e-12)
    assert fit.residual < -TOLERANCE["parameters"]


def test_a_block_that_only_one_tower_has_is_moved_there() -> None:
    at = experiment(arms=("cross_only-deep_only", "sequential"), item_deep=(32,))
    fit = matched(at, DATA)["cross_only-deep_only"]
    assert abs(off(fit.experiment, at, "cross_only-deep_only", "parameters")) <= 0.01


def test_a_target_out_of_reach_is_missed_and_told() -> None:
    """The crosses alone cost more than the whole baseline."""
    at = experiment(arms=("parallel", "deep_only"), deep=(2,), cross_layers=8, embedding=16)
    fit = matched(at, DATA)["parallel"]
    assert fit.experiment.network.deep == (1,)
    assert fit.residual == pytest.approx(off(fit.experiment, at, "parallel", "parameters"), abs=1e-12)
    assert fit.residual > 1


@pytest.mark.parametrize("cross", ["low_rank", "mixture"])
def test_the_cross_rank_moves_where_it_may(cross: str) -> None:
    values = {"cross": cross, "cross_rank": 24, "experts": 2}
    at = experiment(arms=("parallel", "sequential"), move=("rank",), **values)
    own = matched(at, DATA)["parallel"].experiment
    assert own.network == at.network.model_copy(update={"cross_rank": own.network.cross_rank})
    assert own.network.cross_rank < 24
    rest = [
        abs(off(experiment(**{**values, "cross_rank": rank}), at, "parallel", "parameters")) for rank in range(1, 40)
    ]
    assert abs(off(own, at, "parallel", "parameters")) == min(rest)


def test_the_head_moves_where_it_may() -> None:
    at = experiment(arms=("parallel", "sequential"), move=("head",), head=(48, 24))
    own = matched(at, DATA)["parallel"].experiment
    assert own.network == at.network.model_copy(update={"head": own.network.head})
    assert own.network.head != (48, 24)
    assert abs(off(own, at, "parallel", "parameters")) <= 0.01


def test_blocks_that_may_move_together_do() -> None:
    at = experiment(
        arms=("parallel", "sequential"),
        move=("deep", "rank", "head"),
        cross="low_rank",
        cross_rank=32,
        head=(64,),
        deep=(128,),
    )
    own = matched(at, DATA)["parallel"].experiment.network
    assert own.deep < (128,)
    assert own.cross_rank < 32
    assert own.head < (64,)
    assert abs(off(matched(at, DATA)["parallel"].experiment, at, "parallel", "parameters")) <= 0.01


def test_an_item_tower_of_its_own_keeps_its_shape() -> None:
    at = experiment(arms=("parallel", "sequential"), deep=(128, 64), item_deep=(32,))
    own = matched(at, DATA)["parallel"].experiment
    assert own.item_network is not None
    assert abs(off(own, at, "parallel", "parameters")) <= 0.01
    wide, narrow, item = (*own.network.deep, *own.item_network.deep)
    assert wide < 128
    assert narrow < 64
    assert item <= 32
    assert wide / narrow == pytest.approx(2, rel=0.1)


def test_one_tower_may_have_the_block_that_the_other_lacks() -> None:
    at = experiment(arms=("parallel", "sequential"), move=("rank",), item_cross="low_rank", item_cross_rank=20)
    own = matched(at, DATA)["parallel"].experiment
    assert own.network == at.network
    assert own.item_network is not None
    assert own.item_network.cross_rank < 20


@every_count
@pytest.mark.parametrize("width", [1, 2, 3])
def test_at_very_small_widths_the_nearest_there_is(width: int, match: str) -> None:
    """A width more or less is a large step there: what is left may exceed the tolerance, and is told."""
    values: dict[str, Any] = {"embedding": 1, "output": 2, "cross_layers": 1, "match": match}
    at = experiment(arms=("parallel", "sequential"), baseline="parallel", deep=(width,), **values)
    fit = matched(at, DATA)["sequential"]
    rest = [off(experiment(deep=(wide,), **values), at, "sequential", match) for wide in range(1, 16)]
    assert abs(fit.residual) == pytest.approx(min(map(abs, rest)), abs=1e-12)
    assert off(fit.experiment, at, "sequential", match) == pytest.approx(fit.residual, abs=1e-12)


@every_count
@pytest.mark.parametrize("deep", [(13, 7), (3, 1)])
@pytest.mark.parametrize("arm", FREE)
def test_no_step_of_one_width_comes_closer(arm: str, deep: tuple[int, ...], match: str) -> None:
    against = "parallel" if arm == "sequential" else "sequential"
    at = experiment(arms=(arm, against), deep=deep, embedding=3, output=6, match=match)
    fit = matched(at, DATA)[arm]
    found = fit.experiment.network.deep
    for place, step in itertools.product(range(2), (-1, 1)):
        other = tuple(max(1, width + step * (index == place)) for index, width in enumerate(found))
        near = at.model_copy(update={"network": at.network.model_copy(update={"deep": other})})
        assert abs(fit.residual) <= abs(off(near, at, arm, match)) + 1e-12


def test_counting_allocates_nothing() -> None:
    huge = experiment(deep=(4096,) * 8, embedding=128)
    found = budget.counted(huge, DATA.dataset, "parallel")
    assert found[0] > 200_000_000


# the search


@given(st.floats(0.02, 60.0), st.integers(1, 3), st.sampled_from(["parameters", "flops", "train-time"]))
@settings(max_examples=60)
def test_the_search_finds_what_costs_the_same(wanted: float, layers: int, match: str) -> None:
    """On a smooth cost, wherever the target lies within reach of the doublings and halvings."""
    start = experiment(deep=(64,) * layers)
    size = sum(start.network.deep)
    found = solved(start, lambda at: sum(at.network.deep) / size / wanted, match)
    loose = 0.5 / 64 / wanted if match != "train-time" else 0.03 + 1 / 64 / wanted
    assert abs(sum(found.network.deep) / size / wanted - 1) <= loose + 1e-9


widths = st.lists(st.integers(1, 4096), min_size=1, max_size=4).map(tuple)


@given(widths, widths, st.integers(1, 512), st.floats(0.001, 1000))
@settings(max_examples=100)
def test_widths_stay_within_what_is_allowed(
    deep: tuple[int, ...], head: tuple[int, ...], rank: int, factor: float
) -> None:
    at = experiment(
        deep=deep, head=head, cross="low_rank", cross_rank=rank, item_deep=(1, 4096), move=("deep", "rank", "head")
    )
    for own in (scaled(at, factor), *neighbours(at, at.fairness)):
        assert Experiment.from_json(own.to_json()) == own  # it passes the limits of the settings
        for network in own.networks():
            assert all(1 <= width <= LARGEST["deep"] for width in network.deep)
            assert all(1 <= width <= LARGEST["head"] for width in network.head)
            assert 1 <= network.cross_rank <= LARGEST["rank"]


def test_scaling_by_one_changes_nothing_and_neighbours_change_one_width() -> None:
    at = experiment(deep=(8, 4), item_deep=(5,), move=("deep",))
    assert scaled(at, 1.0) == at
    assert scaled(at, 2.0).network.deep == (16, 8)
    found = {(own.network.deep, own.networks()[1].deep) for own in neighbours(at, at.fairness)}
    assert found == {((7, 4), (5,)), ((9, 4), (5,)), ((8, 3), (5,)), ((8, 5), (5,)), ((8, 4), (4,)), ((8, 4), (6,))}


# another target, and the depth


@every_count
@pytest.mark.parametrize(("target", "aim"), [("smallest", min), ("largest", max), ("middle", geometric_mean)])
def test_all_arms_meet_at_the_target(target: str, aim: Callable[[list[int]], float], match: str) -> None:
    """The baseline may move too; an arm with nothing to move has no say and misses."""
    at = experiment(arms=("linear", "wide_deep", "parallel", "sequential"), match=match, target=target)
    fits = matched(at, DATA)
    wanted = aim([SPENT[match](at, arm) for arm in at.arms if arm != "linear"])
    for arm in at.arms[1:]:
        share = SPENT[match](fits[arm].experiment, arm) / wanted - 1
        assert abs(share) <= TOLERANCE[match], arm
        assert fits[arm].residual == pytest.approx(share, abs=1e-12)
        if SPENT[match](at, arm) == wanted:
            assert fits[arm].experiment == at
        else:
            assert (fits[arm].experiment.network.deep > at.network.deep) == (SPENT[match](at, arm) < wanted), arm
    assert fits["linear"].experiment == at
    assert fits["linear"].residual == pytest.approx(SPENT[match](at, "linear") / wanted - 1)


def test_a_target_among_arms_that_cannot_move_is_the_baseline() -> None:
    at = experiment(arms=("linear", "cross_only"), target="largest")
    assert {arm: fit.target for arm, fit in matched(at, DATA).items()} == dict.fromkeys(
        at.arms, dense(at, "cross_only")
    )


@every_count
@pytest.mark.parametrize("deep", [(16, 8), (5,), (64,) * 6])
@pytest.mark.parametrize("arm", ["wide_deep", "stacked_parallel", "deep_only"])
def test_the_depth_alone_comes_as_close_as_any(arm: str, deep: tuple[int, ...], match: str) -> None:
    """Against every depth there is."""
    at = experiment(arms=(arm, "sequential"), deep=deep, match=match, move=("depth",))
    fit = matched(at, DATA)[arm]
    every = [(deep + deep[-1:] * 7)[:depth] for depth in range(1, 9)]
    rest = [abs(off(experiment(deep=one), at, arm, match)) for one in every]
    assert fit.experiment.network.deep in every
    assert abs(fit.residual) == pytest.approx(min(rest), abs=1e-12)


def test_widths_follow_the_depth() -> None:
    """Two crosses of 50 columns less: layers come, and then widths close what is left."""
    at = experiment(arms=("deep_only", "sequential"), deep=(32,), move=("deep", "depth"))
    depth = matched(experiment(arms=at.arms, deep=(32,), move=("depth",)), DATA)["deep_only"].experiment.network.deep
    fit = matched(at, DATA)["deep_only"]
    assert len(fit.experiment.network.deep) == len(depth) > 1
    assert abs(off(fit.experiment, at, "deep_only", "parameters")) <= 0.01


def test_both_towers_change_their_depth_by_the_same_number() -> None:
    at = experiment(deep=(8, 4), item_deep=(5,), move=("depth",))
    found = [(len(own.network.deep), len(own.networks()[1].deep)) for own in deepened(at)]
    assert found == [(2, 1), (1, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6), (8, 7), (8, 8)]
    assert deepened(experiment(deep=(8, 4))) == [experiment(deep=(8, 4))]


# time


def slow(data: DeviceData, own: Experiment, arm: str) -> Iterator[float]:
    """Seconds of steps that take as long as their dense parameters say, on a machine that gets slower."""
    for drift in itertools.count(1):
        yield (5_000 + dense(own, arm)) * 1e-6 * drift


def test_time_is_matched_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_clocked", slow)
    at = experiment(arms=("parallel", "stacked_parallel", "sequential"), match="train-time")
    fits = matched(at, DATA)
    target = next(slow(DATA, at, "sequential"))
    assert fits["sequential"] == Fit(at, 1.0, 1.0)
    for arm in ("parallel", "stacked_parallel"):
        share = next(slow(DATA, fits[arm].experiment, arm)) / target - 1
        assert abs(share) <= TOLERANCE["train-time"] == 0.05
        assert fits[arm].residual == pytest.approx(share)
        assert abs(next(slow(DATA, at, arm)) / target - 1) > 0.05


def test_the_baseline_moves_by_the_clock_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_clocked", slow)
    at = experiment(arms=("parallel", "stacked_parallel", "sequential"), match="train-time", target="largest")
    fits, wanted = matched(at, DATA), next(slow(DATA, at, "stacked_parallel"))
    assert fits["stacked_parallel"].experiment == at
    for arm, fit in fits.items():
        share = next(slow(DATA, fit.experiment, arm)) / wanted - 1
        assert abs(share) <= 0.05
        assert fit.residual == pytest.approx(share)


def test_the_clock_counts_steps_of_the_arm_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lap of five steps at a time, the first lap left out, and nothing validated meanwhile."""
    laps: list[tuple[str, int, tuple[int, ...]]] = []

    class Timed(Trainer):
        def lap(self, steps: int) -> list[LivePoint]:
            before = self.seconds
            found = super().lap(steps)
            deep: Any = two_towers(self.model).query.wiring.deep
            laps.append((self.arm, self.step, deep.widths))
            self.seconds = before + 2.0 ** len(laps)
            return found

    monkeypatch.setattr(budget, "Trainer", Timed)
    at = experiment(arms=("parallel", "sequential"), deep=(9,), epochs=1)
    clock = budget._clocked(DATA, at, "parallel")
    assert [next(clock) for _ in range(3)] == [4.0, 8.0, 16.0]
    assert laps == [("parallel", 5 * lap, (50, 9)) for lap in (1, 2, 3, 4)]
