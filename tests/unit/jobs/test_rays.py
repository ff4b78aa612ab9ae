"""What of cells on other machines needs no Ray: addresses, the desk, the kept cells, and what is said without it.

`tests/far` has the rest, with Ray itself.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pdcn import sources
from pdcn.cli import main
from pdcn.jobs.cells import Bench, Benches, Cell, Keeper, Lost, Trained, by_world, train
from pdcn.jobs.executors import EXECUTORS, executing
from pdcn.jobs.kept import keeping
from pdcn.jobs.node import Node
from pdcn.jobs.rays.address import Address
from pdcn.jobs.rays.connection import cluster
from pdcn.jobs.rays.desk import Desk, LapTold
from pdcn.jobs.rays.room import one_kind, room_of
from pdcn.jobs.study import Study
from pdcn.jobs.worker import carry_out
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from tests.unit.studies_help import ROOT, tiny


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("address", ["lab:x", "lab:70000", "lab/room", "lab?num_gpus=1", "lab?gpus=0", "?cpus=many"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(SettingError, match="executor: expected ray, ray://HOST:PORT"):
        Address.of(address)


def test_a_held_cell_waits_and_a_step_lets_it_make_one_lap() -> None:
    async def life() -> list[str]:
        desk, heard = Desk(), list[str]()
        heard.append(await desk.tell(0, 1, []))
        await desk.say("hold")
        waits = asyncio.create_task(desk.tell(0, 1, []))
        await asyncio.sleep(0)
        heard.append("waits" if not waits.done() else "went on")
        await desk.say("step")
        assert await desk.owed() == {(0, 1)}
        heard.append(await waits)
        assert await desk.owed() == {(0, 1)}
        again = asyncio.create_task(desk.tell(0, 1, []))
        await asyncio.sleep(0)
        heard.append("waits" if not again.done() else "went on")
        assert await desk.owed() == set()
        assert await desk.tell(1, 1, [LapTold(None, measuring=True)]) == "step"
        await desk.say("stop")
        heard.append(await again)
        assert len(await desk.heard()) == 4
        assert await desk.heard() == []
        return heard

    with ThreadPoolExecutor(1) as aside:  # browser tests leave a loop running in this thread
        assert aside.submit(asyncio.run, life()).result() == ["go", "waits", "step", "waits", "stop"]


def test_arms_of_a_seed_stay_on_one_kind_of_gpu() -> None:
    nodes = [
        {"Alive": alive, "Resources": {"CPU": 8.0, "GPU": gpus, f"accelerator_type:{kind}": 1.0}}
        for alive, gpus, kind in ((True, 2.0, "A"), (True, 4.0, "B"), (True, 3.0, "A"), (False, 9.0, "B"))
    ]
    asked = {"num_cpus": 1.0, "num_gpus": 1.0}
    wants = {**asked, **one_kind(nodes, asked)}
    assert wants["resources"] == {"accelerator_type:A": 0.001}
    assert room_of(nodes, wants) == 5  # of kind A, the two machines have five
    assert room_of(nodes[1:2], wants) == 0
    assert room_of(nodes, {**wants, "num_gpus": 4.0}) == 0
    assert room_of(nodes, {"num_cpus": 0.1}) == 240
    assert one_kind(nodes, {"num_cpus": 1.0}) == {}


def test_cells_that_have_ended_are_not_trained_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose executor dies half-way and is begun again comes to what a whole one does, bit for bit."""
    trained: list[str] = []

    def dies(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
        for cell in cells:
            if len(trained) == 2:
                raise SettingError("gone")
            laps, ended = train(benches(cell), cell)
            trained.append(cell.name)
            keeper.keep(laps)
            yield [ended]

    store, experiment = Store(), tiny(seeds=2, arms=("sequential", "parallel"))
    whole = store.create(experiment, "cpu", own=True)
    carry_out(store, whole)
    monkeypatch.setitem(EXECUTORS, "dies", dies)
    monkeypatch.setenv("PDCN_EXECUTOR", "dies")
    folder = store.create(experiment, "cpu", own=True)
    folder.cells.mkdir()  # as a far executor keeps them
    assert carry_out(store, folder).state == "failed"
    assert len([*folder.cells.glob("*.safetensors")]) == 2
    ended = carry_out(store, store.resume(folder.run, own=True, executor="local"))
    assert ended.state == "done"
    assert trained == ["sequential.0", "parallel.0"]
    for path in (whole.path / "weights").iterdir():
        assert path.read_bytes() == (folder.path / "weights" / path.name).read_bytes()
    pairs = [json.loads((one.path / "pairing.json").read_text()) for one in (whole, folder)]
    assert pairs[0] == pairs[1]
    assert whole.history is not None
    assert folder.history is not None
    assert len(folder.history) == len(whole.history)
    assert not folder.cells.exists()
    with pytest.raises(SettingError, match="it is done, or kept no trainings"):
        store.resume(folder.run)


def test_worlds_come_to_the_same_in_any_order_and_are_let_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An executor that takes world after world, and dies: another run of it comes to what this process finds."""
    store, experiment = Store(), tiny(training_sets="worlds", sets=3, seeds=6, batch=64)
    whole = store.create(experiment, "cpu", own=True)
    carry_out(store, whole)
    trained: list[int] = []

    def world_by_world(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
        for own in by_world(cells):
            for cell in own:
                if len(trained) == 6:
                    raise SettingError("gone")
                laps, ended = train(benches(cell), cell)
                trained.append(cell.seed)
                keeper.keep(laps)
                yield [ended]
                assert study.worlds.keys() <= {cell.data, experiment.data_of(4)}  # which is half done

    monkeypatch.setitem(EXECUTORS, "worlds", world_by_world)
    monkeypatch.setenv("PDCN_EXECUTOR", "worlds")
    folder = store.create(experiment, "cpu", own=True)
    folder.cells.mkdir()  # as a far executor keeps them
    with pytest.raises(SettingError, match="gone"):
        (study := Study(folder)).run()
    assert trained == [0, 0, 3, 3, 1, 1]
    trained[:] = []
    assert (study := Study(folder)).run() == "done"
    assert trained == [2, 2, 5, 5, 4, 4]
    assert not study.worlds
    assert whole.ranks is not None
    assert folder.ranks is not None
    assert whole.ranks.equals(folder.ranks)
    assert whole.result is not None
    assert folder.result is not None
    assert whole.result["comparison"] == folder.result["comparison"]


def test_a_kept_cell_is_as_it_was_and_serves_no_other(tmp_path: Path) -> None:
    experiment = tiny(seeds=1)
    bench = Bench.of(sources.load(experiment.data), torch.device("cpu"))
    cell = Cell("parallel", 0, experiment)
    called: list[Cell] = []

    def once(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
        called.extend(cells)
        for one in cells:
            laps, ended = train(benches(one), one)
            keeper.keep(laps)
            yield [ended]

    class Silent:
        stepping = False

        def __init__(self) -> None:
            self.points: list[object] = []

        def goes_on(self, cells: Sequence[Cell]) -> bool:
            return True

        def keep(self, laps: object) -> None:
            self.points += [point for lap in laps for point in lap.points]  # type: ignore[attr-defined]

        def measures(self, cells: Sequence[Cell]) -> None: ...
        def waits(self, cells: Sequence[Cell], what: str) -> None: ...

    def came_to(cell: Cell) -> tuple[Trained, list[object]]:
        keeper = Silent()
        ((ended,),) = keeping(tmp_path, once)(lambda _: bench, [cell], keeper)
        assert isinstance(ended, Trained)
        return ended, keeper.points

    (first, points), (again, repeated) = came_to(cell), came_to(cell)
    assert called == [cell]
    assert asdict(first.record) == asdict(again.record)
    assert first.pairing == again.pairing
    assert repr(points) == repr(repeated)
    assert first.measured is not None
    assert again.measured is not None
    assert np.array_equal(first.measured, again.measured)
    assert first.measured.dtype == again.measured.dtype
    assert all(torch.equal(weight, again.weights[name]) for name, weight in first.weights.items())
    other = experiment.model_copy(
        update={"seeds": 2, "training": experiment.training.model_copy(update={"batch": 128})}
    )
    came_to(Cell("parallel", 0, other))
    assert len(called) == 2
    (tmp_path / "parallel.0.safetensors").write_bytes(b"half")
    came_to(cell)
    assert len(called) == 3


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_one_sentence_says_what_to_install(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store()
    folder = store.create(tiny(seeds=1), "cpu", own=True, asked={"executor": "ray"})
    said = "executor: Ray is not installed here; pip install -r requirements-ray.txt brings it"
    assert carry_out(store, folder).message == said
    assert main(["node"]) == 2
    assert capsys.readouterr().err == f"pdcn: {said}\n"


def test_a_name_that_is_no_executor_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--quick", "--executor", "teapot"]) == 2
    assert capsys.readouterr().err == "pdcn: executor: expected one of local, ray, got 'teapot'\n"


def test_a_machine_keeps_to_itself_and_has_caps() -> None:
    head, other = Node(), Node(join="10.0.0.1", cpus=4, gpus=1)
    assert head.environment()["RAY_AUTH_MODE"] == "token"
    assert head.environment()["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0"  # with which Ray binds loopback alone
    assert {"--head", "--node-ip-address=127.0.0.1", "--include-dashboard=false"} < {*head.command()}
    for node in (head, other):
        assert "--object-store-memory=1000000000" in node.command()
        assert int(node.environment()["RAY_ROTATION_MAX_BYTES"]) <= 10_000_000
    assert {"--address=10.0.0.1:10000", "--num-cpus=4", "--num-gpus=1"} < {*other.command()}
    with pytest.raises(SettingError):
        other.prepare()


def test_the_pages_never_import_what_drives_other_machines() -> None:
    """A queued run for Ray, and the page that shows it: neither Ray nor our adapter is in that process."""
    code = (
        "import os, sys; os.environ['PDCN_EXECUTOR'] = 'ray://127.0.0.1:1'\n"
        "import pdcn.jobs.submit as jobs; jobs.ensure_worker = lambda store: False\n"
        "from pdcn.runs.store import Store; from tests.unit.studies_help import tiny\n"
        "run = jobs.submit(Store(), tiny(seeds=1)).run\n"
        "from tests.app.app_help import open_app; assert not open_app(run=run).exception\n"
        "print({name for name in [*sys.modules] if name.split('.')[0] == 'ray' or name.startswith('pdcn.jobs.rays')})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["set()"], done.stderr


def test_who_is_named_carries_it_out(home: Path) -> None:
    with executing("local", RunFolder(home / "none")) as found:
        assert found is EXECUTORS["local"]


@pytest.mark.parametrize(
    ("fails", "kind", "asked"),
    [(2, ConnectionAbortedError, 3), (3, ConnectionAbortedError, 3), (1, ConnectionError, 1)],
)
def test_a_cluster_that_fails_to_take_us_in_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, fails: int, kind: type[ConnectionError], asked: int
) -> None:
    """Ray's own process for us may die as it is born; a cluster that refuses us is not asked again."""
    calls: list[str] = []

    def init(address: str, **_: object) -> None:
        calls.append(address)
        if len(calls) <= fails:
            raise kind("no")

    ray = SimpleNamespace(init=init, shutdown=list, nodes=list, remote=lambda **_: str)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "a word")
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    refused = pytest.raises(SettingError, match="does not take us in") if fails >= asked else nullcontext()
    with socket.create_server(("127.0.0.1", 0)) as listening, refused:
        where = f"127.0.0.1:{listening.getsockname()[1]}"
        with cluster(Address.of(where)) as found:
            assert found.address.host == "127.0.0.1"
    assert calls == [f"ray://{where}"] * asked
