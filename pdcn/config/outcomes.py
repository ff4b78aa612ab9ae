"""What is made of the outcomes of an impression."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from pdcn import words
from pdcn.config.tasks import RETRIEVAL
from pdcn.settings import Named, Settings, dial
from pdcn.sources.source import OUTCOMES


class Outcomes(Settings):
    """What is made of the outcomes of an impression, where data has several. What Pinterest did is known in outline
    only; the numbers here are ours."""

    outcome: Literal["conversion", "engagement", "all"] = dial(
        "conversion",
        "Judged by",
        "Which outcomes the verdict is about. The others are measured too.",
        level="main",
        named={
            "conversion": Named("conversions", "Such as a checkout, or a purchase with a coupon."),
            "engagement": Named("engagement", "Such as a click, or a purchase without a coupon."),
            "all": Named("all outcomes", "Whatever came of an impression."),
        },
        needs=(OUTCOMES,),
    )
    heads: Literal["unified", "two"] = dial(
        "unified",
        "Heads",
        "How the model learns from outcomes of both kinds.",
        level="main",
        named={
            "unified": Named("one for all", "One head and one loss learn from every outcome (Pinterest, 2025)."),
            "two": Named(
                "one for each",
                "Engagement and conversions have a head and a loss each (Pinterest, 2023). Served is the head of the "
                "outcome that the verdict is about, or that of conversions if it is about all.",
            ),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )
    engagement_weight: float = dial(
        1.0,
        "Weight of engagement",
        "How much an event with engagement counts in training. With 0 it is not learned from.",
        low=0.0,
        high=100.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    conversion_weight: float = dial(
        1.0,
        "Weight of conversions",
        "How much a conversion counts in training. With 0 it is not learned from.",
        low=0.0,
        high=100.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    value_weight: Literal["log", "equal"] = dial(
        "log",
        "Engagement counts",
        "Whether a long click or a large purchase counts more than a short or a small one.",
        named={
            "log": Named(
                "by its value",
                "By the logarithm of its duration or price, up to a cap. What has neither, such as a save, counts "
                "whole.",
            ),
            "equal": Named("alike", "Each as much as any other."),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )
    # neither hard negatives nor an advertiser loss made recall of conversions better on the validation part of shopping
    # (`tests/benchmarks/outcomes.py` repeats it on the test part), so that both are off unless they are asked for
    hard_negatives: float = dial(
        0.0,
        "Hard negatives",
        "How many impressions without engagement join the negatives of a batch, as a share of its events.",
        low=0.0,
        high=4.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    advertiser_loss: float = dial(
        0.0,
        "Advertiser loss",
        "The weight of a second loss, which matches the query with the advertiser of its item. With 0 there is none.",
        low=0.0,
        high=10.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    # where taste goes by advertiser, vectors of their own pulled the tail up and means did not, in the same benchmark
    advertiser_vector: Literal["mean", "table"] = dial(
        "table",
        "An advertiser is",
        "What stands for an advertiser in its loss. Pinterest did not state it; both are ours.",
        named={
            "mean": Named("the mean of its items", "The mean of the vectors of its items in the batch."),
            "table": Named("a vector of its own", "A learned vector for each advertiser."),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )

    @model_validator(mode="after")
    def _learnable(self) -> Outcomes:
        weights = {"conversion": self.conversion_weight, "engagement": self.engagement_weight}
        if not any(weights.values()):
            raise ValueError(words.NO_WEIGHT)
        served = self.served
        if self.heads == "two" and not weights[served]:
            raise ValueError(words.SERVED_WITHOUT_WEIGHT(served=served))
        return self

    @property
    def served(self) -> str:
        """The outcomes whose head is served where each kind has one: those of the verdict, or conversions.

        >>> Outcomes().served, Outcomes(outcome="engagement").served, Outcomes(outcome="all").served
        ('conversion', 'engagement', 'conversion')
        """
        return "engagement" if self.outcome == "engagement" else "conversion"
