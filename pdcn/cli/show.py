"""What the command line prints: results as tables, progress on stderr."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pdcn.evaluation.verdict import comparisons_of, counted_arms, estimand, headline_in, record_of
from pdcn.inert import LONGEST_WORD, quoted, seen
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.tasks import task_of
from pdcn.words import chance, percent, span


class _Plain(Console):
    """Text is text: neither markup nor smileys, nor anything that the terminal would obey."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str("\n".join(seen(part) for part in text.split("\n")), **how)


OUTPUT, SAY = _Plain(), _Plain(stderr=True)


def bars() -> Progress:
    """A progress bar that leaves nothing behind."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeRemainingColumn(), console=SAY, transient=True)


def show(result: dict[str, Any], folder: RunFolder) -> None:
    """Print a result as a table, with its verdict and where it is kept."""
    data = result["data"]
    OUTPUT.print(
        f"{data['title']}: {data['events']:,} events, {data['items']:,} items, {data['users']:,} test users; "
        f"{result['device']}"
    )
    metrics, first = task_of(result).metrics(data["items"]), headline_in(result)
    alike = [metric for metric in metrics if type(metric) is type(first)]
    others = [metric for metric in metrics if type(metric) is not type(first) and metric.k is None]
    heads = [*(str(one) if one.k is None else f"@{one.k}" for one in alike), *(one.name for one in others)]
    title = f"{first.label} (%)" if first.unit == "points" else first.label
    table = Table("arm", *heads, "dense parameters", "examples/s", box=SIMPLE, title=title)
    for column in table.columns:
        column.no_wrap = True
        column.justify = "left" if column.header == "arm" else "right"
    counted = counted_arms(result)
    for name, arm in result["arms"].items():
        if name not in counted:
            table.add_row(name, *("diverged" for _ in alike))
            continue
        values = (one.level(record_of(arm, one)).removesuffix("%") for one in alike)
        size, speed = arm["parameters"]["dense"], arm["examples_per_second"] or 0
        table.add_row(name, *values, *(f"{record_of(arm, one):.4f}" for one in others), f"{size:,}", f"{speed:,.0f}")
    for name, baseline in result["baselines"].items():
        values = (one.level(record_of(baseline, one)).removesuffix("%") for one in alike)
        table.add_row(name, *values, style="dim")
    OUTPUT.print(table)
    for c in comparisons_of(result):
        change, unit = c.metric.change, " points" if c.metric.unit == "points" else ""
        sure = f" {span(c.low, c.high, change)}, {chance(c.adjusted)}" if c.seeds > 1 else ""
        OUTPUT.print(
            f"{c.arm} − {c.against}, {c.metric}: {change(c.difference)}{unit} ({percent(c.difference_percent)}){sure}: "
            f"{c.verdict}",
            soft_wrap=True,
        )
    OUTPUT.print(result["verdict"], style="bold")
    OUTPUT.print(estimand(result), style="dim")
    if result.get("warning"):  # not in records from before it was kept
        OUTPUT.print(result["warning"], style="yellow")
    OUTPUT.print(f"Kept in {folder.path}", style="dim", soft_wrap=True)


def new_folder(name: str) -> Path:
    """The folder of `--out` for a whole run, which has to be new or empty."""
    path = Path(name)
    with suppress(OSError):  # no name for a folder, or none to be read: told where it is made
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise SettingError(f"--out: expected a new or empty folder, got {quoted(name, LONGEST_WORD)}")
    make_folder(path)
    return path


def make_folder(path: Path) -> None:
    """The folder of `--out`, made where there is none yet."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"--out: expected a folder that can be made, got {quoted(str(path), LONGEST_WORD)} ({error.strerror})"
        ) from None
