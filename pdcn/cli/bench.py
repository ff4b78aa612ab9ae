"""python -m pdcn bench latency | train | evaluate: how fast this machine serves, trains and ranks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pdcn.cli.inspect import folder_named, worked_out
from pdcn.cli.parser import experiment_of, whole
from pdcn.cli.show import OUTPUT, bars, grid, make_folder
from pdcn.host import machine
from pdcn.jobs.analysis import Analysis, Setting, Tables
from pdcn.jobs.quiet import Quiet
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.plan import QUICK, Plan
from pdcn.pages.latency.told import FREE, LITTLE, claim, when_not
from pdcn.runs.folder import clock
from pdcn.runs.store import Store
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
        for name, frame in frames.items():
            frame.to_csv(out / f"latency-{name}.csv", index=False)
    if options.json:
        tables = {name: rows_of(frame) for name, frame in frames.items()}
        record = {"run": folder.run, "settings": analysis.settings, "said": said_of(frames), **tables}
        print(json.dumps(record))
        return 0
    show_latency(frames)
    OUTPUT.print(f"Kept in {analysis.path}; delete that folder to measure anew.", style="dim", soft_wrap=True)
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
        said += [f"{tower.capitalize()} tower. {sentence}" for sentence in found]
    return said


def show_latency(frames: Tables) -> None:
    """Print where it was measured, the times, the region, the lists, what follows and what is missing."""
    about = frames["about"].iloc[0]
    when = f"{clock(about['measured']):%d %b %Y %H:%M}"
    elsewhere = "" if about["machine"] == machine() else ", not this machine"
    say(
        f"{about['machine']}{elsewhere}; {about['device']}; torch {about['torch']}; {about['clock']}; {when}; "
        f"others used {about['others']:.0%} of the cores meanwhile"
    )
    for (tower, threads, width), rows in frames["times"].groupby(["tower", "threads", "width"], sort=False):
        say(f"\n{str(tower).capitalize()} tower, x0 of width {width}, {_threads(threads)}: median time")
        show(rows, ["variant"], "p50", micro)
    for threads, rows in frames["region"].groupby("threads"):
        say(
            f"\nTowers of other widths, {_threads(threads)}: how much of the shorter branch the best form hides "
            f"({FREE:.0%} and more is free, from {LITTLE:.0%} it costs little, else the sum)"
        )
        best = rows.loc[rows.groupby(["width", "batch"])["overlap"].idxmax()]
        hidden = [minus(f"{row['overlap']:.0%} {row['variant']}") for row in best.to_dict("records")]
        show(best.assign(hidden=hidden), ["width"], "hidden", str)
    for (items, threads), rows in frames["serving"].groupby(["items", "threads"], sort=False):
        first = f"first {rows['k'].iloc[0]} of {items:,} items"
        say(f"\nFrom a query's codes to its {first}, {_threads(threads)}: median time, and how good")
        told = rows.assign(
            **{"list by": rows["index"] + " " + rows["setting"]},
            found=[f"{share:.1%}" for share in rows["overlap_with_exact"]],
            recall=[f"{share:.1%}" for share in rows["recall"]],
        )
        show(told, ["arm", "list by", "found", "recall"], "p50", micro)
    say("")
    for sentence in said_of(frames):
        say(sentence)
    for row in frames["left_out"].to_dict("records"):
        say(f"Left out: {row['variant']}: {row['why']}.")


def show(rows: pd.DataFrame, names: list[str], value: str, told: Callable[[Any], str]) -> None:
    """Print rows by their names, and a column for each batch size."""
    wide = rows.pivot(index=names, columns="batch", values=value)
    order = rows.set_index(names).index.unique()
    cells = []
    for name, row in wide.loc[order].iterrows():
        words = name if isinstance(name, tuple) else (name,)
        cells.append([*map(str, words), *("" if pd.isna(cell) else told(cell) for cell in row)])
    grid([*names, *(f"batch {batch:,}" for batch in wide.columns)], cells, names=len(names))


def _threads(count: object) -> str:
    return plural(int(str(count)), "thread")


def say(sentence: str) -> None:
    """A line of plain words, as long as it is."""
    OUTPUT.print(sentence, soft_wrap=True)


def speed(options: argparse.Namespace) -> int:
    """How fast arms train, or events are ranked, while no run of this home is trained."""
    experiment = experiment_of(options)
    rounds = whole("rounds", options.rounds, 1_000)
    steps = whole("steps", options.steps, 10_000) if options.what == "train" else 0
    from pdcn import sources as datasets
    from pdcn.evaluation.speed import evaluating_frame
    from pdcn.tasks.retrieval.batches import DeviceData
    from pdcn.training.device import describe, pick
    from pdcn.training.throughput import training_frame

    device = pick(options.device)
    with bars() as shown:
        task = shown.add_task("reading the data", total=1.0)
        quiet = Quiet(Store(), lambda words: shown.update(task, description=words))
        data = DeviceData(datasets.load(experiment.data), device)

        def watch(share: float, words: str) -> None:
            shown.update(task, completed=share, description=words)

        quiet()
        while True:
            frame = (
                training_frame(data, experiment, steps, rounds, watch)
                if options.what == "train"
                else evaluating_frame(data, experiment, rounds, watch)
            )
            if not quiet():
                break
    if options.json:
        about = {"machine": machine(), "device": describe(device), "rounds": rounds}
        print(json.dumps({**about, "rows": rows_of(frame)}))
        return 0
    say(f"{machine()}; {describe(device)}; medians of {rounds} rounds in turns")
    unit = "examples/s" if options.what == "train" else "scores/s"
    titles = {"median": unit, "of_floor": "of floor", "of_plain": "of plain", "peak": "peak GB"}
    if "peak_bytes" in frame:
        frame = frame.assign(peak=frame["peak_bytes"] / 1e9)
    there = [name for name in ("arm", "way", "seeds", *titles) if name in frame]
    grid(
        [titles.get(name, name) for name in there],
        [[*map(_cell, row)] for row in frame[there].itertuples(index=False)],
        names=2,
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
        return f"{value / 1e6:,.1f} M"
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.3g}"
