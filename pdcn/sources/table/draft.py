"""The draft of a data set: its files as tables of text, and the role of each column, guessed, shown and changeable."""

from __future__ import annotations

import math
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import psutil

from pdcn.files import check_writable
from pdcn.inert import quoted, short
from pdcn.settings import SettingError
from pdcn.sources.fields import Log
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import told_moment
from pdcn.sources.table.engine import engine
from pdcn.sources.table.kept import DELETED, folder_of_all
from pdcn.sources.table.landing import land
from pdcn.sources.table.limits import Limits
from pdcn.sources.table.staged import Staged, stage
from pdcn.words import Sentence

Split = Literal["time", "per-user", "random"]
Repeats = Literal["keep", "once"]
SPLITS: tuple[Split, ...] = ("time", "per-user", "random")
REPEATS: tuple[Repeats, ...] = ("keep", "once")
USER, ITEM, TIME, KIND, VALUE, WEIGHT, LEAVE_OUT = "user", "item", "time", "kind", "value", "weight", "leave-out"
NUMBER, QUANTILES, CATEGORY, MULTI, TEXT = FORMS = ("number", "quantiles", "category", "multi", "text")
SIDES = ("query", "item")
FEATURES = {f"{side}-{form}": (side, form) for side in SIDES for form in FORMS}
"""Roles of features: on which side, and in which form."""
EVENTS, USERS, ITEMS = TABLES = ("events", "users", "items")
ROLES: Mapping[str, tuple[str, ...]] = {
    EVENTS: (USER, ITEM, TIME, KIND, VALUE, WEIGHT, *FEATURES, LEAVE_OUT),
    USERS: (USER, *(role for role in FEATURES if role.startswith("query")), LEAVE_OUT),
    ITEMS: (ITEM, *(role for role in FEATURES if role.startswith("item")), LEAVE_OUT),
}
"""The roles that a column of each table may have."""
LOGARITHMS: Mapping[str, Log] = {"plain": "", "ln": "ln", "log1p": "log1p"}
"""What may be taken of a number before it is standardised, as a person writes it behind its role."""
ONCE = (USER, ITEM, TIME, KIND, VALUE, WEIGHT)
"""Roles that one column of a table has at most."""
STAGING = ".staging"
"""End of the folder of a draft, which begins with the process that made it."""
OLD = 86_400
"""Seconds after which a draft that nobody finished is thrown away."""


@dataclass(frozen=True)
class Column:
    """A column: the role that was guessed or chosen, why, and what its cells are like.

    `natural` is the form that it has as a feature; `numbers` and `moments` say how it writes those, if it does
    (`cells.py`), `separator` what stands between several values, `log` which logarithm its numbers get. `common` says
    of a column of the events how often it is the same for one user, and for one item, as shares.
    """

    name: str
    role: str
    reason: str
    warning: str
    examples: tuple[str, ...]
    natural: str
    filled: int
    distinct: int
    numbers: str = ""
    moments: str = ""
    order: str = ""
    separator: str = ""
    log: Log = ""
    mixed: tuple[str, ...] = ()

    @property
    def feature(self) -> tuple[str, str] | None:
        """Its side and form, where it is a feature."""
        return FEATURES.get(self.role)


@dataclass(frozen=True)
class Files:
    """The files of a person. A table within a database is named behind two colons: shop.sqlite::orders.

    Of files that were sent here, `called` has the person's names, by table: they are told, and never looked for. The
    tables within them are in `within`, because what a person writes is no part of a path then.
    """

    events: str
    users: str = ""
    items: str = ""
    encoding: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A data set in the making. `kinds` has the weight of each outcome, where a column says which; 0 leaves it out.

    `positive_from` is the value from which a row is an event, None where all are. `cuts` are the moments at which
    validation and test begin, in seconds since 1970 as the file tells times; None where shares of the events say it.
    """

    folder: Path
    tables: Mapping[str, Staged]
    columns: Mapping[str, tuple[Column, ...]]
    split: Split
    repeats: Repeats = "keep"
    positive_from: float | None = None
    kinds: Mapping[str, float] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits.here)
    cuts: tuple[int, int] | None = None

    def at(self, table: str, role: str) -> int | None:
        """The place of the column of a table that has a role."""
        found = [at for at, column in enumerate(self.columns.get(table, ())) if column.role == role]
        return found[0] if found else None

    def having(self, table: str, role: str) -> Column | None:
        """The column of a table that has a role."""
        at = self.at(table, role)
        return None if at is None else self.columns[table][at]


def begin(files: Files, limits: Limits | None = None) -> Draft:
    """Read the files and guess the role of every column; `SettingError` in one sentence where that can't be."""
    check_writable()
    from pdcn.sources.table.roles import guessed

    limits = limits or Limits.here()
    folder = _folder()
    try:
        with engine(folder, limits) as running:
            tables = {}
            for name, given in ((EVENTS, files.events), (USERS, files.users), (ITEMS, files.items)):
                if given:
                    called = files.called.get(name, "")
                    path, inner = (given, files.within.get(name, "")) if called else _within_database(given)
                    landed = land(path, folder, name, limits, files.encoding, called)
                    tables[name] = stage(running, name, landed, inner)
            return guessed(running, folder, tables, limits)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _within_database(given: str) -> tuple[str, str]:
    """A path, and the table within it that is named behind it.

    >>> _within_database("shop.sqlite::orders"), _within_database("log.csv")
    (('shop.sqlite', 'orders'), ('log.csv', ''))
    """
    path, colons, inner = given.rpartition("::")
    return (path, inner) if colons and not os.path.lexists(given) else (given, "")


def discard(draft: Draft) -> None:
    """Throw a draft away, with what it took on the disk."""
    shutil.rmtree(draft.folder, ignore_errors=True)


def _folder() -> Path:
    """A new folder for a draft; those that nobody needs any more go."""
    place = folder_of_all()
    place.mkdir(parents=True, exist_ok=True)
    for other in place.glob(f".*{DELETED}"):
        shutil.rmtree(other, ignore_errors=True)
    for other in place.glob(f".*{STAGING}"):
        with suppress(OSError, ValueError):
            alive = psutil.pid_exists(int(other.name[1:].partition("-")[0]))
            if not alive or time.time() - other.stat().st_mtime > OLD:
                shutil.rmtree(other, ignore_errors=True)
    folder = place / f".{os.getpid()}-{secrets.token_hex(4)}{STAGING}"
    folder.mkdir(mode=0o700)
    return folder


def edit(
    draft: Draft,
    *,
    roles: Mapping[str, str] | None = None,
    split: Split | None = None,
    repeats: Repeats | None = None,
    positive_from: float | None = None,
    kinds: Mapping[str, float] | None = None,
    cuts: tuple[int, int] | Literal[False] | None = None,
) -> Draft:
    """The draft with what a person chose instead of what was guessed; `SettingError` where that can't be.

    `roles` are by column, `users.age` where it is one of another table than the events. Beside those of `ROLES`, a
    form alone keeps the side, and `query` or `item-feature` keeps the form; `multi:;` names what separates values, and
    `number:ln` which logarithm is taken, out of `LOGARITHMS`. A `positive_from` of minus infinity takes every row as an
    event. With `cuts` of False, shares of the events say where validation and test begin; another split does so, too.
    """
    timeless = draft.at(EVENTS, TIME) is None
    for key, role in (roles or {}).items():
        draft = _with_role(draft, key, role)
    if timeless and split is None and draft.at(EVENTS, TIME) is not None:
        split = "time"
    if split is not None:
        if split != "random" and draft.at(EVENTS, TIME) is None:
            raise SettingError(say.NO_TIME_TO_SPLIT(split=split))
        draft = replace(draft, split=split)
    elif draft.at(EVENTS, TIME) is None:
        draft = replace(draft, split="random")
    if cuts:
        draft = replace(draft, cuts=_in_order(draft, cuts))
    elif cuts is False or draft.split != "time":
        draft = replace(draft, cuts=None)
    if draft.at(EVENTS, VALUE) is None:
        if positive_from is not None and positive_from > -math.inf:
            raise SettingError(say.NO_VALUE_COLUMN)
        draft = replace(draft, positive_from=None)
    elif positive_from is not None:
        draft = replace(draft, positive_from=positive_from if positive_from > -math.inf else None)
    if kinds:
        unknown = sorted(kinds.keys() - draft.kinds.keys())
        if unknown:
            known = ", ".join(map(short, draft.kinds)) or "none"
            raise SettingError(say.NO_SUCH_KIND(kind=quoted(unknown[0]), known=known))
        if any(not 0 <= weight < math.inf for weight in kinds.values()):
            raise SettingError(say.WEIGHT_OF_A_KIND)
        draft = replace(draft, kinds={**draft.kinds, **kinds})
    return replace(draft, repeats=repeats or draft.repeats)


def _in_order(draft: Draft, cuts: tuple[int, int]) -> tuple[int, int]:
    """The cuts, where they come one after the other and the split is one in time."""
    if draft.split != "time":
        raise SettingError(say.CUTS_NEED_TIME(split=draft.split))
    if cuts[0] >= cuts[1]:
        raise SettingError(say.CUTS_IN_ORDER(validation=told_moment(cuts[0]), test=told_moment(cuts[1])))
    return cuts


def _find(draft: Draft, key: str) -> tuple[str, int]:
    """The table and the place of a column that a person names."""
    table, dot, name = key.partition(".")
    places = [(table, name)] if dot and table in draft.columns else []
    places += [(table, key) for table in draft.columns]
    for table, name in places:
        for at, column in enumerate(draft.columns[table]):
            if column.name == name:
                return table, at
    known = ", ".join(short(column.name) for table in draft.columns for column in draft.columns[table][:30])
    raise SettingError(say.NO_COLUMN(column=quoted(key), known=known))


def _with_role(draft: Draft, key: str, role: str) -> Draft:
    table, at = _find(draft, key)
    columns = [*draft.columns[table]]
    column = columns[at]
    role, _, more = role.partition(":")
    side = column.feature[0] if column.feature else ("item" if table == ITEMS else "query")
    if role in FORMS:
        role = f"{side}-{role}"
    elif role in ("query", "item-feature"):
        role = f"{role.partition('-')[0]}-{column.natural}"
    if role not in ROLES[table]:
        shorter = [one for one in ROLES[table] if one not in FEATURES]
        known = ", ".join(
            [*shorter, "query", "item-feature", *FORMS, *(one for one in ROLES[table] if one in FEATURES)]
        )
        raise SettingError(say.NO_ROLE(column=quoted(column.name), role=quoted(role), known=known))
    form = FEATURES[role][1] if role in FEATURES else ""
    if more and form == NUMBER:
        if more not in LOGARITHMS:
            raise SettingError(say.NO_LOGARITHM(known=", ".join(LOGARITHMS), got=quoted(more)))
        column = replace(column, log=LOGARITHMS[more])
    elif more:  # what separates several values, where it was not found
        column = replace(column, separator=more)
    if (lacking := _lacking(column, role)) is not None:
        raise SettingError(lacking(column=quoted(column.name), example=_example(column)))
    columns[at] = replace(column, role=role, reason=say.CHOSEN, warning="")
    if role in ONCE:  # what was guessed gives way to what was chosen
        for other, one in enumerate(columns):
            if one.role == role and other != at:
                columns[other] = replace(one, role=LEAVE_OUT, reason=say.GAVE_WAY(role=role), warning="")
    draft = replace(draft, columns={**draft.columns, table: tuple(columns)})
    if role == KIND or draft.at(EVENTS, KIND) is None:
        from pdcn.sources.table.roles import kinds_of

        draft = replace(draft, kinds=kinds_of(draft))
    if role == VALUE:
        from pdcn.sources.table.roles import threshold_of

        draft = replace(draft, positive_from=threshold_of(draft))
    return draft


def _lacking(column: Column, role: str) -> Sentence | None:
    """What to say of a column whose cells are not fit for a role; None where they are."""
    form = FEATURES[role][1] if role in FEATURES else ""
    if (role in (VALUE, WEIGHT) or form in (NUMBER, QUANTILES)) and not (column.numbers or (form and column.moments)):
        return say.NO_NUMBERS
    if role == TIME and not column.moments:
        return say.NO_MOMENTS
    if form == MULTI and not column.separator:
        return say.NO_SEPARATOR
    return None


def possible(table: str, column: Column) -> tuple[str, ...]:
    """The roles that a column of a table can have, by what its cells are like."""
    return tuple(role for role in ROLES[table] if _lacking(column, role) is None)


def _example(column: Column) -> str:
    return quoted(column.examples[0]) if column.examples else "nothing"
