"""Cells, tables and what is left out, of real but small towers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest
import torch

from pdcn.config import Network
from pdcn.evaluation.timing import COMPARED, HostClock, Timer
from pdcn.host import cores, machine
from pdcn.pages.latency.plan import DEFAULTS, QUICK, Plan
from pdcn.pages.latency.work import measure as module
from pdcn.pages.latency.work.forms import compiled, forms
from pdcn.pages.latency.work.measure import REGION_BATCHES, measure, region
from pdcn.pages.latency.work.subjects import Subject, made_up, of_arms, pair_of, synthetic
from pdcn.settings import SettingError

CPU = torch.device("cpu")
CELL = ["tower", "device", "threads", "batch", "width"]


def plan_of(**settings: Any) -> Plan:
    return Plan.of({"batches": "1,8", "threads": "1", "seconds": 0.0, "repeats": 3, "widths": "16", **settings})


def bench() -> Timer:
    return Timer(HostClock())


def test_every_cell_has_every_form() -> None:
    subject = synthetic(32, Network(), own=32)
    found = measure([subject], plan_of(), CPU, bench())
    times, against = found["times"], found["forms"]
    assert list(times) == [*CELL, "variant", "p50", "p95", "p99", "repeats"]
    assert list(against) == [*CELL, *COMPARED]
    assert times.groupby("batch").size().to_dict() == {1: len(times) // 2, 8: len(times) // 2}
    spare = ["two threads"] if cores() > 1 else []
    assert times[times["batch"] == 8]["variant"].tolist() == [
        "lookup",
        "cross",
        "deep",
        "join",
        "head",
        "sequential",
        "parallel",
        "fused",
        *spare,
    ]
    assert (times["p50"] > 0).all()
    assert set(times["width"]) == {32}
    assert against[against["batch"] == 1]["variant"].tolist() == ["parallel", "fused", *spare]
    assert against["overlap"].notna().all()
    p50 = times[times["batch"] == 8].set_index("variant")["p50"]
    row = against[(against["batch"] == 8) & (against["variant"] == "fused")].iloc[0]
    assert row["ratio"] == pytest.approx(p50["fused"] / p50["sequential"])
    shorter = min(p50["cross"], p50["deep"])
    assert row["overlap"] == pytest.approx((p50["sequential"] - p50["fused"]) / shorter)


def test_with_more_threads_an_operation_no_branch_has_a_core_to_itself() -> None:
    times = measure([synthetic(16, Network(), own=16)], plan_of(batches="1"), CPU, bench())["times"]
    more = Plan(**{**vars(plan_of(batches="1")), "threads": (2,)})
    assert (
        "two threads"
        not in measure([synthetic(16, Network(), own=16)], more, CPU, bench())["times"]["variant"].tolist()
    )
    assert ("two threads" in times["variant"].tolist()) == (cores() > 1)


def test_arms_are_held_against_the_baseline() -> None:
    table = made_up(4, rows=64)
    small = Network(deep=(8,))
    towers = {arm: pair_of(table, small, arm)[0] for arm in ("parallel_sum", "deep_only", "cross_only")}
    subject = of_arms("item", table, towers, dict.fromkeys(towers, small), "deep_only")
    assert subject.parallel.name == "parallel_sum"
    assert subject.sequential.name == "sequential"
    found = measure([subject], plan_of(batches="1"), CPU, bench())["forms"]
    arms = found[found["variant"].str.startswith("arm ")]
    assert arms[["variant", "against"]].to_numpy().tolist() == [
        ["arm parallel_sum", "arm deep_only"],
        ["arm cross_only", "arm deep_only"],
    ]
    assert arms["overlap"].isna().all()


def test_without_an_arm_side_by_side_the_blocks_of_the_first_are_arranged() -> None:
    table, network = made_up(4, rows=64), Network(deep=(8,))
    towers = {"deep_only": pair_of(table, network, "deep_only")[0]}
    subject = of_arms("query", table, towers, {"deep_only": network}, "deep_only")
    assert (subject.parallel.name, subject.network) == ("parallel", network)


def test_widths_grow_in_proportion() -> None:
    subject = synthetic(100, Network(deep=(64, 32), cross_layers=0), own=50)
    assert subject.parallel.width == 96  # whole fields of 8 numbers
    assert subject.network.deep == (123, 61)  # 64 and 32 times 96 / 50
    assert subject.network.cross_layers == 1


def test_the_region_is_judged_cell_by_cell() -> None:
    like = synthetic(16, Network(deep=(16,)), own=16)
    rows = region(like, plan_of(widths="16,17,32", compiled=True), CPU, bench())
    assert sorted(set(rows["width"])) == [16, 32]
    assert sorted(set(rows["batch"])) == list(REGION_BATCHES)
    assert not rows["variant"].str.startswith("compiled").any()
    assert not rows.duplicated(["width", "batch", "variant"]).any()  # 17 is as wide as 16: two fields
    assert rows.groupby(["width", "batch"])["verdict"].nunique().eq(1).all()
    assert set(rows["verdict"]) <= {"free", "costs little", "costs the sum"}


def left_out(subject: Subject, **settings: Any) -> dict[str, str]:
    frame = measure([subject], plan_of(batches="1,4", **settings), CPU, bench())["left_out"]
    return dict(zip(frame["variant"], frame["why"], strict=True))


def test_what_is_left_out_says_why() -> None:
    found = left_out(synthetic(16, Network(cross="low_rank", cross_rank=2), own=16))
    assert found["fused"] == "one first product needs a cross layer that begins with one matrix of x0"
    assert found["two streams, CUDA graphs"] == "they are a GPU's, and this ran on a processor"
    assert found["compiled"] == "compiling takes minutes and was not asked for"
    assert "fused" not in left_out(synthetic(16, Network(), own=16))


def test_a_compiler_that_fails_is_told_and_the_rest_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(form: object, **_: object) -> Callable[..., object]:
        def fails(x0: object) -> object:
            raise RuntimeError("no compiler")

        return fails

    monkeypatch.setattr(torch, "compile", broken)
    found = left_out(synthetic(16, Network(), own=16), compiled=True)
    assert found["compiled parallel"] == "the compiler failed here (RuntimeError)"
    assert "compiled" not in found


def test_compiling_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda form, **_: form)
    monkeypatch.setattr(module, "BOX", -1.0)
    found = left_out(synthetic(16, Network(), own=16), compiled=True)
    assert found["compiled, the rest"] == "compiling had taken 0 seconds"


def test_compiled_forms_are_timed_against_the_compiled_sequential_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda form, **_: form)
    forms = measure([synthetic(16, Network(), own=16)], plan_of(batches="1", compiled=True), CPU, bench())["forms"]
    rows = forms.set_index("variant")["against"]
    assert rows["compiled fused"] == rows["compiled parallel"] == "compiled sequential"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler here")
@pytest.mark.filterwarnings("ignore:::torch")
def test_compiled_forms_are_the_same_functions() -> None:
    tower, sequential = pair_of(made_up(4, rows=64), Network())
    plain = forms(tower, sequential, spare=False)
    built = compiled(plain)
    assert len(built) == 3
    with torch.inference_mode():
        x0 = torch.randn(8, tower.width)
        for name, form in built.items():
            same = plain[name.removeprefix("compiled ")](x0)
            torch.testing.assert_close(form(x0), same, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batches": "1,x"}, "batches: expected whole numbers from 1 to 65536, such as 1,64, got '1,x'"),
        ({"batches": ""}, "batches: expected whole numbers"),
        ({"batches": "0"}, "batches: expected whole numbers"),
        ({"threads": str(cores() + 1)}, f"threads: expected whole numbers from 1 to {cores()}"),
        ({"widths": "8,9999"}, "widths: expected whole numbers from 1 to 4096"),
        ({"machine": "a teapot"}, f"machine: expected this one, {machine()}, got a teapot"),
    ],
)
def test_wrong_settings_are_one_sentence(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError) as caught:
        Plan.of(settings)
    assert str(caught.value).startswith(said)


def test_the_defaults_and_the_quick_plan_can_be_followed() -> None:
    assert Plan.of(DEFAULTS).batches == (1, 4, 16, 64, 256, 1_024, 4_096)
    assert Plan.of(DEFAULTS).threads == tuple(sorted({1, cores()}))
    assert Plan.of(QUICK).batches == (1, 64, 4_096)
    assert QUICK.keys() < DEFAULTS.keys()
    assert Plan.of({"widths": ""}).widths == ()
