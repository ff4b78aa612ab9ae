"""Ranks as tests write them down, a column "arm.seed" each, as `Measured`."""

from __future__ import annotations

import pandas as pd

from pdcn.tasks.measured import Measured


def measured_of(frame: pd.DataFrame) -> Measured:
    """The columns of a frame: `user`, and by its name a training's "arm.seed" or a baseline."""
    parts = {name: name.rpartition(".") for name in frame.columns if name != "user"}
    return Measured(
        frame["user"].to_numpy(),
        {(arm, int(seed)): frame[name].to_numpy() for name, (arm, _, seed) in parts.items() if arm},
        {name: frame[name].to_numpy() for name, (arm, _, _) in parts.items() if not arm},
    )
