"""The weights of a run as they are kept, with a loader, and the file that repeats its experiment."""

from __future__ import annotations

import shutil
from pathlib import Path

from pdcn.export.chosen import Chosen
from pdcn.runs.folder import RunFolder

LOADER = '''"""Weights of one arm and seed, by name: load("parallel", 0)["query.head.weight"]."""

from pathlib import Path

from safetensors.torch import load_file


def load(arm, seed, folder=Path(__file__).parent):
    path = Path(folder) / f"{arm}.{seed}.safetensors"
    return load_file(path)
'''


def write(folder: RunFolder, out: Path) -> None:
    """Every arm's and seed's weights, and load_weights.py."""
    chosen = Chosen(folder)
    for arm in folder.trained:
        for seed in folder.seeds_of(arm):
            path = folder.weights(arm, seed)
            shutil.copyfile(path, out / path.name)
    (out / "load_weights.py").write_text(LOADER, encoding="utf-8")
    write_experiment(chosen.folder, out)


def write_experiment(folder: RunFolder, out: Path) -> None:
    """experiment.json, from which `compare --config` makes the same experiment."""
    (out / "experiment.json").write_text(folder.experiment.to_json() + "\n", encoding="utf-8")
