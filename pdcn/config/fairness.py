"""What arms get alike: equal sizes, and equal tuning."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from pdcn import words
from pdcn.config.network import Moved
from pdcn.settings import Named, Settings, dial

TOLERANCE = {"parameters": 0.01, "flops": 0.02, "train-time": 0.05}
"""A budget is met where an arm's cost is off by no more than this share."""


class Fairness(Settings):
    """What all arms get alike, so that the wiring is all that differs."""

    match: Literal["none", "parameters", "flops", "train-time"] = dial(
        "parameters",
        "Match",
        "What is made equal between the arms, by changing their sizes.",
        named={
            "none": Named("nothing", "Every arm keeps the same blocks."),
            "parameters": Named("parameters", "Equal dense parameters, within 1%."),
            "flops": Named("FLOPs", "Equal FLOPs, within 2%."),
            "train-time": Named("training time", "Equal seconds per step, within 5%."),
        },
        level="main",
    )
    target: Literal["baseline", "smallest", "largest", "middle"] = dial(
        "baseline",
        "Match to",
        "Whose cost the others are matched to. Only arms that can change set the last three.",
        named={
            "baseline": Named("baseline", "The baseline stays as it is, and all others change."),
            "smallest": Named("smallest", "Larger arms shrink."),
            "largest": Named("largest", "Smaller arms grow."),
            "middle": Named("middle", "All meet at the geometric mean."),
        },
        before="baseline",
    )
    move: tuple[Moved, ...] = dial(
        ("deep",),
        "May change",
        "What may change to meet the match.",
        named={
            "deep": Named("deep widths", "The widths of the deep layers."),
            "depth": Named("depth", "How many deep layers there are. A new one is as wide as the last."),
            "rank": Named("cross rank", "The rank of low-rank and mixture cross layers."),
            "head": Named("head widths", "The widths of the head's hidden layers."),
        },
    )
    tune: int = dial(
        0,
        "Tuning trials",
        "How many settings each arm tries: learning rate, epochs, weight decay, temperature and dropout. Validation "
        "judges them, with seeds of their own. From 12 trials on, settings may be told apart. With 0 or 1, the "
        "settings stay as they are.",
        low=0,
        high=100,
    )

    @field_validator("move")
    @classmethod
    def _something(cls, move: tuple[Moved, ...]) -> tuple[Moved, ...]:
        if not move or len(set(move)) < len(move):
            raise ValueError(words.NOTHING_TO_MOVE)
        return move
