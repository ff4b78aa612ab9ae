"""To Weights & Biases, offline: run folders that `wandb sync` uploads. Nothing is sent from here."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from pdcn.export.tracked import trainings_of
from pdcn.runs.folder import RunFolder

PROJECT = "pdcn"


def write(folder: RunFolder, out: Path) -> None:
    """wandb/offline-run-...: one run for each arm and seed, all in a group of the run's name."""
    import wandb

    quiet = {"silent": True, "console": "off"}
    settings = wandb.Settings(**quiet, disable_git=True, disable_code=True, x_disable_stats=True, x_disable_meta=True)
    for one in trainings_of(folder):
        run = wandb.init(
            project=PROJECT,
            group=folder.run,
            name=one.name,
            mode="offline",
            dir=str(out),
            config=one.params,
            reinit="create_new",
            settings=settings,
        )
        for step, points in groupby(sorted(one.curves, key=lambda point: point.step), key=lambda point: point.step):
            run.log({point.name: point.value for point in points}, step=step)
        run.summary.update(one.finals)
        for path in one.files:  # within the run's folder, so that the folder can be moved before it is uploaded
            kept = Path(run.dir) / path.name
            kept.write_bytes(path.read_bytes())
            run.save(kept, base_path=run.dir, policy="end")
        run.finish()
    for link in (out / "wandb").iterdir():
        if link.is_symlink():  # it leads to where the folder was filled
            link.unlink()
