"""python -m pdcn study | calibrate: answers to the open questions, and how far the verdict can be trusted."""

from __future__ import annotations

import argparse
import json
from errno import EISDIR
from os import strerror
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pandas as pd

from pdcn.cli import words as say
from pdcn.cli.compare import ENDED, train
from pdcn.cli.parser import told_as_options, values_of, whole
from pdcn.cli.show import OUTPUT, SAY, bars, grid
from pdcn.dials import assemble
from pdcn.files import read_json, write_json
from pdcn.inert import LONGEST_WORD, quoted
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.words import duration, plural, points, span, spoken


def study(options: argparse.Namespace) -> int:
    """Answer one finding, or list them."""
    from pdcn.research.answers import answer, details, rows_of
    from pdcn.research.findings import FINDINGS
    from pdcn.research.projections import NAME as PROJECTIONS
    from pdcn.research.projections import forms
    from pdcn.research.racing import run
    from pdcn.research.synthetic import NAME
    from pdcn.research.targets import ENTRIES

    if options.name is None:
        questions = [[one.name, one.question, str(len(one.races))] for one in FINDINGS.values()]
        questions.append([NAME, say.PAPER, str(len(ENTRIES))])
        questions.append([PROJECTIONS, say.COMPRESSED, str(len(forms()))])
        grid([say.NAME, say.QUESTION, say.SETTINGS], questions, wraps=[say.QUESTION])
        return 0
    known = (*FINDINGS, NAME, PROJECTIONS)
    if options.name not in known:
        raise SettingError(say.NO_SUCH_STUDY(known=", ".join(known), name=quoted(options.name)))
    _check(options.out)
    if options.name == NAME:
        return _synthetic(options)
    if options.name == PROJECTIONS:
        return _projections(options)
    store = Store()

    def carry_out(folder: RunFolder, said: str) -> None:
        train(store, folder, say.OF_RACE(race=said))

    finding = FINDINGS[options.name]
    record = run(finding, store, carry_out, _before(options.keep) if options.keep else None)
    if _kept(record, options):
        return 0
    told = [
        [
            row["group"],
            row["label"],
            spoken(row["arm"]),
            spoken(row["against"]),
            points(row["difference"]),
            span(row["low"], row["high"]),
            f"{row['adjusted']:.3f}",
            row["verdict"],
        ]
        for row in rows_of(finding, record)
    ]
    named = [say.SOURCE, say.SETTING, say.ARM, say.MINUS]
    heads = [*named, say.IN_POINTS, say.INTERVAL, say.CHANCE, say.VERDICT]
    grid(heads, told, names=2, wraps=[*named, say.VERDICT])
    for sentence in (answer(finding, record), *details(finding, record)):
        OUTPUT.print(sentence)
    return 0


def _before(path: str) -> dict[str, Any]:
    """The record of a study in a file; `SettingError` where it is none."""
    record = read_json(Path(path))
    if not isinstance(record, dict) or not isinstance(record.get("rows"), list):
        raise SettingError(say.NOT_A_RECORD(file=quoted(path)))
    return record


def _synthetic(options: argparse.Namespace) -> int:
    """The experiments of the paper behind the cross layers, beside what it published."""
    from pdcn.research.synthetic import SEEDS, frame, run
    from pdcn.research.targets import ENTRIES, Entry

    with bars() as shown:
        task = shown.add_task(say.STARTING, total=SEEDS * len(ENTRIES))

        def tick(entry: Entry, seed: int) -> None:
            said = say.FITTING(target=entry.target, model=entry.model, layers=plural(entry.layers, "layer"))
            shown.update(task, advance=1, description=said)

        record = run(tick, ENTRIES, SEEDS)
    if _kept(record, options):
        return 0
    told = []
    for row in frame(record).to_dict("records"):
        errors = (f"{row[name]:.3g}" for name in ("rmse", "low", "high"))
        published = "" if pd.isna(row["published"]) else f"{row['published']:.3g}"
        told.append([row["target"], row["model"], str(row["layers"]), f"{row['parameters']:,}", *errors, published])
    names = [say.FUNCTION, say.MODEL, say.LAYERS]
    grid([*names, say.WEIGHTS, say.ERROR, say.FROM, say.TO, say.PUBLISHED], told, names=3)
    return 0


def _projections(options: argparse.Namespace) -> int:
    """Every way to read a sequence at equal parameters: what it finds, and how long its query tower takes."""
    from pdcn.pages.inside.work.job import kept_by_projections
    from pdcn.research.projection_answers import answer, frame, keep
    from pdcn.research.projections import BASE, LASTING, forms, run, seconds_of

    store, asked = Store(), forms()
    SAY.print(say.TAKES_AT_MOST(time=duration(seconds_of(asked))), style="dim")

    def carry_out(folder: RunFolder, said: str) -> None:
        train(store, folder, say.OF_RACE(race=said))

    record = run(store, carry_out, asked, BASE, kept=kept_by_projections, control=LASTING)
    for path in keep(record):
        SAY.print(say.WRITTEN(file=path), style="dim")
    if _kept(record, options):
        return 0
    told = []
    for row in frame(record).to_dict("records"):
        times = [f"{row[f'p50_{batch}']:,.0f}" for batch in record["batches"]]
        held = "" if pd.isna(row["whole"]) else f"{points(row['whole'])} {span(row['whole_low'], row['whole_high'])}"
        found = f"{row['recall']:.2%}", f"[{row['low']:.1%}, {row['high']:.1%}]"
        told.append([row["form"], str(row["x0"]), row["deep"], f"{row['dense']:,}", *found, held, *times])
    heads = [say.READ_BY, say.PROJECTED, say.MLP, say.WEIGHTS, record["metric"], say.INTERVAL, say.AGAINST_WHOLE]
    grid([*heads, *(say.LATENCY_OF(batch=batch) for batch in record["batches"])], told)
    for sentence in answer(record):
        OUTPUT.print(sentence)
    return 0


def calibrate(options: argparse.Namespace) -> int:
    """Many studies of a known truth; how often each kind claimed a difference."""
    from pdcn.research.calibrate import calibrated, preset_values

    values = values_of(options)
    with told_as_options():
        source = values.get("data", next(iter(calibrated())))
        experiment = assemble({**preset_values(source), **values})
    studies = whole("studies", options.studies, 100_000)
    if len(experiment.arms) > 1 or experiment.seeds < 2:
        raise SettingError(say.ONE_ARM_TWO_SEEDS)
    _check(options.out)
    store = Store()
    folder = store.create(experiment, "cpu", own=True, asked={"kind": "calibration", "studies": studies})
    ended, record = train(store, folder), folder.result
    if record is None:
        SAY.print(ended.message or ended.state, style="red")
        return ENDED.get(ended.state, 1)
    if _kept(record, options):
        return 0
    told = [
        [
            row["kind"],
            str(row["seeds"]),
            str(row["studies"]),
            points(row["difference"]),
            str(row["claims"]),
            f"{row['rate']:.1%}",
            f"[{row['low']:.1%}, {row['high']:.1%}]",
        ]
        for row in record["rows"]
    ]
    heads = [say.STUDY, say.SEEDS, say.STUDIES, say.MEAN_POINTS, say.CLAIMS, say.RATE, say.INTERVAL]
    grid(heads, told, names=2)
    return 0


def _check(out: str | None) -> None:
    """Whether the record can be kept: asked before the hours that it takes."""
    if out:
        path = Path(out)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(EISDIR, strerror(EISDIR))
            TemporaryFile(dir=path.parent).close()
        except OSError as error:
            raise _unwritable(out, error) from None


def _unwritable(out: str, error: OSError) -> SettingError:
    return SettingError(say.NOT_WRITTEN(file=quoted(out, LONGEST_WORD), why=error.strerror))


def _kept(record: dict[str, Any], options: argparse.Namespace) -> bool:
    """Write and print the record as it is, where that was asked for; whether nothing else is to be printed."""
    if options.out:
        try:
            write_json(Path(options.out), record)
        except OSError as error:
            raise _unwritable(options.out, error) from None
        SAY.print(say.WRITTEN(file=options.out), style="dim")
    if options.json:
        print(json.dumps(record))
    return bool(options.json)
