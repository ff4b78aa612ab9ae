"""How sure a verdict is, what is against it, and the experiment that tells most next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pdcn.config import Experiment
from pdcn.decision import words as say
from pdcn.dials import assemble, dials_in_address
from pdcn.evaluation.causes import unexplained
from pdcn.evaluation.comparison import Comparison, record_of, settled
from pdcn.evaluation.power import MANY_SEEDS
from pdcn.evaluation.verdict import Terms, basis, below_floor, estimand, size_that_matters
from pdcn.research.findings import CLAIM
from pdcn.runs.folder import OVER, RunFolder
from pdcn.settings import SettingError
from pdcn.tasks import task_of
from pdcn.words import listed, plural, spoken

EPOCHS = 30
"""Epochs that are offered where trainings were too short or not finished; they end earlier by themselves."""
FEWEST_SEEDS = 3
"""Seeds that are offered where one or two say too little."""


@dataclass(frozen=True)
class Settle:
    """What would settle the question: a sentence, and the experiment that Compare opens with, where there is one."""

    said: str
    experiment: Experiment | None = None

    @property
    def address(self) -> dict[str, list[str]]:
        """The parameters of the Compare page that set its dials to the experiment; nothing without one."""
        return dials_in_address(self.experiment) if self.experiment else {}


def below_weakest(result: Mapping[str, Any], c: Comparison) -> str:
    """The weakest baseline that every arm should be above, where one of the two is not; else nothing."""
    weakest = next(iter(task_of(result).floors), "")
    known = record_of(result["baselines"].get(weakest, {}), c.metric) if weakest else None
    if known is None:
        return ""
    sign = 1 if c.metric.higher_is_better else -1
    levels = [record_of(result["arms"].get(arm, {}), c.metric) for arm in (c.arm, c.against)]
    return weakest if any(level is not None and sign * level < sign * known for level in levels) else ""


def unfinished(result: Mapping[str, Any], c: Comparison) -> bool:
    """Whether a training of the two arms was still improving, or was cut short, when it ended."""
    cut = any(
        seed["state"] == "stopped"
        for arm in (c.arm, c.against)
        for seed in result["arms"].get(arm, {}).get("seeds", ())[: c.seeds]
    )
    return cut or bool({c.arm, c.against} & set(result.get("unfinished", ())))


def how_sure(
    run: RunFolder, result: Mapping[str, Any], c: Comparison | None, terms: Terms, state: str
) -> Iterator[str]:
    """What the verdict rests on, and what is against it, a part a line."""
    if c is not None:
        yield basis(c, terms)
    if state in say.ENDED:
        yield say.ENDED[state]
    if result.get("note"):
        yield str(result["note"])
    elif c is not None and not unfinished(result, c):
        yield say.ALL_FINISHED
    task, known = task_of(result), result["baselines"]
    if below := below_floor(result):
        yield below
    elif floors := [name for name in task.floors if name in known]:
        yield say.ABOVE_ALL(baselines=listed(map(spoken, floors)))
    yield _data(result["data"], run.profile or {})
    yield f"{estimand(result)} {say.IN_DOUBT}"


def _data(data: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    """What the data is; a run's record counts the users of the test alone, its profile those of all events."""
    counts = {name: f"{data[name]:,}" for name in ("events", "items")}
    told = {"data": data["title"], "note": profile.get("note") or "", **counts}
    if "users" in profile:
        return say.DATA(users=f"{profile['users']:,}", **told).strip()
    return say.DATA_TESTED(users=f"{data['users']:,}", **told).strip()


def settle_of(
    experiment: Experiment, result: Mapping[str, Any], c: Comparison | None, terms: Terms, state: str
) -> Settle:
    """The experiment that tells most next."""
    if state not in OVER:
        return Settle(say.SETTLE_WAIT)
    offers: list[tuple[str, dict[str, Any]]] = []
    if c is None:
        other = next(one for one in CLAIM[::-1] if one != experiment.against)
        if len(experiment.arms) == 1:
            said = say.SETTLE_ARMS(arm=spoken(experiment.against), against=spoken(other))
            offers.append((said, {"arms": (*experiment.arms, other)}))
        offers.append((say.SETTLE_AGAIN, {}))
    elif c.verdict == "too short" or unfinished(result, c) or below_weakest(result, c):
        if "stopped" in {seed["state"] for arm in result["arms"].values() for seed in arm["seeds"]}:
            offers.append((say.SETTLE_AGAIN, {}))
        epochs = max(EPOCHS, 2 * experiment.training.epochs)
        longer = {"epochs": epochs, "schedule": "plateau"}
        if experiment.seeds < FEWEST_SEEDS:  # one longer training would tell no more than one
            said = say.SETTLE_EPOCHS_AND_SEEDS(epochs=epochs, seeds=plural(FEWEST_SEEDS, "seed"))
            offers.append((said, {**longer, "seeds": FEWEST_SEEDS, "until_sure": False}))
        offers.append((say.SETTLE_EPOCHS(epochs=epochs), longer))
    elif c.verdict == "too few seeds" or (c.verdict == "no detectable difference" and not settled(c, terms.detect)):
        needed = c.seeds_needed or 0
        if max(c.seeds, 2) < needed <= MANY_SEEDS:
            said = say.SETTLE_SEEDS(seeds=plural(needed, "seed"), matters=size_that_matters(terms))
            offers.append((said, {"seeds": needed, "until_sure": False}))
        more = max(FEWEST_SEEDS, 2 * c.seeds)
        offers.append((say.SETTLE_MORE_SEEDS(seeds=plural(more, "seed")), {"seeds": more, "until_sure": False}))
    elif (c.arm, c.against) == CLAIM and (missing := unexplained(result)):
        offers.append((say.SETTLE_CONTROLS(arms=listed(map(spoken, missing))), {"arms": (*experiment.arms, *missing)}))
    if experiment.training_sets == "one":
        offers.append((say.SETTLE_SETS, {"training_sets": "bootstrap"}))
    for said, values in offers:
        try:
            return Settle(said, assemble(values, experiment))
        except SettingError:  # it does not fit with other settings of the run: the next one then
            continue
    return Settle(say.SETTLE_YOURS)
