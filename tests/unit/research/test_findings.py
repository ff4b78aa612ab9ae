"""Findings: settings that can be run, runs that are made once, and answers that follow from the numbers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdcn.config import Experiment
from pdcn.dials import assemble, parse_all
from pdcn.jobs.worker import carry_out
from pdcn.research import findings
from pdcn.research.answers import answer
from pdcn.research.findings import FINDINGS, Finding, bundled, run
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.training.version import VERSION
from tests.unit.studies_help import tiny

every_finding = pytest.mark.parametrize("finding", FINDINGS.values(), ids=FINDINGS)
SMALL: dict[str, Any] = {"data": "planted", "events": 2_000, "items": 150, "users": 50, "batch": 256, "epochs": 1}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    return Store(tmp_path)


# the list


@every_finding
def test_every_setting_is_an_experiment_of_five_seeds(finding: Finding) -> None:
    experiments = [experiment for _, experiment in finding.experiments]
    assert len({experiment.hash() for experiment in experiments}) == len(experiments) > 1
    for experiment in experiments:
        assert experiment.seeds >= 5
        assert experiment.against == "sequential"
        assert Experiment.from_json(experiment.to_json()) == experiment
    labels = [(label, experiment.data.source) for label, experiment in finding.experiments]
    assert len(set(labels)) == len(labels)


@every_finding
def test_every_finding_is_about_both_data_sources_and_asks_a_question(finding: Finding) -> None:
    assert {experiment.data.source for _, experiment in finding.experiments} == {"journey", "planted"}
    assert finding.question.endswith("?")
    assert finding.why.endswith(".")
    assert FINDINGS[finding.name] is finding


def test_settings_are_what_their_labels_say() -> None:
    capacity = FINDINGS["capacity"].experiments
    assert [(e.fairness.match, e.fairness.tune) for _, e in capacity] == 2 * [
        ("none", 4),
        ("parameters", 4),
        ("flops", 4),
    ]
    for name in ("shape", "combine", "data", "small", "towers"):
        for _, experiment in FINDINGS[name].experiments:
            assert (experiment.fairness.match, experiment.fairness.tune) == ("parameters", 0)
    assert {e.arms for _, e in FINDINGS["combine"].experiments} == {
        ("parallel", "parallel_sum", "parallel_gated", "sequential")
    }
    assert {e.arms for _, e in FINDINGS["towers"].experiments} == {
        ("parallel", "parallel-sequential", "sequential-parallel", "sequential")
    }


@every_finding
def test_what_is_held_against_another_is_there_on_the_same_data(finding: Finding) -> None:
    """Every setting or arm that is named is one that is raced, and beside the one that it is held against."""
    by_source: dict[str, set[str]] = {}
    for label, experiment in finding.experiments:
        several = len(experiment.arms) > 2
        by_source.setdefault(experiment.data.source, set()).update(experiment.arms if several else (label,))
    for pair in finding.contrasts:
        assert any(set(pair) <= names for names in by_source.values()), pair
    assert len(set(finding.contrasts)) == len(finding.contrasts)
    assert bool(finding.contrasts) == (finding.name != "small")


# carrying out


def canned(label: str, *arms: tuple[str, float, float]) -> dict[str, Any]:
    """A result in which each arm has a difference and a p-value, at K = 100."""

    def comparison(arm: str, k: int, difference: float, p: float) -> dict[str, Any]:
        return {
            "arm": arm,
            "against": "sequential",
            "k": k,
            "difference": difference,
            "low": difference - 0.01,
            "high": difference + 0.01,
            "verdict": "better",
            "seeds": 5,
            "users": 50,
            "events": 200,
            "metric": "recall",
            "difference_percent": 100 * difference / 0.4,
            "p": p,
            "adjusted": p,
            "seed_spread": 0.01,
            "user_error": 0.01,
            "seeds_needed": 7,
        }

    names = [arm for arm, *_ in arms]
    return {
        "verdict": "A verdict.",
        "device": f"cpu ({label})",
        "training": VERSION,
        "data": {"title": "Planted crosses", "items": 150},
        "match": {
            "target": {"budget": "parameters", "arm": "sequential", "value": 100},
            "residual": dict.fromkeys(names, 0.004),
            "met": dict.fromkeys(names, True),
        },
        "tuning": {"settings": "default settings"},
        "arms": {arm: {"recall": {"100": 0.4}, "parameters": {"dense": 100}} for arm in (*names, "sequential")},
        "comparison": [
            comparison(arm, k, difference if k == 100 else 0.5, p if k == 100 else 1e-9)
            for arm, difference, p in arms
            for k in (1, 10, 100)
        ],
    }


class Carrier:
    """Ends runs at once with results by label, and remembers what it was asked for."""

    def __init__(self, store: Store, results: dict[str, dict[str, Any]]) -> None:
        self.store, self.results, self.said = store, results, list[str]()

    def __call__(self, folder: RunFolder, said: str) -> None:
        self.said.append(said)
        folder.write_json("result.json", self.results[said.rpartition(", ")[2]])
        self.store.mark(folder, Progress("done", ""))


def finding_of(*labels: str) -> Finding:
    settings = tuple((label, {**SMALL, "epochs": 1 + at}) for at, label in enumerate(labels))
    return Finding("toy", "Is it so?", "It may be.", settings)


def test_the_same_trainings_are_counted_once(store: Store) -> None:
    """Two budgets asked for the same widths: one row, which names both settings."""
    results = {name: canned(name, ("parallel", 0.02, 0.03)) for name in ("one", "two")}
    results["three"] = canned("three", ("parallel", 0.03, 0.02))
    finding = finding_of("one", "two", "three")
    record = run(finding, store, Carrier(store, results))
    assert [row["label"] for row in record["rows"]] == ["one (also two)", "three"]
    hashes = [experiment.hash() for _, experiment in finding.experiments]
    assert [[row["hash"], *row["also"]] for row in record["rows"]] == [hashes[:2], hashes[2:]]
    assert [row["adjusted"] for row in record["rows"]] == pytest.approx([0.04, 0.04])  # Holm over two, not three


def test_numbers_of_all_settings_are_put_together(store: Store) -> None:
    results = {
        "one": canned("one", ("parallel", 0.02, 0.001), ("parallel_sum", -0.03, 0.02)),
        "two": canned("two", ("parallel", -0.01, 0.012), ("parallel_sum", 0.0, 0.9)),
    }
    carrier = Carrier(store, results)
    record = run(finding_of("one", "two"), store, carrier)
    assert carrier.said == ["toy 1 of 2: planted, one", "toy 2 of 2: planted, two"]
    assert record["name"] == "toy"
    assert record["command"] == "python -m pdcn study toy"
    assert record["device"] == "cpu (one), cpu (two)"
    rows = record["rows"]
    assert [(row["label"], row["arm"], row["k"]) for row in rows] == [
        ("one", "parallel", 100),
        ("one", "parallel_sum", 100),
        ("two", "parallel", 100),
        ("two", "parallel_sum", 100),
    ]
    # Holm over the four rows: 4 x .001, 3 x .012, 2 x .02 (.04), .9; what the runs said alone is overruled
    assert [row["adjusted"] for row in rows] == pytest.approx([0.004, 0.04, 0.036, 0.9])
    assert [row["verdict"] for row in rows] == ["better", "worse", "worse", "no detectable difference"]
    first = rows[0]
    assert (first["residual"], first["met"], first["match"]) == (0.004, True, "parameters")
    assert first["terms"] == "default settings"
    assert first["recall"] == {"parallel": 0.4, "sequential": 0.4}
    assert first["dense"] == {"parallel": 100, "sequential": 100}
    assert list(first["other"]) == ["recall@1", "recall@10"]
    assert first["other"]["recall@10"] == pytest.approx([0.5, 0.49, 0.51, 125])
    for row, (_, experiment) in zip(rows[::2], finding_of("one", "two").experiments, strict=True):
        assert row["hash"] == experiment.hash()
        assert assemble(parse_all(row["settings"].items())) == experiment


def test_one_more_row_can_take_a_verdict_away(store: Store) -> None:
    """p = 0.03 stands by itself, and not as one of two."""
    alone = run(finding_of("one"), store, Carrier(store, {"one": canned("one", ("parallel", 0.02, 0.03))}))
    assert alone["rows"][0]["verdict"] == "better"
    two = {"two": canned("two", ("parallel", 0.02, 0.04))}
    both = run(finding_of("one", "two"), store, Carrier(store, two))
    assert [row["adjusted"] for row in both["rows"]] == pytest.approx([0.06, 0.06])
    assert {row["verdict"] for row in both["rows"]} == {"no detectable difference"}


def test_what_was_run_before_is_not_run_again(store: Store) -> None:
    carrier = Carrier(store, {name: canned(name, ("parallel", 0.02, 0.03)) for name in ("one", "two", "three")})
    first = run(finding_of("one", "two"), store, carrier)
    assert run(finding_of("one", "two"), store, carrier) == first
    assert len(carrier.said) == 2
    run(finding_of("one", "two", "three"), store, carrier)
    assert carrier.said[2:] == ["toy 3 of 3: planted, three"]
    assert len(store.rows()) == 3


def test_a_run_that_did_not_end_well_is_run_again(store: Store) -> None:
    finding = finding_of("one")
    carrier = Carrier(store, {"one": canned("one", ("parallel", 0.02, 0.03))})
    ((_, experiment),) = finding.experiments
    stopped = store.create(experiment, "cpu", own=True)
    stopped.write_json("result.json", canned("half", ("parallel", 0.9, 0.001)))
    store.mark(stopped, Progress("stopped", ""))
    binned = store.create(experiment, "cpu", own=True)
    carrier(binned, "one")
    store.delete(binned.run)
    assert run(finding, store, carrier)["device"] == "cpu (one)"
    assert carrier.said == ["one", "toy 1 of 1: planted, one"]


@pytest.mark.parametrize(
    ("state", "message", "said"),
    [
        ("failed", "The disk is full.", "study: toy 1 of 1: planted, one was failed. The disk is full."),
        ("stopped", "", "study: toy 1 of 1: planted, one was stopped."),
        (
            "interrupted",
            "Interrupted from the keyboard.",
            "study: toy 1 of 1: planted, one was interrupted. Interrupted from the keyboard.",
        ),
    ],
)
def test_a_study_that_fails_is_told_in_one_sentence(store: Store, state: Any, message: str, said: str) -> None:
    def fail(folder: RunFolder, label: str) -> None:
        if state != "failed":  # what it had reached is no answer
            folder.write_json("result.json", canned("half", ("parallel", 0.9, 0.001)))
        store.mark(folder, Progress(state, "", message=message))

    with pytest.raises(SettingError) as caught:
        run(finding_of("one"), store, fail)
    assert str(caught.value) == said


def test_a_finding_that_is_really_trained(store: Store) -> None:
    settings = (("a", {**SMALL, "seeds": 2}), ("b", {**SMALL, "seeds": 2, "match": "none"}))

    def train(folder: RunFolder, said: str) -> None:
        carry_out(store, folder)

    record = run(Finding("toy", "Is it so?", "It may be.", settings), store, train)
    assert [(row["label"], row["match"]) for row in record["rows"]] == [("a", "parameters"), ("b", "none")]
    for row in record["rows"]:
        assert (row["seeds"], row["k"]) == (2, 100)
        difference = row["recall"]["parallel"] - row["recall"]["sequential"]
        assert row["difference"] == pytest.approx(difference, abs=1e-12)
        assert row["residual"] == pytest.approx(row["dense"]["parallel"] / row["dense"]["sequential"] - 1)
        assert row["low"] <= row["difference"] <= row["high"]
    assert [row["met"] for row in record["rows"]] == [True, None]
    assert answer(record)[0].startswith("Of 2 comparisons with sequential, all counted (Holm), parallel is better in ")


# what is there already


def test_bundled_answers_are_read_or_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "FOLDER", tmp_path)
    assert bundled("capacity") is None
    for text, expected in (("{", None), ("[]", None), ('{"rows": []}', {"rows": []})):
        (tmp_path / "capacity.json").write_text(text)
        assert bundled("capacity") == expected


def test_the_settings_of_a_run_decide_and_not_its_data(store: Store) -> None:
    """Another seed is another experiment."""
    assert findings._done(store, tiny()) is None
    folder = store.create(tiny(), "cpu", own=True)
    Carrier(store, {"x": canned("x")})(folder, "x")
    assert findings._done(store, tiny()) == canned("x")
    assert findings._done(store, tiny(seed=1)) is None
    folder.write_json("result.json", {**canned("x"), "training": VERSION - 1})
    assert findings._done(store, tiny()) is None  # it would train otherwise today
