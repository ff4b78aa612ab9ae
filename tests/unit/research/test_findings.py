"""Findings: races that can be run, runs that are made once, and rows that follow from the ranks alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pdcn.config import Experiment
from pdcn.dials import assemble, changed, parse_all
from pdcn.evaluation.compare import compare
from pdcn.evaluation.statistics import holm
from pdcn.jobs.worker import carry_out
from pdcn.research import findings, racing
from pdcn.research.answers import TOLD, answer
from pdcn.research.findings import CLAIM, FINDINGS, GROUPS, PLANTED, TRIO, WHOLE, Finding, Race, bundled
from pdcn.research.racing import run
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.training.version import VERSION
from pdcn.wirings import WIRINGS
from tests.unit.studies_help import tiny

every_finding = pytest.mark.parametrize("finding", FINDINGS.values(), ids=FINDINGS)
SMALL: dict[str, Any] = {"data": "planted", "events": 2_000, "items": 150, "users": 50, "batch": 256, "epochs": 1}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    return Store(tmp_path)


# the list


@every_finding
def test_every_race_is_an_experiment_of_five_seeds(finding: Finding) -> None:
    experiments = [race.experiment for race in finding.races]
    assert len({experiment.hash() for experiment in experiments}) == len(experiments) > 1
    for experiment in experiments:
        assert experiment.seeds >= 5
        assert experiment.against in CLAIM
        assert Experiment.from_json(experiment.to_json()) == experiment
    labels = [(race.group, race.label) for race in finding.races]
    assert len(set(labels)) == len(labels)


@every_finding
def test_every_finding_is_about_real_and_made_up_data_and_asks_a_question(finding: Finding) -> None:
    sources = {race.experiment.data.source for race in finding.races}
    assert sources & {"journey", "opportunities"}
    assert sources & {"planted", "shopping"}
    assert {race.group for race in finding.races} <= {*GROUPS}
    assert finding.question.endswith("?")
    assert finding.why.endswith(".")
    assert finding.kind in TOLD
    assert FINDINGS[finding.name] is finding


@every_finding
def test_what_is_compared_is_there(finding: Finding) -> None:
    """Every pair, level and change that is named has its arms and its races."""
    for pair in finding.pairs:
        assert any(set(pair) <= {*race.values["arms"]} for race in finding.races), pair
    by_group: dict[str, set[str]] = {}
    for race in finding.races:
        by_group.setdefault(race.group, set()).add(race.label)
    for labels in (*finding.levels, *finding.changes):
        assert any(set(labels) <= own for own in by_group.values()), labels


def test_the_first_question_has_every_control() -> None:
    controls = {name for name, wiring in WIRINGS.items() if wiring.rules_out}
    assert controls
    for race in FINDINGS["cause"].races:
        if race.label == "equal parameters" and race.group != WHOLE:
            assert controls <= {*race.experiment.arms}


def test_fewer_events_are_trained_with_as_many_updates() -> None:
    experiments = [race.experiment for race in FINDINGS["data"].races if " events" in race.label]
    assert len(experiments) == 6
    assert {(experiment.training.updates, experiment.training.batch) for experiment in experiments} == {(1_500, 512)}


# carrying out


def ranks(shares: Mapping[str, float], seeds: int = 2, shift: float = 0.0) -> Measured:
    """Ranks of 50 users with 20 events each; every arm finds so large a share among the first hundred of 150."""
    draws = np.random.default_rng(7)
    user, luck = np.repeat(np.arange(50), 20), draws.random(1_000)
    cells = {
        (arm, seed): np.where(luck + 0.01 * draws.standard_normal(1_000) < share + shift, 5.0, 120.0).astype(np.float32)
        for arm, share in shares.items()
        for seed in range(seeds)
    }
    return Measured(user, cells, {"popularity": np.full(1_000, 60.0, np.float32)})


def record_for(shares: Mapping[str, float], **values: Any) -> dict[str, Any]:
    """As much of a run's record as a finding reads."""
    arms = {
        arm: {"recall": {"100": share}, "parameters": {"dense": 100 + place}, "seeds": [{"too_short": False}]}
        for place, (arm, share) in enumerate(shares.items())
    }
    return {
        "verdict": "A verdict.",
        "device": "cpu",
        "training": VERSION,
        "data": {"title": "Planted crosses", "items": 150},
        "tuning": {"settings": "default settings"},
        "arms": arms,
        "baselines": {"popularity": {"recall": {"100": 0.3}}},
        **values,
    }


class Carrier:
    """Ends runs at once with what each arm finds, by label, and remembers what it was asked for."""

    def __init__(self, store: Store, found: Mapping[str, Mapping[str, float]], **values: Any) -> None:
        self.store, self.found, self.values, self.said = store, found, values, list[str]()

    def __call__(self, folder: RunFolder, said: str) -> None:
        self.said.append(said)
        shares = self.found[said.rpartition(", ")[2]]
        folder.write_frame("ranks.parquet", ranks(shares).to_frame())
        folder.write_json("result.json", record_for(shares, **self.values))
        self.store.mark(folder, Progress("done", ""))


def finding_of(*labels: str, **values: Any) -> Finding:
    races = tuple(
        Race("Toy", label, {**SMALL, "seeds": 2, "arms": TRIO, "epochs": 1 + at}) for at, label in enumerate(labels)
    )
    return Finding("toy", "Is it so?", "It may be.", races, **{"pairs": (CLAIM,), **values})


ONE = {"parallel": 0.6, "wide_deep": 0.55, "sequential": 0.4}
TWO = {"parallel": 0.4, "wide_deep": 0.42, "sequential": 0.6}


def test_a_row_says_what_the_ranks_say(store: Store) -> None:
    carrier = Carrier(store, {"one": ONE, "two": TWO})
    finding = finding_of("one", "two", pairs=(CLAIM, ("wide_deep", "sequential")))
    record = run(finding, store, carrier)
    assert carrier.said == ["toy 1 of 2: Toy, one", "toy 2 of 2: Toy, two"]
    assert (record["name"], record["command"], record["device"]) == ("toy", "python -m pdcn study toy", "cpu")
    rows = record["rows"]
    assert [(row["label"], row["arm"], row["against"], row["k"]) for row in rows] == [
        (label, arm, "sequential", 100) for label in ("one", "two") for arm in ("parallel", "wide_deep")
    ]
    for row, shares in zip(rows, (ONE, ONE, TWO, TWO), strict=True):
        (c,) = compare(ranks(shares), (row["arm"],), "sequential", [Recall(100)], Recall(100))
        assert [row[name] for name in ("difference", "low", "high", "p")] == pytest.approx(
            [c.difference, c.low, c.high, c.p]
        )
        assert row["recall"] == [shares[row["arm"]], shares["sequential"]]
    assert [row["verdict"] for row in rows] == ["better", "better", "worse", "worse"]
    assert [row["adjusted"] for row in rows] == pytest.approx(holm(np.array([row["p"] for row in rows])).tolist())
    first = rows[0]
    assert (first["match"], first["terms"], first["dense"]) == ("parameters", "default settings", [100, 102])
    assert first["residual"] == pytest.approx(100 / 102 - 1)
    assert first["baselines"] == {"popularity": 0.3}
    assert list(first["other"]) == ["recall@1", "recall@10"]
    for row, race in zip(rows[::2], finding.races, strict=True):
        assert row["hash"] == race.experiment.hash()
        assert assemble(parse_all(row["settings"].items())) == race.experiment


def test_what_an_arm_finds_in_two_races_is_compared_as_within_one(store: Store) -> None:
    more = {**ONE, "parallel": 0.8}
    carrier = Carrier(store, {"one": ONE, "two": more})
    *_, row = run(finding_of("one", "two", levels=(("two", "one"),)), store, carrier)["rows"]
    assert (row["label"], row["arm"], row["against"]) == ("two against one", "parallel", "parallel")
    two, one = ranks(more), ranks(ONE)
    both = Measured(two.user, {**two.cells, **{("other", seed): one.cells["parallel", seed] for seed in (0, 1)}}, {})
    (c,) = compare(both, ("parallel",), "other", [Recall(100)], Recall(100))
    assert [row["difference"], row["low"], row["high"]] == pytest.approx([c.difference, c.low, c.high])
    assert row["recall"] == [0.8, 0.6]
    assert row["verdict"] == "better"


def test_an_arm_that_was_not_finished_is_named(store: Store) -> None:
    carrier = Carrier(store, {"one": ONE, "two": TWO}, unfinished=["parallel", "wide_deep"])
    rows = run(finding_of("one", "two"), store, carrier)["rows"]
    assert [row["unfinished"] for row in rows] == [["parallel"], ["parallel"]]


def test_the_same_trainings_are_counted_once(store: Store) -> None:
    """Two budgets asked for the same widths: one row, which names both settings."""
    finding = finding_of("one", "two", "three")
    record = run(finding, store, Carrier(store, {"one": ONE, "two": ONE, "three": TWO}))
    assert [row["label"] for row in record["rows"]] == ["one (also two)", "three"]
    hashes = [race.experiment.hash() for race in finding.races]
    assert [[row["hash"], *row["also"]] for row in record["rows"]] == [hashes[:2], hashes[2:]]


def test_tuning_that_keeps_what_it_began_with_is_the_same_training(store: Store) -> None:
    """One row for both, which says what tuning kept."""
    plain, tuned = Carrier(store, {"one": ONE}), Carrier(store, {"two": ONE})
    trial = {"state": "done", "validation": 0.5}
    tuned.values["tuning"] = {
        "settings": "tuned",
        "trials": 1,
        "arms": {arm: {"chosen": 0, "trials": [trial]} for arm in TRIO},
    }

    def carry(folder: RunFolder, said: str) -> None:
        (plain if said.endswith("one") else tuned)(folder, said)

    (row,) = run(finding_of("one", "two"), store, carry)["rows"]
    assert row["label"] == "one (also two)"
    assert row["chosen"] == [{"trial": 0, **trial}] * 2


def test_what_was_run_before_is_not_run_again(store: Store) -> None:
    carrier = Carrier(store, {"one": ONE, "two": TWO, "three": {**TWO, "parallel": 0.3}})
    first = run(finding_of("one", "two"), store, carrier)
    assert run(finding_of("one", "two"), store, carrier) == first
    assert len(carrier.said) == 2
    run(finding_of("one", "two", "three"), store, carrier)
    assert carrier.said[2:] == ["toy 3 of 3: Toy, three"]
    assert len(store.rows()) == 3


def test_a_record_keeps_its_races_where_a_question_has_one_more(store: Store, tmp_path: Path) -> None:
    """Rows of old and new races are as if all had been run now, but for those that nobody asks for any more."""
    shares = {"one": ONE, "two": TWO, "three": {**TWO, "parallel": 0.3}}
    kept = run(finding_of("one", "two"), store, Carrier(store, shares))
    elsewhere = Store(tmp_path / "elsewhere")
    carrier = Carrier(elsewhere, shares)
    more = run(finding_of("one", "two", "three"), elsewhere, carrier, json.loads(json.dumps(kept)))
    assert carrier.said == ["toy 1 of 1: Toy, three"]
    assert more == run(finding_of("one", "two", "three"), store, Carrier(store, shares))
    assert run(finding_of("one"), elsewhere, carrier, more)["rows"][0]["label"] == "one"
    assert len(carrier.said) == 1
    leveled = finding_of("one", "two", "three", levels=(("three", "two"),))
    *_, row = run(leveled, Store(tmp_path / "third"), Carrier(Store(tmp_path / "third"), shares), kept)["rows"]
    assert row["label"] == "three against two"
    for other in ({"name": "another"}, {"training": VERSION - 1}):
        with pytest.raises(SettingError, match=f"expected a record of toy that version {VERSION} of the training made"):
            run(finding_of("one"), elsewhere, carrier, {**kept, **other})


def test_a_run_that_did_not_end_well_is_run_again(store: Store) -> None:
    finding = finding_of("one")
    carrier = Carrier(store, {"one": ONE})
    (race,) = finding.races
    stopped = store.create(race.experiment, "cpu", own=True)
    stopped.write_json("result.json", record_for(TWO, device="half"))
    store.mark(stopped, Progress("stopped", ""))
    binned = store.create(race.experiment, "cpu", own=True)
    carrier(binned, "one")
    store.delete(binned.run)
    assert run(finding, store, carrier)["device"] == "cpu"
    assert carrier.said == ["one", "toy 1 of 1: Toy, one"]


@pytest.mark.parametrize(
    ("state", "message", "said"),
    [
        ("failed", "The disk is full.", "study: toy 1 of 1: Toy, one was failed. The disk is full."),
        ("stopped", "", "study: toy 1 of 1: Toy, one was stopped."),
        (
            "interrupted",
            "Interrupted from the keyboard.",
            "study: toy 1 of 1: Toy, one was interrupted. Interrupted from the keyboard.",
        ),
    ],
)
def test_a_study_that_fails_is_told_in_one_sentence(store: Store, state: Any, message: str, said: str) -> None:
    def fail(folder: RunFolder, label: str) -> None:
        if state != "failed":  # what it had reached is no answer
            folder.write_json("result.json", record_for(TWO))
        store.mark(folder, Progress(state, "", message=message))

    with pytest.raises(SettingError) as caught:
        run(finding_of("one"), store, fail)
    assert str(caught.value) == said


def test_a_finding_that_is_really_trained(store: Store) -> None:
    own = {**SMALL, "seeds": 2, "arms": CLAIM}
    finding = Finding(
        "toy",
        "Is it so?",
        "It may be.",
        (Race(PLANTED, "a", own), Race(PLANTED, "b", {**own, "match": "none"})),
        (CLAIM,),
    )

    def train(folder: RunFolder, said: str) -> None:
        carry_out(store, folder)

    record = run(finding, store, train)
    assert [(row["label"], row["match"]) for row in record["rows"]] == [("a", "parameters"), ("b", "none")]
    for row in record["rows"]:
        assert (row["seeds"], row["k"], row["group"]) == (2, 100, PLANTED)
        assert row["difference"] == pytest.approx(row["recall"][0] - row["recall"][1], abs=1e-12)
        assert row["low"] <= row["difference"] <= row["high"]
    differ = any(row["verdict"] in ("better", "worse") for row in record["rows"])
    begins = "Parallel beats sequential in " if differ else "We detect no difference between parallel and sequential"
    assert answer(finding, record).startswith(begins)


# what is there already


def test_bundled_answers_are_read_or_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "FOLDER", tmp_path)
    assert bundled("cause") is None
    for text, expected in (("{", None), ("[]", None), ('{"rows": []}', {"rows": []})):
        (tmp_path / "cause.json").write_text(text)
        assert bundled("cause") == expected


def test_the_settings_of_a_run_decide_and_not_its_data(store: Store) -> None:
    """Another seed is another experiment."""
    assert racing._done(store, tiny()) is None
    folder = store.create(tiny(), "cpu", own=True)
    Carrier(store, {"x": ONE})(folder, "x")
    done = racing._done(store, tiny())
    assert done is not None
    assert done.run == folder.run
    assert racing._done(store, tiny(seed=1)) is None
    folder.write_json("result.json", record_for(ONE, training=VERSION - 1))
    assert racing._done(store, tiny()) is None  # it would train otherwise today


def test_every_setting_with_worlds_has_three_of_them() -> None:
    races = [race for race in FINDINGS["data"].races if race.setting]
    by_setting = {one: [race for race in races if race.setting == one] for one in {race.setting for race in races}}
    assert len(by_setting) == 8
    for own in by_setting.values():
        assert [changed(race.experiment).get("data_seed", "0") for race in own] == ["0", "1", "2"]
        rest = [{k: v for k, v in changed(race.experiment).items() if k != "data_seed"} for race in own]
        assert rest[0] == rest[1] == rest[2]
