"""The figures of a report, and the script that draws them: all of it goes into the file."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from pdcn.report import words as say
from pdcn.report.facts import Report
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.recall import recall_figure
from pdcn.shell.figures.steps import steps_figure
from pdcn.words import spoken

OF_THE_PAGE = "#0A0B0C"
"""A colour that nothing else has, in place of which the file puts that of its text: light and dark."""
KINDS = ("item popularity", "user activity")
"""Kinds of slices that are few enough to be drawn all at once."""


def script() -> str:
    """The whole of plotly.js."""
    found: str = get_plotlyjs()
    return found


def figures(report: Report) -> dict[str, dict[str, Any]]:
    """The figures that a report has, by name, as plotly.js reads them."""
    sheet, drawn = report.sheet, dict[str, go.Figure]()
    if len(report.curves):
        drawn["curve"] = recall_figure(report.curves, text=OF_THE_PAGE, label=report.label)
    if sheet.found is not None and sheet.found.seeds > 1 and sheet.slices is not None:
        rows = sheet.slices[sheet.slices["kind"].isin(KINDS)]
        if len(rows):
            metric = sheet.found.metric
            name = say.GAIN_AXIS(metric=metric, arm=spoken(sheet.arm), against=spoken(sheet.against))
            rows = rows.assign(label=rows["value"], group=rows["kind"])
            drawn["slices"] = forest_figure(rows, key="slices", points=metric.unit == "points", name=name)
    if sheet.reason.steps:
        drawn["reason"] = steps_figure(sheet.reason.steps, key="steps")
    return {name: json.loads(figure.to_json()) for name, figure in drawn.items()}
