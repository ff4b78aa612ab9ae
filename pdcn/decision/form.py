"""When to rewire and when not, in the person's own case: each answer from what was measured. Knows no torch.

An answer rests on comparisons of parallel with sequential: rows of the bundled findings, and the person's own runs. It
never rests on a rule of thumb. Where neither has a comparison of that case, it says that we don't know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from pdcn.config import RANKING, RETRIEVAL, Network
from pdcn.decision import words as say
from pdcn.decision.price import Price
from pdcn.decision.studies import Row, rows_about, rows_named, task_asked
from pdcn.decision.sureness import below_weakest, unfinished
from pdcn.evaluation.comparison import Comparison, comparisons_of, headline_in, headline_of, title_in
from pdcn.evaluation.statistics import Outcome
from pdcn.research.answers import called, metric_of, names_of
from pdcn.research.findings import CLAIM, WHOLE
from pdcn.runs.folder import RunFolder
from pdcn.words import plural, points, span, spoken

Lean = Literal["for", "against", "mixed", "neither", "unknown"]
"""What the comparisons of a case say together."""
MOST = 5
"""Own runs that are cited for an answer, the newest; how many there are is said."""
VERDICTS: tuple[Outcome, ...] = ("better", "worse", "no detectable difference")
SMALL, LARGE = 20_000, 300_000
"""Dense parameters below which a model counts as very small here, and above which nothing was measured."""
FEW, MANY = 50_000, 500_000
"""Events below which data counts as little here, and above which nothing was measured. Studies of a task of its own
have 73,734 to 150,000."""


@dataclass(frozen=True)
class Case:
    """What a person says of their model, an option of each question (`pdcn.decision.words.QUESTIONS`)."""

    task: str = "retrieval"
    device: str = "cpu"
    size: str = "usual"
    width: str = "wider"
    crossing: str = "full"
    data: str = "usual"


@dataclass(frozen=True)
class Cited:
    """One comparison in words, where it is from, a finding by name or a run, and whether it counts."""

    said: str
    verdict: Outcome
    finding: str = ""
    run: str = ""
    counts: bool = True


@dataclass(frozen=True)
class CaseAnswer:
    """The answer to one question: what it comes to, a sentence, the comparisons cited, and what was left out."""

    name: str
    lean: Lean
    said: str
    evidence: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class OwnRun:
    """What the form needs to know of a person's run, of its comparison of parallel with sequential.

    `task` is an option of the form's first question. `but` says why the comparison does not count, where it does not.
    """

    run: str
    data: str
    found: Comparison
    task: str
    dense: int
    crossing: str
    events: int
    match: str
    but: str = ""


def own_run(folder: RunFolder) -> OwnRun | None:
    """What is known of a run; None where it has no result for both arms. `SettingError` where it is damaged."""
    result, experiment = folder.whole_result(), folder.experiment
    if result is None:
        return None
    headline = headline_of(comparisons_of(result), headline_in(result))
    found = next((c for c in headline if (c.arm, c.against) == CLAIM), None)
    if found is None:
        return None
    return OwnRun(
        folder.run,
        title_in(result),
        found,
        task_asked(experiment),
        int(result["arms"][found.against]["parameters"]["dense"]),
        experiment.network.cross,
        int(result["data"]["events"]),
        experiment.fairness.match,
        _but(result, found),
    )


def _but(result: Mapping[str, Any], c: Comparison) -> str:
    """Why a comparison says nothing about the wiring, where that is so."""
    if unfinished(result, c):
        return say.NOT_FINISHED
    below = below_weakest(result, c)
    return say.NOT_ABOVE(baseline=spoken(below)) if below else ""


def answers(case: Case, runs: Sequence[OwnRun], latency: Price) -> list[CaseAnswer]:
    """The answer to each question, in the order in which they are asked; `latency` is that of the run on show.

    Only what is about the task of the case counts: retrieval answers for no ranking.
    """
    own = [run for run in runs if run.task == case.task]
    return [
        _of_task(case, own),
        _of_device(case, latency),
        _of_size(case, own),
        _of_width(case, own),
        _of_crossing(case, own),
        _of_data(case, own),
    ]


def summary(found: Sequence[CaseAnswer]) -> str:
    """What all answers come to, in one sentence."""
    count = {lean: sum(answer.lean == lean for answer in found) for lean in say.LEANS}
    parts = [sentence(count=count[lean]) for lean, sentence in say.LEANS.items() if count[lean]]
    return say.SUMMARY(answers=len(found), parts=", ".join(parts))


def _of_task(case: Case, runs: Sequence[OwnRun]) -> CaseAnswer:
    """Retrieval was measured in most findings, of which that on the cause is cited."""
    evidence = _found("cause", lambda row: True) if case.task == RETRIEVAL else _about(case, lambda row: True)
    return _answer("task", evidence, _runs(runs, lambda run: True))


def _of_device(case: Case, latency: Price) -> CaseAnswer:
    """Whether a call takes longer, which is a time and not a recall. Of a ranking model it is told what a request
    takes, but not which arm is slower."""
    if case.task == RANKING:
        timed = latency.of and latency.ratio is None
        return CaseAnswer("device", "unknown", latency.said if timed else say.UNTIMED_TASK)
    if latency.ratio is None:
        return CaseAnswer("device", "unknown", latency.said)
    lean: Lean = "against" if latency.slower else "for"
    said = say.SLOWER if latency.slower else say.NOT_SLOWER
    return CaseAnswer("device", lean, f"{said} {latency.said}")


def _of_size(case: Case, runs: Sequence[OwnRun]) -> CaseAnswer:
    """Findings on the shape and on very small models, by what sequential holds."""
    inside = _within({"small": (0, SMALL), "usual": (SMALL, LARGE)}.get(case.size, (LARGE, inf)))
    evidence = [*_about(case, lambda row: inside(row["dense"][1]))]
    if case.task == RETRIEVAL:
        evidence = [one for name in ("small", "shape") for one in _found(name, lambda row: inside(row["dense"][1]))]
    return _answer("size", evidence, _runs(runs, lambda run: inside(run.dense)))


def _of_width(case: Case, runs: Sequence[OwnRun]) -> CaseAnswer:
    """With room for a wider head, the same blocks unmatched; without it, outputs that are added instead of joined."""
    plain = case.task == RETRIEVAL
    if case.width == "wider":
        evidence = _found("cause", _blocks_alike) if plain else _about(case, _blocks_alike)
        return _answer("width", evidence, _runs(runs, lambda run: run.match == "none"))
    return _answer("width", _found("combine", lambda row: plain, ("parallel_sum", "sequential")), ())


def _blocks_alike(row: Row) -> bool:
    return bool(row["match"] == "none")


def _of_crossing(case: Case, runs: Sequence[OwnRun]) -> CaseAnswer:
    evidence = _about(case, lambda row: row["settings"].get("cross", Network().cross) == case.crossing)
    if case.task == RETRIEVAL:
        evidence = _found("crossings", lambda row: case.crossing in names_of(row))
    return _answer("crossing", evidence, _runs(runs, lambda run: run.crossing == case.crossing))


def _of_data(case: Case, runs: Sequence[OwnRun]) -> CaseAnswer:
    """The finding on data varies the events of planted worlds; that on the cause has the largest grocery log."""
    inside = _within({"few": (0, FEW), "usual": (FEW, MANY)}.get(case.data, (MANY, inf)))
    labels = {"few": ("25,000 events",), "usual": ("100,000 events", "with ids")}.get(case.data, ())
    evidence = [*_about(case, lambda row: case.data == "usual")]
    if case.task == RETRIEVAL:
        evidence = [*_found("data", lambda row: bool({*labels} & {*names_of(row)}))]
        if case.data == "usual":
            evidence += _found("cause", lambda row: row["match"] == "parameters" and row["group"] == WHOLE)
    return _answer("data", evidence, _runs(runs, lambda run: inside(run.events)))


def _within(ends: tuple[float, float]) -> Callable[[float], bool]:
    low, high = ends
    return lambda value: low <= value < high


def _found(name: str, chosen: Callable[[Row], bool], pair: tuple[str, str] = CLAIM) -> Iterator[Cited]:
    """The rows of a bundled finding about two arms that are chosen, in words."""
    return (_in_words(name, row) for row in rows_named(name, pair) if chosen(row))


def _about(case: Case, chosen: Callable[[Row], bool]) -> Iterator[Cited]:
    """The rows that are chosen of the studies of the case's own task, in words."""
    return (_in_words(name, row) for name, row in rows_about(case.task) if chosen(row))


def _in_words(name: str, row: Row) -> Cited:
    said = say.FOUND(
        group=row["group"],
        label=called(row["label"]),
        verdict=row["verdict"],
        size=points(row["difference"]),
        metric=metric_of(row),
        interval=span(row["low"], row["high"]),
    )
    return Cited(said, row["verdict"], finding=name)


def _runs(runs: Sequence[OwnRun], chosen: Callable[[OwnRun], bool]) -> list[Cited]:
    return [_cited(run) for run in runs if chosen(run)]


def _cited(run: OwnRun) -> Cited:
    c = run.found
    about = {"run": run.run, "data": run.data, "size": c.metric.told(c.difference), "verdict": run.but or c.verdict}
    said = (
        say.OWN_ONE_SEED(**about)
        if c.verdict in ("too few seeds", "too short")
        else say.OWN(interval=span(c.low, c.high, c.metric.change), **about)
    )
    return Cited(said, c.verdict, run=run.run, counts=not run.but)


def _answer(name: str, found: Iterable[Cited], own: Sequence[Cited]) -> CaseAnswer:
    """What the comparisons say together, those without a detectable difference too; the person's own come first."""
    findings = [*found]
    every = [*own, *findings]
    better, worse, neither = (sum(one.counts and one.verdict == verdict for one in every) for verdict in VERDICTS)
    cited = (*own[:MOST], *findings)
    if not better + worse + neither:
        return CaseAnswer(name, "unknown", say.NOT_MEASURED[name], cited)
    if better and worse:
        lean: Lean = "mixed"
    else:
        lean = "for" if better else "against" if worse else "neither"
    of = {"better": better or say.NONE, "worse": worse or say.NONE, "of": better + worse + neither}
    said = say.COUNTED[lean](**{gap: of[gap] for gap in say.COUNTED[lean].gaps})
    others = (say.OTHER_ONE if neither == 1 else say.OTHERS(others=neither)) if neither and better + worse else ""
    counted = sum(one.counts and one.verdict in VERDICTS for one in own)
    mine = say.YOURS_AMONG(runs=plural(counted, "run")) if counted else say.NONE_OF_YOURS
    return CaseAnswer(name, lean, " ".join(filter(None, (said, others, mine))), cited)
