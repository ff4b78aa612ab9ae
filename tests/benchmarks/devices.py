"""Does another device find what the CPU finds, and how much faster? One command repeats the check.

    python tests/benchmarks/devices.py [--device cuda] [--data planted] [--seeds 3] [--full]
    python tests/benchmarks/devices.py --device cuda --data journey --seeds 5 --full

The same study on the CPU, where every seed trains by itself, and on the device, where on CUDA all seeds of an arm train
as one recorded step: first losses must agree within 1e-4 (relative), recall of every arm within 2 points (float32 sums
in another order drift apart while training). A study's time is told after a first one of the same size on the same
device, so that preparing data and settling kernels do not count.

Then what else is written for the device, one part after the other, each with what it found or why it failed: seeds as
one step, on CUDA a recorded one, lose what each loses by itself; a model of the study ranks test events on the
device, whole and in blocks, as it does on the CPU; every form of the towers is timed (on CUDA two streams and
recorded graphs among them); data that is mapped from a file trains, shuffled by blocks, as on the CPU; towers in
bf16, and compiled ones, train about as well as plain ones; and the device's memory is given back. Exit code 1 where
anything failed or did not agree; where there is no such device, a sentence says what is missing. What bf16 and
compiled towers cost in recall, with an interval, and how fast they are, this says:

    python tests/benchmarks/agreement.py --device cuda
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.dials import assemble, quick
from pdcn.jobs.worker import Recent, carry_out
from pdcn.pages.latency.plan import QUICK
from pdcn.pages.latency.work.job import inspect
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.sources import cache
from pdcn.tasks.retrieval import ranks
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import DEVICES, available, pick
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import Trainer
from tests.benchmarks.agreement import SETTLING, Compiled, Half, Way, trained

LOSS_TOLERANCE, RECALL_TOLERANCE = 1e-4, 0.02
EVENTS, ALIKE, LEFT = 2_048, 0.99, 64e6
"""Test events that are ranked, the share of them whose rank must be the same, bytes of a device that may stay taken."""
LOSSES, LEANER_TOLERANCE = 3, 0.05
"""Steps until a loss is compared, and how far recall may move by one training of few steps."""
LOADED = Recent()
"""The data stays in memory from study to study, as in the app's worker."""


def study(device: str, data: str, seeds: int, full: bool) -> tuple[RunFolder, float]:
    """Run the study on a device; its folder and how long it took."""
    values: dict[str, Any] = {"data": data, "seeds": seeds}
    experiment = assemble(values if full else quick(values))
    store = Store()
    folder = store.create(experiment, device, own=True)
    start = time.perf_counter()
    ended = carry_out(store, folder, load=LOADED)
    if ended.state != "done":
        sys.exit(f"{device}: {ended.state}: {ended.message}")
    return folder, time.perf_counter() - start


def missing(device: str) -> str:
    """What would have to be there for a device that is not, in a sentence."""
    if device != "cuda":
        return f"expected a machine with {device}; here there is {', '.join(available())}"
    if torch.version.cuda is None:
        return (
            f"expected a torch that was built with CUDA, got {torch.__version__}; pytorch.org says how to install one"
        )
    return f"expected a GPU that torch {torch.__version__} can use, found none; see whether nvidia-smi lists one"


def together(folder: RunFolder, device: str) -> str:
    """Whether seeds as one step, on CUDA a recorded one, lose what each loses by itself."""
    experiment, data = folder.experiment, DeviceData(LOADED(folder.experiment.data), torch.device(device))
    arm, seeds = experiment.arms[0], experiment.seed_list[:2]
    alone = [Trainer(data, experiment, arm, seed).lap(LOSSES)[-1].loss for seed in seeds]
    crew = Ensemble([Trainer(data, experiment, arm, seed) for seed in seeds])
    points = {point.seed: point.loss for point in crew.lap(LOSSES)}
    worst = max(abs(points[seed] - loss) / loss for seed, loss in zip(seeds, alone, strict=True))
    if worst > LOSS_TOLERANCE:
        raise ValueError(f"expected the losses that seeds have by themselves, got others by {worst:.1e} of them")
    if device == "cuda" and crew.graph is None:
        raise TypeError("expected a recorded step, got one that is launched kernel by kernel")
    how = "recorded" if crew.graph else "not recorded, which is for CUDA"
    return f"{len(seeds)} seeds as one step, {how}, have losses that differ by {worst:.1e} of them"


def ranked(folder: RunFolder, device: str) -> str:
    """Whether ranks on the device are those of the CPU, but for near ties, and those in blocks the same."""
    found = []
    for name, whole in (("cpu", ranks.WHOLE), (device, ranks.WHOLE), (device, 0)):
        opened = TrainedRun(folder, name)
        arm = opened.arms[0]
        model, before = opened.model(arm, folder.seeds_of(arm)[0]), ranks.WHOLE
        ranks.WHOLE = whole
        try:
            found.append(ranks.model_ranks(model, opened.data, opened.events(EVENTS)))
        finally:
            ranks.WHOLE = before
    shares = [float(np.mean(found[0] == other)) for other in found[1:]]
    if min(shares) < ALIKE:
        raise ValueError(f"expected {ALIKE:.0%} of the ranks to be those of the CPU, got {min(shares):.1%}")
    return f"{shares[0]:.1%} of the ranks are those of the CPU, in blocks {shares[1]:.1%}"


def timed(folder: RunFolder, device: str) -> str:
    """Every form of the towers that the device has, at the largest batch, and why others were left out."""
    found = inspect(TrainedRun(folder), {**QUICK, "device": device, "widths": ""}, lambda *_: None)
    times, left = found["times"], found["left_out"].to_dict("records")
    own = times[(times["tower"] == "query") & (times["batch"] == times["batch"].max())]
    told = [f"{row['variant']} {row['p50']:,.0f} us" for row in own.to_dict("records")]
    return "; ".join([*told, *(f"without {row['variant']}: {row['why']}" for row in left)])


def mapped(folder: RunFolder, device: str) -> str:
    """Whether data that is mapped from a file trains on the device as on the CPU, shuffled by blocks."""
    experiment = folder.experiment
    training = experiment.training.model_copy(update={"shuffle": "blocks"})
    experiment = experiment.model_copy(update={"training": training})
    file, before = folder.path / "mapped.npz", cache.MAPPED
    cache.save(LOADED(experiment.data), file)
    cache.MAPPED = 1
    try:
        dataset = cache.load(file)
    finally:
        cache.MAPPED = before
    if not isinstance(dataset.positive, np.memmap):
        raise TypeError("expected events that are mapped, got some in memory")
    losses = []
    for name in ("cpu", device):
        trainer = Trainer(DeviceData(dataset, torch.device(name)), experiment, experiment.arms[0], experiment.seed)
        losses.append(trainer.lap(LOSSES)[-1].loss)
    if abs(losses[1] - losses[0]) > LOSS_TOLERANCE * losses[0]:
        raise ValueError(f"expected the loss of the CPU, {losses[0]:.6f}, got {losses[1]:.6f}")
    return f"a loss of {losses[1]:.6f}, on the CPU {losses[0]:.6f}"


def leaner(folder: RunFolder, device: str) -> str:
    """Whether towers in bf16, and compiled ones, find about what plain ones find."""
    data = DeviceData(LOADED(folder.experiment.data), torch.device(device))
    training = folder.experiment.training.model_copy(update={"updates": 4 * SETTLING, "patience": 0})
    experiment = folder.experiment.model_copy(update={"training": training})
    plain, speed = trained(data, experiment, Way(), experiment.seed)
    said = [f"plain towers have recall@100 {plain:.1%}"]
    for name, towers in (("in bf16", Half), ("compiled", Compiled)):
        found, fast = trained(data, experiment, Way(towers=towers), experiment.seed)
        if abs(found - plain) > LEANER_TOLERANCE:
            raise ValueError(
                f"expected recall@100 within {LEANER_TOLERANCE:.0%} of {plain:.1%}, {name} got {found:.1%}"
            )
        said.append(f"{name} {found:.1%} at {fast / speed:.2f} times the examples a second")
    return "; ".join(said)


def given_back(folder: RunFolder, device: str) -> str:
    """Whether the device's memory is free again once nothing is held."""
    LOADED.of = LOADED.dataset = None
    gc.collect()
    if device != "cuda":
        return f"nothing to give back on {device}"
    torch.cuda.empty_cache()
    left = torch.cuda.memory_allocated()
    if left > LEFT:
        raise ValueError(f"expected at most {LEFT / 1e6:.0f} MB of the device to stay taken, got {left / 1e6:.0f} MB")
    return f"{left / 1e6:.1f} MB stay taken, at most {torch.cuda.max_memory_allocated() / 1e6:,.0f} MB were"


PARTS: tuple[Callable[[RunFolder, str], str], ...] = (together, ranked, timed, mapped, leaner, given_back)


def rest(folder: RunFolder, device: str) -> bool:
    """Try every part that is left, whatever became of the one before; whether all went well."""
    well = True
    for part in PARTS:
        try:
            print(f"{part.__name__}: {part(folder, device)}", flush=True)
        except Exception:
            well = False
            print(f"{part.__name__} FAILED", flush=True)
            traceback.print_exc()
    return well


def main() -> int:
    """Print both results side by side; 0 if they agree."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--device", default=available()[0])
    options.add_argument("--data", choices=("planted", "journey"), default="planted")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--full", action="store_true", help="the default size instead of the quick one")
    chosen = options.parse_args()
    try:
        print(f"cpu against {pick(chosen.device)}")
    except SettingError as error:
        sys.exit(missing(chosen.device) if chosen.device in DEVICES else str(error))
    with tempfile.TemporaryDirectory() as home:
        os.environ["PDCN_HOME"] = home
        runs = {}
        for name in dict.fromkeys((chosen.device, "cpu")):
            same = (name, chosen.data, chosen.seeds, chosen.full)
            if name == chosen.device:
                study(*same)
            runs[name] = study(*same)
        worst_loss = worst_recall = 0.0
        first = {}
        for name, (folder, took) in runs.items():
            history, result = folder.history, folder.result
            assert history is not None
            assert result is not None
            lap = history[history["step"] > 0]["step"].min()
            first[name] = history[history["step"] == lap].set_index(["arm", "seed"])["loss"].sort_index()
            for arm, record in result["arms"].items():
                print(
                    f"{name:5} {arm:12} recall@100 {100 * record['recall']['100']:.2f}%  "
                    f"{record['examples_per_second']:,.0f} examples/s"
                )
            print(f"{name:5} whole study {took:.1f} s")
        if len(runs) == 2:
            here, there = (runs[name][0].result for name in runs)
            assert here is not None
            assert there is not None
            losses = [first[name] for name in runs]
            worst_loss = float(((losses[0] - losses[1]).abs() / losses[0]).max())
            worst_recall = max(
                abs(here["arms"][arm]["recall"][k] - there["arms"][arm]["recall"][k])
                for arm in here["arms"]
                for k in here["arms"][arm]["recall"]
            )
        print(f"largest difference: first loss {worst_loss:.1e} relative, recall {100 * worst_recall:.2f} points")
        well = rest(runs[chosen.device][0], chosen.device)
    return 0 if well and worst_loss < LOSS_TOLERANCE and worst_recall < RECALL_TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
