"""The shopping world keeps its promises: rates, what is known when, who sells, and the best scores of each outcome."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pdcn.arrays import Doubles, Flags, Ints, Numbers
from pdcn.sources import SOURCES, cache
from pdcn.sources import shopping_world as module
from pdcn.sources.dataset import Dataset
from pdcn.sources.feedback import Feedback
from pdcn.sources.fields import SequenceField
from pdcn.sources.planted_world import generators
from pdcn.sources.profile import profile
from pdcn.sources.shopping import PLACES, ShoppingData
from pdcn.sources.shopping_fields import EVERYWHERE, GAP_EDGES, GROUPS, KINDS, OWN, QUERY, SEARCH, SURFACES
from pdcn.sources.shopping_tables import shopping
from pdcn.sources.shopping_world import CONVERTED, ENGAGED, NOTHING, RATES, ShoppingWorld, accidents, draw, ends

SMALL = ShoppingData(
    impressions=60_000, pins=150, shoppers=300, advertisers=20, conversion_rate=0.02, engagement_rate=0.1
)
WORLD, DATA = draw(SMALL), shopping(SMALL)
PROMPT = SMALL.model_copy(update={"conversion_delay": 0.0})


def told(data: Dataset) -> Feedback:
    assert data.feedback is not None
    return data.feedback


def within(group: str, data: Dataset) -> Flags:
    assert data.outcome is not None
    return told(data).within(group, data.outcome)


def kinds(data: Dataset) -> Ints:
    assert data.outcome is not None
    return data.outcome.astype(np.int64)


def changed(**values: Any) -> ShoppingData:
    return SMALL.model_copy(update=values)


def recall(scores: Numbers, item: Ints, k: int = 15) -> float:
    """Share of rows of `scores` (n, N) where fewer than k items score above the own one."""
    own = scores[np.arange(len(item)), item][:, None]
    return float(((scores > own).sum(axis=1) < k).mean())


def softmax(query: Numbers, item: Numbers) -> Doubles:
    logits = query.astype(np.float64) @ item.T.astype(np.float64)
    chances: Doubles = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


def shares(data: Dataset) -> Doubles:
    """Share of each kind among all impressions, which the settings count."""
    return np.bincount(kinds(data), minlength=len(KINDS)) / SMALL.impressions


def test_outcomes_come_at_the_rates_of_their_dials() -> None:
    _, click, save, cart, checkout = shares(shopping(PROMPT))
    assert click + save == pytest.approx(SMALL.engagement_rate, rel=0.03)
    assert cart + checkout == pytest.approx(SMALL.conversion_rate, rel=0.06)
    assert save / (click + save) == pytest.approx(SMALL.saves * (1 - SMALL.accidental_clicks), rel=0.1)
    assert checkout / (cart + checkout) == pytest.approx(SMALL.checkouts, rel=0.1)
    more = shares(shopping(changed(conversion_delay=0.0, conversion_rate=0.05, checkouts=1.0, saves=0.0)))
    assert more[GROUPS["conversion"][1]] == pytest.approx(0.05, rel=0.05)
    assert more[2] == more[3] == 0


def test_a_search_converts_more_than_the_home_feed() -> None:
    data = shopping(PROMPT)
    surface = data.queries.single[:, [field.name for field in data.queries.categories].index(told(data).surface)] - 1
    converted = within("conversion", data)
    counts = np.bincount(surface[converted], minlength=len(SURFACES))
    expected = module.SURFACE_SHARES * RATES[1] * SMALL.conversion_rate * SMALL.impressions
    assert np.abs(counts - expected).max() < 4 * np.sqrt(expected.max())


def test_a_late_conversion_counts_as_nothing() -> None:
    prompt, slow = draw(PROMPT), draw(changed(conversion_delay=100.0))
    assert prompt.shown.recorded[prompt.shown.group == CONVERTED].all()
    late = (slow.shown.group == CONVERTED) & ~slow.shown.recorded
    assert late.any()
    assert (slow.came.kind[late] == 0).all()
    for world in (WORLD, slow):
        part = np.searchsorted(ends(), world.shown.when, side="right")
        assert (world.shown.acted < np.array(ends())[part])[world.shown.recorded].all()
    early = (slow.shown.group == CONVERTED) & (slow.shown.when < slow.shown.when[0] + 30 * 86_400)
    delays = (slow.shown.acted - slow.shown.when)[early & slow.shown.recorded]
    assert np.median(delays) == pytest.approx(100 * 3_600, rel=0.15)
    assert (slow.shown.acted == slow.shown.when)[slow.shown.group != CONVERTED].all()
    assert shares(shopping(SMALL))[3:].sum() < shares(shopping(PROMPT))[3:].sum()


def test_clicks_last_as_long_as_they_fit_and_accidents_are_short() -> None:
    feedback, kind = told(DATA), kinds(DATA)
    assert ((feedback.value > 0) == (kind == 1)).all()
    assert feedback.value.max() <= feedback.cap == SMALL.click_cap
    short = shopping(changed(click_cap=20.0))
    assert told(short).value.max() == told(short).cap == 20
    assert (kinds(short) == kind).all()
    clicks = (WORLD.came.kind == 1) & WORLD.shown.recorded
    long = WORLD.came.seconds[clicks]
    taste, loud = WORLD.scores.shared(WORLD.came.item)[clicks], WORLD.pins.loud[WORLD.came.item[clicks]]
    assert np.corrcoef(np.log(long), taste)[0, 1] > 0.2
    assert np.corrcoef(np.log(long), loud)[0, 1] < -0.2
    quiet = draw(changed(accidental_clicks=0.0))
    assert (quiet.came.seconds[quiet.came.kind == 1] < 3).mean() < 0.02 < (long < 3).mean()


def test_as_much_of_the_engagement_is_an_accident_as_the_dial_says() -> None:
    loud = np.linspace(0, 1, 10_001, dtype=np.float32)
    for share in (0.0, 0.3, 0.8):
        times = np.exp(accidents(changed(accidental_clicks=share), loud))
        assert (times - 1).sum() / times.sum() == pytest.approx(share, abs=1e-3)


def test_fields_of_other_surfaces_are_empty() -> None:
    feedback = told(DATA)
    for table in (DATA.queries, feedback.passed.queries):
        surface = table.single[:, 1] - 1
        held = {bag.name: codes for bag, codes in zip(table.bags, table.held, strict=True)}
        for field in OWN:
            assert held[field.name].shape[1] == 1
            assert ((held[field.name][:, 0] > 0) == (surface == field.surface)).all()
    picks, blank = WORLD.queries.picks[WORLD.shown.surface == SEARCH], len(OWN[-1].values)
    without = np.column_stack([picks[:, :-1], np.full(len(picks), blank)])
    for taste in WORLD.tastes.values():
        assert np.abs(np.asarray(taste.query.main(picks)) - taste.query.main(without)).max() > 0.1
        effect = taste.query.main(without) - sum(
            table[column] for table, column in zip(taste.query.tables[:-1], without.T, strict=False)
        )
        np.testing.assert_allclose(effect, 0, atol=1e-12)  # an empty field adds nothing


def actions(world: ShoppingWorld) -> Iterable[tuple[int, int, int, int]]:
    """User, moment, item and kind of all that was recorded."""
    rows = np.flatnonzero(world.shown.recorded)
    columns = (world.queries.user, world.shown.acted, world.came.item, world.came.kind)
    return zip(*(column[rows].tolist() for column in columns), strict=True)


@pytest.mark.parametrize("passed", [False, True])
def test_the_history_is_what_was_done_strictly_before(passed: bool) -> None:
    """Against a brute force over every event of the shopper."""
    queries, rows = DATA.queries, np.flatnonzero(WORLD.shown.recorded)
    if passed:
        queries, rows = told(DATA).passed.queries, np.flatnonzero(~WORLD.shown.recorded)
    bag = queries.bags[-1]
    assert isinstance(bag, SequenceField)
    told_of = queries.of_bags[-1].reshape(len(rows), 3, PLACES)
    every = sorted(actions(WORLD), key=lambda one: one[1])
    train = {item for _, acted, item, _ in every if acted < ends()[0]}
    full = 0
    for at in range(0, len(rows), 37):
        user, when = int(WORLD.queries.user[rows[at]]), int(WORLD.shown.when[rows[at]])
        before = [one for one in every if one[0] == user and one[1] < when and one[2] in train]
        latest = before[::-1][:PLACES]
        full += len(latest)
        names, types, ages = told_of[at]
        assert [bag.values[code] for code in names[names > 0]] == [DATA.item_names[item] for _, _, item, _ in latest]
        assert [bag.more[0].values[code] for code in types[types > 0]] == [KINDS[kind] for *_, kind in latest]
        gaps = [int((when - acted >= GAP_EDGES).sum()) + 1 for _, acted, _, _ in latest]
        assert ages.tolist() == gaps + [0] * (PLACES - len(latest))
        assert (names > 0).tolist() == (types > 0).tolist() == [True] * len(latest) + [False] * (PLACES - len(latest))
    assert full > 100


def test_the_history_shows_the_taste_of_those_who_did_little() -> None:
    """Pins that a shopper with few events acted on before fit the next one better than others' pins do."""
    alone = changed(crosses_matter=0.0, own_taste=4.0)
    data, world = shopping(alone), draw(alone)
    bag, held = data.queries.bags[-1], data.queries.held[-1]
    few = (np.bincount(data.user, minlength=alone.shoppers)[data.user] <= 15) & (held[:, 1] > 0)
    place = {name: number for number, name in enumerate(data.item_names)}
    of_code = np.array([-1, *(place[name] for name in bag.values[1:])])
    latents = world.scores.item["shared"].astype(np.float64)
    filled = held[few] > 0
    mean = (latents[of_code[held[few]]] * filled[..., None]).sum(axis=1) / filled.sum(axis=1, keepdims=True)
    fit = mean @ latents.T
    own = fit[np.arange(few.sum()), data.positive[few]].mean()
    others = np.random.default_rng(0).permutation(np.flatnonzero(few))
    assert few.sum() > 300
    assert own > fit[np.arange(few.sum()), data.positive[others]].mean() + 0.2 * fit.std()


def test_a_part_of_the_own_taste_is_another_every_so_many_days() -> None:
    day = 86_400
    when = ends()[2] - 1 - day * np.arange(90, dtype=np.int64)
    user = np.full(90, 3, np.int64)

    def kinds_of_taste(share: float, days: int = SMALL.taste_days) -> int:
        draws = generators(0, module._PURPOSES)["own taste"]
        settings = changed(fresh_taste=share, taste_days=days)
        return len(np.unique(module._own_taste(settings, draws, user, when), axis=0))

    assert kinds_of_taste(0.0) == 1
    assert 3 <= kinds_of_taste(0.5) <= 4
    assert [kinds_of_taste(1.0, days) - -(-90 // days) in (0, 1) for days in (2, 7, 13, 90)] == [True] * 4
    draws = generators(0, module._PURPOSES)["own taste"]
    many = np.repeat(np.arange(SMALL.shoppers), 90), np.tile(when, SMALL.shoppers)
    own = module._own_taste(changed(fresh_taste=0.5, own_taste=2.0), draws, *many)
    assert own.std() == pytest.approx(2.0, rel=0.05)
    months = own.reshape(SMALL.shoppers, 90, -1)[:, [0, 45]]  # more than a month apart
    assert (months[:, 0] * months[:, 1]).mean() / own.var() == pytest.approx(0.5, abs=0.05)


def test_without_actions_there_is_no_such_field_and_nothing_else_changes() -> None:
    bare = shopping(changed(actions=False))
    assert [bag.name for bag in bare.queries.bags] == [field.name for field in OWN]
    np.testing.assert_array_equal(bare.queries.codes, DATA.queries.codes[:, : bare.queries.codes.shape[1]])
    np.testing.assert_array_equal(bare.positive, DATA.positive)


def conversions_by_advertiser(data: Dataset) -> Ints:
    names = [field.name for field in data.items.categories]
    own = data.items.single[:, names.index(told(data).advertiser)]
    counts = np.bincount(own[data.positive[within("conversion", data)]], minlength=SMALL.advertisers)
    return np.sort(counts)[::-1]


def test_conversions_are_unequal_over_advertisers() -> None:
    skewed = conversions_by_advertiser(DATA)
    assert skewed[:2].sum() > 0.35 * skewed.sum()  # a tenth of the advertisers
    assert (skewed[SMALL.advertisers // 2 :] < skewed.mean() / 2).all()
    even = conversions_by_advertiser(shopping(changed(advertiser_skew=0.0)))
    assert even[:2].sum() < 0.7 * skewed[:2].sum()


@pytest.mark.parametrize("group", [NOTHING, ENGAGED, CONVERTED])
def test_pins_are_drawn_by_the_scores(group: int) -> None:
    world = draw(PROMPT)
    rows = np.flatnonzero(world.shown.group == group)
    query, item = world.scores.of_group(group)
    expected = softmax(query[rows], item).sum(axis=0)
    observed = np.bincount(world.came.item[rows], minlength=PROMPT.pins)
    common = expected > 5
    assert common.sum() > 40

    def squares(expected: Doubles) -> float:
        return float(((observed - expected)[common] ** 2 / expected[common]).sum())

    # Mean below their number if the odds are right, with a standard deviation of the root of twice of it.
    assert squares(expected) < common.sum() + 4 * np.sqrt(2 * common.sum())
    assert squares(np.full(PROMPT.pins, len(rows) / PROMPT.pins)) > 5 * common.sum()


def main_effects(group: str, world: ShoppingWorld, rows: Ints) -> NDArray[np.float32]:
    """The scores of a group of outcomes without crosses."""

    def without(law: Any) -> Any:
        return dataclasses.replace(law, planted=())

    laws = {n: module.Taste(without(t.query), without(t.item)) for n, t in world.tastes.items()}
    draws = generators(SMALL.shopping_seed, module._PURPOSES)
    scores = module._scores(SMALL, draws, laws, world.pins, world.shown, world.queries)
    query, item = (
        scores.of_any(world.shown.surface)
        if group == "all"
        else scores.of_group({"conversion": CONVERTED, "engagement": ENGAGED}[group])
    )
    return query[rows] @ item.T


@pytest.mark.parametrize("group", GROUPS)
def test_the_truth_of_each_group_is_the_best_score(group: str) -> None:
    feedback = told(DATA)
    own = np.flatnonzero(within(group, DATA))
    item = DATA.positive[own]
    found = {name: recall(truth.query[own] @ truth.item.T, item) for name, truth in feedback.truths.items()}
    popular = np.bincount(item, minlength=SMALL.pins)  # of these very events: better than any that could be known
    truth = feedback.truths[group]
    wrong = truth.item[np.random.default_rng(0).permutation(SMALL.pins)]
    best = found[group]
    assert best > 1.25 * recall(np.broadcast_to(popular, (len(item), SMALL.pins)), item)
    assert best > 2 * recall(truth.query[own] @ wrong.T, item)
    rows = np.flatnonzero(WORLD.shown.recorded)[own]
    assert best > 0.03 + recall(main_effects(group, WORLD, rows), item)
    if group != "all":
        assert best > 0.1 + found[{"conversion": "engagement", "engagement": "conversion"}[group]]
    assert DATA.truth is not None
    np.testing.assert_array_equal(DATA.truth.query, feedback.truths["conversion"].query)


def test_the_truth_of_all_is_nearly_that_of_the_sum() -> None:
    """At their rates the chances of both groups add up; the truth of all is the log of that to first order."""
    feedback, rows = told(DATA), np.flatnonzero(WORLD.shown.recorded)
    rates = RATES[:, WORLD.shown.surface[rows]] * [[SMALL.engagement_rate], [SMALL.conversion_rate]]
    exact = sum(
        rate[:, None] * softmax(WORLD.scores.of_group(group)[0][rows], WORLD.scores.of_group(group)[1])
        for rate, group in zip(rates, (ENGAGED, CONVERTED), strict=True)
    )
    truth = feedback.truths["all"]
    linear = recall(truth.query @ truth.item.T, DATA.positive)
    assert 0 <= recall(np.asarray(exact), DATA.positive) - linear < 0.02


@pytest.mark.parametrize(("shared", "apart"), [(0.0, True), (1.0, False)])
def test_the_shared_taste_is_what_clicks_tell_of_conversions(shared: float, apart: bool) -> None:
    data = shopping(changed(shared_taste=shared, shown_by_taste=0.0))
    own = within("conversion", data)
    truths = told(data).truths
    conversion, engagement = (
        recall(truths[name].query[own] @ truths[name].item.T, data.positive[own])
        for name in ("conversion", "engagement")
    )
    assert (conversion - engagement > 0.2) == apart


def test_crosses_are_named_by_fields_that_meet() -> None:
    record = profile(DATA)
    json.dumps(record)
    assert len(record["truth"]) == len(told(DATA).truths["conversion"].crosses) > SMALL.taste_crosses
    surface = {field.name: field.surface for field in QUERY}
    for truth in told(DATA).truths.values():
        sets = [(cross.side, cross.fields) for cross in truth.crosses]
        assert len(set(sets)) == len(sets)
        for side, fields in sets:
            if side == "query":
                assert len({surface[name] for name in fields} - {EVERYWHERE}) <= 1
    parts = {
        part: np.array([c.strength for c in told(DATA).truths["conversion"].crosses if c.side == part])
        for part in ("query", "item")
    }
    for strengths in parts.values():
        assert (strengths**2).sum() == pytest.approx(SMALL.crosses_matter**2)


def test_equal_settings_give_equal_bits_on_every_machine_and_another_seed_another_world() -> None:
    assert DATA.hash == shopping(SMALL).hash == "18abff88f693"
    another = SOURCES["shopping"].another
    assert another is not None
    assert another(SMALL, 0) == SMALL
    assert another(SMALL, 1) == changed(shopping_seed=1)
    assert shopping(changed(shopping_seed=1)).hash != DATA.hash
    assert "taste_days" not in SMALL.record()  # so that runs from before there was such a dial keep their hash


def test_what_came_to_nothing_is_a_sample_as_large_as_the_events() -> None:
    passed = told(DATA).passed
    assert len(passed.item) == len(DATA.positive)
    assert passed.queries.bags == DATA.queries.bags
    for part, start in (("train", 0), ("validation", ends()[0]), ("test", ends()[1])):
        for when, rows in ((DATA.when, DATA.part(part)), (passed.when, passed.part(part))):  # type: ignore[arg-type]
            assert when[rows].min() >= start
    assert f"{len(passed.item):,}" in DATA.note


def test_everything_comes_back_from_the_cache(tmp_path: Path) -> None:
    cache.save(DATA, tmp_path / "one.npz")
    back = cache.load(tmp_path / "one.npz")
    assert back.hash == DATA.hash
    assert back.queries.bags == DATA.queries.bags
    assert told(back).groups == GROUPS
    for name, truth in told(DATA).truths.items():
        assert told(back).truths[name].crosses == truth.crosses
        np.testing.assert_array_equal(told(back).truths[name].item, truth.item)


@pytest.mark.parametrize("actions", [True, False])
def test_its_size_is_known_before_it_is_drawn(actions: bool) -> None:
    settings = changed(actions=actions)
    data, size = shopping(settings), SOURCES["shopping"].size(settings)
    assert len(data.positive) == pytest.approx(size.query.rows, rel=0.03)
    assert len(data.items) == size.item.rows
    for table, side in ((data.queries, size.query), (data.items, size.item)):
        values = [len(field.values) for field in table.categories]
        assert values == pytest.approx(side.values, rel=0.05)
        assert table.codes.shape[1] == len(side.values) + sum(places for _, places in side.bags)
        assert len(table.numbers) == side.numbers
