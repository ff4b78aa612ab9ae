"""To MLflow: a database and a folder of files that `mlflow ui --backend-store-uri sqlite:///mlflow.db` shows."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from pdcn.export.tracked import trainings_of
from pdcn.runs.folder import RunFolder

AT_ONCE = 1_000
"""Metrics that MLflow takes in one call."""


def write(folder: RunFolder, out: Path) -> None:
    """mlflow.db and artifacts/: one experiment of the run's name, one run for each arm and seed.

    Files are named from the folder in which `mlflow ui` is started, so that the folder can be moved.
    """
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param

    trainings = trainings_of(folder)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as scratch:  # the database is made where locks work, and copied whole
        database = Path(scratch) / "mlflow.db"
        client = MlflowClient(f"sqlite:///{database}")
        experiment = client.create_experiment(folder.run)
        for one in trainings:
            run = client.create_run(experiment, run_name=one.name).info.run_id
            client.log_batch(run, params=[Param(name, value[:6_000]) for name, value in one.params.items()])
            points = [Metric(point.name, point.value, 0, point.step) for point in one.curves]
            points += [Metric(name, value, 0, 0) for name, value in one.finals.items()]
            for at in range(0, len(points), AT_ONCE):
                client.log_batch(run, metrics=points[at : at + AT_ONCE])
            target = out / "artifacts" / run / "artifacts"
            target.mkdir(parents=True)
            for path in one.files:
                (target / path.name).write_bytes(path.read_bytes())
            client.set_terminated(run)
        client._tracking_client.store.engine.dispose()
        with closing(sqlite3.connect(database)) as kept, kept:  # MLflow itself takes no place that can be moved
            kept.execute("UPDATE experiments SET artifact_location = 'artifacts'")
            kept.execute("UPDATE runs SET artifact_uri = 'artifacts/' || run_uuid || '/artifacts'")
        (out / "mlflow.db").write_bytes(database.read_bytes())
