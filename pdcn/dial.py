"""One setting as every surface shows it, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pdcn import words as wrong
from pdcn.config import offered
from pdcn.inert import quoted
from pdcn.settings import Level, Named, SettingError, real_number, whole_number
from pdcn.wirings import WIRINGS
from pdcn.words import listed, spoken

EMPTY = "none"
"""How one writes no widths at all."""


@dataclass(frozen=True)
class Dial:
    """One setting as every surface shows it.

    `key` is its name in the URL and, with hyphens, on the command line; `path` leads to it in the
    experiment; `source` is the data source that it belongs to, None for all; `needs` names the tasks and the offers of
    a source without which it says nothing. `about` explains it; `named` says what a person reads of values that links
    and options write by other names.
    """

    key: str
    path: tuple[str, ...]
    kind: str
    default: Any
    label: str
    about: str
    level: Level
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    source: str | None = None
    named: Mapping[Any, Named] = field(default_factory=dict, hash=False)
    needs: tuple[str, ...] = ()

    def fits(self, source: str, task: str) -> bool:
        """Whether it has something to say of this task on data of that source.

        >>> from pdcn.dials import dials
        >>> by_key = {dial.key: dial for dial in dials()}
        >>> by_key["epochs"].fits("planted", "retrieval"), by_key["heads"].fits("planted", "retrieval")
        (True, False)
        """
        return self.source in (None, source) and offered(source, task).issuperset(self.needs)

    @property
    def help(self) -> str:
        """The explanation for whoever types names, each with what it means."""
        return " ".join([self.about, *(f"{name}: {one.about}" for name, one in self.named.items() if one.about)])

    @property
    def hover(self) -> str:
        """The explanation for whoever reads labels, each with what it means. Markdown."""
        lines = "".join(f"\n- **{one.label}**: {one.about}" for one in self.named.values() if one.about)
        return f"{self.about}\n{lines}" if lines else self.about

    def said(self, value: Any) -> str:
        """A value as a person reads it.

        >>> from pdcn.dials import dials
        >>> by_key = {dial.key: dial for dial in dials()}
        >>> known = {"match": "train-time", "arms": ("deep_only",), "events": 4_000}
        >>> [by_key[key].said(value) for key, value in known.items()]
        ['training time', 'deep only', '4,000']
        """
        if self.kind == "bool":
            return "on" if value else "off"
        if self.kind in ("names", "arms"):
            return listed(map(self.said_of_one, value)) if value else EMPTY
        if self.kind == "widths":
            return ", ".join(map(str, value)) or EMPTY
        return self.said_of_one(value)

    def said_of_one(self, value: Any) -> str:
        """One of its options as a person reads it."""
        if value in self.named:
            return self.named[value].label
        if self.kind == "int":
            return f"{value:,}"
        return spoken(value) if self.kind in ("arm", "arms") else str(value)

    @property
    def several(self) -> bool:
        """Whether its value is names, each of which is a parameter of its own in the address."""
        return self.kind in ("names", "arms")

    def parse(self, text: str) -> Any:
        """Read a value from the command line or the URL; `SettingError` says what was expected."""
        try:
            return KINDS[self.kind].parse(self, text)
        except (ValueError, KeyError):
            raise SettingError(
                wrong.WRONG_VALUE(key=self.key, expected=wrong.EXPECTED(what=self.expected()), value=quoted(text))
            ) from None

    def text(self, value: Any) -> str:
        """The value as the command line and the URL write it; the inverse of `parse`."""
        if self.kind == "bool":
            return str(value).lower()
        return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

    def expected(self) -> str:
        """What may be given, in words."""
        return KINDS[self.kind].expected(self)


@dataclass(frozen=True)
class DialKind:
    """A kind of dial: how its text is read (`ValueError` or `KeyError` where it can't be), and what it expects."""

    parse: Callable[[Dial, str], Any]
    expected: Callable[[Dial], str]


def _within(dial: Dial, number: float) -> Any:
    assert dial.low is not None
    assert dial.high is not None
    if not dial.low <= number <= dial.high:  # so nan is refused too
        raise ValueError
    return number


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _names(dial: Dial, text: str) -> tuple[str, ...]:
    if not set(_parts(text)) <= set(dial.choices):
        raise ValueError
    return _parts(text)


def _widths(dial: Dial, text: str) -> tuple[int, ...]:
    return () if text.strip().lower() == EMPTY else tuple(map(whole_number, _parts(text)))


KINDS: Mapping[str, DialKind] = {
    "int": DialKind(
        lambda dial, text: _within(dial, whole_number(text)),
        lambda dial: f"a whole number between {dial.low:.0f} and {dial.high:.0f}",
    ),
    "float": DialKind(
        lambda dial, text: _within(dial, real_number(text)),
        lambda dial: f"a number between {dial.low:g} and {dial.high:g}",
    ),
    "bool": DialKind(lambda dial, text: {"true": True, "false": False}[text.lower()], lambda dial: "true or false"),
    "choice": DialKind(
        lambda dial, text: {str(choice): choice for choice in dial.choices}[text],
        lambda dial: f"one of {', '.join(map(str, dial.choices))}",
    ),
    "text": DialKind(lambda dial, text: text, lambda dial: "any text"),
    "name": DialKind(lambda dial, text: text, lambda dial: "the name of one"),
    "widths": DialKind(
        _widths,
        lambda dial: "whole numbers separated by commas, such as 64,64" + ("" if dial.default else f", or {EMPTY}"),
    ),
    "names": DialKind(_names, lambda dial: f"some of {', '.join(dial.choices)}, separated by commas"),
    "arm": DialKind(lambda dial, text: text, lambda dial: "auto or one of the arms"),
    "arms": DialKind(
        lambda dial, text: _parts(text), lambda dial: f"wirings separated by commas, out of {', '.join(WIRINGS)}"
    ),
}
"""Every kind of dial. A setting is of the kind that it names, else of the one that its type tells."""
