"""What is said of planted times: nothing is slower or faster whose interval holds 1."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.pages.latency.told import claim, judged, parts_of, times_of, when_not, wholes_of
from pdcn.pages.latency.words import NAMED

TIMES = {
    "lookup": 9.0,
    "cross": 30.0,
    "deep": 20.0,
    "join": 2.0,
    "head": 3.0,
    "sequential": 52.0,
    "parallel": 55.0,
    "fused": 50.0,
    "two threads": 40.0,
    "arm parallel": 55.0,
    "arm deep_only": 25.0,
}


def form(variant: str, ratio: float, overlap: float = math.nan, wide: float = 0.02, **cell: Any) -> dict[str, Any]:
    against = "arm deep_only" if variant.startswith("arm ") else "sequential"
    return {
        "tower": "query",
        "device": "cpu",
        "threads": 1,
        "batch": 1,
        "width": 40,
        "variant": variant,
        "against": against,
        "ratio": ratio,
        "ratio_low": ratio - wide,
        "ratio_high": ratio + wide,
        "overlap": overlap,
        "overlap_low": overlap - wide,
        "overlap_high": overlap + wide,
        **cell,
    }


def times(**cell: Any) -> pd.DataFrame:
    base = {"tower": "query", "device": "cpu", "threads": 1, "batch": 1, "width": 40, **cell}
    return pd.DataFrame([base | {"variant": name, "p50": p50, "repeats": 30} for name, p50 in TIMES.items()])


def said(*rows: dict[str, Any]) -> str:
    return claim(pd.DataFrame(rows), "query", 1, 1)


def test_sum_and_max_of_the_parts_by_hand() -> None:
    assert parts_of(times()) == {"cross": 30.0, "deep": 20.0, "join": 2.0, "head": 3.0, "sum": 55.0, "max": 35.0}
    assert parts_of(times().query("variant != 'cross'"))["sum"] == 25.0


def test_whole_towers_in_order_and_in_words() -> None:
    rows = wholes_of(times().iloc[::-1])
    assert rows["variant"].tolist() == ["sequential", "parallel", "fused", "two threads"]
    assert rows["label"].tolist() == [NAMED[name] for name in rows["variant"]]


def test_the_claim_names_the_form_that_hides_most() -> None:
    sentence = said(form("parallel", 1.05, -0.3), form("fused", 0.97, 0.1), form("two threads", 0.8, 0.6))
    assert "side by side as plain code takes 1.05 times [1.03, 1.07] the time of one after the other" in sentence
    assert (
        "The best of 3 forms is “side by side, a thread per branch”: it hides 60% [58%, 62%] of the shorter branch's "
        "time." in sentence
    )


def test_on_a_gpu_graphs_are_told_too() -> None:
    rows = [form("parallel", 1.05, -0.3), form("graph of two streams", 0.7, 0.9)]
    assert "The best of 2 forms is “side by side, two streams, CUDA graph”: it hides 90% [88%, 92%]" in said(*rows)
    sentences = when_not(times(device="cuda"), pd.DataFrame(rows).assign(device="cuda"), "query")
    assert sentences[0].startswith("**Serving on this GPU, 1 thread.**")
    assert "**Branches in a graph of two streams.** They hide some of the shorter branch's time" in sentences[1]


def test_what_is_not_told_from_nothing_is_not_called_hidden() -> None:
    assert "We measured no time saved by running the branches side by side." in said(
        form("parallel", 1.0, 0.01), form("fused", 1.1, -0.4)
    )
    assert "nothing to overlap" in said(form("parallel", 1.0))


@given(ratio=st.floats(0.5, 2.0), wide=st.floats(0.0, 0.4))
def test_an_interval_that_holds_one_is_no_difference(ratio: float, wide: float) -> None:
    row = form("parallel", ratio, wide=wide)
    told = times_of(row)
    assert ("no detectable difference" in told) == (row["ratio_low"] <= 1 <= row["ratio_high"])


@pytest.mark.parametrize("wide", [0.02, 0.4])
def test_no_sentence_calls_anything_slower_whose_interval_holds_one(wide: float) -> None:
    cells = [{"threads": threads, "batch": batch} for threads in (1, 2) for batch in (1, 64, 4_096)]
    forms = pd.DataFrame(
        [form(name, 1.1, 0.1, wide, **cell) for cell in cells for name in ("parallel", "two threads", "arm parallel")]
    )
    measured = pd.concat([times(**cell) for cell in cells], ignore_index=True)
    sentences = [*when_not(measured, forms, "query"), claim(forms, "query", 2, 64)]
    assert len(sentences) == 7
    for sentence in sentences:
        assert not re.search(r"slower|faster", sentence)
        assert sentence.count(" times [") == sentence.count("no detectable difference") or wide < 0.1
        assert ("no detectable difference" in sentence) == (wide > 0.1 and " times [" in sentence)
    threaded = next(sentence for sentence in sentences if "Branches in two threads" in sentence)
    assert ("every batch size" in threaded) == (wide < 0.1)


def test_when_not_is_about_what_was_measured() -> None:
    measured = pd.concat([times(batch=1), times(batch=100).assign(p50=lambda rows: 10 * rows["p50"])])
    forms = pd.DataFrame([form("parallel", 1.2, -0.5, batch=batch) for batch in (1, 100)])
    serving, small, wide = when_not(measured, forms, "query")
    assert "CPU-only serving, 1 thread" in serving
    assert "1.20 times [1.18, 1.22] at batch 1 and 1.20 times" in serving
    # 55 at batch 1, 550 / 100 = 5.5 an example: 1 - 5.5 / 55 stays
    assert "A call at batch 1 takes 55 µs, an example at batch 100 5.5 µs. So up to 90% of the small call" in small
    assert "9% at batch 1 and 9% at batch 100" in wide  # 5 of 55
    one = when_not(times(), forms[forms["batch"] == 1], "query")
    assert len(one) == 2  # one batch size says nothing of small against large


def test_the_best_form_judges_its_cell() -> None:
    rows = pd.DataFrame(
        [
            form("parallel", 1.0, 0.1),
            form("fused", 1.0, 0.85),
            form("parallel", 1.0, -0.4, batch=2),
            form("fused", 1.0, 0.19, batch=2),
            form("parallel", 1.0, 0.2, threads=2),
            form("compiled parallel", 1.0, threads=2),
        ]
    )
    assert judged(rows)["verdict"].tolist() == [
        "free",
        "free",
        "costs the sum",
        "costs the sum",
        "costs little",
        "costs little",
    ]
