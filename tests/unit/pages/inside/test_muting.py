"""Recall without a branch: intervals and drops from ranks, and how far the branches agree."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy.stats import spearmanr

from pdcn.pages.inside.work.branches import branch_means, changed
from pdcn.pages.inside.work.muting import WHOLE, Variant, agreement_frame, changed_measures, recall_frames, variants
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.ranks import model_ranks
from tests.unit.pages.analysis_help import small_data, small_model

DATA = small_data()
EVENTS = np.arange(30, 60)
USER = DATA.dataset.user[EVENTS]
MUTED = Variant("mute deep", "both")
changed_ranks = partial(changed_measures, Retrieval())


def test_every_variant_is_ranked_and_the_intact_model_is_as_it_is() -> None:
    model = small_model(DATA, "parallel-sequential")
    assert list(map(str, variants(model))) == [
        "mute cross, query",
        "mute deep, query",
        "bypass cross, both",
        "bypass cross, query",
        "bypass cross, item",
    ]
    found = changed_ranks(model, DATA, EVENTS)
    assert list(found) == [WHOLE, *variants(model)]
    assert np.array_equal(found[WHOLE], model_ranks(model, DATA, EVENTS))
    with changed(model, "bypass cross", branch_means(model, DATA, EVENTS), ["item"]):
        assert np.array_equal(found[Variant("bypass cross", "item")], model_ranks(model, DATA, EVENTS))
    assert len({tuple(ranks) for ranks in found.values()}) == 6


def users_recall(ranks: np.ndarray, k: int) -> float:
    return float(np.mean([(ranks[user == USER] < k).mean() for user in np.unique(USER)]))


def test_curves_and_drops_are_means_over_users_and_seeds() -> None:
    ranks = {seed: changed_ranks(small_model(DATA, seed=seed), DATA, EVENTS) for seed in (0, 1, 2)}
    curves, drops = recall_frames(ranks, USER, 30)
    for k in (1, 10, 30):
        for variant in (WHOLE, MUTED):
            (row,) = curves[(curves["k"] == k) & (curves["variant"] == str(variant))].to_dict("records")
            assert row["recall"] == pytest.approx(np.mean([users_recall(ranks[seed][variant], k) for seed in ranks]))
            assert 0 <= row["low"] <= row["recall"] <= row["high"] <= 1
    assert set(drops["k"]) == {10}  # the headline of a catalogue of thirty
    assert list(drops["variant"]) == list(map(str, variants(small_model(DATA))))
    for row in drops.to_dict("records"):
        variant = Variant(row["change"], row["sides"])
        lost = [users_recall(of[variant], 10) - users_recall(of[WHOLE], 10) for of in ranks.values()]
        assert row["difference"] == pytest.approx(np.mean(lost))
        assert row["low"] <= row["difference"] <= row["high"]
        assert (row["seeds"], row["users"], row["events"]) == (3, len(set(USER)), 30)
    assert {tuple(pair) for pair in drops[["change", "sides"]].to_numpy()} == {
        (change, sides) for change in ("mute cross", "mute deep", "bypass cross") for sides in ("both", "query", "item")
    }
    assert set(curves[curves["change"] == "intact"]["sides"]) == {""}


def test_a_drop_that_is_there_is_found() -> None:
    good, bad = np.zeros(600, np.float32), np.full(600, 25, np.float32)
    user = np.repeat(np.arange(60), 10)
    draws = np.random.default_rng(0)
    ranks = {
        seed: {WHOLE: good, MUTED: np.where(draws.random(600) < 0.3, bad, good), Variant("mute cross", "both"): good}
        for seed in range(4)
    }
    _, drops = recall_frames(ranks, user, 30)
    deep, cross = drops.to_dict("records")
    assert (deep["verdict"], cross["verdict"]) == ("worse", "no detectable difference")
    assert deep["low"] < -0.3 < deep["high"] < 0


def test_one_seed_has_no_interval() -> None:
    curves, drops = recall_frames({3: changed_ranks(small_model(DATA), DATA, EVENTS)}, USER, 30)
    assert curves[["low", "high"]].isna().all(axis=None)
    assert drops[["low", "high"]].isna().all(axis=None)
    assert set(drops["verdict"]) == {"too few seeds"}


def test_a_wiring_with_nothing_to_change_has_its_curve_and_no_drops() -> None:
    curves, drops = recall_frames({0: changed_ranks(small_model(DATA, "deep_only"), DATA, EVENTS)}, USER, 30)
    assert set(curves["variant"]) == {"intact"}
    assert drops.empty
    assert {"change", "sides"} <= set(drops.columns)


def test_agreement_is_counted_on_the_lists_themselves() -> None:
    models = {seed: small_model(DATA, seed=seed) for seed in (0, 1)}
    ranks = {seed: changed_ranks(model, DATA, EVENTS) for seed, model in models.items()}
    at = np.arange(0, 30, 2)
    found = agreement_frame(models, ranks, DATA, EVENTS, at)
    model, means = models[0], branch_means(models[0], DATA, EVENTS)
    lists = {}
    for word, change in (("cross alone", "mute deep"), ("deep alone", "mute cross")):
        with changed(model, change, means, ["query", "item"]):
            score = model.query(*DATA.queries[slice(None)]) @ model.item(*DATA.items[slice(None)]).T
        lists[word] = [set(row) for row in np.argsort(-score.numpy()[EVENTS[at]], axis=1)[:, :10].tolist()]
    shared = np.mean([len(a & b) / 10 for a, b in zip(*lists.values(), strict=True)])
    (row,) = found[(found["seed"] == 0) & (found["one"] == "cross alone") & (found["other"] == "deep alone")].to_dict(
        "records"
    )
    assert row["overlap"] == pytest.approx(shared)
    assert row["correlation"] == pytest.approx(
        spearmanr(ranks[0][MUTED], ranks[0][Variant("mute cross", "both")]).statistic
    )
    assert (row["chance"], row["k"], row["events"]) == (10 / 30, 10, 15)
    assert len(found) == 2 * 3 + 1
    assert found.iloc[-1]["other"] == "intact, next seed"


def test_one_branch_agrees_with_nobody() -> None:
    model = small_model(DATA, "sequential")
    ranks = {0: changed_ranks(model, DATA, EVENTS)}
    assert agreement_frame({0: model}, ranks, DATA, EVENTS, np.arange(5)).empty
