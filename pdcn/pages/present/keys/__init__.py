"""The bar below the slides, and the keys that turn them, in plain JavaScript that is handed on as text."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PIXELS = re.compile(r"(?<![\w.-])(?<!max-width: )(\d+)px")
"""A length, but that of a screen."""


def read(name: str) -> str:
    """One of the files here."""
    return (HERE / name).read_text(encoding="utf-8")


def scaled(css: str) -> str:
    """Styles whose lengths grow with the screen: the bar says how much, in the property `--stage-scale`.

    >>> scaled("gap: 10px 2px")
    'gap: calc(10px * var(--stage-scale, 1)) calc(2px * var(--stage-scale, 1))'
    """
    return PIXELS.sub(r"calc(\1px * var(--stage-scale, 1))", css)
