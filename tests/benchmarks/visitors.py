"""What a view of a page costs the server, and how long many visitors wait while a study trains.

    python tests/benchmarks/visitors.py [--sessions 20] [--seconds 60] [--out FILE]

Starts the app with a home of its own and a study in its worker. Visitors speak the protocol of Streamlit's browser part
over its WebSocket, so no browser takes the server's cores. First one visitor opens every page of the showcase, once
cold and then again: what the server's process computes for a view and what it sends. Then all of them click through the
pages in random order, each looking at a page for 1 to 4 s, while one more watches the study: the wait from the click to
the end of the script. Prints one table and, with `--out`, writes it as CSV.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pdcn.dials import assemble
from pdcn.files import SHOWCASE
from pdcn.jobs.submit import submit
from pdcn.runs.folder import OVER
from tests.browser.driver import App, wait_for

LOOK = (1.0, 4.0)
"""Seconds that a visitor looks at a page, the shortest and the longest."""
KEPT_RUNS = 2
"""A browser keeps a large message for so many runs of the script, and need not be sent it again meanwhile."""
PATIENCE = 120.0


@dataclass
class Visitor:
    """One session of the app, as a browser would hold it."""

    socket: websockets.ClientConnection
    query: str
    pages: dict[str, str] = field(default_factory=dict)
    page: str = ""
    received: int = 0
    faults: list[str] = field(default_factory=list)
    runs: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take in what the server sends until the connection ends."""
        with suppress(websockets.ConnectionClosed):
            async for data in self.socket:
                self.received += len(data)
                self._take(ForwardMsg.FromString(data))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            self.kept[message.ref_hash] = self.runs
        elif message.metadata.cacheable:
            self.kept[message.hash] = self.runs
        if kind == "navigation":
            self.pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            self.runs += 1
            self.stop_timers(list(self.timers))
        elif kind == "auto_rerun":
            self.stop_timers([message.auto_rerun.fragment_id])
            self.timers[message.auto_rerun.fragment_id] = asyncio.create_task(
                self._again(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            )
        elif kind == "stop_auto_rerun":
            self.stop_timers(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            self.faults.append(f"{self.page}: {message.delta.new_element.exception.message}")
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.kept = {name: run for name, run in self.kept.items() if run > self.runs - KEPT_RUNS}
            self.finished.set()

    async def _again(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._ask(fragment_id=fragment, is_auto_rerun=True)

    def stop_timers(self, fragments: list[str]) -> None:
        """Let parts of the page no longer be drawn anew by the clock."""
        for fragment in fragments:
            if timer := self.timers.pop(fragment, None):
                timer.cancel()

    async def _ask(self, **more: Any) -> None:
        state = ClientState(
            query_string=self.query,
            page_script_hash=self.pages.get(self.page, ""),
            cached_message_hashes=list(self.kept),
            **more,
        )
        state.context_info.color_scheme = "light"
        await self.socket.send(BackMsg(rerun_script=state).SerializeToString())

    async def view(self, page: str) -> float:
        """Open a page; seconds from the click until its script has finished."""
        self.finished.clear()
        self.stop_timers(list(self.timers))
        self.page = page
        start = time.perf_counter()
        await self._ask()
        await asyncio.wait_for(self.finished.wait(), PATIENCE)
        return time.perf_counter() - start


async def arrive(url: str, run: str) -> tuple[Visitor, asyncio.Task[None]]:
    """A new session whose link names a run, at the first page."""
    socket = await websockets.connect(
        url.replace("http", "ws") + "_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        max_size=None,
        compression=None,
        ping_interval=None,
        proxy=None,
    )
    visitor = Visitor(socket, f"run={run}")
    listening = asyncio.create_task(visitor.listen())
    await visitor.view("")
    return visitor, listening


TABLE: list[tuple[str, ...]] = [("what", "CPU s", "wait s", "longest s", "kB sent")]


def told(what: str, *cells: str) -> None:
    """Print a line of the table, and keep it."""
    TABLE.append((what, *cells, *[""] * (len(TABLE[0]) - 1 - len(cells))))
    print(f"{what:<44}" + "".join(f"{cell:>11}" for cell in TABLE[-1][1:]), flush=True)


def spent(server: psutil.Process) -> float:
    """Seconds of processor that the server's process took so far, without its worker's."""
    times = server.cpu_times()
    return float(times.user + times.system)


def megabytes(server: psutil.Process) -> str:
    """Memory that the server's process holds."""
    return f"{server.memory_info().rss / 1e6:.0f} MB"


async def alone(app: App, server: psutil.Process, rounds: int) -> list[str]:
    """One visitor opens every page, cold and then warm; returns what went wrong."""
    visitor, listening = await arrive(app.url, SHOWCASE.name)
    names = list(visitor.pages)
    cold: dict[str, float] = {}
    warm: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        for name in random.sample(names, len(names)):
            sent, before = visitor.received, spent(server)
            wait = await visitor.view(name)
            await asyncio.sleep(0.5)  # what the server tidies up after a view is a part of its cost
            cost = spent(server) - before
            if turn == 0:
                cold[name] = cost
            else:
                warm[name].append((cost, wait, (visitor.received - sent) / 1000))
    every = []
    for name in names:
        costs, waits, kilobytes = zip(*warm[name], strict=True)
        every.append(statistics.fmean(costs))
        told(
            f"{name}, again",
            f"{every[-1]:.3f}",
            f"{statistics.median(waits):.2f}",
            f"{max(waits):.2f}",
            f"{statistics.median(kilobytes):.0f}",
        )
    told("a page, mean over pages, first", f"{statistics.fmean(cold.values()):.3f}")
    told("a page, mean over pages, again", f"{statistics.fmean(every):.3f}")
    await visitor.socket.close()
    await listening
    return visitor.faults


async def crowd(
    app: App, server: psutil.Process, study: str, sessions: int, seconds: float, dice: random.Random
) -> list[str]:
    """Many visitors at once while one watches the study; returns what went wrong."""
    waits: list[float] = []

    async def click_through(visitor: Visitor) -> None:
        await asyncio.sleep(dice.uniform(0, LOOK[1]))
        while time.monotonic() < end:
            waits.append(await visitor.view(dice.choice([name for name in visitor.pages if name != visitor.page])))
            await asyncio.sleep(dice.uniform(*LOOK))

    watcher = await arrive(app.url, study)
    everybody = [await arrive(app.url, SHOWCASE.name) for _ in range(sessions)]
    before, start = spent(server), time.monotonic()
    end = start + seconds
    await asyncio.gather(*(click_through(visitor) for visitor, _ in everybody))
    cost, lasted = spent(server) - before, time.monotonic() - start
    first, *_, last = statistics.quantiles(waits, n=20)
    told(
        f"{sessions} visitors, {len(waits)} views, median",
        f"{cost / len(waits):.3f}",
        f"{statistics.median(waits):.2f}",
        f"{max(waits):.2f}",
    )
    told(f"{sessions} visitors, the 5th and the 95th of 100", "", f"{first:.2f}", f"{last:.2f}")
    told("cores that the server took", f"{cost / lasted:.2f}")
    for visitor, listening in (watcher, *everybody):
        visitor.stop_timers(list(visitor.timers))
        await visitor.socket.close()
        await listening
    return [fault for visitor, _ in (watcher, *everybody) for fault in visitor.faults]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sessions", type=int, default=20)
    options.add_argument("--seconds", type=float, default=60, help="how long they click")
    options.add_argument("--rounds", type=int, default=3, help="warm views of each page by one visitor")
    options.add_argument("--out", metavar="FILE", help="write the table there, as CSV")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        app = App(Path(home))
        try:
            app.start()
            assert app.process
            server = psutil.Process(app.process.pid)
            study = submit(app.store, assemble({"seeds": 20, "epochs": 20}))
            wait_for(lambda: app.store.state(study.run) == "running" and study.history is not None, 300)
            print(f"{TABLE[0][0]:<44}" + "".join(f"{cell:>11}" for cell in TABLE[0][1:]))
            told("memory of the server, before any visitor", megabytes(server))
            faults = asyncio.run(alone(app, server, chosen.rounds))
            told("memory of the server, after one visitor", megabytes(server))
            dice = random.Random(7)
            faults += asyncio.run(crowd(app, server, study.run, chosen.sessions, chosen.seconds, dice))
            told("memory of the server, at the end", megabytes(server))
            if app.store.state(study.run) in OVER:
                sys.exit("The study ended before the visitors did, so they had the cores to themselves.")
            if faults:
                sys.exit("Pages showed errors: " + "; ".join(dict.fromkeys(faults)))
        finally:
            app.stop()
    if chosen.out:
        with Path(chosen.out).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(TABLE)


if __name__ == "__main__":
    main()
