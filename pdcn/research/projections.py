"""What a projection of a sequence costs and what it keeps: each of them at several widths, at equal parameters.

Every form is a run of one arm from the same seeds, on the same data: no sequence, its mean, and a Transformer with each
projection, or with none. Only the MLP of the query tower grows, until all forms have as many parameters as the largest
that compresses; all actions side by side may be larger, and are told with their difference. Then the query towers
encode the same requests in turns, and linear probes read back what each projection keeps. A control holds the mean
against the Transformer where what shoppers want lasts. Pinterest says that DCN V2 as a projection "reduced serving
latency while preserving signal" (2026-03-03), and states no numbers. What was found is told by
`pdcn.research.projection_answers`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles
from pdcn.config import Experiment
from pdcn.dials import assemble, changed
from pdcn.evaluation.comparison import headline_in, record_of
from pdcn.evaluation.statistics import holm, outcome, paired_interval
from pdcn.research import words as say
from pdcn.research.findings import Values
from pdcn.research.racing import carried_out
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.tasks import task_of
from pdcn.tasks.metric import user_mean
from pdcn.training.version import VERSION

NAME = "projections"
ARM = "parallel"
BASE: Values = {
    "data": "shopping",
    "outcome": "engagement",
    "impressions": 100_000,
    "pins": 100,
    "shoppers": 150,
    "engagement_rate": 0.15,
    "accidental_clicks": 0.0,
    "taste_crosses": 0,
    "taste_matters": 3.0,
    "shared_taste": 1.0,
    "own_taste": 4.0,
    "fresh_taste": 1.0,
    "taste_days": 4,
    "epochs": 10,
    "schedule": "cosine",
    "batch": 256,
    "learning_rate": 0.02,
    "seeds": 4,
}
"""The data and the trainings of the whole study: what shoppers want is another every few days, and only the latest of
their actions reveal it, so that a mean over all of them blurs it. It is small, so that it takes minutes."""
LASTING: Values = {**BASE, "fresh_taste": 0.0}
"""The control: the same shoppers, whose taste lasts, so that it does not matter which of their actions came last."""
WIDTHS = (4, 32)
PROJECTIONS = ("linear", "mlp", "dcn", "dcn_low")
BATCHES = (1, 64)
"""Requests that are encoded at once."""
TURNS = 16
"""Different batches that take turns: one alone would always find its embeddings in the cache."""
WIDEST = 4096
NOTHING, HELD, WHOLE = say.NOTHING, say.MEAN_OF_ACTIONS, say.ALL_ACTIONS
AGAINST = {"mean": HELD, "whole": WHOLE}
"""The forms that the others are held against: without an encoder, and without a projection."""
STAGES = ("mean", "whole", "projected")
"""Where probes read: the mean of the actions, all of them behind the Transformer, and the projection."""
RESAMPLES = 400
PROBED = 2_048
"""Test events that probes read facts of, at most."""
Kept = Callable[[Any, int], pd.DataFrame]
"""What linear probes read back from an opened run of so many test events: `label`, `stage`, `seed` and `score`."""


@dataclass(frozen=True)
class Form:
    """A way to read a sequence: a name, and the dials that say it."""

    name: str
    values: Values


@dataclass(frozen=True)
class Clocked:
    """How long the clock runs: at least so many seconds for each form and batch, and so many rounds."""

    seconds: float = 0.5
    repeats: int = 400


def forms(widths: Sequence[int] = WIDTHS, projections: Sequence[str] = PROJECTIONS) -> list[Form]:
    """Every form, from none to all of it.

    >>> [form.name for form in forms((8,))]
    ['no actions', 'mean', 'linear to 8', 'MLP to 8', 'DCN V2 to 8', 'low-rank DCN V2 to 8', 'all actions']
    """
    encoded = {"sequence": "transformer"}
    return [
        Form(NOTHING, {"sequence": "none"}),
        Form(HELD, {"sequence": "mean"}),
        *(
            Form(
                say.TO_WIDTH(form=say.PROJECTED_BY[name], width=width),
                {**encoded, "projection": name, "projected": width},
            )
            for width in widths
            for name in projections
        ),
        Form(WHOLE, {**encoded, "projection": "flat"}),
    ]


def experiments(asked: Sequence[Form], base: Values = BASE) -> dict[str, Experiment]:
    """The experiment of each form, at equal dense parameters where the query tower's MLP can make them so."""
    from pdcn.tasks import load

    plain = {}
    for form in asked:
        one = assemble({**base, "arms": (ARM,), "match": "none", **form.values})
        plain[form.name] = one.model_copy(update={"item_network": one.network})  # whose MLP stays as it is
    dataset = load(next(iter(plain.values())))
    target = max(_dense(one, dataset) for name, one in plain.items() if name != WHOLE)
    return {name: fitted(one, dataset, target) for name, one in plain.items()}


def _dense(experiment: Experiment, dataset: Any) -> int:
    from pdcn.training.budget import counted

    return counted(experiment, dataset, ARM)[0]


def fitted(experiment: Experiment, dataset: Any, target: int) -> Experiment:
    """The experiment with all layers of the query tower's MLP of the one width that brings its dense parameters closest
    to a target; as it is where it is that large already."""
    if _dense(experiment, dataset) >= target:
        return experiment
    depth = len(experiment.network.deep)

    def at(width: int) -> Experiment:
        network = experiment.network.model_copy(update={"deep": (width,) * depth})
        return experiment.model_copy(update={"network": network})

    above = bisect_left(range(1, WIDEST + 1), target, key=lambda width: _dense(at(width), dataset)) + 1
    near = {width: abs(_dense(at(width), dataset) - target) for width in (max(1, above - 1), min(above, WIDEST))}
    return at(min(near, key=lambda width: near[width]))


def seconds_of(asked: Sequence[Form], base: Values = BASE) -> float:
    """How long the study takes on this machine at most, about, said before it starts."""
    from pdcn.jobs.needs import needs

    again = [form for form in asked if form.name in AGAINST.values()]  # in the control
    values = [form.values for form in (*asked, *again)]
    trained = sum(needs(assemble({**base, "arms": (ARM,), "match": "none", **one})).seconds for one in values)
    return trained + Clocked.seconds * len(BATCHES) * len(asked)


def run(
    store: Store,
    carry_out: Callable[[RunFolder, str], None],
    asked: Sequence[Form],
    base: Values = BASE,
    clock: Clocked | None = None,
    kept: Kept | None = None,
    control: Values | None = None,
) -> dict[str, Any]:
    """Train every form that has not been trained before, clock their query towers and probe what they keep; the record.

    `carry_out` trains a run's folder to its end, and is told which form that is. On the data of the `control` only the
    forms that others are held against are trained.
    """
    equal = experiments(asked, base)
    lasting = experiments(asked, control) if control else {}
    lasting = {name: one for name, one in lasting.items() if name in AGAINST.values()}
    every = [*equal.items(), *lasting.items()]
    done = [
        carried_out(store, one, f"{NAME} {place} of {len(every)}: {name}", carry_out)
        for place, (name, one) in enumerate(every, 1)
    ]
    folders = dict(zip(equal, done, strict=False))
    rows = [_row(name, folder) for name, folder in folders.items()]
    _compare(rows, {name: _values(folder) for name, folder in folders.items()})
    if kept:
        _probe(rows, folders, kept)
    _clock(rows, folders, store, clock or Clocked())
    first = next(iter(folders.values()))
    result = first.whole_result() or {}
    metric = headline_in(result)
    return {
        "name": NAME,
        "command": f"python -m pdcn study {NAME}",
        "title": result["data"]["title"],
        "metric": str(metric),
        "seeds": len(first.seeds_of(ARM)),
        "batches": list(BATCHES),
        "training": VERSION,
        "device": result["device"],
        "made_on": result.get("made_on"),
        "rows": rows,
        "control": _control(dict(zip(lasting, done[len(equal) :], strict=True))),
    }


def _row(name: str, folder: RunFolder) -> dict[str, Any]:
    """What a form is and costs, and how much it finds."""
    result = folder.whole_result()
    if result is None:
        raise folder.damaged("result.json")
    network, arm = folder.experiment.network, result["arms"][ARM]
    plan = (folder.towers or {})[ARM]["plan"]["query"]
    below = [block for way in plan["below"] for block in way]
    every = [*below, *(block for way in plan["branches"] for block in way), plan["join"], plan["head"]]
    return {
        "form": name,
        "run": folder.run,
        "hash": folder.experiment.hash(),
        "settings": changed(folder.experiment),
        "sequence": network.sequence,
        "projection": network.projection if network.sequence == "transformer" else "",
        "projected": network.projected if network.sequence == "transformer" and name != WHOLE else 0,
        "deep": list(network.deep),
        "x0": plan["embedding"]["out"],
        "dense": arm["parameters"]["dense"],
        "encoder": sum(block["parameters"] for block in below),
        "flops": sum(block["flops"] for block in every),
        "recall": record_of(arm, headline_in(result)),
    }


def _values(folder: RunFolder) -> Doubles:
    """The headline of every seed and user, (S, U, 1)."""
    result, measured = folder.whole()
    metric = task_of(result).headline(result["data"]["items"])
    cells = [metric.values(measured.cells[ARM, seed]).astype(np.float64) for seed in measured.seeds(ARM)]
    return np.stack([user_mean(cell[:, None], measured.user) for cell in cells])


def _compare(rows: list[dict[str, Any]], values: Mapping[str, Doubles]) -> None:
    """Each form's interval over users and seeds, and its paired difference to the mean and to all actions, Holm over
    the forms."""
    for row in rows:
        own = paired_interval(values[row["form"]])
        row |= {"low": float(own.low[0]), "high": float(own.high[0])}
        row["recall_per_seed"] = values[row["form"]].mean((1, 2)).tolist()
    for name, against in AGAINST.items():
        others = [row for row in rows if row["form"] != against]
        found = [paired_interval(values[row["form"]] - values[against]) for row in others]
        adjusted = holm(np.array([float(one.p[0]) for one in found])).tolist()
        for row, one, p in zip(others, found, adjusted, strict=True):
            size = float(one.mean[0])
            verdict = outcome(size, p, len(values[against]))
            known = {"difference": size, "low": float(one.low[0]), "high": float(one.high[0]), "p": p}
            row[f"against_{name}"] = {**known, "verdict": verdict}


def _control(folders: Mapping[str, RunFolder]) -> dict[str, Any] | None:
    """What all actions find beyond their mean where taste lasts, with an interval; None where that was not asked."""
    if not folders:
        return None
    rows = [_row(name, folder) for name, folder in folders.items()]
    found = paired_interval(_values(folders[WHOLE]) - _values(folders[HELD]))
    known = {"difference": float(found.mean[0]), "low": float(found.low[0]), "high": float(found.high[0])}
    return {"rows": rows, **known, "p": float(found.p[0])}


def _probe(rows: list[dict[str, Any]], folders: Mapping[str, RunFolder], kept: Kept) -> None:
    """What probes read from each form's Transformer: a row a fact and stage, the mean over seeds with their range."""
    from pdcn.runs.trained import TrainedRun

    for row in rows:
        if row["sequence"] != "transformer":
            continue
        scores = kept(TrainedRun(folders[row["form"]]), PROBED).groupby(["label", "stage"], sort=False)["score"]
        row["kept"] = scores.agg(["mean", "min", "max"]).reset_index().to_dict("records")


def _clock(rows: list[dict[str, Any]], folders: Mapping[str, RunFolder], store: Store, clock: Clocked) -> None:
    """Microseconds of the processor for one call of each form's query tower, all forms in turns: `p50_BATCH` with a 95%
    interval of the median, `p95_BATCH`, and `times_BATCH`, the ratio of its median to that of all actions, with an
    interval.

    Intervals are of a bootstrap over the rounds. One thread an operation, as a server has that answers many at once.
    The clock waits while somebody trains here.
    """
    import torch

    from pdcn.evaluation.timing import LEAST, ThreadClock, Timer, compared, percentiles, threads
    from pdcn.jobs.quiet import Quiet
    from pdcn.runs.trained import TrainedRun

    opened = {name: TrainedRun(folder) for name, folder in folders.items()}
    data = next(iter(opened.values())).data
    events = data.dataset.events("test")
    towers = {name: one.model(ARM, one.folder.seeds_of(ARM)[0]).query for name, one in opened.items()}
    timer = Timer(ThreadClock(), Quiet(store, lambda words: None))
    with threads(1), torch.inference_mode():
        for batch in BATCHES:
            drawn = np.random.default_rng(0).choice(events, (TURNS, batch))
            calls: dict[str, Callable[[], object]] = {}
            for name, tower in towers.items():
                turns = cycle([data.queries[torch.from_numpy(row)] for row in drawn])
                calls[name] = lambda tower=tower, turns=turns: tower(*next(turns))  # type: ignore[misc]
            samples = timer.samples(calls, seconds=clock.seconds * len(calls), least=max(clock.repeats, LEAST["p95"]))
            times = percentiles(samples).set_index("variant")
            ratios = compared(samples, dict.fromkeys(calls, WHOLE)).set_index("variant")
            drawn = np.random.default_rng(0).integers(0, len(samples), (RESAMPLES, len(samples)))
            for row in rows:
                name = row["form"]
                row |= {f"{part}_{batch}": float(times[part][name]) for part in ("p50", "p95")}
                medians = np.median(samples[name].to_numpy()[drawn], axis=1)
                ends = np.quantile(medians, [0.025, 0.975]).tolist()
                row |= {f"p50_low_{batch}": ends[0], f"p50_high_{batch}": ends[1]}
                own = ratios.loc[name, ["ratio", "ratio_low", "ratio_high"]].tolist()
                row |= dict(zip((f"times_{batch}", f"times_low_{batch}", f"times_high_{batch}"), own, strict=True))
