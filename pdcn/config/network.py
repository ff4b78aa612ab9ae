"""The blocks of a tower: embeddings, cross layers, deep layers, head, and what reads a sequence of actions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from pydantic import field_validator

from pdcn import glossary, words
from pdcn.config.tasks import TWO_TOWERS
from pdcn.crossings import CROSSINGS
from pdcn.settings import Named, Settings, dial
from pdcn.sources.source import SEQUENCE

Moved = Literal["deep", "depth", "rank", "head"]


class Network(Settings):
    """The blocks of a tower. Wirings arrange them; nothing else differs between arms."""

    embedding: int = dial(
        8, "Embedding width", f"The length of the embedding of each value. {glossary.EMBEDDING}", low=1, high=128
    )
    id_embedding: int = dial(
        0,
        "Id embedding width",
        "The length of the embeddings of a side's largest field, usually its id, and of fields that hold several "
        "values. It is rounded up to a multiple of the embedding width. With 0 it is that width.",
        low=0,
        high=512,
        before=0,
    )
    cross: str = dial("full", "Kind of cross layer", glossary.CROSS_LAYER, choices=CROSSINGS)
    cross_layers: int = dial(
        2,
        "Cross layers",
        f"{glossary.CROSS_LAYER} Each further layer lets one more field join a product.",
        low=0,
        high=8,
        level="main",
    )
    cross_rank: int = dial(
        16,
        "Cross rank",
        "The rank of the matrices in low-rank and mixture cross layers: a smaller one has fewer parameters.",
        low=1,
        high=512,
    )
    experts: int = dial(
        4, "Experts", "The number of experts in a mixture layer, or of heads in an attention layer.", low=1, high=16
    )
    gate: Literal["softmax", "sigmoid"] = dial("softmax", "Gate", "How a mixture layer weighs its experts.")
    inner: Literal["none", "tanh", "relu"] = dial(
        "none",
        "Inner nonlinearity",
        "A nonlinearity inside each expert (Equation 4 of the DCN V2 paper). Without one, it is Equation 3.",
    )
    deep: tuple[int, ...] = dial(
        (64, 64), "Deep widths", f"The width of each layer of the deep network. {glossary.DEEP}", level="main"
    )
    activation: Literal["relu", "gelu", "silu", "tanh"] = dial(
        "relu", "Activation", "The nonlinearity after each deep layer."
    )
    dropout: float = dial(
        0.0, "Dropout", "The share of deep activations that training sets to zero at random.", low=0.0, high=0.9
    )
    layer_norm: bool = dial(False, "Layer norm", "Normalises what each deep layer computes, before its activation.")
    head: tuple[int, ...] = dial(
        (),
        "Head widths",
        "The widths of the head's hidden layers. The head makes the tower's vector; without widths, it is one linear "
        "layer.",
    )
    output: int = dial(
        32, "Output width", "The length of the vector that each tower makes.", low=1, high=512, needs=(TWO_TOWERS,)
    )
    normalise: bool = dial(
        True, "L2 norm", "Scales the vector that each tower makes to length one.", needs=(TWO_TOWERS,)
    )
    sequence: Literal["none", "mean", "transformer"] = dial(
        "mean",
        "Actions read by",
        "How the tower reads what a user did before. Pinterest states no sizes for its Transformer and its projection: "
        "those here are ours.",
        level="main",
        named={
            "none": Named("nothing", "The tower gets zeros in their place."),
            "mean": Named("a mean", "The mean of the embeddings of all actions, whatever their order."),
            "transformer": Named(
                "a Transformer", "Every action sees every other and knows its place. Then a projection compresses them."
            ),
        },
        needs=(SEQUENCE,),
        before="mean",
    )
    sequence_layers: int = dial(
        1,
        "Transformer layers",
        "The number of layers over the actions. With 0 the projection reads the actions as they are.",
        low=0,
        high=8,
        needs=(SEQUENCE,),
        before=1,
    )
    sequence_heads: int = dial(
        2,
        "Transformer heads",
        "The number of attention heads of each layer over the actions. If it does not divide the width of an action, "
        "the next smaller number that does is taken.",
        low=1,
        high=16,
        needs=(SEQUENCE,),
        before=2,
    )
    projection: Literal["linear", "mlp", "dcn", "dcn_low", "flat"] = dial(
        "dcn_low",
        "Projection",
        "What compresses the Transformer's output before the towers read it.",
        named={
            "linear": Named("linear", "One linear layer."),
            "mlp": Named("MLP", "A hidden layer, and a linear layer."),
            "dcn": Named("DCN V2", "Cross layers over all actions, and a linear layer."),
            "dcn_low": Named("DCN V2, low rank", "The same with cross layers of low rank."),
            "flat": Named("none", "All actions side by side, not compressed."),
        },
        needs=(SEQUENCE,),
        before="dcn_low",
    )
    projected: int = dial(
        32,
        "Projected width",
        "How many numbers the projection puts out.",
        low=1,
        high=512,
        needs=(SEQUENCE,),
        before=32,
    )
    projection_layers: int = dial(
        1,
        "Cross layers of the projection",
        "The number of cross layers of a projection by DCN V2.",
        low=1,
        high=8,
        needs=(SEQUENCE,),
        before=1,
    )
    projection_rank: int = dial(
        16,
        "Cross rank of the projection",
        "The rank of the matrices of a projection by DCN V2 of low rank.",
        low=1,
        high=512,
        needs=(SEQUENCE,),
        before=16,
    )
    projection_hidden: int = dial(
        64,
        "Hidden width of the projection",
        "The width of the hidden layer of a projection by an MLP.",
        low=1,
        high=4096,
        needs=(SEQUENCE,),
        before=64,
    )

    @property
    def bag_width(self) -> int:
        """How wide the embedding of a value of a bag is, and that of an action.

        >>> Network(embedding=8, id_embedding=20).bag_width
        24
        """
        return self.embedding * max(1, math.ceil(self.id_embedding / self.embedding))

    def sequence_width(self, places: int) -> int:
        """How wide a sequence of so many places is in x0.

        >>> Network().sequence_width(20), Network(sequence="transformer").sequence_width(20)
        (8, 32)
        """
        if self.sequence != "transformer":
            return self.bag_width
        return places * self.bag_width if self.projection == "flat" else self.projected

    @property
    def attending(self) -> int:
        """Attention heads of a layer over the actions: as many as were asked for, or fewer that divide the width of an
        action.

        >>> Network(embedding=6, sequence_heads=4).attending
        3
        """
        return max(heads for heads in range(1, self.sequence_heads + 1) if not self.bag_width % heads)

    def has(self, blocks: tuple[Moved, ...]) -> bool:
        """Whether one of the blocks is there to be moved."""
        there = {"deep": True, "depth": True, "rank": CROSSINGS[self.cross].ranked, "head": bool(self.head)}
        return any(there[block] for block in blocks)

    def widths(self, values: Sequence[int], bags: int = 0) -> tuple[int, ...]:
        """How wide the embeddings of categories with so many values are, and those of so many bags behind them.

        >>> Network(embedding=8, id_embedding=32).widths([7, 900, 40], bags=1)
        (8, 32, 8, 32)
        """
        wide = self.bag_width
        most = values.index(max(values)) if values else None
        return (*(wide if at == most else self.embedding for at in range(len(values))), *(wide for _ in range(bags)))

    @field_validator("cross")
    @classmethod
    def _known(cls, cross: str) -> str:
        if cross not in CROSSINGS:
            raise ValueError(words.EXPECTED(what=words.ONE_OF(known=", ".join(CROSSINGS))))
        return cross

    @field_validator("deep", "head")
    @classmethod
    def _widths(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if len(widths) > 8 or any(not 1 <= width <= 4096 for width in widths):
            raise ValueError(words.TOO_MANY_WIDTHS)
        return widths

    @field_validator("deep")
    @classmethod
    def _some(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if not widths:
            raise ValueError(words.NO_WIDTH)
        return widths
