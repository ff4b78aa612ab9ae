"""What each tracker was told is read back with that tracker's own library, from a folder that was moved."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pdcn.export.ways import export
from pdcn.files import write_json
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from tests.unit.studies_help import wait_for

NOT_INSTALLED = "is not installed: pip install -r requirements-trackers.txt"
ARM, SEED = "sequential", 1


def moved(folder: RunFolder, way: str, tmp_path: Path) -> Path:
    """What was written, elsewhere than it was written."""
    ((out,), said) = export(folder, [way], tmp_path / "written")
    assert said == ""
    return out.rename(tmp_path / "moved")


def losses(folder: RunFolder) -> dict[int, float]:
    """The curve that was trained, by step."""
    history = folder.history
    assert history is not None
    own = history.query(f"arm == '{ARM}' and seed == {SEED}").dropna(subset="loss")
    return dict(zip(own["step"].tolist(), own["loss"].tolist(), strict=True))


def recall(folder: RunFolder) -> float:
    """What that training came to on test."""
    result = folder.whole_result()
    assert result is not None
    return float(result["arms"][ARM]["recall_per_seed"]["10"][SEED])


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_it_back(folder: RunFolder, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    out = moved(folder, "tensorboard", tmp_path)
    assert len([*out.iterdir()]) == 4
    found = EventAccumulator(str(out / f"{ARM}-seed{SEED}")).Reload()
    curve = {one.step: one.value for one in found.Scalars("train/loss")}
    assert curve == pytest.approx(losses(folder))
    assert found.Scalars("test/recall_at_10")[0].value == pytest.approx(recall(folder))
    assert "settings/epochs/text_summary" in found.Tags()["tensors"]
    assert (out / f"{ARM}-seed{SEED}" / f"{ARM}.{SEED}.safetensors").exists()


@pytest.mark.filterwarnings("ignore")
def test_mlflow_reads_it_back(folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason=f"MLflow {NOT_INSTALLED}")
    out = moved(folder, "mlflow", tmp_path)
    monkeypatch.chdir(out)  # as one who starts `mlflow ui` there
    client = mlflow.MlflowClient("sqlite:///mlflow.db")
    experiment = client.get_experiment_by_name(folder.run)
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert len(runs) == 4
    run = runs[f"{ARM}-seed{SEED}"]
    assert (run.data.params["arm"], run.data.params["epochs"], run.info.status) == (ARM, "1", "FINISHED")
    assert run.data.metrics["test/recall_at_10"] == pytest.approx(recall(folder))
    curve = {one.step: one.value for one in client.get_metric_history(run.info.run_id, "train/loss")}
    assert curve == pytest.approx(losses(folder))
    files = {one.path for one in client.list_artifacts(run.info.run_id)}
    assert {"experiment.json", "result.json", f"{ARM}.{SEED}.safetensors"} <= files


@pytest.mark.filterwarnings("ignore")
def test_wandb_reads_it_back(folder: RunFolder, tmp_path: Path) -> None:
    pytest.importorskip("wandb", reason=f"Weights & Biases {NOT_INSTALLED}")
    out = moved(folder, "wandb-offline", tmp_path)

    def read() -> list[list[Any]]:
        return [[*records(path)] for path in out.glob("wandb/offline-run-*/run-*.wandb")]

    assert len(read()) == 4
    wait_for(lambda: all("arm" in settings(one) for one in read()))  # their process may write a moment longer
    runs = read()
    (own,) = (
        one for one in runs if settings(one)["arm"] == f'"{ARM}"' and settings(one)["training_seed"] == f'"{SEED}"'
    )
    curve = {}
    for record in own:
        items = {"/".join([one.key, *one.nested_key]).strip("/"): one.value_json for one in record.history.item}
        if "train/loss" in items:
            curve[int(items["_step"])] = float(items["train/loss"])
    assert curve == pytest.approx(losses(folder))
    ends = {"/".join([u.key, *u.nested_key]).strip("/"): u.value_json for record in own for u in record.summary.update}
    assert float(ends["test/recall_at_10"]) == pytest.approx(recall(folder))
    (kept,) = out.glob(f"wandb/*/files/{ARM}.{SEED}.safetensors")
    assert kept.read_bytes() == folder.weights(ARM, SEED).read_bytes()


def settings(run: list[Any]) -> dict[str, str]:
    """The settings of a run of Weights & Biases, values as JSON."""
    return {one.key: one.value_json for record in run for one in record.run.config.update}


def records(path: Path) -> Iterator[Any]:
    """The records of an offline run: W&B's own messages, in blocks of 32 kB behind a header of 7 bytes."""
    messages: Any = import_module("wandb.proto.wandb_internal_pb2")
    data, at, held = path.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 32_768 - at % 32_768 < 7:
            at += 32_768 - at % 32_768
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        held, at = held + data[at + 7 : at + 7 + length], at + 7 + length
        if kind in (1, 4):  # whole, or the last part of one
            record = messages.Record()
            record.ParseFromString(held)
            yield record
            held = b""


def test_a_run_without_a_curve_is_refused_in_a_sentence(folder: RunFolder, tmp_path: Path) -> None:
    for name in ("history.parquet", "result.json"):
        (folder.path / name).unlink()
    write_json(folder.path / "progress.json", {"state": "running"})
    with pytest.raises(SettingError, match=r"expected curves of training in .*, but it has none yet; let it train"):
        export(folder, ["tensorboard"], tmp_path)
    assert pd.read_parquet(folder.path / "ranks.parquet").shape[0]
    assert [*tmp_path.glob("tensorboard")] == []
