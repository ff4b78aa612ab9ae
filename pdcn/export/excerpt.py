"""Classes and functions of the house as source that runs without it: what they need comes along, all else stays here.

Of a class that is what `__init__` and `forward` use, taken from wherever it inherits it. So a cross layer that is
added to `pdcn.crossings` can be taken away as it is.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from functools import lru_cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from pdcn.export import words as say
from pdcn.settings import SettingError

OURS = ("torch", "typing", "builtins", "collections", "abc")
"""Where names come from that need no excerpt: `HEADER` of the file imports what is used of them."""


class Excerpts:
    """Sources by name, each behind those that it needs.

    >>> from pdcn.nn.two_tower import unit
    >>> found = Excerpts()
    >>> found.take(unit), "vector_norm" in found.texts["unit"], ">>>" in found.texts["unit"]
    ('unit', True, False)
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._under_way: set[str] = set()

    def take(self, thing: Any) -> str:
        """Have a class or a function, and what it needs; its name. `SettingError` where its source can't be read."""
        name = str(thing.__name__)
        if name not in self.texts and name not in self._under_way:
            self._under_way.add(name)
            try:
                text = self._class(thing) if isinstance(thing, type) else self._function(thing)
            except (OSError, TypeError, SyntaxError) as error:
                raise SettingError(say.NO_SOURCE(part=name, why=error)) from None
            self.texts[name] = text
        return name

    def _class(self, made: type) -> str:
        """A flat class: its attributes, then every method that is used, each from the nearest class that has it."""
        house = [one for one in made.__mro__ if not _foreign(one)]
        base = next(one for one in made.__mro__ if one.__module__.startswith("torch"))
        wanted, parts = ["__init__", "forward"], list[str]()
        for name in wanted:  # which grows meanwhile
            owner = next((one for one in house if name in vars(one)), None)
            if owner is None:
                continue
            node, source = _methods(owner)[name]
            used = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and _of_self(one)}
            wanted += sorted(one for one in used if one not in wanted and any(one in _methods(at) for at in house))
            self._needs(node, owner.__module__)
            parts.append(_plain(node, source))
        constants = [text for one in reversed(house) for text in _constants(one)]
        about = _about(made)
        head = f"class {made.__name__}({'nn.Linear' if base.__name__ == 'Linear' else 'nn.Module'}):\n"
        body = [about, *constants, *parts]
        return head + textwrap.indent("\n\n".join(part for part in body if part), "    ") + "\n"

    def _function(self, made: FunctionType) -> str:
        source = textwrap.dedent(inspect.getsource(made))
        (node,) = ast.parse(source).body
        self._needs(node, made.__module__)
        return _plain(node, source) + "\n"

    def _needs(self, node: ast.AST, module: str) -> None:
        """Take what a piece of source names of its module: functions, classes, and tables of them."""
        known = vars(import_module(module))
        annotations = {id(part) for one in ast.walk(node) for part in _annotated(one)}
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and id(one) not in annotations and one.id in known:
                thing = known[one.id]
                if isinstance(thing, ModuleType) or _foreign(thing):
                    continue
                if isinstance(thing, (type, FunctionType)):
                    self.take(thing)
                elif one.id not in self.texts and one.id not in self._under_way:
                    self._under_way.add(one.id)
                    statement, source = _assigned(module, one.id)
                    self._needs(statement, module)
                    self.texts[one.id] = _plain(statement, source) + "\n"


def _foreign(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] in OURS


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _annotated(node: ast.AST) -> list[ast.AST]:
    """Every node of the annotations of a function or an assignment, which need no value."""
    found: list[ast.expr | None] = []
    if isinstance(node, ast.FunctionDef):
        found = [node.returns, *(one.annotation for one in (*node.args.args, *node.args.kwonlyargs))]
    elif isinstance(node, ast.AnnAssign):
        found = [node.annotation]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
        found = [node.func, node.args[0]]
    return [part for one in found if one is not None for part in ast.walk(one)]


@lru_cache(maxsize=256)
def _tree(owner: type) -> tuple[ast.ClassDef, str]:
    source = textwrap.dedent(inspect.getsource(owner))
    (found,) = ast.parse(source).body
    assert isinstance(found, ast.ClassDef)
    return found, source


def _methods(owner: type) -> dict[str, tuple[ast.FunctionDef, str]]:
    found, source = _tree(owner)
    return {node.name: (node, source) for node in found.body if isinstance(node, ast.FunctionDef)}


def _constants(owner: type) -> list[str]:
    found, source = _tree(owner)
    return [_plain(node, source) for node in found.body if isinstance(node, ast.Assign)]


def _assigned(module: str, name: str) -> tuple[ast.stmt, str]:
    """The statement of a module that gives a name its value."""
    source = inspect.getsource(import_module(module))
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node, source
    raise OSError(f"{name} is not assigned in {module}")


def _about(made: type) -> str:
    """The docstring, without its examples."""
    text = inspect.cleandoc(made.__doc__ or "").partition(">>>")[0].rstrip()
    return f'"""{text}\n"""' if "\n" in text else f'"""{text}"""' if text else ""


def _plain(node: ast.AST, source: str) -> str:
    """The source of a node with its comments, without casts, notes for type checkers, and examples of its docstring."""
    text = textwrap.dedent(_lines(node, source))
    text = re.sub(r"  # type: ignore\[[^\]]*\]", "", text)
    text = re.sub(r"^[ ]*>>>(?:.*\n)*?(?=[ ]*\"\"\")", "", text, flags=re.M)
    text = re.sub(r"\n\s*\n(?=[ ]*\"\"\"\n)", "\n", text)
    while (at := text.find("cast(")) >= 0:
        (call,) = [one for one in ast.walk(ast.parse(text)) if _starts(one, text, at)]
        assert isinstance(call, ast.Call)
        whole, inner = (ast.get_source_segment(text, one) for one in (call, call.args[1]))
        assert whole is not None
        assert inner is not None
        text = text.replace(whole, inner, 1)
    return text.rstrip()


def _starts(node: ast.AST, text: str, at: int) -> bool:
    """Whether a call of `cast` begins at a place in the text."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast"):
        return False
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: node.lineno - 1]) + lines[node.lineno - 1].encode()[: node.col_offset].decode()
    return len(before) == at


def _lines(node: ast.AST, source: str) -> str:
    """Whole lines of a node, with comments at their ends."""
    first, last = int(getattr(node, "lineno", 1)), int(getattr(node, "end_lineno", 1))
    return "".join(source.splitlines(keepends=True)[first - 1 : last])
