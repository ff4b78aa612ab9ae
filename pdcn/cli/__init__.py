"""python -m pdcn compare | inspect | export | report | pipeline | bench | data | runs | study | calibrate | showcase |
bundle | node: the laboratory without a browser.

A wrong name, value or file ends with exit code 2 and one line on stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from pdcn.cli.bench import bench
from pdcn.cli.bundle import bundle
from pdcn.cli.compare import INTERRUPTED, compare
from pdcn.cli.export import export
from pdcn.cli.inspect import inspect
from pdcn.cli.inventory import data, runs
from pdcn.cli.node import node
from pdcn.cli.parser import experiment_of, parser
from pdcn.cli.pipeline import pipeline
from pdcn.cli.report import report
from pdcn.cli.research import calibrate, study
from pdcn.cli.showcase import showcase
from pdcn.environment import EXECUTOR
from pdcn.files import check_writable, home
from pdcn.inert import line
from pdcn.jobs.trouble import in_words
from pdcn.jobs.words import LESS_OF_A_STUDY
from pdcn.settings import SettingError

__all__ = ["INTERRUPTED", "experiment_of", "main", "parser"]


def trains(options: argparse.Namespace) -> bool:
    """Whether a command trains something, which nobody does in a demonstration; what else writes there says so itself.

    >>> [trains(parser().parse_args(words.split())) for words in ("compare", "study", "bench train", "runs")]
    [True, False, True, False]
    """
    always = options.command in ("compare", "calibrate", "showcase", "bundle")
    named = options.command == "study" and options.name is not None
    resumed = options.command == "runs" and options.action == "resume"
    return always or named or resumed or (options.command == "bench" and options.what != "latency")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    known = (compare, inspect, export, report, pipeline, bench, data, runs, study, calibrate, showcase, bundle, node)
    commands = {one.__name__: one for one in known}
    try:
        options = parser().parse_args(arguments)
        if trains(options):
            check_writable()
        if executor := getattr(options, "executor", None):
            from pdcn.jobs.executors import check

            os.environ[EXECUTOR] = check(executor)  # every run that this process begins is carried out there
        return commands[options.command](options)
    except SettingError as error:
        print(f"pdcn: {line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("pdcn: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except Exception as error:
        said = in_words(error, home(), LESS_OF_A_STUDY)
        if said is None:
            raise
        print(f"pdcn: {line(said)}", file=sys.stderr)
        return 1
