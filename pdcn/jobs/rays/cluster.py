"""Cells on their way to the machines of a cluster and back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pdcn.jobs import words as say
from pdcn.jobs.cells import Bench, Benches, Cell, Keeper, Lost, Trained, by_world
from pdcn.jobs.rays.address import Address
from pdcn.jobs.rays.desk import Desk
from pdcn.jobs.rays.room import one_kind, room_of
from pdcn.jobs.rays.there import calmly, carry_out

POLL_SECONDS, HELD_SECONDS = 0.1, 0.3
"""How often a cell is asked for, and after which wait a pause is passed on."""
STEP_SECONDS = 10.0
"""Seconds that a step may take before others can be asked for; it goes on by itself."""

LOOK_SECONDS = 5.0
"""How often the machines are counted while cells wait."""

ATTEMPTS = 5
"""So often a cell is begun whose process or machine is lost."""

PATIENCE = 30.0
"""Seconds that a cell has to answer a stop before its process is ended by force."""

FETCH_SECONDS = 600.0

BESIDE_THE_HEAD = {"node:__internal_head__": 0.001}


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
        self.wants = {**address.wants, **one_kind(ray.nodes(), address.wants)}
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
        room, looked = room_of(self.ray.nodes(), self.wants), time.monotonic()
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
                room, looked = room_of(self.ray.nodes(), self.wants), time.monotonic()
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
