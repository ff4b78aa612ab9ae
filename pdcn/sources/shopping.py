"""Shopping impressions as a source: its settings, words and sizes.

`shopping_world` draws them, `shopping_fields` has the values of their fields, `shopping_tables` makes a dataset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pdcn import glossary
from pdcn.settings import dial
from pdcn.sources.source import OUTCOMES, SEQUENCE, DataSettings, Size, Source, Speech, TableSize

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset

VALUES = 8
"""Values of every category field that tastes depend on."""
PLACES = 20
"""So many of the actions of a shopper are told to the query tower, the latest first."""
CHANNELS = 3
"""What is told of each action: the pin, the type of action, how long ago it was."""


class ShoppingData(DataSettings):
    """Synthetic impressions on three surfaces, and what came of them; the best possible scores are known."""

    source: Literal["shopping"] = "shopping"
    impressions: int = dial(
        1_000_000,
        "Impressions",
        "How often a pin is shown. An event is an impression that led to something.",
        low=20_000,
        high=20_000_000,
        level="main",
    )
    pins: int = dial(1_200, "Pins", f"The number of pins in the catalogue. {glossary.ITEM}", low=100, high=100_000)
    shoppers: int = dial(2_000, "Shoppers", "The number of people whom pins are shown to.", low=20, high=1_000_000)
    advertisers: int = dial(60, "Advertisers", "The number of advertisers that the pins belong to.", low=2, high=2_000)
    advertiser_skew: float = dial(
        1.0,
        "Advertiser inequality",
        "How unequal the advertisers are. With 0 all have about as many pins; with 1 the tenth has a tenth of the "
        "first's.",
        low=0.0,
        high=3.0,
    )
    conversion_rate: float = dial(
        0.004,
        "Conversion rate",
        "The share of impressions that lead to a conversion: the pin is put in the cart or bought.",
        low=0.0005,
        high=0.2,
        level="main",
    )
    engagement_rate: float = dial(
        0.07,
        "Engagement rate",
        "The share of impressions that lead to a click or a save, and to no conversion.",
        low=0.005,
        high=0.4,
        level="main",
    )
    checkouts: float = dial(
        0.35,
        "Checkouts",
        "The share of conversions that are checkouts; the rest are added to a cart.",
        low=0.0,
        high=1.0,
    )
    saves: float = dial(
        0.2, "Saves", "The share of saves in the engagement that was meant; the rest are clicks.", low=0.0, high=1.0
    )
    accidental_clicks: float = dial(
        0.3,
        "Accidental clicks",
        "The share of engagement that is an accident: a short click on a loud pin. The louder the pin, the more.",
        low=0.0,
        high=0.8,
    )
    click_cap: float = dial(
        300.0, "Longest click", "Seconds that a click can last in the data; longer ones are cut.", low=1.0, high=3_600.0
    )
    conversion_delay: float = dial(
        20.0,
        "Conversion delay",
        "The median time from an impression to its conversion, in hours. What comes too late is not recorded.",
        low=0.0,
        high=500.0,
    )
    taste_crosses: int = dial(
        4,
        "Crosses of each taste",
        "The number of crosses planted on each side of each of the three tastes: shared, for clicks, and for buying.",
        low=0,
        high=8,
        level="main",
    )
    crosses_matter: float = dial(
        1.5,
        "Weight of crosses",
        "The spread of a taste's crosses together, relative to that of its single fields. With 0 they have no effect.",
        low=0.0,
        high=10.0,
        level="main",
    )
    shared_taste: float = dial(
        0.5,
        "Shared taste",
        "The share of taste that clicks and conversions have in common. With 1, whoever knows clicks knows what sells.",
        low=0.0,
        high=1.0,
        level="main",
    )
    taste_matters: float = dial(
        2.0,
        "Strength of taste",
        "How far taste moves what an impression leads to, as the spread of the log chance over pins.",
        low=0.0,
        high=5.0,
    )
    shown_by_taste: float = dial(
        0.5,
        "Relevance of what is shown",
        "How far the shared taste moves what is shown, beside how popular a pin is. With 0 it is popularity alone.",
        low=0.0,
        high=3.0,
    )
    own_taste: float = dial(
        1.5,
        "Shoppers' own taste",
        "The spread of a taste that only the shopper's id and earlier actions reveal, relative to that of the single "
        "fields.",
        low=0.0,
        high=10.0,
    )
    fresh_taste: float = dial(
        0.5,
        "Fresh taste",
        "The share of a shopper's own taste that is another after some days, so that only recent actions reveal it.",
        low=0.0,
        high=1.0,
    )
    taste_days: int = dial(
        30,
        "Days of a fresh taste",
        "How long a fresh taste lasts. The shorter, the more it matters which actions came last.",
        low=2,
        high=90,
        before=30,
    )
    actions: bool = dial(
        True,
        "Earlier actions",
        f"Gives the query tower one more field: the last {PLACES} actions of the shopper, with their type and age.",
    )
    shopping_seed: int = dial(
        0, "Shopping seed", "Each number draws another world with the same settings.", low=0, high=2**31 - 1
    )


def _build(settings: ShoppingData) -> Dataset:
    from pdcn.sources.shopping_tables import shopping

    return shopping(settings)


def _size(settings: ShoppingData) -> Size:
    own = VALUES + 1
    events = round(settings.impressions * (settings.conversion_rate + settings.engagement_rate))
    bags = [(own, 1)] * 5
    if settings.actions:
        bags.append((settings.pins + 1, CHANNELS * PLACES))
    sequences = (PLACES,) if settings.actions else ()
    query = TableSize(events, (settings.shoppers + 1, 4, *[own] * 5), 1, tuple(bags), sequences)
    item = TableSize(settings.pins, (*[own] * 5, settings.advertisers + 1), 3)
    # impressions that came to nothing are as many, and are held until the data is prepared
    columns = len(query.values) + sum(places for _, places in bags) + query.numbers
    return Size(query, item, 2 * 4.0 * events * columns)


SMALLER: dict[str, Any] = {"impressions": 350_000, "pins": 500, "shoppers": 700, "conversion_rate": 0.01}
"""A third of the world, in which conversions are less rare, so that there are enough to be judged by."""

SHOPPING = Source(
    name="shopping",
    settings=ShoppingData,
    help="Synthetic impressions on three surfaces, with clicks, saves and conversions.",
    label="shopping",
    build=_build,
    size=_size,
    quick={**SMALLER, "epochs": 4, "batch": 256, "schedule": "cosine"},
    presets=(("--quick", ShoppingData(**SMALLER)), ("", ShoppingData())),
    speech=Speech("a shopper", "chose", "chosen", "pin"),
    another=lambda settings, number: settings.model_copy(update={"shopping_seed": settings.shopping_seed + number}),
    offers=frozenset({OUTCOMES, SEQUENCE}),
)
