"""How long the verdict takes: 10,000 resamples of the showcase run, every metric and the whole curve over K.

python tests/benchmarks/verdict.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.evaluation.compare import compare, difference_frame
from pdcn.evaluation.statistics import RESAMPLES
from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from pdcn.tasks.retrieval import Retrieval


def main() -> None:
    """Print the seconds of the record's comparisons, and of the curve's."""
    folder = RunFolder(SHOWCASE)
    measured, result, experiment = folder.measured, folder.result, folder.experiment
    assert measured is not None
    assert result is not None
    task, items, against = Retrieval(), result["data"]["items"], experiment.against
    for name, work in (
        (
            "record: recall, NDCG, MRR",
            lambda: compare(measured, experiment.arms, against, task.metrics(items), task.headline(items), detect=0.01),
        ),
        ("curve over K", lambda: difference_frame(measured, experiment.arms, against, task.curve(items))),
    ):
        start = time.perf_counter()
        found = work()
        seconds = time.perf_counter() - start
        print(
            f"{name}: {len(found)} differences, {RESAMPLES:,} resamples of {len(set(measured.user.tolist()))} users: "
            f"{seconds:.2f} s"
        )


if __name__ == "__main__":
    main()
