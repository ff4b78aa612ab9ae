"""The journey data: no leak from the future, history as a slow reference sees it, clean splits."""

from __future__ import annotations

import importlib.util
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.fields import MISSING, UNKNOWN
from pdcn.sources.journey import PLACES, JourneyData
from pdcn.sources.journey_events import MINIMUM, journey, prepare
from pdcn.sources.journey_history import find_visits, history
from pdcn.sources.journey_raw import (
    DEPARTMENTS,
    NO_GROCERIES,
    Raw,
    clean_lines,
    clean_products,
    household_ids,
    load_raw,
    readable,
    time_cuts,
)

QUICK = JourneyData(size="quick")
DUST = 0.001  # dollars; the source holds a few zeros of 5e-17
REMEMBERING = JourneyData(size="quick", history=True)
FIRST = JourneyData(size="quick", purchases="first")


@pytest.fixture(scope="module")
def raw() -> Raw:
    """The package's tables, transactions of the quick households only."""
    whole = load_raw()
    households = household_ids(whole, "quick")
    kept = whole.transactions["household_id"].isin(households)
    return replace(whole, transactions=whole.transactions[kept].reset_index(drop=True))


@pytest.fixture(scope="module")
def quick(raw: Raw) -> Dataset:
    return prepare(raw, QUICK)


@pytest.fixture(scope="module")
def remembering(raw: Raw) -> Dataset:
    return prepare(raw, REMEMBERING)


@pytest.fixture(scope="module")
def first(raw: Raw) -> Dataset:
    return prepare(raw, FIRST)


def rewrite(raw: Raw, rows: NDArray[np.bool_], seed: int = 0) -> Raw:
    """Other products, prices and quantities in some rows of the transactions; times stay."""
    rng = np.random.default_rng(seed)
    changed = raw.transactions.copy()
    count = int(rows.sum())
    changed.loc[rows, "product_id"] = rng.choice(raw.products["product_id"].to_numpy(), count)
    changed.loc[rows, "sales_value"] = rng.uniform(-1, 90, count)
    changed.loc[rows, "quantity"] = rng.integers(0, 9, count)
    return replace(raw, transactions=changed)


def past(raw: Raw) -> pd.DataFrame:
    """History of every visit, indexed by household and time."""
    products = clean_products(raw.products)
    lines = clean_lines(raw.transactions, products)
    visits, lines["visit"] = find_visits(lines)
    known = history(lines, visits, products)
    return known.set_index(pd.MultiIndex.from_frame(visits))


def sample(known: pd.DataFrame, count: int, seed: int) -> list[tuple[int, int]]:
    """Random visits (household, seconds), first visits included."""
    picks = np.random.default_rng(seed).choice(len(known), count, replace=False)
    return [(int(household), int(when)) for household, when in known.index[picks]]


def at(known: pd.DataFrame, visit: tuple[int, int]) -> pd.Series:
    """The history of one visit."""
    return known.loc[[visit]].iloc[0]


def seconds(raw: Raw) -> NDArray[np.int64]:
    stamps = raw.transactions["transaction_timestamp"].to_numpy()
    return stamps.astype("datetime64[s]").astype(np.int64)


def test_nothing_in_the_training_part_comes_from_later(raw: Raw, quick: Dataset) -> None:
    validation, _ = time_cuts(raw.transactions)
    other = prepare(rewrite(raw, seconds(raw) >= validation), QUICK)
    train = quick.part("train")
    assert other.bounds[0] == quick.bounds[0]
    assert other.queries.categories == quick.queries.categories
    assert other.queries.numbers == quick.queries.numbers
    assert np.array_equal(other.queries.codes[train], quick.queries.codes[train])
    assert np.array_equal(other.queries.values[train], quick.queries.values[train])
    assert np.array_equal(other.positive[train], quick.positive[train])
    assert other.items.categories == quick.items.categories
    assert other.items.numbers == quick.items.numbers
    assert np.array_equal(other.items.codes, quick.items.codes)
    assert np.array_equal(other.items.values, quick.items.values)
    assert other.item_names == quick.item_names
    assert other.hash != quick.hash, "the tampering reached no event at all"


def test_the_training_part_does_come_from_what_is_earlier(raw: Raw, quick: Dataset) -> None:
    validation, _ = time_cuts(raw.transactions)
    late = (seconds(raw) >= validation - 7 * 86_400) & (seconds(raw) < validation)
    other = prepare(rewrite(raw, late), QUICK)
    assert other.items.numbers != quick.items.numbers
    assert other.queries.numbers != quick.queries.numbers


def test_a_visit_does_not_know_itself_or_what_follows(raw: Raw) -> None:
    known, when = past(raw), seconds(raw)
    household = raw.transactions["household_id"].to_numpy()
    for seed, visit in enumerate(sample(known, 6, seed=1)):
        later = (household == visit[0]) & (when >= visit[1])
        tampered = rewrite(raw, later, seed)
        # one honest line keeps the visit itself on the record
        anchor = np.flatnonzero(later & (when == visit[1]))[0]
        milk = {"product_id": 1029743, "sales_value": 1.0, "quantity": 1}
        tampered.transactions.loc[anchor, list(milk)] = list(milk.values())
        pd.testing.assert_series_equal(at(past(tampered), visit), at(known, visit))
        alone = ~later | (np.arange(len(when)) == anchor)
        shorter = replace(tampered, transactions=tampered.transactions[alone])
        pd.testing.assert_series_equal(at(past(shorter), visit), at(known, visit))


def test_a_visit_does_know_the_one_before(raw: Raw) -> None:
    known, when = past(raw), seconds(raw)
    household = raw.transactions["household_id"].to_numpy()
    second = known.index[np.flatnonzero((known["visits"] == 1).to_numpy())[:3]]
    for visit in second:
        earlier = (household == visit[0]) & (when < visit[1])
        assert not at(past(rewrite(raw, earlier)), visit).equals(at(known, visit))


def top(counts: Counter[str], places: int) -> list[str]:
    """Most frequent names, equals by the alphabet, filled up with None-like blanks."""
    ranked = sorted(counts, key=lambda name: (-counts[name], name))[:places]
    return ranked + [""] * (places - len(ranked))


def slow_history(lines: pd.DataFrame, household: int, when: int) -> dict[str, object]:
    """What is known of a visit, read off the merged lines of its household one by one."""
    own = lines[(lines["household_id"] == household) & (lines["seconds"] < when)]
    rows = own.to_dict("records")
    times = sorted({row["seconds"] for row in rows})
    best = top(Counter(row["department"] for row in rows), 3)
    known = [row["product_category"] for row in rows if isinstance(row["product_category"], str)]
    last = [row["department"] for row in rows if row["seconds"] == times[-1]]
    return {
        "favourite_department_1": best[0],
        "favourite_department_2": best[1],
        "favourite_department_3": best[2],
        "favourite_category": top(Counter(known), 1)[0],
        "last_department": top(Counter(last), 1)[0],
        "days": (when - times[-1]) / 86_400,
        "lines": len(rows) / len(times),
        "spent": sum(row["sales_value"] for row in rows) / len(times),
        "private": sum(row["brand"] == "Private" for row in rows) / len(rows),
        "visits": len(times),
    }


def test_history_equals_a_slow_reference(raw: Raw) -> None:
    known = past(raw)
    table = raw.transactions.assign(seconds=seconds(raw)).merge(raw.products, on="product_id")
    grocery = ~table["department"].isin(NO_GROCERIES) & (table["sales_value"] > DUST)
    lines = table[grocery]
    written = {"": ""}
    for names in ("department", "product_category"):
        pairs = raw.products[names].dropna().unique()
        written |= dict(zip(pairs, readable(pd.Series(pairs), DEPARTMENTS), strict=True))
    begun = 0
    for household, when in sample(known, 200, seed=2):
        seen = at(known, (household, when))
        if not ((lines["household_id"] == household) & (lines["seconds"] < when)).any():
            assert seen.isna().all()
            continue
        begun += 1
        for name, value in slow_history(lines, household, when).items():
            if isinstance(value, str):
                assert written[value] == ("" if pd.isna(seen[name]) else seen[name]), name
            else:
                assert seen[name] == pytest.approx(value, rel=1e-9), name
    assert begun > 150


def test_events_carry_the_history_of_their_own_visit(raw: Raw, quick: Dataset) -> None:
    known = past(raw)
    households = household_ids(raw, "quick")
    rows = np.random.default_rng(3).choice(len(quick.queries), 200, replace=False)
    names = [field.name for field in quick.queries.categories]
    fields = quick.queries.categories
    visits = next(column for column, field in enumerate(quick.queries.numbers) if field.name == "visits")
    scale = quick.queries.numbers[visits]
    for row in rows:
        seen = at(known, (int(households[quick.user[row]]), int(quick.when[row])))
        for name in ("favourite_department_1", "favourite_category", "last_department"):
            column = names.index(name)
            code = quick.queries.codes[row, column]
            value = MISSING if pd.isna(seen[name]) else seen[name]
            assert fields[column].values[code] in (value, UNKNOWN)
        value = quick.queries.values[row, visits] * scale.scale + scale.mean
        expected = scale.mean if np.isnan(seen["visits"]) else np.log1p(seen["visits"])
        assert value == pytest.approx(expected, abs=1e-4)


def test_earlier_products_are_those_of_strictly_earlier_visits(raw: Raw, quick: Dataset, remembering: Dataset) -> None:
    """Of any event, of whichever part: neither its own basket, nor its moment, nor what follows."""
    assert np.array_equal(remembering.queries.single, quick.queries.codes)
    assert remembering.queries.numbers == quick.queries.numbers
    ids, stamps = raw.transactions["household_id"].to_numpy(), seconds(raw)
    named = {name.rpartition("(#")[2].rstrip(")"): place for place, name in enumerate(quick.item_names)}
    item = raw.transactions["product_id"].astype(str).map(named).fillna(-1).to_numpy(np.int64)
    bought = (item >= 0) & (raw.transactions["sales_value"] > DUST).to_numpy()
    households, (held,) = household_ids(raw, "quick"), remembering.queries.held
    draws, full = np.random.default_rng(5), 0
    for part in ("train", "validation", "test"):
        for event in draws.choice(remembering.events(part), 25, replace=False):
            mine = bought & (ids == households[quick.user[event]])
            before = mine & (stamps < quick.when[event])
            last = pd.Series(stamps[before]).groupby(item[before]).max()
            found = held[event][held[event] > 0] - 1
            full += len(found) == PLACES
            assert len(found) == min(PLACES, len(last))
            assert set(found) <= set(last.index)
            assert (np.diff(last[found]) <= 0).all()  # the latest first
            left_out = last.drop(found)
            assert not len(left_out) or left_out.max() <= last[found].min()
    assert full > 5


def test_no_bag_of_the_training_part_comes_from_later(raw: Raw, remembering: Dataset) -> None:
    validation, _ = time_cuts(raw.transactions)
    other = prepare(rewrite(raw, seconds(raw) >= validation), REMEMBERING)
    train = remembering.part("train")
    assert other.queries.bags == remembering.queries.bags
    assert np.array_equal(other.queries.codes[train], remembering.queries.codes[train])


def test_numbers_are_standardised_over_training_events(quick: Dataset, first: Dataset) -> None:
    for data in (quick, first):
        values = data.queries.values[data.part("train")].astype(np.float64)
        known = values != 0  # an empty cell is 0
        for column in range(values.shape[1]):
            cells = values[known[:, column], column]
            assert abs(cells.mean()) < 1e-3
            assert abs(cells.std() - 1) < 1e-3


def test_time_is_the_local_time_of_the_stores(raw: Raw, quick: Dataset) -> None:
    names = [field.name for field in quick.queries.categories]
    for name, form in (("weekday", "%u %a"), ("hour", "%H h"), ("month", "%m %b")):
        column = names.index(name)
        values = np.array(quick.queries.categories[column].values)
        moments = pd.to_datetime(quick.when[::50], unit="s", utc=True)
        local = moments.tz_convert("America/New_York").strftime(form).to_numpy()
        shown = values[quick.queries.codes[::50, column]]
        assert set(shown[shown != local]) <= {UNKNOWN}
        assert (shown[: quick.bounds[0] // 50] != UNKNOWN).all()


def test_missing_demographics_have_a_code_of_their_own(raw: Raw, quick: Dataset) -> None:
    names = [field.name for field in quick.queries.categories]
    column = names.index("home")
    table = raw.demographics.set_index("household_id")["home_ownership"]
    households = household_ids(raw, "quick")
    empty = table.reindex(households).isna().to_numpy()[quick.user]
    code = quick.queries.categories[column].values.index(MISSING)
    assert 0 < empty.sum() < len(empty)
    assert np.array_equal(quick.queries.codes[:, column] == code, empty)


def test_sizes(raw: Raw, quick: Dataset, first: Dataset) -> None:
    assert len(household_ids(raw, "quick")) == 267
    assert len(household_ids(raw, "known")) == 801
    assert len(household_ids(load_raw(), "full")) == 2_469
    assert 60_000 <= len(quick.queries) <= 100_000
    assert len(np.unique(quick.user)) > 250
    assert len(first.queries) < len(quick.queries) / 2


def test_the_whole_package_and_its_quick_households_give_the_same_events(quick: Dataset) -> None:
    assert journey(QUICK).hash == quick.hash


def test_without_ids_two_fields_are_gone_and_nothing_else_changes(raw: Raw, quick: Dataset) -> None:
    other = prepare(raw, JourneyData(size="quick", ids=False))
    for ours, theirs, gone in ((quick.queries, other.queries, "household"), (quick.items, other.items, "product")):
        kept = [column for column, field in enumerate(ours.categories) if field.name != gone]
        assert len(kept) == len(ours.categories) - 1
        assert theirs.categories == tuple(ours.categories[column] for column in kept)
        assert np.array_equal(theirs.codes, ours.codes[:, kept])
    assert np.array_equal(other.positive, quick.positive)


def test_first_purchases_never_repeat(quick: Dataset, first: Dataset) -> None:
    def repeats(data: Dataset) -> int:
        pairs = np.stack([data.user, data.positive])
        return len(data.user) - int(np.unique(pairs, axis=1).shape[1])

    assert repeats(first) == 0 < repeats(quick)


def test_first_purchases_are_the_earliest(raw: Raw, first: Dataset) -> None:
    ids = np.array([int(name.rpartition("#")[2].rstrip(")")) for name in first.item_names])
    rows = raw.transactions.assign(seconds=seconds(raw))
    rows = rows[rows["sales_value"] > DUST]
    earliest = rows.groupby(["household_id", "product_id"])["seconds"].min()
    pairs = pd.MultiIndex.from_arrays([household_ids(raw, "quick")[first.user], ids[first.positive]])
    assert np.array_equal(earliest.reindex(pairs).to_numpy(), first.when)


def test_parts_meet_between_two_moments(raw: Raw, quick: Dataset, first: Dataset) -> None:
    cuts = time_cuts(raw.transactions)
    for data in (quick, first):
        for bound, cut in zip(data.bounds, cuts, strict=True):
            assert data.when[bound - 1] < cut <= data.when[bound]
    shares = np.diff([0, *quick.bounds, len(quick.queries)]) / len(quick.queries)
    assert np.allclose(shares, (0.85, 0.05, 0.1), atol=0.02)


@pytest.mark.parametrize("settings", [QUICK, FIRST])
def test_every_item_has_enough_training_events(settings: JourneyData, quick: Dataset, first: Dataset) -> None:
    data = first if settings.purchases == "first" else quick
    minimum = MINIMUM[settings.purchases][settings.size]
    assert data.counts.min() == minimum


def test_the_typical_price_is_a_training_median(raw: Raw, quick: Dataset) -> None:
    item = int(np.argmax(quick.counts))
    product = int(quick.item_names[item].rpartition("#")[2].rstrip(")"))
    rows = raw.transactions
    rows = rows[(rows["product_id"] == product) & (rows["sales_value"] > DUST)]
    rows = rows[rows["transaction_timestamp"] < pd.Timestamp(quick.when[quick.bounds[0]], unit="s")]
    assert len(rows) == quick.counts[item]
    field = quick.items.numbers[1]
    price = np.exp(quick.items.values[item, 1] * field.scale + field.mean)
    assert field.name == "price"
    assert price == pytest.approx((rows["sales_value"] / rows["quantity"]).median(), rel=1e-4)


def test_a_product_read_twice_counts_once_and_order_is_irrelevant(raw: Raw, quick: Dataset) -> None:
    products = clean_products(raw.products)
    rows = raw.transactions.head(20_000)
    doubled = pd.concat([rows, rows.iloc[::3]]).sample(frac=1.0, random_state=0)
    pd.testing.assert_frame_equal(clean_lines(doubled, products), clean_lines(rows, products))
    shuffled = raw.transactions.sample(frac=1.0, random_state=1)
    assert prepare(replace(raw, transactions=shuffled), QUICK).hash == quick.hash


def test_lines_without_a_grocery_product_are_no_lines(raw: Raw) -> None:
    products = clean_products(raw.products)
    lines = clean_lines(raw.transactions, products)
    table = raw.transactions.merge(raw.products, on="product_id")
    kept = table[~table["department"].isin(NO_GROCERIES) & (table["sales_value"] > DUST)]
    assert len(lines) == len(kept) < len(table) < len(raw.transactions)
    assert (lines["cents"] > 0).all()
    assert lines["cents"].sum() == round(kept["sales_value"].sum() * 100)


def test_names_are_words(quick: Dataset) -> None:
    milk = "Fluid milk products — Fluid milk white only · 1 GA · Private (#1029743)"
    assert milk in quick.item_names
    assert len(set(quick.item_names)) == len(quick.items)
    labels = dict(quick.queries.words(len(quick.queries) - 1))
    assert {"Favourite department", "Days since the last visit", "Store"} <= labels.keys()


def test_a_missing_package_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install -r requirements\.txt$"):
        load_raw()
