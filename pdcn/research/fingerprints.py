"""Fingerprints of the code that can change a number, and of what stands in a file."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NO_NUMBERS = (
    *("cli", "shell", "runs", "needs.py", "pace.py", "job.py"),
    *("dial.py", "dials.py", "files.py", "glossary.py", "host.py", "inert.py", "words.py"),
)
"""Parts of the package and names of modules that change no number, whoever imports them, but for those that are named:
they read settings, keep, find, say or show what others work out."""
TRAINS = (
    *("jobs/study.py", "jobs/cells.py", "jobs/executors.py"),
    *("runs/result.py", "runs/arm_seed.py", "runs/cautions.py"),
)
"""Where trainings come from; what these import, and what that imports, counts, too."""
SAYS = {"dial": slice(1, 3), "Named": slice(0, None), "Finding": slice(0, None), "Sentence": slice(0, None)}
"""Which arguments in a row are no more than words, by the name of what is called. What a finding asks is counted by the
hashes of its races instead."""


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
