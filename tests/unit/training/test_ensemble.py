"""All seeds at once: the plain trainers' results within a tolerance, each seed by itself."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from pdcn.config import Experiment, Network, Training
from pdcn.nn.model import Model
from pdcn.nn.two_tower import two_towers
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.ensemble import Ensemble, crews
from pdcn.training.loop import LivePoint, Trainer
from pdcn.wirings import WIRINGS

CPU = torch.device("cpu")
SETTINGS = PlantedData(events=3000, items=80, users=40, fields=3, values=4, numbers=1, crosses=2)
DATA = DeviceData(planted(SETTINGS), CPU)
NETWORK: dict[str, Any] = {"embedding": 4, "deep": (12,), "output": 8, "cross_layers": 2, "cross_rank": 3, "experts": 2}
TRAINING: dict[str, Any] = {"epochs": 2, "batch": 256, "evaluations": 2, "learning_rate": 0.02}
SEEDS = (3, 0, 7)


def experiment(network: dict[str, Any] | None = None, **training: Any) -> Experiment:
    return Experiment(
        data=SETTINGS, network=Network(**{**NETWORK, **(network or {})}), training=Training(**{**TRAINING, **training})
    )


def trainers(one: Experiment, arm: str = "parallel", validate: Any = None) -> list[Trainer]:
    return [Trainer(DATA, one, arm, seed, validate) for seed in SEEDS]


def run(crew: Trainer | Ensemble, lap: int = 7) -> list[LivePoint]:
    points, more = [], crew.lap(lap)
    while more:
        points += more
        more = crew.lap(lap)
    return points


def both(one: Experiment, arm: str = "parallel", lap: int = 7) -> tuple[list[Trainer], list[Trainer]]:
    """The trainers by themselves, and the same ones as an ensemble, both run to their end in double precision."""
    torch.set_default_dtype(torch.float64)
    try:
        plain, stacked = trainers(one, arm), trainers(one, arm)
    finally:
        torch.set_default_dtype(torch.float32)
    assert plain[0].flat.weights.dtype == torch.float64
    for own in plain:
        run(own, lap)
    run(Ensemble(stacked), lap)
    return plain, stacked


def close(one: Model, other: Model, tolerance: float = 1e-5) -> bool:
    """Equal but for a learning rate and a gradient's norm that the ensemble keeps in single precision."""
    theirs = dict(other.named_parameters())
    return all(
        (weight - theirs[name]).abs().max() < tolerance * (1 + weight.abs().max())
        for name, weight in one.named_parameters()
    )


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    **{wiring: (wiring, {}, {}) for wiring in WIRINGS},
    "wide ids": ("parallel", {"id_embedding": 8}, {}),
    "two wirings": ("parallel-deep_only", {}, {}),
    "low rank": ("parallel", {"cross": "low_rank"}, {}),
    "mixture": ("sequential", {"cross": "mixture", "inner": "tanh"}, {}),
    "exponential": ("parallel", {"cross": "exponential"}, {}),
    "attention": ("parallel", {"cross": "attention", "experts": 2}, {}),
    "layer norm and a head": ("parallel", {"layer_norm": True, "head": (6,)}, {}),
    "no norm": ("parallel", {"normalise": False}, {"temperature": 1.0}),
    "uniform negatives": ("parallel", {}, {"negatives": 33}),
    "no logQ": ("parallel", {}, {"log_q": False}),
    "weight decay and a tight clip": ("parallel", {}, {"weight_decay": 0.05, "clip": 0.05}),
}


@pytest.mark.parametrize("case", CASES)
def test_it_ends_where_the_plain_trainers_end(case: str) -> None:
    arm, network, training = CASES[case]
    plain, stacked = both(experiment(network, **training), arm)
    for own, other in zip(plain, stacked, strict=True):
        assert other.state == own.state == "finished"
        assert other.step == own.step
        assert close(two_towers(own.model), other.model)
        assert other.best_validation == pytest.approx(own.best_validation, abs=0.02)
    assert not close(plain[0].model, plain[1].model)  # what the tolerance can tell apart


def test_points_are_the_trainers_own() -> None:
    one = experiment()
    plain, stacked = trainers(one), trainers(one)
    alone = {own.seed: run(own) for own in plain}
    together: dict[int, list[LivePoint]] = {seed: [] for seed in SEEDS}
    for point in run(Ensemble(stacked)):
        together[point.seed].append(point)
    for seed in SEEDS:
        assert [point.step for point in together[seed]] == [point.step for point in alone[seed]]
        for ours, theirs in zip(together[seed], alone[seed], strict=True):
            assert (ours.recall is None) == (theirs.recall is None)
            assert ours.loss == pytest.approx(theirs.loss, rel=1e-3, nan_ok=True)
            assert ours.gradient == pytest.approx(theirs.gradient, rel=1e-2, nan_ok=True)
            assert ours.temperature == pytest.approx(theirs.temperature, rel=1e-3)
    assert all(own.seconds > 0 for own in stacked)


@pytest.mark.parametrize("lap", [1, 1000])
def test_laps_do_not_show(lap: int) -> None:
    stacked, other = trainers(experiment()), trainers(experiment())
    run(Ensemble(stacked), 7)
    run(Ensemble(other), lap)
    for one, two in zip(stacked, other, strict=True):
        assert all(map(torch.equal, one.best.values(), two.best.values()))


def test_a_seed_does_not_depend_on_the_seeds_beside_it() -> None:
    stacked = trainers(experiment())
    run(Ensemble(stacked))
    alone = trainers(experiment())[1]
    run(Ensemble([alone]))
    assert close(stacked[1].model, alone.model)


def test_each_seed_stops_by_itself() -> None:
    """Seed 0 finds nothing better after its first check; the others go on to the end."""

    def validate(seed: int) -> Any:
        found = iter(range(1, 100))
        return lambda model, data: 1 / next(found) if seed == 0 else next(found) / 100

    one = experiment(patience=1, epochs=3, schedule="cosine")
    stacked = [Trainer(DATA, one, "parallel", seed, validate(seed)) for seed in SEEDS]
    points = run(Ensemble(stacked))
    states = {own.seed: (own.state, own.step) for own in stacked}
    steps = stacked[0].steps
    first = stacked[0].check_every
    assert states == {3: ("finished", steps), 0: ("stopped early", first), 7: ("finished", steps)}
    assert max(point.step for point in points if point.seed == 0) == first
    fresh = Trainer(DATA, one, "parallel", 0, validate(0))
    assert all(map(torch.equal, stacked[1].finish().state_dict().values(), fresh.best.values()))


def test_each_seed_cools_down_by_itself() -> None:
    """On a plateau seeds settle at steps of their own, and end with the weights of the plain trainers."""

    def validate(seed: int) -> Any:
        found = iter(range(1, 100))
        return lambda model, data: 1 / next(found) if seed == 0 else next(found) / 100

    one = experiment(patience=2, epochs=4, schedule="plateau")
    stacked = [Trainer(DATA, one, "parallel", seed, validate(seed)) for seed in SEEDS]
    run(Ensemble(stacked))
    for own in stacked:
        plain = Trainer(DATA, one, "parallel", own.seed, validate(own.seed))
        while plain.state == "training":
            plain.lap(7)
        assert (own.state, own.step) == (plain.state, plain.step)
        assert close(own.finish(), plain.finish())
    assert {own.state for own in stacked} == {"finished", "stopped early"}


def test_a_seed_that_diverges_leaves_the_others_alone() -> None:
    one = experiment()
    stacked = trainers(one)
    with torch.no_grad():
        two_towers(stacked[0].model).query.head.bias.fill_(math.nan)
    run(Ensemble(stacked))
    assert [own.state for own in stacked] == ["diverged", "finished", "finished"]
    other = trainers(one)
    run(Ensemble(other))
    for own, fresh in zip(stacked[1:], other[1:], strict=True):
        assert all(map(torch.equal, own.best.values(), fresh.best.values()))


def test_a_stop_midway_keeps_what_was_reached() -> None:
    stacked = trainers(experiment())
    crew = Ensemble(stacked)
    crew.lap(9)
    models = [own.finish() for own in stacked]
    assert [own.state for own in stacked] == ["stopped"] * 3
    assert all(own.step == 9 for own in stacked)
    assert not close(models[0], models[1])


def test_seeds_with_training_events_of_their_own_are_no_ensemble_on_a_gpu_either() -> None:
    own = trainers(experiment().model_copy(update={"training_sets": "bootstrap"}))
    for one in own:
        one.data.device = torch.device("cuda")  # of data that is this trainer's alone
    assert crews(own) == own
    assert DATA.device == CPU


def test_on_a_processor_every_trainer_is_its_own_crew() -> None:
    own = [*trainers(experiment()), *trainers(experiment(), "sequential")]
    found = crews(own)
    assert {id(one) for one in found} == {id(one) for one in own}
