"""A probe finds a field that is there, does not find one that is not, and computes what libraries compute."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge

from pdcn.evaluation.taps import taps
from pdcn.pages.inside.work.probes import NEVER, Field, Fitted, crossed, fields_of, judged_fields, probe, third_by
from tests.unit.pages.analysis_help import small_data, small_model

N = 1_500
DRAWS = np.random.default_rng(11)
USER = DRAWS.integers(120, size=N)


def category(codes: np.ndarray, name: str = "f") -> Field:
    return Field(name, name.upper(), "category", int(codes.max()) + 1, codes.astype(np.int64))


def number(values: np.ndarray, name: str = "n") -> Field:
    return Field(name, name.upper(), "number", 0, values)


def score(layer: np.ndarray, field: Field, fold: np.ndarray | None = None) -> float:
    asked, left_out = judged_fields([field], {"by event": third_by(np.arange(len(layer))) if fold is None else fold})
    assert not left_out
    return float(probe(layer, asked)["score"].iloc[0])


def layer_of(*parts: np.ndarray) -> np.ndarray:
    """Columns side by side, turned so that no column is a field by itself."""
    layer = np.concatenate(parts, axis=1)
    turn, _ = np.linalg.qr(DRAWS.normal(size=(layer.shape[1],) * 2))
    return np.asarray(layer @ turn)


AGE, SHOP = DRAWS.integers(5, size=N), DRAWS.integers(150, size=N)
SPENT = DRAWS.normal(size=N)
AGES, SHOPS = DRAWS.normal(size=(5, 4)), DRAWS.normal(size=(150, 8))
NOISE = DRAWS.normal(size=(N, 6))
WHOLE = layer_of(AGES[AGE], SHOPS[SHOP], SPENT[:, None], NOISE)
WITHOUT = layer_of(NOISE, SPENT[:, None])


def test_a_field_that_is_there_is_found_and_one_that_is_not_is_not() -> None:
    assert score(WHOLE, category(AGE)) > 0.99
    assert abs(score(WITHOUT, category(AGE))) < 0.1
    assert score(WHOLE, number(SPENT)) > 0.99
    assert abs(score(layer_of(NOISE, AGES[AGE]), number(SPENT))) < 0.05


def test_a_field_of_many_values_is_read_from_a_few_columns() -> None:
    assert score(WHOLE, category(SHOP)) > 0.95  # 150 values, 8 columns
    assert abs(score(WITHOUT, category(SHOP))) < 0.05


def test_half_of_a_field_is_in_between() -> None:
    merged = AGES[np.where(AGE > 2, 2, AGE)]  # three of the five values look alike
    assert 0.2 < score(layer_of(merged, NOISE), category(AGE)) < 0.8
    assert score(layer_of((SPENT + DRAWS.normal(size=N))[:, None], NOISE), number(SPENT)) == pytest.approx(0.5, abs=0.1)


def test_a_lopsided_field_does_not_look_kept() -> None:
    rare = (DRAWS.random(N) < 0.1).astype(np.int64)
    asked, _ = judged_fields([category(rare)], {"by event": third_by(np.arange(N))})
    (row,) = probe(WITHOUT, asked).to_dict("records")
    assert row["majority"] > 0.85  # the accuracy that saying "no" has
    assert abs(row["score"]) < 0.1
    assert score(layer_of(rare[:, None].astype(float), NOISE), category(rare)) > 0.95


def test_nothing_is_learned_by_heart() -> None:
    wide = DRAWS.normal(size=(N, 400))
    assert score(wide, category(AGE)) < 0.1
    assert score(wide, number(SPENT)) < 0.1


def test_the_discriminant_is_the_likeliest_gaussian() -> None:
    learn, judge = np.arange(N) % 3 != 0, np.arange(N) % 3 == 0
    noisy = WHOLE + DRAWS.normal(size=WHOLE.shape) * 2
    fit = Fitted.of(noisy[learn])
    z, ages = (noisy[learn] - noisy[learn].mean(0)) / noisy[learn].std(0), AGE[learn]
    means = np.array([z[ages == v].mean(0) for v in range(5)])
    within = sum(np.cov(z[ages == v].T, bias=True) * (ages == v).sum() for v in range(5)) / len(z)
    within += np.eye(z.shape[1]) * z.shape[1] / len(z)
    other = (noisy[judge] - noisy[learn].mean(0)) / noisy[learn].std(0)
    density = [multivariate_normal(means[v], within).logpdf(other) + np.log((ages == v).mean()) for v in range(5)]
    assert np.array_equal(fit.category(ages, fit.scaled(noisy[judge])), np.argmax(density, axis=0))


def test_the_ridge_is_that_of_scikit_learn() -> None:
    learn, judge = slice(0, 1_000), slice(1_000, N)
    fit, target = Fitted.of(WITHOUT[learn]), SPENT[learn] + NOISE[learn, 0]
    z = (WITHOUT - WITHOUT[learn].mean(0)) / WITHOUT[learn].std(0)
    ridge = Ridge(alpha=WITHOUT.shape[1]).fit(z[learn], target)  # penalty w / n of a mean is w of a sum
    np.testing.assert_allclose(fit.number(target, fit.scaled(WITHOUT[judge])), ridge.predict(z[judge]), atol=1e-9)


def test_scores_are_those_of_the_formulas() -> None:
    fold = third_by(np.arange(N))
    noisy = WHOLE + DRAWS.normal(size=WHOLE.shape)
    asked, _ = judged_fields([category(AGE, "age"), number(SPENT, "spent")], {"by event": fold})
    age, spent = probe(noisy, asked).to_dict("records")
    learn, judge = fold == NEVER, fold == 0
    fit = Fitted.of(noisy[learn])
    right = (fit.category(AGE[learn], fit.scaled(noisy[judge])) == AGE[judge]).mean()
    commonest = (AGE[judge] == np.bincount(AGE[learn]).argmax()).mean()
    assert age["score"] == pytest.approx((right - commonest) / (1 - commonest))
    error = ((fit.number(SPENT[learn], fit.scaled(noisy[judge])) - SPENT[judge]) ** 2).sum()
    assert spent["score"] == pytest.approx(1 - error / ((SPENT[judge] - SPENT[learn].mean()) ** 2).sum())
    assert (age["rows"], age["label"], age["split"]) == (judge.sum(), "AGE", "by event")


def test_a_dead_column_is_no_trouble() -> None:
    layer = np.concatenate([WHOLE, np.full((N, 2), 3.0)], axis=1)
    assert score(layer, category(AGE)) > 0.99
    assert score(np.ones((N, 3)), category(AGE)) == 0


def test_folds_hold_out_whole_groups_and_judge_each_item_once() -> None:
    fold = third_by(USER)
    assert set(fold) == {NEVER, 0}
    assert not set(USER[fold == 0]) & set(USER[fold == NEVER])
    assert len(set(USER[fold == 0])) == len(set(USER)) // 3
    assert np.bincount(crossed(103)).tolist() == [21, 21, 21, 20, 20]


def test_cross_validation_judges_every_row_once() -> None:
    asked, _ = judged_fields([category(AGE)], {"items": crossed(N)})
    (row,) = probe(WHOLE, asked).to_dict("records")
    assert row["rows"] == N
    assert row["score"] > 0.99


def test_each_field_gets_the_strictest_split_that_can_judge_it() -> None:
    fields = [
        category(USER, "household"),
        category(AGE, "age"),
        category(np.arange(N), "product"),
        category(np.zeros(N), "same"),
        category((np.arange(N) < 40).astype(np.int64), "hardly"),
        number(SPENT, "spent"),
    ]
    asked, left_out = judged_fields(fields, {"users": third_by(USER), "events": third_by(np.arange(N))})
    assert {q.field.name: q.split for q in asked} == {"household": "events", "age": "users", "spent": "users"}
    assert left_out.keys() == {"PRODUCT", "SAME", "HARDLY"}
    assert "hardly come twice" in left_out["PRODUCT"]
    assert "does not vary" in left_out["SAME"]
    assert "fewer than 30" in left_out["HARDLY"]


def test_values_never_met_are_not_counted() -> None:
    fold = third_by(np.arange(N))
    shop = np.where(fold == 0, SHOP + 50, SHOP)  # a third of the judged values is new
    asked, _ = judged_fields([category(shop)], {"by event": fold})
    met = (fold == 0) & np.isin(shop, shop[fold == NEVER])
    assert 0 < met.sum() < (fold == 0).sum()
    assert np.array_equal(asked[0].judged, met)
    assert probe(WHOLE, asked)["rows"].iloc[0] == met.sum()
    assert not judged_fields([category(np.where(fold == 0, SHOP + 150, SHOP))], {"by event": fold})[0]


def test_a_tower_keeps_every_field_in_x0_and_loses_one_whose_columns_are_taken() -> None:
    data = small_data()
    rows = np.tile(np.arange(60), 12)  # so that there are enough rows to judge
    fields = fields_of(data.dataset.queries, rows)
    assert [f.kind for f in fields] == ["category"] * 3 + ["number"] * 2
    x0 = taps(small_model(data).query, data.queries)["embedding"][rows]
    fold = third_by(DRAWS.integers(200, size=len(rows)))
    asked, _ = judged_fields(fields, {"by event": fold})
    assert (probe(x0, asked)["score"] > 0.9).all()
    lone = DRAWS.integers(3, size=len(rows))  # a field that the tower never saw
    assert abs(score(x0, category(lone), fold)) < 0.15
