"""Cross layers of DCN-V2 (arXiv 2008.13535), equations (1) to (4), five other kinds, and the network they form.

Every layer maps the tower's input x0 and the layer below xl, both (B, D), to (B, D). Those of DCN-V2 are

    x_{l+1} = x0 * f(xl) + xl          (* elementwise)

so L layers reach crosses of degree L + 1, and a layer whose f is zero is the identity.
Shapes: B batch, D width of x0, r rank, K experts. Weights are [out, in], so `weight` is the paper's
W (row: the position written, column: the position read; W is directed, not symmetric).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.crossings import CROSSINGS
from pdcn.nn.blocks import Block, once


class CrossLayer(nn.Module, ABC):
    """One cross layer, which answers for itself: its cost, its matrix, and what it makes of a part of its input."""

    @classmethod
    @abstractmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> CrossLayer:
        """The layer for an x0 of fields of these widths, D in sum."""

    @abstractmethod
    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""

    def flops(self) -> int:
        """Matrix-product FLOPs of one example; one that uses a matrix several times, or none, says so itself."""
        return once(self)

    def linear(self) -> tuple[Tensor, Tensor] | None:
        """W (D, D) and b (D) where the layer is exactly x0 * (W xl + b) + xl; else None."""
        return None

    def multiplied(self, x0: Tensor, xl: Tensor) -> Tensor:
        """What the layer multiplies, position by position, with what it makes of xl, (B, D)."""
        return x0

    def matrix(self, xl: Tensor) -> Tensor | None:
        """What stands for W (D, D) over these inputs xl (B, D); None where nothing does."""
        exact = self.linear()
        return exact[0] if exact else None

    def term(self, x0: Tensor, xl: Tensor, out: Tensor, gone: Tensor, write: slice, read: slice) -> Tensor:
        """What the layer, which made `out` of x0 and xl, adds at `write` because of `gone`, a part of xl[:, read]."""
        exact = self.linear()
        if exact is not None:
            return x0[:, write] * (gone @ exact[0][write, read].T)
        seen = xl.clone()
        seen[:, read] -= gone
        without = self.forward(x0, seen)  # without its hooks
        return ((out - xl) - (without - seen))[:, write]

    def first(self) -> nn.Linear | None:
        """The linear layer of xl that `after` continues from; None where the layer does not begin with one."""
        return None

    def after(self, x0: Tensor, xl: Tensor, product: Tensor) -> Tensor:
        """The output, from the output of `first`."""
        raise NotImplementedError


@final
class FullCross(CrossLayer):
    """x0 * (W xl + b) + xl, Eq. (1): W (D, D).

    >>> layer = FullCross(2)
    >>> layer.W.weight.data, layer.W.bias.data = torch.tensor([[0.0, 1], [0, 0]]), torch.ones(2)
    >>> layer(torch.tensor([[2.0, 3]]), torch.tensor([[5.0, 7]])).tolist()  # 2*(7+1)+5, 3*(0+1)+7
    [[21.0, 10.0]]
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.W = nn.Linear(width, width)

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> FullCross:
        """As wide as x0."""
        return cls(sum(fields))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        return self.after(x0, xl, self.W(xl))  # (B, D)

    def linear(self) -> tuple[Tensor, Tensor]:
        """W and b."""
        return self.W.weight, self.W.bias

    def first(self) -> nn.Linear:
        """W xl + b."""
        return self.W

    def after(self, x0: Tensor, xl: Tensor, product: Tensor) -> Tensor:
        """x0 * (W xl + b) + xl."""
        return x0 * product + xl


@final
class LowRankCross(CrossLayer):
    """x0 * (U (V^T xl) + b) + xl, Eq. (2): V^T (r, D), U (D, r)."""

    def __init__(self, width: int, rank: int) -> None:
        super().__init__()
        self.V = nn.Linear(width, rank, bias=False)
        self.U = nn.Linear(rank, width)

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> LowRankCross:
        """Of the network's cross rank."""
        return cls(sum(fields), network.cross_rank)

    def linear(self) -> tuple[Tensor, Tensor]:
        """U V^T and b."""
        return self.U.weight @ self.V.weight, self.U.bias

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        return cast(Tensor, x0 * self.U(self.V(xl)) + xl)  # (B, D) -> (B, r) -> (B, D)


class _Identity(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


INNER: dict[str, type[nn.Module]] = {"none": _Identity, "tanh": nn.Tanh, "relu": nn.ReLU}


@final
class MixtureCross(CrossLayer):
    """sum_i G_i(xl) E_i(xl) + xl, Eq. (3), or with an inner nonlinearity g, Eq. (4).

    E_i = x0 * (U_i g(C_i g(V_i^T xl)) + b), where Eq. (3) has neither g nor C_i. The gate G is
    linear in xl, then softmax (shares that sum to one) or sigmoid (each expert by itself).
    V (K, r, D), C (K, r, r), U (K, D, r), b (D).
    """

    def __init__(self, width: int, rank: int, experts: int, gate: str, inner: str) -> None:
        super().__init__()
        self.V = nn.Parameter(torch.empty(experts, rank, width))
        self.C = nn.Parameter(torch.empty(experts, rank, rank)) if inner != "none" else None
        self.U = nn.Parameter(torch.empty(experts, width, rank))
        self.b = nn.Parameter(torch.empty(width))
        self.gate = nn.Linear(width, experts, bias=False)
        self.shares = nn.Softmax(dim=-1) if gate == "softmax" else nn.Sigmoid()
        self.g = INNER[inner]()

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> MixtureCross:
        """Of the network's cross rank, experts, gate and inner nonlinearity."""
        return cls(sum(fields), network.cross_rank, network.experts, network.gate, network.inner)

    def matrix(self, xl: Tensor) -> Tensor:
        """sum_i mean(G_i(xl)) U_i C_i V_i^T, the experts weighted by their mean gate over the real inputs.

        A summary of what the layer does to these inputs, exact only where gates do not vary and g is the identity.
        """
        G = self.shares(self.gate(xl)).mean(0)  # (K,)
        inner = self.V if self.C is None else self.C @ self.V  # (K, r, D)
        return torch.einsum("k,kdr,krw->dw", G, self.U, inner)

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        low = self.g(torch.einsum("bd,krd->bkr", xl, self.V))  # (B, K, r)
        if self.C is not None:
            low = self.g(torch.einsum("bkr,ksr->bks", low, self.C))  # (B, K, r)
        experts = x0[:, None] * (torch.einsum("bkr,kdr->bkd", low, self.U) + self.b)  # (B, K, D)
        G = self.shares(self.gate(xl))  # (B, K)
        return cast(Tensor, (G[..., None] * experts).sum(1) + xl)  # (B, D)


@final
class DotCross(CrossLayer):
    """x0 (w . xl) + b + xl, Eq. (3) of DCN (arXiv 1708.05123): w (D), b (D).

    In DCN-V2's terms W is 1 w^T, but b stands beside the product and not in it, so no `linear` says it.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.w = nn.Linear(width, 1, bias=False)
        self.b = nn.Parameter(torch.zeros(width))

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> DotCross:
        """As wide as x0."""
        return cls(sum(fields))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        return cast(Tensor, x0 * self.w(xl) + self.b + xl)  # (B, D)

    def matrix(self, xl: Tensor) -> Tensor:
        """1 w^T, whatever the inputs."""
        return self.w.weight.expand(xl.shape[-1], -1)


@final
class GatedCross(CrossLayer):
    """x0 * (W xl + b) * sigmoid(G xl) + xl, the gated cross of GDCN (arXiv 2311.04635): W, G (D, D), b (D)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.W = nn.Linear(width, width)
        self.G = nn.Linear(width, width, bias=False)

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> GatedCross:
        """As wide as x0."""
        return cls(sum(fields))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        return cast(Tensor, x0 * self.W(xl) * torch.sigmoid(self.G(xl)) + xl)  # (B, D)

    def matrix(self, xl: Tensor) -> Tensor:
        """W, each row times its mean gate over the real inputs: exact only where gates do not vary."""
        return torch.sigmoid(self.G(xl)).mean(0)[:, None] * self.W.weight


class MaskedCross(CrossLayer):
    """x0 * ([c ; Mask(c)] + b) + xl with c = W xl, the linear cross of FCN (first DCNv3, arXiv 2407.13349).

    Mask(c) = c * ReLU(LayerNorm(c)), so the second half of the positions reads a filtered copy of what the first does,
    at half the weights of a full matrix: W (ceil(D / 2), D), b (D). Of an odd D the last position of the mask is left
    out. The authors' later code leaves out the ReLU; its batch norm and its several heads, which are options there, are
    left out here. b begins at zero, as all biases do.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width, half = width, -(-width // 2)
        self.W = nn.Linear(width, half, bias=False)
        self.norm = nn.LayerNorm(half)
        self.b = nn.Parameter(torch.zeros(width))

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> MaskedCross:
        """As wide as x0."""
        return cls(sum(fields))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        return self.after(x0, xl, self.W(xl))

    def first(self) -> nn.Linear:
        """W xl."""
        return self.W

    def after(self, x0: Tensor, xl: Tensor, product: Tensor) -> Tensor:
        """All that follows c, (B, ceil(D / 2)) -> (B, D)."""
        mask = torch.relu(self.norm(product))  # (B, ceil(D / 2))
        both = torch.cat((product, product * mask), -1)[..., : self.width]  # (B, D)
        return self.multiplied(x0, xl) * (both + self.b) + xl

    def matrix(self, xl: Tensor) -> Tensor:
        """W, and below it W times the mean of the mask over the real inputs: exact only where that does not vary."""
        mask = torch.relu(self.norm(self.W(xl))).mean(0)[:, None]  # (ceil(D / 2), 1)
        return torch.cat((self.W.weight, mask * self.W.weight))[: self.width]


@final
class ExponentialCross(MaskedCross):
    """xl * ([c ; Mask(c)] + b) + xl, the exponential cross of FCN (arXiv 2407.13349): L layers reach degree 2^L.

    It multiplies with xl where `MaskedCross` does with x0, and does not read x0.
    """

    def multiplied(self, x0: Tensor, xl: Tensor) -> Tensor:
        """The layer below itself."""
        return xl


@final
class AttentionCross(CrossLayer):
    """The interacting layer of AutoInt (arXiv 1810.11921) over F fields, each a token of width T.

    For each of K heads, a_mk = softmax over k of (Q e_m) . (K e_k), with no scale, and head_m = sum_k a_mk V e_k; then
    e'_m = ReLU(heads side by side + R e_m). Q, K, V and R (K ceil(T / K), T) have no bias and are the same for all
    fields. T is the embedding width. A field of another width, such as a number (1), is brought to T by a matrix of
    its own, as AutoInt embeds a number, and what comes out, where not as wide as the field, is brought back by another:
    that way back is ours, since here every cross layer keeps the width of x0. x0 is not read.
    """

    def __init__(self, fields: tuple[int, ...], token: int, heads: int) -> None:
        super().__init__()
        self.fields, self.token, self.heads = fields, token, heads
        self.inner = heads * -(-token // heads)
        odd = [(str(at), width) for at, width in enumerate(fields)]
        self.into = nn.ModuleDict({at: nn.Linear(w, token, bias=False) for at, w in odd if w != token})
        self.Q, self.K, self.V, self.R = (nn.Linear(token, self.inner, bias=False) for _ in range(4))
        self.back = nn.ModuleDict({at: nn.Linear(self.inner, w, bias=False) for at, w in odd if w != self.inner})

    @classmethod
    def of(cls, fields: tuple[int, ...], network: Network) -> AttentionCross:
        """As many heads as the network has experts."""
        return cls(fields, network.embedding, network.experts)

    def flops(self) -> int:
        """Each field goes through the shared matrices, and each head scores and mixes every pair of fields."""
        fields = len(self.fields)
        shared = fields * sum(map(once, (self.Q, self.K, self.V, self.R)))
        return shared + 4 * fields**2 * self.inner + once(self.into) + once(self.back)

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        split = xl.split(self.fields, -1)  # type: ignore[no-untyped-call]
        tokens = torch.stack(_each(self.into, split), 1)  # (B, F, T)
        q, k, v = (of(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2) for of in (self.Q, self.K, self.V))
        mixed = (q @ k.mT).softmax(-1) @ v  # (B, K, F, inner / K)
        out = torch.relu(mixed.transpose(1, 2).flatten(2) + self.R(tokens))  # (B, F, inner)
        return torch.cat(_each(self.back, out.unbind(1)), -1)


def _each(own: nn.ModuleDict, fields: Sequence[Tensor]) -> list[Tensor]:
    """Each field through the matrix that it has; as it is where it has none."""
    return [own[str(at)](field) if str(at) in own else field for at, field in enumerate(fields)]


@final
class CrossNetwork(nn.Module):
    """L cross layers over an x0 of fields of such widths, D in sum. Without layers it is the identity.

    They are of the `crossing` that is named, or else of the network's.
    """

    def __init__(self, fields: tuple[int, ...], network: Network, crossing: str = "") -> None:
        super().__init__()
        self.out = sum(fields)
        made = CROSSINGS[crossing or network.cross].made
        self.layers = nn.ModuleList(made.of(fields, network) for _ in range(network.cross_layers))

    def forward(self, x0: Tensor, start: Tensor | None = None) -> Tensor:
        """(B, D) -> (B, D), from `start` (B, D) where given, else from x0 itself."""
        xl = x0 if start is None else start
        for layer in self.layers:
            xl = layer(x0, xl)
        return xl

    def first(self) -> nn.Linear | None:
        """The linear layer that reads the start, where there is one."""
        return cast(CrossLayer, self.layers[0]).first() if len(self.layers) else None

    def after(self, x0: Tensor, xl: Tensor, product: Tensor) -> Tensor:
        """All that follows the output of `first`."""
        for depth, layer in enumerate(self.layers):
            xl = layer(x0, xl) if depth else cast(CrossLayer, layer).after(x0, xl, product)
        return xl

    def blocks(self) -> Iterator[Block]:
        """One block a layer."""
        for depth, layer in enumerate(self.layers):
            cost = cast(CrossLayer, layer).flops()
            yield Block.of(f"Cross {depth + 1}", "cross", self.out, self.out, layer, flops=cost)

    def steps(self) -> tuple[nn.Module, ...]:
        """Its layers."""
        return tuple(self.layers)
