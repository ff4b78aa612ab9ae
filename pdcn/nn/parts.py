"""The parts of a wiring that are not cross networks: MLPs, projections, and a cross less its input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast, final

from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


@final
class DeepNetwork(nn.Module):
    """An MLP: Linear, layer norm where wanted, activation, dropout, for each width.

    >>> network = Network(deep=(4, 3))
    >>> [(block.into, block.out) for block in DeepNetwork(5, network).blocks()]
    [(5, 4), (4, 3)]
    """

    def __init__(self, width: int, network: Network, widths: tuple[int, ...] | None = None) -> None:
        super().__init__()
        widths = network.deep if widths is None else widths
        self.widths = (width, *widths)
        self.linears = nn.ModuleList(map(nn.Linear, self.widths[:-1], self.widths[1:]))
        self.norms = nn.ModuleList(nn.LayerNorm(w) for w in widths if network.layer_norm)
        self.activation = ACTIVATIONS[network.activation]()
        self.dropout = nn.Dropout(network.dropout)

        self.out = self.widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        return self._rest(self.linears[0](x)) if len(self.linears) else x

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """All that follows the output of `first`, (B, widths[1]) -> (B, out)."""
        return self._rest(product)

    def _rest(self, x: Tensor) -> Tensor:
        for depth, linear in enumerate(self.linears):
            x = linear(x) if depth else x  # (B, widths[depth + 1])
            if self.norms:
                x = self.norms[depth](x)
            x = self.dropout(self.activation(x))
        return x

    def first(self) -> nn.Linear:
        """The layer that reads the input."""
        return cast(nn.Linear, self.linears[0])

    def steps(self) -> tuple[nn.Module, ...]:
        """The dropout, which runs after each layer and in evaluation passes on what it is given."""
        return (self.dropout,)

    def blocks(self) -> Iterator[Block]:
        """One block a layer."""
        for depth, linear in enumerate(self.linears):
            norms = [self.norms[depth]] if self.norms else []
            into, out = self.widths[depth : depth + 2]
            yield Block.of(f"Deep {depth + 1}", "deep", into, out, linear, *norms)


@final
class Project(nn.Linear):
    """One linear layer, (B, in) -> (B, D): back to the width of x0."""

    @property
    def out(self) -> int:
        """Width of the output."""
        return self.out_features

    def blocks(self) -> Iterator[Block]:
        """One block."""
        yield Block.of("Project", "deep", self.in_features, self.out, self)

    def first(self) -> nn.Linear:
        """Itself."""
        return self

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Nothing follows."""
        return product

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)


@final
class Less(nn.Module):
    """What it is given, less x0: (B, D), (B, D) -> (B, D). Of a cross network's output, what the crosses add."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.out = width

    def forward(self, x0: Tensor, given: Tensor) -> Tensor:
        return given - x0

    def blocks(self) -> Iterator[Block]:
        """One block without a weight."""
        yield Block.of("Less x0", "cross", self.out, self.out)

    def first(self) -> None:
        """It begins with no linear layer."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)
