"""Matched and tuned studies from end to end: what was equal, what was tried, and proof that arms are paired."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.evaluation.comparison import comparisons_of, headline_in
from pdcn.evaluation.slices import COLUMNS
from pdcn.jobs.study import Study
from pdcn.nn.model import Model, cost
from pdcn.nn.two_tower import TwoTower
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import Batch, DeviceData
from pdcn.training import budget, loop
from pdcn.training.loop import OneModel, steps_of
from pdcn.training.tuning import Choice, applied, final_seeds, finalists, ranges, trials, tuning_seed
from tests.unit.studies_help import long_study, tiny


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    return Store(tmp_path)


def ended(store: Store, experiment: Experiment) -> RunFolder:
    """The folder of the experiment, trained to its end."""
    folder = store.create(experiment, "cpu", own=True)
    assert Study(folder).run() == "done"
    return folder


def result_of(folder: RunFolder) -> dict[str, Any]:
    result = folder.result
    assert result is not None
    return result


def weights_equal(folder: RunFolder, one: tuple[str, int], two: tuple[str, int]) -> bool:
    first, second = (load_file(folder.weights(*pair)) for pair in (one, two))
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


# pairing


@pytest.mark.parametrize(
    "values",
    [{"match": "none"}, {}, {"tune": 3}, {"tune": 2, "training_sets": "bootstrap"}],
    ids=["same blocks", "matched", "tuned", "users drawn anew"],
)
def test_one_wiring_under_two_names_ends_equal_to_the_last_bit(store: Store, values: dict[str, Any]) -> None:
    twins = ("sequential", "sequential-sequential")
    folder = ended(store, tiny(arms=twins, batch=128, dropout=0.1, negatives=8, **values))
    ranks, result = folder.ranks, result_of(folder)
    assert ranks is not None
    for seed in (0, 1):
        assert weights_equal(folder, (twins[0], seed), (twins[1], seed))
        assert (ranks[f"{twins[0]}.{seed}"] == ranks[f"{twins[1]}.{seed}"]).all()
    for arm in twins:  # and another seed is another training
        assert not weights_equal(folder, (arm, 0), (arm, 1))
        assert (ranks[f"{arm}.0"] != ranks[f"{arm}.1"]).any()
    assert result["match"]["residual"] == {"sequential-sequential": 0.0}
    for c in comparisons_of(result):
        assert (c.difference, c.low, c.high, c.p) == (0.0, 0.0, 0.0, 1.0)
        assert c.verdict == ("no detectable difference" if c.metric == headline_in(result) else "not tested")


# a tuned, matched study


def test_all_that_a_tuned_and_matched_study_tells(store: Store) -> None:
    arms = ("parallel", "deep_only", "sequential")
    experiment = tiny(arms=arms, tune=3, detect=2.5, seed=4, items=400)
    folder = ended(store, experiment)
    result, tuning = result_of(folder), folder.tuning
    match = result["match"]
    assert set(match) == {"target", "residual", "met", "tolerance"}
    target = result["arms"]["sequential"]["parameters"]["dense"]
    assert match["target"] == {"budget": "parameters", "arm": "sequential", "value": target}
    assert match["tolerance"] == 0.01
    assert match["met"] == {"parallel": True, "deep_only": True}
    for arm in ("parallel", "deep_only"):
        dense = result["arms"][arm]["parameters"]["dense"]
        assert match["residual"][arm] == pytest.approx(dense / target - 1, abs=1e-12)
    assert result["detect"] == 2.5
    assert result["tuning"] == tuning
    assert tuning is not None
    assert tuning["trials"] == 3
    assert tuning["settings"] == "tuned with 3 trials an arm, too few to tell settings apart"
    assert tuning["seed"] == tuning_seed(experiment) == 6
    assert tuning["final_seeds"] == list(final_seeds(experiment)) == [7, 8, 9]
    assert tuning["validated"] == result["validated"] == "MRR"  # 100 of 400 items is no small part
    assert tuning["ranges"] == {name: [low, high] for name, (low, high, _) in ranges(experiment).items()}
    plan = trials(experiment)
    for arm in experiment.arms:
        rows = tuning["arms"][arm]["trials"]
        assert [{name: row[name] for name in ranges(experiment)} for row in rows] == plan
        assert all(0 <= row["best_step"] <= 12 for row in rows)
        assert [len(row["finals"]) for row in rows] == [3, 3, 3]
        assert [row["validation"] for row in rows] == pytest.approx([np.mean(row["finals"]) for row in rows])
        recalls = [row["validation"] for row in rows]
        assert all(0 < recall < 1 for recall in recalls)
        assert tuning["arms"][arm]["chosen"] == recalls.index(max(recalls))
        assert tuning["arms"][arm]["gain"] == pytest.approx(max(recalls) - recalls[0])
    assert tuning["error"] > 0
    assert "tuned with 3 trials an arm, too few to tell settings apart" in result["verdict"]
    json.dumps(result, allow_nan=False)


def test_what_is_trained_is_what_was_matched_and_chosen(store: Store) -> None:
    experiment = tiny(arms=("parallel", "sequential"), tune=2, item_deep=(24,))
    folder = ended(store, experiment)
    result, dataset = result_of(folder), datasets.load(experiment.data)
    data, plan = DeviceData(dataset, torch.device("cpu")), trials(experiment)
    fits = budget.matched(experiment, data)
    assert folder.own("parallel").network.deep != experiment.network.deep
    for arm in experiment.arms:
        own, chosen = folder.own(arm), result["tuning"]["arms"][arm]["chosen"]
        assert own == applied(fits[arm].experiment, plan[chosen])
        model = TwoTower(dataset.queries, dataset.items, own, arm)
        assert cost(model).dense == result["arms"][arm]["parameters"]["dense"]
        for seed in experiment.seed_list:
            trained = load_file(folder.weights(arm, seed))
            model.load_state_dict(trained)
            again = loop.Trainer(data, own, arm, seed, lambda *_: 0.0)  # the start is drawn from the same settings
            again.lap(0)
            assert {n: w.shape for n, w in again.model.state_dict().items()} == {n: w.shape for n, w in trained.items()}
    assert folder.own("unknown arm") == experiment


def test_a_first_trial_that_wins_is_the_study_without_tuning(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, with an item tower that drops otherwise."""
    values = {"dropout": 0.1, "item_dropout": 0.3, "seeds": 1}
    plain = ended(store, tiny(**values))
    monkeypatch.setattr("pdcn.jobs.tuner.choice", lambda finals, **_: Choice(0, 0.0))
    tuned = ended(store, tiny(tune=2, **values))
    tuning = tuned.tuning
    assert tuning is not None
    assert list(tuning["ranges"])[-2:] == ["epochs", "item_dropout"]
    for arm in plain.experiment.arms:
        own = tuned.own(arm)
        assert [network.dropout for network in own.networks()] == [0.1, 0.3]
        first = tuning["arms"][arm]["trials"][0]
        assert (first["dropout"], first["item_dropout"]) == (0.1, 0.3)
        one, two = (load_file(folder.weights(arm, 0)) for folder in (plain, tuned))
        assert one.keys() == two.keys()
        assert all(torch.equal(one[name], two[name]) for name in one)


def test_tuning_stays_out_of_the_picture_and_out_of_the_comparison(store: Store) -> None:
    experiment, said = tiny(tune=2, patience=0), list[Progress]()
    folder = store.create(experiment, "cpu", own=True)
    assert Study(folder, watch=said.append).run() == "done"
    history, ranks, result = folder.history, folder.ranks, result_of(folder)
    assert history is not None
    assert ranks is not None
    assert set(history["seed"]) == {0, 1}
    assert history.groupby(["arm", "seed"])["step"].is_monotonic_increasing.all()
    assert set(ranks.columns) == {
        "user",
        "popularity",
        "history",
        "pure_svd",
        "item_knn",
        "oracle",
        *(f"{a}.{s}" for a in experiment.arms for s in (0, 1)),
    }
    assert {path.stem for path in (folder.path / "weights").iterdir()} == {
        f"{arm}.{seed}" for arm in experiment.arms for seed in (0, 1)
    }
    assert [seed["seed"] for seed in result["arms"]["parallel"]["seeds"]] == [0, 1]
    phases = list(dict.fromkeys(progress.phase for progress in said))
    assert phases[:4] == [
        "preparing the data",
        "matching dense parameters",
        "tuning, trial 1 of 2",
        "tuning, trial 2 of 2",
    ]
    assert phases[-2:] == ["looking where the difference comes from", ""]
    done = [progress.done for progress in said]
    assert done == sorted(done)
    steps = [steps_of(applied(experiment, trial).training, 1_700) for trial in trials(experiment)]
    race = sum(2 * steps_of(folder.own(arm).training, 1_700) for arm in experiment.arms)
    assert said[-1].done == said[-1].total == 2 * 3 * sum(steps) + race
    started = [progress for progress in said if progress.total and not progress.done]
    assert started[0].total == 2 * 3 * sum(steps) + 2 * 2 * 6  # known before the first step


def test_of_many_trials_the_best_few_are_trained_again(store: Store) -> None:
    experiment, said = tiny(tune=6, seeds=1), list[Progress]()
    folder = store.create(experiment, "cpu", own=True)
    assert Study(folder, watch=said.append).run() == "done"
    tuning = folder.tuning
    assert tuning is not None
    for arm in tuning["arms"].values():
        again = [place for place, row in enumerate(arm["trials"]) if "finals" in row]
        assert again == finalists([row["first"] for row in arm["trials"]])
        assert arm["chosen"] == max(again, key=lambda place: arm["trials"][place]["validation"])
    phases = {progress.phase for progress in said}
    assert "tuning, trial 6 of 6" in phases
    assert "tuning, trial 1 of 6, again with new seeds" in phases


def test_no_match_keeps_the_blocks_and_tells_the_sizes(store: Store) -> None:
    folder = ended(store, tiny(match="none"))
    result = result_of(folder)
    assert folder.own("parallel") == folder.experiment
    dense = {arm: record["parameters"]["dense"] for arm, record in result["arms"].items()}
    share = dense["parallel"] / dense["sequential"] - 1
    assert result["match"] == {
        "target": {"budget": "none", "arm": "sequential", "value": dense["sequential"]},
        "tolerance": None,
        "residual": {"parallel": pytest.approx(share)},
        "met": {},
    }
    assert f"Sizes differ: parallel has {share:.1%} more dense parameters." in result["verdict"]
    assert set(result["tuning"]) == {"trials", "settings"}
    assert folder.tuning is None


def test_a_match_out_of_reach_is_said_in_the_verdict(store: Store) -> None:
    result = result_of(ended(store, tiny(arms=("cross_only", "sequential"))))
    assert result["match"]["met"] == {"cross_only": False}
    share = -result["match"]["residual"]["cross_only"]
    assert share > 0.01
    assert f"The match could not be met: cross only has {share:.1%} fewer dense parameters." in result["verdict"]


def test_all_arms_are_held_against_the_chosen_baseline(store: Store) -> None:
    folder = ended(store, tiny(arms=("parallel", "sequential", "deep_only"), baseline="deep_only"))
    result = result_of(folder)
    assert {(c.arm, c.against) for c in comparisons_of(result)} == {
        ("parallel", "deep_only"),
        ("sequential", "deep_only"),
    }
    assert folder.own("deep_only") == folder.experiment
    assert result["match"]["target"]["arm"] == "deep_only"
    assert "deep only" in result["verdict"]


def test_training_time_is_told_as_it_was_measured(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The match is made by a clock before; what is told is what the trainings of the study took."""
    monkeypatch.setattr(budget, "ROUNDS", 1)
    monkeypatch.setattr(budget, "STEPS", 1)
    result = result_of(ended(store, tiny(match="train-time", epochs=2)))
    pace = {
        arm: record["train_seconds"] / sum(seed["steps"] for seed in record["seeds"])
        for arm, record in result["arms"].items()
    }
    residual = result["match"]["residual"]["parallel"]
    assert residual == pytest.approx(pace["parallel"] / pace["sequential"] - 1)
    assert result["match"]["target"] == {
        "budget": "train-time",
        "arm": "sequential",
        "value": pytest.approx(pace["sequential"]),
    }
    assert result["match"]["met"] == {"parallel": abs(residual) <= 0.05}


def test_slices_are_kept(store: Store) -> None:
    folder = ended(store, tiny(events=12_000, arms=("parallel", "deep_only", "sequential")))
    slices, ranks = folder.slices, folder.ranks
    assert slices is not None
    assert ranks is not None
    assert tuple(slices.columns) == COLUMNS
    assert set(slices["arm"]) == {"parallel", "deep_only"}
    assert set(slices["against"]) == {"sequential"}
    assert (slices["events"] >= 200).all()
    dataset = datasets.load(folder.experiment.data)
    row = slices[(slices["kind"] == "query field") & (slices["arm"] == "parallel")].iloc[0]
    field = [f.label for f in dataset.queries.categories].index(row["field"])
    events = np.arange(*dataset.part("test").indices(len(dataset.queries)))
    code = dataset.queries.categories[field].values.index(row["value"])
    inside = dataset.queries.codes[events, field] == code
    assert row["events"] == inside.sum()
    user = ranks["user"].to_numpy()[inside]

    def recall(arm: str) -> float:
        hits = np.mean([ranks[f"{arm}.{seed}"].to_numpy()[inside] < row["k"] for seed in (0, 1)], axis=0)
        return float(np.mean([hits[user == one].mean() for one in np.unique(user)]))

    assert row["recall"] == pytest.approx(recall("sequential"))
    assert row["difference"] == pytest.approx(recall("parallel") - recall("sequential"))


def test_without_a_slice_that_is_large_enough_the_study_still_ends(store: Store) -> None:
    folder = ended(store, tiny())
    slices = folder.slices
    assert slices is not None
    assert tuple(slices.columns) == COLUMNS
    assert len(slices) == 0


# endings


class Until:
    """Stops a study in the first lap of a phase that begins so, after some laps."""

    paused = False

    def __init__(self, phase: str, laps: int = 0) -> None:
        self.phase, self.laps = phase, laps

    def stopping(self) -> bool:
        return False

    def proceed(self, progress: Progress) -> bool:
        if progress.phase.startswith(self.phase):
            self.laps -= 1
        return self.laps >= 0


@pytest.mark.parametrize(("phase", "laps"), [("tuning, trial 1", 0), ("tuning, trial 2", 2)])
def test_a_stop_while_tuning_leaves_a_stopped_run_without_a_result(store: Store, phase: str, laps: int) -> None:
    folder = store.create(long_study(events=3_000, tune=3, epochs=3), "cpu", own=True)
    assert Study(folder, Until(phase, laps)).run() == "stopped"
    assert folder.progress.state == "stopped"
    assert folder.result is None
    assert folder.history is None
    assert folder.ranks is None
    assert folder.slices is None
    assert folder.own("parallel") == folder.experiment
    tried = folder.tuning
    assert (tried is None) == (phase == "tuning, trial 1")
    if tried is not None:
        assert [len(arm["trials"]) for arm in tried["arms"].values()] == [1, 1]
    assert folder.towers is not None
    assert [row.verdict for row in store.rows()] == [""]


def test_a_stop_after_tuning_keeps_what_was_tried(store: Store) -> None:
    folder = store.create(long_study(events=3_000, tune=2, epochs=6), "cpu", own=True)
    assert Study(folder, Until("training", 4)).run() == "stopped"
    result = result_of(folder)
    assert len(result["tuning"]["arms"]["parallel"]["trials"]) == 2
    assert folder.slices is None
    assert "Cut short" in result["verdict"]


def diverging(monkeypatch: pytest.MonkeyPatch, temperatures: list[float]) -> None:
    """Trainings that start at one of these temperatures get a loss that is no number."""
    starts: WeakKeyDictionary[Model, float] = WeakKeyDictionary()  # an id is used again, a model is not

    def broken(task: Retrieval, towers: OneModel, data: DeviceData, batch: Batch) -> torch.Tensor:
        start = starts.setdefault(towers.model, float(towers.temperature.detach()))
        loss = whole(task, towers, data, batch)
        bad = any(math.isclose(start, temperature, rel_tol=1e-4) for temperature in temperatures)
        return loss * math.nan if bad else loss

    whole = Retrieval.loss
    monkeypatch.setattr(Retrieval, "loss", broken)


def test_a_trial_that_diverges_is_kept_and_never_chosen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = tiny(tune=3, schedule="cosine", patience=0)
    plan = trials(experiment)
    diverging(monkeypatch, [plan[0]["temperature"], plan[1]["temperature"]])
    result = result_of(ended(store, experiment))
    for arm in result["tuning"]["arms"].values():
        assert [row["state"] for row in arm["trials"]] == ["diverged", "diverged", "finished"]
        assert [row["validation"] is None for row in arm["trials"]] == [True, True, False]
        assert arm["chosen"] == 2
    assert all(seed["state"] == "finished" for arm in result["arms"].values() for seed in arm["seeds"])
    json.dumps(result, allow_nan=False)


def test_where_every_trial_diverges_the_settings_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = tiny(tune=2)
    diverging(monkeypatch, [trial["temperature"] for trial in trials(experiment)])
    folder = ended(store, experiment)
    result = result_of(folder)
    assert [arm["chosen"] for arm in result["tuning"]["arms"].values()] == [0, 0]
    assert folder.own("sequential") == experiment
    assert result["comparison"] == []
    assert result["verdict"] == "On Planted crosses, no arm has a result to compare."


def test_one_trial_is_the_settings_as_they_are(store: Store) -> None:
    result = result_of(ended(store, tiny(tune=1, seeds=1)))
    assert result["tuning"]["trials"] == 0  # a choice of one is none
    assert "tuned equally" not in result["verdict"]
    assert "equally tuned" not in result["verdict"]


# training sets


def test_every_seed_trains_on_users_of_its_own_the_same_for_all_arms(store: Store) -> None:
    """One wiring under two names ends equal to the last bit, seeds draw others, and the record says so."""
    twins = ("sequential", "sequential-sequential")
    folders = {sets: ended(store, tiny(arms=twins, batch=128, training_sets=sets)) for sets in ("one", "bootstrap")}
    drawn = {
        sets: {cell: one["drawn"] for cell, one in json.loads((folder.path / "pairing.json").read_text()).items()}
        for sets, folder in folders.items()
    }
    for seed in (0, 1):
        assert drawn["bootstrap"][f"{twins[0]}.{seed}"] == drawn["bootstrap"][f"{twins[1]}.{seed}"]
        assert drawn["bootstrap"][f"{twins[0]}.{seed}"] != drawn["one"][f"{twins[0]}.{seed}"]
        assert weights_equal(folders["bootstrap"], (twins[0], seed), (twins[1], seed))
    assert drawn["bootstrap"][f"{twins[0]}.0"] != drawn["bootstrap"][f"{twins[0]}.1"]
    one, anew = (result_of(folder) for folder in folders.values())
    assert anew["experiment"]["training_sets"] == "bootstrap"
    assert anew["data"] == one["data"]
    assert anew["baselines"] == one["baselines"]  # of the whole training part
    assert [seed["planned"] for seed in anew["arms"]["sequential"]["seeds"]] == [
        seed["planned"] for seed in one["arms"]["sequential"]["seeds"]
    ]
    assert "2 seeds, each with training users drawn anew" in anew["verdict"]
    assert "drawn anew" not in one["verdict"]
    for folder, resampled in zip(folders.values(), (False, True), strict=True):
        assert folder.measured is not None
        assert folder.measured.resampled == resampled


def test_seeds_share_training_sets_where_they_are_split_over_some() -> None:
    experiment = tiny(training_sets="bootstrap", sets=3, seeds=6, seed=4)
    data = DeviceData(datasets.load(experiment.data), torch.device("cpu"))
    trained = {seed: loop.Trainer(data, experiment, "parallel", seed).data.train for seed in (4, 7, 5)}
    drawn = {seed: np.asarray(train).tolist() for seed, train in trained.items()}
    assert drawn[4] == drawn[7] == np.asarray(data.resampled(1).train).tolist() != drawn[5]


def test_every_world_is_one_that_a_study_of_its_own_would_find(store: Store) -> None:
    """To the last bit; the record is of all of them, and what pages open is of the first."""
    folder = ended(store, tiny(training_sets="worlds", sets=3, seeds=6, batch=64))
    alone = ended(store, tiny(data_seed=1, seed=4, seeds=1, batch=64))
    measured, other = folder.measured, alone.measured
    assert measured is not None
    assert other is not None
    for arm in folder.experiment.arms:
        assert np.array_equal(measured.cells[arm, 4], other.cells[arm, 4])
    assert np.array_equal(measured.whose(4), other.user)
    result = result_of(folder)
    found = {c.metric: c for c in comparisons_of(result)}[headline_in(result)]
    recall = {arm: record["recall_per_seed"] for arm, record in result["arms"].items()}
    assert recall["parallel"]["10"][4] == result_of(alone)["arms"]["parallel"]["recall_per_seed"]["10"][0]
    apart = np.subtract(*(recall[arm][str(found.metric.k)] for arm in ("parallel", "sequential")))
    assert found.difference == pytest.approx(apart.mean())
    means = apart.reshape(2, 3).mean(0)
    within = ((apart.reshape(2, 3) - means) ** 2).sum() / 3
    assert found.set_spread == pytest.approx(math.sqrt(max(0.0, means.var(ddof=1) - within / 2)))
    users = sum(len(np.unique(measured.whose(seed))) for seed in (0, 1, 2))
    assert (found.sets, found.users, found.events) == (3, users, 3 * len(measured.user))
    assert "6 seeds in 3 worlds" in result["verdict"]
    assert folder.seeds_of("parallel") == (0, 3)
    assert folder.slices is not None
    assert set(measured.first_world().cells) == {(arm, seed) for arm in folder.experiment.arms for seed in (0, 3)}


def test_an_arm_that_drew_other_users_than_the_rest_of_its_seed_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = DeviceData.resampled, list[int]()

    def other(data: DeviceData, seed: int) -> DeviceData:
        calls.append(seed)
        return whole(data, seed + 100 * (len(calls) == 4))

    monkeypatch.setattr(DeviceData, "resampled", other)
    result = result_of(ended(store, tiny(training_sets="bootstrap")))
    assert "was lost: its batches were not the same as those of" in result["verdict"]
    assert result["comparison"][0]["seeds"] == 1
