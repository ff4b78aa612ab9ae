"""Which wirings there are, as data: how cross networks and deep networks (MLPs) are joined. Knows no torch.

`pdcn.nn.wired` builds a module from such a description; its cost, its diagram, what can be muted and how it can be
served follow from the same description, and so do names and colours on every page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pdcn import words
from pdcn.crossings import CROSSINGS
from pdcn.inert import quoted
from pdcn.settings import SettingError

X0 = "x0"
"""The input of every wiring, (B, D)."""
TAKEN = (X0, "wiring", "combine")
"""Names that no part can have: its module has something else under them."""
CROSSED = ("cross", "bridged")
"""Kinds of parts that are or hold a cross network."""
TILDE = "~"
"""Between the name of a wiring and that of a crossing."""


@dataclass(frozen=True)
class Part:
    """One network of a wiring, which reads x0 or a part before it.

    cross: a cross network that starts from what it reads, which has the width of x0, and sees x0 at every layer;
    deep: a deep network; project: one linear layer back to the width of x0; less: what it reads, less x0. A cross
    network may have a `crossing` of its own, out of `pdcn.crossings`, whatever the settings say.
    bridged: a cross network and a deep one of as many layers, each as wide as x0, with a bridge after each pair of
    layers; end: where one of them, or the bridge, ends, of a bridged part that it reads: its `end`.
    """

    kind: Literal["cross", "deep", "project", "less", "bridged", "end"]
    reads: str = X0
    crossing: str = ""
    end: Literal["", "cross", "deep", "bridge"] = ""

    @property
    def crosses_as_set(self) -> bool:
        """Whether it has a cross network whose crossing the settings, or the name of an arm, may choose."""
        return self.kind in CROSSED and not self.crossing


@dataclass(frozen=True)
class Ink:
    """How the lines of an arm are drawn. Never colour alone: dash and marker differ too."""

    colour: str
    dash: str
    marker: str


@dataclass(frozen=True)
class Wiring:
    """A wiring: its parts from x0 upwards, its branches, and what joins them.

    The name of a part is that of its weights, so a saved model depends on it. `branches` says in which part each branch
    ends, or x0 where it skips all parts; the first is the one whose share of the output is told. Several branches need
    a join, which reads them in this order: concat (any number), or sum or gated, which project the first of two to the
    width of the second. `words` explain the wiring; its `ink` draws it (Okabe-Ito, colour-blind safe). A control says
    in `rules_out` what it would explain if it did as well. With `own_losses` each branch has a loss of its own beside
    that of all together (`pdcn.tasks.retrieval.loss.with_branches`). `unseen` says what its diagram does not show.
    """

    words: str
    parts: Mapping[str, Part]
    branches: Mapping[str, str]
    join: Literal["concat", "sum", "gated"] | None = None
    ink: Ink = Ink("#A6761D", "longdash", "hexagon")
    rules_out: str = ""
    own_losses: bool = False
    unseen: str = ""

    def __post_init__(self) -> None:
        known = [X0]
        for name, part in self.parts.items():
            if not name.isidentifier() or name in TAKEN:
                raise ValueError(f"parts: expected names of letters other than {', '.join(TAKEN)}, got {name}")
            if part.reads not in known:
                raise ValueError(f"{name}: expected to read {' or '.join(known)}, got {part.reads}")
            read = X0 if part.reads == X0 else self.parts[part.reads].kind
            if part.kind in ("cross", "less", "bridged") and read in ("deep", "bridged"):
                raise ValueError(f"{name}: expected to read what is as wide as x0, got the {read} {part.reads}")
            if (part.kind == "end") != bool(part.end) or (part.end and read != "bridged"):
                raise ValueError(f"{name}: expected an end of a bridged part, cross, deep or bridge, and of no other")
            if part.crossing and (part.kind not in CROSSED or part.crossing not in CROSSINGS):
                raise ValueError(f"{name}: expected a crossing of a cross network, out of {', '.join(CROSSINGS)}")
            known.append(name)
        if not self.branches or not set(self.branches.values()) <= set(known):
            raise ValueError(f"branches: expected ends among {', '.join(known)}, got {dict(self.branches)}")
        if idle := set(self.parts).difference(*map(self.chain, self.branches)):
            raise ValueError(f"branches: expected every part in one, but none goes through {', '.join(sorted(idle))}")
        if (self.join is None) != (len(self.branches) == 1):
            raise ValueError("join: expected one where there are several branches, and none where there is one")
        if self.own_losses and self.join is None:
            raise ValueError("own_losses: expected several branches, got one")
        if self.join in ("sum", "gated") and len(self.branches) != 2:
            raise ValueError(f"join: expected two branches for {self.join}, got {len(self.branches)}")

    def chain(self, branch: str) -> tuple[str, ...]:
        """The parts of a branch from x0 upwards.

        >>> WIRINGS["stacked_parallel"].chain("cross"), WIRINGS["stacked_parallel"].chain("deep")
        (('cross', 'deep'), ('beside',))
        """
        found: tuple[str, ...] = ()
        at = self.branches[branch]
        while at != X0:
            found = (at, *found)
            at = self.parts[at].reads
        return found

    def crossings(self, otherwise: str) -> tuple[str, ...]:
        """The kind of each of its cross networks, which is `otherwise`, that of the settings, where it has none of its
        own.

        >>> WIRINGS["fcn"].crossings("full"), WIRINGS["parallel"].crossings("full"), WIRINGS["linear"].crossings("full")
        (('exponential', 'masked'), ('full',), ())
        """
        return tuple(part.crossing or otherwise for part in self.parts.values() if part.kind in CROSSED)

    @property
    def first_of_crosses(self) -> str:
        """The first of several branches, where all of them end in cross networks; "" elsewhere.

        >>> WIRINGS["fcn"].first_of_crosses, WIRINGS["parallel"].first_of_crosses
        ('exponential', '')
        """
        first, *others = self.branches
        ends = [self.parts[end].kind for end in self.branches.values() if end != X0]
        return first if others and ends == ["cross"] * len(self.branches) else ""

    @property
    def side_by_side(self) -> bool:
        """Whether it is a cross and a deep network on the same input, and nothing else.

        >>> [name for name, wiring in WIRINGS.items() if wiring.side_by_side]
        ['parallel', 'parallel_sum', 'parallel_gated']
        """
        kinds = {name: (part.kind, part.reads) for name, part in self.parts.items()}
        return kinds == {"cross": ("cross", X0), "deep": ("deep", X0)} and {*self.branches.values()} == {*kinds}


BOTH = {"cross": Part("cross"), "deep": Part("deep")}
AS_NAMED = {"cross": "cross", "deep": "deep"}
IN_TURN = {"cross": Part("cross"), "deep": Part("deep", "cross")}
WIRINGS: dict[str, Wiring] = {
    "parallel": Wiring(
        "cross beside deep on the same input, outputs concatenated",
        BOTH,
        AS_NAMED,
        "concat",
        Ink("#0072B2", "solid", "circle"),
    ),
    "parallel_sum": Wiring(
        "cross beside deep, outputs summed", BOTH, AS_NAMED, "sum", Ink("#5AA0CC", "dashdot", "circle-open")
    ),
    "parallel_gated": Wiring(
        "cross beside deep, outputs mixed by a learned gate",
        BOTH,
        AS_NAMED,
        "gated",
        Ink("#004B76", "dot", "circle-cross"),
    ),
    "sequential": Wiring(
        "cross first, deep on its output", IN_TURN, {"deep": "deep"}, None, Ink("#D55E00", "dash", "square")
    ),
    "stacked_parallel": Wiring(
        "deep on the cross output, beside a second deep on the input",
        {"cross": Part("cross"), "deep": Part("deep", "cross"), "beside": Part("deep")},
        {"cross": "deep", "deep": "beside"},
        "concat",
        Ink("#CC79A7", "dashdot", "diamond"),
    ),
    "deep_only": Wiring(
        "deep alone, no crosses",
        {"deep": Part("deep")},
        {"deep": "deep"},
        None,
        Ink("#56B4E9", "longdash", "triangle-up"),
    ),
    "cross_only": Wiring(
        "crosses alone, no deep network",
        {"cross": Part("cross")},
        {"cross": "cross"},
        None,
        Ink("#009E73", "longdashdot", "triangle-down"),
    ),
    "deep_then_cross": Wiring(
        "deep first, crosses of its output with the input",
        {"deep": Part("deep"), "project": Part("project", "deep"), "cross": Part("cross", "project")},
        {"cross": "cross"},
        None,
        Ink("#C9A800", "dash", "star"),
    ),
    "fcn": Wiring(
        "exponential crosses beside linear ones, no deep network, and a loss for each branch (FCN)",
        {"exponential": Part("cross", crossing="exponential"), "linear": Part("cross", crossing="masked")},
        {"exponential": "exponential", "linear": "linear"},
        "concat",
        Ink("#882255", "dot", "diamond-open"),
        own_losses=True,
        unseen="The exponential crosses stand on the left, the linear ones on the right. Each branch is trained with a "
        "loss of its own too, which its loss in the figures of training holds.",
    ),
    "edcn": Wiring(
        "cross beside deep with a bridge after every layer, whose fields are gated for the next (EDCN)",
        {
            "bridged": Part("bridged"),
            "cross": Part("end", "bridged", end="cross"),
            "deep": Part("end", "bridged", end="deep"),
            "bridge": Part("end", "bridged", end="bridge"),
        },
        {"cross": "cross", "deep": "deep", "bridge": "bridge"},
        "concat",
        Ink("#117733", "longdashdot", "pentagon"),
        unseen="A deep layer and the cross layer above it stand side by side: both read the bridge below them, each "
        "through a gate for every field. So less of it must wait than tables of its cost say. Deep layers are as many "
        "as cross layers and as wide as x0, whatever the deep widths say, so they can't move.",
    ),
    "sequential_skip_x0": Wiring(
        "sequential, and x0 goes to the head too",
        IN_TURN,
        {"deep": "deep", "x0": X0},
        "concat",
        Ink("#E69F00", "dash", "square-open"),
        "If it does as well as parallel, a plain way round the deep network is enough.",
    ),
    "sequential_skip_cross": Wiring(
        "sequential, and the cross output goes to the head too",
        IN_TURN,
        {"deep": "deep", "cross": "cross"},
        "concat",
        Ink("#A34700", "dashdot", "square-cross"),
        "If it does as well as parallel, it does not matter that the deep network reads x0.",
    ),
    "wide_deep": Wiring(
        "x0 beside deep, no crosses",
        {"deep": Part("deep")},
        {"wide": X0, "deep": "deep"},
        "concat",
        Ink("#7B6BB0", "dash", "triangle-up-open"),
        "If it does as well as parallel, the crosses are not the reason.",
    ),
    "parallel_no_linear": Wiring(
        "parallel, but only what the crosses add to x0 goes to the head",
        {"cross": Part("cross"), "added": Part("less", "cross"), "deep": Part("deep")},
        {"cross": "added", "deep": "deep"},
        "concat",
        Ink("#3B4CC0", "longdash", "octagon"),
        "If it does as well as parallel, the way round the deep network is not the reason.",
    ),
    "linear": Wiring(
        "x0 straight to the head, nothing else",
        {},
        {"wide": X0},
        None,
        Ink("#6E7B8B", "longdash", "x"),
        "If it does as well as parallel, neither network is needed.",
    ),
}
"""Every wiring by name; one that is added here is known everywhere."""


def wirings(arm: str) -> tuple[str, str]:
    """Names of the wirings of an arm's query tower and item tower, each known to `wiring_of`.

    >>> wirings("parallel"), wirings("parallel~gated-sequential")
    (('parallel', 'parallel'), ('parallel~gated', 'sequential'))
    """
    query, hyphen, item = arm.partition("-")
    found = query, item if hyphen else query
    for name in found:
        wiring, tilde, crossing = name.partition(TILDE)
        if wiring not in WIRINGS:
            raise SettingError(words.NO_SUCH_ARM(known=", ".join(WIRINGS), arm=quoted(arm)))
        if tilde and crossing not in CROSSINGS:
            raise SettingError(words.NO_SUCH_CROSSES(known=", ".join(CROSSINGS), arm=quoted(arm)))
        if tilde and not any(part.crosses_as_set for part in WIRINGS[wiring].parts.values()):
            raise SettingError(words.CROSSES_ARE_SET(arm=quoted(arm)))
    return found


def crossing_of(name: str) -> str:
    """The crossing that a tower names for itself behind a tilde; nothing where it takes that of the settings.

    >>> crossing_of("parallel~gated"), crossing_of("parallel")
    ('gated', '')
    """
    return name.partition(TILDE)[2]


def wiring_of(name: str) -> Wiring:
    """The wiring of a tower; behind a tilde stands the crossing of its cross networks, whatever the settings say.

    >>> wiring_of("parallel").crossings("full"), wiring_of("parallel~gated").crossings("full")
    (('full',), ('gated',))
    """
    name, _, crossing = name.partition(TILDE)
    wiring = WIRINGS[name]
    if not crossing:
        return wiring
    parts = {at: replace(one, crossing=crossing) if one.crosses_as_set else one for at, one in wiring.parts.items()}
    return replace(wiring, parts=parts)
