"""Percentiles and overlap by hand, rounds by a clock that is moved by hand, and measuring anew after a training."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn import host as machine
from pdcn.evaluation.timing import WARM, HostClock, Timer, compared, in_rounds, percentiles, threads
from pdcn.host import Others


class HandClock:
    """A call takes as many microseconds as it returns; a second passes with every million of them."""

    name = "by hand"

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self, call: Callable[[], object]) -> float:
        took = call()
        assert isinstance(took, float)
        self.passed += took / 1e6
        return took

    def now(self) -> float:
        return self.passed


def test_every_call_has_its_turn_in_every_round() -> None:
    order: list[str] = []

    def call(name: str, took: float) -> Callable[[], float]:
        def one() -> float:
            order.append(name)
            return took

        return one

    found = in_rounds({"a": call("a", 2.0), "b": call("b", 3.0)}, HandClock(), seconds=0.0, least=40)
    assert list(found) == ["a", "b"]
    assert len(found) == 40
    assert set(found["a"]) == {2.0}
    assert set(found["b"]) == {3.0}
    rounds = [tuple(order[at : at + 2]) for at in range(0, len(order), 2)]
    assert len(rounds) == 40 + WARM
    assert set(rounds) == {("a", "b"), ("b", "a")}
    assert 8 < Counter(rounds[WARM:])["a", "b"] < 32  # a fair draw of 40


def test_rounds_go_on_until_the_seconds_are_spent() -> None:
    calls: dict[str, Callable[[], object]] = {"a": lambda: 50_000.0}  # 0.05 seconds
    assert len(in_rounds(calls, HandClock(), seconds=0.99, least=3)) == 20
    assert len(in_rounds(calls, HandClock(), seconds=0.0, least=3)) == 3
    assert len(in_rounds(calls, HandClock(), seconds=99.0, least=3, most=30)) == 30


def test_the_first_calls_do_not_count() -> None:
    took = iter([1e6] * WARM + [7.0] * 10)
    found = in_rounds({"a": lambda: next(took)}, HandClock(), seconds=0.0, least=10)
    assert found["a"].tolist() == [7.0] * 10


def test_percentiles_by_hand() -> None:
    samples = pd.DataFrame({"a": np.arange(101.0), "b": 5.0})
    rows = percentiles(samples).set_index("variant")
    assert list(rows) == ["p50", "p95", "p99", "repeats"]
    assert rows.to_numpy().tolist() == [[50.0, 95.0, 99.0, 101.0], [5.0, 5.0, 5.0, 101.0]]


@pytest.mark.parametrize(("repeats", "p95", "p99"), [(19, False, False), (20, True, False), (100, True, True)])
def test_a_percentile_that_so_few_repeats_cannot_tell_is_not_told(repeats: int, p95: bool, p99: bool) -> None:
    row = percentiles(pd.DataFrame({"a": np.arange(float(repeats))})).iloc[0]
    assert not math.isnan(row["p50"])
    assert (not math.isnan(row["p95"]), not math.isnan(row["p99"])) == (p95, p99)


def planted(hidden: float, rounds: int = 60, noise: float = 0.5) -> pd.DataFrame:
    """Cells in which t_cross is 30, t_deep 20, one after the other 60, and `hidden` of the shorter branch is hidden."""
    draw = np.random.default_rng(3)
    times = {"cross": 30.0, "deep": 20.0, "sequential": 60.0, "parallel": 60.0 - hidden * 20.0}
    return pd.DataFrame({name: time + noise * draw.standard_normal(rounds) for name, time in times.items()})


@pytest.mark.parametrize("hidden", [-0.5, 0.0, 0.3, 1.0])
def test_a_planted_overlap_is_found(hidden: float) -> None:
    row = compared(planted(hidden), {"parallel": "sequential"}).iloc[0]
    assert row["overlap_low"] <= hidden <= row["overlap_high"]
    assert row["overlap"] == pytest.approx(hidden, abs=0.03)
    assert row["overlap_high"] - row["overlap_low"] < 0.1
    assert row["ratio_low"] <= (60 - 20 * hidden) / 60 <= row["ratio_high"]


def test_without_noise_the_arithmetic_is_exact() -> None:
    row = compared(planted(0.25, noise=0.0), {"parallel": "sequential"}).iloc[0]
    assert (row["overlap"], row["overlap_low"], row["overlap_high"]) == (0.25, 0.25, 0.25)
    assert row["ratio"] == pytest.approx(55 / 60)


def test_overlap_is_told_only_where_branches_of_the_same_family_were_timed() -> None:
    samples = planted(1.0, noise=0.0)
    more = samples.assign(
        **{
            "arm a": 10.0,
            "arm b": 20.0,
            "compiled sequential": 30.0,
            "compiled parallel": 20.0,
            "graph of cross": 4.0,
            "graph of deep": 2.0,
            "graph of sequential": 9.0,
            "graph of parallel": 8.0,
        }
    )
    rows = compared(
        more, {"arm a": "arm b", "compiled parallel": "compiled sequential", "graph of parallel": "graph of sequential"}
    ).set_index("variant")
    assert rows["ratio"].tolist() == pytest.approx([0.5, 2 / 3, 8 / 9])
    assert rows["overlap"].isna().tolist() == [True, True, False]
    assert rows["overlap"].iloc[-1] == 0.5
    alone = compared(samples.drop(columns="cross"), {"parallel": "sequential"}).iloc[0]
    assert math.isnan(alone["overlap"])
    assert alone["ratio"] == pytest.approx(40 / 60)


def test_equal_calls_are_not_told_apart_more_often_than_promised() -> None:
    """On trial: of 200 pairs of the same law, an interval of 95% misses 1 in about 10 of them, not in 30."""
    draw, missed = np.random.default_rng(0), 0
    for _ in range(200):
        samples = pd.DataFrame({"a": draw.gamma(4.0, 5.0, 60), "b": draw.gamma(4.0, 5.0, 60)})
        row = compared(samples, {"a": "b"}).iloc[0]
        missed += not row["ratio_low"] <= 1 <= row["ratio_high"]
    assert missed <= 20


def test_a_cell_during_which_a_training_began_is_timed_anew() -> None:
    answers = iter([True, True, False])  # before the first; after it somebody had begun; after the second nobody
    calls = itertools.count(1.0)
    bench = Timer(HandClock(), lambda: next(answers))
    found = bench.samples({"a": lambda: next(calls)}, seconds=0.0, least=4)
    assert found["a"].tolist() == [2 * WARM + 4 + at for at in (1, 2, 3, 4)]  # those of the second time
    assert bench.again == 1
    assert next(answers, None) is None


def test_threads_are_given_back_also_after_an_error() -> None:
    before, seen = torch.get_num_threads(), []

    def fails() -> None:
        with threads(before + 1):
            seen.append(torch.get_num_threads())
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert [*seen, torch.get_num_threads()] == [before + 1, before]


def test_the_clock_of_the_processor_waits_for_what_was_asked_for() -> None:
    settled: list[str] = []
    clock = HostClock(lambda: settled.append("settled"))
    assert 0 <= clock.time(lambda: settled.append("called")) < 1e6
    assert settled == ["called", "settled"]


def test_others_are_what_was_busy_but_for_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cores for 10 seconds: 9 busy, 4 of them our own; then 10 idle ones outside, which do not count."""
    now = {"clock": 0.0, "busy": 100.0, "own": 50.0}
    monkeypatch.setattr("time.monotonic", lambda: now["clock"])
    monkeypatch.setattr(machine, "_busy", lambda: now["busy"])
    monkeypatch.setattr(machine, "_own", lambda: now["own"])
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    others = Others()
    assert others.share() == 0.0
    with others:
        now = {"clock": 10.0, "busy": 109.0, "own": 54.0}
    now = {"clock": 20.0, "busy": 129.0, "own": 54.0}
    assert others.share() == pytest.approx(5 / 20)
