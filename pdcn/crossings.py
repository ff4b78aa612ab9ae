"""Which cross layers there are, as data. Knows no torch: `pdcn.nn.cross` makes a layer from what stands here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Crossing:
    """A kind of cross layer: what it is, in words, and the class that makes one (`pdcn.nn.cross.CrossLayer`).

    `layer` is that class, or says where it is as "MODULE:CLASS". `ranked` says that the cross rank sets its size;
    `experts` that it has that many of them. `summary` says, of a layer whose W is one of several things at once, what
    is shown as W; `unseen` says, of a layer that has no W, why there is none.
    """

    words: str
    layer: str | Callable[..., Any]
    ranked: bool = False
    experts: bool = False
    summary: str = ""
    unseen: str = "Cross layers of this kind have no one matrix that could be shown."

    @property
    def made(self) -> Any:
        """The class of its layers."""
        if not isinstance(self.layer, str):
            return self.layer
        module, _, name = self.layer.partition(":")
        return vars(import_module(module))[name]


CROSSINGS: dict[str, Crossing] = {
    "full": Crossing("W of D x D (DCN-V2 Eq. 1)", "pdcn.nn.cross:FullCross"),
    "low_rank": Crossing("U V^T (Eq. 2)", "pdcn.nn.cross:LowRankCross", ranked=True),
    "mixture": Crossing(
        "gated low-rank experts (Eq. 3, with an inner nonlinearity Eq. 4)",
        "pdcn.nn.cross:MixtureCross",
        ranked=True,
        experts=True,
        summary="Of a mixture of experts it is the gate-weighted mean over real inputs.",
    ),
}
"""Every kind of cross layer by name; one that is added here is known everywhere."""
