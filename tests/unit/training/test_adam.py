"""Adam as a function against PyTorch's class."""

from __future__ import annotations

import torch

from pdcn.training.adam import Adam


def test_its_steps_are_those_of_the_class_to_the_last_bit() -> None:
    draws = torch.Generator().manual_seed(0)
    ours = torch.randn(1_000, generator=draws)
    theirs = ours.clone()
    ours.grad, theirs.grad = torch.zeros(1_000), torch.zeros(1_000)
    own, other = Adam(ours, 0.1), torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.0, fused=True)
    for step in range(50):
        own.rate = other.param_groups[0]["lr"] = 0.1 / (1 + step)
        gradient = torch.randn(1_000, generator=draws)
        ours.grad.copy_(gradient)
        theirs.grad.copy_(gradient)
        own.step()
        other.step()
        assert ours.tolist() == theirs.tolist()
    own.forget()
    before = ours.clone()
    own.step()
    assert (before - ours).abs().max() <= own.rate * 1.001  # a first step is as long as the rate, whatever came before
