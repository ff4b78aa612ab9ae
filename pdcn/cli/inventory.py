"""python -m pdcn data | runs: what there is."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pdcn.cli import words as say
from pdcn.cli.show import OUTPUT, SAY, grid, show
from pdcn.evaluation.verdict import seeds_in_words
from pdcn.inert import line, quoted, short
from pdcn.runs.folder import RunFolder
from pdcn.runs.oddities import oddities
from pdcn.runs.remarks import remarks_of
from pdcn.runs.store import STUDY, Store
from pdcn.settings import SettingError
from pdcn.sources import SOURCES, load, source_said
from pdcn.sources.source import DataSettings
from pdcn.words import spoken


def data(options: argparse.Namespace) -> int:
    """List the sources with the counts of their presets, or see to a person's own data."""
    if options.what is not None:
        from pdcn.cli.own import own_data

        return own_data(options)
    rows = [_row(option, settings) for source in SOURCES.values() for option, settings in source.presets]
    if options.json:
        print(json.dumps(rows))
        return 0
    told = [[row["setting"], *(f"{row[name]:,}" for name in ("events", "items", "users"))] for row in rows]
    grid([say.SETTING, say.EVENTS, say.ITEMS, say.USERS], told)
    for name, note in {row["source"]: row["note"] for row in rows}.items():
        OUTPUT.print(say.NOTE(source=name, note=note))
    OUTPUT.print(say.OWN_DATA_TOO)
    return 0


def _row(option: str, settings: DataSettings) -> dict[str, Any]:
    """A preset with its counts; prepares what is not prepared yet, a few seconds each."""
    found = load(settings)
    return {
        "source": settings.source,
        "setting": f"--data {settings.source} {option}".strip(),
        "events": len(found.queries),
        "items": len(found.items),
        "users": found.users(),
        "hash": found.hash,
        "note": found.note,
    }


def runs(options: argparse.Namespace) -> int:
    """List runs, show one, put one into the bin, or go on with one."""
    if options.action == "list" and options.run is not None:
        raise SettingError(say.NOTHING_BEHIND_LIST(value=quoted(options.run), run=short(options.run)))
    store = Store()
    if options.action == "list":
        rows = store.rows(kind=None)
        written = [remarks_of(RunFolder(store.folders / row.run)) for row in rows]
        named = any(remarks.name for remarks in written)
        if options.json:
            print(json.dumps([{**vars(row), **vars(remarks)} for row, remarks in zip(rows, written, strict=True)]))
            return 0
        told = [
            [
                row.run,
                *([remarks.name] if named else []),
                source_said(row.data),
                ", ".join(map(spoken, row.arms.split(", "))),
                seeds_in_words(RunFolder(store.folders / row.run).result, row.seeds),
                row.state if row.kind == STUDY else say.STATE_OF_KIND(state=row.state, kind=row.kind),
            ]
            for row, remarks in zip(rows, written, strict=True)
        ]
        if told:
            grid(
                [say.RUN, *([say.NAME] if named else []), say.SOURCE, say.ARMS, say.SEEDS, say.STATE],
                told,
                wraps=[say.ARMS],
            )
        else:
            OUTPUT.print(say.NO_RUNS)
        for one in oddities(store):
            SAY.print(say.NO_RUN(entry=store.folders / line(one.name), why=one.why), soft_wrap=True)
        return 0
    if not options.run:
        raise SettingError(say.NAME_A_RUN(action=options.action))
    folder = run_named(store, options.run)
    if options.action == "resume":
        from pdcn.cli.compare import resumed

        return resumed(store, folder, options)
    if options.action == "delete":
        store.delete(folder.run)
        print(json.dumps({"deleted": folder.run}) if options.json else say.IN_BIN(run=line(folder.run)))
        return 0
    try:
        _ = folder.experiment
    except SettingError as error:  # what it found can be shown all the same
        SAY.print(f"pdcn: {error}", soft_wrap=True)
    result, progress = folder.whole_result(), folder.progress
    if options.json:
        print(json.dumps({"state": store.state(folder.run), "result": result}))
    elif result:
        show(result, folder)
    else:
        last = f"{progress.phase} {progress.message}".strip()
        OUTPUT.print(say.NO_RESULT(run=folder.run, state=progress.state, last=last).rstrip(", "))
    return 0


def run_named(store: Store, name: str) -> RunFolder:
    """The run of that name; its beginning will do, if only one run has it."""
    begun = [row.run for row in store.rows(kind=None) if row.run.startswith(name)]
    return store.folder(begun[0] if len(begun) == 1 else name)
