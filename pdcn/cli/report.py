"""python -m pdcn report: a run as a file for a meeting."""

from __future__ import annotations

import argparse
from pathlib import Path

from pdcn.cli import words as say
from pdcn.cli.inspect import folder_named
from pdcn.cli.parser import whole
from pdcn.cli.show import OUTPUT
from pdcn.decision.price import timed_by
from pdcn.decision.sheet import sheet
from pdcn.files import atomic_path
from pdcn.inert import LONGEST_WORD, quoted
from pdcn.pages import recipes
from pdcn.report.facts import report_of
from pdcn.report.written import FORMS
from pdcn.settings import SettingError

LARGEST_BATCH = 1_000_000


def report(options: argparse.Namespace) -> int:
    """Write the report of a run, in the form that the ending of the file asks for."""
    path = Path(options.out)
    write = FORMS.get(path.suffix.lower())
    if write is None:
        raise SettingError(say.NO_SUCH_FORM(forms=", ".join(FORMS), file=quoted(options.out, LONGEST_WORD)))
    folder, batch = folder_named(options.run), whole("batch", options.batch, LARGEST_BATCH)
    made = write(report_of(folder, sheet(folder, batch, timed=recipes()[timed_by(folder)])))
    try:
        with atomic_path(path) as partial:
            partial.write_bytes(made)
    except OSError as error:
        raise SettingError(say.NOT_WRITTEN(file=quoted(options.out, LONGEST_WORD), why=error.strerror)) from None
    OUTPUT.print(say.WRITTEN(file=path), soft_wrap=True)
    return 0
