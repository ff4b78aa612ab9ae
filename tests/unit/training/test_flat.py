"""One piece of memory: the models and their gradients are views of it, and each model stays itself."""

from __future__ import annotations

import copy
import warnings

import torch
from torch import nn

from pdcn.training.flat import ALIGNED, flatten


def models(count: int = 3) -> list[nn.Sequential]:
    return [nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1)) for _ in range(count)]


def test_models_keep_their_weights_and_read_what_is_written() -> None:
    own = models()
    before = [copy.deepcopy(one.state_dict()) for one in own]
    flat = flatten(own)
    for one, kept in zip(own, before, strict=True):
        assert all(torch.equal(weight, kept[name]) for name, weight in one.state_dict().items())
    flat.views["0.weight"].data[1] = 7.0
    seven = torch.full((3, 5), 7.0)
    assert torch.equal(own[1].state_dict()["0.weight"], seven)
    assert not torch.equal(own[0].state_dict()["0.weight"], seven)
    flat.weights.zero_()
    assert all((weight == 0).all() for one in own for weight in one.parameters())


def test_every_number_belongs_to_its_model() -> None:
    own = models()
    flat = flatten(own)
    for place, one in enumerate(own):
        flat.weights.zero_()
        for weight in one.parameters():
            weight.data.fill_(1.0)
        assert (flat.model[flat.weights == 1.0] == place).all()
        assert int((flat.weights == 1.0).sum()) == sum(weight.numel() for weight in one.parameters())
    assert all(
        view.data_ptr() % (4 * ALIGNED) == flat.weights.data_ptr() % (4 * ALIGNED) for view in flat.views.values()
    )


def test_gradients_are_added_in_place() -> None:
    own, x = models(), torch.randn(4, 5)
    flat = flatten(own)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # autograd warns where memory does not lie as it wants it
        for factor, one in enumerate(own, 1):
            (factor * one(x).sum()).backward()
    expected = [
        torch.cat([weight.grad.flatten() for weight in one.parameters() if weight.grad is not None]) for one in own
    ]
    for place, gradient in enumerate(expected):
        assert torch.isclose(flat.gradient[flat.model == place].norm(), gradient.norm())
    assert torch.allclose(flat.norms(), torch.stack([gradient.norm() for gradient in expected]))
    flat.gradient.zero_()
    assert (flat.norms() == 0).all()
    for weight in own[0].parameters():
        assert weight.grad is not None
        assert not weight.grad.any()
