"""The features that a draft has for users, items and events: where each lies, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pdcn.inert import line, short
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import moment_term, number_term
from pdcn.sources.table.draft import EVENTS, ITEM, NUMBER, QUANTILES, SIDES, TEXT, USER, Column, Draft
from pdcn.sources.table.nouns import speaks_of

DAY = 86_400
GIVEN = "_given"
"""End of the name of a field that says whether a number is there."""


@dataclass(frozen=True)
class Feature:
    """A feature of the data set: the column that holds it in a table of the data set, and how it is encoded."""

    table: str
    column: str
    side: str
    form: str
    name: str
    label: str
    values: int
    unit: str = ""
    separator: str = ""
    log: str = ""


def label_of(name: str) -> str:
    """A column's name as people read it.

    >>> label_of("release_year"), label_of("AGE")
    ('Release year', 'AGE')
    """
    plain = short(line(name.replace("_", " ")))
    return plain[:1].upper() + plain[1:]


def fields_of(draft: Draft) -> list[Feature]:
    """The features of a draft, in the order of its tables and columns, each with a name and a label of its own."""
    found: list[Feature] = []
    names = {"user", "item", "weekday", "hour", "earlier", "earlier_count", "earlier_days", "earlier_ago"}
    labels = {side: {say.WEEKDAY, say.HOUR, *(role_label(draft, role) for role in (USER, ITEM))} for side in SIDES}
    for table, columns in draft.columns.items():
        for at, column in enumerate(columns):
            if column.feature is None:
                continue
            side, form = column.feature
            name = re.sub(r"\W+", "_", column.name.lower(), flags=re.ASCII).strip("_") or "field"
            name, label = _unlike(name, names, "_"), _unlike(label_of(column.name), labels[side], " ")
            days = form in (NUMBER, QUANTILES) and not column.numbers
            unit = say.DAYS if days else ""
            values, separator = min(column.distinct, column.filled), column.separator
            own = f"{table[0]}{at}"
            found.append(Feature(table, own, side, form, name, label, values, unit, separator, column.log))
    return found


def _unlike(name: str, taken: set[Any], between: str) -> str:
    """The name, or with a number behind it where it is taken; it is taken from now on."""
    found, number = name, 1
    while found in taken or f"{found}{GIVEN}" in taken or f"{found}".removesuffix(GIVEN) in taken:
        number += 1
        found = f"{name}{between}{number}"
    taken.add(found)
    return found


def feature_term(column: Column, at: int, form: str) -> str:
    """The term of a query that makes a feature of a cell: a number, days of a date, or the text itself."""
    if form not in (NUMBER, QUANTILES):
        return f"c{at}"
    if column.numbers:
        return number_term(f"c{at}", column.numbers)
    return f"{moment_term(f'c{at}', column.moments)} / {float(DAY)}"


def role_label(draft: Draft, role: str) -> str:
    """What people call a user or an item of this data."""
    column = draft.having(EVENTS, role)
    return label_of(column.name) if column and not column.name.startswith("column ") else role.capitalize()


def named_by(fields: Sequence[Feature]) -> str:
    """The column of the items that has their names: the text that is called so, or else the first text."""
    texts = [field for field in fields if field.side == "item" and field.form == TEXT]
    texts.sort(key=lambda field: not speaks_of(field.name, "name"))
    return texts[0].column if texts else ""
