"""To add a crossing: write its layer (`pdcn.nn.cross.CrossLayer`) and name it in `pdcn/crossings.py`.

Nothing else is touched: here two crossings are added from outside, one of which has no matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import Network
from pdcn.crossings import CROSSINGS, Crossing
from pdcn.dials import assemble, dials
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.jobs.worker import carry_out
from pdcn.nn.cross import CrossLayer
from pdcn.nn.model import cost
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.pages.crosses.work.weights import cross_layers
from pdcn.pages.embeddings import SPACE
from pdcn.pages.inside import INSIDE
from pdcn.pages.latency import LATENCY
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from tests.app.app_help import charts, open_app, texts
from tests.app.test_latency_page import TINY


class DampedCross(CrossLayer):
    """x0 * (W xl + b) * sigmoid(G xl) + xl."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.W, self.G = nn.Linear(width, width), nn.Linear(width, width, bias=False)

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> DampedCross:
        """As wide as x0."""
        return cls(sum(fields))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""
        return cast(Tensor, x0 * self.W(xl) * torch.sigmoid(self.G(xl)) + xl)

    def matrix(self, xl: Tensor) -> Tensor:
        """W, each row weighed with the mean of its gate."""
        return torch.sigmoid(self.G(xl)).mean(0)[:, None] * self.W.weight


class FieldMixing(CrossLayer):
    """Self-attention over the categorical fields, each a token; numbers pass on as they are. It has no matrix."""

    def __init__(self, fields: tuple[int, ...]) -> None:
        super().__init__()
        self.tokens, self.size = sum(width == fields[0] for width in fields), fields[0]
        self.key, self.value = (nn.Linear(self.size, self.size, bias=False) for _ in range(2))

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> FieldMixing:
        """Over fields that are as wide as the first."""
        return cls(fields)

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""
        width = self.tokens * self.size
        seen = xl[:, :width].reshape(len(xl), self.tokens, self.size)
        score = seen @ self.key(seen).mT / math.sqrt(self.size)  # (B, F, F)
        mixed = (score.softmax(-1) @ self.value(seen)).reshape(len(xl), width)
        return torch.cat((xl[:, :width] + mixed, xl[:, width:]), -1)

    def flops(self) -> int:
        """Keys, values, scores and mixing: its matrices are used once for each field."""
        return 2 * self.tokens * self.size * (2 * self.size + 2 * self.tokens)


UNSEEN = "Attention weighs fields anew in every example, so it has no one matrix to show."
ADDED = {
    "damped": Crossing("a gate on each position", DampedCross, summary="Of a gated cross it is W times its mean gate."),
    "mixing": Crossing("self-attention over fields", FieldMixing, unseen=UNSEEN),
}
every_crossing = pytest.mark.parametrize("name", ADDED)


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, crossing in ADDED.items():
        monkeypatch.setitem(CROSSINGS, name, crossing)


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunFolder]]:
    """A small study of each, matched on FLOPs."""
    with pytest.MonkeyPatch.context() as patch:
        found = {}
        for name, crossing in ADDED.items():
            patch.setitem(CROSSINGS, name, crossing)
            patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp(name)))
            store = Store()
            found[name] = store.create(assemble(asked(name)), "cpu", own=True)
            assert carry_out(store, found[name]).state == "done"
        yield found


def asked(name: str) -> dict[str, Any]:
    small = {"events": 3_000, "items": 150, "users": 100, "fields": 3, "values": 6, "batch": 128, "epochs": 2}
    return {"data": "planted", **small, "seeds": 2, "deep": (48,), "match": "flops", "cross": name}


def test_it_is_a_choice_of_the_dial() -> None:
    (cross,) = (dial for dial in dials() if dial.key == "cross")
    assert {*ADDED} <= {*cross.choices}
    assert "mixing: self-attention over fields" in cross.help
    assert cross.parse("damped") == "damped"
    with pytest.raises(
        SettingError,
        match="one of full, low_rank, mixture, dcn_v1, gated, attention, masked, exponential, damped, mixing",
    ):
        cross.parse("lattice")


@every_crossing
def test_its_cost_is_exact(name: str, raced: dict[str, RunFolder]) -> None:
    opened = TrainedRun(raced[name])
    data, experiment = opened.data, opened.experiment
    model = TwoTower(data.dataset.queries, data.dataset.items, experiment, "parallel")
    own = cost(model)
    assert own.total == sum(weight.numel() for weight in model.parameters())
    with FlopCounterMode(display=False) as counter:
        model.query(*data.queries[slice(0, 5)])
        model.item(*data.items[slice(0, 5)])
    assert counter.get_total_flops() == 5 * own.flops


@every_crossing
def test_it_is_matched_and_judged(name: str, raced: dict[str, RunFolder]) -> None:
    result = raced[name].whole_result()
    assert result is not None
    assert all(result["match"]["met"].values())
    assert "95% interval" in result["verdict"]


@every_crossing
def test_taking_a_field_away_is_what_the_layer_says(name: str, raced: dict[str, RunFolder]) -> None:
    opened = TrainedRun(raced[name])
    tower = opened.model("parallel", 0).query
    layer = cast(CrossLayer, tower.wiring.crosses()[0].layers[0])
    x0 = tower.x0(*opened.data.queries[slice(0, 20)])
    read, write = slice(0, 8), slice(8, 16)
    without = x0.clone()
    without[:, read] = 0
    lost = (layer(x0, x0) - x0) - (layer(x0, without) - without)
    torch.testing.assert_close(layer.term(x0, x0, layer(x0, x0), x0[:, read], write, read), lost[:, write])
    assert len(list(cross_layers(tower, x0))) == (2 if name == "damped" else 0)


@every_crossing
def test_every_page_shows_it_or_says_why_not(
    name: str, raced: dict[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = raced[name]
    monkeypatch.setenv("PDCN_HOME", str(folder.path.parents[1]))
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", work_out)
    for recipe in (CROSSES, IMPORTANCE, INSIDE, SPACE, replace(LATENCY, settings={**LATENCY.settings, **TINY})):
        assert work_out(Analysis.of(folder, recipe)).state == "done", recipe.name
    for page in ("", "crosses", "embeddings", "inside", "retrieve", "latency"):
        at = open_app(page, run=folder.run) if page else open_app(run=folder.run)
        assert not at.exception, page
        assert not at.error, page
        if page == "crosses":
            assert (UNSEEN in texts(at)) == (name == "mixing")
            assert ("Were the planted crosses found?" in texts(at)) == (name == "damped")
    drops = Analysis.of(folder, IMPORTANCE).tables["drops"]  # type: ignore[index]
    assert {*drops["measure"]} == {"ablation", "permutation"}  # what a pair is worth needs no matrix
    cuts = Analysis.of(folder, IMPORTANCE).tables["cuts"]  # type: ignore[index]
    assert cuts.empty  # no one W, so nothing to cut to a rank


def test_one_tower_without_a_matrix_is_said_beside_the_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", work_out)
    store = Store()
    folder = store.create(assemble({**asked("damped"), "item_cross": "mixing", "match": "none"}), "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    at = open_app("crosses", run=folder.run)
    assert not at.exception
    assert f"The item tower: {UNSEEN}" in texts(at)
    assert "The query tower:" not in texts(at)
    assert "cross-map-parallel-query" in charts(at)
