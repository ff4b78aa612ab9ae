"""Errors for want of memory or disk, as they really come, in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from pdcn.cli import main
from pdcn.jobs.trouble import in_words, out_of_memory

HUGE = 2**58


def test_memory_that_no_machine_has_is_told_alike(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as of_torch:
        torch.empty(HUGE // 4, dtype=torch.float32)
    with pytest.raises(MemoryError) as of_numpy:
        np.ones(HUGE // 8)
    for error in (
        of_torch.value,
        of_numpy.value,
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    ):
        assert out_of_memory(error)
        assert in_words(error, tmp_path, "a smaller batch needs less") == (
            "The machine ran out of memory; a smaller batch needs less."
        )


def test_other_errors_are_told_by_nobody_here(tmp_path: Path) -> None:
    for error in (
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        ValueError("not enough memory of the last meal"),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)),
    ):
        assert in_words(error, tmp_path, "less") is None


def test_the_command_line_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))

    def run_out(*_: object) -> None:
        torch.empty(HUGE // 4, dtype=torch.float32)

    monkeypatch.setattr("pdcn.cli.inventory.Store", run_out)
    assert main(["runs"]) == 1
    assert capsys.readouterr().err == (
        "pdcn: The machine ran out of memory; smaller data or a smaller batch needs less.\n"
    )
