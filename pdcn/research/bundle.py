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

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pdcn.ctrl_c import heard_later
from pdcn.files import DATA, home, read_json, write_json
from pdcn.research import words as say
from pdcn.research.bundle_steps import OUT, Step
from pdcn.research.fingerprints import ROOT, code_of, content_of
from pdcn.settings import SettingError
from pdcn.training.version import VERSION

if TYPE_CHECKING:
    from pdcn.research.spot_checks import Checked

MANIFEST = "manifest.json"


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
            with heard_later(children_deaf=False):
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


def _put(made: Path, path: Path) -> None:
    """Put what was made into its place, a folder too; one that stood there goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rename(made.with_name("before"))
    made.replace(path)
