"""Calibration: studies of a known truth are what they say, and are counted rightly."""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from pdcn import host
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.jobs.worker import carry_out
from pdcn.nn import two_tower
from pdcn.research import calibrate as module
from pdcn.research import spot_checks
from pdcn.research.calibrate import (
    LOSSES,
    PROMISED,
    Judged,
    Row,
    count,
    crews_of,
    differences,
    judge,
    preset,
    record_of,
    trained_ranks,
)
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval import ranks as evaluation
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.training import loop
from tests.unit.measured_help import measured_of

ITEMS, USERS, EVENTS = 400, 60, 900


def tiny(**values: Any) -> Experiment:
    small = {"data": "planted", "events": 2_000, "items": 150, "users": 50, "batch": 256, "epochs": 1}
    return assemble({**small, "seeds": 2, "arms": ("sequential",), "match": "none", "evaluations": 1, **values})


# what is counted


def judged(kind: str, seeds: int, *studies: tuple[float, bool, bool]) -> list[Judged]:
    return [Judged(kind, seeds, *study) for study in studies]


def test_claims_are_counted_by_kind_and_number_of_seeds() -> None:
    nothing, claimed = (0.01, False, True), (0.03, True, True)
    rows = count(
        [
            *judged("A/A", 2, nothing, claimed, (-0.04, True, True), (0.0, False, False)),
            *judged("A/B", 2, claimed, claimed, (-0.02, True, True), nothing),
            *judged("A/A", 3, nothing),
            *judged("A/A", 2, nothing),
        ]
    )
    assert [(row.kind, row.seeds, row.studies) for row in rows] == [("A/A", 2, 5), ("A/B", 2, 4), ("A/A", 3, 1)]
    first, second, third = rows
    assert (first.claims, first.rate, first.anywhere) == (2, 0.4, 4)
    assert first.wrong == 0  # without a truth, no sign is wrong
    assert first.difference == pytest.approx(0.002)
    assert (second.claims, second.wrong, second.rate) == (3, 1, 0.75)
    assert second.difference == pytest.approx(0.0125)
    assert (third.claims, third.anywhere, third.low) == (0, 1, 0.0)


@pytest.mark.parametrize(("claims", "studies"), [(0, 20), (1, 20), (7, 100), (20, 20), (1, 1)])
def test_the_interval_is_that_of_clopper_and_pearson(claims: int, studies: int) -> None:
    (row,) = count([Judged("A/A", 3, 0.0, at < claims, False) for at in range(studies)])
    low = beta.ppf(0.025, claims, studies - claims + 1) if claims else 0.0
    high = beta.ppf(0.975, claims + 1, studies - claims) if claims < studies else 1.0
    assert (row.low, row.high) == pytest.approx((low, high), abs=1e-9)
    assert row.rate == claims / studies


# what is trained


class Idle:
    """A training that only remembers from what it would have been trained."""

    seen: ClassVar[list[tuple[str, int, str]]] = []
    steps = 3

    def __init__(self, data: Any, experiment: Experiment, arm: str, seed: int) -> None:
        self.at = (data.dataset.hash, seed, arm)

    def lap(self, steps: int) -> None:
        assert steps == self.steps

    def finish(self) -> Any:
        Idle.seen.append(self.at)
        return self


def test_no_seed_is_trained_twice_and_every_study_has_a_world_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "Trainer", Idle)
    monkeypatch.setattr(two_tower, "two_towers", lambda model: model)
    monkeypatch.setattr(evaluation, "model_ranks", lambda model, data, events: np.full(len(events), model.at[1]))
    Idle.seen.clear()
    experiment = tiny(seeds=3, seed=5, data_seed=2)
    frames = [trained_ranks(experiment, number)[0] for number in range(4)]
    worlds, seeds, arms = zip(*Idle.seen, strict=True)
    assert sorted(seeds) == list(range(5, 5 + 4 * 2 * 3))
    assert len(set(worlds)) == 4
    assert set(arms) == {"sequential"}
    for frame in frames:
        assert list(frame.cells) == [(arm, seed) for arm in "ab" for seed in range(3)]
        assert all(len(set(column)) == 1 for column in frame.cells.values())
    told = [column[0] for frame in frames for column in frame.cells.values()]
    assert len(set(told)) == len(told)


def test_two_of_one_arm_are_two_trainings() -> None:
    experiment = tiny()
    ranks, items = trained_ranks(experiment, 0)
    assert items == 150
    assert len(ranks.user) == 200
    columns = [ranks.cells[cell] for cell in (("a", 0), ("a", 1), ("b", 0), ("b", 1))]
    for at, one in enumerate(columns):
        assert (one >= 0).all()
        assert (one <= items - 1).all()
        for two in columns[:at]:
            assert (one != two).mean() > 0.5
    again, _ = trained_ranks(experiment, 0)
    pd.testing.assert_frame_equal(again.to_frame(), ranks.to_frame())
    other, _ = trained_ranks(experiment, 1)
    assert not other.to_frame().equals(ranks.to_frame())


# what is judged, with ranks whose truth is known


def synthetic(seeds: int, number: int, *, better: float = 0.0, spread: float = 0.0) -> pd.DataFrame:
    """Ranks of users of many tastes and of seeds that are more or less lucky; `a` hits more often by `better`."""
    draws = np.random.default_rng([number, 7])
    user = np.sort(draws.integers(USERS, size=EVENTS))
    taste = draws.uniform(0.3, 0.7, USERS)[user]
    columns: dict[str, Any] = {"user": user}
    for arm in "ab":
        for seed in range(seeds):
            chance = taste + better * (arm == "a") + spread * draws.standard_normal()
            hit = draws.random(EVENTS) < chance
            columns[f"{arm}.{seed}"] = np.where(hit, draws.integers(100, size=EVENTS), 300).astype(np.float32)
    return pd.DataFrame(columns)


def known(monkeypatch: pytest.MonkeyPatch, **truth: float) -> None:
    def ranks(experiment: Experiment, number: int) -> tuple[Measured, int]:
        return measured_of(synthetic(experiment.seeds, number, **truth)), ITEMS

    monkeypatch.setattr(module, "trained_ranks", ranks)


def test_every_kind_is_judged_at_every_number_of_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch)
    kinds = [
        "A/A",
        "A/A, plain hierarchical bootstrap",
        *(f"A/B, {loss} of the hits lost" for loss in ("2%", "5%", "10%")),
    ]
    alone = range(0, 1)
    assert [(j.kind, j.seeds) for j in judge(tiny(seeds=3), alone)] == [(kind, s) for s in (2, 3) for kind in kinds]
    assert {j.seeds for j in judge(tiny(seeds=5), alone)} == {2, 3, 5}
    assert judge(tiny(seeds=2), range(4, 6)) == judge(tiny(seeds=2), range(4, 6))
    two = judge(tiny(seeds=5), range(0, 2))
    assert [j.kind for j in two if j.seeds == 5] == [*kinds, PROMISED] * 2


def test_what_one_study_promises_is_planted_in_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss is that of the neighbour's verdict, and a promise of more than there is to lose is not planted."""
    known(monkeypatch)
    monkeypatch.setattr(module, "SEED_COUNTS", (3,))
    monkeypatch.setattr(module, "PLAIN_RESAMPLES", 10)
    promised = {0: 0.3, 1: 0.1}
    numbers = iter([0, 1] * 5)
    monkeypatch.setattr(module, "_promise", lambda ranks, items: promised[next(numbers)])
    lost = []
    for _ in range(5):
        found = judge(tiny(seeds=3), range(0, 2))
        none = [j.difference for j in found if j.kind == "A/A"]
        lost.append([n - j.difference for n, j in zip(none, (j for j in found if j.kind == PROMISED), strict=True)])
    # of 3 x 900 events half are hits: the standard error of a loss is 0.01
    assert np.mean(lost, axis=0) == pytest.approx([0.1, 0.3], abs=0.03)
    monkeypatch.setattr(module, "_promise", lambda ranks, items: 0.9)
    assert PROMISED not in {j.kind for j in judge(tiny(seeds=3), range(0, 2))}


def test_a_promise_that_few_studies_could_be_put_to_has_no_row() -> None:
    both = judged("A/A", 2, (0.0, False, False), (0.0, False, False))
    whole = judged(PROMISED, 2, (-0.1, True, True), (-0.1, False, False))
    assert [row.kind for row in count([*both, *whole])] == ["A/A", PROMISED]
    assert [row.kind for row in count([*both, *whole[:1]])] == ["A/A"]


def test_what_is_promised_is_found_four_times_out_of_five_or_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smoke alarm from end to end: lucky seeds, many K; of 60 studies 48 are promised, 3 errors are 9."""
    monkeypatch.setattr(module, "SEED_COUNTS", (5,))
    monkeypatch.setattr(module, "LOSSES", ())
    monkeypatch.setattr(module, "PLAIN_RESAMPLES", 10)
    known(monkeypatch, spread=0.008)
    rows = {row.kind: row for row in count(j for crew in crews_of(60) for j in judge(tiny(seeds=5), crew))}
    assert 48 - 9 <= rows[PROMISED].claims < 60  # a promise of far too much would be no promise
    assert rows[PROMISED].wrong == 0
    assert rows["A/A"].claims <= 9


def test_taking_hits_away_lowers_the_recall_by_that_share(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch)
    monkeypatch.setattr(module, "SEED_COUNTS", (3,))
    monkeypatch.setattr(module, "PLAIN_RESAMPLES", 10)
    fallen: dict[str, list[float]] = {}
    for number in range(12):
        found = {j.kind: j for j in judge(tiny(seeds=3), range(number, number + 1))}
        ranks = synthetic(3, number)
        columns = [ranks[f"a.{seed}"].to_numpy() for seed in range(3)]
        user = ranks["user"].to_numpy()
        recall = np.mean([Recall.by_user([Recall(100)], column, user) for column in columns])
        for loss in LOSSES:
            kind = f"A/B, {loss:.0%} of the hits lost"
            fallen.setdefault(kind, []).append(float((found["A/A"].difference - found[kind].difference) / recall))
    for loss in LOSSES:
        mean = float(np.mean(fallen[f"A/B, {loss:.0%} of the hits lost"]))
        # 12 x 3 x 900 events, half of them hits: the standard error of a share of 10% is 0.0024
        assert mean == pytest.approx(loss, abs=0.008)


def test_identical_arms_are_no_alarm_and_far_ones_always_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEED_COUNTS", (3,))
    monkeypatch.setattr(module, "LOSSES", ())
    known(monkeypatch, better=0.25)
    for found in judge(tiny(seeds=3), range(1)):
        assert found.claimed
        assert found.anywhere
        assert found.difference == pytest.approx(0.25, abs=0.04)

    def twins(experiment: Experiment, number: int) -> tuple[Measured, int]:
        ranks = synthetic(experiment.seeds, number)
        same = {f"a.{seed}": ranks[f"b.{seed}"] for seed in range(experiment.seeds)}
        return measured_of(ranks.assign(**same)), ITEMS

    monkeypatch.setattr(module, "trained_ranks", twins)
    for found in judge(tiny(seeds=3), range(1)):
        assert (found.claimed, found.anywhere, found.difference) == (False, False, 0.0)


def test_false_alarms_are_rare_where_seeds_are_lucky_and_the_plain_bootstrap_is_fooled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A smoke alarm, not the measurement: 80 studies of which one in twenty may err."""
    monkeypatch.setattr(module, "SEED_COUNTS", (3,))
    monkeypatch.setattr(module, "LOSSES", ())
    known(monkeypatch, spread=0.1)
    rows = {
        row.kind: row
        for row in count(j for number in range(80) for j in judge(tiny(seeds=3), range(number, number + 1)))
    }
    ours, plain = rows["A/A"], rows["A/A, plain hierarchical bootstrap"]
    assert ours.studies == plain.studies == 80
    assert ours.claims <= 9  # of 4 expected at most; 10 or more have a chance under 1%
    assert plain.claims > ours.claims + 5


# from end to end


def small_calibration(store: Store, studies: int, *, own: bool) -> RunFolder:
    return store.create(tiny(), "cpu", own=own, asked={"kind": "calibration", "studies": studies})


def test_a_calibration_is_a_job_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits in the queue of the studies, says how far it is, and is no run that a page would show."""
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    store, said = Store(), list[Progress]()
    asked = small_calibration(store, 2, own=False)
    assert store.rows() == []
    assert [(row.run, row.kind, row.state) for row in store.rows(kind=None)] == [(asked.run, "calibration", "queued")]
    claimed = store.claim()
    assert claimed == asked
    assert carry_out(store, asked, said.append).state == store.state(asked.run) == "done"
    assert [now.done for now in said] == [0, 1, 2, 2]
    assert said[-1].share == 1.0
    record = asked.result
    assert record is not None
    experiment, rows = tiny(), [Row(**row) for row in record["rows"]]
    assert [(row.kind, row.seeds, row.studies) for row in rows] == [
        (kind, 2, 2)
        for kind in (
            "A/A",
            "A/A, plain hierarchical bootstrap",
            *(f"A/B, {loss:.0%} of the hits lost" for loss in LOSSES),
            PROMISED,
        )
    ]
    judged = judge(experiment, range(2))
    assert rows == count(judged)  # what processes of their own found is found here
    assert record == record_of(experiment, 2, [judged])
    assert record["first"] == [one.difference for one in judged] == differences(experiment, 2)
    assert record["command"] is None  # not the preset: its settings are in the record
    assert Experiment.model_validate(record["experiment"]).hash() == record["hash"] == experiment.hash()
    store.index.path.unlink()
    assert store.rows() == []
    store.delete(asked.run)
    assert store.empty_bin() == 1


def test_a_check_of_a_calibration_judges_its_first_studies_anew(tmp_path: Path) -> None:
    experiment, path = tiny(seeds=2), tmp_path / "calibration.json"
    record = record_of(experiment, 2, [judge(experiment, range(2))])
    last = float(np.nextafter(record["first"][-1], 1))
    for first, agrees in ((record["first"], True), ([*record["first"][:-1], last], False)):
        path.write_text(json.dumps({**record, "first": first}))
        found = spot_checks.calibration(path)
        assert found is not None
        assert found.agrees == agrees
        assert (
            found.what == f"The first studies were trained anew, and their {len(first)} differences in recall compared."
        )
    del record["first"]
    path.write_text(json.dumps(record))
    assert spot_checks.calibration(path) is None


@pytest.mark.parametrize("source", ["planted", "journey"])
def test_presets_can_be_judged_and_their_command_says_how(source: str) -> None:
    experiment = preset(source)
    assert experiment.data.source == source
    assert len(experiment.arms) == 1
    assert experiment.seeds in (3, 5)
    assert experiment.fairness.match == "none"
    record = record_of(experiment, 7, [[]])
    assert record["command"] == f"python -m pdcn calibrate --data {source} --studies 7"


def test_a_calibration_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr(host, "cores", lambda: 1)
    store = Store()
    folder = small_calibration(store, 400, own=True)
    before = time.monotonic()
    ended = carry_out(store, folder, lambda now: store.ask(folder.run, "stop") if now.done == 1 else None)
    assert ended.state == store.state(folder.run) == "stopped"
    assert folder.result is None
    assert not multiprocessing.active_children()
    assert time.monotonic() - before < 120


def test_a_kind_that_is_none_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.create(tiny(), "cpu", own=True, asked={"kind": "teapot"})
    assert carry_out(store, folder).message == "kind: expected one of study, calibration, got 'teapot'"
