"""This project's loop: one model on one core, and one model a core; and the products of a step alone. Run by
`run.py`."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import torch

from pdcn import sources as datasets
from pdcn.dials import assemble
from pdcn.host import cores
from pdcn.nn.two_tower import two_towers
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads
from pdcn.training.loop import Trainer
from pdcn.training.throughput import Floor

steps = int(sys.argv[2])
calm_threads()
experiment = assemble({"match": "none", "epochs": 200, "evaluations": 1, "patience": 0})
data = DeviceData(datasets.load(experiment.data), torch.device("cpu"))
trainers = [Trainer(data, experiment, "parallel", seed, lambda *_: 0.0) for seed in range(cores())]
found = {}
with ThreadPoolExecutor(cores(), initializer=calm_threads) as pool:
    size = min(experiment.training.batch, len(data))
    floors = [Floor(two_towers(trainer.model), size, size, data.device) for trainer in trainers]
    list(pool.map(lambda floor: floor.lap(10), floors))
    start = time.perf_counter()
    list(pool.map(lambda floor: floor.lap(steps), floors))
    found["floor, one loop a core"] = len(floors) * steps * size / (time.perf_counter() - start)
    for way, own in (("ours, one model", trainers[:1]), (f"ours, {cores()} models beside each other", trainers)):
        list(pool.map(lambda trainer: trainer.lap(10), own))
        start = time.perf_counter()
        list(pool.map(lambda trainer: trainer.lap(steps), own))
        found[way] = len(own) * steps * experiment.training.batch / (time.perf_counter() - start)
print(json.dumps(found))
