"""python -m pdcn bundle: all that comes with the project as evidence, made anew by one command."""

from __future__ import annotations

import argparse
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from pdcn.cli.show import SAY
from pdcn.host import machine
from pdcn.research.bundle import Bundle, alone, steps
from pdcn.words import capital, duration, plural


def bundle(options: argparse.Namespace) -> int:
    """Make every step that is not there as today's code makes it; 1 where one failed."""
    for name in ("SIGTERM", "SIGHUP"):  # ends what is at work, as Ctrl-C does
        with suppress(AttributeError, ValueError):  # not on this system, or not the main thread
            signal.signal(getattr(signal, name), _interrupted)
    out = Path(options.out).absolute()
    with alone(out):
        made = Bundle(out, steps())
        due = made.due()
        for step in made.every:
            time_left = duration(made.seconds(step)) if step in due else "is there"
            SAY.print(f"{step.name:<24}{time_left:>12}   {step.command}", soft_wrap=True)
        whole = sum(map(made.seconds, due))
        SAY.print(
            f"{capital(plural(len(due), 'step'))} of {len(made.every)} to make"
            + (f", about {duration(whole)} if earlier times hold on {machine()}." if due else "."),
            soft_wrap=True,
        )
        begun = time.monotonic()
        failed = []
        for place, step in enumerate(due, 1):
            SAY.print(f"{place} of {len(due)}: {step.name}, about {duration(made.seconds(step))}", style="bold")
            why = made.make(step)
            if why:
                failed.append(step.name)
                SAY.print(f"{step.name} {why}; {step.command}", style="red", soft_wrap=True)
        if due:
            SAY.print(
                f"{len(due) - len(failed)} of {plural(len(due), 'step')} made in {duration(time.monotonic() - begun)}."
            )
        if failed:
            SAY.print(f"Not made: {', '.join(failed)}. The same command tries again.", style="red", soft_wrap=True)
    return 1 if failed else 0


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
