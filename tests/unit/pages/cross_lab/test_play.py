"""The playground's JavaScript: linted, tested by Node, joined into one module; and its texts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdcn.pages.cross_lab.play import EXPORT, FILES, HERE, IMPORT, joined, read, texts
from pdcn.wirings import WIRINGS
from tests.unit.pages.cross_lab.play_help import node, ran

ROOT = Path(__file__).parents[4]
TESTS = sorted((ROOT / "tests/js").glob("*.test.js"))
RULES = (
    "camelcase,default-param-last,eqeqeq,guard-for-in,no-await-in-loop,no-console,no-eval,no-self-compare,"
    "no-sparse-arrays,no-throw-literal,no-undef,no-useless-rename"
)
"""Of Deno's linter, beside those that it recommends."""
SLIDES = ROOT / "pdcn/pages/present/keys"


def did(*command: str) -> None:
    """Fail with what a command says, where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def deno() -> str:
    """Deno, which lies beside this Python."""
    found = shutil.which("deno", path=str(Path(sys.executable).parent)) or shutil.which("deno")
    if found is None:
        pytest.skip("no Deno here: pip install -r requirements.txt")
    return found


def test_the_javascript_keeps_the_rules_of_a_linter() -> None:
    did(deno(), "lint", "--quiet", f"--rules-include={RULES}", str(HERE), str(SLIDES), str(ROOT / "tests/js"))


def test_the_javascript_is_formatted() -> None:
    files = [*(str(HERE / name) for name in FILES), str(SLIDES / "bar.js")]
    did(deno(), "fmt", "--quiet", "--check", "--line-width", "120", *files, *map(str, TESTS))


def test_a_name_that_nothing_has_is_found(tmp_path: Path) -> None:
    (tmp_path / "wrong.js").write_text("export const one = two;\n")
    with pytest.raises(AssertionError, match="no-undef"):
        did(deno(), "lint", f"--rules-include={RULES}", str(tmp_path))


def test_what_the_javascript_tests_say() -> None:
    assert len(TESTS) == 3
    did(node(), "--test", *map(str, TESTS))


def test_all_files_are_one_module_with_one_export(tmp_path: Path) -> None:
    assert {*FILES} == {path.name for path in HERE.glob("*.js")}
    (tmp_path / "joined.mjs").write_text(
        joined(), encoding="utf-8"
    )  # a module is strict, and no name stands twice in it
    did(node(), "--check", str(tmp_path / "joined.mjs"))
    assert re.findall(r"^(?:import|export)\b.*", joined(), re.MULTILINE) == [
        "export default function mount({ parentElement, data, setStateValue }) {"
    ]
    assert "globalThis" not in read("network.js") + read("state.js") + read("layout.js")  # no DOM in the maths


def test_a_file_imports_only_what_was_read_before_it() -> None:
    for at, name in enumerate(FILES):
        imports = IMPORT.findall(read(name))
        found = {one for line in imports for one in re.findall(r'from "\./([\w.]+)"', line)}
        assert found <= {*FILES[:at]}
        assert len(imports) == len(found)
        assert " as " not in "".join(imports)  # a name is the same in all files
    assert len(EXPORT.findall(read("network.js"))) > 10


def names_of(value: object, path: str = "say") -> Iterator[str]:
    """The way to each text that JavaScript is handed."""
    yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from names_of(one, f"{path}.{name}")


def test_every_text_is_said_and_there_is_one_for_everything_said() -> None:
    code = joined()
    said = set(re.findall(r"\bsay\.(\w+)", code))
    assert said | {"play", "step", "reset"} == {*texts()}  # the three are read by the names of their buttons
    every = {*names_of(texts())}
    chosen = ran('import { CHOICES } from "./state.js"; console.log(JSON.stringify(CHOICES))')
    named = {f"say.names.{name}" for name in [*chosen, "features", "seed"]}
    options = {f"say.options.{name}.{one}" for name in ("target", "noise", "speed") for one in chosen[name]}
    looks = {f"say.lookFor.{name}" for name in [*chosen["target"], "reached"]}
    assert named | options | looks <= every
    assert {one for one in every if one.startswith(("say.names.", "say.lookFor."))} == named | looks
    assert json.loads(json.dumps(texts())) == texts()


def test_every_control_of_the_page_is_known_to_the_javascript() -> None:
    controls = re.findall(r'data-control="(\w+)"', read("playground.html"))
    named = texts()["names"]
    assert isinstance(named, dict)
    assert sorted(controls) == sorted(["play", "step", "reset", *named])


@pytest.mark.parametrize("wiring", ["sequential", "parallel"])
def test_a_wiring_has_the_colour_that_it_has_everywhere(wiring: str) -> None:
    assert f"--{wiring}: {WIRINGS[wiring].ink.colour.lower()};" in read("playground.css")
