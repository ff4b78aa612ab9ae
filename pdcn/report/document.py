"""A report as one HTML file: its figures can be pointed at, and it asks no network for anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pdcn.inert import LONGEST_TEXT, short
from pdcn.report import words as say
from pdcn.report.facts import Report
from pdcn.report.figures import OF_THE_PAGE, figures, script
from pdcn.shell.figures.recall import several_seeds
from pdcn.words import capital, spoken


def _inert(value: Any) -> Any:
    """Text without what can't be seen, and cut; the template escapes it after this."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else short(value, LONGEST_TEXT)


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, finalize=_inert
)


def document(report: Report) -> str:
    """The whole file."""
    sheet = report.sheet
    return TEMPLATES.get_template("document.html").render(
        sheet=sheet,
        say=say,
        arms=[capital(spoken(arm)) for arm in (sheet.arm, sheet.against) if arm],
        facts=report.facts,
        command=Markup(escape(report.command)),  # whole, however long
        figures=figures(report),
        bands=several_seeds(report.curves),
        of_the_page=OF_THE_PAGE,
        plotly=Markup(script()),
    )
