"""The answer in one sentence, which never claims more than its interval allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pdcn.evaluation import words as say
from pdcn.evaluation.comparison import Comparison, counted_seeds, headline_in, record_of, settled
from pdcn.evaluation.power import MANY_SEEDS
from pdcn.tasks import task_of
from pdcn.words import capital, chance, listed, percent, plural, span, spoken

UNITS: dict[str, str] = {match: str(unit) for match, unit in say.UNITS.items()}
"""What the residual of each kind of match is measured in; without a match, dense parameters."""
CLOSE = 0.5
"""Seeds whose spread is less than this share of what luck makes of it are said to agree by chance."""
REACH = 2.8
"""Standard errors that a difference must have to be found four times out of five: 1.96 + 0.84."""


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def seeds_in_words(result: Mapping[str, Any] | None, asked: int) -> str:
    """How many seeds a run has a result of, and how many were asked for where there are fewer.

    >>> seeds_in_words(None, 3)
    '0 of 3'
    """
    counted = len(counted_seeds(result)) if result else 0
    return f"{counted}" if counted >= asked else say.OF_ASKED(counted=counted, asked=asked)


def estimand(result: Mapping[str, Any]) -> str:
    """What the verdict of a run's record is about, in one sentence."""
    several = bool(result.get("experiment", {}).get("sets")) and _training_sets(result) == "bootstrap"  # told apart
    return say.ESTIMANDS["sets" if several else _training_sets(result)]


def _training_sets(result: Mapping[str, Any]) -> str:
    return str(result.get("experiment", {}).get("training_sets", "one"))


@dataclass(frozen=True)
class Terms:
    """The terms of a comparison: what was matched, how well by arm, how settings were found, what matters.

    `residual` is an arm's cost over the target's less 1, nothing of the baseline where that is the target; `met` is
    whether it is within tolerance; `detect` is the smallest difference of interest, as a share; `resampled` is whether
    each seed trained on users drawn anew.
    """

    match: str = "none"
    residual: Mapping[str, float] = field(default_factory=dict)
    met: Mapping[str, bool] = field(default_factory=dict)
    tuning: str = "default settings"
    detect: float = 0.01
    resampled: bool = False
    worlds: bool = False

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Terms:
        """The terms in a run's record."""
        match, tuning = result.get("match"), result.get("tuning", {})
        if not match:
            return cls(tuning=say.UNKNOWN_SETTINGS, match="unknown")
        return cls(
            match["target"]["budget"],
            match["residual"],
            match["met"],
            tuning["settings"],
            result["detect"] / 100,
            _training_sets(result) != "one",
            _training_sets(result) == "worlds",
        )

    def apart(self, c: Comparison) -> float:
        """What the arm costs over what the other costs, less 1."""
        return (1 + self.residual.get(c.arm, 0.0)) / (1 + self.residual.get(c.against, 0.0)) - 1

    def meets(self, *arms: str) -> bool:
        """Whether all of the arms are within tolerance; so are those of which nothing is known."""
        return all(self.met.get(arm, True) for arm in arms)


def sentence(
    comparisons: Sequence[Comparison], title: str, terms: Terms | None = None, having: Sequence[str] = ()
) -> str:
    """The verdict over all arms held against the baseline arm, at one K.

    `terms` are named in the same breath; where nothing can be compared, the sentence says which arms
    there are (`having`).

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .012, .004, .02, "better", 3, 801, 9000, 3.5, .006, .012, 2)
    >>> print(sentence([c], "Toy"))
    On Toy, parallel is better than sequential: +1.20 points of recall@100 (+3.5%), 95% interval [+0.40, +2.00]. Same blocks, default settings; 3 seeds, 801 test users, 9,000 test events; p = 0.012 after Holm over 2 arms.
    """  # noqa: E501
    terms = terms or Terms()
    if comparisons:
        return " ".join(f"{claim(c, title)} {basis(c, terms)}" for c in comparisons)
    if not having:
        return say.NOTHING(data=title)
    names = listed(map(spoken, having))
    return say.ONLY_ONE(data=title, arm=names) if len(having) == 1 else say.ONLY_SOME(data=title, arms=names)


def in_short(comparisons: Sequence[Comparison], title: str) -> str:
    """What is found of all arms in one sentence: the claim of a single one, else which are better, worse or neither.

    >>> from dataclasses import replace
    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .012, .004, .02, "better", 3, 801, 9000, 3.5)
    >>> in_short([c, replace(c, arm="linear"), replace(c, arm="deep_only", verdict="no detectable difference")], "Toy")
    'On Toy, better than sequential: parallel and linear; not detectably different from sequential: deep only.'
    """
    if len(comparisons) == 1:
        return claim(comparisons[0], title)
    against, found = spoken(comparisons[0].against), []
    for verdict, clause in say.OF_SEVERAL.items():
        arms = [spoken(c.arm) for c in comparisons if c.verdict == verdict]
        found += [clause(against=against, arms=listed(arms))] if arms else []
    return say.SEVERAL(data=title, found="; ".join(found))


def budget(c: Comparison, terms: Terms) -> str:
    """What is left of the mismatch between the two arms, nothing where it is under 0.05%.

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), 0.0, 0.0, 0.0, "no detectable difference", 3, 9, 9)
    >>> budget(c, Terms("none", {"parallel": 0.08}))
    'Sizes differ: parallel has 8.0% more dense parameters.'
    >>> budget(c, Terms("flops", {"parallel": -0.08}, {"parallel": False}))
    'The match could not be met: parallel has 8.0% fewer FLOPs.'
    >>> budget(c, Terms("parameters", {"parallel": 0.004}, {"parallel": True}))
    'Sizes match: parallel is 0.4% larger.'
    """
    residual = terms.apart(c)
    if abs(residual) < 0.0005:
        return ""
    arm, share = spoken(c.arm), f"{abs(residual):.1%}"
    if terms.match in say.MATCHED and terms.meets(c.arm, c.against):
        return say.MATCHED[terms.match](arm=arm, share=share, more=say.LARGER_OR_SMALLER[terms.match][residual < 0])
    more = say.MORE_OR_LESS.get(terms.match, say.MORE_OR_FEWER)[residual < 0]
    said = say.UNMATCHED if terms.match == "none" else say.NOT_MET
    return said(arm=arm, share=share, more=more, unit=UNITS[terms.match])


def on_terms(terms: Terms, *arms: str) -> str:
    """The terms in a few words, as they are for such arms.

    >>> on_terms(Terms("flops", tuning="equally tuned, 6 trials an arm"))
    'equal FLOPs, equally tuned, 6 trials an arm'
    >>> on_terms(Terms("flops", met={"cross_only": False}), "cross_only")
    'FLOPs matched as closely as could be, default settings'
    """
    if terms.match == "unknown":
        return terms.tuning
    unit = UNITS[terms.match]
    matched = say.SAME_BLOCKS if terms.match == "none" else say.EQUAL(unit=unit)
    if not terms.meets(*arms):
        matched = say.NEARLY(unit=unit)
    return say.TERMS(matched=matched, settings=terms.tuning)


def claim(c: Comparison, title: str) -> str:
    """What is found, with its size and interval.

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> claim(Comparison("parallel", "sequential", Recall(100), .012, .004, .02, "better", 3, 801, 9000, 3.5), "Toy")
    'On Toy, parallel is better than sequential: +1.20 points of recall@100 (+3.5%), 95% interval [+0.40, +2.00].'
    """
    arm, against = spoken(c.arm), spoken(c.against)
    size = c.metric.told(c.difference)
    if c.difference_percent is not None:
        size = say.SIZE_AND_SHARE(size=size, share=percent(c.difference_percent))
    about = {"data": title, "arm": arm, "against": against, "size": size}
    if c.verdict == "too few seeds":
        return say.ONE_SEED(**about)
    if c.verdict == "too short":
        return say.TOO_SHORT(**about)
    about["interval"] = span(c.low, c.high, c.metric.change)
    if c.verdict == "no detectable difference":
        excluded = c.low > 0 or c.high < 0
        return say.NO_DIFFERENCE_COUNTED(family=_family(c), **about) if excluded else say.NO_DIFFERENCE(**about)
    return say.BETTER_OR_WORSE(verdict=c.verdict, **about)


def basis(c: Comparison, terms: Terms) -> str:
    """What the claim rests on: p-value, sample, terms, what is left of a mismatch, and seeds that are missing."""
    return " ".join(part for part in _basis(c, terms) if part)


def _basis(c: Comparison, terms: Terms) -> Iterator[str]:
    seeds = plural(c.seeds, "seed")
    sample = {
        "terms": capital(on_terms(terms, c.arm, c.against)),
        "seeds": _sample(c, seeds, terms) if terms.resampled else seeds,
        "users": f"{c.users:,}",
        "events": f"{c.events:,}",
    }
    if c.verdict in ("too few seeds", "too short"):
        yield say.SAMPLE(**sample)
        yield _needed(c, terms) if c.verdict == "too few seeds" else ""
        yield budget(c, terms)
        return
    yield say.SAMPLE_AND_P(p=stands(c), **sample)
    if c.seed_floor and c.seed_spread is not None and c.seed_spread < CLOSE * c.seed_floor:
        yield say.AGREE_BY_CHANCE
    if c.set_spread is not None:
        yield _spreads(c, terms)
    if c.looks:
        yield say.ONE_LOOK if c.looks == 1 else say.LOOKS(looks=capital(_number(c.looks)))
    if c.verdict == "no detectable difference" and c.looks and settled(c, terms.detect):
        yield say.NONE_THAT_MATTERS(size=size_that_matters(terms))
    elif c.verdict == "no detectable difference":
        if c.low > 0 or c.high < 0:
            yield say.BY_ITSELF(family=_family(c))
        if not c.looks and not terms.resampled:
            yield _reach(c)
            yield _needed(c, terms)
    elif c.detectable and abs(c.difference) < c.detectable:
        yield _reach(c)
        yield say.OVERSTATED
    if c.seeds == 2 and not c.looks:
        yield say.TWO_SEEDS
    yield budget(c, terms)


def _sample(c: Comparison, seeds: str, terms: Terms) -> str:
    """The seeds of a study that draws its training sets anew, or its worlds."""
    if terms.worlds:
        return say.IN_WORLDS(seeds=seeds, worlds=plural(c.sets or c.seeds, "world"))
    return say.IN_SETS(seeds=seeds, sets=plural(c.sets, "training set")) if c.sets else say.DRAWN_ANEW(seeds=seeds)


def _spreads(c: Comparison, terms: Terms) -> str:
    """How far training sets or worlds differ, beside how far seeds of one set do.

    >>> from dataclasses import replace
    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .01, 0, .02, "better", 6, 9, 9, seed_spread=.008, sets=3)
    >>> _spreads(replace(c, set_spread=.004), Terms())
    'Training sets differ by 0.40 points (standard deviation), seeds of one set by 0.80 points.'
    >>> _spreads(replace(c, set_spread=0.0), Terms(worlds=True))
    'Worlds differ no more than their seeds explain, and these by 0.80 points (standard deviation).'
    """

    def size(spread: float | None) -> str:
        change = c.metric.change(spread or 0.0).removeprefix("+")
        return say.IN_POINTS(size=change) if c.metric.unit == "points" else change

    what, seeds = say.OF_SETS["worlds" if terms.worlds else "bootstrap"], size(c.seed_spread)
    if not c.set_spread:
        return say.SETS_ALIKE(what=what[0], seeds=seeds)
    return say.SETS_APART(what=what[0], one=what[1], sets=size(c.set_spread), seeds=seeds)


def stands(c: Comparison) -> str:
    """The p-value that the verdict rests on, and what it counts.

    >>> from dataclasses import replace
    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "wide", Recall(100), 0.0, 0.0, 0.0, "better", 3, 9, 9, adjusted=0.012, counted=1)
    >>> stands(c), stands(replace(c, counted=3)), stands(replace(c, counted=0))
    ('p = 0.012', 'p = 0.012 after Holm over 3 arms', 'p = 0.012 after Holm')
    """
    p = chance(c.adjusted)
    if c.counted > 1:
        return say.AFTER_HOLM_OVER(chance=p, arms=plural(c.counted, "arm"))
    return p if c.counted == 1 else say.AFTER_HOLM(chance=p)


def _family(c: Comparison) -> str:
    return say.ARMS if c.counted else say.ARMS_AND_K


def below_floor(result: Mapping[str, Any]) -> str:
    """A warning that names every baseline that an arm should be above and is not, and what that means; nothing where
    all are above all."""
    said, meant = below_floors(result)
    return " ".join((*said, *meant.values()))


def below_floors(result: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Which arms are below which baselines that they should be above; and by baseline, the weakest first, what that
    means. A record that holds no such baseline, as those of before, is not held against it."""
    task, metric = task_of(result), headline_in(result)
    sign = 1 if metric.higher_is_better else -1
    least = {name: record_of(result["baselines"][name], metric) for name in task.floors if name in result["baselines"]}
    below: dict[tuple[str, ...], list[str]] = {}
    for arm, record in result["arms"].items():
        value = record_of(record, metric)
        names = tuple(name for name, known in least.items() if value is not None and sign * value < sign * known)
        if names:
            below.setdefault(names, []).append(spoken(arm))
    beyond = say.BELOW if metric.higher_is_better else say.ABOVE
    said = [
        beyond(baselines=listed([spoken(name) for name in names]), metric=metric, arms=", ".join(arms))
        for names, arms in below.items()
    ]
    meant: dict[str, str] = {}
    for name, why in task.floors.items():
        if any(name in names for names in below) and why not in meant.values():
            meant[name] = why
    return said, {name: why.format_map(result["data"]) for name, why in list(meant.items())[:2]}


def size_that_matters(terms: Terms) -> str:
    """The difference that matters, in words."""
    return say.ONE_POINT if terms.detect == 0.01 else say.POINTS(size=f"{100 * terms.detect:g}")


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def _needed(c: Comparison, terms: Terms) -> str:
    """How many seeds would find a difference of the size that matters, where these may be too few."""
    size = size_that_matters(terms)
    if c.metric.unit != "points":
        return ""
    if c.seeds == 1:
        return say.ONE_SEED_NEEDS(seeds=c.seeds_needed, size=size) if c.seeds_needed else say.ONE_SEED_NEEDS_MORE
    if c.seeds_needed is None and REACH * c.user_error > terms.detect:
        return say.TOO_FEW_USERS(size=size)
    if c.seeds_needed is None:
        return say.MORE_SEEDS_THAN(size=size, seeds=MANY_SEEDS)
    return say.SEEDS_NEEDED(size=size, seeds=c.seeds_needed) if c.seeds_needed > c.seeds else ""


def _reach(c: Comparison) -> str:
    """The difference that so many seeds detect four times out of five; there is none above 100 points."""
    if not c.detectable:
        return ""
    seeds = capital(_number(c.seeds))
    if c.detectable > 1:
        return say.DETECTS_NOTHING(seeds=seeds)
    return say.DETECTS(seeds=seeds, size=f"{100 * c.detectable:.1f}")
