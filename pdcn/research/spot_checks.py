"""A small part of what is bundled, made anew: the cheap proof that today's code still gives the same numbers.

One arm is trained as the bundled step trained it, and what it comes to is compared to the last bit. Training amplifies
the smallest difference, so code that trains otherwise cannot come out the same by chance. What else the step holds is
not made anew, and nothing is claimed of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from pdcn.config import Experiment, Fairness, Outcomes, RankingSettings
from pdcn.dials import changed
from pdcn.files import read_json
from pdcn.host import cores
from pdcn.jobs.cells import Bench, Cell, train
from pdcn.research import words as say
from pdcn.research.calibrate import differences
from pdcn.research.findings import PLANTED, Finding, Race
from pdcn.research.fitting import fitted
from pdcn.research.targets import ENTRIES
from pdcn.runs.folder import RunFolder
from pdcn.runs.levels import of_columns
from pdcn.settings import SettingError
from pdcn.sources.source import DataSettings
from pdcn.tasks import load, task_for
from pdcn.tasks.measured import Measured
from pdcn.training.budget import matched
from pdcn.words import capital, plural, spoken


@dataclass(frozen=True)
class Checked:
    """What was made anew and compared, in a sentence, and whether it came out the same to the last bit."""

    what: str
    agrees: bool


def showcase(path: Path) -> Checked:
    """The first arm from the first seed: its widths by today's match, its weights, and the rank of every test event."""
    folder = RunFolder(path)
    experiment, ranks = folder.experiment, folder.ranks
    arm, seed = experiment.arms[0], experiment.seed
    cell = Cell(arm, seed, _alone(experiment, arm))
    with ThreadPoolExecutor(1) as pool:  # the threads of this one stay as they are
        _, anew = pool.submit(train, _bench_of(experiment), cell).result()
    kept = load_file(folder.weights(arm, seed))
    assert anew.measured is not None
    same = kept.keys() == anew.weights.keys() and all(
        torch.equal(kept[name], one) for name, one in anew.weights.items()
    )
    same = same and ranks is not None and np.array_equal(ranks[f"{arm}.{seed}"], anew.measured)
    return Checked(say.WEIGHTS_ANEW(arm=capital(spoken(arm)), seed=seed), bool(same))


def finding(asked: Finding, path: Path) -> Checked:
    """The baseline arm of one race from all of its seeds: its mean of the headline, as a record keeps no more of it."""
    races = [race for race in asked.races if race.group == PLANTED] or asked.races
    race = min(races, key=lambda race: len(changed(race.experiment)))  # the usual settings, which many findings have
    arm, seeds = race.experiment.against, race.experiment.seed_list
    what = say.MEAN_ANEW(arm=capital(spoken(arm)), group=race.group, label=race.label, seeds=plural(len(seeds), "seed"))
    return Checked(what, _mean(_alone(race.experiment, arm), arm) == _bundled(path, race, arm))


def paper(path: Path) -> Checked:
    """Of the experiments of the paper the one that trained the shortest, from its first seed: its error."""
    rows = _record(path)["rows"]
    trained = [at for at, entry in enumerate(ENTRIES) if not entry.exact]
    at = min(trained, key=lambda at: float(rows[at]["seconds"][0]))
    entry = ENTRIES[at]
    layers = plural(entry.layers, "layer")
    what = say.ERROR_ANEW(model=entry.model, layers=layers, target=entry.target)
    with ThreadPoolExecutor(1) as pool:
        return Checked(what, pool.submit(fitted, entry, 0).result().rmse == rows[at]["rmse"][0])


def calibration(path: Path) -> Checked | None:
    """The first studies of a calibration: the difference of every comparison in them.

    None where the record was made before these were kept.
    """
    record = _record(path)
    if "first" not in record:
        return None
    with ThreadPoolExecutor(1) as pool:
        anew = pool.submit(differences, Experiment.of_record(record["experiment"]), record["studies"]).result()
    return Checked(say.STUDIES_ANEW(differences=plural(len(anew), "difference")), anew == record["first"])


def table(script: str, path: Path) -> Checked:
    """One row of a table, made by its script: the row that takes the shortest."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "row.csv"
        command = [sys.executable, script, "--check", "--out", str(made)]
        env = {**os.environ, "PDCN_HOME": folder}  # where no run is that could be taken for a new one
        subprocess.run(command, cwd=Path(__file__).parents[2], env=env, check=True, stdout=subprocess.DEVNULL)
        head, row = made.read_text(encoding="utf-8").splitlines()
    lines = path.read_text(encoding="utf-8").splitlines()
    return Checked(say.ROW_ANEW(row=row), lines[0] == head and row in lines)


def _record(path: Path) -> Mapping[str, Any]:
    record = read_json(path)
    if not isinstance(record, dict) or not isinstance(record.get("rows"), list):
        raise SettingError(say.NO_RECORD(path=path))
    return record


def _bundled(path: Path, race: Race, arm: str) -> float | None:
    """The mean of an arm in a race as the record has it; None where it has none."""
    for row in _record(path)["rows"]:
        if race.experiment.hash() in (row["hash"], *row["also"]) and arm in (row["arm"], row["against"]):
            return float(row["recall"][row["arm"] != arm])
    return None


@cache
def _bench(data: DataSettings, task: str, outcomes: Outcomes, ranking: RankingSettings) -> Bench:
    asked = Experiment(data=data, task=task, outcomes=outcomes, ranking=ranking)
    return Bench.of(load(asked), torch.device("cpu"))


def _bench_of(experiment: Experiment) -> Bench:
    """What an experiment's trainings work on; experiments on the same data share it."""
    return _bench(experiment.data, experiment.task, experiment.outcomes, experiment.ranking)


def _alone(experiment: Experiment, arm: str) -> Experiment:
    """All that an arm's trainings depend on, and nothing else: the same for every race that trains it so."""
    own = matched(experiment, _bench_of(experiment).data)[arm].experiment
    return own.model_copy(update={"arms": (arm,), "baseline": "auto", "fairness": Fairness(match="none")})


@cache
def _mean(own: Experiment, arm: str) -> float:
    """The mean of the headline over all seeds of an arm, as a run's record has it."""
    bench, task = _bench_of(own), task_for(own)
    dataset, events = bench.data.dataset, bench.events
    with ThreadPoolExecutor(cores()) as pool:
        found = list(pool.map(lambda seed: train(bench, Cell(arm, seed, own))[1].measured, own.seed_list))
    cells = {(arm, seed): column for seed, column in zip(own.seed_list, found, strict=True) if column is not None}
    whole = Measured(
        dataset.user[events], cells, {}, task.weights(dataset, events), labels=task.labels(dataset, events)
    )
    measured, items = whole.judged(own.outcomes.outcome), len(dataset.items)
    headline = task.headline(items)
    alike = [metric for metric in task.metrics(items) if type(metric) is type(headline)]
    each = of_columns(measured, {seed: measured.cells[arm, seed] for _, seed in measured.cells}, alike)
    return float(np.mean(each[alike.index(headline)]))
