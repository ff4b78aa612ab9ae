"""Examples: what was shown, or could have been chosen, to whom, and whether it was; in one order of time.

Where data has outcomes, an example is an impression. Elsewhere each event is one that was chosen, and items that are
drawn for it are such as were not.
Shapes: n events, m impressions without engagement, k drawn items of each event, N items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pdcn.arrays import Doubles, Flags, Floats, Ints
from pdcn.config import Experiment
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.split import PARTS
from pdcn.sources.truth import Truth
from pdcn.tasks import words as say

ROUNDS = 100
"""A draw that was chosen at the same moment is repeated at most so often; by then hardly any is left."""


def examples(dataset: Dataset, experiment: Experiment) -> Dataset:
    """The data as examples, whose `outcome` is their label, 1 or 0."""
    if dataset.feedback is not None:
        return _shown(dataset, dataset.feedback, experiment.outcomes.outcome)
    settings = experiment.ranking
    return _sampled(dataset, drawn(dataset, settings.sampled, settings.sampled_power))


def _shown(dataset: Dataset, feedback: Feedback, group: str) -> Dataset:
    """Every impression: label 1 where it came to what is judged, and 0 where to something else or to nothing."""
    assert dataset.outcome is not None
    passed, events = feedback.passed, len(dataset.queries)
    judged = feedback.within(group, dataset.outcome) if group in feedback.groups else np.ones(events, bool)
    label = np.concatenate([judged, np.zeros(len(passed.queries), bool)]).astype(np.float32)
    when = np.concatenate([dataset.when, passed.when])
    rows, more = np.arange(events), np.arange(len(passed.queries))
    of_part = [np.concatenate([rows[dataset.part(part)], events + more[passed.part(part)]]) for part in PARTS]
    order = np.concatenate([rows[np.argsort(when[rows], kind="stable")] for rows in of_part])
    none, truth = np.zeros(0, np.int64), feedback.truths.get(group)
    return replace(
        dataset,
        queries=_stacked(dataset.queries, passed.queries, order),
        positive=np.concatenate([dataset.positive, passed.item])[order],
        user=np.concatenate([dataset.user, passed.user])[order],
        when=when[order],
        bounds=_bounds(of_part),
        truth=None if truth is None else Truth(truth.crosses, truth.query[:, :0][:1], truth.item[:, :0]),
        outcome=label[order],
        weight=None if dataset.weight is None else _padded(dataset.weight, len(passed.queries), 1.0)[order],
        leave_out=False,
        feedback=replace(
            feedback,
            kinds=(say.NOT_CHOSEN, group),
            groups={group: (1,)},
            value=_padded(feedback.value, len(passed.queries), 0.0)[order],
            passed=Passed(passed.queries.at(none), none, none, none, (0, 0)),
            truths={},
        ),
    )


def _sampled(dataset: Dataset, items: Ints) -> Dataset:
    """Each event, label 1, and behind it the items (n, k) that were drawn for it, label 0."""
    events, k = items.shape
    each = np.repeat(np.arange(events), 1 + k)
    label = np.zeros((events, 1 + k), np.float32)
    label[:, 0] = 1.0
    truth = dataset.truth
    return replace(
        dataset,
        queries=dataset.queries.at(each),
        positive=np.column_stack([dataset.positive, items]).ravel(),
        user=dataset.user[each],
        when=dataset.when[each],
        bounds=(dataset.bounds[0] * (1 + k), dataset.bounds[1] * (1 + k)),
        truth=None if truth is None else replace(truth, query=truth.query[each]),
        outcome=label.ravel(),
        weight=None if dataset.weight is None else dataset.weight[each],
        leave_out=False,
    )


def drawn(dataset: Dataset, k: int, power: float) -> Ints:
    """Items (n, k) that were not chosen: drawn with a chance in proportion to (1 + training count) ^ power.

    None of them is what the same user chose at the same moment, nor, where nobody has an item twice, what that user
    had before: as far as the catalogue leaves anything else. They follow from the content of the data, and so are the
    same for all arms and all seeds.
    """
    rng = np.random.default_rng([int(dataset.hash, 16), k])
    edges = np.cumsum(chances(dataset, power))

    def draw(many: int) -> Ints:
        at = np.searchsorted(edges, rng.random(many) * edges[-1], side="right")
        return np.asarray(np.minimum(at, len(edges) - 1))

    event = np.repeat(np.arange(len(dataset.queries)), k)
    found: Ints = draw(len(event))
    open_ = np.arange(len(event))
    chosen = _Chosen(dataset)
    for _ in range(ROUNDS):
        open_ = open_[chosen.was(event[open_], found[open_])]
        if not len(open_):
            break
        found[open_] = draw(len(open_))
    return np.asarray(found.reshape(-1, k))


def chances(dataset: Dataset, power: float) -> Doubles:
    """How likely each item is to be drawn, (N,), in sum 1."""
    weight = (1.0 + dataset.counts) ** power
    return np.asarray(weight / weight.sum())


class _Chosen:
    """What every user chose when."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.items = dataset, len(dataset.items)
        _, self.moment = np.unique(dataset.when, return_inverse=True)
        pair = self._pair(dataset.user, dataset.positive)
        self.span = int(self.moment.max()) + 1
        if dataset.leave_out:  # each pair is there once
            order = np.argsort(pair)
            self.keys, self.first = pair[order], self.moment[order]
        else:
            self.keys = np.unique(pair * self.span + self.moment)

    def _pair(self, user: Ints, item: Ints) -> Ints:
        return user * self.items + item

    def was(self, event: Ints, item: Ints) -> Flags:
        """Whether the user of each event (b,) had the item (b,): at that moment, or by then where that counts."""
        pair, moment = self._pair(self.dataset.user[event], item), self.moment[event]
        key = pair if self.dataset.leave_out else pair * self.span + moment
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        there = self.keys[at] == key
        return np.asarray(there & (self.first[at] <= moment) if self.dataset.leave_out else there)


def _bounds(of_part: Sequence[Ints]) -> tuple[int, int]:
    return len(of_part[0]), len(of_part[0]) + len(of_part[1])


def _padded(column: Floats, more: int, value: float) -> Floats:
    return np.concatenate([column, np.full(more, value, np.float32)])


def _stacked(one: Table, other: Table, rows: Ints) -> Table:
    codes, values = np.concatenate([one.codes, other.codes]), np.concatenate([one.values, other.values])
    return replace(one, codes=codes[rows], values=values[rows])
