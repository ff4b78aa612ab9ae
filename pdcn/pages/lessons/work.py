"""What a lesson asks about: measures of a run, by name. Each is computed from the run; no answer is written down.

A measure says what kind of answer it has, and works it out of what a run kept: its record, its plans, its data's
profile, and the tables of an analysis where it needs one. Where a run cannot say it, a `SettingError` tells why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from pdcn.evaluation.comparison import Comparison, comparisons_of, counted_arms, headline_in, headline_of, record_of
from pdcn.files import DATA, read_json
from pdcn.inert import line
from pdcn.nn.fields import pair_frame
from pdcn.pages.lessons import words as say
from pdcn.research.answers import metric_of
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.tasks import task_of
from pdcn.tasks.metric import Metric
from pdcn.tasks.words import POINTS_OF
from pdcn.words import points, span, spoken

Kind = Literal["number", "choice", "order"]
OFFERED = 4
"""So many crosses there are to choose from."""
LISTED = 3
"""So many things are put in order: arms and baselines from the best down."""


@dataclass(frozen=True)
class Found:
    """What a run answers: a number with its interval where it has one, one of the options, or all of them in order.

    `said` is what was measured, as a sentence, where an option alone would hide it.
    """

    value: float | str | tuple[str, ...]
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class Evidence:
    """What a measure reads: a run, and the tables of the analysis that it needs."""

    folder: RunFolder
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def result(self) -> dict[str, Any]:
        """The run's record."""
        found = self.folder.whole_result()
        if found is None or not counted_arms(found):
            raise SettingError(say.NO_RESULT)
        return found

    @cached_property
    def headline(self) -> Comparison:
        """The comparison that the verdict is about; of several that of parallel, else the first."""
        found = headline_of(comparisons_of(self.result), headline_in(self.result))
        if not found:
            raise SettingError(say.NO_COMPARISON)
        return next((c for c in found if c.arm == "parallel"), found[0])

    @property
    def arm(self) -> str:
        """The arm that is asked about."""
        return self.headline.arm

    @cached_property
    def profile(self) -> dict[str, Any]:
        """What the data looks like."""
        if self.folder.profile is None:
            raise SettingError(say.NO_RESULT)
        return self.folder.profile

    @property
    def dense(self) -> dict[str, int]:
        """Dense parameters by arm."""
        return {arm: int(record["parameters"]["dense"]) for arm, record in counted_arms(self.result).items()}

    def pairs(self, arm: str) -> pd.DataFrame:
        """Pairs of two categories of the query tower's first cross layer, the largest first: `a`, `b`, `label`,
        `seed`, `scaled`."""
        blocks = self.tables["blocks"]
        own = blocks[(blocks["arm"] == arm) & (blocks["side"] == "query") & (blocks["layer"] == 0)]
        own = own[own["moment"] == "learned"]
        if own.empty:
            raise SettingError(say.NO_MAP(arm=spoken(arm)))
        found = pair_frame(own, list(dict.fromkeys(own["write"])), ["seed"], "scaled")
        known = {one["name"]: one for one in self.profile["fields"] if one["side"] == "query"}
        numbers = {name for name, one in known.items() if one["kind"] == "number"}
        found = found[(found["a"] != found["b"]) & ~found["a"].isin(numbers) & ~found["b"].isin(numbers)]
        labels = {name: line(one["label"]) for name, one in known.items()}
        found = found.assign(label=[_pair(labels[a], labels[b]) for a, b in zip(found["a"], found["b"], strict=True)])
        return found.sort_values("scaled", ascending=False, kind="stable", ignore_index=True)

    def ranked(self, arm: str) -> pd.DataFrame:
        """As `pairs`, mean over seeds, the largest first."""
        mean = self.pairs(arm).groupby(["a", "b", "label"], sort=False, as_index=False).agg(scaled=("scaled", "mean"))
        return mean.sort_values("scaled", ascending=False, kind="stable", ignore_index=True)


def _pair(a: str, b: str) -> str:
    return f"{a} × {b}"


@dataclass(frozen=True)
class Measure:
    """What can be asked of a run: its kind, how to work it out, which analysis it needs, and what a number is of.

    `answers` are those of a choice whose labels a lesson writes; a choice without them brings its own labels.
    """

    kind: Kind
    of: Callable[[Evidence], Found]
    needs: str = ""
    unit: str = "count"
    answers: tuple[str, ...] = ()


def _of_headline(c: Comparison, value: float) -> float:
    return c.metric.scale * value


def _difference(seen: Evidence) -> Found:
    c = seen.headline
    if c.seeds < 2:
        return Found(_of_headline(c, c.difference))
    value, low, high = (_of_headline(c, one) for one in (c.difference, c.low, c.high))
    return Found(value, low, high)


def _verdict(seen: Evidence) -> Found:
    c = seen.headline
    if c.verdict not in VERDICTS:
        raise SettingError(say.TOO_LITTLE)
    return Found(c.verdict, said=_size(c.metric, c.difference, c.low, c.high))


def _size(metric: Metric, difference: float, low: float, high: float) -> str:
    """A difference with its interval, as a sentence."""
    return say.SIZE(size=metric.told(difference), interval=span(low, high, metric.change))


def _recall(seen: Evidence) -> Found:
    metric = headline_in(seen.result)
    return Found(metric.scale * record_of(seen.result["arms"][seen.arm], metric))


def _by_recall(seen: Evidence) -> Found:
    metric, result = headline_in(seen.result), seen.result
    floors = {name: result["baselines"][name] for name in task_of(result).floors if name in result["baselines"]}
    weakest = dict(list(floors.items())[:1])
    levels = {name: record_of(one, metric) for name, one in {**counted_arms(result), **weakest}.items()}
    return _in_order({spoken(name): metric.scale * level for name, level in levels.items()})


def _in_order(levels: Mapping[str, float]) -> Found:
    """The names of the largest levels, the largest first; offered in alphabetical order."""
    if len(levels) < 2:
        raise SettingError(say.NO_COMPARISON)
    best = tuple(sorted(levels, key=lambda name: -levels[name])[:LISTED])
    return Found(best, options=tuple(sorted(best)))


def _size_gap(seen: Evidence) -> Found:
    dense, c = seen.dense, seen.headline
    return Found(100 * (dense[c.arm] / dense[c.against] - 1))


def _dense(seen: Evidence) -> Found:
    return Found(float(seen.dense[seen.arm]))


def _share_of_cross(seen: Evidence) -> Found:
    plan = ((seen.folder.towers or {}).get(seen.arm) or {}).get("plan", {}).get("query")
    if not plan:
        raise SettingError(say.NO_RESULT)
    blocks = [block for branch in (*(plan.get("below") or ()), *plan["branches"]) for block in branch]
    blocks += [part for name in ("join", "head") if isinstance(part := plan.get(name), dict)]
    crosses = sum(int(block["parameters"]) for block in blocks if block["kind"] == "cross")
    return Found(100 * crosses / max(1, sum(int(block["parameters"]) for block in blocks)))


def _pairs_of_fields(seen: Evidence) -> Found:
    count = sum(one["side"] == "query" for one in seen.profile["fields"])
    return Found(count * (count - 1) / 2)


def _degree(seen: Evidence) -> Found:
    return Found(float(seen.folder.experiment.network.cross_layers + 1))


def _seeds_ahead(seen: Evidence) -> Found:
    c, arms = seen.headline, seen.result["arms"]
    own, other = (record_of(arms[arm], c.metric, "_per_seed") for arm in (c.arm, c.against))
    return Found(float(sum(a > b for a, b in zip(own, other, strict=False))))


def _interval_width(seen: Evidence) -> Found:
    c = seen.headline
    if c.seeds < 2:
        raise SettingError(say.TOO_LITTLE)
    return Found(_of_headline(c, c.high - c.low))


def _detectable(seen: Evidence) -> Found:
    c = seen.headline
    if not c.detectable:
        raise SettingError(say.TOO_LITTLE)
    return Found(_of_headline(c, c.detectable))


def _slices(seen: Evidence) -> Found:
    slices = seen.folder.slices
    c = seen.headline
    own = slices[(slices["kind"] == "item popularity") & (slices["arm"] == c.arm)] if slices is not None else None
    if own is None or len(own) < 2:
        raise SettingError(say.NO_SLICES)
    return _first_of(dict(zip(map(line, own["value"]), own["difference"].astype(float), strict=True)))


def _first_of(levels: Mapping[str, float]) -> Found:
    """The name of the largest level, offered among all of them in the order in which they come."""
    return Found(max(levels, key=lambda name: levels[name]), options=tuple(levels))


def _without(part: str) -> Callable[[Evidence], Found]:
    """What is lost where a branch is muted in both towers, or passed by where it is the only one."""

    def lost(seen: Evidence) -> Found:
        drops = seen.tables["drops"]
        own = drops[(drops["arm"] == seen.arm) & drops["variant"].isin([f"mute {part}, both", f"bypass {part}, both"])]
        if own.empty:
            raise SettingError(say.NO_BRANCH(arm=spoken(seen.arm)))
        row = own.iloc[0]
        value, low, high = (-100 * float(row[name]) for name in ("difference", "high", "low"))
        return Found(value, low, high)

    return lost


def _which_branch(seen: Evidence) -> Found:
    lost = {part: float(str(_without(part)(seen).value)) for part in ("cross", "deep")}
    return Found(max(lost, key=lambda part: lost[part]))


def _largest_cross(arm: Callable[[Evidence], str]) -> Callable[[Evidence], Found]:
    """The largest cross of an arm, offered among three from further down its list, all in alphabetical order."""

    def largest(seen: Evidence) -> Found:
        labels = list(seen.ranked(arm(seen))["label"])
        if len(labels) < 2:
            raise SettingError(say.NO_MAP(arm=spoken(arm(seen))))
        last = len(labels) - 1
        others = [labels[last * at // (OFFERED - 1)] for at in range(1, OFFERED)]
        return Found(labels[0], options=tuple(sorted({labels[0], *others})))

    return largest


def _same_cross(seen: Evidence) -> Found:
    first, other = (seen.ranked(arm)["label"].iloc[0] for arm in (seen.headline.arm, seen.headline.against))
    return Found("yes" if first == other else "no")


def _seeds_of_largest(seen: Evidence) -> Found:
    best = seen.ranked(seen.arm)["label"].iloc[0]
    firsts = seen.pairs(seen.arm).groupby("seed")["label"].first()
    return Found(float((firsts == best).sum()))


def _largest_is_worth(seen: Evidence) -> Found:
    """Whether recall falls detectably without the pair whose loss is largest on the query side."""
    drops = seen.tables["drops"]
    own = drops[(drops["arm"] == seen.arm) & (drops["side"] == "query") & (drops["layer"] == 0)]
    own = own[(own["measure"] == "ablation") & (own["a"] != own["b"])]
    if own.empty:
        raise SettingError(say.NO_MAP(arm=spoken(seen.arm)))
    return Found("yes" if float(own.sort_values("drop")["low"].iloc[-1]) > 0 else "no")


def _planted(seen: Evidence) -> Found:
    """How many planted crosses of the query side are among as many of the largest."""
    planted = [cross["fields"] for cross in _truth(seen) if cross["side"] == "query"]
    pairs = {frozenset(map(line, pair)) for fields in planted for pair in combinations(fields, 2)}
    largest = {frozenset(label.split(" × ")) for label in seen.ranked(seen.arm)["label"][: len(pairs)]}
    return Found(float(len(pairs & largest)))


def _truth(seen: Evidence) -> list[dict[str, Any]]:
    """What was planted; `SettingError` where nothing was."""
    truth = seen.profile.get("truth")
    if not truth:
        raise SettingError(say.NOTHING_PLANTED)
    return list(truth)


def _products(_: Evidence) -> Found:
    """Which network comes closer to the published product f1, from the bundled study: mean error over seeds."""
    found = read_json(DATA / "findings" / "dcnv2-synthetic.json")
    rows = found["rows"] if isinstance(found, dict) else []
    errors = {row["model"]: sum(row["rmse"]) / len(row["rmse"]) for row in rows if row["target"] == "f1"}
    if not {"DCN-V2", "DNN, large"} <= errors.keys():
        raise SettingError(say.NO_RESULT)
    return Found("cross" if errors["DCN-V2"] < errors["DNN, large"] else "mlp")


def _row(finding: str, group: str, label: str, arm: str, against: str) -> dict[str, Any]:
    """A row of a bundled finding, by its data, what its label begins with, and its arms."""
    found = read_json(DATA / "findings" / f"{finding}.json")
    asked = {"group": group, "arm": arm, "against": against}
    for row in found["rows"] if isinstance(found, dict) else []:
        if asked.items() <= row.items() and row["label"].startswith(label):
            return dict(row)
    raise SettingError(say.NO_RESULT)


def _found_by(finding: str, group: str, arm: str, against: str) -> Callable[[Evidence], Found]:
    """A difference that a bundled finding measured, in points."""

    def difference(_: Evidence) -> Found:
        row = _row(finding, group, "", arm, against)
        return Found(*(100 * row[name] for name in ("difference", "low", "high")))

    return difference


def _verdict_of(finding: str, group: str, arm: str, against: str, label: str = "") -> Callable[[Evidence], Found]:
    """How a bundled finding's comparison came out."""

    def verdict(_: Evidence) -> Found:
        row = _row(finding, group, label, arm, against)
        size = _size(metric_of(row), row["difference"], row["low"], row["high"])
        return Found(str(row["verdict"]), said=size)

    return verdict


def _projected(part: str) -> dict[str, Any]:
    """What the bundled study of projections measured of the widest DCN V2 of full rank: a part of its row."""
    record = read_json(DATA / "findings" / "projections.json")
    rows = record["rows"] if isinstance(record, dict) else []
    own = [row for row in rows if row["projection"] == "dcn"]
    if not isinstance(record, dict) or not own or part not in own[0]:
        raise SettingError(say.NO_RESULT)
    return {**max(own, key=lambda row: row["projected"]), "metric": record["metric"]}


def _time_of_projection(_: Evidence) -> Found:
    """The time of a query tower with that projection, as a share of the time of one that reads all actions side by
    side."""
    row = _projected("times_64")
    return Found(*(100 * row[name] for name in ("times_64", "times_low_64", "times_high_64")))


def _signal_of_projection(_: Evidence) -> Found:
    """How what it finds compares with what all actions side by side find."""
    row = _projected("against_whole")
    held = row["against_whole"]
    size = POINTS_OF(change=points(held["difference"]), metric=row["metric"])
    return Found(str(held["verdict"]), said=say.SIZE(size=size, interval=span(held["low"], held["high"])))


VERDICTS = ("better", "worse", "no detectable difference")
YES_OR_NO = ("yes", "no")
MEASURES: Mapping[str, Measure] = {
    "difference": Measure("number", _difference, unit="points"),
    "verdict": Measure("choice", _verdict, answers=VERDICTS),
    "recall": Measure("number", _recall, unit="percent"),
    "order by recall": Measure("order", _by_recall),
    "dense parameters": Measure("number", _dense),
    "size gap": Measure("number", _size_gap, unit="percent"),
    "share of cross layers": Measure("number", _share_of_cross, unit="percent"),
    "pairs of fields": Measure("number", _pairs_of_fields),
    "degree": Measure("number", _degree),
    "seeds ahead": Measure("number", _seeds_ahead),
    "interval width": Measure("number", _interval_width, unit="points"),
    "detectable": Measure("number", _detectable, unit="points"),
    "best slice": Measure("choice", _slices),
    "lost without cross": Measure("number", _without("cross"), "inside", "points"),
    "lost without deep": Measure("number", _without("deep"), "inside", "points"),
    "branch that matters": Measure("choice", _which_branch, "inside", answers=("cross", "deep")),
    "largest cross": Measure("choice", _largest_cross(lambda seen: seen.headline.arm), "crosses"),
    "largest cross of the baseline": Measure("choice", _largest_cross(lambda seen: seen.headline.against), "crosses"),
    "same largest cross": Measure("choice", _same_cross, "crosses", answers=YES_OR_NO),
    "seeds with that cross": Measure("number", _seeds_of_largest, "crosses"),
    "one cross matters": Measure("choice", _largest_is_worth, "importance", answers=YES_OR_NO),
    "planted found": Measure("number", _planted, "crosses"),
    "learns a product": Measure("choice", _products, answers=("cross", "mlp")),
    "conversions, the wirings": Measure(
        "number", _found_by("conversions", "shopping", "parallel", "sequential"), unit="points"
    ),
    "conversions, the crosses": Measure(
        "choice", _verdict_of("conversions", "shopping", "parallel", "wide_deep"), answers=VERDICTS
    ),
    "hard negatives": Measure(
        "choice", _verdict_of("systems", "shopping", "parallel", "parallel", "hard negatives"), answers=VERDICTS
    ),
    "time of a projection": Measure("number", _time_of_projection, unit="percent"),
    "signal of a projection": Measure("choice", _signal_of_projection, answers=VERDICTS),
    "ranking, the wirings": Measure(
        "choice", _verdict_of("ranking", "planted crosses", "parallel", "sequential"), answers=VERDICTS
    ),
}
"""Everything that a lesson can ask, by the name that its file writes."""
