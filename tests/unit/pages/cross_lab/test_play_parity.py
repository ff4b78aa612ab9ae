"""The playground's JavaScript and torch, from the same seed, arrive at the same weights."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.pages.cross_lab.play_help import TARGETS, Net, Played, drawn, ran, trained

STEPS = 60
EVERY = [Played(target=target, layers=layers, noise=0.3, seed=layers) for target in TARGETS for layers in (1, 2, 3)] + [
    Played(features=("x1", "x2", "sq1", "sq2", "sin1", "sin2"), layers=3, width=8, rate=0.03),
    Played(features=("x2",), width=2, rate=0.1),
    Played(target="circle", features=("x1", "x2", "sin2"), width=2, seed=999),
]
SCRIPT = """
import { advance, game, losses } from "./network.js";
const steps = STEPS;
console.log(JSON.stringify(EVERY.map((settings) => {
  const playing = game(settings);
  const flat = () => Object.fromEntries(Object.entries(playing.nets).map(([name, net]) => [name, [...net.weights]]));
  const first = flat();
  const points = playing.train.map(({ x0, target }) => [...x0, target]);
  while (playing.steps < steps) advance(playing);
  return { first, points, last: flat(), losses: losses(playing) };
})));
"""


@pytest.fixture(scope="module")
def of_javascript() -> list[dict[str, Any]]:
    """What the JavaScript found for each of EVERY."""
    found: list[dict[str, Any]] = ran(
        SCRIPT.replace("STEPS", str(STEPS)).replace("EVERY", json.dumps([one.settings for one in EVERY]))
    )
    return found


@pytest.mark.parametrize("at", range(len(EVERY)), ids=lambda at: f"{EVERY[at].target}-{EVERY[at].layers}-{at}")
def test_the_same_seed_gives_the_same_weights(of_javascript: list[dict[str, Any]], at: int) -> None:
    played, found = EVERY[at], of_javascript[at]
    x0, target = drawn(played, "train", played.noise)
    np.testing.assert_allclose(np.column_stack([x0.numpy(), target.numpy()]), found["points"], rtol=0, atol=1e-14)
    after = trained(played, STEPS)
    for wiring, net in after.items():
        np.testing.assert_array_equal(Net(wiring, played).flat, found["first"][wiring])
        np.testing.assert_allclose(found["last"][wiring], net.flat, rtol=0, atol=1e-9)
        assert np.abs(net.flat - found["first"][wiring]).max() > 0.1  # it did train
        for part, noise in (("train", played.noise), ("test", 0.0)):
            x0, target = drawn(played, part, noise)
            loss = float(((net(x0).detach() - target) ** 2).mean())
            assert found["losses"][wiring][part] == pytest.approx(loss, rel=1e-9)


def test_another_seed_gives_other_weights() -> None:
    one, other = (trained(replace(EVERY[0], seed=seed), 1)["parallel"].flat for seed in (1, 2))
    assert np.abs(one - other).max() > 0.1
