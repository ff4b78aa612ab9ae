"""What the command line understands. Options of `compare` follow from the list of settings (`pdcn.dials`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from pdcn.config import Experiment
from pdcn.dials import assemble, dials, parse_all, quick
from pdcn.inert import LONGEST_WORD, quoted, short
from pdcn.pages import recipes
from pdcn.settings import SettingError, whole_number


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingError(" ".join(map(short, message.split())))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it, which makes an empty list of the value in `--arms=--`."""
        for word in sys.argv[1:] if args is None else args:
            option, _, value = word.partition("=")
            if option.startswith("--") and value == "--":
                self.error(f"{option}: expected a value, got '--'")
        return super().parse_known_args(args, namespace)


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
    _add_start(compare)
    compare.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    compare.add_argument("--out", metavar="DIR", help="copy the run's folder there")
    _add_dials(compare)
    inspect = commands.add_parser(
        "inspect",
        help="look inside a run",
        description="Work out what the pages that look inside show of a run, keep it with the run, and say where.",
        allow_abbrev=False,
    )
    inspect.add_argument("run", nargs="?", default="showcase", help="a run's name or folder (default: the showcase)")
    inspect.add_argument(
        "--kind", action="append", choices=tuple(recipes()), help="only this analysis; may be repeated"
    )
    inspect.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of an analysis")
    inspect.add_argument("--out", metavar="DIR", help="write every table there, as CSV")
    inspect.add_argument("--json", action="store_true", help="print JSON")
    _add_bench(commands.add_parser("bench", help="measure speed on this machine"))
    data = commands.add_parser("data", help="list the data sources and their sizes")
    data.add_argument("--json", action="store_true", help="print one JSON object")
    runs = commands.add_parser("runs", help="list, show or delete runs")
    runs.add_argument("action", nargs="?", default="list", choices=("list", "show", "delete"))
    runs.add_argument("run", nargs="?", help="a run's name")
    runs.add_argument("--json", action="store_true", help="print JSON")
    study = commands.add_parser(
        "study",
        help="answer one of the open questions",
        description="Race every setting of a finding that has not been raced yet; without a name, list them.",
    )
    study.add_argument("name", nargs="?", help="a finding's name")
    study.add_argument("--out", metavar="FILE", help="write the record there, as JSON")
    study.add_argument("--json", action="store_true", help="print the record and nothing else")
    calibrate = commands.add_parser(
        "calibrate",
        help="measure how often the verdict is wrong",
        description="Many small studies in which the truth is known: the same wiring twice, and planted "
        "differences. The dials start from a small preset of the data source.",
        allow_abbrev=False,
    )
    calibrate.add_argument("--studies", default="100", metavar="N", help="how many (default 100)")
    calibrate.add_argument("--out", metavar="FILE", help="write the record there, as JSON")
    calibrate.add_argument("--json", action="store_true", help="print the record and nothing else")
    _add_dials(calibrate)
    showcase = commands.add_parser(
        "showcase",
        help="make the run anew that comes with the project",
        description="Train the defaults on the processor, work out all that the pages show of the run, time its "
        "towers on this machine, and put everything into a new folder. Takes about ten minutes on two quiet cores.",
        allow_abbrev=False,
    )
    showcase.add_argument("--out", metavar="DIR", required=True, help="the new folder")
    bundle = commands.add_parser(
        "bundle",
        help="make all anew that comes with the project as evidence",
        description="Make the showcase, every finding, the calibrations and the tables anew, each by its own command. "
        "Takes hours, which it tells before it begins. What the same code made already is left as it is, so the same "
        "command goes on after an end.",
        allow_abbrev=False,
    )
    bundle.add_argument("--out", metavar="DIR", required=True, help="the folder; data is the one that is shipped")
    return top


def _add_bench(command: argparse.ArgumentParser) -> None:
    kinds = command.add_subparsers(dest="what", required=True, metavar="latency|train|evaluate", parser_class=_Parser)
    latency = kinds.add_parser(
        "latency",
        help="what each wiring costs to serve",
        description="Time the towers of a run on this machine, alone, in every form, and end to end; keep it with the "
        "run.",
        allow_abbrev=False,
    )
    latency.add_argument("run", nargs="?", default="showcase", help="a run's name or folder (default: the showcase)")
    latency.add_argument("--quick", action="store_true", help="fewer batch sizes and widths, no made-up items")
    latency.add_argument(
        "--compiled", action="store_true", help="compiled forms too: a few minutes more, needs a C++ compiler"
    )
    latency.add_argument("--device", default="auto", help="auto, cpu or cuda")
    latency.add_argument("--batches", metavar="N,N", help="batch sizes (default 1,4,16,64,256,1024,4096)")
    latency.add_argument("--threads", metavar="N,N", help="threads an operation (default: 1 and all cores)")
    latency.add_argument("--out", metavar="DIR", help="write every table there, as CSV")
    latency.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    for name, text in (
        ("train", "examples a second beside a plain loop and beside the matrix products alone"),
        ("evaluate", "scores a second of ranking beside the matrix product alone"),
    ):
        speed = kinds.add_parser(name, help=text, description=f"Measure {text}.", allow_abbrev=False)
        _add_start(speed)
        speed.add_argument("--rounds", default="7", metavar="N", help="turns that all take (default 7)")
        if name == "train":
            speed.add_argument("--steps", default="20", metavar="N", help="steps a turn (default 20)")
        speed.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        _add_dials(speed)


def _add_start(command: argparse.ArgumentParser) -> None:
    """What the dials are laid over, and where it is worked out."""
    command.add_argument("--quick", action="store_true", help="the smallest honest setting")
    command.add_argument("--config", metavar="FILE", help="start from an experiment.json")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")


def _add_dials(command: argparse.ArgumentParser) -> None:
    for dial in dials():
        option = "--" + dial.key.replace("_", "-")
        default = "the query's" if dial.path[0] == "item_network" else dial.text(dial.default) or "none"
        note = f"{dial.label}: {dial.help} ({dial.expected()}; default {default})".replace("%", "%%")
        alone: dict[str, Any] = {"nargs": "?", "const": "true"} if dial.kind == "bool" else {}
        command.add_argument(option, dest=f"dial_{dial.key}", metavar=dial.kind.upper(), help=note, **alone)


def whole(name: str, text: str, most: int) -> int:
    """A whole number from 1 up, as it was typed.

    >>> whole("rounds", "7", 10)
    7
    """
    try:
        number = whole_number(text)
    except ValueError:
        number = 0
    if not 1 <= number <= most:
        raise SettingError(f"--{name}: expected a whole number from 1 to {most}, got {quoted(text)}")
    return number


@contextmanager
def told_as_options() -> Iterator[None]:
    """What is wrong with a setting is told of its option, as it is typed: --learning-rate, not learning_rate."""
    try:
        yield
    except SettingError as error:
        key, _, said = str(error).partition(":")
        if key not in {dial.key for dial in dials()}:
            raise
        raise SettingError(f"--{key.replace('_', '-')}:{said}") from None


@told_as_options()
def values_of(options: argparse.Namespace) -> dict[str, Any]:
    """The dial values that were given, by key."""
    given = {key.removeprefix("dial_"): text for key, text in vars(options).items() if key.startswith("dial_")}
    return parse_all((key, text) for key, text in given.items() if text is not None)


def experiment_of(options: argparse.Namespace) -> Experiment:
    """The experiment that the options of `compare` describe."""
    values = values_of(options)
    base = None
    if options.config:
        try:
            base = Experiment.from_json(Path(options.config).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise SettingError(
                f"--config: expected a readable experiment.json, got {quoted(options.config, LONGEST_WORD)} ({why})"
            ) from None
    if options.quick:
        values = quick({"data": base.data.source, **values} if base else values)
    with told_as_options():
        return assemble(values, base)
