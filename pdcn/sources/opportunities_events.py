"""Opportunities of The Complete Journey: promoted products at the visits of households, and what came of them.

A visit is a household in a store at one moment. Each product that the store promoted in that week, by a place of its
own or in its mailer, is an opportunity; whether anybody saw it is not known. Those that led to a purchase are events.
Those that came to nothing are hundreds of times as many, so of them a sample is drawn, uniformly from all of them
whatever the visit: the odds that a promoted product is bought are the real ones times a constant.

A purchase with a coupon discount is a conversion. By default it counts even where the store did not promote the product
in that week, for the coupon did. Of the 801 known households 405 test events of 154 households are conversions then;
otherwise only 151 of 93 households are, too few for a useful interval.

The surface is the kind of visit, told from the time since the last one. It might have been where the store promoted the
product: its place on display and in the mailer. But that belongs to the product in that week, and a query would be told
of its own answer. It tells 1.3 bits about which product was bought, 0.5 of them by whether it was on display, in the
mailer, or both; the kind of visit tells 0.02 bits. (Over the 179,186 promoted purchases of the known households, less
what a shuffled column tells.)

All lines of a basket have one time, so nothing says what was in the basket before; queries have nothing of their own
visit but its time and store.

Shapes: n events, m sampled opportunities, V visits, N products of the catalogue.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pdcn.arrays import Codes, Doubles, Flags, Ints
from pdcn.sources import words as say
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Category, Number, beside, encode, with_bag
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.fields import UNKNOWN, CategoryField, SequenceField
from pdcn.sources.journey_events import (
    RECENCY,
    RECENCY_EDGES,
    STORE_ZONE,
    catalogue_of,
    item_table,
    names_of,
    query_table,
    typical_price,
)
from pdcn.sources.journey_history import find_visits, history
from pdcn.sources.journey_raw import Raw, clean_lines, clean_products, household_ids, load_raw, seconds, time_cuts
from pdcn.sources.opportunities import OpportunityData
from pdcn.sources.opportunities_raw import Promotions, promotions

TITLE = "Opportunities of The Complete Journey"
MORE = ("coupon_disc", "week")
"""Columns of the transactions that the journey itself does without."""
MINIMUM = 10
"""Training events that a product needs to enter the catalogue."""
KINDS = ("none", "purchase", "couponed purchase")
PLAIN, PROMOTED, COUPONED = 1, 2, 3
WAYS = (UNKNOWN, "bought", "bought in promotion", "bought with a coupon")
"""How an earlier purchase was made, by its code."""
HOUSE = 69
"""The manufacturer of nearly all private brands."""
THE_HOUSE = "The house"
TRIPS = np.array(["Top-up visit", "Weekly visit", "Visit after a break"])
TRIP_EDGES = (3, 8)  # days since the last visit at which the next kind begins
SEED = 0
"""Of the draw of opportunities that came to nothing."""


def opportunities(settings: OpportunityData) -> Dataset:
    """The opportunities of the installed package; equal settings give an equal hash."""
    return prepare(load_raw(MORE), settings)


def prepare(raw: Raw, settings: OpportunityData) -> Dataset:
    """Events, passed opportunities, catalogue and split from the raw tables, of which transactions have MORE."""
    households = household_ids(raw, settings.households)
    products = clean_products(raw.products)
    transactions = raw.transactions[raw.transactions["household_id"].isin(households)]
    cuts = time_cuts(transactions)
    lines = clean_lines(transactions, products)
    visits, lines["visit"] = find_visits(lines)
    lines["couponed"], lines["week"] = _coupons_and_weeks(lines, transactions, products)
    promoted, slot = _promotions(lines, products, cuts[0])
    lines["promoted"] = promoted.has(slot, lines["product"].to_numpy())
    counts = lines["promoted"] | lines["couponed"] if settings.couponed == "any" else lines["promoted"]
    catalogue, events = catalogue_of(lines[counts], len(products), cuts[0], MINIMUM)
    offered = promoted.only(catalogue)
    shown = products.iloc[catalogue].reset_index(drop=True)
    names = names_of(shown)
    lines["item"] = pd.Index(catalogue).get_indexer(pd.Index(lines["product"]))
    first = lines.drop_duplicates("visit").sort_values("visit", ignore_index=True)
    known = _queries(first, history(lines, visits, products), raw.demographics, cuts[0])
    if settings.earlier_actions:
        field = SequenceField(
            *("earlier", "Earlier actions", (UNKNOWN, *names), settings.earlier_actions),
            (
                CategoryField("way", "How it was bought", WAYS),
                CategoryField("ago", "How long ago", (UNKNOWN, *RECENCY.tolist())),
            ),
        )
        known = with_bag(known, field, _earlier(lines[lines["item"] >= 0], visits, settings.earlier_actions))

    at = offered.slots(first["store"].to_numpy(), first["week"].to_numpy())
    taken = _taken(transactions, visits, shown["id"].to_numpy())
    visit, item = _passed(offered, at, taken, settings.passed_each * len(events))
    order = np.lexsort((item, visit, visits["when"].to_numpy()[visit]))
    visit, item = visit[order], item[order]
    when: Ints = events["when"].to_numpy()
    moments = visits["when"].to_numpy()[visit]
    user = np.searchsorted(households, visits["household"].to_numpy()).astype(np.int64)
    positive = np.searchsorted(catalogue, events["product"]).astype(np.int64)
    real = int(offered.span(at)[1].sum())
    bought = len(np.unique((events["visit"] * len(catalogue) + positive)[events["promoted"]]))
    return Dataset(
        name="opportunities",
        title=TITLE,
        note=say.OPPORTUNITIES(
            opportunities=f"{real:,}",
            share=f"{bought / real:.2%}",
            each=settings.passed_each,
            unpromoted=f"{int((~events['promoted']).sum()):,}",
            events=f"{len(events):,}",
        ),
        queries=known.at(events["visit"].to_numpy()),
        items=_items(shown, typical_price(events, catalogue, cuts[0]), offered, lines[lines["when"] < cuts[0]]),
        item_names=names,
        positive=positive,
        user=user[events["visit"]],
        when=when,
        bounds=_bounds(when, cuts),
        zone=STORE_ZONE,
        outcome=np.where(events["couponed"], 2, 1).astype(np.float32),
        feedback=Feedback(
            kinds=KINDS,
            groups={"conversion": (2,), "engagement": (1,), "all": (1, 2)},
            value=(events["cents"].to_numpy() / 100).clip(max=settings.value_cap).astype(np.float32),
            cap=settings.value_cap,
            unit="dollars",
            surface="trip",
            advertiser="advertiser",
            passed=Passed(known.at(visit), item, user[visit], moments, _bounds(moments, cuts)),
        ),
    )


def _bounds(when: Ints, cuts: tuple[int, int]) -> tuple[int, int]:
    return int(np.searchsorted(when, cuts[0])), int(np.searchsorted(when, cuts[1]))


def _coupons_and_weeks(lines: pd.DataFrame, transactions: pd.DataFrame, products: pd.DataFrame) -> tuple[Flags, Ints]:
    """Of each line (n,) whether it had a coupon discount, and the week in which the source has it."""
    product = pd.Index(products["id"]).get_indexer(pd.Index(transactions["product_id"]))
    key = transactions["basket_id"].to_numpy() * len(products) + product
    coupon = transactions["coupon_disc"].to_numpy()
    order = np.lexsort((-coupon, key))
    rows = order[np.searchsorted(key[order], lines["basket"].to_numpy() * len(products) + lines["product"].to_numpy())]
    return coupon[rows] > 0, transactions["week"].to_numpy(np.int64)[rows]


def _promotions(lines: pd.DataFrame, products: pd.DataFrame, cut: int) -> tuple[Promotions, Ints]:
    """The promotions of what may enter the catalogue, in the stores of the lines; and the slot (n,) of each line."""
    enough = np.bincount(lines.loc[lines["when"] < cut, "product"], minlength=len(products)) >= MINIMUM
    stores = np.unique(lines["store"].to_numpy())
    found = promotions(products["id"].to_numpy(), enough, stores)
    return found, found.slots(lines["store"].to_numpy(), lines["week"].to_numpy())


def _queries(first: pd.DataFrame, past: pd.DataFrame, demographics: pd.DataFrame, cut: int) -> Table:
    """The query of each visit (V,), from one of its lines each and what was known when it began."""
    days = past["days"].to_numpy()  # NaN sorts past the last edge
    trip = Category("trip", "Kind of visit", pd.Series(TRIPS[np.digitize(days, TRIP_EDGES).clip(max=2)]))
    train = (first["when"] < cut).to_numpy()
    return beside(query_table(first, past, demographics, cut, True), encode([trip], [], train))


def _earlier(lines: pd.DataFrame, visits: pd.DataFrame, places: int) -> Codes:
    """What households bought of the catalogue in earlier visits (V, 3 x places), the latest first.

    Of each its item, the way in which it was bought, and how long ago that was. Lines of one visit, none of which came
    before the other, are in the order of the catalogue, the last first.
    """
    rows = lines.sort_values(["visit", "item"])
    own = rows["visit"].to_numpy()
    household, when = visits["household"].to_numpy(), visits["when"].to_numpy()
    start = np.searchsorted(own, np.searchsorted(household, household))
    at = np.searchsorted(own, np.arange(len(visits)))[:, None] - 1 - np.arange(places)
    there = at >= start[:, None]
    at = np.where(there, at, 0)
    way = np.where(rows["couponed"], COUPONED, np.where(rows["promoted"], PROMOTED, PLAIN))
    days = (when[:, None] - rows["when"].to_numpy()[at]) / 86_400
    parts = rows["item"].to_numpy()[at] + 1, way[at], np.digitize(days, RECENCY_EDGES) + 1
    return np.hstack([np.where(there, part, 0) for part in parts]).astype(np.int32)


def _taken(transactions: pd.DataFrame, visits: pd.DataFrame, ids: Ints) -> Ints:
    """What was carried home, as `visit * N + item`: also what cost nothing, which is no purchase line."""
    item = pd.Index(ids).get_indexer(pd.Index(transactions["product_id"]))
    rows = transactions[item >= 0]
    moments = pd.MultiIndex.from_arrays([rows["household_id"], seconds(rows["transaction_timestamp"])])
    visit = pd.MultiIndex.from_frame(visits).get_indexer(moments)
    return np.unique((visit * len(ids) + item[item >= 0])[visit >= 0])


def _passed(offered: Promotions, slot: Ints, taken: Ints, wanted: int) -> tuple[Ints, Ints]:
    """Visits and items (m,) of opportunities that came to nothing; `slot` (V,) is where and in which week visits were.

    They are drawn from all opportunities, each as likely as any other, and what was taken is left out.
    """
    start, many = offered.span(slot)
    ends = many.cumsum()
    spare = min(wanted + wanted // 10 + 100, int(ends[-1]))
    draw = np.random.default_rng(SEED).choice(ends[-1], spare, replace=False)
    visit = np.searchsorted(ends, draw, side="right")
    item = offered.key[start[visit] + draw - (ends - many)[visit]] % offered.products
    kept = np.flatnonzero(~np.isin(visit * offered.products + item, taken))[:wanted]
    return visit[kept], item[kept]


def _items(products: pd.DataFrame, price: Doubles, offered: Promotions, early: pd.DataFrame) -> Table:
    """The item table (N, F) of the catalogue: as in the journey, whose it is, and how it was promoted before.

    That is told by the training part's whole weeks in the stores of its lines, which are `early`.
    """
    private = (products["brand"] == "Private").to_numpy()
    makers = products.assign(manufacturer=np.where(private, HOUSE, products["manufacturer"]))
    table = item_table(makers, price, True)
    fields = tuple(_advertiser(field) if field.name == "manufacturer" else field for field in table.categories)
    weeks = int(early["week"].max()) - 1
    slots = offered.slots(np.unique(early["store"].to_numpy())[:, None], np.arange(1, weeks + 1))
    before = np.isin(offered.slot, slots)
    times = np.bincount(offered.product[before], minlength=len(products))
    displayed = np.bincount(offered.product[before], offered.displayed[before], len(products))
    share = np.divide(displayed, times, out=np.full(len(products), np.nan), where=times > 0)
    numbers = [
        Number("promotions", "Stores that promote it in a week", "stores", times / weeks, "log1p"),
        Number("displayed", "Share of promotions on display", "of promotions", share),
    ]
    return beside(replace(table, categories=fields), encode([], numbers, np.ones(len(products), np.bool_)))


def _advertiser(field: CategoryField) -> CategoryField:
    """The field of manufacturers as one of advertisers, of whom one is the house."""
    named = (THE_HOUSE if value == f"Manufacturer {HOUSE}" else value for value in field.values)
    return CategoryField("advertiser", "Advertiser", tuple(named))
