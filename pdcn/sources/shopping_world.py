"""A shopping world whose best scores are known: impressions on three surfaces, and what came of them.

There are three tastes, each with a law of the query and one of the item side as in `planted_world`: one that
engagement and conversions share (s), one of engagement alone (e) and one of conversions alone (c). Where a query has
the latents u and an item the latents v, a taste is the product (u . v) / t of unit spread, t = sqrt(h) s_u s_v. Up to
a number of the query, the log chances of item v, given what an impression came to, are

    nothing      l_0 = a_v + r s
    engagement   l_e = l_0 + m (sqrt(w) s + sqrt(1 - w) e) + c_v
    conversion   l_c = l_0 + m (sqrt(w) s + sqrt(1 - w) c) + d_v

with a_v how popular the pin is, r the relevance of what is shown, m the strength and w the shared part of taste, c_v
what the pin's loudness adds by accident, and d_v what its advertiser adds to conversions. An impression comes to group
g with the rate p_g of its surface, and then has item v with probability softmax_v(l_g). So item v is shown with
probability sum_g p_g softmax_v(l_g), nearly that of l_0 where little comes of impressions, and, being shown, leads to g
with probability p_g softmax_v(l_g) over that sum: a multinomial logit. Drawing the outcome first is the same law, and
makes the best score of each group exact.

Where a field does not apply on a surface, it has no part in any taste; there the spread is somewhat below 1. To the
latents u of the shared taste each shopper adds an own part, of which some lasts and some is soon another.

Shapes: n events, N items, U shoppers, h latent width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.random import Generator

from pdcn.arrays import Codes, Doubles, Flags, Floats, Ints
from pdcn.sources import words as say
from pdcn.sources.encode import numbered
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import (
    WIDTH,
    Law,
    choose,
    chunks,
    generators,
    normals,
    picked,
    quantised,
    side_law,
    value_chances,
)
from pdcn.sources.schema import (
    UNKNOWN,
    BagField,
    CategoryField,
    Dataset,
    Feedback,
    NumberField,
    Passed,
    PlantedCross,
    SequenceField,
    Table,
    Truth,
)
from pdcn.sources.shopping import PLACES, VALUES, ShoppingData

KINDS = ("none", "click", "save", "add to cart", "checkout")
GROUPS: Mapping[str, tuple[int, ...]] = {"conversion": (3, 4), "engagement": (1, 2), "all": (1, 2, 3, 4)}
CLICK, SAVE, CART, CHECKOUT = 1, 2, 3, 4
NOTHING, ENGAGED, CONVERTED = 0, 1, 2
"""What an impression comes to, before it is known which kind of it."""
SURFACES = ("home feed", "related pins", "search")
HOME, RELATED, SEARCH = range(3)
EVERYWHERE = -1
SURFACE_SHARES = np.array([0.5, 0.3, 0.2])
RATES = np.array([[0.9, 1.05, 1.175], [0.8, 1.0, 1.5]])
"""How engagement and conversions go on each surface, relative to the mean over all impressions."""

DAYS, TRAIN_DAYS, VALIDATION_DAYS = 90, 76, 81
"""Days of the data, and those on which training and validation end."""
POPULARITY, APPEAL = 0.7, 0.4
"""Spread of a_v over pins and of d_v over advertisers."""
WAVE = 0.3
"""Spread of the smooth function of a number, relative to that of the single fields."""
ACTIVITY = 1.0
"""Spread of the log of how much is shown to a shopper."""
LATE = 1.0
"""Spread of the log of a conversion's delay."""
SECONDS, LONGER, UNEVEN = 25.0, 0.6, 0.8
"""Median seconds of a click that was meant, what a unit of the shared taste adds to their log, and its spread."""
ACCIDENT, UNEVEN_ACCIDENT = 3.0, 0.6
"""The same of a click by accident, which no taste makes longer."""

CHANCES = value_chances(VALUES)
"""How common the values of a field are, the first the most."""

_START = 1_704_067_200  # 2024-01-01 00:00 UTC
_DAY = 86_400
_BAND = _DAY // VALUES  # seconds of a time of day
_PURPOSES = (
    *("query tastes", "item tastes", "crossed fields", "pins", "advertisers", "shoppers", "own taste"),
    *("impressions", "outcomes", "delays", "kept", "users", "context", "subjects", "positive", "kinds", "seconds"),
)


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
HOURS = np.array([18, 21, 12, 15, 9, 6, 0, 3])
"""Hour at which each time of day begins."""
GAPS = ("under 1 hour", "1–6 hours", "6–24 hours", "1–3 days", "3–7 days", "7–30 days", "30 days or more")
GAP_EDGES = np.array([1, 6, 24, 72, 168, 720]) * 3_600
"""Seconds at which the next bucket of an action's age begins."""


@dataclass(frozen=True)
class Taste:
    """One taste: how fields become latents on either side."""

    query: Law
    item: Law


@dataclass(frozen=True)
class Pins:
    """The catalogue: values of the fields (N, 5), and what else is known of each pin (N,)."""

    picks: Codes
    price: Floats  # (N, 1), standard normal
    reach: Floats
    loud: Floats  # 0 to 1
    advertiser: Codes
    appeal: Doubles  # (N,), d_v


@dataclass(frozen=True)
class Impressions:
    """What was shown, in order of time, (n,) each: all that led to something, and as much of the rest at most."""

    surface: Ints
    moment: Ints
    when: Ints
    group: Ints  # what the pin is drawn for
    recorded: Flags  # whether it is known that it led to something: of late conversions it is not
    acted: Ints  # when that happened


@dataclass(frozen=True)
class Queries:
    """Who was shown something and where, (n,) each: values of the fields (n, 10), VALUES where one does not apply."""

    user: Ints
    picks: Codes
    spent: Floats  # (n, 1), standard normal


@dataclass(frozen=True)
class Came:
    """What came of each impression (n,): its kind, and how long a click lasted."""

    item: Ints
    kind: Ints
    seconds: Floats


@dataclass(frozen=True)
class ShoppingWorld:
    """Everything that is drawn, also what no table tells."""

    tastes: Mapping[str, Taste]
    pins: Pins
    shown: Impressions
    queries: Queries
    scores: Scores
    came: Came


def draw(settings: ShoppingData) -> ShoppingWorld:
    """Draw the world of `settings` and its impressions; equal settings, equal draws on every machine."""
    draws = generators(settings.shopping_seed, _PURPOSES)
    laws, pins, shown = tastes(settings), _pins(settings, draws), _impressions(settings, draws)
    queries = _queries(settings, draws, shown, pins)
    scores = _scores(settings, draws, laws, pins, shown, queries)
    return ShoppingWorld(laws, pins, shown, queries, scores, _outcomes(settings, draws, shown, pins, scores))


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


def ends() -> tuple[int, int, int]:
    """When training, validation and test end: what is known then of their impressions, and no more, is recorded."""
    return _START + TRAIN_DAYS * _DAY, _START + VALIDATION_DAYS * _DAY, _START + DAYS * _DAY


def _bounds(when: Ints) -> tuple[int, int]:
    first, second = np.searchsorted(when, ends()[:2]).tolist()
    return first, second


def tastes(settings: ShoppingData) -> dict[str, Taste]:
    """The laws of the three tastes, without drawing any row.

    Of the crosses of a query's side every other one, from the first on, is among fields that apply everywhere; the
    others join one of these with a field of one surface, the surfaces in turn.
    """
    draws = generators(settings.shopping_seed, _PURPOSES)
    fields = draws["crossed fields"]
    found = {}
    for turn, name in enumerate(("shared", "engagement", "conversion")):
        query = _law_settings(settings, len(QUERY))
        sets = _crossed(fields, settings.taste_crosses, turn)
        found[name] = Taste(
            side_law("query", draws["query tastes"], query, sets).with_blank(),
            side_law("item", draws["item tastes"], _law_settings(settings, len(PIN))),
        )
    return found


def _law_settings(settings: ShoppingData, fields: int) -> PlantedData:
    """The settings of a law of so many fields."""
    return PlantedData(
        fields=fields,
        values=VALUES,
        numbers=1,
        crosses=settings.taste_crosses,
        strength=settings.crosses_matter,
        nonlinear=WAVE,
    )


def _crossed(generator: Generator, crosses: int, turn: int) -> list[tuple[int, ...]]:
    """The fields of each cross of a query's side, each pair once."""
    shared = len(SHOPPER) + len(CONTEXT)
    pairs = {EVERYWHERE: [(a, b) for b in range(shared) for a in range(b)]}
    for surface in range(len(SURFACES)):
        own = [shared + at for at, field in enumerate(OWN) if field.surface == surface]
        pairs[surface] = list(product(range(shared), own))
    mixed = {surface: [every[at] for at in generator.permutation(len(every))] for surface, every in pairs.items()}
    turns = [EVERYWHERE if at % 2 == 0 else (at // 2 + turn) % len(SURFACES) for at in range(crosses)]
    return [mixed[surface].pop() for surface in turns]


def _pins(settings: ShoppingData, draws: Mapping[str, Generator]) -> Pins:
    own, whose = draws["pins"], draws["advertisers"]
    n = settings.pins
    advertiser = picked(whose, value_chances(settings.advertisers, settings.advertiser_skew), n, 1)[:, 0]
    appeal = quantised(APPEAL * whose.standard_normal(settings.advertisers))
    return Pins(
        picked(own, CHANCES, n, len(PIN)),
        normals(own, n, 1),
        normals(own, n, 1)[:, 0],
        quantised(own.random(n)).astype(np.float32),
        advertiser,
        appeal[advertiser],
    )


def accidents(settings: ShoppingData, loud: Floats) -> Doubles:
    """c_v (N,): what loudness, evenly spread from 0 to 1, adds to the log chance of engagement, all of it accidents.

    Of exp(c_v) times as much engagement, 1 - exp(-c_v) is accidental: `accidental_clicks` over the pins together.
    """
    share = settings.accidental_clicks
    return quantised(np.log1p(2 * loud.astype(np.float64) * share / (1 - share)))


def _impressions(settings: ShoppingData, draws: Mapping[str, Generator]) -> Impressions:
    """Where and when something is shown, and what group of outcomes it comes to."""
    n, where = settings.impressions, draws["impressions"]
    surface = picked(where, SURFACE_SHARES, n, 1)[:, 0].astype(np.int64)
    moment = picked(where, CHANCES, n, 1)[:, 0].astype(np.int64)
    day = where.integers(0, DAYS, n)
    when = _START + _DAY * day + 3_600 * HOURS[moment] + where.integers(0, _BAND, n)
    rates = RATES * [[settings.engagement_rate], [settings.conversion_rate]]
    chance = draws["outcomes"].random(n)
    engaged, converted = rates[:, surface]
    group = np.where(chance < converted, CONVERTED, np.where(chance < converted + engaged, ENGAGED, NOTHING))
    hours = settings.conversion_delay * np.exp(LATE * draws["delays"].standard_normal(n))
    acted = when + np.where(group == CONVERTED, np.rint(3_600 * hours), 0).astype(np.int64)
    end = np.array(ends())
    recorded = (group != NOTHING) & (acted < end[np.searchsorted(end, when, side="right")])
    rest = np.flatnonzero(~recorded)
    kept = rest[draws["kept"].permutation(len(rest))[: recorded.sum()]]
    rows = np.concatenate([np.flatnonzero(recorded), kept])
    rows = rows[np.argsort(when[rows], kind="stable")]
    return Impressions(*(column[rows] for column in (surface, moment, when, group, recorded, acted)))


def _queries(settings: ShoppingData, draws: Mapping[str, Generator], shown: Impressions, pins: Pins) -> Queries:
    n, shoppers, context = len(shown.when), draws["shoppers"], draws["context"]
    activity = np.exp(quantised(ACTIVITY * shoppers.standard_normal(settings.shoppers)))
    user = picked(draws["users"], activity / activity.sum(), n, 1)[:, 0].astype(np.int64)
    kept = picked(shoppers, CHANCES, settings.shoppers, len(SHOPPER))
    spent = normals(shoppers, settings.shoppers, 1)
    device = picked(context, CHANCES, n, 1)
    reached = np.exp(POPULARITY * pins.reach.astype(np.float64))
    subject = picked(draws["subjects"], reached / reached.sum(), n, 1)[:, 0]
    open_pin = pins.picks[subject][:, :2]  # its topic and style
    own = np.hstack([picked(context, CHANCES, n, 1), open_pin, picked(context, CHANCES, n, 2)])
    applies = np.array([field.surface for field in OWN]) == shown.surface[:, None]
    picks = (kept[user], device, shown.moment, np.where(applies, own, VALUES))
    return Queries(user, np.column_stack(picks).astype(np.int32), spent[user])


@dataclass(frozen=True)
class Scores:
    """Tastes as products of latents, already of unit spread, and what moves the log chance of a pin beside them."""

    settings: ShoppingData
    query: Mapping[str, Doubles]  # of each taste (n, h)
    item: Mapping[str, Floats]  # of each taste (N, h)
    shown: Doubles  # (N,), a_v
    extra: Mapping[int, Doubles]  # of a group (N,): c_v or d_v

    def of_group(self, group: int) -> tuple[Floats, Floats]:
        """l_0, l_e or l_c as a product: latents of queries and of pins."""
        if group == NOTHING:
            return _joined([(self.settings.shown_by_taste * self.query["shared"], self.item["shared"])], [self.shown])
        own = OF_GROUP[group]
        shared, alone = self._weights()
        pairs = [(shared * self.query["shared"], self.item["shared"]), (alone * self.query[own], self.item[own])]
        return _joined(pairs, [self.shown + self.extra[group]])

    def of_any(self, surface: Ints) -> tuple[Floats, Floats]:
        """The mean of l_e and l_c by the rates of the surfaces (n,), as a product."""
        rates = RATES * [[self.settings.engagement_rate], [self.settings.conversion_rate]]
        share = (rates / rates.sum(0))[:, surface]  # (2, n)
        shared, alone = self._weights()
        pairs: list[tuple[Doubles, Floats | Doubles]] = [(shared * self.query["shared"], self.item["shared"])]
        for part, (group, own) in zip(share, OF_GROUP.items(), strict=True):
            pairs.append((part[:, None] * alone * self.query[own], self.item[own]))
            pairs.append((part[:, None], self.extra[group][:, None]))
        return _joined(pairs, [self.shown])

    def shared(self, item: Ints) -> Doubles:
        """The shared taste of each query for an item (n,)."""
        return np.asarray((self.query["shared"] * self.item["shared"][item]).sum(1))

    def _weights(self) -> tuple[float, float]:
        """How far the shared taste and the own one move the log chance of a pin where something comes of it."""
        strength, share = self.settings.taste_matters, self.settings.shared_taste
        return self.settings.shown_by_taste + strength * math.sqrt(share), strength * math.sqrt(1 - share)


OF_GROUP = {ENGAGED: "engagement", CONVERTED: "conversion"}
"""The taste that a group has of its own."""


def _joined(pairs: Sequence[tuple[Doubles, Floats | Doubles]], items: Sequence[Doubles]) -> tuple[Floats, Floats]:
    """Latents whose product is the sum of the pairs' products and of what is the items' alone."""
    one = np.ones((len(pairs[0][0]), 1))
    query: Doubles = np.hstack([*(left for left, _ in pairs), *(one for _ in items)])
    item: Doubles = np.hstack([*(right for _, right in pairs), *(own[:, None] for own in items)]).astype(np.float64)
    return quantised(query).astype(np.float32), quantised(item).astype(np.float32)


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


def _scores(
    settings: ShoppingData,
    draws: Mapping[str, Generator],
    laws: Mapping[str, Taste],
    pins: Pins,
    shown: Impressions,
    queries: Queries,
) -> Scores:
    own = _own_taste(settings, draws["own taste"], queries.user, shown.when)
    query, item = {}, {}
    for name, law in laws.items():
        known = law.query.latents(queries.picks, queries.spent).astype(np.float64)
        spread = 1 + WAVE**2 + (settings.crosses_matter**2 if settings.taste_crosses else 0)
        whole = spread
        if name == "shared":
            known, whole = known + own, spread + settings.own_taste**2
        query[name] = known / math.sqrt(WIDTH * whole * spread)
        item[name] = law.item.latents(pins.picks, pins.price)
    extra = {ENGAGED: accidents(settings, pins.loud), CONVERTED: pins.appeal}
    return Scores(settings, query, item, POPULARITY * pins.reach.astype(np.float64), extra)


def _own_taste(settings: ShoppingData, draws: Generator, user: Ints, when: Ints) -> Doubles:
    """What each shopper has of the shared taste beyond all fields, at these moments, (n, h).

    A part lasts. The rest is another every `taste_days`, of each shopper from a day of their own on.
    """
    days = settings.taste_days
    lasting = draws.standard_normal((settings.shoppers, WIDTH))
    fresh = draws.standard_normal((settings.shoppers, (DAYS + days - 2) // days + 1, WIDTH))
    first = draws.integers(0, days, settings.shoppers)
    period = ((when - _START) // _DAY + first[user]) // days
    share = settings.fresh_taste
    both = math.sqrt(1 - share) * lasting[user] + math.sqrt(share) * fresh[user, period]
    return quantised(settings.own_taste * both)


def _outcomes(
    settings: ShoppingData, draws: Mapping[str, Generator], shown: Impressions, pins: Pins, scores: Scores
) -> Came:
    """The pin of each impression, and what came of it."""
    n = len(shown.when)
    item = np.zeros(n, np.int64)
    for group in (NOTHING, ENGAGED, CONVERTED):
        rows = np.flatnonzero(shown.group == group)
        query, every = scores.of_group(group)
        columns = np.ascontiguousarray(every.T, np.float64)
        for part in chunks(len(rows), len(every)):
            item[rows[part]] = choose(query[rows[part]].astype(np.float64), columns, 1.0, draws["positive"])
    kinds, lasted = draws["kinds"], draws["seconds"]
    accident = kinds.random(n) < -np.expm1(-accidents(settings, pins.loud))[item]
    chance = kinds.random(n)
    engaged = np.where(~accident & (chance < settings.saves), SAVE, CLICK)
    kind = np.where(shown.group == ENGAGED, engaged, np.where(chance < settings.checkouts, CHECKOUT, CART))
    kind = np.where(shown.recorded, kind, 0)
    normal = lasted.standard_normal(n)
    meant = np.log(SECONDS) + LONGER * scores.shared(item) + UNEVEN * normal
    seconds = np.exp(np.where(accident, np.log(ACCIDENT) + UNEVEN_ACCIDENT * normal, meant))
    seconds = np.clip(np.rint(10 * seconds) / 10, 0.1, settings.click_cap)  # in tenths, the same on every machine
    return Came(item, kind, np.where(kind == CLICK, seconds, 0).astype(np.float32))


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
    span = ends()[-1] - _START + 1
    before = np.searchsorted(user * span + acted - _START, queries.user * span + shown.when - _START)
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
