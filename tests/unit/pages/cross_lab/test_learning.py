"""Learning a polynomial: sizes that match, weights that are read rightly, and an analysis that needs no run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.cross_lab.figures.learned import errors_figure, weights_figure
from pdcn.pages.cross_lab.learn import paper
from pdcn.pages.cross_lab.learn import words as say
from pdcn.pages.cross_lab.learn.recipe import LEARN, place, settings_of
from pdcn.pages.cross_lab.page.learn import TYPED, deeper, far_apart
from pdcn.pages.cross_lab.polynomials import read, terms_of
from pdcn.pages.cross_lab.work import learning
from pdcn.pages.cross_lab.work import paper as paper_work
from pdcn.pages.cross_lab.work.learning import beside, coefficients, entries, target_of
from pdcn.research import fitting
from pdcn.research.findings import FOLDER
from pdcn.research.fitting import STEPS, Regression, fitted, least_squares, trained
from pdcn.research.synthetic import NAME, bundled_frame
from pdcn.research.targets import ENTRIES
from pdcn.runs import lease

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
    assert size["DNN"] == size["DCN-V2"]
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


keep = Analysis.keep_so_far


def test_what_is_there_so_far_is_read_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    analysis = Analysis.of(place(), LEARN, **settings_of(read("x1*x2")))
    rows = pd.DataFrame({"model": ["DCN"], "rmse": [0.5]})
    analysis.keep_so_far({"errors": rows})
    pd.testing.assert_frame_equal(Analysis.of(place(), LEARN, **settings_of(read("x2*x1"))).so_far["errors"], rows)
    assert not analysis.done
    analysis.keep({"errors": rows})
    assert analysis.so_far == {}


def test_only_the_newest_answers_are_kept_and_none_that_is_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    few = replace(LEARN, most=2)
    made = [Analysis.of(place(), few, **settings_of(read(f"{at}*x1*x2"))) for at in range(1, 6)]
    made[0].path.mkdir(parents=True)
    assert lease.hold(made[0].path)
    for at, analysis in enumerate(made[1:], 1):
        os.utime(made[0].path, (0, 0))
        analysis.keep({"errors": pd.DataFrame({"rmse": [0.1]})})
        os.utime(analysis.path, (at, at))
    lease.release(made[0].path)
    assert [analysis.path.is_dir() for analysis in made] == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([1e-15, 1e-6, 1e-4], say.DEEPER(deeper="2 layers", fewer="1 layer", steps=STEPS)),
        ([0.1, 1e-6, 1e-4], say.DEEPER(deeper="3 layers", fewer="2 layers", steps=STEPS)),
        ([1e-15, 1e-14, 1e-13], ""),
        ([0.1, 0.01, 1e-12], ""),
    ],
)
def test_it_is_said_where_more_layers_err_more(errors: list[float], said: str) -> None:
    rows = pd.DataFrame({"model": "DCN-V2", "layers": [1, 2, 3], "rmse": errors})
    assert deeper(rows) == said


def test_more_layers_hold_what_fewer_hold_and_err_more_since_the_solver_stops_early() -> None:
    """As the page says it: a second layer of zeros passes the first one's output on, and further steps still help."""
    target = target_of(terms_of(read(TYPED["f2"])))
    one, two = (next(e for e in entries(3) if (e.model, e.layers) == ("DCN-V2", at)) for at in (1, 2))
    first, found = trained(one, target, np.random.default_rng(0), 0)
    assert found.rmse < 1e-12
    both = Regression(3, two).double()
    kept = first.state_dict()
    zero = {name: torch.zeros_like(weight) for name, weight in both.state_dict().items() if name not in kept}
    both.load_state_dict({**kept, **zero})
    x = torch.rand(9, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(both(x), first(x))
    model, error = trained(two, target, np.random.default_rng(0), 0)
    assert error.rmse > 1e-8
    x = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (1_000, 3)))
    y = torch.from_numpy(target(x.numpy()))
    before = (model(x) - y).detach().square().mean().sqrt()
    least_squares(model, x, y)
    assert (model(x) - y).detach().square().mean().sqrt() < before / 3


def test_it_is_worked_out_without_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr(learning, "PLANS", QUICK)
    monkeypatch.setattr(learning, "DEPTHS", (1,))
    analysis = Analysis.of(place(), LEARN, **settings_of(read("x1*x2 + 0.5*x2^2 - 2*x3")))
    seen: list[int] = []

    def kept(analysis: Analysis, tables: Mapping[str, pd.DataFrame]) -> None:
        seen.append(len(tables["errors"]))
        keep(analysis, tables)

    monkeypatch.setattr(Analysis, "keep_so_far", kept)
    told: list[str] = []
    assert work_out(analysis, lambda share, phase: told.append(phase)).state == "done"
    assert told
    assert seen == [1, 2, 3, 4]  # after each training, and none when it is done
    assert analysis.so_far == {}
    frames = analysis.tables
    assert frames is not None
    errors, weights = frames["errors"].set_index("model")["rmse"].to_dict(), frames["weights"]
    assert errors["DCN-V2"] < 1e-8
    assert errors["DNN"] > 1e-3
    assert weights["learned"].to_numpy() == pytest.approx(weights["true"].to_numpy(), abs=1e-7)
    assert json.loads(settings_of(read("x2*x1"))["terms"]) == [[1.0, [0, 1]]]
    assert settings_of(read("x1x2 + x1")) == settings_of(read("x1 + x2*x1"))


def test_a_function_of_the_paper_is_trained_as_the_study_trains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function, draws and weights as its first seed."""
    asked = [entry for entry in paper.entries("f3") if (entry.model, entry.layers) == ("DCN", 1)]
    monkeypatch.setattr(paper_work, "entries", lambda function: asked)
    monkeypatch.setattr(paper_work, "seconds", lambda function: (1.0,))
    monkeypatch.setattr(fitting, "least_squares", partial(fitting.least_squares, steps=2, products=5))
    (study,) = [entry for entry in ENTRIES if (entry.target, entry.model, entry.layers) == ("f3", "DCN", 1)]
    row = paper_work.inspect(None, {"function": "f3"}, lambda *_: None)["errors"].iloc[0]
    assert (row["rmse"], row["spread"]) == (fitted(study, 0).rmse, fitted(study, 0).spread)


def test_how_long_a_training_takes_is_read_from_the_study() -> None:
    record = json.loads((FOLDER / f"{NAME}.json").read_text(encoding="utf-8"))
    took = {(row["target"], row["model"], row["layers"]): np.mean(row["seconds"]) for row in record["rows"]}
    for function in paper.FUNCTIONS:
        told = dict(zip(paper.entries(function), paper.seconds(function), strict=True))
        for entry, seconds in told.items():
            key = (function, entry.model, entry.layers)
            assert seconds == pytest.approx(took[key]) if key in took else seconds > 0
    known = {(entry.model, entry.layers): seconds for entry, seconds in told.items()}
    assert known["DCN", 2] == pytest.approx(took["orders 1-4", "DCN-V2", 2])  # trained by Adam as that is
    assert known["DNN, large", 1] == pytest.approx(took["f3", "DNN, large", 3] / 3)


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
    rows = made_up()
    alike = rows[rows["model"] == "DNN"]
    assert errors_figure(alike, key="k").layout.yaxis.ticktext == ("0.1", "0.2", "0.5")  # less than a power of ten


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
