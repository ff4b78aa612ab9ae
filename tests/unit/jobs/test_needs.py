"""What a study is said to need: against the towers as torch counts them, and offers that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.dials import assemble, changed
from pdcn.files import SHOWCASE, read_json
from pdcn.jobs import needs as module
from pdcn.jobs.needs import SMALLER, check, check_import, free_memory, needs, offered, refusal, smaller
from pdcn.jobs.submit import submit
from pdcn.nn.model import cost
from pdcn.nn.two_tower import TwoTower
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.journey import COUNTS, PLACES, JourneyData
from pdcn.sources.source import TableSize
from pdcn.training.loop import FEWEST_STEPS

PLANTED: dict[str, Any] = {"data": "planted", "events": 2_000, "items": 100, "users": 50}


def rows_of(experiment: Experiment) -> tuple[TableSize, TableSize]:
    size = SOURCES[experiment.data.source].size(experiment.data)
    return size.query, size.item


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"embedding": 16, "deep": (100, 50, 20), "cross_layers": 3},
        {"cross": "low_rank", "cross_rank": 4},
        {"cross": "mixture", "cross_rank": 4, "experts": 3},
        {"cross": "dcn_v1"},
        {"cross": "gated"},
        {"cross": "attention"},
        {"cross": "masked"},
        {"cross": "exponential"},
        {"head": (40,), "output": 16, "cross_layers": 0},
        {"item_deep": (7,)},
        {"id_embedding": 20},
    ],
    ids=lambda values: ", ".join(map(str, (*values, *values.values()))) or "defaults",
)
def test_weights_are_those_of_a_parallel_tower_but_for_biases_and_gates(values: dict[str, Any]) -> None:
    experiment = assemble({**PLANTED, **values})
    dataset = datasets.load(experiment.data)
    with torch.device("meta"):
        found = cost(TwoTower(dataset.queries, dataset.items, experiment, "parallel"))
    sides = zip(rows_of(experiment), experiment.networks(), strict=True)
    said = sum(
        module._dense(module._width(side, network), network, module._crossed(experiment, place))
        for place, (side, network) in enumerate(sides)
    )
    assert said == pytest.approx(found.dense, rel=0.08)
    tables = sum(
        module._tables(side, net) for side, net in zip(rows_of(experiment), experiment.networks(), strict=True)
    )
    assert tables == pytest.approx(found.total - found.dense, rel=0.03)  # a few values may come up nowhere


def test_an_arm_with_cross_networks_of_its_own_is_counted_where_it_needs_the_most() -> None:
    """The two of fcn together have as many weights as a full one, and put out five times as many numbers."""
    full, both = (assemble({**PLANTED, "arms": arms}) for arms in (("parallel",), ("parallel", "fcn")))
    dense, outputs = (
        [part(40, one.network, module._crossed(one, 0)) for one in (full, both)]
        for part in (module._dense, module._outputs)
    )
    assert dense[0] == dense[1]
    assert outputs[1] - outputs[0] == (2 * 5 - 2) * 40 * both.network.cross_layers
    assert needs(both).memory > needs(assemble({**PLANTED, "arms": ("parallel", "sequential")})).memory


def test_a_bag_takes_its_places_and_its_embeddings() -> None:
    plain, bagged = (assemble({"size": "quick", "history": history, "id_embedding": 16}) for history in (False, True))
    (query, _), (own, item) = rows_of(plain), rows_of(bagged)
    assert own.bags == ((744, PLACES),)
    assert item.bags == query.bags == ()
    network = bagged.network
    assert module._width(own, network) == module._width(query, network) + 16
    assert module._tables(own, network) == module._tables(query, network) + 744 * 16
    assert module._bytes(own) - module._bytes(query) == own.rows * PLACES * module.COPIES * module.NUMBER


@pytest.mark.parametrize("purchases", ["all", "first"])
def test_events_and_items_of_the_journey(purchases: Any) -> None:
    dataset = datasets.load(JourneyData(size="quick", purchases=purchases))
    assert COUNTS["quick", purchases] == (len(dataset.queries), len(dataset.items))


def test_events_and_items_of_the_showcase() -> None:
    data = read_json(SHOWCASE / "result.json")["data"]
    assert COUNTS["half", "all"] == (data["events"], data["items"])


@pytest.mark.parametrize(
    ("key", "small", "large", "grows"),
    [
        ("events", 100_000, 1_000_000, ("memory", "disk", "seconds")),
        ("items", 1_000, 1_000_000, ("memory", "disk", "seconds")),
        ("batch", 128, 8_192, ("memory",)),
        ("negatives", 0, 65_536, ("seconds",)),
        ("embedding", 8, 128, ("memory", "disk", "seconds")),
        ("seeds", 3, 30, ("disk", "seconds")),
        ("epochs", 1, 50, ("seconds",)),
        ("tune", 0, 20, ("seconds",)),
    ],
)
def test_more_needs_more(key: str, small: int, large: int, grows: tuple[str, ...]) -> None:
    one, two = (needs(assemble({"data": "planted", key: value}), 1e10) for value in (small, large))
    for part in ("memory", "disk", "seconds"):
        if part in grows:
            assert getattr(two, part) > 1.02 * getattr(one, part), part
        else:
            assert getattr(two, part) >= 0.99 * getattr(one, part), part


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ({"events": 2_000, "batch": 256, "epochs": 1}, 6),  # 85% of them are trained on
        ({"events": 2_000, "batch": 1_024, "epochs": 4}, 4),
        ({"events": 2_000, "batch": 256, "epochs": 2}, 12),
        ({"events": 2_000, "batch": 1_024, "updates": 40}, 40),
    ],
)
def test_trainings_of_too_few_steps_are_told_of_before(values: dict[str, Any], steps: int) -> None:
    assert module.FEWEST_STEPS == FEWEST_STEPS
    found = needs(assemble({**PLANTED, **values}))
    assert found.steps == steps
    assert bool(found.too_few_steps) == (steps < FEWEST_STEPS)


def test_time_goes_with_the_speed_of_the_machine() -> None:
    experiment = assemble({"data": "planted", "epochs": 50})
    assert needs(experiment, 1e9).seconds > 4 * needs(experiment, 8e9).seconds


MUCH: dict[str, dict[str, Any]] = {
    "batch": {"batch": 65_536},
    "negatives": {"batch": 2, "negatives": 65_536, "items": 100_000, "deep": (1_024,)},
    "events": {"batch": 2, "events": 10_000_000},
    "items": {"batch": 2, "items": 1_000_000},
    "embedding": {"batch": 2, "embedding": 128, "fields": 20, "values": 1_000},
}
"""Studies that need much because of one dial."""


@pytest.mark.parametrize("key", SMALLER)
def test_an_offer_turns_one_dial_down_and_fits(key: str) -> None:
    experiment = assemble({"data": "planted", "match": "none", **MUCH[key]})
    room = 0.7 * needs(experiment).memory
    offer = smaller(experiment, room, 1e12)
    assert offer is not None
    assert set(changed(offer, experiment)) == {key}
    assert needs(offer).memory <= room


def test_nothing_is_offered_where_no_dial_is_enough() -> None:
    assert smaller(Experiment(), 1e6, 1e12) is None


def test_what_does_not_fit_is_refused_with_an_offer_before_anything_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = assemble({"data": "planted", "batch": 65_536})
    assert refusal(experiment, tmp_path) == ""
    monkeypatch.setattr(module, "free_memory", lambda: 0.75e9)
    said = refusal(experiment, tmp_path)
    assert said.startswith("This study needs about ")
    assert "0.8 GB are free. It fits with batch " in said
    offer = offered(experiment, tmp_path)
    assert offer is not None
    assert f"It fits with batch {offer.training.batch:,}." in said
    store = Store(tmp_path)
    with pytest.raises(SettingError, match="It fits"):
        submit(store, experiment)
    assert store.rows() == []
    monkeypatch.setattr(module, "free_memory", lambda: 1e6)
    with pytest.raises(SettingError, match="Choose a smaller batch, fewer events or narrower towers"):
        check(experiment, tmp_path)


def test_what_does_not_fit_on_the_disk_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = assemble({"data": "planted", "embedding": 128, "values": 1_000})
    need = needs(experiment).disk
    monkeypatch.setattr(module, "room", lambda path: int(need / 2))
    said = refusal(experiment, tmp_path)
    assert "on the disk" in said
    assert str(tmp_path) in said


def test_free_memory_is_some_of_the_machine() -> None:
    assert 0 < free_memory() < 1e15


def test_events_that_each_training_draws_take_memory_and_no_time() -> None:
    one, anew = (needs(assemble({"data": "planted", "training_sets": sets})) for sets in ("one", "bootstrap"))
    assert anew.memory - one.memory >= 8 * 100_000
    assert (anew.seconds, anew.disk) == (one.seconds, one.disk)


def test_an_import_that_does_not_fit_says_so_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_import(1e6, tmp_path)
    monkeypatch.setattr(module, "free_memory", lambda: 0.5e9)
    check_import(50e6, tmp_path)
    with pytest.raises(SettingError, match=r"needs about 1.4 GB of memory, and 0.5 GB are free.*PDCN_IMPORT_MEMORY"):
        check_import(1e9, tmp_path)
    monkeypatch.setenv("PDCN_IMPORT_MEMORY", "200")
    check_import(1e9, tmp_path)  # what does not fit lies on the disk meanwhile
    monkeypatch.setattr(module, "room", lambda _: int(2e9))
    with pytest.raises(SettingError, match=r"needs about 3.0 GB on the disk while it is at work, and 2.0 GB are free"):
        check_import(1e9, tmp_path)
    monkeypatch.setenv("PDCN_MOST_MEGABYTES", "1000")
    with pytest.raises(SettingError, match=r"may take 1.0 GB"):
        check_import(1e9, tmp_path)
