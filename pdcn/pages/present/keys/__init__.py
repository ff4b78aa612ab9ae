"""The bar below the slides, and the keys that turn them, in plain JavaScript that is handed on as text."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def read(name: str) -> str:
    """One of the files here."""
    return (HERE / name).read_text(encoding="utf-8")
