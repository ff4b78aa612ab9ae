"""torch-rechub's MatchTrainer with in-batch negatives, and its own embedding, MLP and CrossNetV2 layers. Run by
`run.py`.

Its trainer neither corrects for the sampling probability nor removes accidental hits, and does not clip: it does less
than ours in a step. The batches come from memory, as slices of tensors, so that no data loader is timed.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import torch
from torch.nn import functional
from torch_rechub.basic.features import DenseFeature, SparseFeature
from torch_rechub.basic.layers import MLP, CrossNetV2, EmbeddingLayer
from torch_rechub.trainers import MatchTrainer

BATCH, WIDTH = 1_024, 8
data, steps = np.load(sys.argv[1]), int(sys.argv[2])


class Towers(torch.nn.Module):
    """Two parallel towers of the library's layers, as its two-tower models are written."""

    def __init__(self) -> None:
        super().__init__()
        self.features = {}
        for side in ("query", "item"):
            sparse = [
                SparseFeature(f"{side}{at}", vocab_size=int(size), embed_dim=WIDTH)
                for at, size in enumerate(data[f"{side}_sizes"])
            ]
            dense = [DenseFeature(f"{side}_number{at}") for at in range(data[f"{side}_values"].shape[1])]
            self.features[side] = [*sparse, *dense]
        self.embedding = EmbeddingLayer([*self.features["query"], *self.features["item"]])
        widths = {side: sum(one.embed_dim for one in own) for side, own in self.features.items()}
        self.cross = torch.nn.ModuleDict({side: CrossNetV2(width, 2) for side, width in widths.items()})
        self.deep = torch.nn.ModuleDict(
            {side: MLP(width, output_layer=False, dims=[64, 64], activation="relu") for side, width in widths.items()}
        )
        self.head = torch.nn.ModuleDict({side: torch.nn.Linear(width + 64, 32) for side, width in widths.items()})

    def _tower(self, x: dict[str, torch.Tensor], side: str) -> torch.Tensor:
        x0 = self.embedding(x, self.features[side], squeeze_dim=True)
        out = self.head[side](torch.cat([self.cross[side](x0), self.deep[side](x0)], dim=1))
        return functional.normalize(out, dim=1)

    def user_tower(self, x: dict[str, torch.Tensor]) -> torch.Tensor:
        return self._tower(x, "query")

    def item_tower(self, x: dict[str, torch.Tensor]) -> torch.Tensor:
        return self._tower(x, "item")


rows = (steps + 5) * BATCH
at = np.resize(np.random.default_rng(0).permutation(len(data["positive"])), rows)
columns: dict[str, torch.Tensor] = {}
for side, index in (("query", at), ("item", data["positive"][at])):
    columns |= {f"{side}{n}": torch.tensor(column[index]).long() for n, column in enumerate(data[f"{side}_codes"].T)}
    columns |= {f"{side}_number{n}": torch.tensor(column[index]) for n, column in enumerate(data[f"{side}_values"].T)}
label = torch.zeros(BATCH)
batches = [
    ({name: column[start : start + BATCH] for name, column in columns.items()}, label)
    for start in range(0, rows, BATCH)
]
trainer = MatchTrainer(Towers(), mode=2, in_batch_neg=True, optimizer_params={"lr": 0.01}, device="cpu")
trainer.train_one_epoch(batches[:5])
start = time.perf_counter()
trainer.train_one_epoch(batches[5:])
print()
print(json.dumps({"torch-rechub 0.9.0 MatchTrainer": steps * BATCH / (time.perf_counter() - start)}))
