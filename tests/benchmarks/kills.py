"""Ends the worker, the server, imports and analyses, takes folders away and fills the disk: is anything lost?

    python tests/benchmarks/kills.py [--moments 50] [--seed 7]

Makes a small disk where it may (root on Linux), and a home on it; elsewhere the disk is not filled. Ends with exit
code 1 at the first finished result that is lost or changed, and at the first half file with its whole name. The same
seed draws the same disturbances; when each of them comes is the machine's to say. `tests/unit/jobs/test_kills.py` is
its short form.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import pytest

from pdcn.jobs.analysis import Analysis
from pdcn.pages.crosses import CROSSES
from tests.benchmarks.visitors import arrive
from tests.browser.driver import ANALYST, App, wait_for
from tests.disks import fill, small_disk
from tests.kills import Kills, patient

MEGABYTES = 256
PATIENCE = 900.0
"""Seconds that an analysis may take on a machine whose cores others keep busy."""
FILLED = 2.0
"""Seconds for which the disk has no room."""


class Longer(Kills):
    """As in the short form, with a server whose visitors look around, with analyses, and with a disk that is full."""

    app: App | None = None

    def server(self) -> None:
        """Kill the server while somebody opens its pages; another one has to serve the same home."""
        self.app = self.app or App(self.home)
        if self.app.process is None:
            self.app.start()
        app = self.app
        looking = patient(lambda: asyncio.run(self._look(app)))
        self._rest()
        app.kill()
        looking.join(1)
        app.start()

    async def _look(self, app: App) -> None:
        visitor, _ = await arrive(app.url, "showcase")
        while True:
            for page in ("runs", "compare", "crosses"):
                await visitor.view(page)

    def analyst(self) -> None:
        """Kill whoever works an analysis out; another one has to work it out to its end."""
        run = self.dice.choice(sorted({*self.finished} - self.taken))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PDCN_HOME", str(self.home))
            analysis = Analysis.of(self.store.folder(run), CROSSES)
            analysis.ask()
            time.sleep(self.dice.uniform(0.0, 6.0))
            App(self.home, port=1).kill_workers(ANALYST)
            assert not analysis.done or analysis.tables
            self.worker()
            analysis.ask()
            wait_for(lambda: analysis.done, PATIENCE)
            assert analysis.tables

    def disk(self) -> None:
        """Fill the disk while a run is at work, and kill the worker there in half of the cases."""
        taken = fill(self.home)
        time.sleep(self.dice.uniform(0.0, FILLED))
        if self.dice.random() < 0.5:
            self.worker()
        taken.unlink()

    def stop(self) -> None:
        """End all that is at work."""
        super().stop()
        (self.app or App(self.home, port=1)).stop()


@contextmanager
def place() -> Iterator[tuple[Path, bool]]:
    """A home, and whether it lies on a disk of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with suppress(pytest.skip.Exception):
            with small_disk(Path(folder) / "disk", MEGABYTES) as disk:
                yield disk, True
            return
        yield Path(folder) / "home", False


def main() -> None:
    """Disturb, look, and say what was disturbed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--moments", type=int, default=50)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    with place() as (home, own_disk):
        kills = Longer(home, chosen.seed)
        ways: list[Callable[[], None]] = [
            *(kills.worker, kills.worker, kills.visitor, kills.folder, kills.index, kills.server, kills.analyst),
            *(kills.importer, kills.importer),
            *([kills.disk] if own_disk else []),
        ]
        begun = time.monotonic()
        try:
            kills.begin()
            for number in range(chosen.moments):
                kills.moment(ways[number] if number < len(ways) else kills.dice.choice(ways))
                print(f"{number + 1:>4} {time.monotonic() - begun:>6.0f} s  {kills.done[-1]}", flush=True)
            kills.end()
        finally:
            kills.stop()
        counts = Counter(one.partition(":")[0] for one in kills.done)
        print(", ".join(f"{name} {count}" for name, count in counts.most_common()))
        print(
            f"{len(kills.finished)} finished runs, {len(kills.taken)} folders taken away: nothing lost, nothing half."
        )


if __name__ == "__main__":
    main()
