"""TensorFlow Recommenders: graph mode, in-memory batches, its own Cross layer and Retrieval task. Run by `run.py`.

Its Retrieval task corrects for the sampling probability and removes accidental hits as ours does. No gradient clipping
but by global norm, as ours; no learning-rate schedule.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

BATCH, WIDTH = 1_024, 8
data, steps = np.load(sys.argv[1]), int(sys.argv[2])


class Tower(tf.keras.Model):
    """Embeddings of all fields and the numbers, then cross network and MLP side by side, then the head."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.tables = [tf.keras.layers.Embedding(int(size), WIDTH) for size in sizes]
        self.cross = [tfrs.layers.dcn.Cross() for _ in range(2)]
        self.deep = [tf.keras.layers.Dense(64, activation="relu") for _ in range(2)]
        self.head = tf.keras.layers.Dense(32)

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        codes, values = inputs
        x0 = tf.concat([*(table(codes[:, at]) for at, table in enumerate(self.tables)), values], axis=1)
        x, deep = x0, x0
        for layer in self.cross:
            x = layer(x0, x)
        for layer in self.deep:
            deep = layer(deep)
        return tf.math.l2_normalize(self.head(tf.concat([x, deep], axis=1)), axis=1)


class Model(tfrs.Model):
    """Both towers and the in-batch softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.item = Tower(data["query_sizes"]), Tower(data["item_sizes"])
        self.task = tfrs.tasks.Retrieval(temperature=0.1, remove_accidental_hits=True)

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        return self.task(
            self.query((features["codes"], features["values"])),
            self.item((features["item_codes"], features["item_values"])),
            candidate_sampling_probability=features["share"],
            candidate_ids=features["id"],
            compute_metrics=False,
        )


rows = (steps + 10) * BATCH
at = np.random.default_rng(0).permutation(len(data["positive"]))
at = np.resize(at, rows)
items = data["positive"][at]
batches = tf.data.Dataset.from_tensor_slices(
    {
        "codes": data["query_codes"][at],
        "values": data["query_values"][at],
        "item_codes": data["item_codes"][items],
        "item_values": data["item_values"][items],
        "share": data["share"][items].astype(np.float32),
        "id": items,
    }
).batch(BATCH)
batches = batches.cache().prefetch(tf.data.AUTOTUNE)
for _ in batches:  # everything is in memory before the clock runs
    pass
model = Model()
model.compile(optimizer=tf.keras.optimizers.legacy.Adam(0.01, global_clipnorm=1.0))
model.fit(batches.take(10), epochs=1, verbose=0)
timed = batches.skip(10)
start = time.perf_counter()
model.fit(timed, epochs=1, verbose=0)
print(json.dumps({"TensorFlow Recommenders 0.7.7": steps * BATCH / (time.perf_counter() - start)}))
