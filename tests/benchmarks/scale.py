"""Does the cost grow linearly, and does it fit? Speeds and memory from small data to large.

    python tests/benchmarks/scale.py [--out data/scale.csv] [--steps 60] [--most 10000000]
    python tests/benchmarks/scale.py --mapped --most 100000000 [--out data/mapped.csv]
    python tests/benchmarks/scale.py --epoch --least 10000000 --most 100000000 [--out data/epoch.csv]

Planted data of 0.1, 1 and 10 million events, then of 10 thousand to 1 million items; each size in a process of its own:
seconds to prepare the data, examples a second of training (parallel arm), scores a second of ranking at most 4,096 test
events against the whole catalogue, and the most memory that each part held. Exit code 1 where training or ranking held
8 GB. Drawing planted events takes time as events x items, so that large catalogues come with few events here.

With `--mapped` data past memory, 1 to 100 million events and 0.1 to 10 million items: the same laws, but an event
chooses among a few items that are drawn for it, so that time grows with the events alone; after a million events they
come again, with other users. It is written part by part into files, kept as the cache keeps data, mapped, and shuffled
by blocks; 300 steps are trained and 64 test events ranked. Seconds are those of the processor. `own GB` is what the
process held without pages of the file, which the system takes back where it needs them. 100 million events take 12 GB
of disk while they are written.

With `--epoch` data past memory is trained for one whole epoch, and none of its events comes twice. What that is good
for is told as recall: the share of 512 test events whose item is among the first hundredth of the catalogue, ranked
exactly, before and after. A model that knows nothing has 1%. As an event chooses among 8 items that nothing foretells,
and any of 8 is there with a chance of 1 - 0.99^8, nobody can have more than 7.7%.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from pdcn import sources as datasets
from pdcn.dials import assemble
from pdcn.nn.two_tower import two_towers
from pdcn.sources import cache, planted_laws, planted_world
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import time_bounds
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, CategoryField, NumberField
from pdcn.sources.planted import PlantedData
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import model_ranks
from pdcn.tasks.task import VALIDATION_EVENTS
from pdcn.training.device import calm_threads
from pdcn.training.loop import Trainer
from pdcn.training.throughput import STATUS, WARM_UP, forget_peak, peak_memory

CPU, LIMIT = torch.device("cpu"), 8e9
ROWS, OFFERED, STEPS, RANKED, JUDGED, SHARE = 1_000_000, 8, 300, 64, 512, 100
"""Past memory: rows that are drawn at once, items that an event chooses among, steps, and test events ranked; those
ranked after an epoch, and into how many parts the catalogue is cut, of which they have to find the first."""
SIZES: tuple[dict[str, Any], ...] = (
    *({"events": events, "items": 500} for events in (100_000, 1_000_000, 10_000_000)),
    *({"events": 4_000_000_000 // items, "items": items} for items in (10_000, 100_000, 1_000_000)),
)
MAPPED = tuple({"events": events, "items": events // 10} for events in (1_000_000, 10_000_000, 100_000_000))


class Drawn:
    """A planted world whose events are drawn part by part into files of a folder."""

    def __init__(self, settings: PlantedData, folder: Path, events: int, items: int, different: int = ROWS) -> None:
        self.settings, self.folder, self.counts = settings, folder, {"query": events, "item": items}
        self.different = min(different, events)
        self.laws = dict(zip(("query", "item"), planted_world.world(settings), strict=True))
        self.draw = np.random.default_rng([settings.data_seed, 2_026])

    def file(self, name: str, kind: type, *shape: int) -> NDArray[Any]:
        """An empty array in a file."""
        return np.lib.format.open_memmap(self.folder / f"{name}.npy", "w+", kind, shape)

    def table(self, side: planted_laws.SideName, most: int) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Fill the first rows of a side's table, `most` of them; the rows of each part, and their latents (rows, h)."""
        count, own, law = self.counts[side], self.settings, self.laws[side]
        codes = self.file(f"{side} codes", np.int32, count, own.fields)
        values = self.file(f"{side} values", np.float32, count, own.numbers)
        for rows in planted_laws.slices(min(most, count), ROWS):
            many = rows.stop - rows.start
            picks = planted_laws.picked(self.draw, law.chances, many, own.fields)
            numbers = planted_laws.normals(self.draw, many, own.numbers)
            codes[rows], values[rows] = picks + 1, numbers
            yield rows, law.latents(picks, numbers)
        for rows in planted_laws.slices(count, ROWS):
            if rows.start >= most:  # what comes again
                again = slice(0, rows.stop - rows.start)
                codes[rows], values[rows] = codes[again], values[again]

    def dataset(self) -> Dataset:
        """The world: every event chooses among OFFERED items, a run of neighbours, for rows of items say nothing."""
        events, items = self.counts.values()
        latents = self.file("latents", np.float32, items, planted_laws.WIDTH)
        for rows, found in self.table("item", items):
            latents[rows] = found
        heat = planted_world.temperature(self.settings)
        positive, user, when = (self.file(name, np.int64, events) for name in ("positive", "user", "when"))
        for rows, found in self.table("query", self.different):
            first = self.draw.integers(0, items - OFFERED, len(found))
            for part in planted_laws.slices(len(found), 50_000):
                near = first[part, None] + np.arange(OFFERED)
                logits = np.einsum("nh,noh->no", found[part], latents[near]) / heat
                chosen = first[part] + (logits + self.draw.gumbel(size=logits.shape)).argmax(1)
                positive[rows.start + part.start : rows.start + part.stop] = chosen
        for rows in planted_laws.slices(events, ROWS):
            many = rows.stop - rows.start
            user[rows] = self.draw.integers(0, max(10, events // 100), many)
            when[rows] = np.arange(rows.start, rows.stop)
            if rows.start >= self.different:
                positive[rows] = positive[:many]
        (self.folder / "latents.npy").unlink()
        return Dataset(
            "planted",
            "Planted crosses",
            "",
            self.read("query"),
            self.read("item"),
            tuple(map(str, range(items))),
            positive,
            user,
            when,
            time_bounds(events),
        )

    def read(self, side: str) -> Table:
        """The table of a side, from its files."""
        values = (UNKNOWN, *(f"v{value}" for value in range(1, self.settings.values + 1)))
        fields = tuple(CategoryField(f"{side[0]}{at}", f"Field {at}", values) for at in range(self.settings.fields))
        numbers = tuple(
            NumberField(f"{side[0]}n{at}", f"Number {at}", "", 0.0, 1.0) for at in range(self.settings.numbers)
        )
        codes, rows = (np.load(self.folder / f"{side} {name}.npy", mmap_mode="c") for name in ("codes", "values"))
        return Table(fields, numbers, codes, rows)


@contextmanager
def own_memory() -> Iterator[list[int]]:
    """The most bytes, in a list of one, that this process holds of its own, without pages of files."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="ascii").splitlines())
            most[0] = max(most[0], int(lines["RssAnon"].split()[0]) * 1024)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def past_memory(events: int, items: int, different: int = ROWS) -> Dataset:
    """Data of such a size, drawn into files, kept as the cache keeps it, and mapped from there."""
    home = Path(os.environ["PDCN_HOME"])
    with tempfile.TemporaryDirectory(dir=home) as folder:
        cache.save(Drawn(PlantedData(), Path(folder), events, items, different).dataset(), home / "mapped.npz")
    return cache.load(home / "mapped.npz")


def measured(values: dict[str, Any], steps: int, mapped: bool) -> dict[str, Any]:
    """One size, here and now."""
    calm_threads()
    size = {"shuffle": "blocks"} if mapped else values
    experiment = assemble({"data": "planted", "match": "none", "epochs": 200, "evaluations": 1, "patience": 0, **size})
    now = time.process_time if mapped else time.perf_counter
    forget_peak(CPU)
    start = now()
    dataset = past_memory(**values) if mapped else datasets.load(experiment.data)
    row: dict[str, Any] = {"events": len(dataset.queries), "items": len(dataset.items)}
    row |= {"prepare_seconds": now() - start, "prepare_bytes": peak_memory(CPU)}
    forget_peak(CPU)
    with own_memory() as own:
        data = DeviceData(dataset, CPU)
        trainer = Trainer(data, experiment, "parallel", 0, lambda *_: 0.0)
        trainer.lap(WARM_UP)
        steps = STEPS if mapped else steps
        start = now()
        trainer.lap(steps)
        took = now() - start
        row |= {"examples_per_second": steps * experiment.training.batch / took, "train_bytes": peak_memory(CPU)}
        forget_peak(CPU)
        every = dataset.events("test")
        most = RANKED if mapped else VALIDATION_EVENTS
        events = every[np.linspace(0, len(every) - 1, min(most, len(every))).astype(np.int64)]
        start = now()
        model_ranks(two_towers(trainer.model), data, events)
        took = now() - start
    row |= {"scores_per_second": len(events) * len(dataset.items) / took, "rank_bytes": peak_memory(CPU)}
    return row | {"own_bytes": own[0]}


def epoch(values: dict[str, Any]) -> dict[str, Any]:
    """One whole epoch of one size, here and now, and what it was good for."""
    calm_threads()
    told = {"match": "none", "epochs": 1, "evaluations": 1, "patience": 0, "schedule": "cosine", "shuffle": "blocks"}
    experiment = assemble({"data": "planted", **told})
    dataset = past_memory(**values, different=values["events"])
    events = dataset.events("test", JUDGED)
    forget_peak(CPU)
    with own_memory() as own:
        data = DeviceData(dataset, CPU)
        trainer = Trainer(data, experiment, "parallel", 0, lambda *_: 0.0)
        made = _peak()
        before = recall_of(trainer, events)
        ranked = _peak()
        start, begun = time.process_time(), time.perf_counter()
        trainer.lap(trainer.steps)
        took, waited = time.process_time() - start, time.perf_counter() - begun
        trained = max(made, _peak())
        after = recall_of(trainer, events)
    return {
        "events": len(dataset.queries),
        "items": len(dataset.items),
        "steps": trainer.step,
        "examples_per_second": trainer.step * experiment.training.batch / took,
        "minutes": waited / 60,
        "before": before,
        "after": after,
        "train_bytes": trained,
        "rank_bytes": max(ranked, _peak()),
        "own_bytes": own[0],
    }


def _peak() -> int:
    """The most bytes that this process held since this was last asked."""
    found = peak_memory(CPU)
    forget_peak(CPU)
    return found


def recall_of(trainer: Trainer, events: NDArray[np.int64]) -> float:
    """The share of these test events whose item is among the first hundredth of the catalogue."""
    ranks = model_ranks(two_towers(trainer.model), trainer.data, events)
    return float(np.mean(ranks < len(trainer.data.dataset.items) // SHARE))


def gigabytes(found: pd.DataFrame, *parts: str) -> dict[str, pd.Series]:
    """Columns of the most memory that each of these parts held."""
    return {f"{part} GB": (found[f"{part}_bytes"] / 1e9).map("{:.1f}".format) for part in parts}


def shown_epochs(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of whole epochs, in words."""
    found = pd.DataFrame(rows)
    return pd.DataFrame(
        {
            **{name: found[name].map("{:,}".format) for name in ("events", "items", "steps")},
            "thousand examples/s": (found["examples_per_second"] / 1e3).map("{:.1f}".format),
            "minutes": found["minutes"].map("{:.1f}".format),
            **{f"recall@1% {name}": found[name].map("{:.1%}".format) for name in ("before", "after")},
            **gigabytes(found, "train", "rank", "own"),
        }
    )


def shown(rows: list[dict[str, Any]], mapped: bool) -> pd.DataFrame:
    """The table of these sizes, in words."""
    found = pd.DataFrame(rows)
    parts = ("prepare", "train", "rank", "own") if mapped else ("prepare", "train", "rank")
    return pd.DataFrame(
        {
            "events": found["events"].map("{:,}".format),
            "items": found["items"].map("{:,}".format),
            "prepare s": found["prepare_seconds"].map("{:.1f}".format),
            "thousand examples/s": (found["examples_per_second"] / 1e3).map("{:.1f}".format),
            "million scores/s": (found["scores_per_second"] / 1e6).map("{:.0f}".format),
            **gigabytes(found, *parts),
        }
    )


def main() -> int:
    """Print the table, and keep it; 0 if everything fits."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", help="write the table there, as CSV")
    options.add_argument("--steps", type=int, default=60)
    options.add_argument("--most", type=int, default=10_000_000, help="leave larger sizes out")
    options.add_argument("--least", type=int, default=0, help="leave smaller sizes out")
    options.add_argument("--mapped", action="store_true", help="data past memory")
    options.add_argument("--epoch", action="store_true", help="data past memory, one whole epoch of each size")
    options.add_argument("--one", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        size = json.loads(chosen.one)
        print(json.dumps(epoch(size) if chosen.epoch else measured(size, chosen.steps, chosen.mapped)))
        return 0
    rows = []
    for size in MAPPED if chosen.mapped or chosen.epoch else SIZES:
        if not chosen.least <= max(size.values()) <= chosen.most:
            continue
        command = [sys.executable, __file__, "--steps", str(chosen.steps), "--one", json.dumps(size)]
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [*command, *["--mapped"] * chosen.mapped, *["--epoch"] * chosen.epoch],
                env={**os.environ, "PDCN_HOME": home},
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            sys.exit(f"{size}: ended with {done.returncode}: {done.stderr[-500:]}")
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{size}: done", file=sys.stderr)
        table = shown_epochs(rows) if chosen.epoch else shown(rows, chosen.mapped)
        if chosen.out:
            table.to_csv(chosen.out, index=False)
    print(table.to_string(index=False))
    return 1 if any(row[f"{part}_bytes"] >= LIMIT for row in rows for part in ("train", "rank")) else 0


if __name__ == "__main__":
    sys.exit(main())
