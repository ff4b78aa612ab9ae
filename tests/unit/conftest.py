"""A small run that was really trained, for tests of what is made of one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from pdcn.runs.folder import RunFolder
from tests.shared import trained_once
from tests.unit.studies_help import tiny

torch.set_num_threads(1)  # as a training sets it for the whole process: so no test depends on one before it


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Trained once for all; not to be written to."""
    return trained_once(tmp_path_factory, "trained", tiny(strength=2.0))


@pytest.fixture
def folder(trained: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The trained run in a home of its own."""
    home = tmp_path / "home"
    shutil.copytree(trained.path.parents[1], home)
    monkeypatch.setenv("PDCN_HOME", str(home))
    return RunFolder(home / "runs" / trained.run)
