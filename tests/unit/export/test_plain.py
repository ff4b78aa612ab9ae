"""Plain towers give what the house's towers give, in a Python that can't import the house."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pdcn import sources
from pdcn.config import JOINT, Network
from pdcn.crossings import CROSSINGS, Crossing
from pdcn.dials import assemble
from pdcn.export import onnx_files
from pdcn.export.chosen import Chosen
from pdcn.export.plain import PlainTowers
from pdcn.export.pytorch import write
from pdcn.nn.cross import CrossLayer
from pdcn.nn.joint import Joint, together
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import SIDES, TwoTower
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.sources.encode import with_bag
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, BagField
from pdcn.wirings import WIRINGS
from tests.unit.outcomes_help import with_feedback
from tests.unit.studies_help import tiny

ARMS = [*WIRINGS, *(f"parallel~{crossing}" for crossing in CROSSINGS), "edcn~low_rank-parallel_gated"]
OTHERS: dict[str, dict[str, Any]] = {
    "experts": {"cross": "mixture", "inner": "tanh", "gate": "sigmoid"},
    "blocks": {"layer_norm": True, "dropout": 0.2, "activation": "gelu", "head": (7, 5), "normalise": False},
    "wide ids": {"id_embedding": 20, "cross_layers": 3, "item_cross": "attention", "item_deep": (9,)},
    "no crosses": {"cross_layers": 0, "cross": "attention"},
}
RANKED: dict[str, tuple[str, dict[str, Any]]] = {
    "ranking": ("parallel", {"surface_calibration": "surface"}),
    "ranking bridged": ("edcn", {"activation": "gelu"}),
    "ranking experts": ("parallel_gated", {"trunk": "mmoe", "trunk_experts": 2, "cross": "low_rank", "cross_rank": 3}),
    "ranking experts with towers": (
        "sequential",
        {"trunk": "mmoe", "head": (5, 4), "dropout": 0.1, "activation": "gelu", "surface_calibration": "surface"},
    ),
    "ranking experts bridged": ("edcn", {"trunk": "mmoe", "trunk_experts": 2, "surface_calibration": "none"}),
}
HOSTILE = "evil\n    import os  # =\u2028x"
LOOK = """
import importlib.util, json, sys
from pathlib import Path
import torch
from safetensors.torch import load_file

try:
    import pdcn
except ImportError:
    pass
else:
    sys.exit("expected a Python that knows no pdcn")
apart = {}
for folder in sorted(Path().iterdir()):
    spec = importlib.util.spec_from_file_location("tower", folder / "tower.py")
    tower = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tower)
    given, apart[folder.name] = load_file(folder / "given.safetensors"), []
    loaded = tower.load()
    for side, made in zip(("query", "item"), loaded) if isinstance(loaded, tuple) else [("joint", loaded)]:
        with torch.inference_mode():
            found = made(given[side + ".codes"], given[side + ".values"])
        apart[folder.name].append(float((found - given[side + ".vectors"]).abs().max()))
print(json.dumps([apart, sorted({name.split(".")[0] for name in sys.modules} & {"pdcn", "pandas", "streamlit"})]))
"""


def bagged(table: Table) -> Table:
    """The table with a bag of hostile name, some of whose rows hold nothing."""
    codes = np.random.default_rng(1).integers(0, 5, (len(table), 4), dtype=np.int32)
    codes[::3] = 0
    return with_bag(table, BagField(HOSTILE, "Had", (UNKNOWN, "a", "b", "c", "d"), 4), codes)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """How far the vectors of the plain towers are from the house's, query and item, by what was written."""
    base = tmp_path_factory.mktemp("plain")
    data = sources.load(tiny().data)
    asked: dict[str, tuple[str, dict[str, Any]]] = {arm: (arm, {}) for arm in ARMS}
    asked |= {name: ("parallel", more) for name, more in OTHERS.items()}
    for name, (arm, more) in asked.items():
        experiment = assemble({"data": "planted", "match": "none", "deep": (12, 6), "output": 8, **more})
        queries, items = bagged(data.queries), data.items
        model = TwoTower(queries, items, experiment, arm).eval()
        initialise(model, 3, 0.3)
        draws = torch.Generator().manual_seed(4)
        given: dict[str, Tensor] = {}
        with torch.no_grad():
            for weight in model.parameters():  # biases, gates and norms are not what they begin as
                weight.add_(torch.randn(weight.shape, generator=draws), alpha=0.2)
            for side, table in zip(SIDES, (queries, items), strict=True):
                codes, values = torch.tensor(table.codes[:40]), torch.tensor(table.values[:40])
                vectors = model.tower(side)(codes, values)
                given |= {f"{side}.codes": codes, f"{side}.values": values, f"{side}.vectors": vectors}
        plain = PlainTowers(model, queries, items, experiment.networks())
        folder = base / name
        folder.mkdir()
        (folder / "tower.py").write_text(plain.source, encoding="utf-8")
        save_file(plain.weights, folder / "towers.safetensors")
        save_file(given, folder / "given.safetensors")
    for name, (arm, more) in RANKED.items():
        write_ranked(base / name, arm, more)
    command = [sys.executable, "-I", "-c", LOOK]
    done = subprocess.run(command, cwd=base, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found, heavy = json.loads(done.stdout)
    assert heavy == []
    return dict(found)


def write_ranked(folder: Path, arm: str, more: dict[str, Any]) -> None:
    """A ranking model as plain PyTorch, with rows and what the house's makes of them."""
    data = with_feedback()
    experiment = assemble({"data": "shopping", "task": "ranking", "deep": (12, 6), **more})
    queries, items = bagged(data.queries), data.items
    assert data.feedback is not None
    model = Joint(queries, items, experiment, arm, data.feedback.surface).eval()
    initialise(model, 3, 0.3)
    draws = torch.Generator().manual_seed(4)
    codes, values = torch.tensor(queries.codes[:40]), torch.tensor(queries.values[:40])
    chosen = data.positive[:40]
    of_items = torch.tensor(items.codes[chosen]), torch.tensor(items.values[chosen])
    with torch.no_grad():
        of_surfaces = (model.scale, model.shift) if model.calibration != "none" else ()
        for weight in (*model.parameters(), *of_surfaces):
            weight.add_(torch.randn(weight.shape, generator=draws), alpha=0.2)
        logits = model((codes, values), of_items)
    both, numbers = together((codes, values), of_items, model.single)
    plain = PlainTowers(model, queries, items, experiment.networks())
    assert both.shape[1] == plain.tables[JOINT].codes.shape[1]
    folder.mkdir()
    (folder / "tower.py").write_text(plain.source, encoding="utf-8")
    save_file(plain.weights, folder / "towers.safetensors")
    save_file({"joint.codes": both, "joint.values": numbers, "joint.vectors": logits}, folder / "given.safetensors")


@pytest.mark.parametrize("name", [*ARMS, *OTHERS, *RANKED])
def test_plain_towers_give_the_same_vectors(name: str, apart: dict[str, list[float]]) -> None:
    assert max(apart[name]) < 1e-5


@pytest.mark.slow
def test_experts_run_as_onnx_with_whichever_surfaces_a_batch_has(tmp_path: Path) -> None:
    from onnxruntime import InferenceSession

    write_ranked(tmp_path / "model", *RANKED["ranking experts"])
    data, (arm, more) = with_feedback(), RANKED["ranking experts"]
    assert data.feedback is not None
    experiment = assemble({"data": "shopping", "task": "ranking", "deep": (12, 6), **more})
    model = Joint(bagged(data.queries), data.items, experiment, arm, data.feedback.surface)
    initialise(model, 3, 0.3)
    plain = PlainTowers(model, bagged(data.queries), data.items, experiment.networks())
    given = load_file(tmp_path / "model" / "given.safetensors")
    codes, values = given["joint.codes"].long(), given["joint.values"]
    chosen = SimpleNamespace(plain=plain, arm=arm, checked=lambda side, most: (codes[:most], values[:most], None))
    onnx_files.write(cast(Chosen, chosen), tmp_path)
    session = InferenceSession(tmp_path / "joint.onnx", providers=["CPUExecutionProvider"])
    turned = {"codes": codes.flip(0).numpy(), "values": values.flip(0).numpy()}
    (made,) = session.run(None, turned)
    expected = plain.module(JOINT)(codes, values).flip(0)
    torch.testing.assert_close(torch.tensor(made), expected, atol=1e-4, rtol=1e-4)
    assert len(np.unique(codes[:, 0])) > 1


def test_a_name_in_the_data_stays_a_remark(apart: dict[str, list[float]]) -> None:
    data, experiment = sources.load(tiny().data), tiny()
    queries = bagged(data.queries)
    model = TwoTower(queries, data.items, experiment, "parallel")
    source = PlainTowers(model, queries, data.items, experiment.networks()).source
    (line,) = [line for line in source.splitlines() if "evil" in line]
    assert line.strip().startswith("nn.Embedding(5, 8),  # ")
    assert "import os" in line


class Damped(CrossLayer):
    """x0 * (W xl + b) * sigmoid(G xl) + xl, for fields of such widths."""

    def __init__(self, fields: tuple[int, ...]) -> None:
        super().__init__()
        self.W, self.G = nn.Linear(sum(fields), sum(fields)), nn.Linear(sum(fields), sum(fields), bias=False)

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> Damped:
        """Of all fields."""
        return cls(fields)

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""
        return cast(Tensor, x0 * self.W(xl) * torch.sigmoid(self.G(xl)) + xl)


def test_a_crossing_of_ones_own_is_taken_as_it_is_or_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = sources.load(tiny().data)
    typed: dict[str, Any] = {"__name__": __name__, "Damped": Damped}
    exec("class Typed(Damped):\n    x = 1\n", typed)
    for name, made in (("damped", Damped), ("typed", typed["Typed"])):
        monkeypatch.setitem(CROSSINGS, name, Crossing("a gate on each position", made))
    model = TwoTower(data.queries, data.items, tiny(cross="damped"), "sequential").eval()
    initialise(model, 0, 0.5)
    plain = PlainTowers(model, data.queries, data.items, tiny(cross="damped").networks())
    codes, values = torch.tensor(data.items.codes), torch.tensor(data.items.values)
    torch.testing.assert_close(plain.module("item")(codes, values), model.item(codes, values).detach())
    model = TwoTower(data.queries, data.items, tiny(cross="typed"), "parallel")
    with pytest.raises(SettingError, match="Typed: expected a part whose source can be read"):
        PlainTowers(model, data.queries, data.items, tiny(cross="typed").networks())


def test_raw_values_become_the_codes_of_the_training(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pytorch"
    out.mkdir()
    chosen = Chosen(folder)
    write(chosen, out)
    data, known = chosen.run.data.dataset, {"__name__": "tower", "__file__": str(out / "tower.py")}
    exec((out / "tower.py").read_text(encoding="utf-8"), known)
    encode: Any = known["encode"]
    for side, table in (("query", data.queries), ("item", data.items)):
        raw = [
            {field.name: field.values[code] for field, code in zip(table.categories, codes, strict=True)}
            | {field.name: float(field.raw(float(one))) for field, one in zip(table.numbers, values, strict=True)}
            for codes, values in zip(table.codes[:50], table.values[:50], strict=True)
        ]
        codes, values = encode(raw, side, out)
        assert codes.tolist() == table.codes[:50].tolist()
        np.testing.assert_allclose(values, table.values[:50], atol=1e-4)
    first = data.queries.categories[0]
    codes, values = encode([{first.name: "never seen"}], "query", out)
    assert codes[0, 0] == 0
    assert not values.any()
    runpy.run_path(str(out / "tower.py"), run_name="__main__")
    assert [float(line.split()[-1]) < 1e-6 for line in capsys.readouterr().out.splitlines()] == [True, True]
