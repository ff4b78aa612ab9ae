"""What the command line prints: results as tables, progress on stderr."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pdcn.cli import words as say
from pdcn.evaluation.comparison import Comparison, comparisons_of, counted_arms, headline_in, record_of
from pdcn.evaluation.verdict import estimand
from pdcn.inert import LONGEST_WORD, quoted, seen
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.sources import since
from pdcn.tasks import task_of
from pdcn.tasks.metric import Metric
from pdcn.words import chance, percent, span, spoken


class _Plain(Console):
    """Text is text: neither markup nor smileys, nor anything that the terminal would obey."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str("\n".join(seen(part) for part in text.split("\n")), **how)


OUTPUT, SAY = _Plain(), _Plain(stderr=True)
NUMBER = re.compile(r"[-+−<\[]*\d|—$|diverged$")
"""How a cell begins that is set to the right."""
WRAPPED, AIR = 24, 3
"""How narrow a column of sentences may be, and what stands between columns, in characters."""


def bars() -> Progress:
    """A progress bar that leaves nothing behind."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeRemainingColumn(), console=SAY, transient=True)


def grid(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    names: int = 1,
    wraps: Collection[str] = (),
    dim: Collection[int] = (),
) -> None:
    """Print a table that fits the terminal; elsewhere, as in a file, as plain lines that are as long as they are.

    What is too wide is told in several tables, each with the first `names` columns. Columns that are named in `wraps`
    have sentences, which may go on below. Rows whose place is in `dim` are faint.
    """
    cells = [[*map(str, row), *[""] * (len(heads) - len(row))] for row in rows]
    widths = [max(cell_len(text) for text in column) for column in zip(heads, *cells, strict=True)]
    if not OUTPUT.is_terminal:
        for line in (*([[title]] if title else []), heads, *cells):
            OUTPUT.print("  ".join(map(_padded, line, widths)).rstrip() if len(line) > 1 else title, soft_wrap=True)
        return
    needed = [min(width, WRAPPED) if head in wraps else width for head, width in zip(heads, widths, strict=True)]
    for part in _parts(needed, names, OUTPUT.width):
        table = Table(box=SIMPLE, title=title)
        for at in part:
            right = all(NUMBER.match(row[at]) for row in cells if row[at])
            table.add_column(heads[at], no_wrap=heads[at] not in wraps, justify="right" if right else "left")
        for place, row in enumerate(cells):
            table.add_row(*(row[at] for at in part), style="dim" if place in dim else "")
        OUTPUT.print(table)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _parts(widths: Sequence[int], names: int, room: int) -> Iterator[list[int]]:
    """Which columns stand in each table, by place.

    >>> list(_parts([8, 10, 10, 10], 1, 37)), list(_parts([8, 40], 1, 37))
    ([[0, 1, 2], [0, 3]], [[0, 1]])
    """
    first, taken = [*range(names)], sum(widths[:names]) + AIR * names
    part, used = [*first], taken
    for at in range(names, len(widths)):
        if used + widths[at] + AIR > room and len(part) > names:
            yield part
            part, used = [*first], taken
        part, used = [*part, at], used + widths[at] + AIR
    yield part


def show(result: dict[str, Any], folder: RunFolder) -> None:
    """Print a result as tables, with its verdict and where it is kept.

    Arms are called as people call them. Where one types another name to choose one of them, that has a column.
    """
    data = result["data"]
    counts = {name: f"{data[name]:,}" for name in ("events", "items", "users")}
    OUTPUT.print(say.DATA(title=data["title"], **counts, device=result["device"]))
    metrics, first = task_of(result).metrics(data["items"]), headline_in(result)
    alike = [metric for metric in metrics if type(metric) is type(first)]
    others = [metric for metric in metrics if type(metric) is not type(first) and metric.k is None]
    heads = [*(str(one) if one.k is None else f"@{one.k}" for one in alike), *(one.name for one in others)]
    counted, rows = counted_arms(result), []
    for name, arm in result["arms"].items():
        if name not in counted:
            rows.append([spoken(name), name, *(say.DIVERGED for _ in alike)])
            continue
        values = [one.level(record_of(arm, one)).removesuffix("%") for one in alike]
        values += [f"{record_of(arm, one):.4f}" for one in others]
        size, speed = arm["parameters"]["dense"], arm["examples_per_second"] or 0
        rows.append([spoken(name), name, *values, f"{size:,}", f"{speed:,.0f}"])
    arms = len(rows)
    for name, baseline in result["baselines"].items():
        rows.append([spoken(name), "", *(one.level(record_of(baseline, one)).removesuffix("%") for one in alike)])
    title = say.LEVELS(metric=first.label) if first.unit == "points" else first.label
    heads = [say.ARM, say.TYPED, *heads, say.PARAMETERS, say.SPEED]
    if all(said == name for said, name, *_ in rows[:arms]):
        heads, *rows = ([row[0], *row[2:]] for row in (heads, *rows))
    grid(heads, rows, title=title, wraps=[say.ARM], dim=range(arms, len(rows)))
    _differences(comparisons_of(result), first)
    _parts_of(result, first)
    OUTPUT.print(result["verdict"], style="bold")
    OUTPUT.print(estimand(result), style="dim")
    if result.get("warning"):  # not in records from before it was kept
        OUTPUT.print(result["warning"], style="yellow")
    with suppress(SettingError):
        if told := since(folder.experiment.data, folder.request["created"]):
            OUTPUT.print(told, style="yellow")
    OUTPUT.print(say.KEPT(folder=folder.path), style="dim", soft_wrap=True)


def _differences(found: Sequence[Comparison], first: Metric) -> None:
    """Print every difference: of two arms in each metric, of more in the headline with all that is known of it, and in
    the other metrics by arm."""
    arms = list(dict.fromkeys(c.arm for c in found))
    if not arms:
        return None
    against = spoken(found[0].against)
    heads = [say.DIFFERENCE, say.PERCENT, say.INTERVAL, say.CHANCE, say.VERDICT]
    if len(arms) == 1:
        rows = [[_unit(c.metric), *_told(c)] for c in found]
        title = say.DIFFERENCES_ALL(arm=spoken(arms[0]), against=against)
        return grid([say.METRIC, *heads], rows, title=title, wraps=[say.VERDICT])
    title = say.DIFFERENCES(against=against, metric=_unit(first))
    rows = [[spoken(c.arm), *_told(c)] for c in found if c.metric == first]
    grid([say.ARM, *heads], rows, title=title, wraps=[say.ARM, say.VERDICT])
    others = [metric for metric in dict.fromkeys(c.metric for c in found) if metric != first]
    cells = {(c.arm, c.metric): f"{c.metric.change(c.difference)}{_mark(c)}" for c in found}
    rows = [[spoken(arm), *(cells.get((arm, metric), "") for metric in others)] for arm in arms]
    return grid([say.ARM, *map(_unit, others)], rows, title=say.OTHERS(against=against), wraps=[say.ARM])


def _parts_of(result: Mapping[str, Any], first: Metric) -> None:
    """Print, where events have several outcomes, the headline's levels for each outcome, surface and part of the
    advertisers, the difference of each arm beside its own level; and how far seeds agree."""
    counted, rows = counted_arms(result), list[list[str]]()
    against = result["comparison"][0]["against"] if result["comparison"] else ""
    for place, label in say.PARTS.items():
        for name, part in result.get(place, {}).items():
            compared = comparisons_of({**result, "comparison": part["comparison"]})
            found, cells = {c.arm: c for c in compared if c.metric == first}, list[str]()
            for arm in counted:
                level = record_of({first.name: part[first.name][arm]}, first)
                cells.append("" if level is None else first.level(level))
                if arm != against:
                    cells += _told(found[arm])[0:3:2] if arm in found else ["", ""]
            rows.append([str(label), name, f"{part['events']:,}", *cells])
    if not rows:
        return
    heads: list[str] = [say.PART, say.NAME, say.EVENTS]
    for arm in counted:
        heads += [spoken(arm), *([] if arm == against else [say.DIFFERENCE, say.INTERVAL])]
    title = say.IN_PARTS(metric=first, against=spoken(against)) if against else str(first)
    grid(heads, rows, title=title, names=2)
    if kept := result.get("stability"):
        rows = [
            [str(label), f"{kept[name]['users']:,}", *(f"{one['overlap']:.0%}" for one in kept[name]["arms"].values())]
            for name, label in say.CONVERSIONS.items()
            if name in kept
        ]
        arms = map(spoken, kept["few"]["arms"])
        grid([say.USERS_WITH, say.USERS, *arms], rows, title=say.STABILITY(k=kept["k"]))


def _unit(metric: Metric) -> str:
    return say.POINTS(metric=metric) if metric.unit == "points" else str(metric)


def _mark(c: Comparison) -> str:
    return "*" if c.verdict in ("better", "worse") else " "


def _told(c: Comparison) -> list[str]:
    """A difference and what is known of it; one seed alone knows no interval."""
    change, sure = c.metric.change, c.seeds > 1
    told = [change(c.difference), percent(c.difference_percent)]
    return [*told, span(c.low, c.high, change) if sure else "", chance(c.adjusted)[4:] if sure else "", c.verdict]


def new_folder(name: str) -> Path:
    """The folder of `--out` for a whole run, which has to be new or empty."""
    path = Path(name)
    with suppress(OSError):  # no name for a folder, or none to be read: told where it is made
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise SettingError(say.FOLDER_NOT_EMPTY(folder=quoted(name, LONGEST_WORD)))
    make_folder(path)
    return path


def make_folder(path: Path) -> None:
    """The folder of `--out`, made where there is none yet."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(say.FOLDER_NOT_MADE(folder=quoted(str(path), LONGEST_WORD), why=error.strerror)) from None
