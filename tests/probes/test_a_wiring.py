"""To add a wiring, describe it in `pdcn/wirings.py`: its parts, what each reads, its branches, what joins them.

Nothing else is touched: here two wirings are added from outside, and go through everything that reads one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.evaluation.sides import rows_of
from pdcn.evaluation.taps import points_of, taps
from pdcn.jobs.analyst import work_out
from pdcn.jobs.worker import carry_out
from pdcn.nn.model import cost, initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.inside.work.branches import branch_means, branch_outputs, changed, changes_of, contributions
from pdcn.pages.latency.work.forms import Fused, TwoThreads, parts
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.shell.figures.theme import ink
from pdcn.wirings import WIRINGS, Ink, Part, Wiring
from pdcn.words import spoken
from tests.app.app_help import button, charts, open_app, texts

ADDED = {
    "two_crosses": Wiring(
        "two cross networks beside a deep one",
        {"cross": Part("cross"), "second": Part("cross"), "deep": Part("deep")},
        {"cross": "cross", "second": "second", "deep": "deep"},
        "concat",
        Ink("#123456", "dot", "star"),
    ),
    "skipping": Wiring(
        "cross, then deep, and x0 straight to the head",
        {"cross": Part("cross"), "deep": Part("deep", "cross")},
        {"deep": "deep", "x0": "x0"},
        "concat",
        Ink("#654321", "dash", "cross"),
    ),
}
every_wiring = pytest.mark.parametrize("name", ADDED)


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wiring in ADDED.items():
        monkeypatch.setitem(WIRINGS, name, wiring)


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """Both raced against sequential at equal parameters, through a whole study."""
    with pytest.MonkeyPatch.context() as patch:
        for name, wiring in ADDED.items():
            patch.setitem(WIRINGS, name, wiring)
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        store = Store()
        folder = store.create(asked(), "cpu", own=True)
        assert carry_out(store, folder).state == "done"
        yield folder


def asked() -> Experiment:
    small = {"events": 4_000, "items": 200, "users": 300, "fields": 3, "values": 6, "batch": 128, "epochs": 2}
    towers = {"embedding": 4, "deep": (48,), "output": 8, "evaluations": 2, "seeds": 2}
    return assemble({"data": "planted", **small, **towers, "arms": (*ADDED, "sequential")})


@every_wiring
def test_its_cost_is_exact(name: str, raced: RunFolder) -> None:
    data = TrainedRun(raced).data
    model = TwoTower(data.dataset.queries, data.dataset.items, asked(), name)
    initialise(model, 0, 0.1)
    own = cost(model)
    assert own.total == sum(weight.numel() for weight in model.parameters())
    with FlopCounterMode(display=False) as counter:
        model.query(*data.queries[slice(0, 5)])
        model.item(*data.items[slice(0, 5)])
    assert counter.get_total_flops() == 5 * own.flops


@every_wiring
def test_it_is_matched_trained_and_judged(name: str, raced: RunFolder) -> None:
    result = raced.whole_result()
    assert result is not None
    assert result["match"]["met"][name]
    compared = [row for row in result["comparison"] if row["arm"] == name and row["k"] == 100]
    assert compared
    assert all(row["low"] < row["difference"] < row["high"] for row in compared)
    drawn = raced.towers[name]["plan"]["query"] if raced.towers else {}
    assert len(drawn["branches"]) == len(ADDED[name].branches)
    assert drawn["join"]["name"] == "Concat"


@every_wiring
def test_it_can_be_looked_into(name: str, raced: RunFolder) -> None:
    opened = TrainedRun(raced)
    model, data = opened.model(name, 0), opened.data
    tower, events = model.query, np.arange(50)
    rows, index = rows_of(data, "query", events)
    layers = taps(tower, rows, index)
    points = points_of(tower.plan())
    assert len({point.name for point in points}) == len(points)
    assert {point.key: layers[point.key].shape for point in points} == {p.key: (50, p.width) for p in points}
    (outputs,) = branch_outputs(tower, rows, index)
    assert list(outputs) == list(ADDED[name].branches)
    first = tower.hidden.first() if len(tower.hidden.linears) else tower.head
    whole = torch.from_numpy(layers["join"]).double() @ first.weight.T.double()
    found = torch.stack(list(contributions(tower, rows, index).values())).sum(0)
    torch.testing.assert_close(found, whole - whole.mean(0), atol=1e-5, rtol=0)
    means, intact = branch_means(model, data, events), tower(*rows[index])
    assert len(changes_of(tower)) == len(outputs) + 1
    for change in changes_of(tower):
        with changed(model, change, means, ["query"]):
            assert (tower(*rows[index]) - intact).abs().max() > 1e-4, change
    torch.testing.assert_close(tower(*rows[index]), intact)


@every_wiring
def test_it_is_served_in_every_form(name: str, raced: RunFolder) -> None:
    opened = TrainedRun(raced)
    tower = opened.model(name, 0).query
    with torch.inference_mode():
        x0 = tower.x0(*opened.data.queries[slice(0, 33)])
        plain = tower.above(x0)
        alone = parts(tower, x0)
        assert {*alone} == {branch for branch in ADDED[name].branches if branch != "x0"} | {"join", "head"}
        torch.testing.assert_close(alone["head"](x0), plain)
        assert torch.equal(TwoThreads(tower)(x0), plain)
        assert Fused.fits(tower) == (name == "two_crosses")
        if Fused.fits(tower):
            torch.testing.assert_close(Fused(tower)(x0), plain, atol=1e-5, rtol=0)


def test_pages_show_it_by_name_and_colour(raced: RunFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PDCN_HOME", str(raced.path.parents[1]))
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", work_out)
    compare = open_app(run=raced.run)
    assert all(spoken(name) in texts(compare) for name in ADDED)
    pages = {page: open_app(page, run=raced.run) for page in ("inside", "crosses", "embeddings", "retrieve", "latency")}
    for page, at in (("compare", compare), *pages.items()):
        assert not at.exception, page
        assert not at.error, page
    inside = pages["inside"]
    assert charts(inside) == [f"inside-plain-{name}" for name in ADDED]
    button(inside, "Measure it").click().run()
    inside.run()
    assert not inside.exception
    assert {f"inside-muted-{name}" for name in ADDED} <= {*charts(inside)}
    assert "second branch muted" in texts(inside).lower()
    assert [ink(name) for name in ADDED] == [wiring.ink for wiring in ADDED.values()]


@pytest.mark.parametrize(
    ("parts", "branches", "join", "said"),
    [
        ({"combine": Part("cross")}, {"cross": "combine"}, None, "other than x0, wiring, combine"),
        ({"a.b": Part("cross")}, {"cross": "a.b"}, None, "names of letters"),
        ({"deep": Part("deep", "cross")}, {"deep": "deep"}, None, "expected to read x0"),
        ({"deep": Part("deep"), "cross": Part("cross", "deep")}, {"cross": "cross"}, None, "as wide as x0"),
        ({"deep": Part("deep"), "cross": Part("cross")}, {"cross": "cross"}, None, "none goes through deep"),
        ({"deep": Part("deep")}, {"deep": "elsewhere"}, None, "expected ends among"),
        ({"deep": Part("deep")}, {"deep": "deep", "x0": "x0"}, None, "expected one where there are several"),
        ({"deep": Part("deep")}, {"a": "deep", "b": "x0", "c": "x0"}, "sum", "expected two branches for sum"),
    ],
)
def test_a_description_that_makes_no_tower_is_refused(
    parts: dict[str, Part], branches: dict[str, str], join: None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Wiring("", parts, branches, join)
