"""What settings are made of: a frozen, checked model; a dial with its range; errors that a person understands."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pdcn import words
from pdcn.inert import quoted, short

S = TypeVar("S", bound=BaseModel)
ALWAYS = object()
"""What was done before a setting came, of one that was there from the start."""
Level = Literal["main", "more"]


class SettingError(ValueError):
    """A setting that a person gave is wrong; the message is one sentence made for that person."""


@dataclass(frozen=True)
class Named:
    """What a person reads of a value that may be chosen: its label, and a sentence about it where it needs one."""

    label: str
    about: str = ""


def dial(
    default: Any,
    label: str,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    level: Level = "more",
    kind: str | None = None,
    choices: Mapping[str, Any] | None = None,
    named: Mapping[str, Named] | None = None,
    needs: tuple[str, ...] = (),
    before: Any = ALWAYS,
) -> Any:
    """A setting that people choose. Its kind (`pdcn.dial.KINDS`) follows from its type unless it is named.

    `choices` is a registry, any name of which may be chosen; its words explain them. `named` says what people read of
    the values of a type, which links and options write by their names. `needs` names the tasks and the offers of a
    source without which it has nothing to say. A setting that came later says
    with `before=` what was done before there was one: records without it mean that, whatever the default is today.
    """
    later = {} if before is ALWAYS else {"before": before}
    extra: dict[str, Any] = {"level": level, "kind": kind, "choices": choices, "named": named or {}, "needs": needs}
    return Field(default=default, title=label, description=text, ge=low, le=high, json_schema_extra={**extra, **later})


class Settings(BaseModel):
    """Settings of one thing: frozen, with no names but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def record(self) -> dict[str, Any]:
        """The settings as a record keeps them, in JSON's types.

        A setting that came later is left out where it is what was done before, so that the same settings have the same
        record, and the same hash, as they had then.

        >>> class Training(Settings):
        ...     epochs: int = 2
        ...     schedule: str = dial("plateau", "Schedule", "", before="cosine")
        >>> Training().record(), Training(schedule="cosine").record()
        ({'epochs': 2, 'schedule': 'plateau'}, {'epochs': 2})
        """
        found = self.model_dump(mode="json")
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, Settings):
                found[name] = value.record()
            if found[name] == _before(info):
                del found[name]
        return found

    @classmethod
    def as_recorded(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Raw values of a record, with what was done before for settings that came later.

        Only a record names every setting that was there from the start; what names fewer was written by a person, who
        means today's defaults.

        >>> class Training(Settings):
        ...     epochs: int = 2
        ...     schedule: str = dial("plateau", "Schedule", "", before="cosine")
        >>> Training.as_recorded({"epochs": 3}), Training.as_recorded({})
        ({'epochs': 3, 'schedule': 'cosine'}, {})
        """
        later = {name: _before(info) for name, info in cls.model_fields.items()}
        whole = all(name in raw for name, value in later.items() if value is ALWAYS)
        missing = {name: value for name, value in later.items() if value is not ALWAYS and name not in raw}
        return {**raw, **(missing if whole else {})}


def _before(info: Any) -> Any:
    """What was done before there was such a setting."""
    return (info.json_schema_extra or {}).get("before", ALWAYS)


def whole_number(text: str) -> int:
    """A whole number as one types it, in the digits 0 to 9; `ValueError` for all else, and for hundreds of digits.

    >>> whole_number(" 12 "), whole_number("-3")
    (12, -3)
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,300}", text.strip()):
        raise ValueError(words.NO_WHOLE_NUMBER)
    return int(text)


def real_number(text: str) -> float:
    """A finite number as one types it; `ValueError` for all else, such as nan, inf, 1e400, 1_000.

    >>> real_number("-.5"), real_number("1e-3")
    (-0.5, 0.001)
    """
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", text.strip(), re.IGNORECASE):
        raise ValueError(words.NO_NUMBER)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(words.TOO_LARGE)
    return number


def digest(record: object) -> str:
    """Twelve hex digits of the SHA-256 of `record` as canonical JSON."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def build(model: type[S], raw: object) -> S:
    """Validate `raw` into `model`; a `SettingError` names the setting, what was expected, what came.

    >>> class Training(Settings):
    ...     epochs: int = dial(2, "Epochs", "Passes over the training events.", low=1)
    >>> build(Training, {"epochs": 0})
    Traceback (most recent call last):
    pdcn.settings.SettingError: epochs: expected greater than or equal to 1, got 0
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = [part for part in first["loc"] if isinstance(part, str)]
        own = "item_" if path[:1] == ["item_network"] and len(path) > 1 else ""
        where = own + path[-1] if path else "experiment"
        said = first["msg"].removeprefix("Value error, ")
        if re.match(r"\w+: ", said):  # two settings that do not fit together; one is named
            where, said = said.split(": ", 1)
        said = said.replace("Input should be ", words.EXPECTED(what="")).replace(
            "Extra inputs are not permitted", words.NO_SETTING
        )
        told = first["type"] == "extra_forbidden" or (first["type"] == "value_error" and "got" in said)
        value = first["input"]
        came = short(",".join(map(str, value))) or words.NO_VALUE if isinstance(value, tuple) else quoted(value)
        raise SettingError(
            words.WRONG(key=where, why=said) if told else words.WRONG_VALUE(key=where, expected=said, value=came)
        ) from None
