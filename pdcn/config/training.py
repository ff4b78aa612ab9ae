"""How every arm is trained."""

from __future__ import annotations

from typing import Literal

from pdcn import glossary
from pdcn.config.tasks import TWO_TOWERS
from pdcn.settings import Named, Settings, dial

FULL_SHUFFLE = 20_000_000
"""Training events up to which all are shuffled at once, unless it is asked for otherwise."""


class Training(Settings):
    """How every arm is trained: the same for all of them."""

    epochs: int = dial(
        30,
        "Epochs",
        "The most passes over the training events. With the plateau schedule, trainings usually end earlier.",
        low=1,
        high=200,
        level="main",
    )
    updates: int = dial(
        0, "Updates", "The most training steps. With 0, the epochs alone decide.", low=0, high=1_000_000, before=0
    )
    schedule: Literal["plateau", "cosine"] = dial(
        "plateau",
        "Schedule",
        "How the learning rate falls.",
        named={
            "plateau": Named(
                "plateau", "It stays until validation stops improving. Then it falls to zero and the training ends."
            ),
            "cosine": Named("cosine", "It falls from the start, over all epochs."),
        },
        before="cosine",
    )
    batch: int = dial(512, "Batch", f"The number of events in a batch. {glossary.BATCH}", low=2, high=65_536)
    learning_rate: float = dial(
        0.01, "Learning rate", "The highest learning rate of the optimiser (Adam).", low=1e-6, high=1.0
    )
    weight_decay: float = dial(
        0.1, "Weight decay", "How strongly each step pulls the weights towards zero (AdamW).", low=0.0, high=1.0
    )
    warmup: float = dial(
        0.1,
        "Warm-up",
        "The share of the steps over which the learning rate rises. With cosine it is of all steps; with plateau, of "
        "the first epoch.",
        low=0.0,
        high=0.9,
    )
    clip: float = dial(1.0, "Gradient clip", "The largest norm that a step's gradient may have.", low=0.001, high=1e6)
    embedding_std: float = dial(
        0.1, "Embedding spread", "The standard deviation of the embeddings before training.", low=1e-4, high=10.0
    )
    temperature: float = dial(
        0.1,
        "Temperature",
        "What scores are divided by at the start of training. It is learned from there.",
        low=0.01,
        high=10.0,
        needs=(TWO_TOWERS,),
    )
    log_q: bool = dial(True, "logQ correction", glossary.LOG_Q, needs=(TWO_TOWERS,))
    negatives: int = dial(
        0,
        "Uniform negatives",
        "The number of items added to each batch as negatives, drawn at random from the catalogue.",
        low=0,
        high=65_536,
        needs=(TWO_TOWERS,),
    )
    shuffle: Literal["auto", "all", "blocks"] = dial(
        "auto",
        "Shuffle",
        "How the order of the training events is drawn anew in each epoch.",
        named={
            "auto": Named("automatic", f"All at once up to {FULL_SHUFFLE:,} training events, and by blocks above."),
            "all": Named("all at once", "Every order is equally likely. Data past memory is then read slowly."),
            "blocks": Named(
                "by blocks",
                "About a million events at a time, from blocks of neighbours. Few parts of the data are read at a "
                "time, and batches are a little less random.",
            ),
        },
        before="auto",
    )
    evaluations: int = dial(4, "Checks per epoch", "How often validation is measured in each epoch.", low=1, high=100)
    patience: int = dial(
        6,
        "Patience",
        "A training ends after this many checks without a better validation result. With 0, it goes on to the last "
        "epoch.",
        low=0,
        high=1_000,
    )

    def in_blocks(self, events: int) -> bool:
        """Whether so many training events are shuffled by blocks.

        >>> Training().in_blocks(20_000_000), Training().in_blocks(20_000_001), Training(shuffle="all").in_blocks(10**9)
        (False, True, False)
        """
        return self.shuffle == "blocks" or (self.shuffle == "auto" and events > FULL_SHUFFLE)
