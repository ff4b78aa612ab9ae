"""Every way to take something out of a run, as data: what it is called, and the module that writes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from pdcn.config import TWO_TOWERS, offered
from pdcn.export import words as say
from pdcn.export.chosen import Chosen
from pdcn.files import disk_is_full, why_unwritable
from pdcn.inert import LONGEST_WORD, line, quoted
from pdcn.runs.folder import RunFolder
from pdcn.runs.words import NO_VECTORS
from pdcn.settings import SettingError
from pdcn.words import listed


@dataclass(frozen=True)
class Way:
    """One way: its `label`, a sentence `about` it, and what writes it into a folder of its own.

    `writes` is "MODULE:FUNCTION", or the function: (a run's `Chosen`, or its folder where `of_towers` is false, and a
    folder that is there) -> None. `of_vectors` says that only a model with two towers has it. `needs` is the package
    that has to be installed, "" where none more is.
    """

    label: str
    about: str
    writes: str | Callable[[Any, Path], None]
    of_towers: bool = True
    of_vectors: bool = False
    needs: str = ""

    @property
    def written(self) -> Callable[[Any, Path], None]:
        """The function that writes it."""
        if not isinstance(self.writes, str):
            return self.writes
        module, _, name = self.writes.partition(":")
        found: Callable[[Any, Path], None] = vars(import_module(module))[name]
        return found

    @property
    def there(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or find_spec(self.needs) is not None


WAYS: dict[str, Way] = {
    "csv": Way(say.TABLES, say.TABLES_SAID, "pdcn.export.tables:write_csv", of_towers=False),
    "parquet": Way(say.PARQUET, say.PARQUET_SAID, "pdcn.export.tables:write_parquet", of_towers=False),
    "weights": Way(say.WEIGHTS, say.WEIGHTS_SAID, "pdcn.export.weights:write", of_towers=False),
    "pytorch": Way(say.PYTORCH, say.PYTORCH_SAID, "pdcn.export.pytorch:write"),
    "onnx": Way(say.ONNX, say.ONNX_SAID, "pdcn.export.onnx_files:write", needs="onnxscript"),
    "faiss": Way(say.FAISS, say.FAISS_SAID, "pdcn.export.item_index:write", of_vectors=True),
    "experiment": Way(say.EXPERIMENT, say.EXPERIMENT_SAID, "pdcn.export.weights:write_experiment", of_towers=False),
    "mlflow": Way(say.MLFLOW, say.MLFLOW_SAID, "pdcn.export.tracker_mlflow:write", of_towers=False, needs="mlflow"),
    "wandb-offline": Way(say.WANDB, say.WANDB_SAID, "pdcn.export.tracker_wandb:write", of_towers=False, needs="wandb"),
    "tensorboard": Way(
        *(say.TENSORBOARD, say.TENSORBOARD_SAID, "pdcn.export.tracker_tensorboard:write"),
        of_towers=False,
        needs="tensorboard",
    ),
}
"""Every way by the name that one types; one that is added here is known everywhere."""
PLAIN = ("csv", "parquet", "weights", "pytorch", "onnx", "faiss", "experiment")
"""What is taken where nothing is named: all but trackers."""


def plain_ways(folder: RunFolder) -> tuple[list[str], str]:
    """Those of `PLAIN` that a run has, and why it lacks others: nothing where it has them all."""
    experiment = folder.experiment
    if TWO_TOWERS in offered(experiment.data.source, experiment.task):
        return [*PLAIN], ""
    lacks = [name for name in PLAIN if WAYS[name].of_vectors]
    left_out = say.LEFT_OUT(ways=listed(WAYS[name].label for name in lacks), why=NO_VECTORS)
    return [name for name in PLAIN if name not in lacks], left_out


def ways_named(names: Sequence[str]) -> list[str]:
    """The names, each once and each known; `SettingError` where one is not, or its package is not installed."""
    for name in names:
        if name not in WAYS:
            raise SettingError(say.NO_SUCH_WAY(known=", ".join(WAYS), name=quoted(name)))
        if not WAYS[name].there:
            extra = "requirements-trackers.txt" if name in ("mlflow", "wandb-offline") else "requirements.txt"
            raise SettingError(say.NOT_INSTALLED(way=name, package=WAYS[name].needs, file=extra))
    return list(dict.fromkeys(names))


def export(
    folder: RunFolder, to: Sequence[str], out: Path, *, arm: str = "", seed: int | None = None
) -> tuple[list[Path], str]:
    """Write a run's parts to new folders `out`/NAME: their paths, and which towers were taken, "" where none were.

    Each folder appears whole or not at all, and what lies there already is left alone: `SettingError` says so, and
    what a damaged run lacks, and that a disk is full.
    """
    names = ways_named(to)
    _ = folder.experiment  # damaged: said before anything is written
    towers = [name for name in names if WAYS[name].of_towers]
    chosen = Chosen(folder, arm, seed) if towers or arm or seed is not None else None
    found = []
    for name in names:
        way = WAYS[name]
        with _new_folder(out / name) as partial:
            way.written(chosen if way.of_towers else folder, partial)
        found.append(out / name)
    return found, chosen.said if chosen and towers else ""


def zipped(folder: RunFolder, way: str, refused: str) -> bytes:
    """What one way writes, as a zip file; one with why-not.txt where it can't be made: `refused` with {why}.

    A button that was pressed can show no sentence of its own, so the file says it.
    """
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as file:
        try:
            with TemporaryDirectory(prefix="pdcn-") as scratch:
                ((made,), _) = export(folder, [way], Path(scratch))
                for path in sorted(path for path in made.rglob("*") if path.is_file()):
                    file.write(path, f"{folder.run}-{way}/{path.relative_to(made)}")
        except (SettingError, OSError, MemoryError) as error:
            why = error if isinstance(error, SettingError) else why_unwritable(Path(gettempdir()), error)
            file.writestr(f"{folder.run}-{way}/why-not.txt", f"{refused.format(why=line(why))}\n")
    return buffer.getvalue()


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill that takes the place of `path`, where nothing is yet, once the block is through."""
    if path.exists():
        raise SettingError(say.IS_THERE(file=path.name, folder=quoted(str(path.parent), LONGEST_WORD)))
    partial = path.with_name(f".{path.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        partial.replace(path)
    except SettingError:
        raise
    except Exception as error:
        if isinstance(error, OSError) or disk_is_full(error):
            raise why_unwritable(path.parent, error) from None
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
