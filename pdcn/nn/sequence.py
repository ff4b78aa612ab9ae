"""What a user did before, in order, as one field of x0: a small Transformer over the actions, then a projection.

Pinterest says that DCN V2 projects its Transformer's output "into a smaller representation" before the crosses of its
ads engagement model (2026-03-03), and states neither widths nor depths. All sizes here are ours, and dials.
Shapes: B batch, P places, W width of an action, p width of what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block, once
from pdcn.nn.cross import CrossNetwork
from pdcn.nn.parts import DeepNetwork

WIDER = 4
"""How much wider the hidden layer of a Transformer's layer is than an action (arXiv 1706.03762)."""
CROSSINGS_OF = {"dcn": "full", "dcn_low": "low_rank"}
"""The kind of cross layer that a projection by DCN V2 has."""


@final
class Actions(nn.Module):
    """Actions (B, P, W), and which places have one (B, P), -> all of them side by side, (B, P W).

    Each place has a learned vector that is added to its action, so that order counts. Then come layers of torch's own
    Transformer in which every action sees every other. A place without an action is seen by none, and holds zeros.
    """

    def __init__(self, places: int, width: int, layers: int, heads: int, wider: int) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.zeros(places, width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, wider * width, dropout=0.0, batch_first=True)
            for _ in range(layers)
        )

    def forward(self, actions: Tensor, there: Tensor) -> Tensor:
        some = there.any(1, keepdim=True)  # (B, 1)
        hidden = some & ~there  # a row without any action hides nothing, since a softmax over nothing is no number
        x = actions + self.position
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=hidden)
        return (x * there[..., None].to(x)).flatten(1)


@final
class SequenceEncoder(nn.Module):
    """One sequence as a field of x0: actions (B, P, W), and which places have one (B, P), -> (B, p).

    The projection is one linear layer, an MLP with one hidden layer, or DCN V2: cross layers over all actions side by
    side, each a field, and then one linear layer. Flat, nothing is compressed, and p is P W. A row without any action
    is zeros.
    """

    def __init__(self, places: int, width: int, network: Network) -> None:
        super().__init__()
        self.places, self.width = places, width
        into = places * width
        self.actions = Actions(places, width, network.sequence_layers, network.attending, WIDER)
        self.crosses: CrossNetwork | None = None
        self.hidden: DeepNetwork | None = None
        sizes = {"cross_layers": network.projection_layers, "cross_rank": network.projection_rank}
        self.own = network.model_copy(update=sizes)
        """The network's blocks with the sizes that the projection's crosses have."""
        if network.projection in CROSSINGS_OF:
            self.crosses = CrossNetwork((width,) * places, self.own, CROSSINGS_OF[network.projection])
        elif network.projection == "mlp":
            self.hidden = DeepNetwork(into, network, (network.projection_hidden,))
        behind = self.hidden.out if self.hidden else into
        self.project = nn.Linear(behind, network.projected) if network.projection != "flat" else None
        self.out = self.project.out_features if self.project else into

    def forward(self, actions: Tensor, there: Tensor) -> Tensor:
        return self.projected(self.actions(actions, there), there)

    def projected(self, whole: Tensor, there: Tensor) -> Tensor:
        """What the projection makes of all actions side by side, (B, P W) -> (B, p)."""
        if self.project is None:
            return whole
        x = self.crosses(whole) if self.crosses is not None else self.hidden(whole) if self.hidden else whole
        return cast(Tensor, self.project(x) * there.any(1, keepdim=True).to(x))

    def blocks(self) -> Iterator[Block]:
        """From the actions upwards: their places, a block a layer of the Transformer, and what projects."""
        into = self.places * self.width
        yield Block("Actions", "sequence", self.places, into, self.actions.position.numel(), 0)
        for depth, layer in enumerate(self.actions.layers):
            flops = self.places * once(layer) + 4 * self.places**2 * self.width  # each action, and every pair
            yield Block.of(f"Encoder {depth + 1}", "sequence", into, into, layer, flops=flops)
        for network in (self.crosses, self.hidden):
            yield from network.blocks() if network is not None else ()
        if self.project is not None:
            yield Block.of("Project", "deep", self.project.in_features, self.out, self.project)
