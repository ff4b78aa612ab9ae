"""Analyses of a run that are worked out on another machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import wait
from typing import Any

import pandas as pd

from pdcn.jobs import words as say
from pdcn.jobs.rays.address import Address
from pdcn.jobs.rays.connection import cluster
from pdcn.jobs.rays.there import TELL_SECONDS, work_out_there
from pdcn.runs.trained import TrainedRun


def worked_out(
    address: str, opened: TrainedRun, work: str, settings: Mapping[str, Any], say_share: Callable[[float, str], None]
) -> dict[str, pd.DataFrame]:
    """The tables of an analysis of a run, found on another machine, where all of the run's files and its data travel.

    `say_share` is told all the while that it goes on; what it raises ends the work there.
    """
    own = opened.folder
    files = {
        str(path.relative_to(own.path)): path.read_bytes()
        for path in own.path.rglob("*")
        if path.is_file() and path.relative_to(own.path).parts[0] not in ("analysis", own.cells.name)
    }
    with cluster(Address.of(address)) as there:
        given = (own.run, there.ray.put(files), there.ray.put(opened.data.dataset), work, dict(settings))
        found = there.submit(work_out_there, *given)
        while not wait([found], TELL_SECONDS).done:
            say_share(0.0, say.ELSEWHERE)
        try:
            tables: dict[str, pd.DataFrame] = found.result()
        except there.ray.exceptions.RayTaskError as error:
            raise error.cause from None
    return tables
