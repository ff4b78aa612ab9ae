"""Scores, ranks, lists and occlusion against NumPy in double precision, and planted roles recovered."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from pdcn.dials import assemble
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.pages.retrieve.work.retrieval import (
    Query,
    Retriever,
    average_x0,
    by_difference,
    chosen_together,
    places,
    standardised,
    steady_fields,
    value_shares,
)
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import NumberField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, model_ranks, ranks_of
from pdcn.training.loop import Trainer

CPU = torch.device("cpu")


@cache
def small() -> Dataset:
    return planted(PlantedData(events=2_000, items=80, users=30, fields=4, values=5))


@cache
def asked(arm: str = "parallel", **dials: object) -> Retriever:
    """A model that was never trained, with a second start so that no bias is zero."""
    dataset = small()
    experiment = assemble({"data": "planted", "cross_layers": 1, "deep": (6,), "embedding": 3, "output": 5, **dials})
    model = TwoTower(dataset.queries, dataset.items, experiment, arm)
    initialise(model, 3, 0.5)
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight, std=0.3, generator=torch.Generator().manual_seed(len(name)))
    model.requires_grad_(False).eval()
    return Retriever(model, DeviceData(dataset, CPU), value_shares(dataset.queries, dataset.part("train")))


def deep_only(tower: torch.nn.Module, x0: NDArray[np.float64]) -> NDArray[np.float64]:
    """A deep-only tower above x0 (rows, D), in double precision."""
    weights = {name: value.double().numpy() for name, value in tower.state_dict().items()}
    hidden = np.maximum(x0 @ weights["wiring.deep.linears.0.weight"].T + weights["wiring.deep.linears.0.bias"], 0)
    assert "hidden.linears.0.weight" not in weights
    out = hidden @ weights["head.weight"].T + weights["head.bias"]
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def x0_of(
    table: Table, tower: torch.nn.Module, codes: NDArray[np.int32], values: NDArray[np.float32]
) -> NDArray[np.float64]:
    weight = tower.state_dict()["embedding.weight"].double().numpy()
    starts = np.cumsum([0, *(len(field.values) for field in table.categories)])[:-1]
    return np.concatenate([*(weight[start + code] for start, code in zip(starts, codes, strict=True)), values])


def test_scores_are_those_of_a_reference_in_double_precision() -> None:
    found, dataset = asked("deep_only"), small()
    query = Query.of(dataset, 7)
    items = np.stack(
        [
            x0_of(dataset.items, found.model.item, c, v)
            for c, v in zip(dataset.items.codes, dataset.items.values, strict=True)
        ]
    )
    own = x0_of(dataset.queries, found.model.query, query.codes, query.values)[None]
    expected = (deep_only(found.model.query, own) @ deep_only(found.model.item, items).T)[0]
    answer = found.answer(query)
    np.testing.assert_allclose(answer.score, expected / float(found.model.temperature), atol=1e-4)
    np.testing.assert_array_equal(answer.top(5)["item"], np.argsort(-expected)[:5])


def test_ranks_are_those_of_the_evaluation() -> None:
    dataset = small()
    events = dataset.events("test")[:60]
    for arm in ("parallel", "sequential"):
        found = asked(arm)
        kept = model_ranks(found.model, found.data, events)
        shown = [found.answer(Query.of(dataset, int(e))).rank[dataset.positive[e]] for e in events]
        np.testing.assert_array_equal(shown, kept)


def test_what_a_user_had_before_is_no_answer_any_more() -> None:
    dataset = replace(small(), leave_out=True)
    found = asked()
    retriever = Retriever(found.model, DeviceData(dataset, CPU), found.query_shares)
    events = dataset.events("test")[-40:]
    kept = model_ranks(found.model, retriever.data, events)
    for event, rank in zip(events.tolist(), kept, strict=True):
        before = dataset.when < dataset.when[event]
        had = {*dataset.positive[before & (dataset.user == dataset.user[event])].tolist()}
        query, item = Query.of(dataset, event), int(dataset.positive[event])
        answer = retriever.answer(query)
        assert {*query.had.tolist()} == had
        assert not had & {*answer.top(len(dataset.items) - len(had))["item"].tolist()}
        assert answer.rank[item] == rank
        if item not in had:
            assert set(retriever.query_occlusion(query, item)["rank"]) == {rank}
            assert set(retriever.item_occlusion(query, item)["rank"]) == {rank}


def test_ties_and_nan_count_as_the_evaluation_counts_them() -> None:
    draws = np.random.default_rng(1)
    score = draws.integers(0, 6, 50).astype(np.float32)
    score[[3, 9]] = np.nan
    rows = torch.from_numpy(np.tile(score, (50, 1)))
    np.testing.assert_array_equal(places(score), ranks_of(rows, torch.arange(50)).numpy())


def test_the_list_has_tied_items_in_the_order_of_the_catalogue() -> None:
    found = asked()
    dead = Retriever(found.model, found.data, found.query_shares)
    dead.catalogue = Catalogue.of(torch.zeros(len(small().items), len(dead.catalogue.columns)))
    top = dead.answer(Query.of(small(), 0)).top(4)
    assert top["item"].tolist() == [0, 1, 2, 3]
    assert top["place"].tolist() == [1, 2, 3, 4]
    assert set(top["rank"]) == {39.5}


def test_a_hidden_field_is_its_mean_embedding_over_the_training_events() -> None:
    found, dataset = asked(), small()
    train = dataset.queries.codes[dataset.part("train")]
    numbers = len(dataset.queries.numbers)
    mean = average_x0(found.model.query, found.query_shares, numbers).numpy()
    rows = found.model.query.embedding(torch.tensor(train)).numpy()
    np.testing.assert_allclose(mean[:-numbers], rows.astype(np.float64).mean(0), atol=1e-5)
    assert not mean[-numbers:].any()


def test_occlusion_of_a_query_by_hand() -> None:
    found, dataset = asked("deep_only"), small()
    query, item = Query.of(dataset, 11), 5
    frame = found.query_occlusion(query, item)
    own = x0_of(dataset.queries, found.model.query, query.codes, query.values)
    mean = average_x0(found.model.query, found.query_shares, len(dataset.queries.numbers)).double().numpy()
    vectors = encode_rows(found.model.item, found.data.items).double().numpy()
    width, count = 3, len(dataset.queries.categories)
    heat = float(found.model.temperature)
    whole = (deep_only(found.model.query, own[None]) @ vectors.T)[0]
    assert len(frame) == count + len(dataset.queries.numbers)
    for at, row in enumerate(frame.to_dict("records")):
        part = (
            slice(at * width, (at + 1) * width)
            if at < count
            else slice(count * width + at - count, count * width + at - count + 1)
        )
        hidden = own.copy()
        hidden[part] = mean[part]
        score = (deep_only(found.model.query, hidden[None]) @ vectors.T)[0]
        assert row["adds"] == pytest.approx((whole[item] - score[item]) / heat, abs=1e-4)
        assert row["score"] == pytest.approx(row["without"] + row["adds"], abs=1e-5)
        assert row["rank"] == (whole > whole[item]).sum()
        assert row["rank_without"] == (score > score[item]).sum()


def test_occlusion_of_an_item_moves_that_item_alone() -> None:
    found, dataset = asked("deep_only"), small()
    query, item = Query.of(dataset, 11), 5
    frame = found.item_occlusion(query, item).set_index("field")
    own = x0_of(dataset.items, found.model.item, dataset.items.codes[item], dataset.items.values[item])
    mean = average_x0(found.model.item, value_shares(dataset.items), len(dataset.items.numbers)).double().numpy()
    hidden = own.copy()
    hidden[3:6] = mean[3:6]  # the second field
    asking = deep_only(found.model.query, x0_of(dataset.queries, found.model.query, query.codes, query.values)[None])[0]
    others = encode_rows(found.model.item, found.data.items).double().numpy() @ asking
    score = float(deep_only(found.model.item, hidden[None])[0] @ asking)
    row = frame.loc["i2"]
    assert row["without"] == pytest.approx(score / float(found.model.temperature), abs=1e-4)
    assert row["rank_without"] == (np.delete(others, item) > score).sum()


@pytest.mark.parametrize("cross", ["full", "low_rank", "mixture"])
def test_every_kind_of_cross_answers(cross: str) -> None:
    found = asked("parallel", cross=cross)
    query = Query.of(small(), 3)
    frame = found.query_occlusion(query, 4)
    assert np.isfinite(frame["adds"]).all()
    assert frame["score"].iloc[0] == pytest.approx(found.answer(query).score[4], abs=1e-5)


def test_planted_crosses_matter_more_than_a_field_without_a_role() -> None:
    """Of four query fields two make a strong cross; one is shuffled and the numbers have no effect: no role."""
    dataset = planted(
        PlantedData(
            events=30_000, items=300, users=1_000, fields=4, values=4, crosses=1, strength=3, nonlinear=0, noise=0
        )
    )
    assert dataset.truth is not None
    (cross,) = (one for one in dataset.truth.crosses if one.side == "query")
    names = [field.name for field in dataset.queries.categories]
    idle = next(at for at, name in enumerate(names) if name not in cross.fields)
    codes = dataset.queries.codes.copy()
    codes[:, idle] = np.random.default_rng(0).permutation(codes[:, idle])
    table = Table(dataset.queries.categories, dataset.queries.numbers, codes, dataset.queries.values.copy())
    dataset = replace(dataset, queries=table)
    data = DeviceData(dataset, CPU)
    trainer = Trainer(data, assemble({"data": "planted", "batch": 128, "epochs": 4}), "parallel", 0)
    trainer.lap(10_000)
    trainer.model.load_state_dict(trainer.best)
    model = trainer.model.requires_grad_(False).eval()
    found = Retriever(two_towers(model), data, value_shares(table, dataset.part("train")))
    events = dataset.events("test")[:200]
    frames = [found.query_occlusion(Query.of(dataset, int(e)), int(dataset.positive[e])) for e in events]
    size = pd.concat(frames).assign(adds=lambda f: f["adds"].abs()).groupby("field")["adds"].mean()
    roleless = [names[idle], *(number.name for number in table.numbers)]
    assert size[list(cross.fields)].min() > 10 * size[roleless].max()


def test_who_one_is_and_what_was_chosen_at_the_same_moment() -> None:
    dataset = small()
    steady = steady_fields(dataset.queries, dataset.user)
    assert steady.tolist() == [True, True, False, False, True, False]  # half of fields and numbers belong to the user
    when = dataset.when.copy()
    user, positive = dataset.user.copy(), dataset.positive.copy()
    when[101:104] = when[100]
    user[100:104] = 1, 1, 2, 1
    positive[100:104] = 4, 9, 7, 4
    together = replace(dataset, when=when, user=user, positive=positive)
    assert chosen_together(together, 100).tolist() == [9]
    assert chosen_together(together, 102).tolist() == []


def test_a_number_set_by_hand_is_standardised_as_the_data_is() -> None:
    for log in ("", "ln", "log1p"):
        number = NumberField("x", "X", "", 1.5, 0.7, log)
        for value in (-1.3, 0.0, 2.1):
            assert standardised(number, float(number.raw(value))) == pytest.approx(value, abs=1e-9)


def test_changed_fields_are_named_by_their_place() -> None:
    table = small().queries
    query = Query.of(small(), 0)
    other = Query(query.codes.copy(), query.values.copy())
    assert other.changed(query, table) == []
    other.codes[1] += 1
    other.values[0] += 1
    assert other.changed(query, table) == [1, 4]
    assert [word for _, word in other.table(table).words(0)][1] == table.categories[1].values[other.codes[1]]


def test_fields_are_sorted_by_what_the_two_arms_differ_in() -> None:
    frame = pd.DataFrame(
        {
            "field": ["x", "y", "z"] * 2,
            "arm": ["a"] * 3 + ["b"] * 3,
            "seed": 0,
            "adds": [1.0, -5.0, 2.0, 1.5, -5.1, -2.0],
        }
    )
    assert by_difference(frame, ("a", "b"), 0) == ["z", "x", "y"]
    assert by_difference(frame[frame["arm"] == "a"], ("a",), 0) == ["y", "z", "x"]
