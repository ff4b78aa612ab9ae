"""python -m pdcn inspect: look inside a run without a browser, and take the numbers away as CSV."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path

from pdcn.cli import words as say
from pdcn.cli.inventory import run_named
from pdcn.cli.show import OUTPUT, SAY, bars, make_folder
from pdcn.files import check_writable
from pdcn.inert import quoted
from pdcn.jobs.analysis import Analysis, Recipe, Setting, Tables
from pdcn.pages import recipes
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError, real_number, whole_number
from pdcn.words import capital

COUNTS = (1, 2**31 - 1)
"""The bounds of a number whose recipe has none for it: it counts events, queries or items."""


def inspect(options: argparse.Namespace) -> int:
    """Work analyses of a run out, unless they are kept already; 1 where one failed."""
    folder = folder_named(options.run)
    known = recipes()
    # times are asked for by name: they take minutes and a quiet machine
    names = options.kind or [name for name, recipe in known.items() if not recipe.timed]
    wanted = [known[name] for name in names]
    given = settings_of(wanted, options.set)
    asked = [Analysis.of(folder, one, **{**arms_of(folder, one), **given[one.name]}) for one in wanted]
    out = Path(options.out) if options.out else None
    if out:
        make_folder(out)
    rows, failed = [], False
    said: list[str] = []
    for analysis in asked:
        frames = worked_out(analysis)
        failed |= frames is None
        if frames and analysis.recipe.remarks:
            said += import_module(analysis.recipe.work).remarks(frames)
        kind = analysis.recipe.name
        for name, frame in (frames or {}).items():
            path = analysis.path / f"{name}.parquet"
            if out:
                from pdcn.export.tables import csv_of

                path = out / f"{kind}-{name}.csv"
                path.write_text(csv_of(frame), encoding="utf-8")
            rows.append({"kind": kind, "table": name, "rows": len(frame), "path": str(path)})
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            where = {"analysis": row["kind"], "table": row["table"], "file": row["path"]}
            OUTPUT.print(say.TABLE(**where, rows=f"{row['rows']:,}"), soft_wrap=True)
        for sentence in said:
            OUTPUT.print(sentence, soft_wrap=True)
    return 1 if failed else 0


def folder_named(name: str) -> RunFolder:
    """A run by its name in the store, or by the path of its folder."""
    path = Path(name)
    with suppress(OSError):  # a name too long for a file
        if (path / "experiment.json").exists():
            return RunFolder(path.absolute())
    return run_named(Store(), name)


def arms_of(folder: RunFolder, recipe: Recipe) -> dict[str, Setting]:
    """The arms that the app shows unless others are asked for: the first that have weights, "" where there are none."""
    arms = iter(folder.trained)
    return {name: next(arms, "") for name in recipe.arms}


def settings_of(wanted: list[Recipe], words: list[str]) -> dict[str, dict[str, Setting]]:
    """Settings by recipe from `key=value` words, each of the type of its default; every word is one of a recipe's.

    >>> settings_of([recipes()["importance"], recipes()["crosses"]], ["events=512"])
    {'importance': {'events': 512}, 'crosses': {}}
    """
    found: dict[str, dict[str, Setting]] = {recipe.name: {} for recipe in wanted}
    known = sorted({key for recipe in wanted for key in recipe.settings})
    if words and not known:
        raise SettingError(say.NO_SETTINGS(analyses=" and ".join(found), word=quoted(words[0])))
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in known:
            said = say.A_KEY_AMONG(keys=", ".join(known)) if len(known) > 1 else say.THE_KEY(key=known[0])
            raise SettingError(say.NOT_KEY_VALUE(key=said, word=quoted(word)))
        for recipe in wanted:
            if key in recipe.settings:
                found[recipe.name][key] = _like(recipe, key, text)
    return found


def _like(recipe: Recipe, key: str, text: str) -> Setting:
    """A setting's value from its text, of the type of its default."""
    default = recipe.settings[key]
    if isinstance(default, str):
        return text
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text]
        number = whole_number(text) if isinstance(default, int) else real_number(text)
    except (ValueError, KeyError):
        said = say.NOT_TRUE_OR_FALSE if isinstance(default, bool) else say.UNLIKE_DEFAULT
        raise SettingError(said(key=key, value=quoted(text), default=default)) from None
    low, high = recipe.bounds.get(key, COUNTS)
    if not low <= number <= high:
        raise SettingError(say.OUT_OF_BOUNDS(key=key, low=low, high=high, value=quoted(text)))
    return number


def worked_out(analysis: Analysis) -> Tables | None:
    """The tables of an analysis, worked out here where they are not kept yet; None where that failed, which is said.
    `Unwritable` where they are to be made in a demonstration.

    What reads a clock waits for its turn.
    """
    frames, name = analysis.tables, analysis.recipe.name
    if frames is None:
        check_writable()
        from pdcn.jobs.analyst import turn, work_out

        def told(phase: str) -> None:
            SAY.print(say.WAITS(phase=capital(phase)), style="dim")

        with turn(analysis.path, told) if analysis.recipe.timed else nullcontext(), bars() as shown:
            task = shown.add_task(name, total=1.0)
            ended = work_out(analysis, lambda share, phase: shown.update(task, completed=share, description=phase))
        if ended.state != "done":
            SAY.print(say.NOT_WORKED_OUT(analysis=name, why=ended.message), style="red")
        frames = analysis.tables
    return frames
