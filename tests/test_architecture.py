"""The house rules that a reader relies on: who may import whom, and thin pages."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "config": set(),
    "dials": {"config"},
    "files": {"config"},
    "datasets": {"config", "dials", "files"},
    "nn": {"config", "datasets"},
    "training": {"config", "datasets", "nn"},
    "evaluation": {"config", "datasets", "nn", "training"},
    "analysis": {"config", "datasets", "nn", "training", "evaluation"},
    "latency": {"config", "datasets", "nn", "training", "evaluation"},
    "figures": {"config", "evaluation", "analysis", "latency"},
    "studies": {
        "config",
        "dials",
        "files",
        "datasets",
        "nn",
        "training",
        "evaluation",
        "analysis",
        "latency",
    },
    "ui": {
        "config",
        "dials",
        "files",
        "datasets",
        "training",
        "evaluation",
        "analysis",
        "latency",
        "figures",
        "studies",
    },
    "cli": {"config", "dials", "files", "datasets", "evaluation", "training", "latency", "studies"},
    "__main__": {"cli"},
    "__init__": set(),
    "inert": set(),
    "host": set(),
}
FOR_ALL = {"inert", "host"}
PACKAGE = sorted((ROOT / "pdcn").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    part = path.relative_to(ROOT / "pdcn").parts[0].removesuffix(".py")
    ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("pdcn.")}
    assert ours - {part} <= MAY_IMPORT[part] | FOR_ALL


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_ui_knows_streamlit_and_only_figures_know_plotly(path: Path) -> None:
    part = path.relative_to(ROOT / "pdcn").parts[0]
    tops = {name.split(".")[0] for name in imports_of(path)}
    assert ("streamlit" in tops) <= (part == "ui")
    assert ("plotly" in tops) <= (part == "figures")


@pytest.mark.parametrize("path", [*PAGES, ROOT / "app.py"], ids=lambda path: path.name)
def test_pages_are_thin(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports_of(path)}
    assert not tops & {"numpy", "torch", "pandas", "plotly"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_pages_do_not_wait_for_torch() -> None:
    modules = [f"pdcn.ui.{path.stem}" for path in (ROOT / "pdcn" / "ui").glob("*.py")]
    heavy = "{'torch', 'sklearn', 'umap', 'numba'}"
    code = f"import sys, {', '.join(modules)}; print(bool({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_nothing_is_unpickled() -> None:
    for path in [*PACKAGE, *PAGES]:
        text = path.read_text(encoding="utf-8")
        assert "import pickle" not in text
        assert "torch.load" not in text
        assert "allow_pickle=True" not in text
