"""python -m pdcn bench latency | train | evaluate | candidates: how fast this machine serves, trains and ranks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pdcn.cli import words as say
from pdcn.cli.inspect import folder_named, worked_out
from pdcn.cli.parser import experiment_of, whole
from pdcn.cli.show import OUTPUT, bars, grid, make_folder
from pdcn.config import TWO_TOWERS, offered
from pdcn.host import machine
from pdcn.jobs.analysis import Analysis, Setting, Tables
from pdcn.jobs.quiet import Quiet
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.plan import QUICK, Plan
from pdcn.pages.latency.told import FREE, LITTLE, claim, when_not
from pdcn.pages.latency.words import CLOCKS
from pdcn.runs.folder import clock
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.words import micro, minus, plural


def bench(options: argparse.Namespace) -> int:
    """Measure what was asked for and print it."""
    return latency(options) if options.what == "latency" else speed(options)


def latency(options: argparse.Namespace) -> int:
    """What the towers of a run cost to serve: measured here unless it is kept already; 1 where that failed."""
    settings: dict[str, Setting] = {**(QUICK if options.quick else {})}
    given = {name: getattr(options, name) for name in ("compiled", "device", "batches", "threads")}
    settings |= {name: value for name, value in given.items() if value is not None}
    Plan.of(settings)
    folder = folder_named(options.run)
    analysis = Analysis.of(folder, LATENCY, **settings)
    out = Path(options.out) if options.out else None
    if out:
        make_folder(out)
    if analysis.tables is None:
        from pdcn.pages.latency.work.job import device_of

        device_of(str(analysis.settings["device"]))
    frames = worked_out(analysis)
    if frames is None:
        return 1
    if out:
        from pdcn.export.tables import csv_of

        for name, frame in frames.items():
            (out / f"latency-{name}.csv").write_text(csv_of(frame), encoding="utf-8")
    if options.json:
        tables = {name: rows_of(frame) for name, frame in frames.items()}
        record = {"run": folder.run, "settings": analysis.settings, "said": said_of(frames), **tables}
        print(json.dumps(record))
        return 0
    show_latency(frames)
    OUTPUT.print(say.KEPT_TIMES(folder=analysis.path), style="dim", soft_wrap=True)
    return 0


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; what is not a number is None.

    >>> rows_of(pd.DataFrame({"a": [1.5, float("nan")]}))
    [{'a': 1.5}, {'a': None}]
    """
    found: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return found


def said_of(frames: Tables) -> list[str]:
    """What the times say, sentence by sentence, for the query tower and then the item tower."""
    times, forms = frames["times"], frames["forms"]
    said = []
    for tower in map(str, times["tower"].unique()):
        own = times[times["tower"] == tower]
        ends = dict.fromkeys((own["batch"].min(), own["batch"].max()))
        found = [claim(forms, tower, threads, batch) for threads in sorted(own["threads"].unique()) for batch in ends]
        found += [sentence.replace("**", "") for sentence in when_not(times, forms, tower)]
        said += [say.OF_TOWER(tower=say.TOWERS[tower], sentence=sentence) for sentence in found]
    return said


def show_latency(frames: Tables) -> None:
    """Print where it was measured, the times, the region, the lists, what follows and what is missing."""
    about = frames["about"].iloc[0]
    where = say.TIMED if about["machine"] == machine() else say.TIMED_ELSEWHERE
    named = {name: about[name] for name in ("machine", "device", "torch")}
    named["clock"] = CLOCKS.get(about["clock"], about["clock"])
    line(where(**named, when=f"{clock(about['measured']):%d %b %Y %H:%M}", others=f"{about['others']:.0%}"))
    for (tower, threads, width), rows in frames["times"].groupby(["tower", "threads", "width"], sort=False):
        line("\n" + say.TOWER_TIMES(tower=say.TOWERS[str(tower)], width=width, threads=_threads(threads)))
        show(rows, {"variant": say.WAY_TO_RUN}, "p50", micro)
    for threads, rows in frames["region"].groupby("threads"):
        line("\n" + say.HIDDEN(threads=_threads(threads), free=f"{FREE:.0%}", little=f"{LITTLE:.0%}"))
        best = rows.loc[rows.groupby(["width", "batch"])["overlap"].idxmax()]
        hidden = [minus(f"{row['overlap']:.0%} {row['variant']}") for row in best.to_dict("records")]
        show(best.assign(hidden=hidden), {"width": say.WIDTH}, "hidden", str)
    for (items, threads), rows in frames["serving"].groupby(["items", "threads"], sort=False):
        line("\n" + say.SEARCH_TIMES(k=rows["k"].iloc[0], items=f"{items:,}", threads=_threads(threads)))
        told = rows.assign(
            search=rows["index"] + " " + rows["setting"],
            found=[f"{share:.1%}" for share in rows["overlap_with_exact"]],
            recall=[f"{share:.1%}" for share in rows["recall"]],
        )
        heads = {"arm": say.ARM, "search": say.SEARCHED_WITH, "found": say.FOUND, "recall": say.RECALL}
        show(told, heads, "p50", micro)
    line("")
    for sentence in said_of(frames):
        line(sentence)
    for row in frames["left_out"].to_dict("records"):
        line(say.LEFT_OUT(form=row["variant"], why=row["why"]))


def show(rows: pd.DataFrame, heads: Mapping[str, str], value: str, told: Callable[[Any], str]) -> None:
    """Print rows by the columns that name them, each with its head, and a column for each batch size."""
    names = [*heads]
    wide = rows.pivot(index=names, columns="batch", values=value)
    order = rows.set_index(names).index.unique()
    cells = []
    for name, row in wide.loc[order].iterrows():
        words = name if isinstance(name, tuple) else (name,)
        cells.append([*map(str, words), *("" if pd.isna(cell) else told(cell) for cell in row)])
    grid([*heads.values(), *(say.BATCH(batch=f"{batch:,}") for batch in wide.columns)], cells, names=len(names))


def _threads(count: object) -> str:
    return plural(int(str(count)), "thread")


def line(sentence: str) -> None:
    """A line of plain words, as long as it is."""
    OUTPUT.print(sentence, soft_wrap=True)


def speed(options: argparse.Namespace) -> int:
    """How fast arms train, events are ranked or candidates are scored, while no run of this home is trained."""
    experiment = experiment_of(options)
    if options.what != "candidates" and TWO_TOWERS not in offered(experiment.data.source, experiment.task):
        raise SettingError(say.TWO_TOWERS(task=experiment.task))
    rounds = whole("rounds", options.rounds, 1_000)
    steps = whole("steps", options.steps, 10_000) if options.what == "train" else 0
    from pdcn import sources, tasks
    from pdcn.evaluation.candidates import candidates_frame
    from pdcn.evaluation.speed import evaluating_frame
    from pdcn.tasks.retrieval.batches import DeviceData
    from pdcn.training.device import describe, pick
    from pdcn.training.throughput import training_frame

    device = pick(options.device)
    with bars() as shown:
        task = shown.add_task(say.READING, total=1.0)
        quiet = Quiet(Store(), lambda words: shown.update(task, description=words))
        read = sources.load(experiment.data) if options.what == "candidates" else tasks.load(experiment)
        data = DeviceData(read, device)

        def watch(share: float, words: str) -> None:
            shown.update(task, completed=share, description=words)

        quiet()
        while True:
            if options.what == "train":
                frame = training_frame(data, experiment, steps, rounds, watch)
            elif options.what == "evaluate":
                frame = evaluating_frame(data, experiment, rounds, watch)
            else:
                frame = candidates_frame(read, experiment, device, rounds, watch)
            if not quiet():
                break
    if options.json:
        about = {"machine": machine(), "device": describe(device), "rounds": rounds}
        print(json.dumps({**about, "rows": rows_of(frame)}))
        return 0
    line(say.SPEEDS(machine=machine(), device=describe(device), rounds=plural(rounds, "round")))
    titles = {**say.SPEED_HEADS, "median": say.UNITS[options.what]}
    if "peak_bytes" in frame:
        frame = frame.assign(peak=frame["peak_bytes"] / 1e9)
    there = [
        name
        for name in ("arm", "way", "candidates", "seeds", "median", "of_floor", "of_plain", "peak")
        if name in frame
    ]
    grid(
        [titles[name] for name in there], [[*map(_cell, row)] for row in frame[there].itertuples(index=False)], names=2
    )
    return 0


def _cell(value: object) -> str:
    """A cell of any column: numbers short enough to compare.

    >>> _cell(196085148.0), _cell(50436.2), _cell(0.12345), _cell(3), _cell("this loop")
    ('196.1 M', '50,436', '0.123', '3', 'this loop')
    """
    if not isinstance(value, (int, float)):
        return str(value)
    if abs(value) >= 1e6:
        return say.MILLIONS(count=f"{value / 1e6:,.1f}")
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.3g}"
