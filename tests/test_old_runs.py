"""Small runs as the code of 25 November 2026 saved them open in today's code, with the same numbers; and so do a data
set that was imported on 28 November 2026, and a run on it.

`tests/old_runs/` holds their folders (some snapshots of the largest left out), tables that `inspect` made of two of
them then, and the data set: a made-up shop with users, items and every form of a field. Numbers follow from what the
folder keeps, so they are equal to the last digit; what is computed anew from weights, or trained anew, is equal to the
bit on the processor that made the run, and close to it on another, which rounds sums otherwise.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
import torch
from safetensors.numpy import load_file

from pdcn import sources
from pdcn.cli import main
from pdcn.config import Experiment
from pdcn.nn.two_tower import TwoTower
from pdcn.runs.result import made_on
from pdcn.sources.own import OwnData
from pdcn.tasks import task_named
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.task import Task
from pdcn.training.device import calm_threads
from pdcn.training.loop import Trainer
from tests.app.app_help import open_app, texts

SAVED = Path(__file__).parent / "old_runs"
RUNS = ("journey", "planted", "tuned", "shop", "mixture")
"""The last is a ranking whose trunk mixes experts, with chances set right for each surface."""
IMPORTED = "shop.data"
"""The data set that one of them was made on."""
OF_THE_SCHEME = ("low", "high", "p", "adjusted", "verdict", "seeds_needed", "detectable")
"""What is made of the measured differences since: intervals know a floor of the seeds' spread, and K wait in order."""
ASKED = {"earlier_items": 3, "zone": "Europe/Berlin"}
"""How the run on it reads the data set."""
every_run = pytest.mark.parametrize("run", RUNS)


def kept(run: str, name: str) -> Any:
    return json.loads((SAVED / run / name).read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that holds the runs and the data, and nothing else: its index has to be made from the folders."""
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.jobs.submit.ensure_worker", lambda store: False)
    st.cache_resource.clear()
    for run in RUNS:
        shutil.copytree(SAVED / run, tmp_path / "runs" / run)
    shutil.copytree(SAVED / IMPORTED, tmp_path / "data" / "shop")
    yield tmp_path
    st.cache_resource.clear()


@every_run
def test_what_was_asked_for_has_the_same_hash(run: str) -> None:
    text = (SAVED / run / "experiment.json").read_text(encoding="utf-8")
    experiment = Experiment.from_json(text)
    assert json.loads(experiment.to_json()) == json.loads(text)
    known = ("055361a6cffe", "b7e00c156ec4", "eaebf565de75", "1495bbe68a21", "fae85a2e8918")
    assert experiment.hash() == known[RUNS.index(run)]


@every_run
def test_the_record_is_the_one_that_was_kept(run: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", run, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "done"
    assert said["result"] == kept(run, "result.json")


@pytest.mark.parametrize("run", RUNS[:4])
def test_the_page_says_the_same_verdict(run: str, home: Path) -> None:
    said = texts(open_app(run=run))
    at = ("recall", 10 if run == "shop" else 100)
    headline = [row for row in kept(run, "result.json")["comparison"] if (row["metric"], row["k"]) == at]
    assert headline
    for row in headline:
        low, high = (f"{100 * row[end]:+.2f}".replace("-", "−") for end in ("low", "high"))
        assert f"[{low}, {high}]" in said


def over_events(task: Task, model: TwoTower, data: DeviceData) -> float:
    """Validation as it was then, over events."""
    events = data.dataset.events("validation", 2_048)
    return float(task.watched(len(data.dataset.items)).values(task.measure(model, data, events)).mean())


@pytest.mark.parametrize(("settings", "content"), [({}, "e2b0bcc17345"), (ASKED, "163a7faf4745")])
def test_imported_data_has_the_same_content(settings: dict[str, Any], content: str, home: Path) -> None:
    dataset = sources.load(OwnData(dataset="shop", **settings))
    assert dataset.hash == content
    assert (len(dataset.queries), len(dataset.items), dataset.bounds) == (438, 40, (372, 394))


def test_imported_data_is_told_as_it_was(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["name"], told["events"], told["users"], told["items"]) == ("shop", 438, 24, 40)
    said = texts(open_app("data", data_of="shop"))
    assert "shop: 438 events, 24 users, 40 items" in said
    assert "models learn from 372 events and are judged on the 44 that come last" in said
    shutil.rmtree(home / "data" / "shop")
    assert "The data set shop is not here any more; this run keeps its answer." in texts(open_app(run="shop"))


@pytest.mark.parametrize("run", ["planted", "shop", "mixture"])
def test_trained_anew_the_weights_and_what_was_measured_are_the_same(
    run: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of runs that were not tuned. Which check of the older is kept was decided by the mean over events then."""
    if run == "planted":
        monkeypatch.setattr(Task, "validate", over_events)
    asked = SAVED / run / "experiment.json"
    out = home / "again"
    assert main(["compare", "--config", str(asked), "--device", "cpu", "--json", "--out", str(out)]) == 0
    now, before = json.loads(capsys.readouterr().out), kept(run, "result.json")
    same_machine = now["made_on"] == before["made_on"]
    paths = sorted(path.name for path in (SAVED / run / "weights").iterdir())
    assert paths == sorted(path.name for path in (out / "weights").iterdir())
    for name in paths:
        old, new = load_file(SAVED / run / "weights" / name), load_file(out / "weights" / name)
        assert old.keys() == new.keys(), name
        for weight, values in old.items():
            if same_machine:
                np.testing.assert_array_equal(new[weight], values, err_msg=f"{name} {weight}")
            else:
                np.testing.assert_allclose(new[weight], values, atol=0.02, err_msg=f"{name} {weight}")
    if same_machine:
        for one, other in zip(now["comparison"], before["comparison"], strict=True):
            assert {name: one[name] for name in other if name not in OF_THE_SCHEME} == {
                name: other[name] for name in other if name not in OF_THE_SCHEME
            }
        ranks = pd.read_parquet(SAVED / run / "ranks.parquet")
        anew = pd.read_parquet(out / "ranks.parquet")  # which has baselines that came later, too
        pd.testing.assert_frame_equal(anew[list(ranks)], ranks)
    assert [row["arm"] for row in now["comparison"]] == [row["arm"] for row in before["comparison"]]
    assert now["match"] == before["match"]
    assert {arm: row["parameters"] for arm, row in now["arms"].items()} == {
        arm: row["parameters"] for arm, row in before["arms"].items()
    }


@pytest.mark.parametrize("arm", ["sequential", "deep_only"])
def test_the_settings_that_were_tuned_then_give_the_same_weights(arm: str) -> None:
    """Of the arms that kept settings without weight decay. Trials are drawn and judged otherwise today."""
    own = Experiment.of_record(kept("tuned", "arms.json")[arm])
    data = DeviceData(sources.load(own.data), torch.device("cpu"))
    validate = partial(over_events, task_named(own.task))
    calm_threads()
    for seed in own.seed_list:
        trainer = Trainer(data, own, arm, seed, validate)
        trainer.lap(trainer.steps)
        model = trainer.finish()
        for name, values in load_file(SAVED / "tuned" / "weights" / f"{arm}.{seed}.safetensors").items():
            new = model.state_dict()[name].numpy()
            if made_on() == kept("tuned", "result.json")["made_on"]:
                np.testing.assert_array_equal(new, values, err_msg=f"{arm} {seed} {name}")
            else:
                np.testing.assert_allclose(new, values, atol=0.02, err_msg=f"{arm} {seed} {name}")


@pytest.mark.parametrize("run", ["planted", "tuned"])
@pytest.mark.parametrize("kind", ["crosses", "inside", "space", "importance"])
def test_what_is_inside_has_the_same_numbers(run: str, kind: str, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    assert main(["inspect", run, "--kind", kind, "--out", str(out)]) == 0
    tables = sorted((SAVED / f"{run}.tables").glob(f"{kind}-*.csv"))
    assert tables
    for table in tables:
        old, new = pd.read_csv(table), pd.read_csv(out / table.name)
        assert len(old) == len(new), table.name
        columns = [name for name in old.columns if name not in OF_THE_SCHEME]
        pd.testing.assert_frame_equal(new[columns], old[columns], rtol=1e-3, atol=1e-4, obj=table.name)
