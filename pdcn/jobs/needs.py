"""What a study will need, said before it starts: memory, disk and time, from its settings alone. Knows no torch.

Sizes follow from the settings. What a row, a weight or a step costs beyond its own numbers was fitted to the peak
memory of whole studies; `python tests/benchmarks/needs.py` measures that again, beside what is said here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from pdcn.config import RETRIEVAL, Experiment, Network
from pdcn.crossings import CROSSINGS
from pdcn.dials import assemble, changed
from pdcn.environment import LONGEST_MINUTES
from pdcn.files import SHOWCASE, room
from pdcn.host import cores
from pdcn.jobs import words as say
from pdcn.runs.usage import over_limit
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.source import TableSize
from pdcn.sources.table.limits import Limits
from pdcn.tasks import TASKS
from pdcn.training.tuning import epochs_of
from pdcn.wirings import wiring_of, wirings
from pdcn.words import duration, plural, size

IMPORTED, IMPORTING = 5, 100e6
"""Bytes of memory that an import takes for each of its text, as long as it may, and what its libraries take."""
LYING = 3
"""Bytes of disk for each byte of text: its copy, its table, and what does not fit the memory meanwhile."""
NUMBER = 4
"""Bytes of a float32 or an int32."""
PROCESS = 430e6
"""Bytes of a worker that has loaded its libraries and trains next to nothing."""
COPIES, WORDS = 4, 100
"""How often a row of a table is held while data is prepared and trained on, and bytes of what else it carries."""
WEIGHTS = 7
"""Copies of a weight: itself, its gradient, two moments, the best so far, the start, and the file in the making."""
ACTIVATIONS = 3
"""Copies of what a layer puts out: for the loss, for its gradient, and between the two."""
TRAIN_SHARE, TEST_SHARE = 0.85, 0.1
FEWEST_STEPS = 10
"""Steps below which a training learns nothing: `FEWEST_STEPS` of `pdcn.training.loop`, which only torch can load."""
SCORES_A_SECOND = 150e6
"""Of a core that ranks the test events."""
ROWS_A_SECOND = 170e3
"""Events of planted data that are prepared in a second."""
FASTEST = 100e3
"""Examples that a core trains in a second at most, however small the towers."""
SPARE = 0.9
"""The share of the free memory or disk that a study may take."""
SMALLER = ("batch", "negatives", "events", "items", "embedding")
"""Dials that a smaller offer turns down, in this order."""


@dataclass(frozen=True)
class Needs:
    """What a study needs at most: bytes of memory, bytes of disk, and seconds where no early stop shortens it."""

    memory: float
    disk: float
    seconds: float
    sooner: bool = False
    """Whether trainings end before, as soon as validation gets no better."""
    steps: int = FEWEST_STEPS
    """About how many steps a training takes at most."""

    @property
    def words(self) -> str:
        """In one sentence.

        >>> Needs(0.61e9, 5e6, 81).words
        'About 1 min 20 s and 0.6 GB of memory on this machine.'
        >>> Needs(0.61e9, 5e6, 310, sooner=True).words
        'At most about 5 min, usually much less, and 0.6 GB of memory on this machine.'
        """
        if self.sooner:
            return say.NEEDS_AT_MOST(time=duration(self.seconds), memory=size(self.memory))
        return say.NEEDS(time=duration(self.seconds), memory=size(self.memory))

    @property
    def too_few_steps(self) -> str:
        """That trainings are too short to learn anything, in words; nothing where they are not.

        >>> Needs(0.61e9, 5e6, 5, steps=4).too_few_steps
        'A training takes only about 4 steps, too few to learn from. Use a smaller batch, more epochs or more events.'
        """
        return say.TOO_FEW_STEPS(steps=plural(self.steps, "step")) if self.steps < FEWEST_STEPS else ""


def needs(experiment: Experiment, speed: float | None = None) -> Needs:
    """What an experiment needs; `speed` is the FLOPs a second of a core, by default as in the showcase's training."""
    data, task = SOURCES[experiment.data.source].size(experiment.data), TASKS.get(experiment.task, TASKS[RETRIEVAL])
    query, item = replace(data.query, rows=data.query.rows * task.rows(experiment)), data.item
    sides = query, item
    training, beside = experiment.training, max(1, cores() // len(experiment.arms))
    trainings = len(experiment.arms) * experiment.looks[-1]  # at most
    at_once = len(experiment.arms) * min(beside, experiment.seeds)
    lanes = min(cores(), at_once)
    batch = min(training.batch, query.rows)
    networks = experiment.networks()
    crossed = [_crossed(experiment, place) for place in range(2)]
    dense = sum(_dense(_width(side, net), net, of) for side, net, of in zip(sides, networks, crossed, strict=True))
    encoded = [_encoded(side, net) for side, net in zip(sides, networks, strict=True)]
    work = dense + sum(each for _, each, _ in encoded)
    dense += sum(weights for weights, _, _ in encoded)
    tables = sum(_tables(side, net) for side, net in zip(sides, networks, strict=True))
    examples = (1 + training.negatives / batch, 1.0)  # the item tower sees the uniform negatives too
    seen = (batch, min(int(batch * examples[0]), item.rows))
    layers = sum(
        n * (_outputs(_width(side, net), net, of) + outputs)
        for n, side, net, of, (_, _, outputs) in zip(seen, sides, networks, crossed, encoded, strict=True)
    )
    trainer = NUMBER * (WEIGHTS * (dense + tables) + ACTIVATIONS * layers + 4 * batch * networks[0].output)
    trainer += 2 * NUMBER * query.rows * experiment.resampled  # the events that were drawn
    worlds = len({experiment.data_of(seed) for seed in experiment.seed_list})
    memory = PROCESS + data.reading + worlds * (_bytes(query) + _bytes(item)) + at_once * trainer
    tests = TEST_SHARE * query.rows
    disk = NUMBER * (trainings * (dense + tables + tests) + 5 * len(experiment.arms) * (dense + tables))
    disk += worlds * (_bytes(query) + _bytes(item)) / COPIES
    speed = speed or _speed()
    each = training.updates * batch / query.rows if training.updates else training.epochs
    epochs = trainings * each + len(experiment.arms) * epochs_of(experiment)
    per_example = max(2 * work * (1 + examples[0]) / 2 / speed, 1 / FASTEST)
    seconds = epochs * TRAIN_SHARE * query.rows * per_example / lanes
    seconds += (
        trainings * task.scores(int(tests), item.rows) / SCORES_A_SECOND / lanes
        + worlds * query.rows / ROWS_A_SECOND
        + 5
    )
    sooner = training.schedule == "plateau" and training.patience > 0
    steps = training.updates or max(1, int(TRAIN_SHARE * query.rows) // training.batch) * training.epochs
    return Needs(memory, disk, seconds, sooner, steps)


def refusal(experiment: Experiment, home: Path) -> str:
    """Why a study does not fit this machine, with a smaller offer, in a sentence or two; nothing where it fits.

    Also why its data is not there, where that is known already.
    """
    try:
        wants, free = needs(experiment), free_memory()
    except SettingError as error:
        return str(error)
    disk = room(home)
    if said := over_limit(home, wants.disk):
        return said
    longest = 60.0 * LONGEST_MINUTES()
    if wants.memory <= SPARE * free and wants.disk <= SPARE * disk and wants.seconds <= longest:
        return ""
    if not disk:
        return say.DISK_FULL(folder=home)
    if wants.seconds > longest:
        return say.TOO_LONG(needed=duration(wants.seconds), longest=duration(longest))
    if wants.memory > SPARE * free:
        said = say.NEEDS_MEMORY(needed=size(wants.memory), free=size(free))
    else:
        said = say.NEEDS_DISK(needed=size(wants.disk), free=size(disk), folder=home)
    offer = smaller(experiment, SPARE * free, SPARE * disk)
    if offer is None:
        return say.CHOOSE_LESS(why=said)
    key, text = _turned(experiment, offer)
    return say.FITS_WITH(why=said, setting=key.replace("_", " "), value=text)


def check(experiment: Experiment, home: Path) -> None:
    """`SettingError` where a study does not fit this machine."""
    said = refusal(experiment, home)
    if said:
        raise SettingError(said)


def check_import(text: float, home: Path) -> None:
    """`SettingError` where the import of so many bytes of text does not fit this machine.

    `tests/benchmarks/own_data.py` measures what one takes.
    """
    memory = IMPORTING + min(IMPORTED * text, 1.25e6 * Limits.here().memory)
    disk, free, left = LYING * text, free_memory(), room(home)
    if said := over_limit(home, disk):
        raise SettingError(said)
    if memory > SPARE * free:
        raise SettingError(say.IMPORT_MEMORY(needed=size(memory), free=size(free)))
    if disk > SPARE * left:
        raise SettingError(say.IMPORT_DISK(needed=size(disk), free=size(left), folder=home))


def offered(experiment: Experiment, home: Path) -> Experiment | None:
    """The nearest smaller experiment that fits this machine, with one dial turned down; None where there is none, or
    where it takes too long."""
    with suppress(SettingError):  # its data is not there
        if needs(experiment).seconds > 60.0 * LONGEST_MINUTES() or over_limit(home, 0.0):
            return None
        return smaller(experiment, SPARE * free_memory(), SPARE * room(home))
    return None


def smaller(experiment: Experiment, memory: float, disk: float) -> Experiment | None:
    """The experiment with the first of `SMALLER` halved until it fits; None where no dial alone is enough."""
    for key in SMALLER:
        for halved in _halved(experiment, key):
            wants = needs(halved)
            if wants.memory <= memory and wants.disk <= disk:
                return halved
    return None


def _halved(experiment: Experiment, key: str) -> list[Experiment]:
    texts: Mapping[str, Any] = {
        "batch": experiment.training.batch,
        "negatives": experiment.training.negatives,
        "embedding": experiment.network.embedding,
        **{name: getattr(experiment.data, name, 0) for name in ("events", "items")},
    }
    value, found = int(texts[key]) // 2, []
    while value > 0:
        with suppress(SettingError):  # below what the dial takes
            found.append(assemble({key: value}, experiment))
        value //= 2
    return found


def _turned(experiment: Experiment, offer: Experiment) -> tuple[str, str]:
    """The dial that an offer turned down, and what it is now."""
    ((key, text),) = ((key, text) for key, text in changed(offer, experiment).items() if key in SMALLER)
    return key, f"{int(text):,}"


def free_memory() -> float:
    """Bytes that a new process can take: what is free, within the limit that this process runs under."""
    free = float(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no such limit, or "max"
        limit = float(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
        free = min(free, limit - float(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii")))
    return max(0.0, free)


def _bytes(side: TableSize) -> float:
    columns = len(side.values) + sum(places for _, places in side.bags) + side.numbers
    return side.rows * (COPIES * NUMBER * columns + WORDS)


def _width(side: TableSize, network: Network) -> int:
    read = sum(network.sequence_width(places) - network.bag_width for places in side.sequences)
    return sum(network.widths(side.values, len(side.bags))) + side.numbers + read


def _encoded(side: TableSize, network: Network) -> tuple[int, int, int]:
    """Weights of what encodes the sequences of a side, how many products of two numbers it makes of a row, and how many
    numbers its layers put out."""
    if network.sequence != "transformer":
        return 0, 0, 0
    width, weights, products, outputs = network.bag_width, 0, 0, 0
    for places in side.sequences:
        whole, each = places * width, network.sequence_layers * 12 * width**2
        projection = {
            "linear": whole * network.projected,
            "mlp": (whole + network.projected) * network.projection_hidden,
            "dcn": network.projection_layers * whole**2 + whole * network.projected,
            "dcn_low": 2 * network.projection_layers * whole * network.projection_rank + whole * network.projected,
            "flat": 0,
        }[network.projection]
        weights += each + projection + whole
        products += places * each + 2 * network.sequence_layers * places * whole + projection
        outputs += whole * (2 + 12 * network.sequence_layers + 4 * network.projection_layers)
        outputs += network.sequence_layers * network.attending * places**2
    return weights, products, outputs


def _tables(side: TableSize, network: Network) -> int:
    """Weights of the embeddings."""
    values = (*side.values, *(values for values, _ in side.bags))
    widths = network.widths(side.values, len(side.bags))
    return sum(count * width for count, width in zip(values, widths, strict=True))


Crossed = Sequence[Sequence[str]]
"""The kinds of a tower's cross networks, of several arms; estimates take the arm with the most."""


def _crossed(experiment: Experiment, place: int) -> Crossed:
    """Of the arms' towers at a place, and of a tower with one cross network as the settings have it.

    The deep layers of a bridged part are as wide as x0, as full cross layers are, and are counted as such.
    """
    otherwise, found = experiment.networks()[place].cross, []
    for arm in experiment.arms:
        wiring = wiring_of(wirings(arm)[place])
        bridged = ("full" for part in wiring.parts.values() if part.kind == "bridged")
        found.append((*wiring.crossings(otherwise), *bridged))
    return [(otherwise,), *found]


def _dense(width: int, network: Network, crossed: Crossed) -> int:
    """Weights of a tower outside its tables, as if cross and deep stood side by side."""
    cross = network.cross_layers * max(sum(CROSSINGS[kind].weights(width, network) for kind in own) for own in crossed)
    steps = [width, *network.deep]
    deep = sum(a * b for a, b in pairwise(steps))
    head = [width + network.deep[-1], *network.head, network.output]
    return cross + deep + sum(a * b for a, b in pairwise(head))


def _outputs(width: int, network: Network, crossed: Crossed) -> int:
    """Numbers that the layers of a tower put out for one row."""
    kinds = (sum(CROSSINGS[kind].outputs(width, network) for kind in own) for own in crossed)
    crosses = network.cross_layers * max(kinds)
    return 2 * width + crosses + 2 * sum(network.deep) + width + sum(network.head) + 2 * network.output


@cache
def _speed() -> float:
    """FLOPs a second of a core, as the showcase was trained."""
    arms = json.loads((SHOWCASE / "result.json").read_text(encoding="utf-8"))["arms"].values()
    return max(float(arm["flops_per_example"] * arm["examples_per_second"]) for arm in arms)
