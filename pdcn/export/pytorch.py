"""Both towers of one arm and seed as runnable PyTorch that knows nothing of this project."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from pdcn.export.chosen import Chosen
from pdcn.export.plain import described
from pdcn.nn.two_tower import SIDES
from pdcn.sources.schema import spaced

CHECKED = 64
"""Rows of each side whose vectors are kept beside the towers, to compare with."""


def write(chosen: Chosen, out: Path) -> None:
    """tower.py, towers.safetensors, vocabularies.json and check.safetensors."""
    plain, dataset = chosen.plain, chosen.run.data.dataset
    (out / "tower.py").write_text(plain.source, encoding="utf-8")
    save_file(plain.weights, out / "towers.safetensors")
    described_sides = {"query": described(dataset.queries), "item": described(dataset.items)}
    known = {**described_sides, "items": list(dataset.item_names)}
    (out / "vocabularies.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    model, data = chosen.run.model(chosen.arm, chosen.seed), chosen.run.data
    kept: dict[str, torch.Tensor] = {}
    for side in SIDES:
        rows = data.queries if side == "query" else data.items
        codes, values = rows[torch.from_numpy(spaced(len(rows.codes), CHECKED))]
        with torch.inference_mode():
            vectors = model.tower(side)(codes, values)
        kept |= {f"{side}.codes": codes.long(), f"{side}.values": values, f"{side}.vectors": vectors.clone()}
    save_file({name: one.contiguous() for name, one in kept.items()}, out / "check.safetensors")
