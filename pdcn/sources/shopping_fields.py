"""What the tables of the shopping world tell: its surfaces, its outcomes, and the fields with their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

KINDS = ("none", "click", "save", "add to cart", "checkout")
GROUPS: Mapping[str, tuple[int, ...]] = {"conversion": (3, 4), "engagement": (1, 2), "all": (1, 2, 3, 4)}
CLICK, SAVE, CART, CHECKOUT = 1, 2, 3, 4
SURFACES = ("home feed", "related pins", "search")
HOME, RELATED, SEARCH = range(3)
EVERYWHERE = -1


@dataclass(frozen=True)
class Told:
    """A category field as it is told: a value has its place among `values`; it applies on one surface or all."""

    name: str
    label: str
    values: tuple[str, ...]
    surface: int = EVERYWHERE


TOPICS = ("furniture", "clothing", "kitchen", "garden", "beauty", "toys", "sports", "crafts")
STYLES = ("modern", "rustic", "boho", "classic", "minimal", "vintage", "coastal", "industrial")
SHOPPER = (
    Told("age", "Age", ("25–34", "18–24", "35–44", "45–54", "55–64", "16–17", "65–74", "75 or more")),
    Told("region", "Region", ("north", "south", "west", "east", "midlands", "coast", "islands", "highlands")),
    Told("taste", "Favourite style", STYLES),
)
CONTEXT = (
    Told(
        "device",
        "Device",
        ("phone app", "phone browser", "laptop", "tablet app", "desktop", "tablet browser", "television", "other"),
    ),
    Told("moment", "Time of day", tuple(f"{hour:02}:00–{hour + 3:02}:00" for hour in (18, 21, 12, 15, 9, 6, 0, 3))),
)
OWN = (
    Told("interest", "Latest board", TOPICS, HOME),
    Told("subject_topic", "Topic of the open pin", TOPICS, RELATED),
    Told("subject_style", "Style of the open pin", STYLES, RELATED),
    Told("searched", "Topic of the search", TOPICS, SEARCH),
    Told("search_words", "Words in the search", ("2", "1", "3", "4", "5", "6", "7", "8 or more"), SEARCH),
)
QUERY = (*SHOPPER, *CONTEXT, *OWN)
"""The fields of a query that tastes depend on, in the order of the law's."""
PIN = (
    Told("topic", "Topic", TOPICS),
    Told("style", "Style", STYLES),
    Told("colour", "Colour", ("white", "green", "black", "blue", "beige", "red", "yellow", "violet")),
    Told("material", "Material", ("wood", "cotton", "metal", "glass", "leather", "paper", "stone", "wool")),
    Told(
        "occasion", "Occasion", ("every day", "birthday", "summer", "winter", "wedding", "travel", "school", "new home")
    ),
)
GAPS = ("under 1 hour", "1–6 hours", "6–24 hours", "1–3 days", "3–7 days", "7–30 days", "30 days or more")
GAP_EDGES = np.array([1, 6, 24, 72, 168, 720]) * 3_600
"""Seconds at which the next bucket of an action's age begins."""
