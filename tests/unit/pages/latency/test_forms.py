"""Every form of a tower is the same function, and its parts are the whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from pdcn.config import Network
from pdcn.nn.tower import Tower
from pdcn.pages.latency.work import forms as module
from pdcn.pages.latency.work.forms import Fused, TwoThreads, compiled, forms, graphs, parts
from pdcn.pages.latency.work.subjects import made_up, pair_of

CHANGES: list[dict[str, Any]] = [
    {},
    {"layer_norm": True},
    {"deep": (16,), "cross_layers": 1},
    {"deep": (32, 16, 8), "cross_layers": 4, "activation": "gelu"},
    {"head": (24,), "normalise": False},
    {"dropout": 0.5},
    {"cross": "masked"},
    {"cross": "exponential"},
]
WIRINGS = ["parallel", "parallel_sum", "parallel_gated"]


def tower_of(wiring: str = "parallel", **changes: Any) -> Tower:
    tower, _ = pair_of(made_up(4, rows=64), Network(**changes), wiring)
    with torch.no_grad():
        for name, weight in tower.named_parameters():  # biases are zero at first, and would hide a mistake
            if name.endswith("bias"):
                weight.copy_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    return tower


def rows_of(tower: Tower, batch: int = 33) -> torch.Tensor:
    return torch.randn(batch, tower.width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("changes", CHANGES, ids=str)
@pytest.mark.parametrize("wiring", WIRINGS)
def test_one_fused_product_is_the_plain_tower(wiring: str, changes: dict[str, Any]) -> None:
    tower = tower_of(wiring, **changes)
    x0 = rows_of(tower)
    assert Fused.fits(tower)
    plain = tower.above(x0)
    scale = max(1.0, float(plain.abs().max()))  # of length one where outputs are normalised
    torch.testing.assert_close(Fused(tower)(x0), plain, atol=1e-5 * scale, rtol=0)


def test_fusing_notices_its_weights() -> None:
    """The comparison above can fail: another bias of the first deep layer is another function."""
    tower = tower_of()
    fused, x0 = Fused(tower), rows_of(tower)
    fused.bias[-1] += 1.0
    assert (fused(x0) - tower.above(x0)).abs().max() > 1e-3


def test_all_forms_of_the_same_blocks_read_the_same_memory() -> None:
    parallel, sequential = pair_of(made_up(4, rows=64), Network())
    before = parallel.above(rows_of(parallel))
    fused = Fused(parallel)
    assert torch.equal(parallel.above(rows_of(parallel)), before)
    own, other = dict(parallel.wiring.named_parameters()), dict(sequential.wiring.named_parameters())
    assert {name: weight.data_ptr() for name, weight in own.items()} == {
        name: weight.data_ptr() for name, weight in other.items()
    }
    assert own["cross.layers.0.W.weight"].data_ptr() == fused.weight.data_ptr()
    assert own["deep.linears.0.weight"].data_ptr() == fused.weight[parallel.width :].data_ptr()


@pytest.mark.parametrize("wiring", WIRINGS)
def test_two_threads_are_the_plain_tower(wiring: str) -> None:
    tower = tower_of(wiring, layer_norm=True)
    x0 = rows_of(tower)
    with torch.inference_mode():
        assert torch.equal(TwoThreads(tower)(x0), tower.above(x0))


@pytest.mark.parametrize(
    ("wiring", "changes"),
    [
        ("sequential", {}),
        ("deep_then_cross", {}),
        ("parallel", {"cross_layers": 0}),
        ("parallel", {"cross": "low_rank"}),
        ("parallel", {"cross": "mixture"}),
        ("parallel", {"cross": "dcn_v1"}),
    ],
)
def test_what_does_not_begin_with_one_matrix_is_not_fused(wiring: str, changes: dict[str, Any]) -> None:
    tower, sequential = pair_of(made_up(4, rows=64), Network(**changes), wiring)
    assert not Fused.fits(tower)
    if wiring == "parallel":
        assert "fused" not in forms(tower, sequential, spare=True)


@pytest.mark.parametrize("wiring", WIRINGS)
def test_parts_add_up_to_the_whole(wiring: str) -> None:
    tower = tower_of(wiring, head=(24,))
    x0 = rows_of(tower)
    own = parts(tower, x0)
    assert list(own) == ["cross", "deep", "join", "head"]
    joined = tower.wiring.get_submodule("combine")(own["cross"](x0), own["deep"](x0))
    assert torch.equal(own["join"](x0), joined)
    assert torch.equal(own["head"](x0), tower.finished(joined))
    assert torch.equal(own["head"](x0), tower.above(x0))


def test_no_cross_layers_no_cross_part() -> None:
    tower = tower_of(cross_layers=0)
    assert list(parts(tower, rows_of(tower))) == ["deep", "join", "head"]


def test_on_a_processor_nothing_of_a_gpu_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise AssertionError("a GPU's stream or graph was asked for")

    monkeypatch.setattr(torch.cuda, "Stream", gone)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", gone)
    tower, sequential = pair_of(made_up(4, rows=64), Network())
    plain = forms(tower, sequential, spare=False)
    assert list(plain) == ["sequential", "parallel", "fused"]
    assert list(forms(tower, sequential, spare=True)) == ["sequential", "parallel", "fused", "two threads"]
    assert graphs(plain, rows_of(tower)) == {}


def test_forms_for_a_gpu_are_built_where_the_tower_is_on_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as that can be seen without one: by names, and by what is captured."""
    monkeypatch.setattr(module, "TwoStreams", lambda tower: tower.above)
    monkeypatch.setattr(module, "graph", lambda form, x0: form)
    tower, sequential = pair_of(made_up(4, rows=64), Network())

    class OnGpu:
        is_cuda = True

    monkeypatch.setattr(type(tower), "parameters", lambda self, recurse=True: iter([OnGpu()]))
    plain = forms(tower, sequential, spare=True)
    assert list(plain) == ["sequential", "parallel", "fused", "two streams"]
    captured = graphs(plain, OnGpu())  # type: ignore[arg-type]
    assert list(captured) == [f"graph of {name}" for name in plain]
    assert [id(call) for call in captured.values()] == [id(form) for form in plain.values()]


def test_compiled_forms_are_those_without_threads_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, object]] = []

    def remember(form: object, **how: object) -> object:
        seen.append(how)
        return form

    monkeypatch.setattr(torch, "compile", remember)
    tower, sequential = pair_of(made_up(4, rows=64), Network())
    plain = forms(tower, sequential, spare=True)
    built = compiled(plain)
    assert built == {f"compiled {name}": plain[name] for name in ("sequential", "parallel", "fused")}
    assert seen == [{"dynamic": True}] * 3
