"""The synthetic experiments: functions as the paper writes them, layers that hold them, trainings that get there."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from pdcn.cli import main
from pdcn.pages.findings.figures import synthetic_figure
from pdcn.research import synthetic, targets
from pdcn.research.fitting import Regression, fitted, least_squares
from pdcn.research.synthetic import NAME, answer, frame
from pdcn.research.targets import ENTRIES, TARGETS, Entry

TABLES = list(dict.fromkeys(entry.table for entry in ENTRIES))


def entry_of(target: str, model: str, layers: int = 1) -> Entry:
    (found,) = [entry for entry in ENTRIES if (entry.target, entry.model, entry.layers) == (target, model, layers)]
    return found


def test_functions_are_as_the_paper_writes_them() -> None:
    draws = np.random.default_rng(0)
    x = np.array([[0.5, -1.0, 0.25, 2.0]])
    assert TARGETS["f1"](draws)(x)[0] == pytest.approx(0.5**2 + 0.5 * -1 + 0.25 * 0.5 + 2 * 0.5)
    assert TARGETS["f2"](draws)(x[:, :3])[0] == pytest.approx(0.5**2 + 0.1 * 0.5 * -1 + -1 * 0.25 + 0.1 * 0.25**2)
    for name, width, counts in (
        ("f3", 100, {2: 100}),
        ("orders 1-4", 100, {2: 20, 3: 10, 4: 5}),
        ("order 3", 50, {3: 20}),
        ("order 4", 50, {4: 20}),
    ):
        target = TARGETS[name](draws)
        orders = [len(term) for term in target.terms]
        assert {order: orders.count(order) for order in orders} == counts
        assert len({*target.terms}) == len(target.terms) == len(target.coefficients)
        x = draws.uniform(-1, 1, (3, width))
        for row, value in zip(x, target(x), strict=True):
            said = sum(c * math.prod(row[i] for i in t) for c, t in zip(target.coefficients, target.terms, strict=True))
            if target.wave is not None:
                line = float(row @ target.wave)
                said += line + 0.1 * math.sin(2 * line + 0.1)
            assert value == pytest.approx(said, abs=1e-12)
    assert TARGETS["orders 1-4"](draws).noise == 0.01


def test_models_are_as_large_as_the_published_ones() -> None:
    """Theirs are rounded, and do not say which biases they have."""
    for entry in ENTRIES:
        if entry.published_size:
            width = TARGETS[entry.target](np.random.default_rng(0)).width
            own = sum(weight.numel() for weight in Regression(width, entry).parameters())
            size = float(entry.published_size.removesuffix("K")) * (1_000 if entry.published_size.endswith("K") else 1)
            assert own == pytest.approx(size, rel=0.025)


@pytest.mark.parametrize("model", ["DCN", "DCN-V2", "x0 * (W x)"])
def test_weights_set_by_hand_are_f1(model: str) -> None:
    """The first row reads all features; the bias takes away what the residual adds."""
    own = Regression(4, replace(entry_of("f1", "DCN"), model=model)).double()
    with torch.no_grad():
        for name, weight in own.named_parameters():
            bias = name.endswith(("b", "bias"))
            weight.fill_(-1 if bias else 0)
            if not bias:
                weight[0] = torch.eye(4)[0] if name == "head.weight" else 1
    x = np.random.default_rng(0).uniform(-1, 1, (100, 4))
    y = TARGETS["f1"](np.random.default_rng(0))(x)
    assert np.allclose(own(torch.from_numpy(x)).detach().numpy(), y, atol=1e-15)


def test_least_squares_solves_a_linear_problem_as_numpy_does() -> None:
    """Of features of very unlike size, and with errors that no weights take away."""
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=(200, 6)) * 10.0 ** np.arange(-2, 4), draws.normal(size=200)
    model = nn.Sequential(nn.Linear(6, 1, bias=False, dtype=torch.float64), nn.Flatten(0))
    least_squares(model, torch.from_numpy(x), torch.from_numpy(y))
    (weight,) = model.parameters()
    found = weight.detach().numpy()[0]
    assert found == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0], rel=1e-6)


@pytest.mark.parametrize("name", ["f1", "f2"])
def test_a_training_gets_to_the_last_digits(name: str) -> None:
    for seed in range(3):
        one = fitted(entry_of(name, "DCN-V2"), seed)
        assert one.rmse < 1e-10
        assert 0.3 < one.spread < 1


def test_a_training_finds_random_crosses_of_many_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """As f3, of 20 features: one matrix for each layer holds them, one vector does not."""

    def small(draws: np.random.Generator) -> targets.Target:
        return targets.Target(20, targets.drawn_terms(draws, 20, 2, 20), draws.normal(size=20))

    monkeypatch.setitem(TARGETS, "f3", small)
    assert fitted(entry_of("f3", "DCN-V2"), 0).rmse < 1e-6
    assert fitted(entry_of("f3", "DCN"), 0).rmse > 0.1


def test_a_training_comes_out_the_same_again_and_below_what_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdcn.research.fitting._plan", lambda entry: (100, 64, 0.01))
    entry = entry_of("orders 1-4", "DNN", 2)
    one, other = fitted(entry, 1), fitted(entry, 1)
    assert one.rmse == other.rmse < 0.9 * one.spread


def test_the_command_trains_every_cell_from_every_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(targets, "ENTRIES", [entry_of("f1", "DCN-V2"), entry_of("f2", "DCN")])
    monkeypatch.setattr(synthetic, "SEEDS", 2)
    assert main(["study", NAME, "--json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert record["command"] == f"python -m pdcn study {NAME}"
    assert [(row["target"], row["published"], len(row["rmse"])) for row in record["rows"]] == [
        ("f1", 5.1e-13, 2),
        ("f2", 0.1, 2),
    ]
    assert record["rows"][0]["rmse"][1] == pytest.approx(fitted(entry_of("f1", "DCN-V2"), 1).rmse, abs=1e-12)


def made_up(entries: list[Entry]) -> dict[str, Any]:
    rows = [
        {**vars(entry), "parameters": 9, "rmse": [0.1 * at, 0.3 * at], "spread": [1.0, 3.0], "seconds": [1.0, 1.0]}
        for at, entry in enumerate(entries, 1)
    ]
    return {"rows": rows}


def test_a_row_is_the_mean_over_seeds() -> None:
    rows = frame(made_up(ENTRIES[:2]))
    assert list(rows["rmse"]) == pytest.approx([0.2, 0.4])
    assert list(rows["low"]) == pytest.approx([0.1, 0.2])
    assert list(rows["high"]) == pytest.approx([0.3, 0.6])
    assert list(rows["spread"]) == [2.0, 2.0]


@pytest.mark.parametrize("table", TABLES)
def test_the_picture_has_what_was_found_beside_what_was_published(table: str) -> None:
    entries = [entry for entry in ENTRIES if entry.table == table]
    rows = frame(made_up(entries))
    figure = synthetic_figure(rows, key="test")
    drawn = sorted(y for trace in figure.data if "published" not in trace.name for y in trace.y)
    assert drawn == pytest.approx(sorted(rows["rmse"]))
    published = sorted(y for trace in figure.data if "published" in trace.name for y in trace.y)
    assert published == sorted(rows["published"].dropna())
    depth = rows["layers"].nunique() > 1 and table != TABLES[0]
    assert figure.layout.xaxis.title.text == ("layers" if depth else "function")
    assert (
        len({trace.name for trace in figure.data if trace.showlegend is not False})
        == pd.Series([trace.legendgroup for trace in figure.data]).nunique()
    )


def test_the_answer_says_what_the_rows_say() -> None:
    record = made_up(list(ENTRIES))
    first, second, third = answer(frame(record))
    mean = {(e.target, e.model, e.layers): 0.2 * at for at, e in enumerate(ENTRIES, 1)}
    assert f"functions of the second order by at most {mean['f3', 'DCN-V2', 1]:.1e} (published: 6.7e-07)" in first
    assert f"misses them by {mean['f1', 'DNN', 1]:.2g} or more" in first
    ours = [f"{mean['orders 1-4', 'DCN-V2', layers]:.3g}" for layers in range(1, 6)]
    assert f"miss by {', '.join(ours[:4])} and {ours[4]} (published: 0.143, 0.0289, 0.00982, 0.00987 and 0.0" in second
    bare = [f"{mean['order 3', 'x0 * (W x)', layers]:.3g}" for layers in range(1, 5)]
    assert f"without bias and residual miss by {', '.join(bare[:3])} and {bare[3]}" in third
