"""The role of every column, guessed from its name and its cells, with the reason and a warning where it is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pdcn.inert import quoted
from pdcn.settings import SettingError
from pdcn.sources.fields import Log
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import number_term, only_clocks
from pdcn.sources.table.draft import (
    CATEGORY,
    EVENTS,
    ITEM,
    ITEMS,
    KIND,
    LEAVE_OUT,
    MULTI,
    NUMBER,
    TEXT,
    TIME,
    USER,
    USERS,
    VALUE,
    WEIGHT,
    Column,
    Draft,
)
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.facts import Facts, facts_of, logarithm_of
from pdcn.sources.table.limits import Limits
from pdcn.sources.table.nouns import called, parts_of_name, speaks_of, words_among
from pdcn.sources.table.staged import Staged

FEW = 32
"""Whole numbers with no more values than these are read as categories; outcomes have no more kinds."""
DIGITS = 5
"""Whole numbers of so many digits or more, all of them equally long, are codes."""
LEVELS = 11
"""A rating without a name has no more values."""
LARGE = 500_000
"""Rows from which constancy is looked at for some of the users and items only."""
CONSTANT = 0.99
"""The share of users, or items, for which a column is the same, from which it is a feature of them."""
UNIQUE = 0.98
"""The share of different values from which a column tells rows apart rather than describing them."""
WORDY = 2.5
"""Words in a cell, on average, from which a column with hardly any value twice is text."""
GIVES_AWAY, TIMES = 0.5, 3.0
"""A column gives the item away where it tells the item of more than this share of the rows, and so many times as many
as popularity."""
NONE = words_among(
    "none no nothing 0 false impression impressions shown seen exposure noclick no_click skip skipped ignored "
    "dismissed passed"
)
"""Outcomes that are none, in small letters."""
POSITIVE_SHARE = 0.7
"""A rating is positive from so far up its scale: 4 of 1 to 5."""


@dataclass(frozen=True)
class Constancy:
    """How often a column is the same for one user, and for one item, as shares of those that come more than once; how
    often it alone tells the item, and how often popularity does."""

    user: float = 0.0
    item: float = 0.0
    tells: float = 0.0
    popularity: float = 0.0
    spread: float = 1.0
    """Of a number, its variance within items as a share of all."""


def guessed(running: Engine, folder: Path, tables: Mapping[str, Staged], limits: Limits) -> Draft:
    """The draft of these tables with every role guessed."""
    facts = {name: facts_of(running, staged) for name, staged in tables.items()}
    events = [
        _column(name, fact, tables[EVENTS].rows)
        for name, fact in zip(tables[EVENTS].columns, facts[EVENTS], strict=True)
    ]
    events = _with_keys(running, events, facts, tables)
    events = _with_outcomes(events, facts[EVENTS], tables[EVENTS])
    user, item = (
        [column.role for column in events].index(role) if _has(events, role) else None for role in (USER, ITEM)
    )
    constancy = _constancy(running, tables[EVENTS], events, user, item)
    columns = {
        EVENTS: tuple(
            _feature(column, fact, constancy[at], tables[EVENTS].rows) if not column.role else column
            for at, (column, fact) in enumerate(zip(events, facts[EVENTS], strict=True))
        )
    }
    for table, role, at in ((USERS, USER, user), (ITEMS, ITEM, item)):
        if table in tables:
            columns[table] = _of_side(running, tables, table, role, at, facts[table])
    has_time = any(column.role == TIME for column in columns[EVENTS])
    draft = Draft(folder, tables, columns, "time" if has_time else "random", limits=limits)
    draft = replace(draft, positive_from=threshold_of(draft, running))
    return replace(draft, kinds=kinds_of(draft, running))


def _has(columns: Sequence[Column], role: str) -> bool:
    return any(column.role == role for column in columns)


def _column(name: str, fact: Facts, rows: int) -> Column:
    """A column without a role, and the form that it has as a feature."""
    numbers, moments = fact.numbers, fact.moments
    log: Log = ""
    if fact.separator:
        natural = MULTI
    elif moments and not numbers:
        natural = NUMBER
    elif numbers and not _codes(name, fact):
        natural, log = NUMBER, logarithm_of(fact.floats)
    elif fact.words >= WORDY and fact.distinct > 0.5 * fact.filled:
        natural = TEXT
    else:
        natural = CATEGORY
    form = moments.form if moments else ""
    return Column(
        name,
        "",
        "",
        "",
        fact.examples,
        natural,
        fact.filled,
        fact.distinct,
        numbers=numbers.form if numbers else "",
        moments=form,
        order=moments.order if moments else "",
        separator=fact.separator,
        log=log,
        mixed=moments.mixed if moments else (),
    )


def _codes(name: str, fact: Facts) -> bool:
    """Whether numbers are rather the names of something: by the column's own name, padded, few, or equally long."""
    if fact.padded or speaks_of(name, "category"):
        return True
    lengths = {len(cell) for cell in fact.cells}
    equal = len(lengths) == 1 and min(lengths) >= DIGITS and all(map(str.isdigit, fact.cells))
    return fact.whole and (fact.distinct <= FEW or equal)


def _set(columns: list[Column], at: int, role: str, reason: str, warning: str = "") -> None:
    columns[at] = replace(columns[at], role=role, reason=reason, warning=warning)


def _with_keys(
    running: Engine, columns: list[Column], facts: Mapping[str, list[Facts]], tables: Mapping[str, Staged]
) -> list[Column]:
    """The events' columns with those of the time, the user and the item found."""
    own, rows = facts[EVENTS], tables[EVENTS].rows
    for at, (column, fact) in enumerate(zip(columns, own, strict=True)):
        if not fact.filled:
            _set(columns, at, LEAVE_OUT, say.ALL_EMPTY)
        elif _numbers_rows(column, fact, rows):
            _set(columns, at, LEAVE_OUT, say.NUMBERS_ROWS)
    times = [at for at, fact in enumerate(own) if fact.moments and not columns[at].role]
    named = [at for at in times if speaks_of(columns[at].name, "time")]
    other = [at for at in times if not (called(columns[at].name, USER) or called(columns[at].name, ITEM))]
    dates = [at for at in other if not own[at].numbers]
    for places in (named, dates, other):
        if places:
            form = own[places[0]].moments
            reason = say.TIME_NAMED if places is named else say.TIME_LOOKS
            doubt = say.DAY_OR_MONTH(first=say.ORDERS[form.order]) if form and form.doubtful else ""
            if places is other and tables[EVENTS].header:
                doubt = say.DOUBTFUL[TIME]
            _set(columns, places[0], TIME, reason, doubt)
            _with_clocks(columns, own, form.form if form else "")
            break
    for role in (USER, ITEM):
        found = [at for at, column in enumerate(columns) if not column.role and called(column.name, role)]
        found.sort(key=lambda at: (speaks_of(columns[at].name, "group"), -own[at].distinct))
        if found:
            others = ", ".join(columns[at].name for at in found[1:])
            _set(columns, found[0], role, say.NAMED[role], say.ALSO_NAMED(others=others) if others else "")
    _by_keys(running, columns, own, tables)
    for role in (USER, ITEM):
        if _has(columns, role):
            continue
        free = [
            at
            for at, (column, fact) in enumerate(zip(columns, own, strict=True))
            if not column.role and fact.distinct > 1 and not (fact.numbers and not fact.whole) and not fact.separator
        ]
        wide = [at for at in free if own[at].distinct > LEVELS and own[at].distinct < UNIQUE * rows]
        free = [at for at in (wide or free) if not speaks_of(columns[at].name, "after")]
        if free:
            _set(columns, free[0], role, say.BY_ORDER[role], say.DOUBTFUL[role])
    return columns


def _with_clocks(columns: list[Column], own: Sequence[Facts], form: str) -> None:
    """Leave out columns of times of day that stand beside days, which tell no moment alone; and say so."""
    if any(mark in form for mark in ("epoch", "%H", "%I")):
        return
    for at, column in enumerate(columns):
        if not column.role and only_clocks(own[at].cells):
            _set(columns, at, LEAVE_OUT, say.ONLY_CLOCKS, say.JOIN_CLOCKS)


def _numbers_rows(column: Column, fact: Facts, rows: int) -> bool:
    """Whether a column counts the rows, as what is written by R or pandas often does."""
    plain = parts_of_name(column.name)
    indexed = column.name.startswith("column ") or plain in (("rownames",), ("unnamed", "0"), ("index",), ("row",))
    if not (indexed and fact.numbers and fact.whole and fact.filled == rows and fact.distinct >= UNIQUE * rows):
        return False
    steps = {round(b - a) for a, b in zip(fact.floats, fact.floats[1:], strict=False)}
    return len(steps) == 1 and steps != {0}


def _by_keys(running: Engine, columns: list[Column], own: Sequence[Facts], tables: Mapping[str, Staged]) -> None:
    """Find the user and the item as the columns whose values are the keys of the other tables, best together."""
    free = [at for at, column in enumerate(columns) if not column.role and own[at].distinct > 1]
    shares: dict[str, dict[int, float]] = {}
    for table, role in ((USERS, USER), (ITEMS, ITEM)):
        if table in tables and not _has(columns, role):
            shares[role] = {at: _share(running, tables, table, at)[0] for at in free}
    best = 0.0
    pair: dict[str, int] = {}
    for one in shares.get(USER, {-1: 0.0}):
        for other in shares.get(ITEM, {-1: 0.0}):
            total = shares.get(USER, {}).get(one, 0.0) + shares.get(ITEM, {}).get(other, 0.0)
            if one != other and total > best + 1e-9:
                best, pair = total, {USER: one, ITEM: other}
    for role in shares:
        at = pair.get(role, -1)
        if at >= 0 and shares[role][at] > 0.5:
            _set(columns, at, role, say.KEYS[role])


def _share(running: Engine, tables: Mapping[str, Staged], table: str, at: int) -> tuple[float, int]:
    """The largest share of the values of a column of the events that a column of another table has, and its place."""
    events, other = running.table(EVENTS), running.table(table)
    found = (0.0, 0)
    for place in range(len(tables[table].columns)):
        distinct, filled = running.row(f"SELECT count(DISTINCT c{place}), count(c{place}) FROM {other}")
        if not filled or distinct < 0.9 * filled:
            continue
        known, every = running.row(
            f"SELECT count(k.v), count(*) FROM (SELECT DISTINCT c{at} AS v FROM {events} WHERE c{at} IS NOT NULL) e "
            f"LEFT JOIN (SELECT DISTINCT c{place} AS v FROM {other}) k USING (v)"
        )
        if every and known / every > found[0] + 1e-9:
            found = known / every, place
    return found


def _with_outcomes(columns: list[Column], facts: Sequence[Facts], staged: Staged) -> list[Column]:
    """The events' columns with those of the kind, the value and the weight of an outcome found."""
    free = [at for at, column in enumerate(columns) if not column.role]
    for at in free:
        column, fact = columns[at], facts[at]
        if fact.distinct <= 1 or called(column.name, USER) or called(column.name, ITEM):
            continue
        if not _has(columns, KIND) and speaks_of(column.name, "kind") and fact.distinct <= FEW and not fact.numbers:
            _set(columns, at, KIND, say.KIND_NAMED, say.KINDS_WEIGH)
        elif not _has(columns, VALUE) and speaks_of(column.name, "value") and fact.numbers:
            _set(columns, at, VALUE, say.VALUE_NAMED)
        elif not _has(columns, WEIGHT) and speaks_of(column.name, "weight") and fact.numbers and min(fact.floats) >= 0:
            _set(columns, at, WEIGHT, say.WEIGHT_NAMED)
    if not _has(columns, VALUE) and not staged.header:
        for at in free:
            fact = facts[at]
            small = fact.numbers and 2 <= fact.distinct <= LEVELS and 0 <= min(fact.floats) <= max(fact.floats) <= 10
            if not columns[at].role and small:
                _set(columns, at, VALUE, say.VALUE_LOOKS, say.DOUBTFUL[VALUE])
                break
    return columns


def _constancy(
    running: Engine, staged: Staged, columns: Sequence[Column], user: int | None, item: int | None
) -> list[Constancy]:
    """How each column without a role yet goes with users and items."""
    found = [Constancy()] * len(columns)
    free = [at for at, column in enumerate(columns) if not column.role]
    if not free:
        return found
    events, every = running.table(EVENTS), max(1, staged.rows // LARGE)
    shares: dict[str, list[float]] = {}
    for role, key in ((USER, user), (ITEM, item)):
        if key is None:
            shares[role] = [0.0] * len(free)
            continue
        same = ", ".join(f"avg((min_{at} = max_{at})::INTEGER)" for at in free)
        ends = ", ".join(f"min(c{at}) AS min_{at}, max(c{at}) AS max_{at}" for at in free)
        shares[role] = [
            share or 0.0
            for share in running.row(
                f"SELECT {same} FROM (SELECT {ends} FROM {events} WHERE c{key} IS NOT NULL "
                f"AND hash(c{key}) % {every} = 0 GROUP BY c{key} HAVING count(*) > 1)"
            )
        ]
    for at, of_user, of_item in zip(free, shares[USER], shares[ITEM], strict=True):
        found[at] = Constancy(of_user, of_item)
        if item is not None and of_user < CONSTANT and of_item < CONSTANT:
            tells, popularity = telling(running, events, at, item, every)
            found[at] = replace(found[at], tells=tells, popularity=popularity)
            if columns[at].numbers and columns[at].natural == NUMBER:
                found[at] = replace(found[at], spread=_within_items(running, events, columns[at], at, item, every))
    return found


def telling(running: Engine, events: str, at: int, item: int, every: int) -> tuple[float, float]:
    """How often a column that comes again tells the item of a row, and how often the most popular item is right.

    Each value's own row is not counted, so that one that comes once tells nothing.
    """
    tells, popularity, rows = running.row(
        f"WITH pairs AS (SELECT c{at} AS v, c{item} AS i, count(*) AS n FROM {events} WHERE c{at} IS NOT NULL "
        f"AND c{item} IS NOT NULL AND file_row_number % {every} = 0 GROUP BY ALL), "
        "best AS (SELECT max(n) - 1 AS n FROM pairs GROUP BY v) "
        "SELECT (SELECT sum(n) FROM best), (SELECT max(n) FROM (SELECT sum(n) AS n FROM pairs GROUP BY i)), "
        "(SELECT sum(n) FROM pairs)"
    )
    return (float(tells or 0) / float(rows), float(popularity) / float(rows)) if rows else (0.0, 0.0)


def _within_items(running: Engine, events: str, column: Column, at: int, item: int, every: int) -> float:
    """The variance of a number within items, as a share of all of it; on a logarithm, as amounts and prices spread."""
    number = f"ln(greatest({number_term(f'c{at}', column.numbers)}, 0) + 1)"
    within, all_of_it = running.row(
        f"WITH cells AS (SELECT c{item} AS i, {number} AS x FROM {events} WHERE c{item} IS NOT NULL "
        f"AND hash(c{item}) % {every} = 0), means AS (SELECT i, avg(x) AS m FROM cells GROUP BY i HAVING count(x) > 1) "
        "SELECT avg((x - m) ** 2), var_pop(x) FROM cells JOIN means USING (i)"
    )
    return float(within / all_of_it) if within is not None and all_of_it else 1.0


def _feature(column: Column, fact: Facts, of: Constancy, rows: int) -> Column:
    """A column of the events as a feature, or left out."""

    def with_role(role: str, reason: str, warning: str = "") -> Column:
        return replace(column, role=role, reason=reason, warning=warning)

    told = {"share": f"{max(of.user, of.item):.0%}"}
    if fact.distinct <= 1 and fact.filled == rows:
        return with_role(LEAVE_OUT, say.CONSTANT)
    after = speaks_of(column.name, "after")
    if of.item >= CONSTANT and (of.item >= of.user or of.user < CONSTANT):
        return with_role(
            f"item-{column.natural}", say.SAME_FOR[ITEM](**told), say.BOTH_SAME if of.user >= CONSTANT else ""
        )
    if of.user >= CONSTANT:
        return with_role(f"query-{column.natural}", say.SAME_FOR[USER](**told))
    if column.natural == NUMBER and of.spread < 0.5 and column.numbers and (after or of.tells > GIVES_AWAY):
        return with_role("item-number", say.OF_ITEMS(share=f"{of.spread:.0%}"), say.MEDIAN_OF_ITEM)
    measured = column.natural == NUMBER and bool(column.numbers) and not fact.whole  # hardly a value twice, yet no name
    if speaks_of(column.name, "group") or (fact.distinct > UNIQUE * fact.filled and not measured):
        return with_role(LEAVE_OUT, say.TELLS_ROWS_APART)
    if of.tells > GIVES_AWAY and of.tells > TIMES * of.popularity:
        return with_role(LEAVE_OUT, say.GIVES_AWAY(share=f"{of.tells:.0%}"), say.IF_KNOWN_BEFORE)
    if after:
        return with_role(LEAVE_OUT, say.KNOWN_AFTERWARDS, say.IF_KNOWN_BEFORE)
    doubt = say.MAY_BE_AFTER if column.natural == NUMBER else ""
    return with_role(f"query-{column.natural}", say.OF_THE_EVENT, doubt)


def _of_side(
    running: Engine, tables: Mapping[str, Staged], table: str, role: str, at: int | None, facts: Sequence[Facts]
) -> tuple[Column, ...]:
    """The columns of the table of users or of items: its key, and features."""
    rows, side = tables[table].rows, "query" if table == USERS else "item"
    columns = [_column(name, fact, rows) for name, fact in zip(tables[table].columns, facts, strict=True)]
    share, key = _share(running, tables, table, at) if at is not None else (0.0, 0)
    named = [place for place, column in enumerate(columns) if called(column.name, role)]
    if share <= 0.0 and named:
        key = named[0]
    for place, (column, fact) in enumerate(zip(columns, facts, strict=True)):
        if place == key:
            reason = say.KEY_FOUND(share=f"{share:.0%}") if share > 0 else say.NAMED[role]
            _set(columns, place, role, reason, "" if share > 0.5 else say.DOUBTFUL[role])
        elif not fact.filled:
            _set(columns, place, LEAVE_OUT, say.ALL_EMPTY)
        elif fact.distinct <= 1 and fact.filled == rows:
            _set(columns, place, LEAVE_OUT, say.CONSTANT)
        elif column.natural == CATEGORY and fact.distinct > UNIQUE * fact.filled and fact.filled > FEW:
            _set(columns, place, LEAVE_OUT, say.TELLS_ROWS_APART)
        else:
            _set(columns, place, f"{side}-{column.natural}", say.FORMS[column.natural])
    return tuple(columns)


def kinds_of(draft: Draft, running: Engine | None = None) -> dict[str, float]:
    """The kinds of outcomes and their weights: 1 of each, 0 of those that say that nothing came of it."""
    at = draft.at(EVENTS, KIND)
    if at is None:
        return {}
    if running is None:
        with engine(draft.folder, draft.limits) as own:
            return kinds_of(draft, own)
    told = running.rows(
        f"SELECT c{at}, count(*) FROM {running.table(EVENTS)} WHERE c{at} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 "
        f"LIMIT {FEW + 1}"
    )
    if len(told) > FEW:
        raise SettingError(say.TOO_MANY_KINDS(column=quoted(draft.columns[EVENTS][at].name), most=FEW))
    return {kind: 0.0 if "_".join(parts_of_name(kind)) in NONE else 1.0 for kind, _ in told}


def threshold_of(draft: Draft, running: Engine | None = None) -> float | None:
    """The value from which a row is an event: the first level at 70% of the scale or above; None without a rating."""
    at = draft.at(EVENTS, VALUE)
    if at is None:
        return None
    if running is None:
        with engine(draft.folder, draft.limits) as own:
            return threshold_of(draft, own)
    number = number_term(f"c{at}", draft.columns[EVENTS][at].numbers)
    low, high = running.row(f"SELECT min({number}), max({number}) FROM {running.table(EVENTS)}")
    if low is None or low == high:
        return None
    least = low + POSITIVE_SHARE * (high - low)
    found = running.row(f"SELECT min({number}) FROM {running.table(EVENTS)} WHERE {number} >= {least - 1e-9}")[0]
    return float(found)
