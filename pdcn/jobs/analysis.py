"""Analyses of finished runs: how each is made, where it is kept, and asking for one. Knows no torch.

An analysis is a recipe with settings, worked out once by a process of its own (`pdcn.jobs.analyst`) and kept as
tables in a folder whose name follows from the recipe, the settings and the weights: the same question about the same
weights is never worked out twice. Pages bring the recipes (`pdcn.pages`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from pdcn.files import SHOWCASE, Unwritable, check_writable, home, read_json, why_unwritable
from pdcn.host import machine
from pdcn.jobs.process import start
from pdcn.jobs.words import STARTING
from pdcn.runs import lease
from pdcn.runs.folder import OVER, JobFolder, Progress, RunFolder, State, read_frame
from pdcn.runs.usage import over_limit

Setting = int | float | str | bool
Settings = Mapping[str, Setting]
Say = Callable[[float, str], None]
"""Told the share of an analysis that is done, and a phase in words."""
SO_FAR = "so-far-"
"""What the names of tables begin with that are kept before an analysis is done."""
PARTS = 1_000
"""An analysis counts its parts in thousandths, where a study counts its steps."""


@dataclass(frozen=True)
class Recipe:
    """How a page's analysis is made; plain data, so that it can be told to another process as JSON.

    `words` say what is done while it is done. `work` is the module that does it, which knows torch: its function
    `inspect(opened, settings, say)` returns tables by name, and tells `say` the share that is done and a phase in words
    ("" for these). `settings` have their defaults, and `bounds` where a number may be other than a count from 1 up.
    A new `version` of the method makes what was kept before count no longer.
    """

    name: str
    words: str
    work: str
    settings: Settings = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    arms: tuple[str, ...] = ()
    """Settings that name arms: the first arms of a run unless others are given."""
    version: int = 1
    snapshots: bool = False
    """Whether it reads the snapshots, too."""
    timed: bool = False
    """Whether it reads a clock: asked for by name only, worked out by itself, and without giving way to others."""
    remarks: bool = False
    """Whether `work` has a function `remarks(frames)`, too: sentences that must be said beside the tables."""
    showcase: tuple[Settings, ...] = ({},)
    """With which settings it comes with the showcase."""
    of_a_run: bool = True
    """Whether it is about a run. One that is not is kept in any folder of its own, and `inspect` is told None."""
    live: bool = False
    """Whether `inspect` has a fourth argument, too: a function that keeps the tables which it has so far, for pages
    that show them while it works."""
    most: int = 0
    """How many answers are kept in one folder, of which the oldest go; 0 keeps all. For one that anybody may ask with
    any settings."""


class Tables(dict[str, pd.DataFrame]):
    """Tables of an analysis by name; `stamp` says whose they are and of when, for whoever keeps what is made of
    them."""

    def __init__(self, tables: dict[str, pd.DataFrame], stamp: tuple[str, float]) -> None:
        super().__init__(tables)
        self.stamp = stamp


@dataclass(frozen=True)
class Analysis:
    """One question about one run: where its answer is kept, and how far it is."""

    folder: RunFolder
    recipe: Recipe
    settings: dict[str, Setting]

    @classmethod
    def of(cls, folder: RunFolder, recipe: Recipe, **settings: Setting) -> Analysis:
        """The analysis by a recipe with its default settings, but for those given."""
        unknown = settings.keys() - recipe.settings.keys()
        if unknown:
            raise ValueError(f"{recipe.name}: expected settings among {', '.join(recipe.settings)}, got {unknown}")
        return cls(folder, recipe, {**recipe.settings, **settings})

    @cached_property
    def name(self) -> str:
        """Recipe and content: settings, version and the weights that it is about."""
        recipe = self.recipe
        sha = hashlib.sha256(json.dumps([recipe.name, recipe.version, sorted(self.settings.items())]).encode())
        for part in ("weights", "snapshots") if recipe.snapshots else ("weights",):
            for path in sorted((self.folder.path / part).glob("*.safetensors")):
                at = path.stat()
                sha.update(path.name.encode() + _digest(path, at.st_mtime_ns, at.st_size))
        return f"{recipe.name}-{sha.hexdigest()[:12]}"

    @property
    def path(self) -> Path:
        """Where its tables are or would be; what comes with the showcase is read there, new ones go to the home."""
        kept = self.folder.path / "analysis" / self.name
        if self.folder.path != SHOWCASE or (kept / "done.json").exists():
            return kept
        return home() / "showcase" / self.name

    @property
    def tables(self) -> Tables | None:
        """Its tables; None until it is done."""
        path = self.path
        done = read_json(path / "done.json")
        if not isinstance(done, dict):
            return None
        try:
            found = {name: read_frame(path / f"{name}.parquet") for name in done["tables"]}
            return Tables(found, (str(path), (path / "done.json").stat().st_mtime))
        except (OSError, ValueError, KeyError):  # taken away or damaged: to be made anew
            return None

    def keep_so_far(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Keep what there is before it is done, unless there is no room for it."""
        with suppress(OSError):
            for name, table in tables.items():
                JobFolder(self.path).write_frame(f"{SO_FAR}{name}.parquet", table)

    @property
    def so_far(self) -> dict[str, pd.DataFrame]:
        """The tables that whoever works on it kept so far."""
        found = {}
        for path in sorted(self.path.glob(f"{SO_FAR}*.parquet")):
            with suppress(OSError, ValueError):  # done this moment, or damaged
                found[path.stem.removeprefix(SO_FAR)] = read_frame(path)
        return found

    @property
    def done(self) -> bool:
        """Whether its tables are kept."""
        return (self.path / "done.json").exists()

    @property
    def under_way(self) -> bool:
        """Whether somebody is at work on it, or about to be."""
        now = self.progress
        return now is not None and now.state in ("queued", "running")

    @property
    def progress(self) -> Progress | None:
        """How far it is, "interrupted" where nobody is at work on it any more; None where it was not asked for."""
        path = self.path
        if self.done:
            return Progress("done", "", PARTS, PARTS)
        going = lease.held(path)  # asked before the folder is read: its last word counts
        now = JobFolder(path).said()
        if now and now.state not in OVER and not going:
            return replace(now, state="interrupted")
        return now

    def say(self, state: State, share: float = 0.0, phase: str = "", message: str = "") -> None:
        """Keep how far it is; on a full disk, too, where there is a word of it already."""
        said = Progress(state, phase, round(PARTS * share), PARTS, message=message)
        JobFolder(self.path).write_progress(said)

    def keep(self, tables: dict[str, pd.DataFrame]) -> None:
        """Keep its tables; it is done from here on."""
        holder = JobFolder(self.path)
        for name, table in tables.items():
            holder.write_frame(f"{name}.parquet", table)
        done = {"kind": self.recipe.name, "settings": self.settings, "tables": list(tables)}
        holder.write_json("done.json", done)
        for name in ("progress.json", "state.json"):  # the latter is of earlier versions
            (self.path / name).unlink(missing_ok=True)
        for path in self.path.glob(f"{SO_FAR}*.parquet"):
            path.unlink(missing_ok=True)
        if self.recipe.most:
            self._make_room()

    def _make_room(self) -> None:
        """Take away the oldest answers by this recipe beside this one, until there are no more than are to be kept."""
        others = [
            path for path in self.path.parent.glob(f"{self.recipe.name}-*") if path.is_dir() and path != self.path
        ]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in others[self.recipe.most - 1 :]:
            if not lease.held(path):
                shutil.rmtree(path, ignore_errors=True)

    def ask(self) -> None:
        """Have a process work it out, unless it is done or under way; `Unwritable` where it could not be kept."""
        if self.done or self.under_way:
            return
        check_writable()
        if said := over_limit(home(), 0.0):
            raise Unwritable(said)
        try:
            self._start()
        except OSError as error:
            raise why_unwritable(home(), error) from None

    def _start(self) -> None:
        path = self.path
        path.mkdir(parents=True, exist_ok=True)
        word = lease.reserve(path)
        self.say("queued", phase=STARTING)
        told = json.dumps(asdict(self.recipe)), json.dumps(self.settings)
        start(home(), path / "log.txt", "pdcn.jobs.analyst", str(self.folder.path), word, *told)

    def stop(self) -> None:
        """Take its lease from whoever works on it, who ends then; a table is whole or not there, so nothing is half
        done."""
        now = self.progress
        if now and self.under_way:
            check_writable()
            lease.revoke(self.path)
            with suppress(OSError):  # no room for a word: that nobody is at work says the same
                self.say("stopped", now.share, now.phase)


def kept(folder: RunFolder, recipe: Recipe) -> list[Analysis]:
    """Every analysis by a recipe that is done and about these weights, whatever its settings.

    What was measured on this machine comes first, then the newest: times of another machine are better than none, and
    are to be shown with that machine's name. What came with the showcase is found like any other.
    """
    places = [folder.path / "analysis"]
    if folder.path == SHOWCASE:
        places.append(home() / "showcase")
    found: list[tuple[bool, float, Analysis]] = []
    for path in (path for place in places for path in place.glob(f"{recipe.name}-*/done.json")):
        done = read_json(path)
        settings = done.get("settings") if isinstance(done, dict) else None
        if isinstance(settings, dict) and settings.keys() == recipe.settings.keys():
            analysis = Analysis(folder, recipe, settings)
            if analysis.name == path.parent.name:
                here = settings.get("machine", machine()) == machine()
                found.append((here, path.stat().st_mtime, analysis))
    return [analysis for *_, analysis in sorted(found, key=lambda one: one[:2], reverse=True)]


@lru_cache(maxsize=4_096)
def _digest(path: Path, written: int, size: int) -> bytes:
    """Digest of a file's content; its time and size tell whether it is still that content."""
    return hashlib.sha256(path.read_bytes()).digest()
