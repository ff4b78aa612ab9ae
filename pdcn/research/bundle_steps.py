"""Each step of the bundle: a command, and the file or folder that it makes as evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pdcn.research import projections, synthetic
from pdcn.research.findings import FINDINGS, Finding
from pdcn.research.fingerprints import code_of
from pdcn.settings import digest

if TYPE_CHECKING:
    from pdcn.research.spot_checks import Checked

OUT = "{out}"
"""Stands in a command for the path that it is to write to."""
ROOMS = ("crosses", "embeddings", "inside", "latency", "present", "story")
SHOWN = (*(f"pages/{room}" for room in ROOMS), "runs/snapshots.py", "runs/trained.py")
"""What the showcase holds beside its trainings comes from there: the rooms of its analyses."""
CALIBRATIONS = {"journey": 100, "planted": 300}
"""How many studies each source is calibrated with."""


@dataclass(frozen=True)
class Step:
    """One part of the bundle: the words after `python`, and the path in the bundle that they make.

    Where no word is `OUT`, what the command prints is kept. `parts` of the package decide what is made, beside
    all that trains, and so does what is `asked`. `guess` is how many seconds it takes as long as nobody has measured
    it. `check` makes a small part of what stands at a path anew; None where no part can be told from the whole.
    """

    name: str
    path: str
    words: tuple[str, ...]
    guess: float
    parts: tuple[str, ...] = ()
    asked: str = ""
    check: Callable[[Path], Checked | None] | None = field(default=None, compare=False)

    @property
    def command(self) -> str:
        """As one types it to make only this."""
        shown = " ".join(("python", *self.words)).replace(OUT, f"data/{self.path}")
        return shown if OUT in self.words else f"{shown} > data/{self.path}"

    @property
    def code(self) -> str:
        """The fingerprint of what decides its content: the same code makes the same."""
        code = code_of(*self.parts, *(word for word in self.words if word.endswith(".py")))
        return digest([code, self.asked]) if self.asked else code


def steps() -> list[Step]:
    """Every step, what the pages show first."""
    pdcn = ("-m", "pdcn")
    shown = ("--match", "none", "--json")
    return [
        Step("showcase", "showcase", (*pdcn, "showcase", "--out", OUT), 600, SHOWN, check=_check("showcase")),
        *(
            Step(
                name,
                f"findings/{name}.json",
                (*pdcn, "study", name, "--out", OUT),
                1_200,
                ("research/racing.py",),
                _asked(finding),
                _check("finding", finding),
            )
            for name, finding in FINDINGS.items()
        ),
        Step(
            synthetic.NAME,
            f"findings/{synthetic.NAME}.json",
            (*pdcn, "study", synthetic.NAME, "--out", OUT),
            1_200,
            ("research/synthetic.py", "research/fitting.py"),
            check=_check("paper"),
        ),
        Step(
            projections.NAME,
            f"findings/{projections.NAME}.json",
            (*pdcn, "study", projections.NAME, "--out", OUT),
            2_400,
            ("research/projections.py", "pages/inside"),
        ),
        *(
            Step(
                f"calibration on {source}",
                f"calibration/{source}.json",
                (*pdcn, "calibrate", "--data", source, "--studies", str(studies), "--out", OUT),
                2_400,
                ("research/calibrate.py",),
                check=_check("calibration"),
            )
            for source, studies in CALIBRATIONS.items()
        ),
        _table("spread", 1_200),
        _table("defaults", 900),
        Step("speed of training", "speed/training.json", (*pdcn, "bench", "train", *shown), 60),
        Step("speed of ranking", "speed/ranking.json", (*pdcn, "bench", "evaluate", *shown), 60),
        Step("speed by size", "speed/scale.csv", ("tests/benchmarks/scale.py", "--out", OUT), 420),
        Step(
            "speed past memory",
            "speed/mapped.csv",
            ("tests/benchmarks/scale.py", "--mapped", "--most", "100000000", "--out", OUT),
            300,
        ),
        Step(
            "agreement of leaner ways",
            "speed/agreement.csv",
            ("tests/benchmarks/agreement.py", "--seeds", "5", "--steps", "200", "--out", OUT),
            120,
        ),
        Step("speed of pages", "speed/pages.csv", ("tests/benchmarks/app.py", "--rounds", "4", "--out", OUT), 420),
    ]


def _table(name: str, guess: float) -> Step:
    """A table of many trainings, made by a script of its own, which can make one row of it."""
    script = f"tests/benchmarks/{name}.py"
    return Step(name, f"{name}.csv", (script, "--out", OUT), guess, check=_check("table", script))


def _check(name: str, *given: object) -> Callable[[Path], Checked | None]:
    """A check out of `pdcn.research.spot_checks`; torch, which that imports, takes seconds, and is not waited for."""

    def check(path: Path) -> Checked | None:
        found: Checked | None = getattr(import_module("pdcn.research.spot_checks"), name)(*given, path)
        return found

    return check


def _asked(finding: Finding) -> str:
    """What decides which rows a finding has: its races, and what is compared with what."""
    races = [(race.group, race.label, race.setting, race.experiment.hash()) for race in finding.races]
    return digest([races, finding.pairs, finding.levels])
