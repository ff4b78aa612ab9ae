"""Learning a polynomial: sizes that match, weights that are read rightly, and an analysis that needs no run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.cross_lab.figures.learned import errors_figure, weights_figure
from pdcn.pages.cross_lab.learn.recipe import LEARN, place, settings_of
from pdcn.pages.cross_lab.page.learn import far_apart
from pdcn.pages.cross_lab.polynomials import read, terms_of
from pdcn.pages.cross_lab.work import learning
from pdcn.pages.cross_lab.work.learning import as_wide, beside, coefficients, entries, target_of
from pdcn.research.fitting import Regression
from pdcn.research.synthetic import bundled_frame

QUICK = {"DNN": (60, 32, 0.01), "DNN, large": (60, 32, 0.003)}


def test_the_function_that_is_trained_on_is_the_one_that_was_typed() -> None:
    target = target_of(terms_of(read("2*x1*x2 + x3^2 - 0.5*x1")))
    x = np.random.default_rng(0).uniform(-1, 1, (9, 3))
    assert target.width == 3
    assert target(x) == pytest.approx(2 * x[:, 0] * x[:, 1] + x[:, 2] ** 2 - 0.5 * x[:, 0])
    assert target_of(terms_of(read("x1"))).width == 2


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("width", [2, 4, 6])
def test_the_small_mlp_is_as_large_as_dcn_v2(width: int, layers: int) -> None:
    own = {entry.model: entry for entry in entries(width) if entry.layers == layers}
    size = {name: sum(one.numel() for one in Regression(width, entry).parameters()) for name, entry in own.items()}
    assert size["DNN"] == pytest.approx(size["DCN-V2"], rel=0.35)  # whole widths come no nearer than this
    assert abs(size["DNN"] - size["DCN-V2"]) <= (layers * 2 * as_wide(width, layers) + width + 2) / 2
    assert size["DNN, large"] > 10 * size["DNN"]


def test_coefficients_on_paper() -> None:
    """Head 2, 1; W [[1, 3], [5, 0]]; b -1, 0: 2 x1^2 + (2 * 3 + 1 * 5) x1 x2, and 0 x1 + 1 x2."""
    target = target_of(terms_of(read("2*x1^2 + 11*x1*x2 + x2")))
    entry = next(entry for entry in entries(2) if entry.model == "DCN-V2")
    model = Regression(2, entry).double()
    layer = cast(Any, model.network).layers[0]
    with torch.no_grad():
        model.head.weight.copy_(torch.tensor([[2.0, 1.0]]))
        layer.W.weight.copy_(torch.tensor([[1.0, 3.0], [5.0, 0.0]]))
        layer.W.bias.copy_(torch.tensor([-1.0, 0.0]))
    rows = beside(model, target)
    assert rows["learned"].tolist() == rows["true"].tolist() == [0, 1, 2, 11, 0]
    x = np.random.default_rng(0).uniform(-1, 1, (9, 2))
    assert model(torch.from_numpy(x)).detach().numpy() == pytest.approx(target(x))
    assert coefficients(model)[0].tolist() == [[2, 6], [5, 0]]


def test_it_is_worked_out_without_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr(learning, "PLANS", QUICK)
    monkeypatch.setattr(learning, "DEPTHS", (1,))
    analysis = Analysis.of(place(), LEARN, **settings_of(read("x1*x2 + 0.5*x2^2 - 2*x3")))
    told: list[str] = []
    assert work_out(analysis, lambda share, phase: told.append(phase)).state == "done"
    assert told
    frames = analysis.tables
    assert frames is not None
    errors, weights = frames["errors"].set_index("model")["rmse"].to_dict(), frames["weights"]
    assert errors["DCN-V2"] < 1e-8
    assert errors["DNN"] > 1e-3
    assert weights["learned"].to_numpy() == pytest.approx(weights["true"].to_numpy(), abs=1e-7)
    assert json.loads(settings_of(read("x2*x1"))["terms"]) == [[1.0, [0, 1]]]
    assert settings_of(read("x1x2 + x1")) == settings_of(read("x1 + x2*x1"))


def made_up() -> pd.DataFrame:
    rows = [("DCN-V2", 1, 1e-15, 1e-6), ("DCN-V2", 2, 0.02, 0.03), ("DNN", 1, 0.1, 0.005), ("DNN", 2, 0.2, None)]
    return pd.DataFrame(
        [{"model": m, "layers": n, "rmse": e, "published": p, "spread": 0.5, "parameters": 9} for m, n, e, p in rows]
    )


def test_the_figure_of_errors_has_a_line_a_model_and_what_was_published() -> None:
    figure = errors_figure(made_up(), key="k")
    assert [trace.name for trace in figure.data] == [
        "DCN-V2",
        "DCN-V2, published",
        "MLP of the same size",
        "MLP of the same size, published",
    ]
    assert list(figure.data[2].y) == [0.1, 0.2]
    assert figure.layout.yaxis.type == "log"
    dashes = [trace.line.dash for trace in figure.data if trace.mode == "lines+markers"]
    assert len({*dashes}) == len(dashes)


def test_who_is_far_from_the_paper() -> None:
    found = far_apart(made_up())
    assert [*zip(found["model"], found["layers"], strict=True)] == [("DCN-V2", 1), ("DNN", 1)]
    rows = bundled_frame()
    assert rows is not None
    of_f3 = far_apart(rows[rows["target"] == "f3"])
    assert [*of_f3["model"]] == ["DCN-V2"]


def test_true_and_learned_weights_are_beside_each_other_on_one_scale() -> None:
    rows = pd.DataFrame({"one": [0, 1, 0, 0, 1], "other": [-1, -1, 0, 1, 1], "true": [0, 1, 2, 11, 0.0]})
    assert len(weights_figure(rows, text="#000", key="k").data) == 1
    figure = weights_figure(rows.assign(learned=[-1e-15, 1, 2, 12, 0.104]), text="#000", key="k")
    true, learned = figure.data
    assert true.zmax == learned.zmax == -true.zmin == 12
    assert list(learned.text[0]) == ["0", "2", "12"]
    assert list(learned.text[1]) == ["1", "", "0.1"]
