"""Can the verdict be trusted? Many small studies in which the truth is known, and how often it errs.

A/A: both arms are the same wiring, trained from different seeds, so that every claim of a difference is a
false alarm. A/B with a planted difference: from one of those arms every hit is taken away with a known
chance, which lowers its true recall by a known percentage and leaves all else alone. Among these differences is the one
that the verdict promises to detect, told from the trainings of another study of the kind. On planted data every
study draws another world. Beside the method stands the plain hierarchical bootstrap, which resamples the
seeds instead of adding a Student t.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from itertools import chain, pairwise
from typing import Any

import numpy as np

from pdcn.arrays import Numbers
from pdcn.config import Experiment
from pdcn.ctrl_c import heard_later
from pdcn.dials import assemble
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, headline_of
from pdcn.jobs.job import FAR, LOCAL, Job, Stopped
from pdcn.research import words as say
from pdcn.runs.folder import State
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.source import Calibration
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval.metrics import Recall, cuts_of, headline_k
from pdcn.training.version import VERSION

SEED_COUNTS = (2, 3, 5)
LOSSES = (0.02, 0.05, 0.1)
"""Shares of its hits that an arm loses in the studies with a planted difference."""
PROMISED = "A/B, as many hits lost as should be detected"
"""The difference that the verdict of another study of the kind calls detectable."""
PLAIN_RESAMPLES = 2_000


@dataclass(frozen=True)
class Judged:
    """What one study of one kind said: at the headline K, and at any K, each of the others tested after it in order."""

    kind: str
    seeds: int
    difference: float
    claimed: bool
    anywhere: bool


@dataclass(frozen=True)
class Row:
    """How often studies of one kind claimed a difference, with the exact binomial 95% interval.

    `difference` is the mean over the studies of the difference in recall at the headline K, a share;
    `wrong` counts claims of the other sign; `anywhere` counts studies that claimed a difference at any K.
    """

    kind: str
    seeds: int
    studies: int
    difference: float
    claims: int
    wrong: int
    anywhere: int
    rate: float
    low: float
    high: float


def calibrate(
    experiment: Experiment, studies: int, tick: Callable[[], None] = lambda: None, executor: str = LOCAL
) -> list[list[Judged]]:
    """Carry out the studies, a process a core or wherever the executor has room: what was said of each crew. `tick` is
    called after each study."""
    judged: list[list[Judged]] = []
    with submitting(executor, studies) as submit:
        every = [(crew, submit(judge, experiment, crew)) for crew in crews_of(studies)]
        for crew, found in every:
            judged.append(found.result())
            for _ in crew:
                tick()
    return judged


@contextmanager
def submitting(executor: str, most: int) -> Iterator[Callable[..., Future[Any]]]:
    """What submits work to processes of this machine, at most so many, or to those of a far executor.

    Nothing that was submitted goes on where the block is left by Ctrl-C or by a stop.
    """
    from pdcn.host import cores
    from pdcn.training.device import calm_threads

    kind, _, address = executor.partition("://")
    if kind in FAR:
        with import_module(FAR[kind]).connected(address) as far:
            yield far.submit
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, min(cores(), most)), spawn, initializer=calm_threads) as pool:

        def submit(*work: Any) -> Future[Any]:
            with heard_later(children_deaf=True):
                return pool.submit(*work)

        try:
            yield submit
        except (KeyboardInterrupt, Stopped):
            for child in multiprocessing.active_children():
                child.terminate()
            raise


class CalibrationJob(Job):
    """A calibration on its way into a folder, whose request says how many `studies` it has."""

    def run(self) -> State:
        """Carry it out; of one that was stopped nothing is kept."""
        studies: int = self.folder.request["studies"]
        begun = time.perf_counter()

        def tick() -> None:
            done = self.progress.done + 1
            self._say(done=done, left=(time.perf_counter() - begun) / done * (studies - done))
            if not self.control.proceed(self.progress):
                raise Stopped

        self._say(phase="studies of a known truth", total=studies)
        try:
            judged = calibrate(self.experiment, studies, tick, str(self.folder.request.get("executor", LOCAL)))
        except Stopped:
            self._say(state="stopped", phase="", left=None)
            return "stopped"
        self.folder.write_json("result.json", record_of(self.experiment, studies, judged))
        self._say(state="done", phase="", left=0.0)
        return "done"


def crews_of(studies: int) -> list[range]:
    """Numbers of the studies that are judged beside each other: two by two, or three where one would be left alone.

    >>> crews_of(5), crews_of(1)
    ([range(0, 2), range(2, 5)], [range(0, 1)])
    """
    edges = [*range(0, max(1, studies - 1), 2), studies]
    return [range(*ends) for ends in pairwise(edges)]


def count(judged: Iterable[Judged]) -> list[Row]:
    """Rows by kind and number of seeds, in the order in which they first came.

    A promise that not every study could be put to has no row: those with a small one are no sample of all.
    """
    from scipy.stats import binomtest  # takes a second to import

    groups: dict[tuple[str, int], list[Judged]] = {}
    for one in judged:
        groups.setdefault((one.kind, one.seeds), []).append(one)
    rows = []
    for (kind, seeds), ones in groups.items():
        if kind == PROMISED and len(ones) < len(groups["A/A", seeds]):
            continue
        claims = sum(one.claimed for one in ones)
        anywhere = sum(one.anywhere for one in ones)
        mean = float(np.mean([one.difference for one in ones]))
        wrong = 0 if kind.startswith("A/A") else sum(one.claimed and one.difference * mean < 0 for one in ones)
        ends = binomtest(claims, len(ones)).proportion_ci(0.95, "exact")
        rows.append(
            Row(
                kind,
                seeds,
                len(ones),
                mean,
                claims,
                wrong,
                anywhere,
                claims / len(ones),
                float(ends.low),
                float(ends.high),
            )
        )
    return rows


def judge(experiment: Experiment, crew: range) -> list[Judged]:
    """What is said of the studies of these numbers, each looking for what the one before it promises to detect."""
    trained = [trained_ranks(experiment, number) for number in crew]
    found = []
    for seeds in [count for count in SEED_COUNTS if count <= experiment.seeds]:
        some = [
            replace(ranks, cells={cell: column for cell, column in ranks.cells.items() if cell[1] < seeds})
            for ranks, _ in trained
        ]
        promises = [_promise(ranks, items) for ranks, (_, items) in zip(some, trained, strict=True)]
        for at, (ranks, (_, items), number) in enumerate(zip(some, trained, crew, strict=True)):
            promise = promises[at - 1] if len(crew) > 1 else None
            found += _study(ranks, items, promise, np.random.default_rng([number, seeds]))
    return found


def _promise(ranks: Measured, items: int) -> float:
    """The difference that the verdict on A/A calls detectable."""
    first = Recall(headline_k(items))
    (headline,) = compare(ranks, ("a", "b"), "b", [first], first, detect=0.01)
    assert headline.detectable is not None
    return headline.detectable


def _study(ranks: Measured, items: int, promise: float | None, draws: np.random.Generator) -> list[Judged]:
    """What is said of one world: without a difference, and with each that is planted."""
    k = headline_k(items)
    seeds = ranks.seeds("a")
    found = [_judged("A/A", ranks, "a", items, k)]
    plain = _plain_claims(ranks, k, draws)
    found.append(replace(found[0], kind="A/A, plain hierarchical bootstrap", claimed=plain, anywhere=plain))
    planted = {f"A/B, {loss:.0%} of the hits lost": loss for loss in LOSSES}
    if promise is not None:
        recall = float(np.mean([one.mean() for one in ranks.by_user("a", seeds, [Recall(k)])]))
        if promise <= recall:  # there is so much to lose
            planted[PROMISED] = promise / recall
    for kind, loss in planted.items():
        worse = dict(ranks.cells)
        for seed in seeds:
            column = worse["a", seed]
            worse["a", seed] = np.where(draws.random(len(column)) < loss, column.dtype.type(items - 1.0), column)
        found.append(_judged(kind, replace(ranks, cells=worse), "a", items, k))
    return found


def trained_ranks(experiment: Experiment, number: int) -> tuple[Measured, int]:
    """Ranks of the test events of `a` and `b`, which are the one arm, and the size of the catalogue.

    The seeds of no two columns are the same, in any of the worlds.
    """
    import torch

    from pdcn import sources as datasets
    from pdcn.nn.two_tower import two_towers
    from pdcn.tasks import task_for
    from pdcn.tasks.retrieval.batches import DeviceData
    from pdcn.tasks.retrieval.ranks import model_ranks
    from pdcn.training.loop import Trainer

    settings = experiment.data
    source = SOURCES[settings.source]
    dataset = source.build(source.another(settings, number)) if source.another else datasets.load(settings)
    task = task_for(experiment)
    dataset = task.view(dataset, experiment)
    data = DeviceData(dataset, torch.device("cpu"))
    events = task.events(dataset, "test")
    cells: dict[tuple[str, int], Numbers] = {}
    first = 2 * experiment.seeds * number
    for place, name in enumerate("ab"):
        for seed in range(experiment.seeds):
            own = experiment.seed + first + place * experiment.seeds + seed
            trainer = Trainer(data, experiment, experiment.arms[0], own)
            trainer.lap(trainer.steps)
            cells[name, seed] = model_ranks(two_towers(trainer.finish()), data, events)
    return Measured(dataset.user[events], cells, {}, sets=experiment.drawn_sets), len(dataset.items)


def _judged(kind: str, ranks: Measured, arm: str, items: int, k: int) -> Judged:
    """What the verdict says of `arm` against b."""
    found = compare(ranks, (arm, "b"), "b", [*map(Recall, cuts_of(items))], Recall(k))
    (headline,) = headline_of(found, Recall(k))
    return Judged(kind, headline.seeds, headline.difference, _claims(headline), any(map(_claims, found)))


def _claims(c: Comparison) -> bool:
    return c.verdict in ("better", "worse")


def _plain_claims(ranks: Measured, k: int, draws: np.random.Generator) -> bool:
    """Whether a bootstrap over users and seeds claims that a and b differ at K, which nothing adjusts."""
    seeds = ranks.seeds("a")
    one, other = (ranks.by_user(arm, seeds, [Recall(k)])[:, :, 0] for arm in "ab")
    difference = one - other  # (S, U)
    of_seeds = draws.multinomial(len(seeds), [1 / len(seeds)] * len(seeds), PLAIN_RESAMPLES) / len(seeds)
    users = difference.shape[1]
    of_users = draws.multinomial(users, np.full(users, 1 / users), PLAIN_RESAMPLES) / users
    means = ((of_users @ difference.T) * of_seeds).sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return bool(low > 0 or high < 0)


def differences(experiment: Experiment, studies: int) -> list[float]:
    """The differences of all that is judged in the first crew of so many studies, made anew in order."""
    return [one.difference for one in judge(experiment, crews_of(studies)[0])]


def record_of(experiment: Experiment, studies: int, judged: Sequence[Sequence[Judged]]) -> dict[str, Any]:
    """What a calibration leaves behind: its rows with the command, the settings and their hash.

    `first` holds the differences of the first crew: see `differences`.
    """
    source = experiment.data.source
    same = experiment == preset(source)
    return {
        "command": f"python -m pdcn calibrate --data {source} --studies {studies}" if same else None,
        "studies": studies,
        "training": VERSION,
        "experiment": experiment.record(),
        "hash": experiment.hash(),
        "first": [one.difference for one in judged[0]],
        "rows": [asdict(row) for row in count(chain.from_iterable(judged))],
    }


def preset(source: str) -> Experiment:
    """The experiment that is calibrated on a data source unless its dials say otherwise."""
    return assemble(preset_values(source))


def preset_values(source: str) -> dict[str, Any]:
    """The dial values of `preset`: small enough that hundreds of studies take minutes. Their one arm stands twice.

    Trainings are short and of a length that is known before: how often the verdict errs does not depend on how good
    they are.
    """
    known = calibrated()
    if source not in known:
        raise SettingError(say.NOT_CALIBRATED(known=" or ".join(known), source=source))
    short = {"schedule": "cosine", "weight_decay": 0.0, "patience": 8, "evaluations": 1}
    return {"data": source, "arms": ("sequential",), "match": "none", **short, **known[source].preset}


def calibrated() -> dict[str, Calibration]:
    """How each source is calibrated on which that is done, first those that have other worlds."""
    found = {name: source.calibration for name, source in SOURCES.items() if source.calibration}
    return dict(sorted(found.items(), key=lambda pair: SOURCES[pair[0]].another is None))
