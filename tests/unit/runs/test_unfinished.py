"""Whether trainings were finished: what the end of each still added, against what trainings differ by anyway."""

from __future__ import annotations

from typing import Any

import pytest

from pdcn.runs.arm_seed import ArmSeed
from pdcn.runs.cautions import not_finished, unfinished


def ended(arm: str, value: float, before: float | None, state: Any = "finished", **values: Any) -> ArmSeed:
    given: dict[str, Any] = {
        "steps": 100,
        "planned": 100,
        "examples": 1,
        "seconds": 1.0,
        "best_step": 90,
        "best_check": 9,
        "checks": 9,
    }
    given |= {"seed": 0, "reason": "", "too_short": False, **values}
    return ArmSeed(arm=arm, state=state, validation=value, before_the_end=before, **given)


@pytest.mark.parametrize(
    ("trained", "arms"),
    [
        ([ended("parallel", 0.5, 0.48)], ["parallel"]),
        ([ended("parallel", 0.5, 0.496)], []),  # less than a hundredth, which another seed adds or takes as well
        ([ended("parallel", 0.5, 0.48), ended("parallel", 0.5, 0.5), ended("parallel", 0.5, 0.5)], ["parallel"]),
        ([ended("parallel", 0.5, 0.49), ended("parallel", 0.5, 0.5), ended("parallel", 0.5, 0.5)], []),
        ([ended("parallel", 0.5, 0.4, "stopped early")], []),  # validation said so
        ([ended("parallel", 0.5, None)], []),  # of a record from before
        ([ended("parallel", 0.5, 0.4, too_short=True)], []),  # that is said by itself
        ([ended("parallel", 0.5, 0.5), ended("sequential", 0.5, 0.4)], ["sequential"]),
        ([ended("parallel", 2.0, 2.5)], ["parallel"]),  # an error, of which less is better
    ],
)
def test_an_arm_that_its_last_quarter_still_lifted_is_not_finished(trained: list[ArmSeed], arms: list[str]) -> None:
    assert unfinished(trained) == arms
    assert bool(not_finished(unfinished(trained))) == bool(arms)
