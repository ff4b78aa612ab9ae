"""Which cross layers there are, as data. Knows no torch: `pdcn.nn.cross` makes a layer from what stands here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


def _square(width: int, network: Any) -> int:
    return width * width


def _twice(width: int, network: Any) -> int:
    return 2 * width


def _mixed(width: int, network: Any) -> int:
    return 2 * width + int(network.experts * (network.cross_rank + width))


def _attended(width: int, network: Any) -> int:
    """Queries, keys, values, what is kept, what is mixed and the output, and two tables of scores a head."""
    return 6 * width + int(2 * network.experts * (width // network.embedding) ** 2)


def _halved(width: int, network: Any) -> int:
    return width * -(-width // 2)


def _masked(width: int, network: Any) -> int:
    """W xl, its norm, mask and masked copy, a half each; both side by side, with the bias, and the output."""
    return 5 * width


@dataclass(frozen=True)
class Crossing:
    """A kind of cross layer: what it is, in words, and the class that makes one (`pdcn.nn.cross.CrossLayer`).

    `layer` is that class, or says where it is as "MODULE:CLASS". `ranked` says that the cross rank sets its size.
    `weights` and `outputs` say, before a layer over an x0 of width D is made, about how many weights it has, biases and
    gates of experts left out, and how many numbers it puts out for one row, from D and the `pdcn.config.Network`.
    `words` are a sentence about it, and `label` is its name as people read it. `summary` says, of a layer whose W is
    one of several things at once, what is shown as W; `unseen` says, of a layer that has no W, why there is none.
    """

    words: str
    layer: str | Callable[..., Any]
    ranked: bool = False
    weights: Callable[[int, Any], int] = _square
    outputs: Callable[[int, Any], int] = _twice
    summary: str = ""
    unseen: str = "Cross layers of this kind have no one matrix that could be shown."
    label: str = ""

    @property
    def made(self) -> Any:
        """The class of its layers."""
        if not isinstance(self.layer, str):
            return self.layer
        module, _, name = self.layer.partition(":")
        return vars(import_module(module))[name]


CROSSINGS: dict[str, Crossing] = {
    "full": Crossing("A full matrix W over all inputs (DCN V2, Equation 1).", "pdcn.nn.cross:FullCross"),
    "low_rank": Crossing(
        "The matrix is a product of two thin ones, so it has fewer parameters (Equation 2).",
        "pdcn.nn.cross:LowRankCross",
        ranked=True,
        weights=lambda width, network: 2 * width * network.cross_rank,
        label="low-rank",
    ),
    "mixture": Crossing(
        "Several low-rank experts, weighed by a gate (Equations 3 and 4).",
        "pdcn.nn.cross:MixtureCross",
        ranked=True,
        weights=lambda width, network: 2 * width * network.cross_rank * network.experts,
        outputs=_mixed,
        summary="Of a mixture of experts it is the gate-weighted mean over real inputs.",
    ),
    "dcn_v1": Crossing(
        "One weight for each input position (the first DCN, 2017).",
        "pdcn.nn.cross:DotCross",
        weights=lambda width, network: width,
        summary="Of DCN's first cross layer every row is the same w.",
        label="DCN V1",
    ),
    "gated": Crossing(
        "A full matrix W behind a learned gate (GDCN).",
        "pdcn.nn.cross:GatedCross",
        weights=lambda width, network: 2 * width * width,
        outputs=lambda width, network: 4 * width,
        summary="Of a gated cross it is W, each row times the mean of its gate over real inputs.",
    ),
    "attention": Crossing(
        "Self-attention over the fields (AutoInt).",
        "pdcn.nn.cross:AttentionCross",
        weights=lambda width, network: 4 * network.embedding**2,
        outputs=_attended,
        unseen="Attention weighs the fields anew for every example, so it has no one matrix that could be shown.",
    ),
    "masked": Crossing(
        "Half as many rows of W. Each is used as it is, and masked (FCN, linear).",
        "pdcn.nn.cross:MaskedCross",
        weights=_halved,
        outputs=_masked,
        summary="Of a masked cross it is W, and below it W again, each row times the mean of its mask over real "
        "inputs.",
    ),
    "exponential": Crossing(
        "Like masked, but multiplied with the layer below instead of x0 (FCN, exponential).",
        "pdcn.nn.cross:ExponentialCross",
        weights=_halved,
        outputs=_masked,
        summary="Of an exponential cross it is W, and below it W again, each row times the mean of its mask over real "
        "inputs; what it multiplies is the layer below, not x0.",
    ),
}
"""Every kind of cross layer by name; one that is added here is known everywhere."""
