"""What all this is built on: the lock file, known vulnerabilities, and licences.

    pip install -r requirements-supply.txt
    python tests/benchmarks/supply.py lock | audit | licences

`lock` makes requirements-lock.txt anew from requirements.txt, for each system and Python from 3.11, as the public index
serves the files. `audit` asks that index what is known of each locked package; one that it could not ask about is an
error, too, and not a clean bill. `licences` lists the packages of this environment that are locked, by what they allow;
a package that does not tell is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-lock.txt"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
TOLD = {
    "axe-playwright-python": "MIT License",  # by the LICENSE file in it
    "cuda-toolkit": "NVIDIA Proprietary Software",  # it is empty and names those packages
}
"""Licences of packages whose records name none."""


def plain(name: str) -> str:
    """A package's name as the index writes it.

    >>> plain("Typing_Extensions")
    'typing-extensions'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: Path) -> dict[str, str]:
    """Versions by package, as a file of requirements pins them."""
    return {plain(name): version for name, version in PIN.findall(file.read_text(encoding="utf-8"))}


def lock() -> int:
    """Make the lock file anew."""
    options = ["--universal", "--generate-hashes", "--python-version", "3.11", "--quiet"]
    told = {"UV_CUSTOM_COMPILE_COMMAND": "python tests/benchmarks/supply.py lock"}
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, "requirements.txt", "-o", LOCK.name]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, check=False).returncode


def audit() -> int:
    """Known vulnerabilities of what is locked; 1 where there are some, or where the index does not answer."""
    options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *options, "-r", LOCK.name]
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    print(told.stdout, end="")
    if why := unanswered(told.stderr):
        print(f"Nothing is known of these packages: their vulnerabilities could not be asked for ({why}).")
    else:
        print(told.stderr, end="", file=sys.stderr)
    return told.returncode


def unanswered(said: str) -> str:
    """Why pip-audit could not ask about packages, by what it said; nothing where it could.

    >>> unanswered("ERROR:pip_audit._cli:absl-py: Dependency not found on PyPI and could not be audited")
    'Dependency not found on PyPI and could not be audited'
    >>> unanswered("Found 2 known vulnerabilities in 1 package")
    ''
    """
    signs = ("could not be audited", "Connection", "Max retries", "timed out", "Name or service not known")
    lines = [line for line in said.splitlines() if any(sign in line for sign in signs)]
    return lines[-1].removeprefix("ERROR:pip_audit._cli:").partition(": ")[2][:120] if lines else ""


def licences() -> int:
    """Every locked package that is installed here, by licence; 1 where one tells none."""
    told = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"],
        capture_output=True,
        text=True,
        check=True,
    )
    locked, found = pins(LOCK), defaultdict[str, list[str]](list)
    for package in json.loads(told.stdout):
        name = plain(package["Name"])
        if name in locked:
            found[TOLD.get(name, package["License"]) if package["License"] == "UNKNOWN" else package["License"]].append(
                f"{name} {package['Version']}"
            )
    for licence, names in sorted(found.items(), key=lambda one: (-len(one[1]), one[0])):
        print(f"{licence}\n    {', '.join(sorted(names))}")
    print(f"{sum(map(len, found.values()))} of {len(locked)} locked packages are installed here.")
    return 1 if "UNKNOWN" in found else 0


def main() -> int:
    """Do what was asked for."""
    ways = {"lock": lock, "audit": audit, "licences": licences}
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=tuple(ways))
    return ways[options.parse_args().what]()


if __name__ == "__main__":
    sys.exit(main())
