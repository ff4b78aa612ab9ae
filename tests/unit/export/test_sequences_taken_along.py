"""A sequence with its encoder and projection as plain PyTorch and as ONNX: the same vectors as in the house."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from pdcn.export import onnx_files
from pdcn.export.chosen import Chosen
from pdcn.export.plain import PlainTowers, described
from pdcn.files import write_json
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.tasks.retrieval.batches import DeviceData
from tests.unit.sequence_help import ActedData, acted, build, known

DATA = build(ActedData(acts=200))
FORMS: dict[str, dict[str, Any]] = {
    "left out": {"sequence": "none"},
    "mean": {"sequence": "mean"},
    **{name: {"projection": name} for name in ("linear", "mlp", "dcn", "dcn_low", "flat")},
    "no layers": {"sequence_layers": 0},
}


def towers(form: str) -> tuple[TwoTower, PlainTowers]:
    with known():
        experiment = acted(**{"sequence": "transformer", "projected": 5, **FORMS[form]})
        model = TwoTower(DATA.queries, DATA.items, experiment, "parallel").eval()
    initialise(model, 0, 0.5)
    draws = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for weight in model.parameters():  # biases and norms are not what they begin as
            weight.add_(torch.randn(weight.shape, generator=draws), alpha=0.2)
    return model, PlainTowers(model, DATA.queries, DATA.items, experiment.networks())


@pytest.mark.parametrize("form", FORMS)
def test_plain_towers_give_the_same_vectors(form: str, tmp_path: Path) -> None:
    model, plain = towers(form)
    codes, values = torch.tensor(DATA.queries.codes), torch.tensor(DATA.queries.values)
    found = plain.module("query")(codes.long(), values)
    torch.testing.assert_close(found, model.query(codes, values).detach(), atol=1e-5, rtol=1e-5)
    assert "pdcn" not in plain.source
    run: dict[str, Any] = {"__name__": "tower", "__file__": str(tmp_path / "tower.py")}
    exec(plain.source, run)
    write_json(tmp_path / "vocabularies.json", {"query": described(DATA.queries)})
    did, kind = DATA.queries.bags[0], DATA.queries.bags[0].channels[1]
    rows = []
    for own in DATA.queries.codes[:20]:
        pairs = zip(own[1:5], own[5:9], strict=True)
        acts = [(did.values[one], kind.values[other]) for one, other in pairs if one or other]
        rows.append({"place": DATA.queries.categories[0].values[own[0]], "did": acts})
    assert run["encode"](rows, "query", tmp_path)[0].tolist() == codes[:20].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["dcn_low"])
def test_onnx_gives_the_same_vectors_or_the_export_says_so(form: str, tmp_path: Path) -> None:
    from onnxruntime import InferenceSession

    model, plain = towers(form)
    run = SimpleNamespace(data=DeviceData(DATA, torch.device("cpu")), any_model=lambda arm, seed: model)
    chosen = cast(Chosen, SimpleNamespace(run=run, plain=plain, arm="parallel", seed=0))
    chosen.checked = partial(Chosen.checked, chosen)  # type: ignore[method-assign]
    onnx_files.write(chosen, tmp_path)
    codes, values = torch.tensor(DATA.queries.codes).long(), torch.tensor(DATA.queries.values)
    session = InferenceSession(tmp_path / "query.onnx", providers=["CPUExecutionProvider"])
    given = {"codes": codes.numpy(), "values": values.numpy()}
    (made,) = session.run(None, {one.name: given[one.name] for one in session.get_inputs()})
    torch.testing.assert_close(torch.tensor(made), model.query(codes, values).detach(), atol=1e-4, rtol=1e-4)
