"""Events, items and their fields as people say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pdcn.sources import words as say
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import EMPTY, MISSING, UNKNOWN, BagField, NumberField

SORTED = re.compile(r"^\d+ (?=[A-Z][a-z]{2}$)")
"""The number that puts months and weekdays in order."""

PADDED = re.compile(r"(?<![\w:.,/-])0(?=\d[ –])")
"""The nought that puts lengths of time in order."""

NOTHING = {MISSING: say.NOT_GIVEN, UNKNOWN: say.NOT_SEEN, EMPTY: say.NO_VALUE}
"""What is said where there is no value."""

MANY = 100
"""A field with so many values names things rather than describes them."""


def value_words(value: str) -> str:
    """A value without what sorts it.

    >>> value_words("3 Wed"), value_words("11 Nov"), value_words("1 Adult Kids"), value_words("04–07 days")
    ('Wed', 'Nov', '1 Adult Kids', '4–7 days')
    >>> value_words("00 days"), value_words("day 01–10"), value_words("10:05 h"), value_words("Store 0")
    ('0 days', 'day 1–10', '10:05 h', 'Store 0')
    """
    return PADDED.sub("", SORTED.sub("", value))


def said(value: str) -> str:
    """A value as a person says it, also where there is none.

    >>> said("7 Sun"), said("(missing)")
    ('Sun', 'not given')
    """
    return NOTHING.get(value, value_words(value))


def field_words(table: Table, row: int) -> Iterator[tuple[str, str]]:
    """Label and value of every field of a row; an empty cell, whose number is read as the mean, is said to be one."""
    empty = (*(False for _ in (*table.categories, *table.bags)), *(table.values[row] == 0))
    for (label, value), none in zip(table.words(row), empty, strict=True):
        yield label, NOTHING[MISSING] if none else said(value)


def spoken_time(seconds: int, zone: str) -> str:
    """A moment as one says it where the people of the data live, with the weekday of that date.

    >>> spoken_time(1_511_920_800, "America/New_York"), spoken_time(1_511_920_800, "UTC")
    ('Tuesday 28 November 2017, 21:00 New York time', 'Wednesday 29 November 2017, 02:00 UTC')
    >>> spoken_time(0, "")
    'an unknown day'
    """
    if not zone:
        return say.UNKNOWN_DAY
    when = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    place = zone if zone == "UTC" else f"{zone.rpartition('/')[2].replace('_', ' ')} time"
    return f"{when:%A} {when.day} {when:%B %Y, %H:%M} {place}"


@dataclass(frozen=True)
class ItemWords:
    """Every item of a catalogue in words: its name, and a few features that the name does not say."""

    dataset: Dataset

    def name(self, item: int) -> str:
        """The name up to its first middle dot, which is what one calls it."""
        return self.dataset.item_names[item].partition(" · ")[0]

    def full(self, item: int) -> str:
        """The whole name, which no other item has."""
        return self.dataset.item_names[item]

    def features(self, item: int) -> str:
        """The rest of the name, then numbers, then other values that the name does not say and that are no names."""
        table, whole = self.dataset.items, self.dataset.item_names[item].lower()
        named = self.dataset.item_names[item].split(" · ")[1:]
        numbers: list[str] = []
        other: list[str] = []
        for (label, value), one in zip(field_words(table, item), table.fields, strict=True):
            if isinstance(one, NumberField):
                plain = bool(one.unit)
            elif isinstance(one, BagField):
                plain = False
            elif len(one.values) > MANY or value.lower() in whole:
                continue
            else:
                plain = bool(re.search(r"[^\W\d]{4}", value))
            if value not in NOTHING.values():
                own = numbers if isinstance(one, NumberField) else other
                own.append(value if plain else f"{label} {value}")
        return " · ".join([*named, *numbers, *other])
