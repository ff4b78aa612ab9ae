"""python -m pdcn bundle: all that comes with the project as evidence, made anew by one command."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from pdcn.cli import words as say
from pdcn.cli.show import SAY
from pdcn.host import machine
from pdcn.research.bundle import Bundle, alone
from pdcn.research.bundle_steps import Step, steps
from pdcn.words import duration, plural


def bundle(options: argparse.Namespace) -> int:
    """Make or check every step that is not there as today's code makes it; 1 where one failed."""
    for name in ("SIGTERM", "SIGHUP"):  # ends what is at work, as Ctrl-C does
        with suppress(AttributeError, ValueError):  # not on this system, or not the main thread
            signal.signal(getattr(signal, name), _interrupted)
    out = Path(options.out).absolute()
    with alone(out):
        made = Bundle(out, steps())
        due = made.due()
        for step in made.every:
            state = duration(made.seconds(step)) if step in due else say.THERE if made.made_so(step) else say.CHECKED
            SAY.print(f"{step.name:<24}{state:>12}   {step.command}", soft_wrap=True)
        if options.check:
            return _check(made, due)
        whole = sum(map(made.seconds, due))
        every = len(made.every)
        left = say.TO_MAKE(steps=plural(len(due), "step"), all=every, time=duration(whole), machine=machine())
        SAY.print(left if due else say.NOTHING_TO_MAKE(all=plural(every, "step")), soft_wrap=True)
        begun = time.monotonic()
        failed = []
        for place, step in enumerate(due, 1):
            time_left = duration(made.seconds(step))
            SAY.print(say.MAKING(place=place, all=len(due), step=step.name, time=time_left), style="bold")
            why = made.make(step)
            if why:
                failed.append(step.name)
                SAY.print(say.MISSED(step=step.name, why=why, command=step.command), style="red", soft_wrap=True)
        if due:
            took = duration(time.monotonic() - begun)
            SAY.print(say.MADE(made=len(due) - len(failed), steps=plural(len(due), "step"), time=took))
        if failed:
            SAY.print(say.NOT_MADE(steps=", ".join(failed)), style="red", soft_wrap=True)
    return 1 if failed else 0


def _check(made: Bundle, due: Sequence[Step]) -> int:
    """Make a small part of each of these steps anew; 1 where one does not come out the same."""
    differs = 0
    for step in due:
        if not (made.out / step.path).exists():
            SAY.print(say.NOT_THERE(step=step.name), soft_wrap=True)
            continue
        found = made.check(step)
        differs += found is not None and not found.agrees
        said = say.AGREES if found and found.agrees else say.DIFFERS
        SAY.print(said(step=step.name, what=found.what) if found else say.UNCHECKED(step=step.name), soft_wrap=True)
    known = sum(map(made.is_there, made.every))
    SAY.print(say.KNOWN(known=known, all=plural(len(made.every), "step")), soft_wrap=True)
    return 1 if differs else 0


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
