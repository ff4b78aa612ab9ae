"""What the command line understands. Options of `compare` follow from the list of settings (`pdcn.dials`)."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from pdcn.cli import words as say
from pdcn.config import Experiment
from pdcn.dials import assemble, dials, parse_all, quick
from pdcn.inert import LONGEST_WORD, quoted, short
from pdcn.pages import recipes
from pdcn.settings import SettingError, whole_number


@cache
def _width() -> int:
    return shutil.get_terminal_size().columns - 2  # as argparse leaves it


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal, which is asked once; argparse asks again with every option that is added."""

    def __init__(self, prog: str, **how: Any) -> None:
        super().__init__(prog, **{"width": _width(), **how})


class _Parser(argparse.ArgumentParser):
    def __init__(self, **how: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **how})

    def error(self, message: str) -> NoReturn:
        raise SettingError(" ".join(map(short, message.split())))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it, which makes an empty list of the value in `--arms=--`."""
        for word in sys.argv[1:] if args is None else args:
            option, _, value = word.partition("=")
            if option.startswith("--") and value == "--":
                self.error(say.NO_VALUE(option=option))
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="python -m pdcn", description=say.PROGRAM)
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    settings = _part()
    _add_dials(settings)  # made once for all commands that have them
    compare = _part()
    _add_start(compare)
    _add_executor(compare)
    _add_json(compare)
    compare.add_argument("--out", metavar="DIR", help=say.OPTIONS["copy"])
    _command(commands, "compare", compare, settings)
    inspect = _command(commands, "inspect")
    _add_run(inspect)
    inspect.add_argument("--kind", action="append", choices=tuple(recipes()), help=say.OPTIONS["kind"])
    inspect.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=say.OPTIONS["set"])
    _add_json(inspect)
    inspect.add_argument("--out", metavar="DIR", help=say.OPTIONS["tables"])
    export = _command(commands, "export")
    _add_run(export)
    export.add_argument("--to", action="append", metavar="WAY", help=say.OPTIONS["to"])
    export.add_argument("--out", metavar="DIR", required=True, help=say.OPTIONS["parts"])
    export.add_argument("--arm", metavar="ARM", help=say.OPTIONS["arm"])
    export.add_argument("--seed", metavar="N", help=say.OPTIONS["its seed"])
    _add_json(export)
    report = _command(commands, "report")
    _add_run(report)
    report.add_argument("--out", metavar="FILE", required=True, help=say.OPTIONS["report"])
    report.add_argument("--batch", default="1", metavar="N", help=say.OPTIONS["batch"])
    pipeline = _command(commands, "pipeline")
    pipeline.add_argument("--retrieval", metavar="RUN", required=True, help=say.OPTIONS["retrieval"])
    pipeline.add_argument("--ranking", metavar="RUN", required=True, help=say.OPTIONS["ranking"])
    pipeline.add_argument("--arm", metavar="ARM", help=say.OPTIONS["retrieval arm"])
    pipeline.add_argument("--candidates", default="100", metavar="N", help=say.OPTIONS["candidates"])
    pipeline.add_argument("--events", default="1000", metavar="N", help=say.OPTIONS["pipeline events"])
    _add_json(pipeline)
    _add_bench(commands.add_parser("bench", help=say.HELP["bench"]), settings)
    _add_data(_command(commands, "data"))
    runs = commands.add_parser("runs", help=say.HELP["runs"])
    runs.add_argument("action", nargs="?", default="list", choices=("list", "show", "delete", "resume"))
    runs.add_argument("run", nargs="?", help=say.OPTIONS["name of a run"])
    _add_executor(runs)
    _add_json(runs)
    study = commands.add_parser("study", help=say.HELP["study"], description=say.ABOUT["study"])
    study.add_argument("name", nargs="?", help=say.OPTIONS["finding"])
    study.add_argument("--out", metavar="FILE", help=say.OPTIONS["record"])
    study.add_argument("--keep", metavar="FILE", help=say.OPTIONS["keep"])
    _add_executor(study)
    _add_json(study)
    calibrate = _part()
    calibrate.add_argument("--studies", default="100", metavar="N", help=say.OPTIONS["studies"])
    calibrate.add_argument("--out", metavar="FILE", help=say.OPTIONS["record"])
    _add_executor(calibrate)
    _add_json(calibrate)
    _command(commands, "calibrate", calibrate, settings)
    node = _command(commands, "node")
    for name, default in (("host", "127.0.0.1"), ("port", "10001"), ("join", ""), ("cpus", None), ("gpus", None)):
        node.add_argument(f"--{name}", default=default, metavar=name.upper(), help=say.OPTIONS[name])
    showcase = _command(commands, "showcase")
    showcase.add_argument("--out", metavar="DIR", required=True, help=say.OPTIONS["new folder"])
    bundle = _command(commands, "bundle")
    bundle.add_argument("--out", metavar="DIR", required=True, help=say.OPTIONS["shipped"])
    bundle.add_argument("--check", action="store_true", help=say.OPTIONS["check"])
    return top


def _part() -> argparse.ArgumentParser:
    """Options that commands are put together of."""
    return _Parser(add_help=False)


def _command(commands: Any, name: str, *parts: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """A command with what is said of it and the options of the parts, which have to be typed in full."""
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=say.HELP[name], description=say.ABOUT[name], allow_abbrev=False, parents=parts
    )
    return added


def _add_bench(command: argparse.ArgumentParser, settings: argparse.ArgumentParser) -> None:
    kinds = command.add_subparsers(
        dest="what", required=True, metavar="latency|train|evaluate|candidates", parser_class=_Parser
    )
    latency = _command(kinds, "latency")
    _add_run(latency)
    latency.add_argument("--quick", action="store_true", help=say.OPTIONS["fewer"])
    latency.add_argument("--compiled", action="store_true", help=say.OPTIONS["compiled"])
    latency.add_argument("--device", default="auto", help=say.OPTIONS["timing device"])
    latency.add_argument("--batches", metavar="N,N", help=say.OPTIONS["batches"])
    latency.add_argument("--threads", metavar="N,N", help=say.OPTIONS["threads"])
    latency.add_argument("--out", metavar="DIR", help=say.OPTIONS["tables"])
    _add_json(latency)
    for name in ("train", "evaluate", "candidates"):
        speed = _part()
        _add_start(speed)
        speed.add_argument("--rounds", default="7", metavar="N", help=say.OPTIONS["rounds"])
        if name == "train":
            speed.add_argument("--steps", default="20", metavar="N", help=say.OPTIONS["steps"])
        _add_json(speed)
        _command(kinds, name, speed, settings)


def _add_data(command: argparse.ArgumentParser) -> None:
    """Without a word behind it, the command lists all sources."""
    _add_json(command)
    what = command.add_subparsers(dest="what", metavar="import|list|add|delete", parser_class=_Parser)
    own = _command(what, "import")
    own.add_argument("events", metavar="EVENTS", help=say.OPTIONS["events"])
    own.add_argument("--users", metavar="FILE", help=say.OPTIONS["users"])
    own.add_argument("--items", metavar="FILE", help=say.OPTIONS["items"])
    own.add_argument("--name", metavar="NAME", help=say.OPTIONS["data name"])
    own.add_argument("--role", action="append", default=[], metavar="COLUMN=ROLE", help=say.OPTIONS["role"])
    own.add_argument("--split", choices=("time", "per-user", "random"), help=say.OPTIONS["split"])
    own.add_argument("--cuts", nargs=2, metavar="DATE", help=say.OPTIONS["cuts"])
    own.add_argument("--repeats", choices=("keep", "once"), help=say.OPTIONS["repeats"])
    own.add_argument("--positive-from", metavar="N", help=say.OPTIONS["positive"])
    own.add_argument("--kind", action="append", default=[], metavar="OUTCOME=WEIGHT", help=say.OPTIONS["kinds"])
    own.add_argument("--encoding", metavar="NAME", help=say.OPTIONS["encoding"])
    own.add_argument("--look", action="store_true", help=say.OPTIONS["look"])
    own.add_argument("--replace", action="store_true", help=say.OPTIONS["replace"])
    _add_json(own)
    _add_json(_command(what, "list"))
    known = _command(what, "add")
    known.add_argument("name", help=say.OPTIONS["known"])
    known.add_argument("--accept", action="store_true", help=say.OPTIONS["accept"])
    known.add_argument("--from", dest="file", metavar="FILE", help=say.OPTIONS["from"])
    known.add_argument("--name", dest="keep_as", metavar="NAME", help=say.OPTIONS["keep as"])
    known.add_argument("--replace", action="store_true", help=say.OPTIONS["replace"])
    _add_json(known)
    gone = _command(what, "delete")
    gone.add_argument("name", help=say.OPTIONS["its name"])
    _add_json(gone)


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", nargs="?", default="showcase", help=say.OPTIONS["run"])


def _add_executor(command: argparse.ArgumentParser) -> None:
    command.add_argument("--executor", metavar="NAME", help=say.OPTIONS["executor"])


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=say.OPTIONS["json"])


def _add_start(command: argparse.ArgumentParser) -> None:
    """What the dials are laid over, and where it is worked out."""
    command.add_argument("--quick", action="store_true", help=say.OPTIONS["quick"])
    command.add_argument("--config", metavar="FILE", help=say.OPTIONS["config"])
    command.add_argument("--device", default="auto", help=say.OPTIONS["device"])


def _add_dials(command: argparse.ArgumentParser) -> None:
    for dial in dials():
        option = "--" + dial.key.replace("_", "-")
        default = say.OF_QUERY if dial.path[0] == "item_network" else dial.text(dial.default) or "none"
        note = say.OPTION(label=dial.label, help=dial.help, expected=dial.expected(), default=default)
        alone: dict[str, Any] = {"nargs": "?", "const": "true"} if dial.kind == "bool" else {}
        command.add_argument(
            option, dest=f"dial_{dial.key}", metavar=dial.kind.upper(), help=note.replace("%", "%%"), **alone
        )


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
        raise SettingError(say.NOT_WHOLE(option=name, most=most, value=quoted(text)))
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
            raise SettingError(say.NO_CONFIG(file=quoted(options.config, LONGEST_WORD), why=why)) from None
    if options.quick:
        values = quick({"data": base.data.source, "task": base.task, **values} if base else values)
    with told_as_options():
        return assemble(values, base)
