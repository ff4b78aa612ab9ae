"""The answers to the open questions in words, written from the numbers of a finding alone.

The first sentence of an answer stands for all of it where there is little room. A setting that raced in several worlds
is one row, about worlds like these; how far they differ is told beside it. That a difference is detectable in one
setting and not in another does not say that the two differ. So where a question asks what changes the difference,
settings are also held against one another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from pdcn.config import TOLERANCE
from pdcn.crossings import CROSSINGS
from pdcn.evaluation.causes import PATH, SOURCES
from pdcn.evaluation.comparison import Comparison, comparison_of
from pdcn.evaluation.statistics import LEVEL, Contrast, contrast, holm, outcome
from pdcn.evaluation.worlds import over_worlds
from pdcn.research import words as say
from pdcn.research.findings import Finding
from pdcn.tasks import TASKS
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.metrics import LARGEST_K, Recall
from pdcn.wirings import crossing_of
from pdcn.words import Sentence, capital, listed, percent, plural, points, span, spoken

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """By how much a row's difference exceeds that of the row it is held against; `adjusted` after Holm."""

    row: Row
    held: Row
    size: Contrast
    adjusted: float

    @property
    def kind(self) -> str:
        """In a word or none."""
        if self.adjusted > 1 - LEVEL:
            return ""
        return "larger" if self.size.difference > 0 else "smaller"


def answer(finding: Finding, record: Mapping[str, Any]) -> str:
    """The whole answer."""
    return " ".join(sentences(finding, record))


def sentences(finding: Finding, record: Mapping[str, Any]) -> list[str]:
    """The answer, sentence by sentence, the one that matters most first."""
    return TOLD[finding.kind](finding, rows_of(finding, record))


def rows_of(finding: Finding, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a record, one a setting: those of one setting in several worlds are put together.

    Where there are such, p-values are adjusted (Holm) over what is then left, and `worlds` of such a row has their
    number, the spread between them and the luck within one; it knows of the headline alone.
    """
    settings = {(race.group, race.label): race.setting for race in finding.races if race.setting}
    if not settings:
        return list(record["rows"])
    together: dict[tuple[str, ...], list[Row]] = {}
    for row in record["rows"]:
        own = [settings[row["group"], name] for name in names_of(row) if (row["group"], name) in settings]
        for label in own or [row["label"]]:
            together.setdefault((row["group"], label, row["arm"], row["against"]), []).append(row)
    rows = [
        _over_worlds(label, own) if len(own) > 1 else {**own[0], "label": label}
        for (_, label, _, _), own in together.items()
    ]
    for row, p in zip(rows, holm(np.array([row["p"] for row in rows])).tolist(), strict=True):
        short = row["verdict"] == "too short"
        row |= {"adjusted": p, "verdict": row["verdict"] if short else outcome(row["difference"], p, row["seeds"])}
    return rows


def _over_worlds(label: str, own: Sequence[Row]) -> dict[str, Any]:
    """One row of a setting's rows in several worlds."""
    errors = [
        math.hypot(max(row["seed_spread"], row["seed_floor"]) / math.sqrt(row["seeds"]), row["user_error"])
        for row in own
    ]
    found = over_worlds(np.array([row["difference"] for row in own]), np.array(errors))
    recall = np.mean([row["recall"] for row in own], axis=0).tolist()
    return {
        **own[0],
        "label": label,
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "verdict": next((row["verdict"] for row in own if row["verdict"] == "too short"), ""),
        "recall": recall,
        "difference_percent": 100 * found.mean / recall[1] if recall[1] else None,
        "unfinished": sorted({arm for row in own for arm in row["unfinished"]}),
        "baselines": {name: float(np.mean([row["baselines"][name] for row in own])) for name in own[0]["baselines"]},
        "other": {},
        **{name: sum(row[name] for row in own) for name in ("users", "events")},
        "worlds": {"count": found.worlds, "between": found.between, "luck": found.luck},
    }


def details(finding: Finding, record: Mapping[str, Any]) -> list[str]:
    """What changes the difference, a sentence for each row that others are held against; what was not finished."""
    said = []
    found = changes(finding, record)
    for held in {id(change.held): change.held for change in found}.values():
        own = [change for change in found if change.held is held]
        at = {"group": held["group"], "held": called(held["label"])}
        for kind, sentence in (("larger", say.LARGER), ("smaller", say.SMALLER)):
            told = [f"{called(c.row['label'])} ({interval(c.size)})" for c in own if c.kind == kind]
            said += [sentence(labels=listed(told), **at)] if told else []
        same = [called(change.row["label"]) for change in own if not change.kind]
        said += [say.UNCHANGED(labels=listed(same), **at)] if same else []
    rows = rows_of(finding, record)
    said += _between_worlds(finding, rows)
    unfinished = sorted({(row["label"], arm) for row in rows for arm in row["unfinished"]})
    if unfinished:
        told = [f"{spoken(arm)} ({called(label)})" for label, arm in unfinished]
        said.append(say.UNFINISHED(arms=listed(told)))
    return said


def _between_worlds(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """Of each pair, how far worlds of one setting differ beyond the luck within a world."""
    said = []
    for arm, against in finding.pairs:
        own = [row for row in rows if (row["arm"], row["against"]) == (arm, against) and "worlds" in row]
        if not own:
            continue
        count = own[0]["worlds"]["count"]
        apart = [
            f"{100 * row['worlds']['between']:.2f} points with {row['label']}"
            for row in own
            if row["worlds"]["between"]
        ]
        alike = [row["label"] for row in own if not row["worlds"]["between"]]
        parts = [say.WORLDS(arm=capital(spoken(arm)), held=spoken(against), count=count)]
        parts += [say.WORLDS_APART(sizes=listed(apart))] if apart else []
        parts += [say.WORLDS_ALIKE(labels=listed(alike))] if alike else []
        said.append(" ".join(parts))
    return said


def changes(finding: Finding, record: Mapping[str, Any]) -> list[Change]:
    """The contrasts between rows of one group, their p-values adjusted (Holm) over all of them."""
    own = [row for row in record["rows"] if (row["arm"], row["against"]) == finding.pairs[0]]
    at = {(row["group"], name): row for row in own for name in names_of(row)}
    pairs = {
        (id(at[group, name]), id(at[group, held])): (at[group, name], at[group, held])
        for group in dict.fromkeys(row["group"] for row in own)
        for name, held in finding.changes
        if (group, name) in at and (group, held) in at and at[group, name] is not at[group, held]
    }
    sizes = [_contrast(*pair) for pair in pairs.values()]
    adjusted = holm(np.array([size.p for size in sizes])).tolist()
    return [Change(*pair, size, p) for pair, size, p in zip(pairs.values(), sizes, adjusted, strict=True)]


def _contrast(row: Row, held: Row) -> Contrast:
    mean, error, seeds = ((row[name], held[name]) for name in ("difference", "user_error", "seeds"))
    spread = tuple(max(one["seed_spread"], one["seed_floor"] or 0.0) for one in (row, held))
    return contrast(mean, (spread[0], spread[1]), error, seeds)


def metric_of(row: Mapping[Any, Any]) -> Metric:
    """What a row is a difference in."""
    kinds = {kind.name: kind for task in TASKS.values() for kind in task.kinds}
    return kinds[row["metric"]](row["k"])


def names_of(row: Row) -> list[str]:
    """A row's label, and those of the settings that came to the same trainings.

    >>> names_of({"label": "equal parameters (also equal FLOPs)"})
    ['equal parameters', 'equal FLOPs']
    """
    return [*row["label"].removesuffix(")").split(" (also ")]


def interval(c: Contrast, of: str = "") -> str:
    """A difference in points, `of` something other than recall, with its interval.

    >>> interval(Contrast(0.012, 0.004, 0.02, 0.01))
    '+1.20 points [+0.40, +2.00]'
    """
    return f"{points(c.difference)} points{of} {span(c.low, c.high)}"


def _size(row: Row) -> str:
    metric = metric_of(row)
    size = Contrast(row["difference"], row["low"], row["high"], row["p"])
    return interval(size) if metric.name == Recall.name else interval(size, f" of {metric}")


def called(label: str) -> str:
    """A setting's label as a person says it.

    >>> called("low_rank against full"), called("dcn_v1")
    ('low-rank against full', 'DCN V1')
    """
    parts = label.split(" against ")
    return " against ".join(CROSSINGS[one].label or spoken(one) if one in CROSSINGS else one for one in parts)


def _cause(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """What each step from sequential to parallel brings, and on which data."""
    said = []
    for source, pair in zip(map(capital, SOURCES), zip(PATH[1:], PATH, strict=False), strict=True):
        own = [row for row in rows if (row["arm"], row["against"]) == pair]
        found = []
        for verdict, sentence in (("better", say.BRINGS), ("worse", say.COSTS)):
            sure = [row for row in own if row["verdict"] == verdict]
            sizes = listed(f"{100 * abs(row['difference']):.2f}" for row in sure) + " points" if sure else ""
            groups = listed(row["group"] for row in sure) if sure else ""
            found += [sentence(source=source, sizes=sizes, metric=metric_of(rows[0]), groups=groups)] if sure else []
        said += found or [say.BRINGS_NOTHING(source=source)]
    between = [row for row in rows if (row["against"], row["arm"]) in pairwise(PATH)]
    detected = {row["group"] for row in between if row["verdict"] in ("better", "worse")}
    without = [group for group in dict.fromkeys(row["group"] for row in between) if group not in detected]
    return [*said, *([say.NO_STEP(groups=listed(without))] if without else [])]


def _arms(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """Which arms are better and worse than those they are held against, by group; then those that are neither."""
    found, same = [], []
    for held, group in dict.fromkeys((row["against"], row["group"]) for row in rows):
        own = [row for row in rows if (row["against"], row["group"]) == (held, group)]
        at = {"group": group, "held": spoken(held)}
        for verdict, sentence in (("better", say.BEATS), ("worse", say.LOSES)):
            told = [f"{_armed(row)} ({_size(row)})" for row in own if row["verdict"] == verdict]
            found += [sentence(arms=listed(told), **at)] if told else []
        alike = [_armed(row) for row in own if row["verdict"] not in ("better", "worse")]
        same += [say.ALIKE(arms=listed(alike), **at)] if alike else []
    return [*found, *same]


def _armed(row: Row) -> str:
    """A row's arm by its name; of the control without crosses it is said that it has none."""
    name = spoken(row["arm"])
    return str(say.WITHOUT_CROSSES(arm=name)) if row["arm"] == "wide_deep" else name


def _settings(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """How often each pair came out how, over all settings."""
    said = []
    for arm, against in finding.pairs:
        own = [row for row in rows if (row["arm"], row["against"]) == (arm, against)]
        held = say.NO_CROSSES(arm=spoken(against)) if against == "wide_deep" else spoken(against)
        settings = plural(len(own), "setting")
        if any(row["verdict"] in ("better", "worse") for row in own):
            said.append(say.COUNTED(arm=capital(spoken(arm)), held=held, settings=settings, **_counts(own)))
        else:
            said.append(say.NEITHER(arm=spoken(arm), held=held, settings=settings))
            above, below = sum(row["low"] > 0 for row in own), sum(row["high"] < 0 for row in own)
            if above or below:
                said.append(say.ALONE(count=len(own), above=above or say.NONE, below=below or say.NONE))
    return [*said, *_unequal(finding, rows)]


def _unequal(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """Where dense parameters were to be equal, and the widths that may move did not allow it."""
    said = []
    far = [r for r in rows if r["match"] == "parameters" and abs(r["residual"]) > TOLERANCE["parameters"]]
    for arm, against in finding.pairs:
        own = [row for row in far if (row["arm"], row["against"]) == (arm, against)]
        for group in dict.fromkeys(row["group"] for row in own):
            told = [f"{called(r['label'])} ({percent(100 * r['residual'])})" for r in own if r["group"] == group]
            said.append(say.UNEQUAL(group=group, arm=spoken(arm), held=spoken(against), settings=listed(told)))
    return said


def _counts(rows: Sequence[Row]) -> dict[str, str]:
    """How many rows are better and how many worse, in words where there is none."""
    verdicts = [row["verdict"] for row in rows]
    return {verdict: str(verdicts.count(verdict) or say.NONE) for verdict in ("better", "worse")}


def _levels(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """Which kind of cross layer finds more in the first arm, at equal size first, how the wirings compare with each,
    and what the arms of the further pairs came to, with their sizes."""
    equal = [row for row in rows if crossing_of(row["arm"]) and row["arm"] != row["against"]]
    levels = [row for row in rows if row["arm"] == row["against"]]
    cases = plural(len(levels), "case")
    said = _at_equal_size(finding.pairs[0][0], equal)
    said += [say.LEVELS(arm=spoken(finding.pairs[0][0]), cases=cases, **_counts(levels))]
    for verdict, sentence in (("better", say.LEVEL_BETTER), ("worse", say.LEVEL_WORSE)):
        sure = [row for row in levels if row["verdict"] == verdict]
        for group in dict.fromkeys(row["group"] for row in sure):
            told = [f"{called(row['label'])} ({_size(row)})" for row in sure if row["group"] == group]
            said.append(sentence(group=group, labels=listed(told)))
    said += _sizes(levels, say.LEVEL_SIZES, called)
    said += _settings(replace(finding, pairs=finding.pairs[:1]), rows)
    others = [row for row in rows if (row["arm"], row["against"]) in finding.pairs[1:] and row not in equal]
    unequal = [row for row in others if row["against"] == finding.pairs[0][1]]
    return [*said, *_arms(finding, others), *_sizes(unequal, say.SIZES, spoken)]


def _parts(finding: Finding, rows: Sequence[Row]) -> list[str]:
    """What the first arm finds when a part of the system is changed, then how the two arms of the claim compare."""
    levels = [row for row in rows if row["arm"] == row["against"]]
    said, same = [], []
    for group in dict.fromkeys(row["group"] for row in levels):
        own = [row for row in levels if row["group"] == group]
        for verdict, sentence in (("better", say.PART_BETTER), ("worse", say.PART_WORSE)):
            told = [f"{part_of(row)} ({_size(row)})" for row in own if row["verdict"] == verdict]
            said += [sentence(group=group, parts=listed(told))] if told else []
        alike = [part_of(row) for row in own if row["verdict"] not in ("better", "worse")]
        same += [say.PART_ALIKE(group=group, parts=listed(alike))] if alike else []
    wirings = [row for row in rows if row["arm"] != row["against"]]
    return [*said, *same, *_settings(finding, wirings)]


def part_of(row: Mapping[Any, Any]) -> str:
    """What was changed in a row that holds an arm against itself."""
    return str(row["label"]).partition(" against ")[0]


def _at_equal_size(arm: str, rows: Sequence[Row]) -> list[str]:
    """What an arm finds with other crossings that raced beside it, by group."""
    said = []
    for group in dict.fromkeys(row["group"] for row in rows):
        own = [row for row in rows if row["group"] == group]
        at = {"group": group, "arm": spoken(arm)}
        for verdict, sentence in (("better", say.EQUAL_BETTER), ("worse", say.EQUAL_WORSE)):
            told = [f"{called(crossing_of(r['arm']))} ({_size(r)})" for r in own if r["verdict"] == verdict]
            said += [sentence(crossings=listed(told), **at)] if told else []
        alike = [called(crossing_of(row["arm"])) for row in own if row["verdict"] not in ("better", "worse")]
        said += [say.EQUAL_ALIKE(crossings=listed(alike), **at)] if alike else []
    return said


def _sizes(rows: Sequence[Row], sentence: Sentence, name: Callable[[str], str]) -> list[str]:
    """How much larger or smaller arms are than the one that they are held against, by group; a row is named by its
    label where it is one arm in two races."""
    said = []
    for group in dict.fromkeys(row["group"] for row in rows):
        own = [row for row in rows if row["group"] == group]
        told = [
            f"{name(row['label'] if row['arm'] == row['against'] else row['arm'])} {percent(100 * row['residual'])}"
            for row in own
        ]
        said.append(sentence(group=group, held=spoken(own[0]["against"]), sizes=listed(told)))
    return said


TOLD: Mapping[str, Callable[[Finding, Sequence[Row]], list[str]]] = {
    "cause": _cause,
    "arms": _arms,
    "settings": _settings,
    "levels": _levels,
    "parts": _parts,
}
"""How the answer of a finding is told, by its kind."""


def beside_the_claim(cause: Mapping[str, Any]) -> str:
    """What our study says to the published number, +11% of recall@1000, at equal parameters.

    1,000 items are a small part of Pinterest's catalogue; the sentence says what share of ours they are.
    """
    metric = f"recall@{LARGEST_K}"
    rows = [r for r in cause["rows"] if (r["arm"], r["against"]) == ("parallel", "sequential") and metric in r["other"]]
    if not rows:
        return say.TOO_SMALL(metric=metric)
    row = rows[0]
    difference, low, high, relative = row["other"][metric]
    return say.CLAIM(
        group=row["group"],
        metric=metric,
        percent=percent(relative),
        points=points(difference),
        interval=span(low, high),
        share=f"{LARGEST_K / row['items']:.0%}",
    )


def cause_steps(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Comparison]]:
    """What the advantage is made of, step by step (`pdcn.evaluation.causes`), by the group of data that has every
    step."""
    pairs = list(zip(PATH[1:], PATH, strict=False))
    known: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = {}
    for row in rows:
        known.setdefault(row["group"], {})[row["arm"], row["against"]] = row
    whole = {group: own for group, own in known.items() if all(pair in own for pair in pairs)}
    return {group: [comparison_of(own[pair], TASKS["retrieval"]) for pair in pairs] for group, own in whole.items()}


def tally(records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How often parallel was which against sequential, over all records; the same trainings count once."""
    rows = [r for record in records for r in record["rows"] if (r["arm"], r["against"]) == ("parallel", "sequential")]
    once = {(row["group"], row["match"], row["difference"], row["p"]): row["verdict"] for row in rows[::-1]}
    verdicts = list(once.values())
    return {verdict: verdicts.count(verdict) for verdict in ("better", "worse", "no detectable difference")}
