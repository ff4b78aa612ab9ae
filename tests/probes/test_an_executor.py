"""To add an executor: write a function that carries cells out, tells their keeper lap by lap, and yields what they came
to (`pdcn.jobs.executors.Executor`), and give it a name in `EXECUTORS`. A run is carried out by the one that
PDCN_EXECUTOR named when it was asked for. What goes on before and after the cells is the study's, and stays as it is.

The one below trains cells in another process, which is told the cell and nothing else, and is killed at one of them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pdcn import sources
from pdcn.jobs.cells import Bench, Benches, Cell, Keeper, Lost, Trained, train
from pdcn.jobs.executors import EXECUTORS
from pdcn.jobs.worker import carry_out
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from tests.unit.studies_help import tiny

DOOMED = ("parallel", 1)


def in_another_process(ours: Connection) -> None:
    """What such a process does until nobody asks any more: it has the data for itself, as a machine far away would."""
    while True:
        try:
            cell: Cell = pickle.loads(ours.recv_bytes())
        except EOFError:
            return
        if (cell.arm, cell.seed) == DOOMED:
            os.kill(os.getpid(), signal.SIGKILL)
        bench = Bench.of(sources.load(cell.experiment.data), torch.device("cpu"))
        ours.send_bytes(pickle.dumps(train(bench, cell)))  # `send` would share memory with a process that is gone


def elsewhere(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
    """Every cell in another process, one after the other; where it dies, the next cell has a new one."""
    spawn = multiprocessing.get_context("spawn")
    waiting = list(cells)
    while waiting:
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=in_another_process, args=(theirs,))
        process.start()
        theirs.close()
        with ours:
            while waiting:
                cell = waiting.pop(0)
                if not keeper.goes_on([cell]):
                    return
                ours.send_bytes(pickle.dumps(cell))
                try:
                    laps, ended = pickle.loads(ours.recv_bytes())
                except (EOFError, ConnectionResetError):
                    process.join()
                    yield [Lost(cell, f"its process ended with {signal.Signals(-(process.exitcode or 0)).name}")]
                    break
                keeper.keep(laps)
                yield [ended]
        process.join()


def confused(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
    """An executor that gives one cell the batches and first weights of another seed, as a wrong version might."""
    for cell in cells:
        doomed = (cell.arm, cell.seed) == DOOMED and cell.trial is None
        asked = replace(cell, seed=99) if doomed else cell
        _, ended = train(benches(cell), asked)
        yield [replace(ended, cell=cell, record=replace(ended.record, seed=cell.seed))]


def broken(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
    """An executor whose machine for one arm is gone."""
    for cell in cells:
        if cell.arm == DOOMED[0]:
            yield [Lost(cell, "its machine is gone")]
        else:
            yield [train(benches(cell), cell)[1]]


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setitem(EXECUTORS, "elsewhere", elsewhere)
    monkeypatch.setitem(EXECUTORS, "confused", confused)
    monkeypatch.setitem(EXECUTORS, "broken", broken)


def carried_out(monkeypatch: pytest.MonkeyPatch, executor: str, **values: object) -> tuple[RunFolder, list[Progress]]:
    monkeypatch.setenv("PDCN_EXECUTOR", executor)
    store, said = Store(), list[Progress]()
    folder = store.create(tiny(**{"seeds": 3, "epochs": 3, **values}), "cpu", own=True)
    carry_out(store, folder, said.append)
    return folder, said


def test_a_cell_that_is_lost_is_told_and_the_others_count(monkeypatch: pytest.MonkeyPatch) -> None:
    away, said = carried_out(monkeypatch, "elsewhere")
    here, _ = carried_out(monkeypatch, "local")
    assert away.request["executor"] == "elsewhere"
    assert away.progress.state == here.progress.state == "done"
    result, whole = away.result, here.result
    assert result is not None
    assert whole is not None

    from tests.app.app_help import open_app, texts  # the processes of the cells have no use for it

    told = "Parallel, seed 1, was lost: its process ended with SIGKILL. The other trainings count."
    assert told in result["note"]
    assert told in result["verdict"]
    assert told in texts(open_app(run=away.run))
    assert "lost" in {state for now in said for state in now.arms.values()}
    assert (said[-1].done, said[-1].left) == (said[-1].total, 0.0)
    assert {c["seeds"] for c in result["comparison"]} == {2}
    assert {c["seeds"] for c in whole["comparison"]} == {3}
    assert [seed["seed"] for seed in result["arms"]["parallel"]["seeds"]] == [0, 2]

    # all the rest is what this process finds, to the last bit
    assert result["arms"]["sequential"]["recall_per_seed"] == whole["arms"]["sequential"]["recall_per_seed"]
    paths = sorted(path.name for path in (away.path / "weights").iterdir())
    assert len(paths) == 5
    assert set(paths) < {path.name for path in (here.path / "weights").iterdir()}
    for name in paths:
        one, other = (load_file(folder.path / "weights" / name) for folder in (away, here))
        assert all(torch.equal(weight, other[key]) for key, weight in one.items()), name
    assert away.steps_of("sequential") == here.steps_of("sequential")
    pairs = [json.loads((folder.path / "pairing.json").read_text()) for folder in (away, here)]
    assert pairs[0].keys() == pairs[1].keys() - {"parallel.1"}
    assert all(pairs[1][cell] == pairing for cell, pairing in pairs[0].items())
    # and arms are paired: what was drawn is a function of the seed alone
    first = [(cell.partition(".")[2], pairing["drawn"]["1"]) for cell, pairing in pairs[1].items()]
    assert (len(first), len(set(first)), len({digest for _, digest in first})) == (6, 3, 3)


def test_a_cell_that_was_not_paired_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = carried_out(monkeypatch, "confused", arms=("sequential", "parallel"), tune=2, epochs=1)
    here, _ = carried_out(monkeypatch, "local", arms=("sequential", "parallel"), tune=2, epochs=1)
    result = folder.result
    assert result is not None
    assert folder.progress.state == "done"
    assert folder.tuning == here.tuning  # trials are cells, too
    assert "Parallel, seed 1, was lost: its first weights were not the same (" in result["note"]
    assert {c["seeds"] for c in result["comparison"]} == {2}
    assert not folder.weights("parallel", 1).exists()


def test_an_arm_of_which_every_cell_is_lost_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = carried_out(monkeypatch, "broken", seeds=1, epochs=1)
    result = folder.result
    assert result is not None
    assert result["comparison"] == []
    assert result["arms"]["parallel"]["recall"] == {}
    from tests.app.app_help import open_app, texts

    said = open_app(run=folder.run)
    assert not said.exception
    assert "Parallel, seed 0, was lost: its machine is gone." in texts(said)


def test_a_name_that_is_no_executor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = carried_out(monkeypatch, "teapot")
    assert folder.progress.state == "failed"
    assert folder.progress.message == "executor: expected one of local, elsewhere, confused, broken, ray, got 'teapot'"
