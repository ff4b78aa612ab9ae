"""Where does a difference come from? The same paired interval within slices of the test events.

A slice is a bucket of item popularity, a bucket of user activity, or one value of a categorical field
of the query or of the true item, if it has enough events and users. In a slice, a metric is averaged over
a user's events of that slice, then over the users who have any. Slices of one kind, over all arms, are one
family for Holm: four buckets need not pay for two hundred field values.

That a slice differs from zero does not say that the difference comes from there: it may be everywhere alike. So
each slice is also held against the events outside of it, by the same method (the contrast).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.arrays import Doubles, Flags, Ints
from pdcn.config import Experiment
from pdcn.evaluation import words as say
from pdcn.evaluation.statistics import LEVEL, Outcome, holm, outcome, paired_interval
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.tasks import task_for
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.words import capital, span, spoken

ENOUGH_EVENTS, ENOUGH_USERS = 200, 30
RESAMPLES = 20_000
"""The smallest p-value is 2 / 20,001, which still stands after Holm over 500 slices."""
SliceKind = Literal["item popularity", "user activity", "query field", "item field"]
COLUMNS = (
    *("arm", "against", "k", "kind", "field", "value", "events", "users", "share", "recall"),
    *("difference", "low", "high", "p", "adjusted", "verdict", "elsewhere", "contrast_p", "contrast_adjusted", "seeds"),
)
LARGEST = 3
NONE: Outcome = "no detectable difference"


@dataclass(frozen=True)
class Slice:
    """Some of the test events, `chosen` (n,), and what they have in common."""

    kind: SliceKind
    field: str
    value: str
    chosen: Flags


def slices_of(dataset: Dataset, events: Ints, valued: Flags | None = None) -> list[Slice]:
    """Every slice of the test events that has enough of them, from enough users; where only some have a value, of
    these, `valued` (n,)."""
    user = dataset.user[events]
    counted = np.ones(len(events), bool) if valued is None else valued
    found = [
        *_popularity(dataset, events),
        *_activity(dataset, events),
        *_fields("query field", dataset.queries, events),
        *_fields("item field", dataset.items, dataset.positive[events]),
    ]
    return [
        s
        for s in found
        if ENOUGH_EVENTS <= (s.chosen & counted).sum() < counted.sum()
        and len(np.unique(user[s.chosen & counted])) >= ENOUGH_USERS
    ]


def _popularity(dataset: Dataset, events: Ints) -> Iterator[Slice]:
    """The true item's place among all items by their count in the training part."""
    items = len(dataset.items)
    place = np.empty(items, np.int64)
    place[np.argsort(-dataset.counts, kind="stable")] = np.arange(items)
    share = place[dataset.positive[events]] / items
    ends = (0.0, 0.01, 0.1, 0.5, 1.0)
    for name, low, high in zip(say.BY_POPULARITY, ends[:-1], ends[1:], strict=True):
        yield Slice("item popularity", "item popularity", name, (share >= low) & (share < high))


def _activity(dataset: Dataset, events: Ints) -> Iterator[Slice]:
    """Quarters of the test's users by their events in the training part."""
    user, train = dataset.user[events], dataset.user[dataset.part("train")]
    known, counts = np.unique(train, return_counts=True)
    everyone, index = np.unique(user, return_inverse=True)
    at = np.searchsorted(known, everyone).clip(max=len(known) - 1)
    active = np.where(known[at] == everyone, counts[at], 0)
    quarter = np.empty(len(everyone), np.int64)
    quarter[np.argsort(active, kind="stable")] = np.arange(len(everyone)) * 4 // len(everyone)
    for number, name in enumerate(say.BY_ACTIVITY):
        yield Slice("user activity", "user activity", name, quarter[index] == number)


def _fields(kind: SliceKind, table: Table, rows: Ints) -> Iterator[Slice]:
    """A slice for each value of each category. A bag has none: its values overlap, and the events of many are most."""
    for column, field in zip(table.single.T, table.categories, strict=True):
        codes = column[rows]
        counts = np.bincount(codes, minlength=len(field.values))
        for code in np.flatnonzero(counts >= ENOUGH_EVENTS):
            yield Slice(kind, field.label, field.values[code], codes == code)


def slice_frame(measured: Measured, dataset: Dataset, events: Ints, experiment: Experiment) -> pd.DataFrame:
    """Every arm against the baseline arm in every slice, in the headline's metric, a row each (`COLUMNS`).

    Of several worlds it is about the first, whose events these are.
    """
    measured = measured.first_world()
    metric, against = task_for(experiment).headline(len(dataset.items)), experiment.against
    valued = None
    if metric.company and measured.cells:
        valued = ~np.isnan(metric.among(next(iter(measured.cells.values())), measured.user))
    slices = slices_of(dataset, events, valued)
    order = np.argsort(measured.user, kind="stable")
    user = measured.user[order]
    first = np.flatnonzero(np.diff(user, prepend=user[0] - 1)) if len(user) else np.empty(0, np.int64)
    chosen = np.stack([s.chosen for s in slices], axis=1)[order] if slices else np.empty((len(user), 0), bool)
    rows: list[dict[str, object]] = []
    for arm in experiment.arms:
        seeds = measured.seeds(arm, against)
        if arm == against or not seeds or not slices:
            continue
        inside, outside = (
            _levels(measured, metric, (against, arm), seeds, order, mask, first) for mask in (chosen, ~chosen)
        )
        ((base, ours), there), ((base_outside, ours_outside), there_outside) = inside, outside
        difference = ours - base
        how: dict[str, Any] = {"resamples": RESAMPLES, "sets": measured.sets_of(seeds)}
        found = paired_interval(difference, there, **how)
        elsewhere = _about_its_mean(ours_outside - base_outside, there_outside)
        contrast = paired_interval(_about_its_mean(difference, there) - elsewhere, **how)
        level = base.mean(0).sum(0) / there.sum(0)
        for at, s in enumerate(slices):
            size = int(s.chosen.sum())
            rows.append(
                {
                    "arm": arm,
                    "against": against,
                    "k": metric.k,
                    "kind": s.kind,
                    "field": s.field,
                    "value": s.value,
                    "events": size,
                    "users": int(there[:, at].sum()),
                    "share": size / len(user),
                    "recall": level[at],
                    "difference": found.mean[at],
                    "low": found.low[at],
                    "high": found.high[at],
                    "p": found.p[at],
                    "adjusted": 1.0,
                    "verdict": NONE,
                    "elsewhere": found.mean[at] - contrast.mean[at],
                    "contrast_p": contrast.p[at],
                    "contrast_adjusted": 1.0,
                    "seeds": len(seeds),
                }
            )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for one, adjusted in (("p", "adjusted"), ("contrast_p", "contrast_adjusted")):
        for _, family in frame.groupby("kind"):
            frame.loc[family.index, adjusted] = holm(family[one].to_numpy(np.float64))
    sign = 1 if metric.higher_is_better else -1
    facts = zip(sign * frame["difference"], frame["adjusted"], frame["seeds"], strict=True)
    frame["verdict"] = [outcome(float(d), float(p), int(s)) for d, p, s in facts]
    return frame


def _levels(
    measured: Measured, metric: Metric, arms: tuple[str, str], seeds: list[int], order: Ints, chosen: Flags, first: Ints
) -> tuple[tuple[Doubles, Doubles], Flags]:
    """A metric of two arms by seed, user and slice, (S, U, J) each, and which users have events there (U, J).

    `order` (n,) sorts the events by user, `chosen` (n, J) is in that order, and a user's events begin at `first`
    (U,).
    """
    counted: NDArray[Any] = chosen
    found = {
        (name, seed): metric.among(measured.cells[name, seed], measured.user)[order] for name in arms for seed in seeds
    }
    if metric.company:  # of all trainings alike: those of the events that have a value
        known = ~np.isnan(found[arms[0], seeds[0]])
        counted = chosen & known[:, None]
        found = {cell: np.where(known, values, 0.0) for cell, values in found.items()}
    if metric.weighted and measured.weight is not None:
        counted = counted * measured.weight[order][:, None]
    count = np.add.reduceat(counted, first, axis=0, dtype=np.float64)  # (U, J)

    def level(name: str) -> Doubles:
        values = [found[name, seed] for seed in seeds]
        sums = [np.add.reduceat(counted * one[:, None], first, axis=0, dtype=np.float64) for one in values]
        return np.stack(sums) / np.where(count > 0, count, 1)

    return (level(arms[0]), level(arms[1])), count > 0


def _about_its_mean(difference: Doubles, present: Flags) -> Doubles:
    """Values (S, U, J) whose mean over all users is the mean over those present, with its influence by user.

    So the difference of two such means, over other users, is a mean over users too (the delta method).
    """
    share = present.mean(0)  # (J,)
    scale = np.where(share > 0, share, 1.0)
    mean = (difference * present).mean(1, keepdims=True) / scale  # (S, 1, J)
    about: Doubles = mean + (difference - mean) * present / scale
    return about


def in_words(frame: pd.DataFrame, arm: str, metric: Metric) -> list[str]:
    """Where an arm's difference in the `metric` of the slices comes from: the buckets of popularity and activity, then
    the largest slices.

    Those are the three largest that differ from the rest; where none does, that, and the three largest that
    differ from zero; where none does, that.
    """
    rows = frame[frame["arm"] == arm]
    if rows.empty:
        return [say.NO_SLICES]
    if rows["seeds"].iloc[0] < 2:
        return [say.SLICES_ONE_SEED]
    against, change = rows["against"].iloc[0], metric.change
    sure, unlike = (rows[rows["verdict"].isin(["better", "worse"])], rows[rows["contrast_adjusted"] <= 1 - LEVEL])
    said = [_buckets(rows, kind, metric) for kind in ("item popularity", "user activity") if kind in set(rows["kind"])]
    if sure.empty and unlike.empty:
        told = ((row["field"], row["value"], change(row["difference"])) for row in _largest(rows))
        names = "; ".join(say.A_SLICE(field=field, value=value, size=size) for field, value, size in told)
        about = {"arm": spoken(arm), "against": spoken(against), "largest": names}
        none = say.ONE_SLICE_NO_DIFFERENCE if len(rows) == 1 else say.NO_SLICE_DIFFERS
        return [*said, none(**about) if len(rows) == 1 else none(slices=len(rows), **about)]
    if unlike.empty:
        said.append(say.ALIKE_ONE if len(rows) == 1 else say.ALIKE(slices=len(rows)))
    for row in _largest(sure if unlike.empty else unlike):
        found = say.IN_A_SLICE_UNLIKE if row["contrast_adjusted"] <= 1 - LEVEL else say.IN_A_SLICE
        said.append(
            found(
                field=capital(row["field"]) if row["kind"] == row["field"] else row["field"],
                value=row["value"],
                size=metric.told(row["difference"]),
                interval=span(row["low"], row["high"], change),
                share=f"{row['share']:.0%}",
                elsewhere=change(row["elsewhere"]),
            )
        )
    return said


def _buckets(rows: pd.DataFrame, kind: str, metric: Metric) -> str:
    """All buckets of a kind in one sentence, the significant ones marked."""
    own = rows[rows["kind"] == kind]
    told = ", ".join(
        (say.PART_OF_KIND if row["verdict"] == NONE else say.PART_OF_KIND_SURE)(
            part=row["value"], size=metric.change(row["difference"])
        )
        for row in own.to_dict("records")
    )
    unit = say.POINTS_OF(metric=metric) if metric.unit == "points" else str(metric)
    return say.BY_KIND(kind=kind, metric=unit, buckets=told)


def _largest(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order[:LARGEST]].to_dict("records")
