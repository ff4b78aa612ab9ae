"""The towers of one arm and seed as runnable PyTorch that knows nothing of this project."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from pdcn.config import JOINT
from pdcn.export.chosen import Chosen
from pdcn.export.plain import described

CHECKED = 64
"""Rows of each tower that are kept beside them with what they made of them, to compare with."""


def write(chosen: Chosen, out: Path) -> None:
    """tower.py, towers.safetensors, vocabularies.json and check.safetensors."""
    plain, dataset = chosen.plain, chosen.run.data.dataset
    (out / "tower.py").write_text(plain.source, encoding="utf-8")
    save_file(plain.weights, out / "towers.safetensors")
    known = {**{name: described(table) for name, table in plain.tables.items()}, "items": list(dataset.item_names)}
    (out / "vocabularies.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept: dict[str, torch.Tensor] = {}
    for name in plain.tables:
        codes, values, made = chosen.checked(name, CHECKED)
        kept |= {f"{name}.codes": codes, f"{name}.values": values}
        kept[f"{name}.{'logits' if name == JOINT else 'vectors'}"] = made
    save_file({name: one.contiguous() for name, one in kept.items()}, out / "check.safetensors")
