"""What is taken out of a run is what the run holds: read back by the libraries that people read it with."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from pdcn.cli import experiment_of, main, parser
from pdcn.export.chosen import Chosen
from pdcn.export.item_index import library
from pdcn.export.tables import csv_of, tables_of
from pdcn.export.ways import PLAIN, WAYS, export
from pdcn.files import write_json
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.tasks.retrieval.ranks import encode_rows
from tests.disks import fill, small_disk


def test_every_table_is_read_back_from_both_kinds_of_files(folder: RunFolder, tmp_path: Path) -> None:
    export(folder, ["csv", "parquet"], tmp_path)
    tables = tables_of(folder)
    assert {"curves", "comparisons", "slices", "history", "costs", "trainings", "events"} <= {*tables}
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "parquet" / f"{name}.parquet"), frame)
        read = pd.read_csv(tmp_path / "csv" / f"{name}.csv")
        assert (list(read.columns), len(read)) == (list(frame.columns), len(frame))
    result = folder.whole_result()
    assert result is not None
    curves = tables["curves"].query("arm == 'parallel' and metric == 'recall' and k == 10").sort_values("seed")
    assert curves["value"].tolist() == pytest.approx(result["arms"]["parallel"]["recall_per_seed"]["10"])


def test_a_spreadsheet_works_nothing_out(folder: RunFolder) -> None:
    frame = pd.DataFrame({"@name": ["=HYPERLINK(1)", "\tx", "fine", None], "change": [-1.0, 2.0, 3.0, 4.0]})
    twice = pd.DataFrame([["+1", "-2"]], columns=["same", "same"])
    assert csv_of(frame) == "'@name,change\n'=HYPERLINK(1),-1.0\n'\tx,2.0\nfine,3.0\n,4.0\n"
    assert csv_of(twice) == "same,same\n'+1,'-2\n"
    kinds = pd.DataFrame({"kind": pd.Categorical(["-a", "b"])})
    assert csv_of(kinds) == "kind\n'-a\nb\n"


def test_weights_come_with_a_loader_that_needs_nothing_of_the_house(folder: RunFolder, tmp_path: Path) -> None:
    ((out,), _) = export(folder, ["weights"], tmp_path)
    loader = out / "load_weights.py"
    assert len([line for line in loader.read_text(encoding="utf-8").splitlines() if line.strip()]) <= 10
    found = runpy.run_path(str(loader))["load"]("parallel", 1)
    kept = load_file(folder.weights("parallel", 1))
    assert found.keys() == kept.keys()
    assert all(torch.equal(found[name], kept[name]) for name in kept)
    assert "pdcn" not in loader.read_text(encoding="utf-8")


def test_the_experiment_file_is_the_same_experiment(folder: RunFolder, tmp_path: Path) -> None:
    ((out,), _) = export(folder, ["experiment"], tmp_path)
    words = ["compare", "--config", str(out / "experiment.json")]
    assert experiment_of(parser().parse_args(words)).hash() == folder.experiment.hash()


def test_onnx_towers_give_the_same_vectors(folder: RunFolder, tmp_path: Path) -> None:
    from onnxruntime import InferenceSession

    ((out,), said) = export(folder, ["onnx"], tmp_path, arm="sequential", seed=1)
    assert said == "The model is sequential, seed 1: the arm and seed that were asked for."
    run = TrainedRun(folder)
    model, data = run.model("sequential", 1), run.data
    for side, rows in (("query", data.queries), ("item", data.items)):
        codes, values = rows[slice(0, 77)]
        session = InferenceSession(out / f"{side}.onnx")
        given = {"codes": codes.long().numpy(), "values": values.numpy()}
        (made,) = session.run(None, {one.name: given[one.name] for one in session.get_inputs()})
        tower = model.query if side == "query" else model.item
        np.testing.assert_allclose(made, tower(codes, values).numpy(), atol=1e-5)


def test_the_index_finds_what_an_exact_search_finds(folder: RunFolder, tmp_path: Path) -> None:
    ((out,), _) = export(folder, ["faiss"], tmp_path)
    chosen = Chosen(folder)
    model, data = chosen.run.model(chosen.arm, chosen.seed), chosen.run.data
    queries = model.query(*data.queries[slice(0, 50)])
    exact = (queries @ encode_rows(model.item, data.items).T).topk(10)
    scores, places = library().read_index(str(out / "items.faiss")).search(queries.numpy(), 10)
    np.testing.assert_allclose(scores, exact.values.numpy(), atol=1e-5)
    assert places.tolist() == exact.indices.tolist()
    names = json.loads((out / "items.json").read_text(encoding="utf-8"))
    assert names == list(data.dataset.item_names)


def test_the_winner_is_the_arm_of_the_best_headline_and_says_whether_that_is_sure(folder: RunFolder) -> None:
    result = folder.whole_result()
    assert result is not None
    headline = {arm: record["recall"]["10"] for arm, record in result["arms"].items()}
    chosen = Chosen(folder)
    assert chosen.arm == max(headline, key=lambda arm: headline[arm])
    seeds = {one["seed"]: one["validation"] for one in result["arms"][chosen.arm]["seeds"]}
    assert chosen.seed == max(seeds, key=lambda seed: seeds[seed])
    (verdict,) = (one["verdict"] for one in result["comparison"] if (one["metric"], one["k"]) == ("recall", 10))
    assert ("The verdict detects no difference" in chosen.said) == (verdict not in ("better", "worse"))
    other = min(headline, key=lambda arm: headline[arm])
    result["arms"][other]["recall"]["10"] = 2.0
    write_json(folder.path / "result.json", result)
    assert Chosen(folder).arm == other


def test_what_can_not_be_taken_is_said_in_one_sentence(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def told(*words: str) -> str:
        assert main(["export", folder.run, "--out", str(out), *words]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert main(["export", folder.run, "--to", "experiment", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"folders": {"experiment": str(out / "experiment")}, "towers": ""}
    assert "expected no experiment in" in told("--to", "csv,experiment")  # what is there stays
    assert "--to: expected one of csv, parquet" in told("--to", "excel")
    assert "--arm: expected an arm that has weights, parallel, sequential; got 'linear'" in told("--arm", "linear")
    assert "--seed: expected a seed of parallel" in told("--arm", "parallel", "--seed", "9", "--to", "faiss")
    assert "--seed: expected a whole number" in told("--seed", "first")
    monkeypatch.setattr("pdcn.export.ways.find_spec", lambda name: None)
    assert "pip install -r requirements-trackers.txt" in told("--to", "mlflow")
    monkeypatch.undo()
    monkeypatch.setenv("PDCN_HOME", str(folder.path.parents[1]))
    weights = sorted((folder.path / "weights").iterdir())
    for path in weights:
        path.write_bytes(path.read_bytes()[:40])
    assert "expected readable weights of" in told("--to", "pytorch")
    assert not (out / "pytorch").exists()
    for path in weights:
        path.unlink()
    assert "no arm has any yet; let the run finish" in told("--to", "weights")
    (folder.path / "result.json").write_text("{", encoding="utf-8")
    assert "expected a readable result.json" in told("--to", "parquet")
    (folder.path / "experiment.json").write_text("{", encoding="utf-8")
    assert "expected a readable experiment.json" in told("--to", "parquet")
    assert sorted(path.name for path in out.iterdir()) == ["csv", "experiment"]


def test_an_unfinished_run_gives_what_it_has(folder: RunFolder, tmp_path: Path) -> None:
    for name in ("result.json", "ranks.parquet", "slices.parquet"):
        (folder.path / name).unlink()
    write_json(folder.path / "progress.json", {"state": "interrupted"})
    assert [*tables_of(folder)] == ["history"]
    assert Chosen(folder).said.endswith("the first arm and seed that have weights, since the run has no result.")


def test_a_full_disk_is_said_and_leaves_nothing_half_done(folder: RunFolder, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        fill(disk)
        for way in ("parquet", "pytorch", "faiss", "weights"):
            with pytest.raises(SettingError, match="The disk is full; make room in"):
                export(folder, [way], disk)
        assert [path.name for path in disk.iterdir()] == ["taken"]


def test_every_way_is_one_of_plain_or_a_tracker() -> None:
    assert {*WAYS} - {*PLAIN} == {"mlflow", "wandb-offline", "tensorboard"}
