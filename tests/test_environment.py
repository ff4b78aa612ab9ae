"""Every environment variable that the app reads is in the table of CONTRIBUTING.md, once, with its default."""

from __future__ import annotations

import re
from pathlib import Path

from pdcn import environment
from pdcn.environment import LIMITS
from pdcn.sources.table.limits import PREFIX, Limits

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"PDCN_[A-Z_]*[A-Z]")
ROW = re.compile(r"^\| `(PDCN_\w+)` \| (.+?) \| .+ \|$", re.MULTILINE)


def test_the_table_has_all_that_is_read_with_its_default() -> None:
    rows = ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    told = dict(rows)
    assert len(told) == len(rows)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pdcn").rglob("*.py"))
    read = {*NAME.findall(code)} - {"PDCN_NEVER_SET", PREFIX.removesuffix("_")}
    assert read == {*told}
    assert {limit.name: f"{limit.default:,}" for limit in LIMITS} == {limit.name: told[limit.name] for limit in LIMITS}
    of_imports = {f"{PREFIX}{name.upper()}": f"{most:,}" for name, most in vars(Limits()).items()}
    assert of_imports.items() <= told.items()
    assert environment.READ_ONLY in told
