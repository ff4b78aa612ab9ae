"""What the times say: the parts of a tower against their sum and their maximum, and when not to run side by side.

Knows no torch. Nothing is called slower or faster whose interval holds 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pdcn.pages.latency import words as say
from pdcn.words import listed, micro, plural, span, spoken

PARTS = ("cross", "deep", "join", "head")
BUSY = 0.1
"""From this share of the cores in other hands the page warns."""
SHOWN_OVERLAP = tuple(name for name in say.NAMED if "sequential" not in name and "compiled" not in name)
"""Forms whose branches were timed in the same way, so that it can be told how much they hide."""
FREE, LITTLE = 0.8, 0.2
"""Overlap from which the shorter branch is called free, and from which it costs little."""
CELL = ["threads", "batch", "width"]


def verdict(overlap: float) -> str:
    """What running the branches side by side costs, by the overlap of the best form: "free" where at least 80% of the
    shorter branch's time is hidden, "costs little" from 20%, else "costs the sum".

    >>> verdict(0.8), verdict(0.79), verdict(0.2), verdict(-0.1)
    ('free', 'costs little', 'costs little', 'costs the sum')
    """
    if overlap >= FREE:
        return "free"
    return "costs little" if overlap >= LITTLE else "costs the sum"


def judged(forms: pd.DataFrame) -> pd.DataFrame:
    """The rows with a column `verdict`, that of their cell (threads, batch, width) by its form of largest overlap.

    The rule reads the estimates alone: how sure they are stands in their intervals.
    """
    best = forms.groupby(CELL)["overlap"].transform("max")
    return forms.assign(verdict=best.map(verdict))


def cell_of(frame: pd.DataFrame, tower: str, threads: int, batch: int | None = None) -> pd.DataFrame:
    """The rows of one cell, or without a batch size of all that differ in nothing else."""
    own = frame[(frame["tower"] == tower) & (frame["threads"] == threads)]
    return own if batch is None else own[own["batch"] == batch]


def parts_of(times: pd.DataFrame) -> dict[str, float]:
    """Of one cell the p50 of each part, and the lines `sum` and `max` that follow from them, in microseconds.

    sum = t_cross + t_deep + what is behind them, max = max(t_cross, t_deep) + the same; behind are join and head.

    >>> rows = pd.DataFrame({"variant": ["cross", "deep", "join", "head"], "p50": [5.0, 3.0, 1.0, 2.0]})
    >>> parts_of(rows)["sum"], parts_of(rows)["max"]
    (11.0, 8.0)
    """
    p50 = times.set_index("variant")["p50"]
    found = {part: float(p50.get(part, 0.0)) for part in PARTS}  # without cross layers there is no "cross"
    behind = found["join"] + found["head"]
    found["sum"] = found["cross"] + found["deep"] + behind
    found["max"] = max(found["cross"], found["deep"]) + behind
    return found


def wholes_of(times: pd.DataFrame) -> pd.DataFrame:
    """Of one cell the rows of the whole towers of the same blocks, in order, with their name in words as `label`."""
    own = times[times["variant"].isin(list(say.NAMED))]
    own = own.assign(label=own["variant"].map(say.NAMED))
    return own.sort_values("variant", key=lambda names: names.map(list(say.NAMED).index), kind="stable")


def times_of(row: Mapping[Any, Any]) -> str:
    """A ratio with its interval in words, and whether it can be told from 1.

    >>> times_of({"ratio": 1.05, "ratio_low": 1.03, "ratio_high": 1.07})
    '1.05 times [1.03, 1.07]'
    >>> times_of({"ratio": 1.0, "ratio_low": 0.98, "ratio_high": 1.02})
    '1.00 times [0.98, 1.02] (no detectable difference)'
    """
    said = say.TIMES_ALIKE if alike(row) else say.TIMES
    return said(ratio=f"{row['ratio']:.2f}", interval=span(row["ratio_low"], row["ratio_high"], "{:.2f}".format))


def alike(row: Mapping[Any, Any]) -> bool:
    """Whether the interval of a ratio holds 1."""
    return bool(row["ratio_low"] <= 1 <= row["ratio_high"])


def claim(forms: pd.DataFrame, tower: str, threads: int, batch: int) -> str:
    """The answer at one cell: what plain code costs, and how much of the shorter branch the best form hides."""
    rows = {row["variant"]: row for row in cell_of(forms, tower, threads, batch).to_dict("records")}
    plain = say.PLAIN_ALIKE if alike(rows["parallel"]) else say.PLAIN
    said = plain(batch=f"{batch:,}", threads=plural(threads, "thread"), times=times_of(rows["parallel"]))
    known = {name: rows[name] for name in SHOWN_OVERLAP if name in rows and pd.notna(rows[name]["overlap_low"])}
    if not known:
        return f"{said} {say.NO_BRANCHES}"
    hiding = [name for name, row in known.items() if row["overlap_low"] > 0]
    if not hiding:
        return f"{said} {say.HIDES_NOTHING}"
    best = max(hiding, key=lambda name: float(known[name]["overlap"]))
    row = known[best]
    interval = span(row["overlap_low"], row["overlap_high"], "{:.0%}".format)
    found = {"form": say.NAMED[best], "share": f"{row['overlap']:.0%}", "interval": interval}
    hides = say.HIDES_MOST(count=len(known), **found) if len(known) > 1 else say.HIDES_ONE(**found)
    return f"{said} {hides}"


def hides_most(forms: pd.DataFrame) -> str:
    """The form of one cell that hides most, of those that detectably hide anything."""
    known = forms[forms["variant"].isin(SHOWN_OVERLAP) & (forms["overlap_low"] > 0)]
    if known.empty:
        return say.NONE_HIDES
    best = known.sort_values("overlap").iloc[-1]
    return say.ONE_HIDES(form=say.NAMED[best["variant"]], share=f"{best['overlap']:.0%}")


def slower_and_faster(forms: pd.DataFrame) -> tuple[int, int, int]:
    """At how many batch sizes plain code side by side is slower than one after the other, at how many it is faster, and
    of how many.

    >>> rows = {"variant": ["parallel"] * 3, "ratio_low": [1.1, 0.9, 0.7], "ratio_high": [1.2, 1.1, 0.8]}
    >>> slower_and_faster(pd.DataFrame(rows))
    (1, 1, 3)
    """
    own = forms[forms["variant"] == "parallel"]
    return int((own["ratio_low"] > 1).sum()), int((own["ratio_high"] < 1).sum()), len(own)


def when_not(times: pd.DataFrame, forms: pd.DataFrame, tower: str) -> list[str]:
    """When not to run side by side, as far as this was measured: one sentence a point."""
    own, against = times[times["tower"] == tower], forms[forms["tower"] == tower]
    one = own[own["threads"] == own["threads"].min()]
    return [*_serving(against), *_handed_over(against), *_at_equal_budget(against), *_small(one), _wide(one)]


def _ends(frame: pd.DataFrame) -> list[int]:
    """The smallest and the largest batch size, once where they are the same."""
    return [int(batch) for batch in dict.fromkeys((frame["batch"].min(), frame["batch"].max()))]


def _serving(forms: pd.DataFrame) -> Iterator[str]:
    where = say.CPU if forms["device"].iloc[0] == "cpu" else say.GPU
    plain = forms[(forms["variant"] == "parallel") & forms["batch"].isin(_ends(forms))]
    for threads, rows in plain.sort_values("batch").groupby("threads"):
        times = [say.AT_BATCH(times=times_of(row), batch=f"{row['batch']:,}") for row in rows.to_dict("records")]
        said = say.SERVING(where=where, threads=plural(int(str(threads)), "thread"), times=listed(times))
        yield said + (say.SERVING_WHY if (rows["ratio_low"] > 1).any() else "")


def _handed_over(forms: pd.DataFrame) -> Iterator[str]:
    for name, form in say.FORMS.items():
        own = forms[forms["variant"] == name]
        wins = sorted(own[own["overlap_low"] > 0]["batch"])
        if len(own) and not wins:
            yield say.HIDE_NONE(form=form)
        elif wins and len(wins) == len(own):
            yield say.HIDE_EVERYWHERE(form=form)
        elif wins:
            yield say.HIDE_SOMEWHERE(form=form, batches=", ".join(f"{batch:,}" for batch in wins))


def _at_equal_budget(forms: pd.DataFrame) -> Iterator[str]:
    arms = forms[forms["variant"].str.startswith("arm ") & forms["batch"].isin(_ends(forms))]
    for arm, own in arms.groupby("variant", sort=False):
        name, other = str(arm).removeprefix("arm "), str(own["against"].iloc[0]).removeprefix("arm ")
        times = [
            say.AT_CELL(times=times_of(row), batch=f"{row['batch']:,}", threads=plural(row["threads"], "thread"))
            for row in own.to_dict("records")
        ]
        yield say.AS_TRAINED(arm=spoken(name), other=spoken(other), times="; ".join(times))


def _small(times: pd.DataFrame) -> Iterator[str]:
    """`times` of one number of threads."""
    if len(_ends(times)) < 2:
        return
    small, large = _ends(times)
    p50 = times[times["variant"] == "parallel"].set_index("batch")["p50"]
    example = p50[large] / large
    fixed = 1 - min(1.0, example * small / p50[small])
    yield say.SMALL(
        small=f"{small:,}", call=micro(p50[small]), large=f"{large:,}", example=micro(example), share=f"{fixed:.0%}"
    )


def _wide(times: pd.DataFrame) -> str:
    """`times` of one number of threads."""
    shares = []
    for batch in _ends(times):
        parts = parts_of(times[times["batch"] == batch])
        share = (parts["join"] + parts["head"]) / parts["sum"]
        shares.append(say.AT_BATCH(times=f"{share:.0%}", batch=f"{batch:,}"))
    return say.WIDE(shares=listed(shares))
