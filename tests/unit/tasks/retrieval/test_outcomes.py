"""Several outcomes: what they weigh, who learns from them, what joins the candidates, and what is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pdcn.nn.two_tower import two_towers
from pdcn.settings import SettingError
from pdcn.sources.feedback import Passed
from pdcn.sources.truth import Truth
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.advertisers import Among, Owners, owners
from pdcn.tasks.retrieval.batches import DeviceData, draws
from pdcn.tasks.retrieval.hard import Pool
from pdcn.tasks.retrieval.mixed import MixedBatch, loss_of
from pdcn.tasks.retrieval.outcomes import head_of, weights_of
from pdcn.training.ensemble import crews
from pdcn.training.loop import Trainer
from tests.unit.outcomes_help import (
    BUY,
    CAP,
    CLICK,
    CPU,
    PLAIN,
    SAVE,
    asked,
    known,
    seen,
    taken,
    task_of,
    trained,
    with_feedback,
)
from tests.unit.outcomes_help import without as left_out

DATA = with_feedback()
OUTCOME, TOLD = known(DATA)


def same(one: Trainer, other: Trainer) -> bool:
    """Whether two trainings ended with the same weights, bit for bit, but for those that one of them lacks."""
    first, second = (dict(trainer.model.named_parameters()) for trainer in (one, other))
    return all(torch.equal(first[name], second[name]) for name in first.keys() & second.keys())


def batch_of(data: DeviceData, experiment: Any, seed: int = 5) -> MixedBatch:
    task, training = task_of(experiment), experiment.training
    found: MixedBatch = next(task.batches(data, training, task.draws(data, training, seed)))
    return found


# weights


def test_engagement_counts_by_the_logarithm_of_its_value_up_to_the_cap() -> None:
    experiment = asked(conversion_weight=3.0, engagement_weight=0.5)
    weight = weights_of(DATA, experiment.outcomes)
    assert set(weight[OUTCOME == BUY]) == {3.0}
    assert set(weight[OUTCOME == SAVE]) == {0.5}  # a save has no duration and counts whole
    clicks = np.flatnonzero(OUTCOME == CLICK)
    expected = [0.5 * np.log(1 + min(float(TOLD.value[at]), CAP)) / np.log(1 + CAP) for at in clicks]
    assert weight[clicks] == pytest.approx(expected, rel=1e-5)
    assert weight[clicks].max() == pytest.approx(0.5)  # some are cut
    alike = weights_of(DATA, asked(value_weight="equal").outcomes)
    assert set(alike) == {1.0}


@pytest.mark.parametrize("heads", ["unified", "two"])
def test_what_weighs_nothing_might_as_well_not_be_there(heads: str) -> None:
    experiment = asked(engagement_weight=0.0, heads=heads)
    whole, less = trained(DATA, experiment), trained(left_out(DATA, (CLICK, SAVE)), experiment)
    assert whole.step == less.step == 8
    assert same(whole, less)
    assert not same(whole, trained(DATA, asked(heads=heads)))


def test_a_weight_of_two_is_twice_the_gradient() -> None:
    def gradient(weight: Tensor | None, **dials: float) -> dict[str, Tensor]:
        experiment = asked(**{**PLAIN, **dials})
        data = seen(DATA, experiment)
        trainer = Trainer(data, experiment, "parallel", 0)
        batch = batch_of(data, experiment)
        if weight is not None:
            batch = replace(batch, weight=weight[batch.events])
        trainer.task.loss(trainer.towers, data, batch).backward()  # type: ignore[no-untyped-call]
        # training events count one on average
        mean = 1.0 if data.dataset.weight is None else float(data.dataset.weight[: data.dataset.bounds[0]].mean())
        return {name: mean * p.grad for name, p in trainer.model.named_parameters() if p.grad is not None}

    once, twice = gradient(None), gradient(None, conversion_weight=2.0)
    own = gradient(torch.tensor(OUTCOME == BUY, dtype=torch.float32))
    for name, found in twice.items():
        torch.testing.assert_close(found, once[name] + own[name], rtol=1e-4, atol=1e-6)


def test_nothing_to_learn_from_and_nothing_to_judge_by_are_said() -> None:
    with pytest.raises(SettingError, match="engagement_weight: expected one of the weights of outcomes above 0"):
        asked(conversion_weight=0.0, engagement_weight=0.0)
    with pytest.raises(SettingError, match="conversion_weight: expected a weight above 0 for the head that is served"):
        asked(conversion_weight=0.0, heads="two")
    assert asked(conversion_weight=0.0, heads="two", outcome="engagement").outcomes.served == "engagement"
    unsold = left_out(DATA, (BUY,))
    for experiment in (asked(heads="two"), asked(engagement_weight=0.0)):
        with pytest.raises(SettingError, match="expected training events of conversion with a weight above 0"):
            task_of(experiment).view(unsold, experiment)
    late = np.arange(len(OUTCOME)) >= DATA.bounds[1]
    sold_out = replace(DATA, outcome=np.where(late & (OUTCOME == BUY), SAVE, OUTCOME).astype(np.float32))
    with pytest.raises(SettingError, match="expected test events of conversion, got none"):
        task_of(asked()).view(sold_out, asked())


# one head, or two


def test_all_alike_is_plain_retrieval_bit_for_bit() -> None:
    experiment = asked(**PLAIN, outcome="all")
    data = seen(DATA, experiment)
    found = trained(DATA, experiment)
    plain = Trainer(data, experiment, "parallel", 3)
    plain.task = Retrieval()
    plain.batches = plain.task.batches(data, plain.settings, draws(data, plain.settings, 3))
    while plain.lap(100):
        pass
    assert same(found, plain)


def test_a_head_that_is_not_trained_does_not_move() -> None:
    still, moves = asked(heads="two", engagement_weight=0.0), asked(heads="two")
    for experiment in (still, moves):
        trainer = Trainer(seen(DATA, experiment), experiment, "parallel", 3)
        assert experiment.training.weight_decay > 0
        second = two_towers(trainer.model).query.second, two_towers(trainer.model).item.second
        before = [head.weight.detach().clone() for head in second if head is not None]
        served = two_towers(trainer.model).query.head.weight.detach().clone()
        trainer.lap(20)
        after = [head.weight for head in second if head is not None]
        assert len(after) == 2
        assert all(torch.equal(one, other) == (experiment is still) for one, other in zip(before, after, strict=True))
        assert not torch.equal(served, two_towers(trainer.model).query.head.weight)


def test_each_head_learns_from_its_own_outcomes_and_the_judged_one_is_served() -> None:
    for outcome, served in (("conversion", (BUY,)), ("engagement", (CLICK, SAVE)), ("all", (BUY,))):
        experiment = asked(heads="two", outcome=outcome)
        batch = batch_of(seen(DATA, experiment), experiment)
        first, second = (OUTCOME[batch.events[rows]] for rows in batch.rows)
        assert np.isin(first, served).all()
        assert not np.isin(second, served).any()
        assert len(first) + len(second) == len(batch.events)


def test_a_second_head_leaves_all_else_as_it_was() -> None:
    plain, both = (
        two_towers(Trainer(seen(DATA, one), one, "parallel", 3).model) for one in (asked(), asked(heads="two"))
    )
    weights, more = dict(plain.named_parameters()), dict(both.named_parameters())
    assert {*more} - {*weights} == {
        f"{side}.second.{part}" for side in ("query", "item") for part in ("weight", "bias")
    }
    assert all(torch.equal(weight, more[name]) for name, weight in weights.items())
    rows = torch.arange(5)
    data = seen(DATA, asked())
    assert torch.equal(plain.query(*data.queries[rows]), both.query(*data.queries[rows]))
    assert torch.equal(both.query(*data.queries[rows], both=True)[0], both.query(*data.queries[rows]))


# hard negatives


def test_hard_negatives_are_drawn_by_themselves() -> None:
    none, some = asked(hard_negatives=0.0, negatives=7), asked(hard_negatives=0.5, negatives=7)
    data = seen(DATA, some)
    drawn = [list(task_of(one).draws(data, one.training, 4)) for one in (none, some)]
    assert [len(step) for step in drawn[0][:1] + drawn[1][:1]] == [2, 3]
    for plain, more in zip(*drawn, strict=True):
        assert torch.equal(plain[0], more[0])
        assert torch.equal(plain[1], more[1])
        assert len(more[2]) == 64
    train = TOLD.passed.item[: TOLD.passed.bounds[0]]
    found = np.concatenate([step[2].numpy() for step in drawn[1]])
    assert set(found) <= set(train)
    shares = np.bincount(train, minlength=60) / len(train)
    assert np.abs(np.bincount(found, minlength=60) / len(found) - shares).max() < 0.03
    again = list(task_of(some).draws(data, some.training, 4))
    assert all(torch.equal(one[2], other[2]) for one, other in zip(again, drawn[1], strict=True))
    assert same(trained(DATA, asked(hard_negatives=0.0)), trained(DATA, asked(hard_negatives=0.001)))  # rounds to none


def test_a_share_of_no_hard_negatives_is_a_world_in_which_nothing_was_passed_by_bit_for_bit() -> None:
    rows, none = np.zeros(0, np.int64), asked(hard_negatives=0.0)
    empty = Passed(taken(TOLD.passed.queries, rows), rows, rows, rows, (0, 0))
    bare = replace(DATA, feedback=replace(TOLD, passed=empty))
    assert same(trained(DATA, none), trained(bare, none))
    assert not same(trained(DATA, none), trained(DATA, asked(hard_negatives=0.25)))
    with pytest.raises(SettingError):
        trained(bare, asked(hard_negatives=0.25))


def test_of_users_drawn_anew_only_what_was_shown_to_them_is_drawn() -> None:
    data = seen(DATA, asked()).resampled(1)
    users = set(DATA.user[data.train])
    train = slice(0, TOLD.passed.bounds[0])
    expected = [
        item for item, user in zip(TOLD.passed.item[train], TOLD.passed.user[train], strict=True) if user in users
    ]
    assert 0 < len(users) < DATA.users()
    assert Pool.of(data).items.tolist() == expected


def test_candidates_are_corrected_by_what_they_were_drawn_from() -> None:
    experiment = asked(hard_negatives=0.5, negatives=16, value_weight="equal")
    data = seen(DATA, experiment)
    batch = batch_of(data, experiment)
    train = DATA.positive[: DATA.bounds[0]]
    p, h = (
        np.bincount(items, minlength=60) / len(items) for items in (train, TOLD.passed.item[: TOLD.passed.bounds[0]])
    )
    q = (128 * p + 16 / 60 + 64 * h) / (128 + 16 + 64)
    assert batch.log_q.numpy() == pytest.approx(np.log(q[batch.items.numpy()]), abs=1e-5)
    assert int(batch.times.sum()) == 128 + 16 + 64


# the whole loss


@pytest.mark.parametrize("heads", ["unified", "two"])
def test_the_loss_and_its_gradient_are_those_of_its_definition(heads: str) -> None:
    experiment = asked(heads=heads, hard_negatives=0.3, batch=24, negatives=5, conversion_weight=2.0)
    data = seen(DATA, experiment)
    batch = batch_of(data, experiment)
    two, draw = heads == "two", np.random.default_rng(3)
    shape = (2,) if two else ()
    query, items = (draw.standard_normal((*shape, rows, 5)) for rows in (24, len(batch.items)))
    among = batch.among
    assert among is not None
    assert among.log_q.dtype == torch.float32
    train = DATA.bounds[0]
    share = np.bincount(owners(DATA)[DATA.positive[:train]], minlength=5) / train
    assert among.log_q.numpy() == pytest.approx(np.log(1 - (1 - share[among.codes.numpy()]) ** 24), abs=1e-5)

    weight, log_q = (batch.weight.double().numpy() if batch.weight is not None else None), batch.log_q.double().numpy()
    assert weight is not None
    of_item, of_event = owners(DATA)[batch.items.numpy()], owners(DATA)[DATA.positive[batch.events.numpy()]]
    candidates = batch.candidates.numpy()

    def defined(query: Any, items: Any) -> float:
        total = 0.0
        for row, event in enumerate(batch.events.tolist()):
            head = 0 if not two or OUTCOME[event] == BUY else 1
            q, v = (query[head], items[head]) if two else (query, items)
            own = int(DATA.positive[event])
            place = {int(item): at for at, item in enumerate(batch.items)}
            corrected = {item: q[row] @ v[at] - log_q[at] for item, at in place.items()}
            others = sum(np.exp(corrected[item]) for item in candidates.tolist() if item != own)
            total += weight[row] * (np.log(np.exp(corrected[own]) + others) - corrected[own])
            if head == 0:
                firms = {}
                for firm in set(of_event.tolist()):
                    mean = v[of_item == firm].mean(0)
                    firms[firm] = q[row] @ (mean / np.linalg.norm(mean)) - np.log(1 - (1 - share[firm]) ** 24)
                spread = np.log(sum(map(np.exp, firms.values())))
                total += 0.7 * weight[row] * (spread - firms[of_event[row]])
        return total / len(batch.events)

    exact = replace(batch, log_q=batch.log_q.double(), among=replace(among, log_q=among.log_q.double()))
    both = [torch.tensor(one, requires_grad=True) for one in (query, items)]
    loss = loss_of(both[0], both[1], exact, 0.7, lambda among, items: among.means(items, normalise=True))
    assert loss.item() == pytest.approx(defined(query, items), rel=1e-6)
    loss.backward()  # type: ignore[no-untyped-call]
    for which, array in enumerate((query, items)):
        gradient = both[which].grad
        assert gradient is not None
        for _ in range(12):
            at = tuple(draw.integers(size) for size in array.shape)
            step = np.zeros_like(array)
            step[at] = 1e-5
            given = [
                (one + step, one - step) if place == which else (one, one) for place, one in enumerate((query, items))
            ]
            up, down = (defined(given[0][way], given[1][way]) for way in (0, 1))
            assert float(gradient[at]) == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-8)


def test_an_advertiser_of_its_own_is_a_vector_that_learns() -> None:
    experiment = asked(advertiser_vector="table", advertiser_loss=1.0)
    data = seen(DATA, experiment)
    trainer = Trainer(data, experiment, "parallel", 3)
    model = two_towers(trainer.model)
    assert model.groups is not None
    assert len(model.groups) == len(DATA.items.categories[0].values)
    vectors = model.group(torch.tensor([1, 2]))
    assert torch.linalg.vector_norm(vectors, dim=1).tolist() == pytest.approx([1, 1])
    before = model.groups.detach().clone()
    trainer.lap(3)
    present = set(owners(DATA)[DATA.positive[: DATA.bounds[0]]].tolist())
    moved = {at for at in range(len(before)) if not torch.equal(before[at], model.groups[at])}
    assert present <= moved
    without = Trainer(seen(DATA, asked()), asked(), "parallel", 3).model
    assert without.groups is None


def test_no_advertiser_loss_is_none_bit_for_bit() -> None:
    none, table = asked(advertiser_loss=0.0), asked(advertiser_loss=0.0, advertiser_vector="table")
    assert same(trained(DATA, none), trained(DATA, table))
    assert not same(trained(DATA, none), trained(DATA, asked(advertiser_loss=1.0)))


def test_an_item_of_no_advertiser_of_the_batch_is_left_out() -> None:
    whose = Owners(torch.tensor([3, 1, 3, 9]), torch.zeros(10))
    among = whose.among(torch.tensor([0, 1]), torch.tensor([0, 1, 2, 3]), log_q=True)
    assert among.codes.tolist() == [1, 3]
    assert among.own.tolist() == [1, 0]
    assert among.of_items.tolist() == [1, 0, 1, 2]
    vectors = torch.tensor([[1.0, 0], [0, 5], [3, 0], [7, 7]])
    assert Among.means(among, vectors, normalise=False).tolist() == [[0, 5], [2, 0]]


# training and judging


def test_seeds_with_several_outcomes_train_apart() -> None:
    experiment = asked()
    own = [Trainer(seen(DATA, experiment), experiment, "parallel", seed) for seed in (0, 1)]
    for one in own:
        one.data.device = torch.device("cuda")
    assert crews(own) == own


def test_validation_watches_what_the_verdict_is_about() -> None:
    experiment = asked(outcome="engagement")
    data, task = seen(DATA, experiment), task_of(experiment)
    events = task.events(data.dataset, "validation")
    expected = [at for at in range(*DATA.bounds) if OUTCOME[at] in (CLICK, SAVE)]
    assert events.tolist() == expected
    model = Trainer(data, experiment, "parallel", 0).model
    metric, ranks = task.watched(len(DATA.items)), task.measure(model, data, events)
    each = [np.mean(metric.values(ranks[DATA.user[events] == user])) for user in np.unique(DATA.user[events])]
    assert task.validate(model, data) == pytest.approx(np.mean(each))


def test_events_are_told_apart_by_outcome_surface_and_advertiser() -> None:
    events = DATA.events("test")
    labels = task_of(asked()).labels(DATA, events)
    assert labels["outcome"].tolist() == ["conversion" if OUTCOME[at] == BUY else "engagement" for at in events]
    field = DATA.queries.categories[0]
    assert labels["surface"].tolist() == [field.values[DATA.queries.codes[at, 0]] for at in events]
    sold: dict[int, int] = {}
    for at in range(DATA.bounds[0]):
        if OUTCOME[at] == BUY:
            firm = int(DATA.items.codes[DATA.positive[at], 0])
            sold[firm] = sold.get(firm, 0) + 1
    head, so_far = set(), 0
    for firm in sorted(sold, key=lambda one: (-sold[one], one)):
        if 2 * so_far < sum(sold.values()):
            head.add(firm)
            so_far += sold[firm]
    assert set(head_of(DATA).tolist()) == head
    own = owners(DATA)[DATA.positive[events]]
    assert labels["advertisers"].tolist() == ["head" if firm in head else "tail" for firm in own.tolist()]


def test_the_oracle_knows_of_each_event_the_truth_of_its_outcome() -> None:
    assert DATA.truth is not None
    other = Truth((), -DATA.truth.query, DATA.truth.item)  # whatever is best for conversions is worst for engagement
    told = replace(TOLD, truths={"conversion": DATA.truth, "engagement": other})
    events = DATA.events("test")
    ranks = task_of(asked()).baselines(replace(DATA, feedback=told), events)["oracle"]
    sign = np.where(OUTCOME[events] == BUY, 1.0, -1.0)[:, None]
    scores = sign * (DATA.truth.query[events].astype(np.float64) @ DATA.truth.item.T.astype(np.float64))
    best = scores[np.arange(len(events)), DATA.positive[events]][:, None]
    higher = (scores > best + 1e-9).sum(1)
    assert np.mean(np.abs(ranks - higher) < 1) > 0.99


def test_weights_are_no_part_of_the_content() -> None:
    experiment = asked(conversion_weight=2.0)
    assert task_of(experiment).view(DATA, experiment).hash == DATA.hash
    assert replace(DATA, feedback=None).hash != DATA.hash
    assert DeviceData(DATA, CPU).weight is None
