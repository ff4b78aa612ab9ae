"""Training one arm: equal to the last bit, stopped where it should be, and it learns."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from pdcn.config import Experiment, Network, Training
from pdcn.jobs.study import Study
from pdcn.nn.model import Model
from pdcn.nn.two_tower import two_towers
from pdcn.runs.folder import RunFolder
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.tasks.retrieval.ranks import model_ranks, oracle_ranks, popularity_ranks
from pdcn.training.loop import LivePoint, Trainer
from pdcn.training.schedule import Schedule

CPU = torch.device("cpu")
SETTINGS = PlantedData(
    events=4000,
    items=120,
    users=50,
    fields=3,
    values=4,
    numbers=1,
    order=2,
    crosses=2,
    strength=1.5,
    rank=4,
    nonlinear=0.5,
    noise=0.3,
)
DATA = DeviceData(planted(SETTINGS), CPU)
SMALL: dict[str, Any] = {
    "embedding": 4,
    "deep": (16,),
    "output": 8,
    "cross_layers": 1,
    "dropout": 0.0,
    "normalise": True,
}
QUICK: dict[str, Any] = {
    "epochs": 2,
    "batch": 256,
    "evaluations": 2,
    "learning_rate": 0.02,
    "weight_decay": 0.0,
    "warmup": 0.1,
    "clip": 1.0,
    "temperature": 0.1,
    "log_q": True,
    "negatives": 0,
    "patience": 8,
    "schedule": "cosine",
}
EPOCH = 3400 // 256


def experiment(network: dict[str, Any] | None = None, **training: Any) -> Experiment:
    return Experiment(
        data=SETTINGS,
        network=Network(**{**SMALL, **(network or {})}),
        arms=("parallel", "sequential"),
        training=Training(**{**QUICK, **training}),
        seeds=1,
    )


def scripted(recalls: Iterator[float] | list[float]) -> Any:
    """A validation that gives these recalls, one after the other."""
    values = iter(recalls)
    return lambda model, data: next(values)


def flat(model: Model, data: DeviceData) -> float:
    return 0.5


def trainer(
    arm: str = "parallel", seed: int = 0, network: dict[str, Any] | None = None, validate: Any = None, **training: Any
) -> Trainer:
    return Trainer(DATA, experiment(network, **training), arm, seed, validate)


def run(one: Trainer, lap: int = 10_000) -> list[LivePoint]:
    points = []
    while one.state == "training":
        points += one.lap(lap)
    return points


def weights(model: Model) -> dict[str, Tensor]:
    return copy.deepcopy(model.state_dict())


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def history(points: list[LivePoint]) -> str:
    """Everything but the time it took, to the last bit, so that NaN equals NaN."""
    return json.dumps([{**asdict(point), "seconds": 0} for point in points])


# to the last bit

DROPPING = {"dropout": 0.3}
with_and_without_dropout = pytest.mark.parametrize("network", [{}, DROPPING], ids=["plain", "dropout"])


@with_and_without_dropout
def test_equal_seeds_equal_bits(network: dict[str, Any]) -> None:
    torch.manual_seed(1)
    one = trainer(network=network)
    first = history(run(one))
    torch.manual_seed(2)  # what the process draws elsewhere does not matter
    two = trainer(network=network)
    assert history(run(two)) == first
    assert equal(weights(one.model), weights(two.model))
    other = trainer(seed=1, network=network)
    assert history(run(other)) != first
    assert not equal(weights(one.model), weights(other.model))


@with_and_without_dropout
@pytest.mark.parametrize("lap", [1, 5])
def test_laps_do_not_show(network: dict[str, Any], lap: int) -> None:
    whole, parts = trainer(network=network), trainer(network=network)
    one, two = run(whole), run(parts, lap)
    assert equal(weights(whole.model), weights(parts.model))
    assert [(p.step, p.recall) for p in one if p.recall is not None] == [
        (p.step, p.recall) for p in two if p.recall is not None
    ]
    assert whole.step == parts.step == 2 * EPOCH


def test_dropout_draws_nothing_from_the_process() -> None:
    one = trainer(network=DROPPING)
    state = torch.get_rng_state()
    one.lap(3)
    assert torch.equal(torch.get_rng_state(), state)


def test_dropout_differs_from_step_to_step_and_from_none() -> None:
    one = trainer(network=DROPPING, learning_rate=1e-6)
    plain = trainer(learning_rate=1e-6)
    assert one.lap(1)[-1].loss != plain.lap(1)[-1].loss
    batch = next(one.batches)
    start, seen = weights(one.model), set()
    for step in (1, 2, 3):
        one.model.load_state_dict(start)
        one.step = step
        seen.add(one._step(batch)[0].item())
    assert len(seen) == 3


def test_arms_beside_each_other_equal_arms_alone() -> None:
    """Dropout has one generator a process: threads must not draw from each other's seed."""
    arms = ("parallel", "sequential", "deep_only", "cross_only")
    alone = [trainer(arm, network=DROPPING, validate=flat) for arm in arms]
    for one in alone:
        one.lap(10)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            beside = [trainer(arm, network=DROPPING, validate=flat) for arm in arms]
            list(pool.map(lambda one: one.lap(10), beside))
            assert all(equal(weights(a.model), weights(b.model)) for a, b in zip(alone, beside, strict=True))


def test_one_wiring_under_two_names_is_one_training() -> None:
    one, two = trainer("parallel"), trainer("parallel-parallel")
    run(one)
    run(two)
    assert equal(weights(one.model), weights(two.model))
    assert one.best_validation == two.best_validation


def test_arms_start_from_the_same_embeddings() -> None:
    arms = ("parallel", "sequential", "deep_only", "parallel-sequential")
    starts = [weights(trainer(arm, seed=3).model) for arm in arms]
    for side in ("query", "item"):
        name = f"{side}.embedding.weight"
        assert all(torch.equal(start[name], starts[0][name]) for start in starts)
        assert not torch.equal(weights(trainer(seed=4).model)[name], starts[0][name])
    assert not equal(starts[0], starts[1])


# schedule and clip


def test_a_training_of_one_step_trains() -> None:
    one = trainer(validate=scripted([0.5, 0.5]), epochs=1, batch=3400)
    start = weights(one.model)
    assert one.steps == 1
    run(one)
    assert not equal(weights(one.finish()), start)
    assert one.too_short


@pytest.mark.parametrize(
    ("batch", "warmup", "lap", "short"),
    [
        (340, 0.0, 9, True),
        (340, 0.0, 10, False),
        (34, 0.2, 10, True),  # stopped while the rate still rose
        (34, 0.2, 19, True),
        (34, 0.2, 20, False),
    ],
)
def test_too_few_steps_are_fewer_than_ten_or_than_the_warm_up(batch: int, warmup: float, lap: int, short: bool) -> None:
    one = trainer(validate=flat, epochs=1, batch=batch, warmup=warmup, evaluations=1)
    one.lap(lap)
    one.finish()
    assert one.step == lap
    assert one.too_short == short


def test_every_step_has_the_rate_of_the_schedule() -> None:
    one = trainer(validate=flat, warmup=0.25, learning_rate=0.04)
    rates = []
    while one.state == "training":
        one.lap(1)
        rates.append(one.optimiser.rate)
    course = Schedule(one.settings, 2 * EPOCH, EPOCH)
    assert rates == pytest.approx([0.04 * course.share(step) for step in range(2 * EPOCH)])


def norm_of(model: Model) -> float:
    grads = [weight.grad for weight in model.parameters() if weight.grad is not None]
    return float(torch.cat([grad.flatten() for grad in grads]).norm())


def test_gradients_are_clipped_and_told_as_they_were() -> None:
    loose, tight = trainer(validate=flat, clip=1e6), trainer(validate=flat, clip=0.01)
    told = [one.lap(1)[-1].gradient for one in (loose, tight)]
    assert told[0] == pytest.approx(told[1]) == pytest.approx(norm_of(two_towers(loose.model)), rel=1e-5)
    assert told[0] > 0.1
    assert norm_of(two_towers(tight.model)) == pytest.approx(0.01, rel=1e-3)


def test_weight_decay_shrinks_the_weights() -> None:
    sizes = []
    for decay in (0.0, 1.0):
        one = trainer(validate=flat, weight_decay=decay)
        run(one)
        sizes.append(two_towers(one.model).query.embedding.weight.norm().item())
    assert sizes[1] < 0.95 * sizes[0]


def test_weight_decay_leaves_biases_norms_and_the_temperature_alone() -> None:
    """Without a gradient, decay is all that a step does."""
    one = trainer(network={"layer_norm": True}, validate=flat, weight_decay=0.5)
    start = weights(one.model)
    one.flat.decay(0.5)
    for name, weight in one.model.named_parameters():
        assert torch.equal(weight, start[name] * (0.5 if weight.dim() >= 2 else 1.0)), name
    kept = {name for name, weight in one.model.named_parameters() if weight.dim() < 2}
    assert "log_temperature" in kept
    assert any("norms" in name for name in kept)


def test_the_batch_loss_divides_by_the_temperature() -> None:
    one = trainer(validate=flat)
    batch = next(one.batches)
    with torch.no_grad():
        query = two_towers(one.model).query(*DATA.queries[batch.events])
        items = two_towers(one.model).item(*DATA.items[batch.candidates])
        scores = query @ items.T / one.model.temperature - batch.log_q[batch.place]
        scores[batch.hits] = -torch.inf
        expected = -scores.log_softmax(1).diagonal().mean()
        found = one.task.loss(one.towers, DATA, batch)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    one.lap(3)
    assert two_towers(one.model).log_temperature.item() != pytest.approx(math.log(0.1), abs=1e-6)  # it learns too


# points and checks


def test_points_follow_the_checks() -> None:
    one = trainer(validate=scripted(count(0.0, 0.01)))
    points = run(one)
    every = EPOCH // 2
    steps = sorted({0, *range(every, 2 * EPOCH + 1, every), 2 * EPOCH})
    assert [point.step for point in points] == steps
    assert [point.recall for point in points] == pytest.approx([0.01 * i for i in range(len(steps))])
    assert math.isnan(points[0].loss)
    assert all(math.isfinite(point.loss + point.gradient) for point in points[1:])
    assert [point.seconds for point in points] == sorted(point.seconds for point in points)
    assert {(point.arm, point.seed) for point in points} == {("parallel", 0)}
    assert one.state == "finished"
    assert one.lap(5) == []


def test_a_lap_between_checks_still_shows_a_loss() -> None:
    one = trainer(validate=flat)
    first, second = one.lap(1), one.lap(2)
    assert [point.recall for point in first] == [0.5, None]
    assert [(point.step, point.recall) for point in second] == [(3, None)]
    assert math.isfinite(second[0].loss)


# it learns


@pytest.mark.parametrize("arm", ["parallel", "sequential"])
def test_it_learns(arm: str) -> None:
    one = trainer(arm, epochs=8, evaluations=1, patience=0)
    points = run(one)
    losses = [point.loss for point in points[1:]]
    assert losses[-1] < losses[0] - 0.2
    events = DATA.dataset.events("test")
    model = one.finish()
    ranks = [
        model_ranks(two_towers(model), DATA, events),
        popularity_ranks(DATA.dataset, events),
        oracle_ranks(DATA.dataset, events),
    ]
    learned, popular, best = (float(Recall(10).values(rank).mean()) for rank in ranks)
    assert learned > popular + 0.1
    assert learned < best + 0.03


# endings


def test_early_stopping() -> None:
    one = trainer(validate=scripted([0.1, 0.3, 0.2, 0.3, 0.25, 0.9]), epochs=9, patience=3)
    points = run(one)
    assert one.state == "stopped early"
    assert one.reason == "validation got no better in 3 checks"
    assert [point.recall for point in points] == [0.1, 0.3, 0.2, 0.3, 0.25]  # equal is not better
    assert one.best_validation == 0.3
    assert (one.best_check, one.checks) == (3, 4)  # but of equals the later one is kept
    assert one.best_step == 3 * (EPOCH // 2)
    assert one.step == 4 * (EPOCH // 2)


def test_a_plateau_training_cools_down_once_validation_gets_no_better_and_ends() -> None:
    """Checks every 6 steps: at 30 the third without a better one; a fifth of 30 steps more, at falling rates."""
    one = trainer(validate=scripted([0.1, 0.2, 0.3, 0.3, 0.2, 0.1, 0.5]), epochs=9, patience=3, schedule="plateau")
    rates = []
    while one.state == "training":
        one.lap(1)
        rates.append(one.optimiser.rate)
    assert (one.state, one.reason) == ("stopped early", "validation got no better in 3 checks")
    assert one.step == 30 + 6
    assert rates[5:30] == [0.02] * 25
    assert rates[30:] == pytest.approx([0.02 * (1 - step / 6) for step in range(6)])
    assert one.best_validation == 0.5  # of the cool-down, which counts as any other check


def test_a_plateau_training_that_reaches_its_limit_has_cooled_down_there() -> None:
    one = trainer(validate=flat, epochs=3, patience=0, schedule="plateau")
    rates = []
    while one.state == "training":
        one.lap(1)
        rates.append(one.optimiser.rate)
    steps = 3 * EPOCH
    assert (one.state, one.step) == ("finished", steps)
    cool = round(0.2 * steps)
    assert rates[-cool:] == pytest.approx([0.02 * (1 - step / cool) for step in range(cool)])
    assert rates[-cool - 1] == 0.02


@pytest.mark.parametrize(("updates", "epochs"), [(20, 9), (40, 1)])
def test_updates_are_held_whatever_the_epochs(updates: int, epochs: int) -> None:
    one = trainer(validate=flat, epochs=epochs, patience=0, updates=updates)
    run(one)
    assert (one.state, one.step) == ("finished", updates)


def test_what_the_end_of_a_training_added_is_known() -> None:
    one = trainer(validate=scripted([0.1, 0.2, 0.4, 0.3, 0.45, 0.5]), epochs=2, patience=0)
    assert one.before_the_end is None
    run(one)
    assert one.before_the_end == 0.4  # checks at 0, 6, 12, 18 and 24 of 26 steps, and the last
    assert one.best_validation == 0.5


def test_patience_zero_never_stops() -> None:
    one = trainer(validate=flat, patience=0, epochs=3, evaluations=6)
    run(one)
    assert one.state == "finished"
    assert one.reason == ""


def test_the_best_weights_are_those_of_the_best_check() -> None:
    seen: list[dict[str, Tensor]] = []
    recalls = iter([0.1, 0.2, 0.7, 0.4, 0.3])

    def validate(model: Model, data: DeviceData) -> float:
        seen.append(weights(model))
        return next(recalls, 0.0)

    one = trainer(validate=validate, patience=0)
    run(one)
    assert equal(weights(one.model), seen[-1])
    model = one.finish()
    assert model is one.model
    assert equal(weights(model), seen[2])
    assert not equal(seen[2], seen[-1])
    assert equal(weights(one.finish()), seen[2])
    assert (one.state, one.best_validation) == ("finished", 0.7)


@pytest.mark.parametrize(("last", "kept"), [(0.9, 1), (0.05, 0)])
def test_stopping_midway_counts_the_weights_it_has(last: float, kept: int) -> None:
    one = trainer(validate=scripted([0.1, last]))
    start = weights(one.model)
    one.lap(2)
    now = weights(one.model)
    model = one.finish()
    assert one.state == "stopped"
    assert equal(weights(model), (start, now)[kept])
    assert one.best_validation == max(0.1, last)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0], 4),  # a measure at its ceiling says nothing: the one that has learned most
        ([0.5, 0.4, 0.4, 0.4, 0.4], 0),
        ([0.1, 0.4, 0.3, 0.3, 0.3], 1),
        ([0.1, 0.2, 0.3, 0.3, 0.2], 3),
    ],
)
def test_which_check_is_kept_and_that_it_is_told(values: list[float], kept: int) -> None:
    seen: list[dict[str, Tensor]] = []
    script = iter([*values, values[-1] / 2])  # the rest of an epoch has a check of its own

    def validate(model: Model, data: DeviceData) -> float:
        seen.append(weights(model))
        return next(script)

    one = trainer(validate=validate, patience=0, batch=340, epochs=2)
    run(one)
    assert equal(weights(one.finish()), seen[kept])
    assert (one.best_check, one.checks) == (kept, len(seen) - 1)
    assert one.best_step == kept * one.check_every


def test_weights_that_are_no_numbers_are_not_kept_for_a_tie() -> None:
    one = trainer(validate=scripted([0.0, 0.0]), epochs=1, evaluations=1)
    start = weights(one.model)
    one.lap(EPOCH - 1)
    poison(one)
    one.step = one.steps
    one.reached(0.5, 1.0)
    assert one.best_check == 0
    assert equal(weights(one.finish()), start)


def test_stopping_before_the_first_step() -> None:
    one = trainer()
    start = weights(one.model)
    assert equal(weights(one.finish()), start)
    assert one.state == "stopped"
    assert one.lap(1) == []


def poison(one: Trainer, value: float = math.nan) -> Trainer:
    with torch.no_grad():
        two_towers(one.model).query.head.weight[0] = value
    return one


@pytest.mark.parametrize("value", [math.nan, math.inf, 3e38])
@pytest.mark.parametrize("lap", [1, 1000])
def test_a_loss_that_is_no_number_ends_the_arm_with_an_explanation(lap: int, value: float) -> None:
    one = trainer()
    one.lap(2)
    before = weights(one.model)
    points = run(poison(one, value), lap)
    assert one.state == "diverged"
    assert one.reason == (
        f"the loss was no longer a number by step {one.step}; "
        "a lower learning rate or a tighter clip usually mends that"
    )
    assert not math.isfinite(points[-1].loss)
    assert one.step <= 2 + max(lap, EPOCH // 2)
    assert one.lap(1) == []
    model = one.finish()
    assert one.state == "diverged"
    assert all(weight.isfinite().all() for weight in model.state_dict().values())
    assert not equal(weights(model), before)  # back to the last check


def test_an_arm_that_diverges_leaves_the_others_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(data: DeviceData, experiment: Experiment, arm: str, seed: int) -> Trainer:
        made = Trainer(data, experiment, arm, seed)
        return poison(made) if arm == "parallel" else made

    monkeypatch.setattr("pdcn.jobs.cells.Trainer", poisoned)
    folder = RunFolder(tmp_path / "run")
    folder.create(experiment(), {"created": 0.0, "device": "cpu"})
    study = Study(folder, load=lambda settings: DATA.dataset)
    assert study.run() == "done"
    states = {arm.arm: arm.state for arm in study.raced.arms}
    assert states == {"parallel": "diverged", "sequential": "finished"}
    result = folder.result
    assert result is not None
    assert result["arms"]["parallel"]["recall"] == {}
    assert "no longer a number" in result["arms"]["parallel"]["seeds"][0]["reason"]
    assert result["arms"]["sequential"]["seeds"][0]["steps"] == 2 * EPOCH
    assert result["comparison"] == []
    assert not folder.weights("parallel", 0).exists()
    assert folder.weights("sequential", 0).exists()
    alone = trainer("sequential")
    run(alone)
    ranks = folder.ranks
    assert ranks is not None
    expected = model_ranks(two_towers(alone.finish()), DATA, DATA.dataset.events("test"))
    assert (ranks["sequential.0"].to_numpy() == expected).all()
