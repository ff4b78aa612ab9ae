"""A model that a test knows to have two towers."""

from __future__ import annotations

from pdcn.nn.two_tower import Model, TwoTower


def two_tower(model: Model) -> TwoTower:
    """The model as one of two towers."""
    assert isinstance(model, TwoTower)
    return model
