"""What studies really take, beside what `pdcn.jobs.needs` says before they start.

    python tests/benchmarks/needs.py        (a few minutes on two quiet cores)

Each study runs in a process of its own, on the processor: its peak memory, its seconds and the bytes of its folder.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.dials import assemble
from pdcn.jobs.needs import needs
from pdcn.words import duration, size

SMALL: dict[str, Any] = {"data": "planted", "events": 20_000, "epochs": 1, "seeds": 1, "match": "none"}
CASES: dict[str, dict[str, Any]] = {
    "next to nothing": {**SMALL, "events": 2_000, "items": 100, "users": 50, "batch": 256},
    "the default study": {},
    "a million events": {**SMALL, "events": 1_000_000, "batch": 8_192},
    "200,000 items": {**SMALL, "events": 4_000, "items": 200_000},
    "a batch of 32,768": {**SMALL, "events": 100_000, "batch": 32_768},
    "wide towers": {**SMALL, "embedding": 64, "deep": (2_048, 2_048), "cross_layers": 4},
    "large tables": {**SMALL, "values": 1_000, "fields": 10, "embedding": 128},
    "32,768 uniform negatives": {**SMALL, "items": 50_000, "negatives": 32_768},
}


def run(name: str) -> None:
    """Carry one study out here and print what it took."""
    from pdcn.jobs.study import Study
    from pdcn.runs.store import Store

    with tempfile.TemporaryDirectory() as home:
        folder = Store(Path(home)).create(assemble(CASES[name]), "cpu", own=True)
        start = time.perf_counter()
        Study(folder).run()
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": took, "memory": peak, "disk": folder.size()}))


def main() -> None:
    """Print a line a case: measured, said, and the ratio of both."""
    if len(sys.argv) > 1:
        return run(sys.argv[1])
    print(f"{'study':<26}{'memory':>10}{'said':>10}{'ratio':>7}{'time':>14}{'said':>14}{'ratio':>7}")
    for name, values in CASES.items():
        done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True)
        took, said = json.loads(done.stdout), needs(assemble(values))
        print(
            f"{name:<26}{size(took['memory']):>10}{size(said.memory):>10}{said.memory / took['memory']:>7.2f}"
            f"{duration(took['seconds']):>14}{duration(said.seconds):>14}{said.seconds / took['seconds']:>7.2f}",
            flush=True,
        )
    return None


if __name__ == "__main__":
    main()
