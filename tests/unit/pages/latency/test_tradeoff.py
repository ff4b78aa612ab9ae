"""What an approximate index buys in words: faster, slower, alike, or too lossy; and the share of the tower."""

from __future__ import annotations

import pandas as pd
import pytest

from pdcn.pages.latency.work.tradeoff import front, serving_in_words, share_in_words


def rows_of(*found: tuple[str, str, float, float], items: int = 2_726) -> pd.DataFrame:
    """Rows of one arm whose exact search finds 40%."""
    return pd.DataFrame(
        [
            {
                "arm": "parallel",
                "index": index,
                "setting": setting,
                "p50": time,
                "encode_p50": 100.0,
                "search_p50": time - 100.0,
                "recall": recall,
                "recall_exact": 0.4,
                "k": 100,
                "items": items,
            }
            for index, setting, time, recall in found
        ]
    )


EXACT = ("exact", "flat", 400.0, 0.4)


def said(*found: tuple[str, str, float, float], items: int = 2_726) -> str:
    return serving_in_words(rows_of(EXACT, ("exact", "torch", 500.0, 0.4), *found, items=items), "parallel", "parallel")


def test_an_index_that_is_faster_and_loses_little_is_told_with_both() -> None:
    words = said(("hnsw", "ef 16", 100.0, 0.3), ("hnsw", "ef 64", 200.0, 0.395), ("ivf", "nprobe 9", 250.0, 0.4))
    assert words == (
        "**Parallel**: exact search answers in 400 µs. HNSW (ef 64) takes 200 µs: 2.0 times as fast, at −0.50 points "
        "of recall@100."
    )


def test_exact_search_wins_where_what_keeps_recall_is_slower() -> None:
    found = (("hnsw", "ef 16", 100.0, 0.3), ("hnsw", "ef 64", 600.0, 0.4))
    assert "simply wins" in said(*found)
    assert "2,726 items there is little to skip" in said(*found)
    assert "little to skip" not in said(*found, items=100_000)


def test_times_within_a_tenth_are_called_alike() -> None:
    assert "about alike" in said(("ivf", "nprobe 9", 380.0, 0.4))
    assert "about alike" in said(("ivf", "nprobe 9", 420.0, 0.4))


def test_an_index_that_loses_too_much_everywhere_is_not_held_against_exact_search() -> None:
    words = said(("ivf", "nprobe 1", 120.0, 0.2), ("ivf", "nprobe 2", 130.0, 0.38))
    assert "Every approximate setting measured loses more than a point" in words
    assert "IVF (nprobe 2) loses the least (−2.00 points of recall@100)" in words


def test_without_an_index_exact_search_stands_alone() -> None:
    assert said() == "**Parallel**: exact search answers in 400 µs. No approximate index was measured."


def test_the_towers_share_is_of_the_fastest_exact_call_of_each_arm() -> None:
    rows = rows_of(EXACT)
    other = rows.assign(arm="sequential", encode_p50=300.0, search_p50=300.0)
    assert "is 25% of an exact call" in share_in_words(rows)
    assert "is 25% to 50% of an exact call" in share_in_words(pd.concat([rows, other]))


@pytest.mark.parametrize(
    ("p50", "recall", "kept"),
    [
        ((1.0, 1.0), (0.2, 0.2), [True, True]),
        ((1.0, 1.0), (0.2, 0.3), [False, True]),
        ((2.0, 1.0), (0.3, 0.3), [False, True]),
    ],
)
def test_equal_points_do_not_beat_each_other(
    p50: tuple[float, ...], recall: tuple[float, ...], kept: list[bool]
) -> None:
    assert front(pd.DataFrame({"p50": p50, "recall": recall})).tolist() == kept
