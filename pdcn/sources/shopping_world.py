"""A shopping world whose best scores are known: impressions on three surfaces, and what came of them.

There are three tastes, each with a law of the query and one of the item side as in `planted_laws`: one that
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
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_laws import WIDTH, Law, normals, picked, quantised, side_law, value_chances
from pdcn.sources.planted_world import choose, chunks, generators
from pdcn.sources.shopping import VALUES, ShoppingData
from pdcn.sources.shopping_fields import (
    CART,
    CHECKOUT,
    CLICK,
    CONTEXT,
    EVERYWHERE,
    OWN,
    PIN,
    QUERY,
    SAVE,
    SHOPPER,
    SURFACES,
)

NOTHING, ENGAGED, CONVERTED = 0, 1, 2
"""What an impression comes to, before it is known which kind of it."""
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
HOURS = np.array([18, 21, 12, 15, 9, 6, 0, 3])
"""Hour at which each time of day begins."""

START = 1_704_067_200  # 2024-01-01 00:00 UTC
_DAY = 86_400
_BAND = _DAY // VALUES  # seconds of a time of day
_PURPOSES = (
    *("query tastes", "item tastes", "crossed fields", "pins", "advertisers", "shoppers", "own taste"),
    *("impressions", "outcomes", "delays", "kept", "users", "context", "subjects", "positive", "kinds", "seconds"),
)


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


def ends() -> tuple[int, int, int]:
    """When training, validation and test end: what is known then of their impressions, and no more, is recorded."""
    return START + TRAIN_DAYS * _DAY, START + VALIDATION_DAYS * _DAY, START + DAYS * _DAY


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
    when = START + _DAY * day + 3_600 * HOURS[moment] + where.integers(0, _BAND, n)
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
    period = ((when - START) // _DAY + first[user]) // days
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
