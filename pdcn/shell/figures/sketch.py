"""What a figure of many small parts is made of, gathered before it is made.

Plotly looks through all parts again whenever one is added, so twenty shapes take twenty times as long one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go


@dataclass(frozen=True)
class Sketch:
    """Traces, shapes and annotations, each as a record with Plotly's names."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def figure(self, **layout: Any) -> go.Figure:
        """All parts in one figure, with this layout.

        >>> Sketch(shapes=[{"type": "line", "x0": 1}]).figure(height=40).layout.shapes[0].x0
        1
        """
        return go.Figure(self.traces, {"shapes": self.shapes, "annotations": self.annotations, **layout})
