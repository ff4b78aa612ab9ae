"""Where two towers differ in what they keep, with an interval over seeds, and where the most is lost, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdcn.evaluation.statistics import Outcome, outcome, paired_interval
from pdcn.pages.inside.work import words as say
from pdcn.words import capital, plural, points, span, spoken

OUTPUT = "head"


@dataclass(frozen=True)
class Gap:
    """Mean score of two arms at the output, as shares, and their difference with its 95% interval over seeds."""

    one: float
    other: float
    difference: float
    low: float
    high: float
    verdict: Outcome
    seeds: int


def at_point(table: pd.DataFrame, arm: str, point: str, moment: str = "trained") -> pd.Series[float]:
    """The mean score of an arm at a point by seed; `table` is of one side, as the analysis keeps its points."""
    rows = table[(table["arm"] == arm) & (table["point"] == point) & (table["moment"] == moment)]
    return rows.set_index("seed")["kept"].sort_index()


def gap(table: pd.DataFrame, arm: str, against: str) -> Gap | None:
    """One arm's score minus the other's at the output, paired by seed (Student t); None without a seed of both."""
    one, other = at_point(table, arm, OUTPUT), at_point(table, against, OUTPUT)
    seeds = one.index.intersection(other.index)
    if not len(seeds):
        return None
    a, b = one[seeds].to_numpy(float), other[seeds].to_numpy(float)
    found = paired_interval((a - b)[:, None, None])
    difference, low, high = float(found.mean[0]), float(found.low[0]), float(found.high[0])
    said = outcome(difference, float(found.p[0]), len(seeds))
    return Gap(float(a.mean()), float(b.mean()), difference, low, high, said, len(seeds))


def stages_of(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Points that all of a tower's way goes through, from x0 to the output, with `name`, `point` and `kept` (mean).

    Where branches stand beside each other that is x0, the join and the output.
    """
    own = table[(table["arm"] == arm) & (table["moment"] == "trained")]
    mean = own.groupby(["place", "point", "name", "width"])["kept"].mean().reset_index()  # sorted by place
    beside = mean["point"].str.startswith("1.").any() or (mean["point"] == "join").any()
    single = ~mean["point"].str.contains(".", regex=False) if beside else np.ones(len(mean), bool)
    kept: pd.DataFrame = mean[single].reset_index(drop=True)
    return kept


def steepest(table: pd.DataFrame, arm: str) -> tuple[str, str, float] | None:
    """Between which two consecutive stages the mean score falls most, and by how much; None where it never falls."""
    stages = stages_of(table, arm)
    falls = -stages["kept"].diff().iloc[1:]
    if falls.empty or not (falls > 0).any():
        return None
    at = int(falls.to_numpy().argmax())
    return str(stages["name"][at]), str(stages["name"][at + 1]), float(falls.iloc[at])


def read_by_deep(table: pd.DataFrame, arm: str) -> tuple[str, float] | None:
    """Name and mean score of the point that an arm's first deep layer reads; None without a deep layer."""
    own = table[(table["arm"] == arm) & (table["moment"] == "trained")]
    deep = own[own["name"] == "Deep 1"]
    if deep.empty:
        return None
    column, _, row = str(deep["point"].iloc[0]).partition(".")
    below = own[own["point"] == (f"{column}.{int(row) - 1}" if int(row) else "embedding")]
    return str(below["name"].iloc[0]), float(below["kept"].mean())


def in_words(table: pd.DataFrame, arms: tuple[str, ...], side: str) -> list[str]:
    """What is lost where, a sentence each: the outputs against each other, what deep networks read, each arm's way.

    The outputs of all arms have the same width, so there no arm loses by width alone.
    """
    said = _output(table, arms, side) if len(arms) > 1 else []
    reads = [(spoken(arm), read) for arm in arms if (read := read_by_deep(table, arm))]
    said += [say.DEEP_READS(arm=arm, point=name, kept=f"{score:.0%}") for arm, (name, score) in reads]
    for arm in arms:
        stages = stages_of(table, arm)
        chain = " → ".join(say.STAGE(stage=row["name"], kept=f"{row['kept']:.0%}") for row in stages.to_dict("records"))
        fall = steepest(table, arm)
        way = {"arm": spoken(arm), "stages": chain}
        said.append(say.STEEPEST(**way, first=fall[0], second=fall[1]) if fall else say.WAY_UP(**way))
    return said


def _output(table: pd.DataFrame, arms: tuple[str, ...], side: str) -> list[str]:
    """The outputs of two arms against each other, over how much they are means, and how they were before training."""
    found = gap(table, arms[0], arms[1])
    one, other = (spoken(arm) for arm in arms[:2])
    if found is None:
        return [say.NO_SEED_IN_COMMON(arm=capital(one), other=other)]
    known = {"side": side, "arm": one, "one": f"{found.one:.1%}", "other": other, "two": f"{found.other:.1%}"}
    known["difference"] = points(found.difference)
    if found.verdict == "too few seeds":
        said = [say.KEPT["one seed"](**known)]
    else:
        alike = found.verdict == "no detectable difference"
        which = "alike" if alike else "more" if found.difference > 0 else "less"
        said = [say.KEPT[which](**known, interval=span(found.low, found.high))]
    fields = plural(int(table["fields"].iloc[0]), "field")
    said.append(say.MEANS(fields=fields, seeds=plural(found.seeds, "seed")))
    start = [at_point(table, arm, OUTPUT, "before") for arm in arms[:2]]
    if all(map(len, start)):
        a, b = (float(s.mean()) for s in start)
        said.append(say.BEFORE(one=f"{a:.1%}", arm=one, two=f"{b:.1%}", other=other, difference=points(a - b)))
    return said
