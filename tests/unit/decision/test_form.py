"""The answers of the form: each counts comparisons that were run, and says so where none was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdcn.decision import words as say
from pdcn.decision.form import Case, CaseAnswer, OwnRun, answers, own_run, summary
from pdcn.decision.price import Price
from pdcn.evaluation.comparison import Comparison
from pdcn.files import SHOWCASE, read_json
from pdcn.research.findings import FOLDER
from pdcn.runs.folder import RunFolder
from pdcn.tasks.retrieval.metrics import Recall

UNTIMED = Price("latency", "We don't know.")
WON = Comparison("parallel", "sequential", Recall(100), 0.02, 0.01, 0.03, "better", 5, 800, 9_000)
MINE = OwnRun("mine", "Planted crosses", WON, "retrieval", 5_000_000, "other", 2_000_000, "none")


def answer(name: str, case: Case, runs: tuple[OwnRun, ...] = (), latency: Price = UNTIMED) -> CaseAnswer:
    return next(one for one in answers(case, runs, latency) if one.name == name)


@pytest.mark.parametrize("crossing", ["full", "dcn_v1", "attention"])
def test_an_answer_counts_the_rows_of_the_finding(crossing: str) -> None:
    rows = [
        row
        for row in read_json(FOLDER / "crossings.json")["rows"]
        if (row["arm"], row["against"]) == ("parallel", "sequential") and row["label"].split(" (")[0] == crossing
    ]
    won = sum(row["verdict"] == "better" for row in rows)
    found = answer("crossing", Case(crossing=crossing))
    assert len(rows) == len(found.evidence) == 2
    assert {one.finding for one in found.evidence} == {"crossings"}
    assert found.lean == ("for" if won else "neither")
    assert f"{100 * rows[0]['difference']:+.2f} points" in found.evidence[0].said
    assert not won or f" in {won} of 2 " in found.said
    assert (say.OTHER_ONE in found.said) == (won == 1)


def test_what_the_others_show_is_said_beside_those_that_win() -> None:
    alike = replace(MINE, run="alike", found=replace(WON, verdict="no detectable difference"))
    short = replace(MINE, run="short", found=replace(WON, verdict="too short"))
    found = answer("size", Case(size="large"), (MINE, alike, alike, short))
    assert found.lean == "for"
    assert found.said == (
        "Parallel beats sequential in 1 of 3 comparisons like this and loses in none. The other 2 show no detectable "
        "difference. Your own: 3 runs."
    )
    assert answer("size", Case(size="large"), (MINE,)).said.endswith("loses in none. Your own: 1 run.")


def test_sizes_are_told_apart_by_what_sequential_holds() -> None:
    small = [*answer("size", Case(size="small")).evidence]
    every = [*small, *answer("size", Case(size="usual")).evidence]
    rows = [
        row
        for name in ("small", "shape")
        for row in read_json(FOLDER / f"{name}.json")["rows"]
        if (row["arm"], row["against"]) == ("parallel", "sequential")
    ]
    assert len(every) == len(rows)
    assert len(small) == sum(row["dense"][1] < 20_000 for row in rows)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("device", Case(device="cuda")),
        ("size", Case(size="large")),
        ("crossing", Case(crossing="other")),
        ("data", Case(data="many")),
    ],
)
def test_what_nobody_measured_is_unknown(name: str, case: Case) -> None:
    found = answer(name, case)
    assert (found.lean, found.evidence) == ("unknown", ())
    assert found.said.startswith("We don't know")


def test_a_run_of_ones_own_answers_what_no_finding_does() -> None:
    for name, case in (("size", Case(size="large")), ("crossing", Case(crossing="other")), ("data", Case(data="many"))):
        found = answer(name, case, (MINE,))
        assert (found.lean, [one.run for one in found.evidence]) == ("for", ["mine"])
        assert "+2.00 points of recall@100, 95% interval [+1.00, +3.00], better" in found.evidence[0].said
    lost = replace(MINE, found=replace(WON, verdict="worse"))
    assert answer("size", Case(size="large"), (lost,)).lean == "against"
    assert answer("size", Case(size="large"), (MINE, lost)).lean == "mixed"


def test_a_run_that_tells_nothing_is_cited_and_answers_nothing() -> None:
    short = replace(MINE, found=replace(WON, verdict="too few seeds"))
    found = answer("size", Case(size="large"), (short,))
    assert found.lean == "unknown"
    assert found.evidence[0].said.endswith("+2.00 points of recall@100, too few seeds")


def test_a_run_that_was_not_finished_is_cited_and_not_counted() -> None:
    open_ = replace(MINE, but=say.NOT_FINISHED)
    found = answer("size", Case(size="large"), (open_,))
    assert (found.lean, found.evidence[0].run) == ("unknown", "mine")
    assert found.evidence[0].said.endswith(say.NOT_FINISHED)
    both = answer("size", Case(size="large"), (open_, MINE))
    assert (both.lean, " in 1 of 1 " in both.said) == ("for", True)
    assert both.said.endswith(say.YOURS_AMONG(runs="1 run"))


def test_a_slower_call_speaks_against() -> None:
    slow = Price("latency", "It took longer.", {}, (1.06, 1.02, 1.11))
    assert answer("device", Case(), latency=slow).lean == "against"
    assert answer("device", Case(), latency=replace(slow, ratio=(1.0, 0.98, 1.02))).lean == "for"


def test_the_summary_counts_every_answer_once() -> None:
    case = Case(size="large", crossing="other")
    told = answers(case, (), UNTIMED)
    said = summary(told)
    unknown = sum(one.lean == "unknown" for one in told)
    assert said.startswith(f"Of {len(told)} answers: ")
    assert say.LEANS["unknown"](count=unknown) in said
    assert sum(int(word) for word in said.split(": ")[1].split() if word.isdigit()) == len(told)


def test_ranking_is_answered_by_its_own_study_and_where_that_is_silent_by_nobody() -> None:
    rows = [
        row
        for row in read_json(FOLDER / "ranking.json")["rows"]
        if (row["arm"], row["against"]) == ("parallel", "sequential")
    ]
    fast = Price("latency", "It took as long.", {}, (1.0, 0.98, 1.02))
    case = Case(task="ranking")
    found = {one.name: one for one in answers(case, (MINE,), fast)}
    assert [one.said.count("grouped AUC") for one in found["task"].evidence] == [1, 1, 1]
    assert (found["task"].lean, [row["verdict"] for row in rows].count("worse")) == ("against", 1)
    assert f"−{-100 * rows[0]['difference']:.2f} points of grouped AUC" in found["task"].evidence[0].said
    assert {one.finding for answer in found.values() for one in answer.evidence} == {"ranking"}
    assert {name for name, answer in found.items() if answer.lean == "unknown"} == {"device", "width"}
    assert found["device"].said == say.UNTIMED_TASK
    assert len(found["size"].evidence) == len(found["data"].evidence) == len(found["crossing"].evidence) == 3
    assert answer("data", replace(case, data="few")).lean == "unknown"


def test_several_outcomes_are_answered_by_the_studies_of_the_system_each_training_once() -> None:
    found = answer("task", Case(task="outcomes"))
    assert {one.finding for one in found.evidence} == {"conversions", "systems"}
    rows = [
        row
        for name in ("conversions", "systems")
        for row in read_json(FOLDER / f"{name}.json")["rows"]
        if (row["arm"], row["against"]) == ("parallel", "sequential")
    ]
    assert len(found.evidence) == len({row["difference"] for row in rows}) == len(rows) - 1
    assert found.lean == "neither"


@pytest.mark.parametrize("name", ["task", "size", "width", "crossing", "data"])
def test_a_run_counts_for_its_own_task_alone(name: str) -> None:
    for task in ("retrieval", "outcomes", "ranking"):
        case = Case(task=task, size="large", crossing="other", data="many")
        cited = {
            mine: [one.run for one in answer(name, case, (replace(MINE, task=mine),)).evidence if one.run]
            for mine in ("retrieval", "outcomes", "ranking")
        }
        assert [mine for mine, runs in cited.items() if runs] == [task]


def test_what_is_known_of_a_run_is_read_from_its_record() -> None:
    found, result = own_run(RunFolder(SHOWCASE)), read_json(SHOWCASE / "result.json")
    assert found is not None
    assert (found.dense, found.events) == (
        result["arms"]["sequential"]["parameters"]["dense"],
        result["data"]["events"],
    )
    assert (found.crossing, found.match, found.found.verdict) == ("full", "parameters", "better")
