"""What a ranking model is made of and judged on."""

from __future__ import annotations

from typing import Literal

from pdcn.config.tasks import RANKING
from pdcn.settings import Named, Settings, dial
from pdcn.sources.source import EVENTS_ALONE, OUTCOMES


class RankingSettings(Settings):
    """What a ranking model is made of and judged on. What was not chosen, the shares and the numbers are ours."""

    sampled: int = dial(
        4,
        "Items not chosen",
        "How many items are drawn for each event as ones that were not chosen. They are the same for every arm and "
        "seed.",
        low=1,
        high=100,
        level="main",
        needs=(RANKING, EVENTS_ALONE),
    )
    sampled_power: float = dial(
        0.75,
        "Drawn by popularity to the power",
        "How much more often popular items are drawn as not chosen. With 0, all items are drawn alike; with 1, as "
        "often as they are chosen.",
        low=0.0,
        high=1.0,
        needs=(RANKING, EVENTS_ALONE),
    )
    trunk: Literal["none", "mmoe"] = dial(
        "none",
        "Trunk",
        "What surfaces share, such as home feed and search.",
        level="main",
        named={
            "none": Named("one network", "All surfaces share everything."),
            "mmoe": Named(
                "mixture of experts",
                "Several networks of the arm's wiring, mixed anew for each surface, and a small tower for each (MMoE).",
            ),
        },
        needs=(RANKING, OUTCOMES),
    )
    trunk_experts: int = dial(
        4,
        "Experts of the trunk",
        "The number of networks in a mixture of experts.",
        low=2,
        high=16,
        needs=(RANKING, OUTCOMES),
    )
    surface_calibration: Literal["none", "global", "surface"] = dial(
        "none",
        "Calibration",
        "Whether logits are scaled and shifted after training so that chances are right on validation (Platt).",
        named={
            "none": Named("none", "Chances stay as they were learned."),
            "global": Named("one for all", "One scale and one shift for all surfaces."),
            "surface": Named("one for each surface", "A scale and a shift for each surface."),
        },
        needs=(RANKING, OUTCOMES),
    )
