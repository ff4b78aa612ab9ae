"""Every point of every wiring holds what the plain NumPy towers hold there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pdcn.config import Network
from pdcn.evaluation.taps import points_of, taps
from pdcn.nn.tower import Tower
from pdcn.wirings import WIRINGS
from tests.unit.nn import nn_reference as reference
from tests.unit.pages.analysis_help import small_data, small_model

DATA = small_data()
SETTINGS: dict[str, Any] = {"embedding": 2, "deep": (6, 4), "output": 3, "cross_rank": 2, "experts": 2}
Array = NDArray[np.float64]


def double(tower: Tower) -> dict[str, Array]:
    return {name: weight.double().numpy() for name, weight in tower.state_dict().items()}


def held(tower: Tower, kind: str, network: Network) -> dict[str, Array]:
    """What each point holds, row by row, in double precision."""
    weights = double(tower)
    rows = [points(weights, kind, network, x0) for x0 in tower.x0(*DATA.queries[slice(None)]).double().numpy()]
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def points(weights: dict[str, Array], kind: str, network: Network, x0: Array) -> dict[str, Array]:
    def cross(column: int, first: int, start: Array, part: str = "cross", **own: str) -> dict[str, Array]:
        return {
            f"{column}.{first + at}": reference.crosses(
                weights, f"wiring.{part}", x0, start, network.model_copy(update={"cross_layers": at + 1, **own})
            )
            for at in range(network.cross_layers)
        }

    def deep(column: int, first: int, x: Array, part: str = "deep") -> dict[str, Array]:
        return {
            f"{column}.{first + at}": reference.deep(weights, f"wiring.{part}", x, network, at + 1)
            for at in range(len(network.deep))
        }

    found = {"embedding": x0}
    last = f"0.{network.cross_layers - 1}"
    if kind.startswith("parallel"):
        found |= cross(0, 0, x0)
        if kind == "parallel_no_linear":
            found[f"0.{network.cross_layers}"] = found[last] - x0
        found |= deep(1, 0, x0)
    elif kind == "wide_deep":
        found |= deep(1, 0, x0)
    elif kind == "linear":
        pass
    elif kind.startswith(("sequential", "stacked_parallel")):
        found |= cross(0, 0, x0)
        found |= deep(0, network.cross_layers, found[last])
        if kind == "stacked_parallel":
            found |= deep(1, 0, x0, "beside")
    elif kind == "edcn":
        layers = reference.bridged(weights, "wiring.bridged", x0, network)[1:]
        found |= {f"0.{row}": out for row, out in enumerate(out for c, d, b in layers for out in (d, c, b))}
        found |= {f"0.{3 * len(layers)}": layers[-1][0], "1.0": layers[-1][1], "2.0": layers[-1][2]}
    elif kind == "fcn":
        found |= cross(0, 0, x0, "exponential", cross="exponential") | cross(1, 0, x0, "linear", cross="masked")
    elif kind == "deep_only":
        found |= deep(0, 0, x0)
    elif kind == "cross_only":
        found |= cross(0, 0, x0)
    else:
        found |= deep(0, 0, x0)
        found["0.2"] = reference.linear(weights, "wiring.project", found["0.1"])
        found |= cross(0, 3, found["0.2"])
    joined = reference.wiring(weights, "wiring", kind, x0, network)
    if WIRINGS[kind].join:
        found["join"] = joined
    out = reference.linear(weights, "head", reference.deep(weights, "hidden", joined, network, len(network.head)))
    return {**found, "head": out / np.sqrt((out**2).sum())}


@pytest.mark.parametrize("cross", ["full", "low_rank", "mixture"])
@pytest.mark.parametrize("kind", WIRINGS)
def test_each_point_holds_what_the_reference_holds(kind: str, cross: str) -> None:
    network = {**SETTINGS, "cross": cross, "head": (5,)}
    tower = small_model(DATA, kind, **network).query
    expected = held(tower, kind, Network(**network))
    found = taps(tower, DATA.queries)
    assert list(found) == [point.key for point in points_of(tower.plan())]
    assert found.keys() == expected.keys()
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-4, atol=1e-4, err_msg=key)


@pytest.mark.parametrize("kind", WIRINGS)
def test_points_are_named_and_as_wide_as_they_are(kind: str) -> None:
    tower = small_model(DATA, kind, layer_norm=True, dropout=0.5).query
    points, found = points_of(tower.plan()), taps(tower, DATA.queries)
    assert [found[point.key].shape for point in points] == [(60, point.width) for point in points]
    assert len({point.name for point in points}) == len(points)
    assert (points[0].name, points[-1].name) == ("x0", "Output")


def test_a_second_deep_network_has_names_of_its_own() -> None:
    tower = small_model(DATA, "stacked_parallel").query
    assert [point.name for point in points_of(tower.plan())] == [
        "x0",
        "Cross 1",
        "Cross 2",
        "Deep 1",
        "Deep 2",
        "Deep 1 beside",
        "Deep 2 beside",
        "Concat",
        "Output",
    ]


def test_some_rows_are_those_rows_of_all_and_nothing_stays_hooked() -> None:
    tower = small_model(DATA, "parallel_gated").query
    rows = torch.tensor([7, 3, 59])
    some, every = taps(tower, DATA.queries, rows), taps(tower, DATA.queries)
    for key in every:
        np.testing.assert_allclose(some[key], every[key][rows.numpy()], atol=1e-6)
    assert not any(module._forward_hooks for module in tower.modules())


def test_without_cross_layers_there_are_no_cross_points() -> None:
    tower = small_model(DATA, "parallel", cross_layers=0).query
    found = taps(tower, DATA.queries)
    assert list(found) == ["embedding", "1.0", "1.1", "join", "head"]
    np.testing.assert_array_equal(found["join"][:, : found["embedding"].shape[1]], found["embedding"])
