"""All that comes with the project as evidence, made anew step by step.

A step is a command that writes one file or folder. What it made is kept in the manifest beside it with the command, the
code and the machine. A step is left out where all of that is still so. Runs are trained in a home that belongs to
the code, so that a step that was stopped goes on with what it had trained, and no run of other code is used.

Most changes of the code change no number. So where other code made a step, a check trains a small part of it anew
(`pdcn.research.spot_checks`). Where that comes out the same to the last digit, the manifest says which part it was,
when, and with which code; then the step is left out, too. All else of the step has not been made anew, and the manifest
claims nothing of it. It holds a fingerprint of what stands there, and tells only of that.
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
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pdcn.files import DATA, home, read_json, write_json
from pdcn.research import projections, synthetic
from pdcn.research import words as say
from pdcn.research.findings import FINDINGS, Finding
from pdcn.settings import SettingError, digest
from pdcn.training.version import VERSION

if TYPE_CHECKING:
    from pdcn.research.spot_checks import Checked

ROOT = Path(__file__).parents[2]
MANIFEST = "manifest.json"
OUT = "{out}"
"""Stands in a command for the path that it is to write to."""
NO_NUMBERS = (
    *("cli", "shell", "runs", "needs.py", "pace.py", "job.py"),
    *("dials.py", "files.py", "glossary.py", "host.py", "inert.py", "words.py"),
)
"""Parts of the package and names of modules that change no number, whoever imports them, but for those that are named:
they read settings, keep, find, say or show what others work out."""
TRAINS = ("jobs/study.py", "jobs/cells.py", "jobs/executors.py", "runs/result.py")
"""Where trainings come from; what these import, and what that imports, counts, too."""
SAYS = {"dial": slice(1, 3), "Named": slice(0, None), "Finding": slice(0, None), "Sentence": slice(0, None)}
"""Which arguments in a row are no more than words, by the name of what is called. What a finding asks is counted by the
hashes of its races instead."""
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
        Step("showcase", "showcase", (*pdcn, "showcase", "--out", OUT), 600, SHOWN, check=_check_showcase),
        *(
            Step(
                name,
                f"findings/{name}.json",
                (*pdcn, "study", name, "--out", OUT),
                1_200,
                ("research/findings.py",),
                _asked(finding),
                partial(_check_finding, finding),
            )
            for name, finding in FINDINGS.items()
        ),
        Step(
            synthetic.NAME,
            f"findings/{synthetic.NAME}.json",
            (*pdcn, "study", synthetic.NAME, "--out", OUT),
            1_200,
            ("research/synthetic.py", "research/fitting.py"),
            check=_check_paper,
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
                check=_check_calibration,
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
    return Step(name, f"{name}.csv", (script, "--out", OUT), guess, check=partial(_check_table, script))


def _check_showcase(path: Path) -> Checked:
    from pdcn.research import spot_checks  # torch takes seconds to import, and the command line need not wait for it

    return spot_checks.showcase(path)


def _check_finding(finding: Finding, path: Path) -> Checked:
    from pdcn.research import spot_checks

    return spot_checks.finding(finding, path)


def _check_calibration(path: Path) -> Checked | None:
    from pdcn.research import spot_checks

    return spot_checks.calibration(path)


def _check_table(script: str, path: Path) -> Checked:
    from pdcn.research import spot_checks

    return spot_checks.table(script, path)


def _check_paper(path: Path) -> Checked:
    from pdcn.research import spot_checks

    return spot_checks.paper(path)


def _asked(finding: Finding) -> str:
    """What decides which rows a finding has: its races, and what is compared with what."""
    races = [(race.group, race.label, race.setting, race.experiment.hash()) for race in finding.races]
    return digest([races, finding.pairs, finding.levels])


@cache
def code_of(*names: str) -> str:
    """A fingerprint of the code that can change a number: of what trains, of these parts or files, and of what they
    import.

    What is only said or drawn is left out: docstrings, modules of words, the labels and texts of dials. Of the pages
    only what they work out counts.
    """
    named = [ROOT / name if (ROOT / name).is_file() else ROOT / "pdcn" / name for name in (*TRAINS, *names)]
    found = hashlib.sha256()
    for path in sorted(_reached(named)):
        tree = _Unspoken().visit(ast.parse(path.read_text(encoding="utf-8")))
        found.update(f"{path.relative_to(ROOT).as_posix()}\n{ast.dump(tree)}\n".encode())
    return found.hexdigest()[:12]


def _reached(named: Sequence[Path]) -> set[Path]:
    """The files that are named, those in folders that are, and what they import of the package, to any depth."""
    waiting = [path for place in named for path in (place.rglob("*.py") if place.is_dir() else [place])]
    own, found = {*named}, set[Path]()
    while waiting:
        path = waiting.pop()
        parts = path.relative_to(ROOT).parts
        drawn = "pages" in parts and not {"work", "work.py"} & {*parts}
        if path in found or not path.is_file() or drawn or (path not in own and {*NO_NUMBERS} & {*parts}):
            continue
        found.add(path)
        waiting += _imported(path)
    return found


def _imported(path: Path) -> list[Path]:
    """Where the modules that a file imports would lie, if they are the package's."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    places = [ROOT.joinpath(*name.split(".")) for name in names if name.split(".")[0] == "pdcn"]
    return [one for place in places for one in (place.with_suffix(".py"), place / "__init__.py")]


class _Unspoken(ast.NodeTransformer):
    """Takes docstrings away, and the arguments that are no more than words."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        said = SAYS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if said is not None:
            del node.args[said]
            node.keywords = [] if said.stop is None else node.keywords
        return self.generic_visit(node)


def content_of(path: Path) -> str:
    """A fingerprint of a file, or of all files in a folder."""
    found = hashlib.sha256()
    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if one.is_file():
            found.update(one.relative_to(path).as_posix().encode() + b"\n" + one.read_bytes())
    return found.hexdigest()[:16]


class Bundle:
    """What stands in a folder, and what is still to be made."""

    def __init__(self, out: Path, every: Sequence[Step]) -> None:
        self.out, self.every = out, every
        self.kept: dict[str, Any] = _entries(out)
        self.before = {**_entries(DATA), **self.kept}

    def is_there(self, step: Step) -> bool:
        """Whether what stands there is what today's code makes, as far as is known."""
        return self.made_so(step) or bool(self.checked(step))

    def made_so(self, step: Step) -> bool:
        """Whether the same command of the same code made it, on this version of torch and this processor."""
        return self._known(step, {**_about(step)}, self.kept.get(step.name, {}))

    def checked(self, step: Step) -> Mapping[str, Any]:
        """The check that made a part of it anew with today's code and found the same; nothing where there is none."""
        found: Mapping[str, Any] = self.kept.get(step.name, {}).get("checked", {})
        return found if self._known(step, {"code": step.code, "training": VERSION}, found) else {}

    def _known(self, step: Step, now: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
        path, kept = self.out / step.path, self.kept.get(step.name, {})
        return (
            all(said.get(key) == value for key, value in now.items())
            and kept.get("command") == step.command
            and path.exists()
            and kept.get("content") == content_of(path)
        )

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
        self._keep(step, {**_about(step), **_when(begun)})
        return ""

    def check(self, step: Step) -> Checked | None:
        """Make a small part of what stands there anew; None where that is not possible.

        The manifest keeps that it came out the same, or else no more than what stands there.
        """
        begun = time.perf_counter()
        found = step.check(self.out / step.path) if step.check else None
        from pdcn.runs.result import made_on

        told = {"code": step.code, "training": VERSION, **made_on(), "what": found.what} if found else {}
        self._keep(step, {"checked": {**told, **_when(begun)}} if found and found.agrees else {})
        return found

    def _keep(self, step: Step, facts: Mapping[str, Any]) -> None:
        content = content_of(self.out / step.path)
        self.kept[step.name] = {"command": step.command, **facts, "path": step.path, "content": content}
        write_json(self.out / MANIFEST, {"steps": self.kept})


def _when(begun: float) -> dict[str, Any]:
    """The time of day, and the seconds since `begun`."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return {"date": date, "seconds": round(time.perf_counter() - begun, 1)}


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """The only bundle that this home makes: two would take the processor from each other while they read clocks."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(say.FOLDER_NOT_MADE(folder=out, why=error.strerror)) from None
    try:
        with FileLock(home() / "bundle.lock", timeout=0):
            for left in out.glob(".making.*"):  # of one that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout:
        raise SettingError(say.BUNDLE_AT_WORK) from None


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
        process: subprocess.Popen[bytes] | None = None
        try:
            with _undisturbed():
                process = subprocess.Popen(
                    [sys.executable, *words],
                    cwd=ROOT,
                    env=env,
                    stdout=printed,
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                )
            return process.wait()
        except BaseException:
            if process is None:
                raise
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.terminate()
            process.wait()
            raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A Ctrl-C that comes meanwhile is heard at the end: one that came while a process starts would leave it behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _put(made: Path, path: Path) -> None:
    """Put what was made into its place, a folder too; one that stood there goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rename(made.with_name("before"))
    made.replace(path)
