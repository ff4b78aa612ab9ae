"""The shopping world as a dataset: what each side is told of an impression, and what is known of the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from pdcn.arrays import Codes, Ints
from pdcn.sources import words as say
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import numbered
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.fields import UNKNOWN, BagField, CategoryField, NumberField, SequenceField
from pdcn.sources.shopping import PLACES, ShoppingData
from pdcn.sources.shopping_fields import EVERYWHERE, GAP_EDGES, GAPS, GROUPS, KINDS, PIN, QUERY, SURFACES, Told
from pdcn.sources.shopping_world import (
    CONVERTED,
    ENGAGED,
    OF_GROUP,
    POPULARITY,
    START,
    Pins,
    ShoppingWorld,
    Taste,
    draw,
    ends,
)
from pdcn.sources.truth import PlantedCross, Truth


def shopping(settings: ShoppingData) -> Dataset:
    """The world of `settings` as a dataset, whose events are the impressions that led to something.

    The truth of a group of outcomes is the log chance of each pin, given that an impression of the query led to that
    group: how likely it is shown, times how likely it then leads there. It includes the shopper's own taste of
    that time, of which the fields hold no more than the id and the earlier actions, and what accidents add to
    engagement. It leaves out
    what all pins have in common: the surface's rate, and whether a conversion comes in time. It is exact for
    conversions and for engagement. For both together it would be the log of a sum, which no product of latents is;
    instead it is the mean of the two, weighted by their rates, which is that log to first order.
    """
    world = draw(settings)
    shown, queries, came = world.shown, world.queries, world.came
    names = _names(world.pins)
    table = _query_table(settings, world, names)
    event, passed = np.flatnonzero(shown.recorded), np.flatnonzero(~shown.recorded)
    truths = _truths(world, event)
    hours = f"{settings.conversion_delay:g}"
    return Dataset(
        name="shopping",
        title="Shopping",
        note=say.SHOPPING(seed=settings.shopping_seed, passed=f"{len(passed):,}", hours=hours),
        queries=_taken(table, event),
        items=_item_table(settings, world.pins),
        item_names=names,
        positive=came.item[event],
        user=queries.user[event],
        when=shown.when[event],
        bounds=_bounds(shown.when[event]),
        truth=truths["conversion"],
        outcome=came.kind[event].astype(np.float32),
        feedback=Feedback(
            kinds=KINDS,
            groups=GROUPS,
            value=came.seconds[event],
            cap=settings.click_cap,
            unit="seconds",
            surface="surface",
            advertiser="advertiser",
            passed=Passed(
                _taken(table, passed),
                came.item[passed],
                queries.user[passed],
                shown.when[passed],
                _bounds(shown.when[passed]),
            ),
            truths=truths,
        ),
    )


def _bounds(when: Ints) -> tuple[int, int]:
    first, second = np.searchsorted(when, ends()[:2]).tolist()
    return first, second


def _truths(world: ShoppingWorld, events: Ints) -> dict[str, Truth]:
    """What is known of each group of outcomes, of these events."""
    scores, shared = world.scores, world.scores.settings.shared_taste
    every = {
        "conversion": (scores.of_group(CONVERTED), [CONVERTED]),
        "engagement": (scores.of_group(ENGAGED), [ENGAGED]),
        "all": (scores.of_any(world.shown.surface), [ENGAGED, CONVERTED]),
    }
    found = {}
    for name, ((query, item), groups) in every.items():
        parts = {"shared": math.sqrt(shared), **{OF_GROUP[group]: math.sqrt(1 - shared) for group in groups}}
        found[name] = Truth(_crosses(world.tastes, parts), query[events], item)
    return found


def _crosses(laws: Mapping[str, Taste], parts: Mapping[str, float]) -> tuple[PlantedCross, ...]:
    """The crosses of several tastes by their share; where two have a cross of the same fields, it is told once."""
    found: dict[tuple[str, ...], PlantedCross] = {}
    for name, share in parts.items():
        for side, law in (("query", laws[name].query), ("item", laws[name].item)):
            for cross in law.truths([field.name for field in (QUERY if side == "query" else PIN)]):
                before = found.get((side, *cross.fields))
                strength = math.hypot(before.strength if before else 0.0, share * cross.strength)
                found[side, *cross.fields] = PlantedCross(cross.side, cross.fields, strength)
    return tuple(found.values())


def did(world: ShoppingWorld, names: tuple[str, ...]) -> tuple[SequenceField, Codes]:
    """What each shopper did strictly before each impression, the latest first, (n, 3 * PLACES).

    What is told is what was recorded, at the moment when it happened, which is hours after the impression for a
    conversion. Actions on pins that nobody acted on in the training part are left out.
    """
    shown, queries, came = world.shown, world.queries, world.came
    rows = np.flatnonzero(shown.recorded)
    known = np.bincount(came.item[rows][shown.acted[rows] < ends()[0]], minlength=len(names)) > 0
    rows = rows[known[came.item[rows]]]
    rows = rows[np.lexsort((shown.acted[rows], queries.user[rows]))]
    user, acted = queries.user[rows], shown.acted[rows]
    span = ends()[-1] - START + 1
    before = np.searchsorted(user * span + acted - START, queries.user * span + shown.when - START)
    first = np.searchsorted(user, queries.user)
    place = before[:, None] - 1 - np.arange(PLACES)  # (n, PLACES)
    there = place >= first[:, None]
    place = np.where(there, place, 0)
    done = rows[place] if len(rows) else place
    ago = shown.when[:, None] - shown.acted[done]
    channels = [np.cumsum(known)[came.item[done]], came.kind[done], np.digitize(ago, GAP_EDGES) + 1]
    codes = np.hstack([np.where(there, channel, 0) for channel in channels]).astype(np.int32)
    words = tuple(name for name, one in zip(names, known, strict=True) if one)
    kind = CategoryField("did_kind", "Type of action", (UNKNOWN, *KINDS[1:]))
    gap = CategoryField("did_ago", "Time since", (UNKNOWN, *GAPS))
    return SequenceField("did", "Did before", (UNKNOWN, *words), PLACES, (kind, gap)), codes


def _query_table(settings: ShoppingData, world: ShoppingWorld, names: tuple[str, ...]) -> Table:
    """The fields of all impressions, with the vocabulary of the training events."""
    shown, queries = world.shown, world.queries
    train = shown.recorded & (shown.when < ends()[0])
    shoppers = tuple(f"Shopper {number}" for number in range(1, settings.shoppers + 1))
    told = [Told("shopper", "Shopper", shoppers), Told("surface", "Surface", SURFACES), *QUERY]
    picks = [queries.user, shown.surface, *queries.picks.T]
    categories, bags, codes = [], [], []
    for field, column in zip(told, picks, strict=True):
        values, own = numbered(field.values, column, train)
        codes.append(own[:, None])
        if field.surface == EVERYWHERE:
            categories.append(CategoryField(field.name, field.label, values))
        else:
            bags.append(BagField(field.name, field.label, values, 1))
    if settings.actions:
        sequence, own = did(world, names)
        bags.append(sequence)
        codes.append(own)
    number = NumberField("spent", "Spent a month", "dollars", 4.0, 0.7, "ln")
    return Table(tuple(categories), (number,), np.hstack(codes), queries.spent, tuple(bags))


def _taken(table: Table, rows: Ints) -> Table:
    return Table(table.categories, table.numbers, table.codes[rows], table.values[rows], table.bags)


def _item_table(settings: ShoppingData, pins: Pins) -> Table:
    digits = len(str(settings.advertisers))
    advertisers = tuple(f"Advertiser {number:0{digits}}" for number in range(1, settings.advertisers + 1))
    told = [*PIN, Told("advertiser", "Advertiser", advertisers)]
    found = [
        (field, *numbered(field.values, column, slice(None)))
        for field, column in zip(told, [*pins.picks.T, pins.advertiser], strict=True)
    ]
    numbers = (
        NumberField("price", "Price", "dollars", 3.4, 0.8, "ln"),
        NumberField("reach", "Times shown so far", "times", 8.0, POPULARITY, "ln", whole=True),
        NumberField("loud", "Loudness of the picture", "", 0.5, 0.25),
    )
    values = np.column_stack([pins.price[:, 0], pins.reach, (pins.loud - 0.5) / 0.25]).astype(np.float32)
    categories = tuple(CategoryField(field.name, field.label, words) for field, words, _ in found)
    return Table(categories, numbers, np.column_stack([codes for *_, codes in found]), values)


def _names(pins: Pins) -> tuple[str, ...]:
    """One line of words for each pin (N,)."""
    digits = max(4, len(str(len(pins.reach))))
    words = ([field.values[pick] for field, pick in zip(PIN, row, strict=True)] for row in pins.picks.tolist())
    return tuple(
        f"{topic.capitalize()} — {style} · {colour} · {material} · {occasion} (#{number:0{digits}})"
        for number, (topic, style, colour, material, occasion) in enumerate(words, 1)
    )
