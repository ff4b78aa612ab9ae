"""The headline's metric of a run at every K."""

from __future__ import annotations

import pandas as pd

from pdcn.evaluation.compare import curve_frame
from pdcn.runs.folder import RunFolder
from pdcn.tasks import task_of


def curves(folder: RunFolder) -> pd.DataFrame:
    """As `curve_frame` makes it, of a run as it is now; no row where its metric has no K.

    `SettingError` where its result or what it measured can't be read.
    """
    result, measured = folder.whole()
    return curve_frame(measured, folder.experiment.arms, task_of(result).curve(result["data"]["items"]))
