"""What is planted is found where it was planted: small trained runs, seen through the map that the page draws."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pdcn.dials import assemble, quick
from pdcn.nn.two_tower import SIDES, TwoTower, two_towers
from pdcn.pages.crosses.figures import block_map, largest_by_kind
from pdcn.pages.crosses.work.recovery import planted_pairs
from pdcn.pages.crosses.work.scoring import Scoring
from pdcn.pages.crosses.work.weights import block_frame, cross_layers
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.tasks.retrieval.ranks import model_ranks, popularity_ranks
from pdcn.training.loop import Trainer

ARMS, WORLDS = ("parallel", "sequential"), (0, 1, 2)


@cache
def data_of(world: int) -> DeviceData:
    """The data of `--data planted --quick`, of this data seed."""
    settings = assemble(quick({"data": "planted", "data_seed": world})).data
    assert isinstance(settings, PlantedData)
    return DeviceData(planted(settings), torch.device("cpu"))


def trained(world: int, arm: str) -> TwoTower:
    """One training with the settings of `--data planted --quick`."""
    experiment = assemble(quick({"data": "planted", "data_seed": world}))
    trainer = Trainer(data_of(world), experiment, arm, 0)
    while trainer.state == "training":
        trainer.lap(100)
    return two_towers(trainer.finish())


def brightness(values: NDArray[np.float64], numbers: list[int]) -> NDArray[np.float64]:
    """How far up its own colour scale the map draws each block, (blocks, blocks)."""
    labels = tuple(map(str, range(len(values))))
    figure = block_map(values, labels, largest_by_kind(values, numbers), what="", numbers=numbers)
    drawn = [trace.z / trace.zmax for trace in figure.data if trace.type == "heatmap"]
    return np.asarray(np.nansum(drawn, axis=0))


def planted_blocks_are_brighter_than_the_others(model: TwoTower, data: DeviceData) -> None:
    assert data.dataset.truth is not None
    scoring = Scoring(model, data, data.dataset.events("test", 2_048))
    for side in SIDES:
        blocks, truth = scoring.blocks[side], planted_pairs(data.dataset.truth.crosses, side)
        first = next(iter(cross_layers(scoring.towers[side], scoring.x0[side])))
        values = block_frame(first, blocks)["scaled"].to_numpy().reshape(len(blocks), -1)
        numbers = [at for at, width in enumerate(blocks.widths) if width == 1]
        bright = brightness(values, numbers)
        is_planted = np.array([[frozenset((a, b)) in truth for b in blocks.names] for a in blocks.names])
        assert is_planted.sum() == 6
        assert bright[is_planted].mean() > bright[~is_planted].mean()
        with_number = np.isin(np.arange(len(blocks)), numbers)
        free = ~(is_planted | with_number[:, None] | with_number)
        assert bright[is_planted].mean() > bright[free].mean()


def it_clearly_beats_popularity(model: TwoTower, data: DeviceData) -> None:
    """By more than four standard errors of the difference over events."""
    events = data.dataset.events("validation")
    ours = Recall(10).values(model_ranks(model, data, events)).astype(float)
    more = ours - Recall(10).values(popularity_ranks(data.dataset, events))
    assert more.mean() > 4 * more.std() / np.sqrt(len(events))
    assert more.mean() > 0.05


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("arm", ARMS)
def test_the_quick_planted_run_beats_popularity_and_its_map_shows_what_was_planted(world: int, arm: str) -> None:
    data, model = data_of(world), trained(world, arm)
    it_clearly_beats_popularity(model, data)
    planted_blocks_are_brighter_than_the_others(model, data)
