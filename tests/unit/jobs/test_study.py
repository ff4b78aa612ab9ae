"""A study from end to end in this process: what it leaves behind, and each way in which it can end."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.jobs.pace import SLICES, Pace
from pdcn.jobs.study import Study
from pdcn.jobs.worker import StoreControl, carry_out
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.runs import lease
from pdcn.runs.cautions import not_finished
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import Batch, DeviceData
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import OneModel, Trainer
from tests.unit.studies_help import long_study, tiny, wait_for


@pytest.fixture
def crosses_diverge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arm "cross_only" gets a loss that is no number, from its first step on."""

    def broken(task: Retrieval, towers: OneModel, data: DeviceData, batch: Batch) -> torch.Tensor:
        loss = whole(task, towers, data, batch)
        return loss * math.nan if two_towers(towers.model).query.name == "cross_only" else loss

    whole = Retrieval.loss
    monkeypatch.setattr(Retrieval, "loss", broken)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def store(place: Path) -> Store:
    return Store(place)


class Laps:
    """Stops a study after so many laps, and remembers what it was told."""

    paused = False

    def __init__(self, laps: int) -> None:
        self.laps, self.told = laps, list[Progress]()

    def stopping(self) -> bool:
        return False

    def proceed(self, progress: Progress) -> bool:
        self.told.append(progress)
        return len(self.told) <= self.laps


def begun(store: Store, experiment: Experiment) -> RunFolder:
    return store.create(experiment, "cpu", own=True)


def user_mean(hit: NDArray[Any], user: NDArray[Any]) -> float:
    return float(np.mean([hit[user == one].mean() for one in np.unique(user)]))


def test_all_that_a_study_leaves_behind(store: Store) -> None:
    experiment = tiny(epochs=2)
    folder, said = begun(store, experiment), list[Progress]()
    assert Study(folder, watch=said.append).run() == "done"
    names = {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()}
    pairs = [f"{arm}.{seed}" for arm in experiment.arms for seed in experiment.seed_list]
    # progress.json is there from the start; with a watcher it is the watcher that writes it
    assert names >= {
        "experiment.json",
        "request.json",
        "progress.json",
        "profile.json",
        "result.json",
        "history.parquet",
        "ranks.parquet",
        "slices.parquet",
        "arms.json",
        "log.txt",
        *(f"weights/{pair}.safetensors" for pair in pairs),
    }
    assert not [name for name in names if "partial" in name]
    last = said[-1]
    assert (last.state, last.done, last.left) == ("done", last.total, 0.0)
    assert last.total > 0
    assert set(last.arms.values()) <= {"finished", "stopped early"}
    done = [progress.done for progress in said]
    assert done == sorted(done)
    left = [progress.left for progress in said]
    assert left[0] is None
    assert all(0 <= seconds < 600 for seconds in left if seconds is not None)
    trained = [progress for progress in said if progress.phase.startswith(("ranking", "looking"))]
    assert trained
    assert all(progress.left for progress in trained)  # what happens after training takes time, too
    history = folder.history
    assert history is not None
    assert set(history["arm"] + "." + history["seed"].astype(str)) == set(pairs)
    steps = last.total // len(pairs)
    for _, points in history.groupby(["arm", "seed"]):
        assert points["step"].iloc[0] == 0
        assert points["step"].iloc[-1] == steps
        assert (points["step"].diff().dropna() > 0).all()
        assert points["recall"].notna().sum() >= experiment.training.evaluations
        assert np.isfinite(points["loss"].iloc[1:]).all()


def test_numbers_follow_from_the_ranks(store: Store) -> None:
    experiment = tiny(epochs=3, items=150, arms=["parallel", "sequential", "deep_only"])
    folder = begun(store, experiment)
    Study(folder).run()
    result, ranks = folder.result, folder.ranks
    assert result is not None
    assert ranks is not None
    user = ranks["user"].to_numpy()
    assert result["data"]["test"] == len(ranks)
    for arm in experiment.arms:
        columns = [ranks[f"{arm}.{seed}"].to_numpy() for seed in experiment.seed_list]
        found = result["arms"][arm]
        for k in (1, 10, 100):
            each = [user_mean(column < k, user) for column in columns]
            assert found["recall_per_seed"][str(k)] == pytest.approx(each)
            assert found["recall"][str(k)] == pytest.approx(np.mean(each))
            over_events = np.mean([(column < k).mean() for column in columns])
            assert found["recall_events"][str(k)] == pytest.approx(over_events)
        gains = [np.where(column < 10, 1 / np.log2(column + 2.0), 0) for column in columns]
        assert found["ndcg"]["10"] == pytest.approx(np.mean([user_mean(g, user) for g in gains]))
        inverse = np.mean([user_mean(1 / (column + 1.0), user) for column in columns])
        assert found["mrr"] == pytest.approx(inverse)
        assert [seed["seed"] for seed in found["seeds"]] == list(experiment.seed_list)
    for name in ("popularity", "history", "pure_svd", "item_knn", "oracle"):
        recall = user_mean(ranks[name].to_numpy() < 10, user)
        assert result["baselines"][name]["recall"]["10"] == pytest.approx(recall)
    levels = [*(("recall", k) for k in (1, 10, 100)), ("ndcg", 10), ("ndcg", 100), ("mrr", None)]
    seen = [(c["arm"], c["metric"], c["k"]) for c in result["comparison"]]
    assert sorted(seen, key=str) == sorted(
        ((arm, *level) for arm in ("parallel", "deep_only") for level in levels), key=str
    )
    for c in result["comparison"]:
        ours, theirs = (result["arms"][arm][c["metric"]] for arm in (c["arm"], c["against"]))
        if c["k"] is not None:
            ours, theirs = ours[str(c["k"])], theirs[str(c["k"])]
        assert c["against"] == "sequential"
        assert c["difference"] == pytest.approx(ours - theirs)
        assert c["difference_percent"] == pytest.approx(100 * (ours - theirs) / theirs)
        assert (c["seeds"], c["users"], c["events"]) == (2, len(np.unique(user)), len(ranks))
        assert c["p"] <= c["adjusted"] <= 1
        assert c["low"] <= c["difference"] + 1e-12
        assert c["difference"] <= c["high"] + 1e-12
    assert result["verdict"]
    json.dumps(result, allow_nan=False)


def test_weights_give_the_same_ranks(store: Store) -> None:
    experiment = tiny(epochs=2)
    folder = begun(store, experiment)
    Study(folder).run()
    dataset, ranks = datasets.load(experiment.data), folder.ranks
    assert ranks is not None
    events = dataset.events("test")
    assert (ranks["user"] == dataset.user[events]).all()
    for arm in experiment.arms:
        for seed in experiment.seed_list:
            model = TwoTower(dataset.queries, dataset.items, folder.own(arm), arm)
            model.load_state_dict(load_file(folder.weights(arm, seed)))
            model.eval()
            with torch.inference_mode():
                query = model.query(
                    torch.tensor(dataset.queries.codes[events]), torch.tensor(dataset.queries.values[events])
                ).numpy()
                items = model.item(torch.tensor(dataset.items.codes), torch.tensor(dataset.items.values)).numpy()
            score = query @ items.T
            mine = score[np.arange(len(events)), dataset.positive[events]][:, None]
            rank = (score > mine).sum(1) + ((score == mine).sum(1) - 1) / 2
            # one sum in another order may swap two scores that are all but equal
            assert (np.abs(rank - ranks[f"{arm}.{seed}"]) <= 1).all()
            assert (rank == ranks[f"{arm}.{seed}"]).mean() > 0.99


def test_stop_midway_keeps_and_ranks_what_was_reached(store: Store) -> None:
    experiment = long_study(epochs=5)
    folder, laps = begun(store, experiment), Laps(8)
    assert Study(folder, laps).run() == "stopped"
    result, ranks, history, now = folder.result, folder.ranks, folder.history, folder.progress
    assert now.state == "stopped"
    assert 0 < now.done < now.total
    assert now.left is None
    assert result is not None
    assert ranks is not None
    assert history is not None
    records = [record for arm in result["arms"].values() for record in arm["seeds"]]
    assert {record["state"] for record in records} == {"stopped"}
    cut = records[0]
    assert result["verdict"].endswith(f"Cut short: stopped at step {cut['steps']} of {cut['planned']}.")
    (steps,) = {record["steps"] for record in records}  # all arms at the same step
    assert steps == history["step"].max() > 0
    assert now.done == steps * len(records)
    for arm in experiment.arms:
        assert folder.weights(arm, 0).exists()
        recall = user_mean(ranks[f"{arm}.0"].to_numpy() < 10, ranks["user"].to_numpy())
        assert result["arms"][arm]["recall_per_seed"]["10"][0] == pytest.approx(recall)


def trained(store: Store, experiment: Experiment) -> dict[str, Any]:
    """The result of the experiment, trained to its end."""
    folder = begun(store, experiment)
    assert Study(folder).run() == "done"
    assert folder.result is not None
    return folder.result


@pytest.mark.parametrize(
    ("values", "steps"),
    [({"batch": 1700}, 1), ({"batch": 1024, "epochs": 2}, 2), ({"batch": 189}, 8), ({"batch": 170}, 10)],
)
def test_too_few_steps_are_said_to_be_too_few(store: Store, values: dict[str, Any], steps: int) -> None:
    """A run of one step had a verdict. Planted data of 2,000 events gives two steps with the settings as they come."""
    result = trained(store, tiny(**values))
    seeds = [seed for arm in result["arms"].values() for seed in arm["seeds"]]
    assert {seed["steps"] for seed in seeds} == {steps}
    verdicts = {row["verdict"] for row in result["comparison"]}
    short = steps < 10
    assert (verdicts == {"too short"}) == short
    assert all(seed["too_short"] == short for seed in seeds)
    assert result["verdict"].startswith("On Planted crosses, these trainings are too short to tell") == short
    said = (
        f"A training of {steps} step{'s' if steps > 1 else ''} says nothing: it takes at least 10, and all of the "
        "warm-up."
    )
    assert (said in result["note"]) == (said in result["verdict"]) == short
    assert ("no detectable difference" in result["verdict"]) <= (not short)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            [0.3, 0.2, 0.1, 0.1, 0.1],
            "Parallel, seeds 0 and 1: the untrained weights were best on validation (recall@10), so nothing was "
            "learned there.",
        ),
        (
            [0.1, 0.3, 0.2, 0.2, 0.2],
            "Parallel, seeds 0 and 1: the first check after training began was the best on validation (recall@10), "
            "so later training added nothing.",
        ),
        ([0.1, 0.2, 0.3, 0.4, 0.5], ""),
        ([1.0, 1.0, 1.0, 1.0, 1.0], ""),  # equal checks: the last one is kept
    ],
)
def test_a_training_that_learned_nothing_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, values: list[float], said: str
) -> None:
    def scripted(task: Retrieval, model: TwoTower, data: DeviceData) -> float:
        if model.query.name != "parallel":
            return next(seen.setdefault(model, iter([0.1, 0.5, 0.5, 0.5, 0.5])))
        return next(seen.setdefault(model, iter(values)))

    seen: WeakKeyDictionary[TwoTower, Iterator[float]] = WeakKeyDictionary()
    monkeypatch.setattr(Retrieval, "validate", scripted)
    result = trained(store, tiny(batch=141, items=100))  # 12 steps, a check every third
    kept = max(range(5), key=lambda at: (values[at], at))
    for seed in result["arms"]["parallel"]["seeds"]:
        assert (seed["best_check"], seed["best_step"], seed["checks"]) == (kept, 3 * kept, 4)
        assert seed["validation"] == values[kept]
    assert result["note"].removesuffix(not_finished(result["unfinished"])).strip() == said
    assert result["verdict"].endswith(said)


def test_validation_can_tell_checks_apart_where_k_is_near_the_catalogue(store: Store) -> None:
    """100 of 101 items: recall@100 was 1, or all but 1, at every check."""
    folder = begun(store, tiny(items=101, batch=64, epochs=2, seeds=1))
    assert Study(folder).run() == "done"
    result, history = folder.result, folder.history
    assert result is not None
    assert history is not None
    assert result["validated"] == "MRR"
    assert set(history["validated"]) == {"MRR"}
    checks = history[history["recall"].notna()]
    for _, own in checks.groupby("arm"):
        assert own["recall"].nunique() > 5
        assert own["recall"].max() < 0.5
        assert own["recall"].iloc[-1] > own["recall"].iloc[0]


def test_stop_in_a_later_seed_keeps_the_earlier_ones(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdcn.jobs.executors.cores", lambda: 1)  # one seed after the other
    folder = begun(store, tiny(patience=0))
    steps = 1400 // 256
    assert Study(folder, Laps(steps + 2)).run() == "stopped"
    result = folder.result
    assert result is not None
    for arm in result["arms"].values():
        assert [(seed["seed"], seed["state"]) for seed in arm["seeds"]] == [(0, "finished"), (1, "stopped")]
        assert arm["seeds"][1]["steps"] < arm["seeds"][0]["steps"] == arm["seeds"][1]["planned"]
        assert len(arm["recall_per_seed"]["10"]) == 1  # the cut seed is no sample of whole trainings
    assert {c["seeds"] for c in result["comparison"]} == {1}
    assert "Cut short" not in result["verdict"]
    assert folder.weights("parallel", 1).exists()


def test_stop_between_seeds_leaves_whole_seeds_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdcn.jobs.executors.cores", lambda: 1)
    folder = begun(store, tiny(patience=0))
    assert Study(folder, Laps(1400 // 256)).run() == "stopped"
    result, ranks = folder.result, folder.ranks
    assert result is not None
    assert ranks is not None
    assert [len(arm["seeds"]) for arm in result["arms"].values()] == [1, 1]
    assert set(ranks.columns) == {
        "user",
        "popularity",
        "history",
        "pure_svd",
        "item_knn",
        "oracle",
        "parallel.0",
        "sequential.0",
    }
    assert 0.4 < folder.progress.share < 0.6


def test_stop_before_the_first_lap(store: Store) -> None:
    folder = begun(store, tiny())
    assert Study(folder, Laps(0)).run() == "stopped"
    assert folder.progress.state == "stopped"
    assert (folder.progress.done, folder.progress.left) == (0, None)
    assert folder.history is None
    assert folder.result is None
    assert folder.profile is not None


class StopsAtOnce(Laps):
    """A stop that was asked for before the data was there."""

    def stopping(self) -> bool:
        return True


def test_a_stop_is_heard_while_the_data_is_prepared(store: Store) -> None:
    """However long the preparation takes, which goes on by itself; the next study waits for its end."""
    begins, ends = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(settings: PlantedData) -> Dataset:
        begins.set()
        assert ends.wait(60)
        order.append("the first is prepared")
        return planted(settings)

    def quick(settings: PlantedData) -> Dataset:
        order.append("the second is prepared")
        return planted(settings)

    folder = begun(store, tiny())
    start = time.monotonic()
    assert Study(folder, StopsAtOnce(0), load=slow).run() == "stopped"
    assert time.monotonic() - start < 2
    assert begins.is_set()
    assert (folder.progress.state, folder.profile, folder.result) == ("stopped", None, None)
    threading.Timer(0.5, ends.set).start()
    assert Study(begun(store, tiny()), Laps(0), load=quick).run() == "stopped"
    assert order == ["the first is prepared", "the second is prepared"]


def test_a_stop_is_heard_while_widths_are_matched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = threading.Event()
    monkeypatch.setattr("pdcn.jobs.study.matched", lambda *_: ends.wait(60))
    folder, control = begun(store, tiny(match="flops")), Laps(0)
    monkeypatch.setattr(control, "stopping", lambda: folder.profile is not None)
    start = time.monotonic()
    assert Study(folder, control).run() == "stopped"
    assert time.monotonic() - start < 10
    ends.set()


def failing(error: BaseException) -> Callable[..., Dataset]:
    def load(settings: object) -> Dataset:
        raise error

    return load


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (SettingError("data: expected a file"), "failed", "data: expected a file"),
        (RuntimeError("no luck\nat all"), "failed", "RuntimeError: no luck"),
        (MemoryError(), "failed", "memory"),
        (KeyboardInterrupt(), "interrupted", "keyboard"),
    ],
)
def test_failing_loader_fails_with_one_sentence(store: Store, error: BaseException, state: str, words: str) -> None:
    folder = begun(store, tiny())
    ended = carry_out(store, folder, load=failing(error))
    assert ended == folder.progress
    assert ended.state == store.state(folder.run) == state
    assert words in ended.message
    assert "\n" not in ended.message
    assert "Traceback" not in ended.message
    assert ended.left is None


def test_damaged_experiment_fails_with_one_sentence(store: Store) -> None:
    folder = begun(store, tiny())
    (folder.path / "experiment.json").write_text("{")
    assert carry_out(store, folder).state == store.state(folder.run) == "failed"
    assert "JSON" in folder.progress.message


def test_failure_midway_keeps_the_history(store: Store) -> None:
    folder = begun(store, tiny())

    class Breaks(Laps):
        def proceed(self, progress: Progress) -> bool:
            if len(self.told) == 3:
                raise OSError("the disk went away")
            return super().proceed(progress)

    with pytest.raises(OSError, match="the disk"):
        Study(folder, Breaks(9)).run()
    history = folder.history
    assert history is not None
    assert history["step"].max() == 3


def test_control_pauses_steps_resumes_and_stops(store: Store) -> None:
    folder = begun(store, tiny())
    control = StoreControl(store, folder)
    now = Progress("running", "training", 1, 9, 5.0)
    assert control.proceed(now)
    store.ask(folder.run, "step")
    assert control.proceed(now)
    assert control.paused
    store.ask(folder.run, "resume")
    assert control.proceed(now)
    assert not control.paused
    store.ask(folder.run, "stop")
    assert not control.proceed(now)


def test_a_paused_run_whose_machine_was_starved_says_again_that_it_is_paused(store: Store) -> None:
    folder = begun(store, tiny())
    now = Progress("running", "training", 1, 9, 5.0)
    store.ask(folder.run, "pause")
    paused = threading.Thread(target=StoreControl(store, folder).proceed, args=(now,))
    paused.start()
    wait_for(lambda: store.state(folder.run) == "paused")
    lease.revoke(folder.path)  # as if it had not been renewed for long
    assert store.state(folder.run) == "interrupted"
    wait_for(lambda: store.folder(folder.run).progress.state == "paused")

    def ended() -> bool:
        store.ask(folder.run, "stop")  # again: nothing is asked of a run as long as the index calls it interrupted
        return not paused.is_alive()

    wait_for(ended)


def test_what_happens_after_training_counts_as_estimated_and_then_as_measured() -> None:
    pace = Pace(total=10, cells=2, each=3.0)
    assert pace.left is None
    pace.done, pace.worked = 5, 10.0
    assert pace.left == 10 + 3 * (2 + SLICES)
    pace.begin_measuring()
    pace.end_measuring(1)
    pace.measuring = 0.5
    assert pace.left == 10 + 0.5 * (1 + SLICES)


def test_time_left_shrinks_as_steps_are_done(store: Store) -> None:
    folder, laps = begun(store, long_study(events=5_000, epochs=4)), Laps(10**9)
    Study(folder, laps).run()
    left = [now.left * 1.0 for now in laps.told if now.left is not None]
    assert len(left) > 20
    middle, end = left[len(left) // 2], left[-1]
    assert 0 < end < middle < max(left)
    totals = {now.total for now in laps.told}
    assert len(totals) == 1


@pytest.mark.usefixtures("crosses_diverge")
def test_arm_that_diverges_is_explained_and_the_other_goes_on(store: Store) -> None:
    folder = begun(store, tiny(arms=["cross_only", "deep_only"]))
    assert Study(folder).run() == "done"
    result, ranks, history = folder.result, folder.ranks, folder.history
    assert result is not None
    assert ranks is not None
    assert history is not None
    wrecked, fine = result["arms"]["cross_only"], result["arms"]["deep_only"]
    assert [seed["state"] for seed in wrecked["seeds"]] == ["diverged", "diverged"]
    assert "learning rate" in wrecked["seeds"][0]["reason"]
    assert wrecked["recall"] == {}
    assert fine["recall"]["10"] > 0
    assert all(seed["state"] != "diverged" for seed in fine["seeds"])
    assert set(ranks.columns) == {
        "user",
        "popularity",
        "history",
        "pure_svd",
        "item_knn",
        "oracle",
        "deep_only.0",
        "deep_only.1",
    }
    assert not folder.weights("cross_only", 0).exists()
    assert result["comparison"] == []
    assert folder.progress.share == 1.0
    assert folder.progress.arms["cross_only.1"] == "diverged"
    broken = history[history["arm"] == "cross_only"].groupby("seed")["loss"].last()
    assert not any(math.isfinite(loss) for loss in broken)


@pytest.mark.usefixtures("crosses_diverge")
def test_every_arm_diverged(store: Store) -> None:
    folder = begun(store, tiny(arms=["cross_only"]))
    assert carry_out(store, folder).state == "done"
    assert folder.result is not None
    assert folder.result["arms"]["cross_only"]["recall"] == {}


def test_all_seeds_at_once_give_the_study_that_trainers_give(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a study does on a GPU, but for the device: every arm's seeds as an ensemble, all in one group."""
    experiment = tiny(seeds=3)
    alone = store.create(experiment, "cpu", own=True)
    assert carry_out(store, alone).state == "done"

    def as_ensembles(trainers: list[Trainer]) -> list[Ensemble]:
        arms = dict.fromkeys(trainer.arm for trainer in trainers)
        return [Ensemble([trainer for trainer in trainers if trainer.arm == arm]) for arm in arms]

    monkeypatch.setattr("pdcn.jobs.executors.crews", as_ensembles)
    monkeypatch.setattr("pdcn.jobs.executors.groups", lambda cells, device: [list(cells)])
    together = store.create(experiment, "cpu", own=True)
    assert carry_out(store, together).state == "done"
    one, other = alone.result, together.result
    assert one is not None
    assert other is not None
    for arm, record in one["arms"].items():
        same = other["arms"][arm]
        assert [seed["state"] for seed in same["seeds"]] == [seed["state"] for seed in record["seeds"]]
        for k, recall in record["recall"].items():
            assert same["recall"][k] == pytest.approx(recall, abs=0.02)
    assert {path.name for path in (together.path / "weights").iterdir()} == {
        path.name for path in (alone.path / "weights").iterdir()
    }
    first, second = alone.history, together.history
    assert first is not None
    assert second is not None
    assert len(first) == len(second)


# until it is sure


def test_a_study_that_is_not_sure_adds_seeds_and_says_at_which_look_it_is(store: Store) -> None:
    """Two arms that are one are never told apart, and 0.01 points never ruled out: it ends with the most seeds."""
    experiment = tiny(seeds=2, until_sure=True, most_seeds=5, detect=0.01, batch=128)
    folder = store.create(experiment, "cpu", own=True)
    said: list[Progress] = []
    assert carry_out(store, folder, said.append).state == "done"
    result = folder.result
    assert result is not None
    assert experiment.looks == (2, 4, 5)
    assert result["looks"] == {"planned": [2, 4, 5], "made": 3, "sure": False}
    assert {c["seeds"] for c in result["comparison"]} == {5}
    assert {c["looks"] for c in result["comparison"]} == {3}
    assert "Three looks were made; interval and p count all that were planned." in result["verdict"]
    assert "Still open after 5 seeds" in result["verdict"]
    phases = [now.phase for now in said]
    assert any("for look 1 of at most 3" in phase for phase in phases)
    assert any("of 5, for look 3 of at most 3" in phase for phase in phases)
    assert all(now.done <= now.total for now in said)
    assert said[-1].done == said[-1].total
    assert folder.measured is not None
    assert folder.measured.seeds("parallel", "sequential") == [0, 1, 2, 3, 4]


def test_a_study_that_is_sure_at_its_first_look_trains_no_more(store: Store) -> None:
    """Any difference is smaller than 100 points."""
    folder = store.create(tiny(seeds=3, until_sure=True, detect=100, batch=128), "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    result = folder.result
    assert result is not None
    assert result["looks"]["made"] == 1
    assert result["looks"]["sure"] is True
    assert {c["seeds"] for c in result["comparison"]} == {3}
    assert "One look was made" in result["verdict"]


@pytest.mark.parametrize(("seeds", "most"), [(1, 15), (5, 5)])
def test_seeds_that_leave_nothing_to_add_are_refused(seeds: int, most: int) -> None:
    with pytest.raises(SettingError, match="seeds: expected from 2 to"):
        tiny(seeds=seeds, until_sure=True, most_seeds=most)
