"""python -m pdcn data import | list | add | delete: a person's own data."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pdcn.cli import words as say
from pdcn.cli.show import OUTPUT, SAY, bars, grid
from pdcn.files import home
from pdcn.inert import line, quoted, short
from pdcn.jobs.needs import check_import
from pdcn.settings import SettingError, real_number
from pdcn.sources.table.kept import Kept, delete, kept, names
from pdcn.sources.table.landing import DENSE, unpacked
from pdcn.words import EXPECTED, WRONG_VALUE

SHOWN = 3
Told = Callable[[float, str], None]
ALL = "all"
"""What one writes for every row being an event."""


def own_data(options: argparse.Namespace) -> int:
    """Import, list, add or delete data; the exit code."""
    commands = {"import": _import, "list": _list, "add": _add, "delete": _delete}
    return commands[options.what](options)


@contextmanager
def _progress(phase: str, total: float | None) -> Iterator[Told]:
    """What shows how far one is; elsewhere than in a terminal nothing does."""
    if not SAY.is_terminal:
        yield lambda share, phase: None
        return
    with bars() as shown:
        task = shown.add_task(phase, total=total)
        yield lambda share, phase: shown.update(task, completed=share, description=phase)


def _import(options: argparse.Namespace) -> int:
    from pdcn.sources.table.draft import Files, begin, discard

    if not options.name and not options.look:
        raise SettingError(say.NAME_IT)
    files = Files(options.events, options.users or "", options.items or "", options.encoding or "")
    given = (Path(one.partition("::")[0]).expanduser() for one in (files.events, files.users, files.items) if one)
    check_import(sum(_text_in(one) for one in given), home())
    with _progress(say.READING_FILES, total=None) as told:
        draft = begin(files)
        try:
            return _finish(draft, options, told)
        finally:
            discard(draft)  # what became a data set has left it


def _text_in(path: Path) -> float:
    """About how many bytes of text a file has; none where it can't be read, which reading it says better."""
    with suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as file:
                return unpacked(file.read(64), path.stat().st_size)
    return 0.0


def _finish(draft: Any, options: argparse.Namespace, told: Told) -> int:
    from pdcn.sources.table.draft import edit
    from pdcn.sources.table.importing import import_data
    from pdcn.sources.table.preview import preview
    from pdcn.sources.table.problems import problems

    draft = edit(
        draft,
        roles=dict(_pair("--role", word, "COLUMN=ROLE") for word in options.role),
        split=options.split,
        repeats=options.repeats,
        positive_from=_least(options.positive_from),
        cuts=_cuts(options.cuts),
        kinds={name: _weight(word) for name, word in (_pair("--kind", w, "OUTCOME=WEIGHT") for w in options.kind)},
    )
    told(0.0, say.LOOKING)
    found = problems(draft)
    errors = [one for one in found if one.level == "error"]
    told(0.0, say.PREVIEWING)
    seen = None if errors else preview(draft)
    if not options.json:
        _show_roles(draft)
        for one in found:
            OUTPUT.print(say.PROBLEM(level=say.PROBLEM_LEVELS[one.level], why=one.text), soft_wrap=True)
        for sentence in seen.sentences if seen else ():
            OUTPUT.print(sentence, soft_wrap=True)
    if errors:
        if options.json:
            print(json.dumps({"problems": [asdict(one) for one in found]}))
        raise SettingError(errors[0].text)
    told(0.0, say.IMPORTING)
    made = None if options.look else import_data(draft, options.name, replacing=options.replace)
    if options.json:
        roles = {table: {one.name: one.role for one in columns} for table, columns in draft.columns.items()}
        record = {"roles": roles, "problems": [asdict(one) for one in found], "preview": asdict(seen) if seen else None}
        print(json.dumps(record | ({"imported": _row(made)} if made else {})))
    elif made:
        OUTPUT.print(say.IMPORTED(name=made.name), style="bold", soft_wrap=True)
    return 0


def _pair(option: str, word: str, expected: str) -> tuple[str, str]:
    """What stands on both sides of the last equals sign."""
    key, equals, value = word.rpartition("=")
    if not equals or not key:
        raise SettingError(WRONG_VALUE(key=option, expected=EXPECTED(what=expected), value=quoted(word)))
    return key, value


def _least(text: str | None) -> float | None:
    if text is None:
        return None
    return -math.inf if text == ALL else _number("--positive-from", text)


def _cuts(texts: list[str] | None) -> tuple[int, int] | None:
    from pdcn.sources.table.cells import moment_of
    from pdcn.sources.table.words import A_MOMENT

    found = []
    for text in texts or ():
        try:
            found.append(moment_of(text))
        except (ValueError, OverflowError):
            raise SettingError(
                WRONG_VALUE(key="--cuts", expected=EXPECTED(what=A_MOMENT), value=quoted(text))
            ) from None
    return (found[0], found[1]) if found else None


def _weight(text: str) -> float:
    return _number("--kind", text)


def _number(option: str, text: str) -> float:
    try:
        return real_number(text)
    except ValueError:
        raise SettingError(WRONG_VALUE(key=option, expected=say.A_NUMBER, value=quoted(text))) from None


def _show_roles(draft: Any) -> None:
    """The role of every column, with its reason and examples."""
    rows = []
    for table, columns in draft.columns.items():
        for column in columns:
            examples = ", ".join(short(one, 20) for one in column.examples[:SHOWN])
            rows.append([table, column.name, column.role, f"{column.reason} {column.warning}".strip(), examples])
    grid(
        [say.TABLE_OF, say.COLUMN, say.ROLE, say.REASON, say.EXAMPLES], rows, names=2, wraps=[say.REASON, say.EXAMPLES]
    )


def _row(found: Kept) -> dict[str, Any]:
    record = found.record
    return {
        "name": found.name,
        **record["counts"],
        "split": record["split"],
        "cuts": record.get("cuts"),
        "imported": record["imported"],
        "files": [file["name"] for file in record["files"]],
        "changed": found.changed,
        "hash": found.fingerprint,
    }


def _list(options: argparse.Namespace) -> int:
    rows = []
    for name in names():
        try:
            rows.append(_row(kept(name)))
        except SettingError as error:
            SAY.print(line(error), soft_wrap=True)
    if options.json:
        print(json.dumps(rows))
    elif rows:
        heads = [say.NAME, say.EVENTS, say.ITEMS, say.PEOPLE, say.FROM_FILES, say.IMPORTED_ON]
        counts = ("events", "items", "users")
        told = [
            [row["name"], *(f"{row[key]:,}" for key in counts), ", ".join(row["files"]), row["imported"]]
            for row in rows
        ]
        grid(heads, told)
        for row in rows:
            for file in row["changed"]:
                OUTPUT.print(say.FILE_CHANGED(name=row["name"], file=file), soft_wrap=True)
    else:
        OUTPUT.print(say.NO_OWN_DATA, soft_wrap=True)
    return 0


def _delete(options: argparse.Namespace) -> int:
    delete(options.name)
    print(json.dumps({"deleted": options.name}) if options.json else say.DELETED(name=line(options.name)))
    return 0


def _add(options: argparse.Namespace) -> int:
    from pdcn.sources.table.known import KNOWN, add

    if options.name not in KNOWN:
        raise SettingError(say.KNOWN_DATA(known=", ".join(KNOWN), name=quoted(options.name)))
    known = KNOWN[options.name]
    if not options.json:
        OUTPUT.print(say.TERMS(title=known.title, terms=known.terms, place=known.place), soft_wrap=True)
    if not options.accept:
        raise SettingError(say.ACCEPT)
    check_import(_text_in(Path(options.file).expanduser()) if options.file else DENSE * float(known.bytes), home())
    with _progress(known.title, total=1.0) as told:
        made = add(
            options.name, source=options.file or "", keep_as=options.keep_as or "", replacing=options.replace, told=told
        )
    if options.file and not known.published(Path(options.file).expanduser()):
        SAY.print(say.NOT_PUBLISHED(file=quoted(Path(options.file).name)), soft_wrap=True)
    if options.json:
        print(json.dumps(_row(made)))
    else:
        OUTPUT.print(say.IMPORTED(name=made.name), style="bold", soft_wrap=True)
    return 0
