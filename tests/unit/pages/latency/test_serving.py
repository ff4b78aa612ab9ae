"""Lists end to end: exact ones are exact, approximate ones are judged against them, catalogues are filled up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.evaluation.timing import HostClock, Timer
from pdcn.export.item_index import library
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.work.indexes import faiss_threads, indexes, on_disk
from pdcn.pages.latency.work.serving import BATCHES, COLUMNS, filled_up, in_turn, serving_frame, share_found
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import model_ranks

TINY = {"data": "planted", "events": 2_000, "items": 200, "users": 50}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DeviceData:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        return DeviceData(datasets.load(assemble(TINY).data), torch.device("cpu"))


@pytest.fixture(scope="module")
def models(data: DeviceData) -> dict[str, TwoTower]:
    found = {}
    for arm in ("parallel", "sequential"):
        model = TwoTower(data.dataset.queries, data.dataset.items, Experiment(), arm)
        initialise(model, 0, 1.0)
        found[arm] = model.requires_grad_(False).eval()
    return found


def vectors(count: int, width: int = 16, seed: int = 0) -> torch.Tensor:
    found = torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(found)


def test_exact_search_is_a_sort_and_approximate_search_comes_near() -> None:
    items, query = vectors(3_000), vectors(20, seed=1)
    expected = np.argsort(-(query.numpy() @ items.numpy().T), axis=1)[:, :10]
    shares: dict[str, list[float]] = {}
    for one in indexes(items, 10):
        found = one.search(query)
        assert found.shape == (20, 10)
        shares.setdefault(one.index, []).append(share_found(found, expected, 3_000))
    assert shares["exact"] == [1.0, 1.0]
    for approximate in ("hnsw", "ivf"):
        assert shares[approximate] == sorted(shares[approximate])  # who looks further finds more
        assert 0.1 < shares[approximate][0] < 1
        assert shares[approximate][-1] > 0.7


def test_all_lists_looked_through_are_exact() -> None:
    items = vectors(60)  # too few for more than one list
    exact, *_, last, kept = indexes(items, 5)
    assert [last.index, kept.index] == ["ivf", "ivf_disk"]
    for one in (last, kept):
        assert one.setting == "nprobe 1 of 1"
        assert (one.search(vectors(9, seed=2)) == exact.search(vectors(9, seed=2))).all()


def test_lists_on_disk_made_part_by_part_find_what_those_in_memory_find(capfd: pytest.CaptureFixture[str]) -> None:
    faiss, items, query = library(), vectors(3_000).numpy(), vectors(20, seed=1).numpy()
    held = faiss.IndexIVFFlat(faiss.IndexFlatIP(16), 16, 20, faiss.METRIC_INNER_PRODUCT)
    held.train(items)
    held.add(items)
    kept = on_disk(held.quantizer, items, 700)
    assert capfd.readouterr().out == ""  # a command may print JSON there
    assert isinstance(faiss.downcast_InvertedLists(kept.invlists), faiss.OnDiskInvertedLists)
    assert kept.ntotal == 3_000
    for probes in (1, 4):
        how = faiss.SearchParametersIVF(nprobe=probes)
        (scores, found), (others, expected) = (one.search(query, 10, params=how) for one in (kept, held))
        assert np.array_equal(found, expected)
        assert np.array_equal(scores, others)


def test_a_list_is_no_longer_than_the_catalogue() -> None:
    for one in indexes(vectors(7), 100):
        assert sorted(one.search(vectors(1, seed=3))[0]) == list(range(7)), one


def test_threads_of_a_search_are_given_back() -> None:
    before = library().omp_get_max_threads()
    with faiss_threads(before + 1):
        assert library().omp_get_max_threads() == before + 1
    assert library().omp_get_max_threads() == before


@pytest.mark.parametrize("count", [1, 2])
def test_searches_and_towers_take_turns_on_so_many_threads(count: int) -> None:
    """faiss and torch each bring threads of their own."""
    items, layer = vectors(2_000, 64), torch.nn.Linear(64, 64)
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with faiss_threads(count), torch.inference_mode():
            exact, flat = indexes(items, 10)[:2]
            for _ in range(20):
                query = layer(vectors(256, 64))
                assert share_found(flat.search(query), exact.search(query), 2_000) > 0.999
    finally:
        torch.set_num_threads(before)


def test_a_catalogue_is_filled_up_field_by_field(data: DeviceData) -> None:
    own = data.dataset.items
    more = filled_up(own, 500)
    assert len(more) == 500
    assert (more.codes[:200] == own.codes).all()
    assert (more.values[:200] == own.values).all()
    for column, given in zip(more.codes.T, own.codes.T, strict=True):
        assert set(column) <= set(given)
    assert len(np.unique(more.codes[200:], axis=0)) > 250  # not copies of a few
    same = filled_up(own, 100)
    assert (same.codes == own.codes).all()


def test_the_frame_says_what_ranking_says(data: DeviceData, models: dict[str, TwoTower]) -> None:
    events = data.dataset.events("test")
    plan = Plan.of({"threads": "1", "seconds": 0.0, "repeats": 3, "items": 400, "events": len(events), "k": 20})
    rows = serving_frame(models, data, plan, Timer(HostClock()))
    assert list(rows) == COLUMNS
    assert set(rows["items"]) == {200, 400}
    assert set(rows["batch"]) == set(BATCHES)
    assert not rows.duplicated(["arm", "index", "setting", "threads", "batch", "items"]).any()
    assert rows[["encode_p50", "search_p50", "p50"]].to_numpy().min() > 0
    shares = rows[["overlap_with_exact", "recall", "recall_exact"]].to_numpy()
    assert 0 <= shares.min() <= shares.max() <= 1
    exact = rows[(rows["index"] == "exact") & (rows["setting"] == "torch")]
    assert (exact["recall"] == exact["recall_exact"]).all()
    assert (exact["overlap_with_exact"] == 1).all()
    for arm, model in models.items():
        own = exact[(exact["arm"] == arm) & (exact["items"] == 200)]["recall"].unique()
        assert own == pytest.approx([(model_ranks(model, data, events) < 20).mean()], abs=2 / len(events))
        filled = exact[(exact["arm"] == arm) & (exact["items"] == 400)]["recall"].unique()
        assert filled < own  # more items to be confused with
    assert (rows[rows["index"] != "exact"]["build_seconds"] > 0).all()


def test_without_made_up_items_there_is_the_catalogue_alone(data: DeviceData, models: dict[str, TwoTower]) -> None:
    plan = Plan.of({"threads": "1", "seconds": 0.0, "repeats": 2, "items": 0, "events": 16})
    rows = serving_frame(models, data, plan, Timer(HostClock()))
    assert set(rows["items"]) == {200}
    assert set(rows["k"]) == {100}
    assert set(rows["arm"]) == set(models)


def test_batches_take_turns() -> None:
    seen: list[str] = []
    call = in_turn(seen.append, ["a", "b"])
    for _ in range(3):
        call()
    assert seen == ["a", "b", "a"]
