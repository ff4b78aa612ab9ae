"""The check of another device, on a machine that has none."""

from __future__ import annotations

import sys

import pytest
import torch

from tests.benchmarks import devices


def test_a_device_that_is_not_here_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["devices.py", "--device", "cuda"])
    with pytest.raises(SystemExit, match=r"^expected a (torch that was built with CUDA|GPU that torch .* can use)"):
        devices.main()
