"""Slices of the test events: their masks against plain pandas, their differences by hand, what is said of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from pdcn.config import Experiment
from pdcn.evaluation import slices as module
from pdcn.evaluation.slices import COLUMNS, ENOUGH_EVENTS, ENOUGH_USERS, slices_of
from pdcn.evaluation.slices import _about_its_mean as about
from pdcn.evaluation.slices import in_words as words_of
from pdcn.evaluation.slices import slice_frame as frame_of
from pdcn.evaluation.statistics import holm, outcome, paired_interval
from pdcn.sources.dataset import Dataset
from pdcn.sources.fields import CategoryField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.words import capital, points
from tests.unit.measured_help import measured_of

SETTINGS = PlantedData(events=20_000, items=200, users=80, fields=3, values=4, numbers=1, crosses=1)
DATA = planted(SETTINGS)
EVENTS = DATA.events("test")
USER = DATA.user[EVENTS]
SLICES = slices_of(DATA, EVENTS)
K = 100

Ranks = NDArray[np.float32]


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESAMPLES", 2000)


def experiment(*arms: str, seeds: int = 3) -> Experiment:
    return Experiment(data=SETTINGS, arms=arms or ("parallel", "sequential"), seeds=seeds)


def columns(seeds: int, gains: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    """Ranks of arms that hit half of the time, each event by a chance of its own; `gains` shifts the chance."""
    draws = np.random.default_rng(0)
    chance = draws.uniform(0.3, 0.7, len(EVENTS))
    made: dict[str, NDArray[np.int64] | Ranks] = {"user": USER}
    for arm, gain in gains.items():
        for seed in range(seeds):
            hit = draws.random(len(EVENTS)) < chance + gain
            made[f"{arm}.{seed}"] = np.where(hit, 10.0, 150.0).astype(np.float32)
    return pd.DataFrame(made)


def slice_frame(
    ranks: pd.DataFrame, dataset: Dataset, events: NDArray[np.int64], experiment: Experiment
) -> pd.DataFrame:
    return frame_of(measured_of(ranks), dataset, events, experiment)


def in_words(frame: pd.DataFrame, arm: str) -> list[str]:
    return words_of(frame, arm, Recall(int(frame["k"].iloc[0]) if len(frame) else K))


NOTHING = np.zeros(len(EVENTS))


def chosen(kind: str, field: str, value: str) -> NDArray[np.bool_]:
    (found,) = [s.chosen for s in SLICES if (s.kind, s.field, s.value) == (kind, field, value)]
    return found


# masks


def plain_masks() -> dict[tuple[str, str, str], NDArray[np.bool_]]:
    """All slices, small ones too, by pandas."""
    end = DATA.bounds[0]
    items = len(DATA.items)
    counts = pd.Series(DATA.positive[:end]).value_counts().reindex(range(items), fill_value=0)
    place = counts.sort_values(ascending=False, kind="stable").index
    share = pd.Series(np.arange(items) / items, index=place).reindex(DATA.positive[EVENTS]).to_numpy()
    found = {}
    for name, low, high in (
        ("top 1%", 0, 0.01),
        ("next 9%", 0.01, 0.1),
        ("next 40%", 0.1, 0.5),
        ("least popular half", 0.5, 1),
    ):
        found["item popularity", "item popularity", name] = (low <= share) & (share < high)
    active = pd.Series(DATA.user[:end]).value_counts().reindex(np.unique(USER), fill_value=0)
    order = active.sort_values(kind="stable").index
    quarter = pd.Series(np.arange(len(order)) * 4 // len(order), index=order).reindex(USER).to_numpy()
    for at, name in enumerate(("least active quarter", "second quarter", "third quarter", "most active quarter")):
        found["user activity", "user activity", name] = quarter == at
    for kind, table, rows in (("query field", DATA.queries, EVENTS), ("item field", DATA.items, DATA.positive[EVENTS])):
        for at, field in enumerate(table.categories):
            words = pd.Series(field.values)[table.codes[rows, at]].to_numpy()
            for value in field.values:
                found[kind, field.label, value] = words == value
    return found


def test_masks_are_those_of_pandas() -> None:
    expected = {
        key: mask
        for key, mask in plain_masks().items()
        if ENOUGH_EVENTS <= mask.sum() < len(EVENTS) and len(set(USER[mask].tolist())) >= ENOUGH_USERS
    }
    found = {(str(s.kind), s.field, s.value): s.chosen for s in SLICES}
    assert found.keys() == expected.keys()
    for key, mask in expected.items():
        assert (found[key] == mask).all(), key
    assert {s.kind for s in SLICES} == {"item popularity", "query field", "item field"}  # 20 users a quarter


def test_quarters_of_activity_where_users_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH_USERS", 20)
    found = [s for s in slices_of(DATA, EVENTS) if s.kind == "user activity"]
    masks = plain_masks()
    assert [s.value for s in found] == [
        "least active quarter",
        "second quarter",
        "third quarter",
        "most active quarter",
    ]
    for s in found:
        assert (s.chosen == masks["user activity", "user activity", s.value]).all()
        assert len(np.unique(USER[s.chosen])) == 20
    assert np.sum([s.chosen for s in found], axis=0).tolist() == [1] * len(EVENTS)


def test_a_user_without_training_events_is_among_the_least_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH_USERS", 1)
    user = DATA.user.copy()
    user[EVENTS[:300]] = 10_000  # after all known users
    user[EVENTS[300:600]] = -1  # and before
    data = dataclasses.replace(DATA, user=user)
    (least,) = [s for s in slices_of(data, EVENTS) if s.value == "least active quarter"]
    assert least.chosen[:600].all()


def test_a_slice_of_everything_is_none() -> None:
    fields = (CategoryField("f", "Flat", ("(unknown)", "all")),)
    codes = np.ones((len(DATA.queries), 1), np.int32)
    queries = dataclasses.replace(DATA.queries, categories=fields, codes=codes)
    assert "Flat" not in {s.field for s in slices_of(dataclasses.replace(DATA, queries=queries), EVENTS)}


def test_too_few_events_or_users_are_no_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH_EVENTS", 600)
    assert min(s.chosen.sum() for s in slices_of(DATA, EVENTS)) >= 600
    monkeypatch.setattr(module, "ENOUGH_EVENTS", 200)
    monkeypatch.setattr(module, "ENOUGH_USERS", 80)
    found = slices_of(DATA, EVENTS)
    assert 0 < len(found) < len(SLICES)
    assert {len(np.unique(USER[s.chosen])) for s in found} == {80}


# differences


def test_a_slice_has_the_difference_of_its_events_by_user() -> None:
    ranks = columns(3, {"parallel": np.full(len(EVENTS), 0.1), "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment())
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == len(SLICES)
    for s, row in zip(SLICES, frame.to_dict("records"), strict=True):
        own = ranks[s.chosen]
        hits = (own.drop(columns="user") < K).groupby(own["user"]).mean()
        table = np.stack([hits[f"parallel.{i}"] - hits[f"sequential.{i}"] for i in range(3)])
        assert (row["kind"], row["field"], row["value"]) == (s.kind, s.field, s.value)
        assert (row["arm"], row["against"], row["k"], row["seeds"]) == ("parallel", "sequential", K, 3)
        assert (row["events"], row["users"]) == (len(own), own["user"].nunique())
        assert row["share"] == pytest.approx(len(own) / len(EVENTS))
        assert row["recall"] == pytest.approx(hits.filter(like="sequential").to_numpy().mean())
        assert row["difference"] == pytest.approx(table.mean())
        of_its_users = paired_interval(table[:, :, None], resamples=2000)  # other draws, the same law
        width = of_its_users.high[0] - of_its_users.low[0]
        assert row["high"] - row["low"] == pytest.approx(width, rel=0.15)
        assert row["low"] < row["difference"] < row["high"]
        rest = ranks[~s.chosen]
        outside = (rest.drop(columns="user") < K).groupby(rest["user"]).mean()
        elsewhere = np.mean([(outside[f"parallel.{i}"] - outside[f"sequential.{i}"]).mean() for i in range(3)])
        assert row["elsewhere"] == pytest.approx(elsewhere)


def test_a_gain_that_is_everywhere_alike_comes_from_nowhere() -> None:
    ranks = columns(4, {"parallel": NOTHING + 0.15, "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment(seeds=4))
    assert (frame["verdict"] == "better").sum() > len(frame) / 2
    assert (frame["contrast_adjusted"] > 0.05).all()
    said = told(frame, "parallel")
    assert said[0].startswith(f"None of {len(SLICES)} slices is detectably different from the rest")
    assert len(said) == 4


def test_the_contrast_claims_no_more_than_its_level() -> None:
    """400 worlds in which seeds and users vary and a slice of a third of each user's events is like the rest."""
    draws = np.random.default_rng(0)
    alarms = 0
    inside, outside = np.ones((40, 1), bool), np.ones((40, 1), bool)
    inside[:5] = outside[5:8] = False
    for _ in range(400):
        common = draws.normal(0, 1, (3, 1, 1)) + draws.normal(0, 1, (1, 40, 1))
        one, two = (common + draws.normal(0, 1, (3, 40, 1)) for _ in range(2))
        contrast = about(one, inside) - about(two, outside)
        alarms += paired_interval(contrast, resamples=1000).p[0] < 0.05
    assert alarms / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5


def test_one_family_a_kind_over_all_arms() -> None:
    ranks = columns(3, {"parallel": NOTHING + 0.15, "sequential": NOTHING, "deep_only": NOTHING - 0.02})
    frame = slice_frame(ranks, DATA, EVENTS, experiment("parallel", "sequential", "deep_only"))
    assert frame.groupby("arm", sort=False).size().to_dict() == {"parallel": len(SLICES), "deep_only": len(SLICES)}
    for _, family in frame.groupby("kind"):
        assert family["adjusted"].tolist() == holm(family["p"].to_numpy()).tolist()
        assert family["contrast_adjusted"].tolist() == holm(family["contrast_p"].to_numpy()).tolist()
        assert set(family["arm"]) == {"parallel", "deep_only"}
    expected = [outcome(d, p, 3) for d, p in zip(frame["difference"], frame["adjusted"], strict=True)]
    assert frame["verdict"].tolist() == expected


@pytest.mark.parametrize("kind", ["query field", "item field", "item popularity"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_slice_with_an_effect_is_found_and_named_first_and_none_without(kind: str, sign: int) -> None:
    """A gain in one slice, and as much lost outside of it that the whole stays even."""
    target = {
        "query field": ("Query field 2", "v3"),
        "item field": ("Item field 2", "v2"),
        "item popularity": ("item popularity", "least popular half"),
    }[kind]
    mask = chosen(kind, *target)
    share = mask.mean()
    gain = sign * np.where(mask, 0.25, -0.25 * share / (1 - share))
    ranks = columns(5, {"parallel": gain, "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment(seeds=5))
    said = told(frame, "parallel")
    (row,) = [r for r in frame.to_dict("records") if (r["kind"], r["field"], r["value"]) == (kind, *target)]
    assert row["verdict"] == ("better" if sign > 0 else "worse")
    assert row["difference"] == pytest.approx(sign * 0.25, abs=0.05)
    named = [one for one in said if one.startswith(f"{capital(target[0])} {target[1]}: ")]
    assert len(named) == 1
    assert f"{'+' if sign > 0 else '−'}{abs(100 * row['difference']):.2f} points of recall@100 [" in named[0]
    assert named[0].endswith(", which is detectably different.")
    assert np.sign(row["elsewhere"]) == -sign
    claimed = frame["verdict"].isin(["better", "worse"]).tolist()
    assert len(said) == min(3, (frame["contrast_adjusted"] <= 0.05).sum())
    for s, found, claim in zip(SLICES, frame["difference"], claimed, strict=True):
        own = s.chosen  # slices overlap: another has some of the gain, or of what was lost for it
        true = pd.Series(gain[own]).groupby(USER[own]).mean().mean()
        if claim:
            assert true * found > 0, s
        if abs(true) < 0.01:
            assert not claim, s


def test_two_arms_that_are_alike_differ_nowhere() -> None:
    ranks = columns(3, {"parallel": NOTHING, "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment())
    assert set(frame["verdict"]) == {"no detectable difference"}
    (said,) = told(frame, "parallel")
    assert said.startswith(f"In none of {len(SLICES)} slices are parallel and sequential detectably different")


# what is said


def test_buckets_of_popularity_and_activity_come_first_whatever_they_say() -> None:
    mask = chosen("item popularity", "item popularity", "least popular half")
    ranks = columns(5, {"parallel": np.where(mask, 0.25, 0.0), "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment(seeds=5))
    first = in_words(frame, "parallel")[0]
    own = frame[frame["kind"] == "item popularity"].to_dict("records")
    assert first.startswith("By item popularity, in points of recall@100: ")
    for row in own:
        stands = "∗" if row["verdict"] == "better" else ""
        assert f"{row['value']} {points(row['difference'])}{stands}" in first
    assert "∗" in first


def told(frame: pd.DataFrame, arm: str) -> list[str]:
    """What is said beside the buckets."""
    return [said for said in in_words(frame, arm) if not said.startswith("By ")]


def rows(*facts: tuple[str, float, str], seeds: int = 3, unlike: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "arm": "deep_only",
                "against": "cross_only",
                "k": 50,
                "kind": "query field",
                "field": "Age",
                "value": value,
                "share": 0.126,
                "difference": difference,
                "low": difference - 0.01,
                "high": difference + 0.02,
                "verdict": verdict,
                "seeds": seeds,
                "elsewhere": 0.01,
                "contrast_adjusted": unlike,
            }
            for value, difference, verdict in facts
        ]
    )


def test_the_largest_detectable_differences_are_named_largest_first() -> None:
    frame = rows(
        ("a", 0.02, "better"),
        ("b", -0.05, "worse"),
        ("c", 0.3, "no detectable difference"),
        ("d", 0.04, "better"),
        ("e", 0.03, "better"),
    )
    said = told(frame, "deep_only")
    assert said[0].startswith("None of 5 slices is detectably different from the rest")
    assert said[1:] == [
        "Age b: −5.00 points of recall@50 [−6.00, −3.00], 13% of the events. Elsewhere +1.00.",
        "Age d: +4.00 points of recall@50 [+3.00, +6.00], 13% of the events. Elsewhere +1.00.",
        "Age e: +3.00 points of recall@50 [+2.00, +5.00], 13% of the events. Elsewhere +1.00.",
    ]
    assert len(told(frame[:2], "deep_only")) == 3


def test_slices_unlike_the_rest_go_before_those_that_only_differ_from_zero() -> None:
    frame = pd.concat(
        [rows(("a", 0.2, "better")), rows(("b", 0.03, "no detectable difference"), unlike=0.01)], ignore_index=True
    )
    (said,) = told(frame, "deep_only")
    assert said.startswith("Age b: +3.00 points")
    assert said.endswith("Elsewhere +1.00, which is detectably different.")


def test_none_is_detectable() -> None:
    (said,) = told(rows(("a", 0.3, "no detectable difference")), "deep_only")
    assert said.startswith(
        "In the one slice that is large enough, deep only and cross only are not detectably different"
    )


def test_one_seed_says_so_whatever_it_found() -> None:
    ranks = columns(1, {"parallel": NOTHING + 0.3, "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment(seeds=1))
    assert set(frame["verdict"]) == {"too few seeds"}
    assert told(frame, "parallel") == ["One seed cannot say where a difference comes from: train at least three."]


def test_too_few_events_leave_an_empty_frame_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH_EVENTS", 10_000)
    ranks = columns(3, {"parallel": NOTHING, "sequential": NOTHING})
    frame = slice_frame(ranks, DATA, EVENTS, experiment())
    assert frame.empty
    assert list(frame.columns) == list(COLUMNS)
    assert told(frame, "parallel") == ["No part of the test events is large enough to say anything about."]


@pytest.mark.parametrize("missing", ["parallel", "sequential"])
def test_an_arm_without_a_result_has_no_slices(missing: str) -> None:
    ranks = columns(3, {"parallel": NOTHING, "sequential": NOTHING})
    frame = slice_frame(
        ranks.drop(columns=[name for name in ranks.columns if name.startswith(missing)]), DATA, EVENTS, experiment()
    )
    assert frame.empty
    assert list(frame.columns) == list(COLUMNS)


def test_only_seeds_that_both_arms_finished() -> None:
    ranks = columns(3, {"parallel": NOTHING, "sequential": NOTHING})
    both = slice_frame(
        ranks[["user", *(f"{a}.{s}" for a in ("parallel", "sequential") for s in (0, 2))]], DATA, EVENTS, experiment()
    )
    part = slice_frame(ranks.drop(columns="parallel.1"), DATA, EVENTS, experiment())
    pd.testing.assert_frame_equal(part, both)
    assert set(part["seeds"]) == {2}


def test_enough_resamples_that_a_kind_of_slices_can_be_told_from_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest p-value there is, times a family as large as that of the showcase (147), is no more than 5%."""
    monkeypatch.undo()
    assert 147 * 2 / (module.RESAMPLES + 1) <= 0.05
