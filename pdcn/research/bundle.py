"""All that comes with the project as evidence, made anew step by step.

A step is a command that writes one file or folder. What it made is kept in the manifest beside it with the command, the
code and the machine. A step is left out where all of that is still so. Runs are trained in a home that belongs to
the code, so that a step that was stopped goes on with what it had trained, and no run of other code is used.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pdcn.files import DATA, home, read_json, write_json
from pdcn.research import synthetic
from pdcn.research.findings import FINDINGS
from pdcn.settings import SettingError
from pdcn.training.version import VERSION

ROOT = Path(__file__).parents[2]
MANIFEST = "manifest.json"
OUT = "{out}"
"""Stands in a command for the path that it is to write to."""
TRAINS_NOT = ("__main__.py", "cli", "pages", "research", "shell")
"""Parts of the package that play no part in what a run comes out as."""
CALIBRATIONS = {"journey": 100, "planted": 300}
"""How many studies each source is calibrated with."""


@dataclass(frozen=True)
class Step:
    """One part of the bundle: the words after `python`, and the path in the bundle that they make.

    Where no word is `OUT`, what the command prints is kept. `parts` of the package decide what is made, beside
    all that trains. `guess` is how many seconds it takes as long as nobody has measured it.
    """

    name: str
    path: str
    words: tuple[str, ...]
    guess: float
    parts: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """As one types it to make only this."""
        shown = " ".join(("python", *self.words)).replace(OUT, f"data/{self.path}")
        return shown if OUT in self.words else f"{shown} > data/{self.path}"

    @property
    def code(self) -> str:
        """The fingerprint of what decides its content: the same code makes the same."""
        return code_of(*self.parts, *(word for word in self.words if word.endswith(".py")))


def steps() -> list[Step]:
    """Every step, what the pages show first."""
    pdcn = ("-m", "pdcn")
    shown = ("--match", "none", "--json")
    return [
        Step("showcase", "showcase", (*pdcn, "showcase", "--out", OUT), 600, ("pages",)),
        *(
            Step(name, f"findings/{name}.json", (*pdcn, "study", name, "--out", OUT), 1_200, ("research",))
            for name in (*FINDINGS, synthetic.NAME)
        ),
        *(
            Step(
                f"calibration on {source}",
                f"calibration/{source}.json",
                (*pdcn, "calibrate", "--data", source, "--studies", str(studies), "--out", OUT),
                2_400,
                ("research",),
            )
            for source, studies in CALIBRATIONS.items()
        ),
        Step("spread", "spread.csv", ("tests/benchmarks/spread.py", "--out", OUT), 1_200),
        Step("defaults", "defaults.csv", ("tests/benchmarks/defaults.py", "--out", OUT), 900),
        Step("speed of training", "speed/training.json", (*pdcn, "bench", "train", *shown), 60),
        Step("speed of ranking", "speed/ranking.json", (*pdcn, "bench", "evaluate", *shown), 60),
        Step("speed by size", "speed/scale.csv", ("tests/benchmarks/scale.py", "--out", OUT), 420),
        Step("speed of pages", "speed/pages.csv", ("tests/benchmarks/app.py", "--rounds", "4", "--out", OUT), 420),
    ]


@cache
def code_of(*names: str) -> str:
    """A fingerprint of the code that trains and of these parts or files, without what is only said or drawn."""
    places = [path for path in (ROOT / "pdcn").iterdir() if path.name not in TRAINS_NOT]
    places += [ROOT / name if name.endswith(".py") else ROOT / "pdcn" / name for name in names]
    found = hashlib.sha256()
    for place in sorted(places):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            own = path.relative_to(ROOT)
            if path.suffix == ".py" and not {"page", "figures"} & {*own.with_suffix("").parts}:
                tree = _Unspoken().visit(ast.parse(path.read_text(encoding="utf-8")))
                found.update(f"{own.as_posix()}\n{ast.dump(tree)}\n".encode())
    return found.hexdigest()[:12]


class _Unspoken(ast.NodeTransformer):
    """Takes docstrings away."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node


class Bundle:
    """What stands in a folder, and what is still to be made."""

    def __init__(self, out: Path, every: Sequence[Step]) -> None:
        self.out, self.every = out, every
        self.kept: dict[str, Any] = _entries(out)
        self.before = {**_entries(DATA), **self.kept}

    def is_there(self, step: Step) -> bool:
        """Whether the same command of the same code made it, on this version of torch and this processor."""
        kept = self.kept.get(step.name, {})
        now = _about(step)
        return (self.out / step.path).exists() and all(kept.get(key) == value for key, value in now.items())

    def due(self) -> list[Step]:
        """The steps that are still to be made."""
        return [step for step in self.every if not self.is_there(step)]

    def seconds(self, step: Step) -> float:
        """How long it took the last time, or is thought to take."""
        return float(self.before.get(step.name, {}).get("seconds", step.guess))

    def make(self, step: Step) -> str:
        """Carry a step out and put what it made into its place; why that failed, or nothing."""
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=self.out, prefix=".making.") as folder:
            made = Path(folder) / Path(step.path).name
            ended = _carried_out(step, made)
            if ended:
                return f"ended with exit code {ended}"
            if not made.exists():
                return "made nothing"
            _put(made, self.out / step.path)
        took = round(time.perf_counter() - begun, 1)
        date = datetime.now(UTC).isoformat(timespec="seconds")
        self.kept[step.name] = {**_about(step), "path": step.path, "date": date, "seconds": took}
        write_json(self.out / MANIFEST, {"steps": self.kept})
        return ""


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """The only bundle that this home makes: two would take the processor from each other while they read clocks."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"--out: expected a folder that can be made, got {out} ({error.strerror})") from None
    try:
        with FileLock(home() / "bundle.lock", timeout=0):
            for left in out.glob(".making.*"):  # of one that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout:
        raise SettingError("bundle: expected no other bundle at work in this home; wait until it has ended") from None


def _entries(out: Path) -> dict[str, Any]:
    record = read_json(out / MANIFEST)
    return dict(record["steps"]) if isinstance(record, Mapping) and isinstance(record.get("steps"), Mapping) else {}


def _about(step: Step) -> dict[str, Any]:
    """What has to be the same for a step to come out the same."""
    from pdcn.runs.result import made_on

    return {"command": step.command, "code": step.code, "training": VERSION, **made_on()}


def _carried_out(step: Step, made: Path) -> int:
    """Run the command of a step and wait; its exit code. Who is interrupted meanwhile ends the command, too."""
    words = [str(made) if word == OUT else word for word in step.words]
    env = {**os.environ, "PDCN_HOME": str(home() / "bundle" / code_of())}
    with (Path(os.devnull) if OUT in step.words else made).open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=env,
            stdout=printed,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        try:
            return process.wait()
        except BaseException:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.terminate()
            process.wait()
            raise


def _put(made: Path, path: Path) -> None:
    """Put what was made into its place, a folder too; one that stood there goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rename(made.with_name("before"))
    made.replace(path)
