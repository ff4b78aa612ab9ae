"""python -m pdcn compare | data | runs: the laboratory without a browser.

Options of `compare` follow from the list of settings (`pdcn.config.dials`). A wrong name, value or
file ends with exit code 2 and one line on stderr.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from pdcn.config import Experiment, SettingError, assemble, dials, parse_all, quick
from pdcn.evaluation.verdict import points
from pdcn.studies.folder import Progress as RunProgress
from pdcn.studies.folder import RunFolder
from pdcn.studies.store import Store

OUTPUT = Console()
SAY = Console(stderr=True)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingError(message)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="python -m pdcn", description="Race parallel against sequential two-tower models.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    compare = commands.add_parser(
        "compare",
        help="train the arms and compare them",
        description="Train the arms on the data, rank the test events, and say what differs.",
        allow_abbrev=False,
    )
    compare.add_argument("--quick", action="store_true", help="the smallest honest setting")
    compare.add_argument("--config", metavar="FILE", help="start from an experiment.json")
    compare.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    compare.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    compare.add_argument("--out", metavar="DIR", help="copy the run's folder there")
    for dial in dials():
        option = "--" + dial.key.replace("_", "-")
        default = "the query's" if dial.path[0] == "item_network" else dial.text(dial.default) or "none"
        note = f"{dial.label}: {dial.help} ({dial.expected()}; default {default})".replace("%", "%%")
        compare.add_argument(option, dest=f"dial_{dial.key}", metavar=dial.kind.upper(), help=note)
    data = commands.add_parser("data", help="list the data sources and their sizes")
    data.add_argument("--json", action="store_true", help="print one JSON object")
    runs = commands.add_parser("runs", help="list, show or delete runs")
    runs.add_argument("action", nargs="?", default="list", choices=("list", "show", "delete"))
    runs.add_argument("run", nargs="?", help="a run's name")
    runs.add_argument("--json", action="store_true", help="print JSON")
    return top


def experiment_of(options: argparse.Namespace) -> Experiment:
    """The experiment that the options of `compare` describe."""
    given = {
        key.removeprefix("dial_"): text for key, text in vars(options).items() if key.startswith("dial_")
    }
    values = parse_all((key, text) for key, text in given.items() if text is not None)
    base = None
    if options.config:
        try:
            base = Experiment.from_json(Path(options.config).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(
                f"--config: expected a readable experiment.json, got {options.config!r} ({error})"
            ) from None
    if options.quick:
        values = quick({"data": base.data.source, **values} if base else values)
    return assemble(values, base)


def compare(options: argparse.Namespace) -> int:
    """Run a study here and now, keep it in the store, print what it found."""
    experiment = experiment_of(options)
    out = Path(options.out) if options.out else None
    if out and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingError(f"--out: expected a new or empty folder, got {options.out!r}")
    if out:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingError(
                f"--out: expected a folder that can be made, got {options.out!r} ({error.strerror})"
            ) from None
    from pdcn.studies.worker import carry_out  # torch takes seconds to import: only where it trains
    from pdcn.training.device import pick

    pick(options.device)
    store = Store()
    folder = store.create(experiment, options.device, own=True)
    with _bars() as bars:
        task = bars.add_task("starting", total=None)

        def watch(now: RunProgress) -> None:
            bars.update(task, description=now.phase or now.state, completed=now.done, total=now.total or None)

        ended = carry_out(store, folder, watch)
    result = folder.result
    if ended.state in ("failed", "interrupted"):
        SAY.print(ended.message, style="red", markup=False, highlight=False)
    if out:
        shutil.copytree(folder.path, out, dirs_exist_ok=True)
    if result is None:
        return 1
    if options.json:
        print(json.dumps(result))
    else:
        show(result, folder)
    return {"done": 0, "interrupted": 130}.get(ended.state, 1)


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeRemainingColumn(), console=SAY, transient=True)


def show(result: dict[str, Any], folder: RunFolder) -> None:
    """Print a result as a table, with its verdict and where it is kept."""
    data = result["data"]
    OUTPUT.print(f"{data['title']}: {data['events']:,} events, {data['items']:,} items, {data['users']:,} users; "
                 f"{result['device']}", highlight=False)  # fmt: skip
    cuts = list(next(iter(result["baselines"].values()))["recall"])
    table = Table(
        "arm", *(f"@{k}" for k in cuts), "mrr", "parameters", "examples/s", box=SIMPLE, title="recall (%)"
    )
    for column in table.columns:
        column.no_wrap = True
        column.justify = "left" if column.header == "arm" else "right"
    for name, arm in result["arms"].items():
        if not arm["recall"]:
            table.add_row(name, *("diverged" for _ in cuts))
            continue
        recalls = (f"{100 * arm['recall'][k]:.1f}" for k in cuts)
        size, speed = arm["parameters"]["total"], arm["examples_per_second"] or 0
        table.add_row(name, *recalls, f"{arm['mrr']:.4f}", f"{size:,}", f"{speed:,.0f}")
    for name, baseline in result["baselines"].items():
        table.add_row(name, *(f"{100 * baseline['recall'][k]:.1f}" for k in cuts), style="dim")
    OUTPUT.print(table)
    for c in result["comparison"]:
        OUTPUT.print(
            f"{c['arm']} − {c['against']}, recall@{c['k']}: {points(c['difference'])} points "
            f"[{points(c['low'])}, {points(c['high'])}]: {c['verdict']}", highlight=False, soft_wrap=True
        )  # fmt: skip
    OUTPUT.print(result["verdict"], style="bold", markup=False, highlight=False)
    OUTPUT.print(f"Kept in {folder.path}", style="dim", markup=False, highlight=False, soft_wrap=True)


def data(options: argparse.Namespace) -> int:
    """List the sources: their presets and, where a preset is prepared already, its counts."""
    from pdcn.datasets.sources import listing

    rows = listing()
    if options.json:
        print(json.dumps(rows))
        return 0
    table = Table("setting", "events", "items", "users", box=SIMPLE)
    for row in rows:
        table.add_row(row["setting"], *(f"{row[name]:,}" for name in ("events", "items", "users")))
    OUTPUT.print(table)
    for name, note in {row["source"]: row["note"] for row in rows}.items():
        OUTPUT.print(f"{name}: {note}", highlight=False, markup=False)
    return 0


def runs(options: argparse.Namespace) -> int:
    """List runs, show one, or put one into the bin."""
    store = Store()
    if options.action == "list":
        rows = store.rows()
        if options.json:
            print(json.dumps([vars(row) for row in rows]))
            return 0
        table = Table("run", "data", "arms", "seeds", "state", box=SIMPLE)
        table.columns[0].no_wrap = True
        table.columns[0].min_width = max((len(row.run) for row in rows), default=0)
        for row in rows:
            table.add_row(row.run, row.data, row.arms, str(row.seeds), row.state)
        OUTPUT.print(table if rows else "No runs yet. Make one: python -m pdcn compare --quick")
        return 0
    if not options.run:
        raise SettingError(
            f"runs {options.action}: expected the name of a run; list them with python -m pdcn runs"
        )
    begun = [row.run for row in store.rows() if row.run.startswith(options.run)]
    folder = store.folder(
        begun[0] if len(begun) == 1 else options.run
    )  # a beginning will do, if only one has it
    if options.action == "delete":
        store.delete(folder.run)
        said = json.dumps({"deleted": folder.run}) if options.json else f"{folder.run} is in the bin."
        print(said)
        return 0
    result, progress = folder.result, folder.progress
    if options.json:
        print(json.dumps({"state": store.state(folder.run), "result": result}))
    elif result:
        show(result, folder)
    else:
        OUTPUT.print(
            f"{folder.run}: {progress.state}, {progress.phase} {progress.message}",
            markup=False,
            highlight=False,
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    actions = {"compare": compare, "data": data, "runs": runs}
    try:
        options = parser().parse_args(arguments)
        return actions[options.command](options)
    except SettingError as error:
        print(f"pdcn: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("pdcn: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
