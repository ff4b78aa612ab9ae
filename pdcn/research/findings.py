"""The open questions, each a study that one command repeats: which arms race on which data, and which are compared.

A finding is a list of races. `pdcn.research.racing` carries them out, and `pdcn.research.answers` says in words what
came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.evaluation.causes import PATH
from pdcn.files import DATA, read_json

FOLDER = DATA / "findings"
SEEDS = 5
Values = Mapping[str, Any]
GROUPS: Mapping[str, Values] = {
    "Journey (half)": {"data": "journey"},
    "Journey (a third)": {"data": "journey", "size": "quick"},
    "first purchases": {"data": "journey", "purchases": "first"},
    "planted crosses": {"data": "planted", "events": 100_000, "items": 1_000},
    "shopping": {"data": "shopping"},
    "promoted products": {"data": "opportunities"},
}
"""The data that questions are put to, by name: small enough that every training can end by itself."""
WHOLE, THIRD, FIRST, PLANTED, SHOPPING, PROMOTED = GROUPS
CLAIM = ("parallel", "sequential")
TRIO = ("parallel", "wide_deep", "sequential")
"""The two arms of the claim, and one that has parallel's skip round the MLP but no crosses."""
TRIO_PAIRS = (CLAIM, ("parallel", "wide_deep"))
CONTROLS = ("sequential_skip_cross", "sequential_skip_x0", "wide_deep", "parallel_no_linear", "cross_only", "linear")
NO_WAY_ROUND = ("stacked_parallel", "deep_only")
JOINS = ("parallel", "parallel_sum", "parallel_gated")
TOWERS = ("parallel", "parallel-sequential", "sequential-parallel")


@dataclass(frozen=True)
class Race:
    """Some arms on one setting: dial values over those of its group, and a label that says what is set there.

    `setting` says what it has in common with the races on the same setting in other worlds, where there are any.
    """

    group: str
    label: str
    values: Values
    setting: str = ""

    @cached_property
    def experiment(self) -> Experiment:
        """The race as an experiment of five seeds, unless it says otherwise."""
        return assemble({"seeds": SEEDS, **GROUPS.get(self.group, {}), **self.values})


@dataclass(frozen=True)
class Finding:
    """A question, the races that answer it, and the pairs of arms that are compared in each of them.

    The first pair is what the question is about. `levels` names pairs of labels: what the first arm of that pair finds
    in a race is compared with what it finds in another. `changes` names pairs of labels too: there the difference of
    the first pair is held against that of another race.
    """

    name: str
    question: str
    why: str
    races: tuple[Race, ...]
    pairs: tuple[tuple[str, str], ...] = TRIO_PAIRS
    levels: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    kind: str = "settings"
    """How the answer is told, out of `pdcn.research.answers.TOLD`."""


def _on(groups: Sequence[str], arms: Sequence[str], *settings: tuple[str, Values]) -> tuple[Race, ...]:
    """The same settings on several groups of data, with the same arms."""
    return tuple(Race(group, label, {"arms": tuple(arms), **values}) for group in groups for label, values in settings)


def _against(held: str, *arms: str) -> tuple[tuple[str, str], ...]:
    return tuple((arm, held) for arm in arms if arm != held)


def _worlds(*settings: tuple[str, Values]) -> tuple[Race, ...]:
    """Settings of planted data, each in three worlds."""
    return tuple(
        Race(PLANTED, f"{label}, world {world + 1}", {"arms": TRIO, **values, "data_seed": world}, label)
        for label, values in settings
        for world in range(3)
    )


USUAL = "as usual"
CAUSE = (*CLAIM[:1], *CONTROLS, *NO_WAY_ROUND, *CLAIM[1:])
SHAPES: tuple[tuple[str, Values], ...] = (
    (USUAL, {}),
    ("1 cross layer", {"cross_layers": 1}),
    ("4 cross layers", {"cross_layers": 4}),
    ("cross rank 4", {"cross": "low_rank", "cross_rank": 4}),
    ("deep 16,16", {"deep": (16, 16)}),
    ("deep 256,256", {"deep": (256, 256)}),
    ("deep 64,64,64,64", {"deep": (64, 64, 64, 64)}),
)
CROSSINGS = ("low_rank", "mixture", "dcn_v1", "gated", "attention")
PLAIN = "one head for all outcomes"
PARTS_OF_THE_SYSTEM: tuple[tuple[str, Values], ...] = (
    (PLAIN, {"hard_negatives": 0.0, "advertiser_loss": 0.0}),
    ("a head for each outcome", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "heads": "two"}),
    ("hard negatives", {"hard_negatives": 0.25, "advertiser_loss": 0.0}),
    ("an advertiser loss", {"hard_negatives": 0.0, "advertiser_loss": 0.1}),
    ("all clicks alike", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "value_weight": "equal"}),
    ("learning from conversions alone", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "engagement_weight": 0.0}),
    ("heavier conversions", {"hard_negatives": 0.0, "advertiser_loss": 0.0, "conversion_weight": 30.0}),
)
RANKED: Values = {"task": "ranking"}
OTHERS = ("edcn", "fcn")
"""Arms published since, which cross and join in ways of their own."""
FINDINGS: Mapping[str, Finding] = {
    finding.name: finding
    for finding in (
        Finding(
            "cause",
            "Is it the wiring, the capacity, or the skip?",
            "Parallel differs from sequential in three things at once: it can be larger, it hands its input to the "
            "head past the MLP, and its MLP reads x0. Sizes are made equal here, and the controls change one thing "
            "at a time.",
            _on((WHOLE,), (*PATH[::-1], "wide_deep", "deep_only"), ("equal parameters", {}))
            + _on((THIRD, FIRST, PLANTED), CAUSE, ("equal parameters", {}))
            + _on((THIRD, PLANTED), CLAIM, ("same blocks", {"match": "none"}), ("equal FLOPs", {"match": "flops"})),
            (*_against("sequential", *CAUSE), *[(arm, held) for held, arm in pairwise(PATH[1:])]),
            kind="cause",
        ),
        Finding(
            "crosses",
            "Do the crosses matter at all, and where?",
            "The control without crosses has parallel's skip round the MLP. What parallel finds beyond it is what the "
            "crosses are worth.",
            _on((THIRD, FIRST), TRIO, (USUAL, {}))
            + _on(
                (PLANTED,),
                TRIO,
                *((f"strength {strength:g}", {"strength": strength}) for strength in (0.0, 0.75, 1.5, 3.0, 6.0)),
                ("order 3", {"order": 3}),
            ),
            (("parallel", "wide_deep"), CLAIM),
            changes=_against("strength 0", "strength 0.75", "strength 1.5", "strength 3", "strength 6"),
        ),
        Finding(
            "shape",
            "Does it depend on depth, width or cross rank?",
            "One block is changed at a time, at equal dense parameters as far as the widths allow.",
            _on((THIRD, PLANTED), TRIO, *SHAPES),
            changes=_against(USUAL, *(label for label, _ in SHAPES)),
        ),
        Finding(
            "combine",
            "Concatenate, add, or gate?",
            "The source names concatenation or addition and does not say which was used. All three are held against "
            "sequential, and the other two against concatenation, at equal dense parameters.",
            _on((THIRD, PLANTED), (*JOINS, "wide_deep", "sequential"), (USUAL, {})),
            (*_against("sequential", *JOINS), *_against("parallel", *JOINS)),
            kind="arms",
        ),
        Finding(
            "data",
            "Which data favours it?",
            "Stronger crosses, crosses of three fields, no noise and more noise, each in three planted worlds; fewer "
            "events, with the number of updates held fixed; and purchases of the Journey without id fields.",
            _on((THIRD,), TRIO, ("with ids", {}), ("without ids", {"ids": False}))
            + _worlds(
                (USUAL, {}),
                ("no crosses", {"strength": 0.0}),
                ("strength 6", {"strength": 6.0}),
                ("order 3", {"order": 3}),
                ("no noise", {"noise": 0.0}),
                ("noise 1", {"noise": 1.0}),
                ("25,000 events", {"events": 25_000, "updates": 1_500}),
                ("100,000 events", {"updates": 1_500}),
            ),
        ),
        Finding(
            "small",
            "And in very small models?",
            "The source advises against it there, as concatenation widens the representation. Dense parameters are "
            "equal as far as so few widths can be made equal.",
            _on(
                (THIRD, PLANTED),
                TRIO,
                ("deep 16, embedding 4", {"deep": (16,), "embedding": 4, "output": 16}),
                ("deep 4, embedding 2", {"deep": (4,), "embedding": 2, "output": 8}),
            ),
        ),
        Finding(
            "towers",
            "One tower, or both?",
            "Parallel in the query tower alone, in the item tower alone, or in both, against sequential in both, at "
            "equal dense parameters.",
            _on((THIRD, PLANTED), (*TOWERS, "sequential"), (USUAL, {})),
            (*_against("sequential", *TOWERS), *_against("parallel", *TOWERS)),
            kind="arms",
        ),
        Finding(
            "crossings",
            "Are other ways to cross better?",
            "Parallel with three other cross layers races against parallel with the full matrix of DCN-V2, all made as "
            "large as the largest of them. Every other cross layer is also held against the full matrix at its own "
            "size, which differs by up to two thirds. Both wirings race with each, at equal dense parameters. EDCN and "
            "FCN, which cross and join in ways of their own, race beside both wirings: none of their widths may move, "
            "so their sizes differ, and the answer says by how much.",
            _on((THIRD, PLANTED), CLAIM, ("full", {}), *((name, {"cross": name}) for name in CROSSINGS))
            + _on((THIRD, PLANTED), ("parallel", *OTHERS, "sequential"), ("other arms", {}))
            + _on(
                (THIRD, PLANTED),
                ("parallel", *(f"parallel~{name}" for name in CROSSINGS[2:])),
                ("equal size", {"target": "largest", "baseline": "parallel"}),
            ),
            (
                CLAIM,
                *((arm, held) for held in CLAIM[::-1] for arm in OTHERS),
                *_against("parallel", *(f"parallel~{name}" for name in CROSSINGS[2:])),
            ),
            levels=_against("full", *CROSSINGS),
            kind="levels",
        ),
        Finding(
            "finished",
            "Does it survive finished and tuned training?",
            "Two epochs and no more; training until validation gets no better; and settings that were tuned for each "
            "arm with the same trials.",
            _on(
                (THIRD, FIRST, PLANTED),
                TRIO,
                ("2 epochs", {"epochs": 2, "schedule": "cosine"}),
                ("trained until finished", {}),
                ("finished and tuned", {"tune": 12}),
            ),
            changes=_against("2 epochs", "trained until finished", "finished and tuned"),
        ),
        Finding(
            "conversions",
            "Does it hold for conversions?",
            "Models learn from clicks, saves and conversions together, and are judged by conversions alone. Shopping "
            "is a generated world with three surfaces. Promoted products are real purchases with and without a coupon; "
            "nobody recorded what was seen. Dense parameters are equal.",
            _on((SHOPPING, PROMOTED), (*PATH[::-1], "wide_deep"), ("judged by conversions", {})),
            (*_against("sequential", *PATH[:0:-1], "wide_deep"), ("parallel", "wide_deep")),
            kind="arms",
        ),
        Finding(
            "systems",
            "What do the other parts of the shopping system add?",
            "Pinterest described the parts of its model and published one number for some of them together. Here each "
            "part is added or changed by itself, and parallel is held against parallel with one head that learns from "
            "all outcomes, where clicks count by how long they last. Heavier conversions are a control: they weigh 30 "
            "times as much, so that the one head learns about as much from conversions as from all else. All are "
            "judged by conversions.",
            _on((SHOPPING,), CLAIM, *PARTS_OF_THE_SYSTEM) + _on((PROMOTED,), CLAIM[:1], *PARTS_OF_THE_SYSTEM),
            (CLAIM,),
            levels=_against(PLAIN, *(label for label, _ in PARTS_OF_THE_SYSTEM)),
            kind="parts",
        ),
        Finding(
            "ranking",
            "And in ranking, where one network reads query and item?",
            "A ranking model scores one pair at a time, so fields of the query can meet fields of the item in a cross. "
            "It learns which items were chosen among others that were not, and is judged by how often it puts a "
            "chosen item above one that was not, for the same user (grouped AUC). Dense parameters are equal.",
            _on((PLANTED,), (*PATH[::-1], "wide_deep", "deep_only"), ("30,000 events", {"events": 30_000, **RANKED}))
            + _on((PROMOTED,), TRIO, ("bought or passed", {"households": "quick", "outcome": "engagement", **RANKED}))
            + _on((SHOPPING,), TRIO, ("engaged or passed", {"outcome": "engagement", **RANKED})),
            (*_against("sequential", *PATH[:0:-1], "wide_deep", "deep_only"), ("parallel", "wide_deep")),
            kind="arms",
        ),
    )
}
"""Every finding by name, in the order in which they are told."""


def bundled(name: str) -> dict[str, Any] | None:
    """The result of a finding that comes with the project."""
    record = read_json(FOLDER / f"{name}.json")
    return record if isinstance(record, dict) else None
