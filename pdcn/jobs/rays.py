"""Cells on other machines: an adapter to Ray Core, which is an optional extra and imported by whoever connects alone.

A cell is a task without retries of Ray's. It tells a desk, an actor beside the head of the cluster, how far it is, and
is told there to go on, to hold or to stop. What it came to goes back to this process, which alone writes files. So an
orphan, whose machine was given up, has nowhere to write: its attempt is not the one that counts. Data and the code of
this package go to the machines with the first cell. All cells of a run ask for the same, so that the arms of a seed are
on one kind of device.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import torch

import pdcn
from pdcn.files import home
from pdcn.inert import quoted
from pdcn.jobs import words as say
from pdcn.jobs.cells import Bench, Benches, Cell, CellTraining, Executor, Keeper, Lap, Lost, Trained, by_world, lap_of
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads, describe, one_thread
from pdcn.training.ensemble import crews

HERE, PORT = "127.0.0.1", 10_001
"""Where a cluster is found whose address is not said."""
TELL_SECONDS, POLL_SECONDS, HELD_SECONDS = 0.2, 0.1, 0.3
"""How often a cell tells how far it is, how often it is asked for, and after which wait a pause is passed on."""
STEP_SECONDS = 10.0
"""Seconds that a step may take before others can be asked for; it goes on by itself."""
LOOK_SECONDS = 5.0
"""How often the machines are counted while cells wait."""
KNOCKS = 3
"""So often a cluster is asked to take us in that wants to and fails."""
ATTEMPTS = 5
"""So often a cell is begun whose process or machine is lost."""
PATIENCE = 30.0
"""Seconds that a cell has to answer a stop before its process is ended by force."""
FETCH_SECONDS = 600.0
BESIDE_THE_HEAD = {"node:__internal_head__": 0.001}


@dataclass(frozen=True)
class Address:
    """Where a cluster is, and what each of its cells asks for.

    >>> Address.of(""), Address.of("lab:7000?gpus=0.5").wants
    (Address(host='127.0.0.1', port=10001, wants={'num_cpus': 1.0}), {'num_cpus': 1.0, 'num_gpus': 0.5})
    """

    host: str
    port: int
    wants: Mapping[str, float]

    @classmethod
    def of(cls, address: str) -> Address:
        """HOST:PORT?gpus=N&cpus=N, any of which may be left out; `SettingError` where it is none."""
        try:
            parts = urlsplit(f"//{address}")
            wants = {
                f"num_{name}": float(text) for name, text in parse_qsl(parts.query, strict_parsing=bool(parts.query))
            }
            port = parts.port or PORT
        except ValueError:
            raise SettingError(say.NO_ADDRESS(address=quoted(address))) from None
        if parts.path or wants.keys() - {"num_cpus", "num_gpus"} or any(not 0 < n <= 1_000 for n in wants.values()):
            raise SettingError(say.NO_ADDRESS(address=quoted(address)))
        return cls(parts.hostname or HERE, port, {"num_cpus": 1.0, **wants})

    @property
    def what(self) -> str:
        """What a cell asks for, in words."""
        gpus, cores = self.wants.get("num_gpus"), self.wants["num_cpus"]
        return say.MACHINE_WITH_GPUS(gpus=f"{gpus:g}") if gpus else say.MACHINE(cores=f"{cores:g}")


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """An executor on the cluster at that address, which is left at the end of the block."""
    with cluster(Address.of(address)) as there:
        yield there


@contextmanager
def cluster(address: Address) -> Iterator[Cluster]:
    """The cluster at a place; `SettingError` where Ray is not installed, or nobody there takes us in."""
    for name, value in (("RAY_AUTH_MODE", "token"), ("RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S", "15")):
        os.environ.setdefault(name, value)
    if "RAY_AUTH_TOKEN" not in os.environ:
        os.environ.setdefault("RAY_AUTH_TOKEN_PATH", str(token_path()))
    try:
        ray = import_module("ray")
    except ImportError:
        raise SettingError(say.NO_RAY) from None
    token = os.environ.get("RAY_AUTH_TOKEN_PATH")
    if token and not Path(token).exists():
        raise SettingError(say.NO_TOKEN(file=token))
    where = f"{address.host}:{address.port}"
    try:
        socket.create_connection((address.host, address.port), 5).close()
    except OSError:
        raise SettingError(say.NOBODY_THERE(where=where)) from None
    logging.getLogger("ray").setLevel(logging.ERROR)
    _come_in(ray, where)
    try:
        yield Cluster(ray, address)
    except ConnectionError:
        raise SettingError(say.CLUSTER_GONE(where=where)) from None
    finally:
        with suppress(Exception):  # a cluster that is gone
            ray.shutdown()


def _come_in(ray: Any, where: str) -> None:
    """Have the cluster take us in; `SettingError` where it does not.

    It starts a process for whoever comes, as a fork of one that has threads, which now and then dies as it is born.
    """
    for left in reversed(range(KNOCKS)):
        try:
            ray.init(
                f"ray://{where}",
                runtime_env={"py_modules": [str(Path(pdcn.__file__).parent)]},
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except ConnectionError as error:
            if left and isinstance(error, ConnectionAbortedError):
                continue
            raise SettingError(say.NOT_TAKEN_IN(where=where)) from None
        return


def token_path() -> Path:
    """The secret that every machine of a cluster, and whoever has work for it, has to know."""
    return home() / "ray" / "token"


class Desk:
    """Where cells tell how far they are, and hear whether to go on. One is made for every call of an executor."""

    def __init__(self) -> None:
        self.word, self.steps = "go", 0
        self.told: list[tuple[int, int, list[LapTold]]] = []
        self.held: set[tuple[int, int]] = set()
        self.owing: set[tuple[int, int]] = set()
        self.changed = asyncio.Event()

    async def tell(self, place: int, attempt: int, laps: list[LapTold]) -> str:
        """Take what a cell tells; "go", "step" for one lap, or "stop". The answer waits while all are held, but for
        a cell that is trained."""
        self.told.append((place, attempt, laps))
        self.owing.discard((place, attempt))
        steps, trained = self.steps, any(one.measuring for one in laps)
        self.held.add((place, attempt))
        while self.word == "hold" and self.steps == steps and not trained:
            await self.changed.wait()
        self.held.discard((place, attempt))
        return "step" if self.word == "hold" else self.word

    async def say(self, word: str) -> None:
        """Let all go, hold them, let each of them make one step, or stop them."""
        if word == "step":
            self.steps += 1
            self.owing = {*self.held}
        self.word = "hold" if word == "step" else word
        self.changed.set()
        self.changed = asyncio.Event()

    async def heard(self) -> list[tuple[int, int, list[LapTold]]]:
        """What was told since this was last asked: the cell's place, its attempt, and its laps."""
        told, self.told = self.told, []
        return told

    async def owed(self) -> set[tuple[int, int]]:
        """Who was let make a step, by place and attempt, and has not told of it yet."""
        return self.owing


@dataclass(frozen=True)
class LapTold:
    """A lap without its cell, as it travels; `measuring` once the training is over."""

    lap: Lap | None
    measuring: bool = False
    device: str = ""


def carry_out(dataset: Dataset, cell: Cell, place: int, attempt: int, desk: Any) -> Trained:
    """Train a cell and measure it, on the machine that it was sent to."""
    ray = import_module("ray")
    calm_threads()
    device = torch.device("cuda" if ray.get_gpu_ids() else "cpu")
    training = CellTraining(Bench.of(dataset, device), cell)
    going, lap = crews([training.trainer]), lap_of(training.trainer.steps)
    where = describe(device)
    laps = [LapTold(training.lap(), device=where)]
    word, last = ray.get(desk.tell.remote(place, attempt, laps)), time.monotonic()
    laps = []
    while training.trainer.state == "training" and word != "stop":
        points = [*chain.from_iterable(crew.lap(lap) for crew in going)]
        laps.append(LapTold(training.lap(points)))
        if word == "step" or time.monotonic() - last > TELL_SECONDS:
            word, last = ray.get(desk.tell.remote(place, attempt, laps)), time.monotonic()
            laps = []
    told = desk.tell.remote(place, attempt, [*laps, LapTold(None, measuring=True)])
    ended = training.ended()
    ray.get(told)  # else the result could arrive before its last points
    return Trained(ended.cell, ended.record, ended.weights, ended.measured, ended.pairing, where)


@dataclass
class OnTheWay:
    """A cell on its way: its place among all that were sent, where its data lies, which attempt of it counts, how far
    that has told to be, and where its result will lie."""

    cell: Cell
    place: int
    dataset: Any
    attempt: int = 0
    ref: Any = None
    begun: bool = False
    measuring: bool = False
    step: int = -1
    """The last step that was told, by any attempt: what another repeats is not told again."""


class Cluster:
    """An executor on a cluster that this process is connected to."""

    def __init__(self, ray: Any, address: Address) -> None:
        self.ray, self.address, self.held = ray, address, False
        self.wants = {**address.wants, **_one_kind(ray.nodes(), address.wants)}
        self.task = ray.remote(max_retries=0, **self.wants)(carry_out)

    def __call__(self, benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
        """Carry cells out; see `Executor`. A world is sent as soon as the machines have room for more than was sent so
        far, and the next one is made meanwhile: so no machine idles, and few worlds are held at a time."""
        self.desk = self.ray.remote(num_cpus=0, resources=BESIDE_THE_HEAD, max_concurrency=10_000)(Desk).remote()
        with ThreadPoolExecutor(1) as aside:
            yield from self._followed(by_world(cells), lambda own: aside.submit(benches, own[0]), keeper)

    def _sent(self, bench: Bench, cells: Sequence[Cell], first: int) -> list[OnTheWay]:
        """The cells of a world, all of them on their way, whose places begin at `first`."""
        dataset = self.ray.put(bench.data.dataset)
        several = [OnTheWay(cell, place, dataset) for place, cell in enumerate(cells, first)]
        for one in several:
            self._send(one)
        return several

    def _send(self, one: OnTheWay) -> None:
        one.attempt, one.begun, one.measuring = one.attempt + 1, False, False
        one.ref = self.task.remote(one.dataset, one.cell, one.place, one.attempt, self.desk)

    def _followed(
        self, worlds: list[list[Cell]], made: Callable[[Sequence[Cell]], Future[Bench]], keeper: Keeper
    ) -> Iterator[list[Trained | Lost]]:
        sent, going, making = list[OnTheWay](), list[OnTheWay](), made(worlds[0])
        room, looked = _room(self.ray.nodes(), self.wants), time.monotonic()
        while going or worlds:
            if worlds and len(going) <= room and wait([making], 0 if going else POLL_SECONDS).done:
                more = self._sent(making.result(), worlds.pop(0), len(sent))
                sent, going = [*sent, *more], [*going, *more]
                making = made(worlds[0]) if worlds else making
            refs = {one.ref: one for one in going}
            ready, _ = self.ray.wait([*refs], num_returns=len(refs), timeout=POLL_SECONDS) if refs else ((), ())
            self._heard(sent, keeper)
            ended: list[Trained | Lost] = []
            for one in (refs[ref] for ref in ready):
                found = self._found(one)
                if found is None:
                    self._send(one)
                else:
                    ended.append(found)
                    going = [other for other in going if other is not one]
                    one.dataset = one.ref = None  # nobody needs them any more, and they take room in the store
            if ended:
                yield ended
            if not (going or worlds):
                return
            at_work = [one for one in going if one.begun]
            if at_work and all(one.measuring for one in at_work):
                keeper.measures([one.cell for one in at_work])
            elif not self._goes_on([one.cell for one in at_work or going[:1]] or worlds[0][:1], keeper):
                yield from self._stopped(going, sent, keeper)
                return
            elif keeper.stepping:
                self._told_of(going, sent, keeper)
            if time.monotonic() - looked > LOOK_SECONDS:
                room, looked = _room(self.ray.nodes(), self.wants), time.monotonic()
                idle = [one.cell for one in going if not one.begun]
                short = idle and not at_work and not room
                keeper.waits([*idle, *chain(*worlds)] if short else [], self.address.what)

    def _goes_on(self, cells: Sequence[Cell], keeper: Keeper) -> bool:
        """Whether the keeper lets cells go on. While it doesn't answer they are held."""
        answer: Future[bool] = Future()

        def ask() -> None:
            try:
                answer.set_result(keeper.goes_on(cells))
            except BaseException as error:  # whoever waits is told, whatever it is
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        with suppress(TimeoutError):
            answer.result(HELD_SECONDS)
        if not answer.done() and not self.held:
            self._say("hold")
        goes_on = answer.result()
        if goes_on and (self.held or keeper.stepping):
            self._say("step" if keeper.stepping else "go")
        return goes_on

    def _told_of(self, going: Sequence[OnTheWay], sent: Sequence[OnTheWay], keeper: Keeper) -> None:
        """Wait until all at work have told of the lap that they were let make: what comes later is not shown while
        they are held."""
        left, until = list(going), time.monotonic() + STEP_SECONDS
        while left and time.monotonic() < until:
            owed = self.ray.get(self.desk.owed.remote())
            self._heard(sent, keeper)
            refs = {one.ref: one for one in left if (one.place, one.attempt) in owed}
            _, rest = self.ray.wait([*refs], num_returns=len(refs), timeout=POLL_SECONDS) if refs else ((), ())
            left = [refs[ref] for ref in rest]

    def _say(self, word: str) -> None:
        self.held = word in ("hold", "step")
        self.ray.get(self.desk.say.remote(word))

    def _heard(self, sent: Sequence[OnTheWay], keeper: Keeper) -> None:
        """Hand on what was told since, but for what an attempt told that no longer counts, or has been told before."""
        laps = []
        for place, attempt, several in self.ray.get(self.desk.heard.remote()):
            one = sent[place]
            if attempt != one.attempt:
                continue
            one.begun = True
            for told in several:
                one.measuring |= told.measuring
                if told.lap and told.lap.step > one.step:
                    one.step = told.lap.step
                    laps.append(told.lap)
        if laps:
            keeper.keep(laps)

    def _found(self, one: OnTheWay) -> Trained | Lost | None:
        """What a cell came to that is over; None where its process or its machine was lost, and it may try again.

        An error of its own would come back anywhere, and ends the study as it does at home.
        """
        errors = self.ray.exceptions
        try:
            found: Trained = self.ray.get(one.ref, timeout=FETCH_SECONDS)
        except errors.RayTaskError as error:
            if isinstance(error.cause, errors.RayError):  # the desk could not be reached from there
                return self._lost(one, error.cause)
            raise error.cause from None
        except errors.RayError as error:
            return self._lost(one, error)
        return found

    def _lost(self, one: OnTheWay, error: Exception) -> Lost | None:
        if one.attempt < ATTEMPTS:
            return None
        return Lost(one.cell, say.ENDED_OFTEN(times=one.attempt, error=type(error).__name__))

    def _stopped(self, going: list[OnTheWay], sent: list[OnTheWay], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
        """What those come to that have begun; whoever does not answer is ended by force, with its process."""
        self._say("stop")
        for one in going:
            if not one.begun:
                self.ray.cancel(one.ref, force=True)
        at_work, asked = [one for one in going if one.begun], time.monotonic()
        while at_work:
            refs = {one.ref: one for one in at_work}
            ready, _ = self.ray.wait([*refs], num_returns=len(refs), timeout=POLL_SECONDS)
            self._heard(sent, keeper)
            for one in (refs[ref] for ref in ready):
                at_work = [other for other in at_work if other is not one]
                with suppress(self.ray.exceptions.RayError):
                    yield [self.ray.get(one.ref, timeout=FETCH_SECONDS)]
            if time.monotonic() - asked > PATIENCE:
                for one in at_work:
                    if not one.measuring:
                        self.ray.cancel(one.ref, force=True)

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Carry out a function that writes nothing, wherever there is room, and again where its machine is lost."""
        task = self.ray.remote(max_retries=ATTEMPTS, **self.wants)(calmly)
        found: Future[Any] = task.remote(work, *given).future()
        return found


def worked_out(
    address: str, opened: TrainedRun, work: str, settings: Mapping[str, Any], say_share: Callable[[float, str], None]
) -> dict[str, pd.DataFrame]:
    """The tables of an analysis of a run, found on another machine, where all of the run's files and its data travel.

    `say_share` is told all the while that it goes on; what it raises ends the work there.
    """
    own = opened.folder
    files = {
        str(path.relative_to(own.path)): path.read_bytes()
        for path in own.path.rglob("*")
        if path.is_file() and path.relative_to(own.path).parts[0] not in ("analysis", own.cells.name)
    }
    with cluster(Address.of(address)) as there:
        given = (own.run, there.ray.put(files), there.ray.put(opened.data.dataset), work, dict(settings))
        found = there.submit(work_out_there, *given)
        while not wait([found], TELL_SECONDS).done:
            say_share(0.0, say.ELSEWHERE)
        try:
            tables: dict[str, pd.DataFrame] = found.result()
        except there.ray.exceptions.RayTaskError as error:
            raise error.cause from None
    return tables


def work_out_there(
    run: str, files: Mapping[str, bytes], dataset: Dataset, work: str, settings: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Work an analysis out on the machine that it was sent to, in a folder that is gone afterwards."""
    one_thread()
    with TemporaryDirectory() as name:
        for path, content in files.items():
            at = Path(name) / run / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        opened = TrainedRun(RunFolder(Path(name) / run))
        opened.data = DeviceData(dataset, opened.device)
        tables: dict[str, pd.DataFrame] = import_module(work).inspect(opened, settings, lambda *_: None)
        return tables


def calmly(work: Callable[..., Any], *given: Any) -> Any:
    """What a function returns, in a process that trains beside others."""
    calm_threads()
    return work(*given)


def _one_kind(nodes: Sequence[Mapping[str, Any]], wants: Mapping[str, float]) -> dict[str, Any]:
    """What keeps all cells of a run on one kind of GPU: that of which the cluster has most."""
    if "num_gpus" not in wants:
        return {}
    counted: dict[str, float] = {}
    for node in nodes:
        for name in node["Resources"] if node["Alive"] else ():
            if name.startswith("accelerator_type:"):
                counted[name] = counted.get(name, 0.0) + node["Resources"].get("GPU", 0.0)
    return {"resources": {max(counted, key=counted.__getitem__): 0.001}} if counted else {}


def _room(nodes: Sequence[Mapping[str, Any]], wants: Mapping[str, Any]) -> int:
    """How many cells the living machines have room for, be they busy or not."""
    asked = {"CPU": wants["num_cpus"], "GPU": wants.get("num_gpus", 0.0), **wants.get("resources", {})}
    each = (
        min(math.floor(node["Resources"].get(name, 0.0) / least + 1e-9) for name, least in asked.items() if least)
        for node in nodes
        if node["Alive"]
    )
    return sum(each)
