"""Does the import of a large file fit? Seconds and memory of each step, for a made-up log of many rows.

    python tests/benchmarks/own_data.py [--rows 10000000] [--memory 600] [--out data/own_data.csv]

A CSV of string ids, moments, a store and a distance is written. It is read, examined, shown and imported in a process
of its own, and made a dataset in another. Exit code 1 where the import held 1.5 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import pandas as pd

LIMIT = 1.5e9
LOG = """
COPY (
  SELECT printf('user-%07d', (r * 7919 % 1000003 % (n / 20 + 10))::BIGINT) AS user_id,
         printf('%06d', ((hash(r) % 1000000) * (hash(r + 1) % 1000000) // 1000000 % (n / 200 + 50))::BIGINT) AS item_id,
         strftime(TIMESTAMP '2024-01-01' + to_seconds(hash(r + 2) % 60000000), '%d.%m.%Y %H:%M:%S') AS bought_at,
         'store ' || (hash(r + 3) % 200) AS store,
         printf('%.2f', 1 + (hash(r + 4) % 10000) / 100) AS distance
  FROM (SELECT range AS r, {rows} AS n FROM range({rows}))
) TO '{path}' (FORMAT csv)
"""


def peak() -> float:
    """The most bytes that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def imported(path: str) -> None:
    """Read, examine, show and import; a line of each step on stdout."""
    from pdcn.sources.table.draft import Files, begin
    from pdcn.sources.table.importing import import_data
    from pdcn.sources.table.preview import preview
    from pdcn.sources.table.problems import problems

    start = time.perf_counter()

    def told(step: str) -> None:
        nonlocal start
        now = time.perf_counter()
        print(f"{step},{now - start:.1f},{peak():.0f}", flush=True)
        start = now

    draft = begin(Files(path))
    told("read and guess")
    found = problems(draft)
    told("problems")
    preview(draft)
    told("preview")
    import_data(draft, "large")
    told("import")
    print(*(f"# {one.level}: {one.text}" for one in found), sep="\n", file=sys.stderr)


def loaded() -> None:
    """Make the dataset."""
    from pdcn.sources import load
    from pdcn.sources.own import OwnData

    start = time.perf_counter()
    dataset = load(OwnData(dataset="large"))
    print(f"dataset of {len(dataset.queries)},{time.perf_counter() - start:.1f},{peak():.0f}")


def main() -> int:
    """The benchmark; its exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--memory", type=int, default=600, help="megabytes that DuckDB may take")
    options.add_argument("--out", type=Path)
    options.add_argument("--step", nargs="*", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.step:
        imported(given.step[1]) if given.step[0] == "import" else loaded()
        return 0
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "log.csv"
        duckdb.execute(LOG.format(rows=given.rows, path=path))
        print(f"{given.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB of CSV")
        settings = {**os.environ, "PDCN_HOME": str(Path(made) / "home"), "PDCN_IMPORT_MEMORY": str(given.memory)}
        rows = []
        for step in (("import", str(path)), ("load",)):
            command = [sys.executable, __file__, "--step", *step]
            done = subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE, text=True)
            rows += [line.split(",") for line in done.stdout.splitlines()]
    table = pd.DataFrame(rows, columns=["step", "seconds", "bytes"]).astype({"seconds": float, "bytes": float})
    print(table.to_string(index=False))
    if given.out:
        table.to_csv(given.out, index=False)
    return int(table["bytes"].iloc[:-1].max() > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
