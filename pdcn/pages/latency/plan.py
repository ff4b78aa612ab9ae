"""What is to be timed: settings as they are asked for, and the plan that they make. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

from pdcn.host import cores, machine
from pdcn.inert import quoted
from pdcn.jobs.analysis import Settings
from pdcn.pages.latency import words as say
from pdcn.settings import SettingError, whole_number

DEFAULTS: Settings = {
    "machine": machine(),
    "device": "auto",
    "compiled": False,
    "batches": "1,4,16,64,256,1024,4096",
    "threads": "auto",
    "widths": "32,64,128,256,512,1024",
    "seconds": 0.5,
    "repeats": 30,
    "k": 100,
    "items": 100_000,
    "events": 2_048,
}
"""`machine` is there so that times of one machine never count as another's; `threads` "auto" is 1 and all cores;
`widths` of the region, "" for none; `seconds` and `repeats` are the least that a cell is given; `items` is the size up
to which a second catalogue is filled with made-up items, 0 for none; `events` are those on which lists are judged."""
QUICK: Settings = {"batches": "1,64,4096", "widths": "32,256", "seconds": 0.2, "repeats": 20, "items": 0}
"""The smallest honest choice."""


@dataclass(frozen=True)
class Plan:
    """The same, read and checked."""

    batches: tuple[int, ...]
    threads: tuple[int, ...]
    widths: tuple[int, ...]
    seconds: float
    repeats: int
    compiled: bool
    k: int
    items: int
    events: int

    @classmethod
    def of(cls, settings: Settings) -> Plan:
        """The plan of settings that may lack some; `SettingError` where one can't be followed.

        >>> Plan.of({"batches": "64, 1", "threads": "1"}).batches
        (1, 64)
        """
        every = {**DEFAULTS, **settings}
        if every["machine"] != machine():
            raise SettingError(say.NOT_THIS_MACHINE(here=machine(), machine=every["machine"]))
        threads = str(every["threads"])
        return cls(
            batches=numbers("batches", str(every["batches"]), 65_536),
            threads=tuple(sorted({1, cores()})) if threads == "auto" else numbers("threads", threads, cores()),
            widths=numbers("widths", str(every["widths"]), 4_096) if every["widths"] else (),
            seconds=float(every["seconds"]),
            repeats=max(2, int(every["repeats"])),
            compiled=bool(every["compiled"]),
            k=max(1, int(every["k"])),
            items=int(every["items"]),
            events=max(1, int(every["events"])),
        )


def numbers(name: str, text: str, most: int) -> tuple[int, ...]:
    """Whole numbers out of a list with commas, in order, each once.

    >>> numbers("batches", "64,1,64", 100)
    (1, 64)
    """
    try:
        found = {whole_number(word) for word in text.split(",")}
    except ValueError:
        found = {0}
    if not all(1 <= number <= most for number in found):
        said = say.NOT_BATCHES if most >= 64 else say.NOT_NUMBERS
        raise SettingError(said(key=name, most=most, value=quoted(text)))
    return tuple(sorted(found))
