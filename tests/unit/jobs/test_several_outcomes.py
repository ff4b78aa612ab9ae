"""A study of data with several outcomes: its verdict is about one of them, and its record holds all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn import tasks
from pdcn.cli import show
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.evaluation.across import why_unpaired
from pdcn.evaluation.comparison import comparisons_of, title_in
from pdcn.jobs.worker import carry_out
from pdcn.runs.curves import curves
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.sources.dataset import Dataset

SMALL: dict[str, Any] = {
    "data": "shopping",
    "impressions": 20_000,
    "pins": 120,
    "shoppers": 60,
    "advertisers": 8,
    "conversion_rate": 0.1,
    "engagement_rate": 0.1,
    "batch": 256,
    "epochs": 2,
    "seeds": 2,
}
K = 100


def study(**values: Any) -> Experiment:
    return assemble({**SMALL, **values})


def carried_out(home: Path, experiment: Experiment) -> RunFolder:
    store = Store(home)
    folder = store.create(experiment, "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("outcomes")
        patch.setenv("PDCN_HOME", str(path))
        yield path


@pytest.fixture(scope="module")
def run(home: Path) -> RunFolder:
    return carried_out(home, study(heads="two"))


@pytest.fixture(scope="module")
def dataset(run: RunFolder) -> Dataset:
    return tasks.load(run.experiment)


def recall(frame: pd.DataFrame, column: str, k: int = K) -> float:
    """The mean over users of each user's share of hits."""
    return float((frame[column] < k).groupby(frame["user"]).mean().mean())


def of(kept: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    for label, word in wanted.items():
        kept = kept[kept[label] == word]
    return kept


def test_every_test_event_is_measured_and_told_apart(run: RunFolder, dataset: Dataset) -> None:
    kept, told = run.ranks, dataset.feedback
    assert kept is not None
    assert told is not None
    assert dataset.outcome is not None
    events = dataset.events("test")
    assert len(kept) == len(events)
    assert (kept["outcome"] == "conversion").tolist() == told.within("conversion", dataset.outcome[events]).tolist()
    place = [field.name for field in dataset.queries.categories].index("surface")
    values = dataset.queries.categories[place].values
    assert kept["surface"].tolist() == [values[code] for code in dataset.queries.codes[events, place]]


def test_the_verdict_is_about_the_outcome_that_was_asked_for(run: RunFolder) -> None:
    kept, result = run.ranks, run.whole_result()
    assert kept is not None
    assert result is not None
    judged = of(kept, outcome="conversion")
    assert 100 < len(judged) < len(kept) - 100
    for arm, record in result["arms"].items():
        columns = [f"{arm}.{seed}" for seed in (0, 1)]
        assert record["recall_per_seed"][str(K)] == pytest.approx([recall(judged, one) for one in columns])
        assert record["recall_per_seed"][str(K)] != pytest.approx([recall(kept, one) for one in columns])
    for name, record in result["baselines"].items():
        assert record["recall"][str(K)] == pytest.approx(recall(judged, name))
    assert {(c.users, c.events) for c in comparisons_of(result)} == {(judged["user"].nunique(), len(judged))}
    assert result["verdict"].startswith("On Shopping (conversions), ")
    assert result["task"] == "retrieval"


def test_whatever_reads_the_run_reads_the_judged_events(run: RunFolder, dataset: Dataset) -> None:
    kept, result, measured = run.ranks, run.whole_result(), run.measured
    assert kept is not None
    assert result is not None
    assert measured is not None
    judged = of(kept, outcome="conversion")
    assert measured.cells["parallel", 1].tolist() == judged["parallel.1"].tolist()
    rows = TrainedRun(run).events()
    assert dataset.user[rows].tolist() == measured.user.tolist()
    found = curves(run)
    at = found[(found["arm"] == "parallel") & (found["seed"] == 0) & (found["k"] == K)]
    assert at["value"].tolist() == pytest.approx([recall(judged, "parallel.0")])
    slices = run.slices
    assert slices is not None
    quarters = slices[slices["kind"] == "user activity"]
    assert quarters.empty or quarters["events"].sum() <= len(judged)


def test_outcomes_surfaces_and_advertisers_have_the_same_numbers(run: RunFolder) -> None:
    kept, result = run.ranks, run.whole_result()
    assert kept is not None
    assert result is not None
    judged = of(kept, outcome="conversion")
    parts = {("outcomes", "all"): kept}
    parts |= {("outcomes", name): of(kept, outcome=name) for name in ("conversion", "engagement")}
    parts |= {("surfaces", name): of(judged, surface=name) for name in ("home feed", "related pins", "search")}
    parts |= {("advertisers", name): of(judged, advertisers=name) for name in ("head", "tail")}
    assert {(kind, name) for kind in ("outcomes", "surfaces", "advertisers") for name in result[kind]} == {*parts}
    for (kind, name), own in parts.items():
        record = result[kind][name]
        assert (record["events"], record["users"]) == (len(own), own["user"].nunique())
        assert record["recall_per_seed"]["sequential"][str(K)] == pytest.approx(
            [recall(own, f"sequential.{seed}") for seed in (0, 1)]
        )
        assert record["baselines"]["oracle"]["recall"][str(K)] == pytest.approx(recall(own, "oracle"))
        (c,) = (c for c in comparisons_of({**result, "comparison": record["comparison"]}) if c.metric.k == K)
        difference = record["recall"]["parallel"][str(K)] - record["recall"]["sequential"][str(K)]
        assert c.difference == pytest.approx(difference)
    assert result["outcomes"]["conversion"]["comparison"] == [
        one for one in result["comparison"] if one["metric"] == "recall"
    ]


def test_how_far_seeds_agree_is_counted_list_by_list(run: RunFolder, dataset: Dataset) -> None:
    result, opened = run.whole_result(), TrainedRun(run)
    assert result is not None
    assert dataset.outcome is not None
    assert dataset.feedback is not None
    first: dict[int, int] = {}
    for event in range(dataset.bounds[1], len(dataset.queries)):
        first.setdefault(int(dataset.user[event]), event)
    converted = dataset.feedback.within("conversion", dataset.outcome[: dataset.bounds[0]])
    sold = {user: int((dataset.user[: dataset.bounds[0]][converted] == user).sum()) for user in first}
    middle = np.median([*sold.values()])
    kept = result["stability"]
    assert kept["k"] == 6
    lists = []
    for seed in (0, 1):
        model, index = opened.model("parallel", seed), torch.tensor([*first.values()])
        scores = model.query(*opened.data.queries[index]) @ model.item(*opened.data.items[torch.arange(120)]).T
        lists.append([set(row[:6]) for row in (-scores).argsort(1).tolist()])
    alike = [len(one & other) / 6 for one, other in zip(*lists, strict=True)]
    for kind in ("few", "many"):
        own = [share for share, sales in zip(alike, sold.values(), strict=True) if (sales <= middle) == (kind == "few")]
        assert kept[kind]["users"] == len(own) > 5
        found = kept[kind]["arms"]["parallel"]
        assert found["overlap"] == pytest.approx(np.mean(own), abs=1e-3)  # of scores that tie, either may be listed
        assert found["high"] - found["overlap"] == pytest.approx(1.96 * np.std(own, ddof=1) / len(own) ** 0.5, rel=0.02)


def test_the_terminal_tells_the_outcomes_apart(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    result = run.whole_result()
    assert result is not None
    show.show(result, run)
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith("outcome") and "engagement" in line)
    assert f"{100 * result['outcomes']['engagement']['recall']['parallel'][str(K)]:.1f}%" in row
    assert "few conversions" in said


def test_runs_that_are_judged_by_other_outcomes_are_not_paired(run: RunFolder, home: Path) -> None:
    other = carried_out(home, study(outcome="engagement", arms=("parallel",), seeds=1, epochs=1))
    ours, theirs, first, second = run.whole_result(), other.whole_result(), run.measured, other.measured
    assert ours is not None
    assert theirs is not None
    assert first is not None
    assert second is not None
    assert ours["data"]["hash"] == theirs["data"]["hash"]
    assert title_in(theirs) == "Shopping (engagement)"
    assert "tested on different events" in why_unpaired(ours, theirs, first, second)
    assert len(first.user) + len(second.user) == len(np.asarray(run.ranks))
