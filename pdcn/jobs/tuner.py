"""The trials of a study, and what each arm's own experiment is after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pdcn.config import Experiment
from pdcn.jobs.cells import Cell, Lost, Trained, cells_of
from pdcn.runs.folder import RunFolder
from pdcn.runs.result import settings_in_words
from pdcn.training.tuning import (
    Choice,
    Trial,
    applied,
    choice,
    error_of,
    final_seeds,
    finalists,
    mean_of,
    narrows,
    ranges,
    tuned_in_words,
    tuning_seed,
)


@dataclass(frozen=True)
class Tuned:
    """Every arm's own experiment after matching and tuning, and the record of the trials."""

    own: Mapping[str, Experiment]
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Tuner:
    """Tries settings in every arm; `carried_out` trains cells, and `validated` is the metric by which they are
    chosen."""

    experiment: Experiment
    folder: RunFolder
    validated: str
    higher: bool
    """Whether more of it is better."""
    carried_out: Callable[[Sequence[Cell]], Iterator[Sequence[Trained | Lost]]]

    def tune(self, own: Mapping[str, Experiment], plan: list[Trial]) -> Tuned:
        """Try every setting of the plan in every arm, and keep the best of each."""
        record: dict[str, Any] = {"trials": len(plan), "settings": settings_in_words(self.experiment)}
        if not plan:
            return Tuned(own, record)
        seed, again = tuning_seed(self.experiment), final_seeds(self.experiment)
        record |= {
            "seed": seed,
            "final_seeds": list(again),
            "validated": self.validated,
            "ranges": {name: list(ends[:2]) for name, ends in ranges(self.experiment).items()},
        }
        tried: dict[str, dict[int, dict[str, Any]]] = {arm: {} for arm in own}
        going = {arm: list(range(len(plan))) for arm in own}
        if narrows(len(plan)):
            for one, row in self._tried(own, plan, going, [seed], tried):
                row["first"] = _judged(one)["validation"]
                self._tell(record, tried, {})
            first = {arm: [row["first"] for _, row in sorted(rows.items())] for arm, rows in tried.items()}
            going = {arm: finalists(values, higher=self.higher) for arm, values in first.items()}
        for one, row in self._tried(own, plan, going, again, tried):
            finals = row.setdefault("finals", [None] * len(again))
            finals[again.index(one.cell.seed)] = _judged(one)["validation"]
            row["validation"] = mean_of(finals)
            self._tell(record, tried, {})
        found = {arm: {at: rows[at]["finals"] for at in going[arm]} for arm, rows in tried.items()}
        chosen = {arm: choice(finals, higher=self.higher) for arm, finals in found.items()}
        record["error"] = error_of(list(found.values()))
        record["settings"] = tuned_in_words(
            len(plan), list(chosen.values()), record["error"], self.experiment.detect / 100
        )
        self._tell(record, tried, chosen)
        return Tuned({arm: applied(at, plan[chosen[arm].trial]) for arm, at in own.items()}, record)

    def _tried(
        self,
        own: Mapping[str, Experiment],
        plan: Sequence[Trial],
        going: Mapping[str, Sequence[int]],
        seeds: Sequence[int],
        tried: Mapping[str, dict[int, dict[str, Any]]],
    ) -> Iterator[tuple[Trained | Lost, dict[str, Any]]]:
        """What trials come to, those of each arm that are `going`, from each of the seeds, and the row of each."""
        cells = [
            cell
            for place, trial in enumerate(plan)
            for cell in cells_of(
                {arm: applied(at, trial) for arm, at in own.items() if place in going[arm]}, seeds, place
            )
        ]
        for ended in self.carried_out(cells):
            for one in ended:
                place = one.cell.trial or 0
                yield one, tried[one.cell.arm].setdefault(place, plan[place] | _judged(one))

    def _tell(
        self, record: dict[str, Any], tried: Mapping[str, Mapping[int, Any]], chosen: Mapping[str, Choice]
    ) -> None:
        """Keep what the trials have come to so far."""
        rows = {arm: [row for _, row in sorted(found.items())] for arm, found in tried.items() if found}
        record["arms"] = {arm: {"chosen": None, "gain": None, "trials": found} for arm, found in rows.items()}
        for arm, one in chosen.items():
            record["arms"][arm] |= {"chosen": one.trial, "gain": one.gain}
        self.folder.write_json("tuning.json", record)


def _judged(trial: Trained | Lost) -> dict[str, Any]:
    """How a trial fared."""
    if isinstance(trial, Lost):
        return {"validation": None, "best_step": 0, "state": "lost"}
    record = trial.record
    value = None if record.state == "diverged" else record.validation
    return {"validation": value, "best_step": record.best_step, "state": record.state}
