"""What becomes an example: events and items that were not chosen, or impressions with what came of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pdcn import sources, tasks
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.split import PARTS
from pdcn.tasks.ranking import baselines
from pdcn.tasks.ranking.examples import chances, drawn, examples
from pdcn.tasks.ranking.metrics import GroupedAUC, LogLoss, calibration_error

SMALL = {"task": "ranking", "data": "planted", "events": 4_000, "items": 60, "users": 40}


def asked(**values: object) -> Experiment:
    return assemble({**SMALL, **values})


@cache
def plain() -> Dataset:
    return sources.load(asked().data)


def test_every_event_comes_with_items_that_were_not_chosen() -> None:
    dataset, found = plain(), tasks.load(asked(sampled=3))
    events = len(dataset.queries)
    assert found.outcome is not None
    assert found.outcome.reshape(-1, 4).tolist() == [[1, 0, 0, 0]] * events
    assert found.positive[::4].tolist() == dataset.positive.tolist()
    assert found.bounds == (4 * dataset.bounds[0], 4 * dataset.bounds[1])
    assert (found.queries.codes.reshape(events, 4, -1) == dataset.queries.codes[:, None]).all()
    assert (np.diff(found.when) >= 0).all()
    assert not (found.positive.reshape(-1, 4)[:, 1:] == dataset.positive[:, None]).any()


def test_the_draws_follow_from_the_data_alone() -> None:
    one, again = drawn(plain(), 2, 0.75), drawn(plain(), 2, 0.75)
    assert one.tolist() == again.tolist()
    assert tasks.load(asked(seed=9, seeds=5)).hash == tasks.load(asked()).hash
    other = sources.load(asked(data_seed=1).data)
    assert drawn(other, 2, 0.75).tolist() != one.tolist()


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_items_are_drawn_by_their_popularity_to_a_power(power: float) -> None:
    share = np.bincount(drawn(plain(), 8, power).ravel(), minlength=60) / (8 * len(plain().queries))
    expected = (1 + plain().counts) ** power
    assert share == pytest.approx(expected / expected.sum(), abs=0.005)


def test_what_a_user_chose_at_that_moment_is_never_drawn() -> None:
    dataset = plain()
    one_moment = replace(dataset, when=np.full(len(dataset.queries), 7), user=np.arange(len(dataset.queries)) // 20)
    found = drawn(one_moment, 2, 0.0)
    for user in range(30):
        own = np.flatnonzero(one_moment.user == user)
        assert not {*found[own].ravel().tolist()} & {*one_moment.positive[own].tolist()}


def test_nobody_is_asked_about_what_was_had_before_where_that_is_left_out() -> None:
    dataset = plain()
    pair = dataset.user * 60 + dataset.positive
    first = np.sort(np.unique(pair, return_index=True)[1])
    once = replace(
        dataset,
        queries=replace(dataset.queries, codes=dataset.queries.codes[first], values=dataset.queries.values[first]),
        positive=dataset.positive[first],
        user=dataset.user[first],
        when=dataset.when[first],
        bounds=(len(first) - 200, len(first) - 100),
        truth=None,
        leave_out=True,
    )
    found, had = drawn(once, 1, 0.0)[:, 0], dict[int, set[int]]()
    full = 0
    for user, item, other in zip(once.user.tolist(), once.positive.tolist(), found.tolist(), strict=True):
        had.setdefault(user, set()).add(item)
        full += len(had[user]) == 60  # has everything, so that nothing else is left to draw
        assert other not in had[user] or len(had[user]) > 50
    assert full < len(first)


def with_feedback() -> Dataset:
    """Four events in 40 that came to a click (1) or a checkout (2), the rest passed by, in three parts."""
    dataset = plain()
    events = np.arange(0, 4_000, 10)
    past = np.setdiff1d(np.arange(4_000), events)[::3]

    def some(rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> object:
        return replace(dataset.queries, codes=dataset.queries.codes[rows], values=dataset.queries.values[rows])

    passed = Passed(some(past), dataset.positive[past], dataset.user[past], dataset.when[past], (1_000, 1_100))  # type: ignore[arg-type]
    edge = int(passed.when[999]), int(passed.when[1_099])
    bounds = tuple(int(np.searchsorted(dataset.when[events], at, side="right")) for at in edge)
    outcome = np.tile([1, 2, 1, 1], 100).astype(np.float32)
    feedback = Feedback(
        kinds=("none", "click", "checkout"),
        groups={"engagement": (1,), "conversion": (2,)},
        value=np.ones(400, np.float32),
        cap=1.0,
        unit="",
        surface="q1",
        advertiser="i1",
        passed=passed,
    )
    return replace(
        dataset,
        queries=some(events),  # type: ignore[arg-type]
        positive=dataset.positive[events],
        user=dataset.user[events],
        when=dataset.when[events],
        bounds=bounds,  # type: ignore[arg-type]
        truth=None,
        outcome=outcome,
        feedback=feedback,
    )


@pytest.mark.parametrize(("outcome", "ones"), [("conversion", 100), ("engagement", 300), ("all", 400)])
def test_an_impression_is_an_example_whose_label_is_what_is_judged(outcome: str, ones: int) -> None:
    dataset = with_feedback()
    assert dataset.feedback is not None
    experiment = Experiment.of_record(
        {"task": "ranking", "data": {"source": "shopping"}, "outcomes": {"outcome": outcome}}
    )
    found = examples(dataset, experiment)
    assert found.outcome is not None
    assert found.outcome.sum() == ones
    assert len(found.queries) == 400 + len(dataset.feedback.passed.queries)
    assert (np.diff(found.when) >= 0).all()
    for part in PARTS:
        own = len(range(*dataset.part(part).indices(400)))
        own += len(range(*dataset.feedback.passed.part(part).indices(len(dataset.feedback.passed.queries))))
        assert len(found.events(part)) == own
    # each row is still itself: user, moment and item of one impression
    rows = {*zip(dataset.user.tolist(), dataset.when.tolist(), dataset.positive.tolist(), strict=True)}
    own_rows = zip(
        found.user.tolist(), found.when.tolist(), found.positive.tolist(), found.outcome.tolist(), strict=True
    )
    assert all(tuple(row[:3]) in rows for row in own_rows if row[3])


def test_rates_are_learned_from_training_and_smoothed() -> None:
    dataset = tasks.load(asked(sampled=1))
    assert dataset.outcome is not None
    events, train = dataset.events("test"), dataset.part("train")
    found = baselines.rates(dataset, dataset.positive, events)
    item = int(dataset.positive[events[0]])
    shown = dataset.positive[train] == item
    rate = (dataset.outcome[train][shown].sum() + baselines.PRIOR * 0.5) / (shown.sum() + baselines.PRIOR)
    assert found[0] == pytest.approx(np.log(rate / (1 - rate)))


def test_the_oracle_knows_the_chances() -> None:
    """Without a taste of each event's own nothing is better, and its chances are right."""
    dataset = tasks.load(asked(events=20_000, noise=0.0))
    experiment, events = asked(events=20_000, noise=0.0), np.arange(len(dataset.queries))
    assert dataset.outcome is not None
    logits = {"oracle": baselines.oracle(dataset, experiment.ranking, events), **baselines.joined(dataset, events)}
    columns = baselines.measured(dataset, events, logits)
    assert calibration_error(columns["oracle"]) < 0.01
    loss = {name: LogLoss().values(column).mean() for name, column in columns.items()}
    assert loss["oracle"] < 0.8 * loss["item_rate"] < loss["constant_rate"]
    order = {name: GroupedAUC.by_user([GroupedAUC()], one, dataset.user).mean() for name, one in columns.items()}
    assert order["oracle"] > order["item_rate"] > order["constant_rate"] == 0.5
    assert chances(dataset, 0.75).sum() == pytest.approx(1)


def test_settings_of_ranking_stand_where_they_say_something() -> None:
    assert "ranking" not in assemble({"data": "planted"}).record()
    assert asked(sampled=7).record()["ranking"]["sampled"] == 7
    assert Experiment.from_json(asked(sampled=7).to_json()) == asked(sampled=7)
    with pytest.raises(SettingError, match="sampled: expected with ranking and events alone only"):
        assemble({"data": "shopping", "task": "ranking", "sampled": 7})
    with pytest.raises(SettingError, match="log_q: expected with two towers only"):
        asked(log_q=False)
    with pytest.raises(SettingError, match="arms: expected one wiring in each"):
        asked(arms=("parallel-sequential", "parallel"))
    assert assemble({"task": "ranking"}, assemble({"data": "planted", "item_deep": (16,)})).item_network is None
