"""What a notebook needs, in ten names: data, towers, training, evaluation, whole studies, and what they left behind.

`import pdcn` has these names; each is loaded once somebody uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from pdcn.config import Experiment
    from pdcn.nn.model import Model
    from pdcn.runs.folder import RunFolder
    from pdcn.sources.dataset import Dataset

TRAINED = "model"
"""What a model is called whose arm nobody says."""
SMALL = {"data": "planted", "events": 2_000, "items": 100, "users": 50, "batch": 256, "epochs": 1, "seeds": 1}
"""Dials of an experiment that trains in well under a second, for examples."""


def experiment(**dials: Any) -> Experiment:
    """An experiment by its dials, named as `python -m pdcn compare --help` and links name them; others at defaults.

    `SettingError` says which dial does not fit. Lists may be tuples or lists.

    >>> import pdcn
    >>> pdcn.experiment(data="planted", arms=["parallel", "deep_only"], seeds=5).against
    'deep_only'
    """
    from pdcn.dials import assemble, parse_all

    def text(value: Any) -> str:
        if isinstance(value, (list, tuple)):
            return ",".join(map(str, value))
        return str(value).lower() if isinstance(value, bool) else str(value)

    return assemble(parse_all((name, text(value)) for name, value in dials.items()))


def load_data(experiment: Experiment) -> Dataset:
    """The data of an experiment: events, catalogue and split. Prepared at the first call and cached in PDCN_HOME.

    >>> import pdcn
    >>> data = pdcn.load_data(pdcn.experiment(**SMALL))
    >>> len(data.queries), len(data.items), data.bounds
    (2000, 100, (1700, 1800))
    """
    from pdcn.tasks import load

    return load(experiment)


def build_towers(experiment: Experiment, arm: str, seed: int = 0, data: Dataset | None = None) -> Model:
    """Both towers of an arm as a PyTorch module, with the first weights that the seed draws.

    Its blocks are those of the experiment: an arm is matched to others only in `compare`.

    >>> import pdcn
    >>> model = pdcn.build_towers(pdcn.experiment(**SMALL), "parallel")
    >>> type(model.query.wiring.part("cross")).__name__, model.query.head.out_features
    ('CrossNetwork', 32)
    """
    from pdcn.nn.model import initialise
    from pdcn.tasks import task_for

    data = data or load_data(experiment)
    model = task_for(experiment).model(data, experiment, arm)
    initialise(model, seed, experiment.training.embedding_std)
    return model


def train(experiment: Experiment, arm: str, seed: int = 0, data: Dataset | None = None) -> tuple[Model, pd.DataFrame]:
    """One arm trained from one seed on the processor: its towers as they were best on validation, and its curve.

    >>> import pdcn
    >>> model, curve = pdcn.train(pdcn.experiment(**SMALL), "parallel")
    >>> list(curve.columns[:5]), bool(curve["loss"].iloc[-1] < curve["loss"].iloc[1])
    (['arm', 'seed', 'step', 'loss', 'recall'], True)
    """
    import pandas as pd
    import torch

    from pdcn.tasks.retrieval.batches import DeviceData
    from pdcn.training.loop import Trainer

    trainer = Trainer(DeviceData(data or load_data(experiment), torch.device("cpu")), experiment, arm, seed)
    points = []
    while more := trainer.lap(1_000):
        points += more
    return trainer.finish().eval(), pd.DataFrame([vars(point) for point in points])


def evaluate(model: Model, experiment: Experiment, data: Dataset | None = None) -> dict[str, float]:
    """Every metric of the experiment's task over its test events, each ranked against the whole catalogue.

    Means are over a user's events, then over users, as in every verdict.

    >>> import pdcn
    >>> small = pdcn.experiment(**SMALL)
    >>> found = pdcn.evaluate(pdcn.build_towers(small, "parallel"), small)
    >>> sorted(found), 0.0 <= found["recall@10"] <= 1.0
    (['MRR', 'NDCG@10', 'NDCG@100', 'recall@1', 'recall@10'], True)
    """
    import torch

    from pdcn.tasks import task_for
    from pdcn.tasks.measured import Measured
    from pdcn.tasks.retrieval.batches import DeviceData

    task, data = task_for(experiment), data or load_data(experiment)
    events = task.events(data, "test")
    values = task.measure(model, DeviceData(data, torch.device("cpu")), events)
    measured = Measured(data.user[events], {(TRAINED, 0): values}, {}, task.weights(data, events))
    return {str(one): float(measured.means(values, [one], 0)[0]) for one in task.metrics(len(data.items))}


def compare(experiment: Experiment) -> RunFolder:
    """A whole study, matched and judged, as `python -m pdcn compare` does it; the run that it leaves in PDCN_HOME.

    `SettingError` says why it came to no result.

    >>> import pdcn
    >>> run = pdcn.compare(pdcn.experiment(**SMALL))
    >>> run.progress.state, sorted(run.result["arms"])
    ('done', ['parallel', 'sequential'])
    """
    from pdcn.jobs.needs import check
    from pdcn.jobs.worker import carry_out
    from pdcn.runs.store import Store
    from pdcn.settings import SettingError
    from pdcn.words import NO_RESULT

    store = Store()
    check(experiment, store.home)
    folder = store.create(experiment, "cpu", own=True)
    ended = carry_out(store, folder)
    if folder.result is None:
        raise SettingError(NO_RESULT(run=folder.run, state=ended.state, why=ended.message))
    return folder


def list_runs() -> pd.DataFrame:
    """Every run in PDCN_HOME by row, the newest first: name, time, data, arms, seeds, state and verdict.

    >>> import pdcn
    >>> list(pdcn.list_runs().columns)
    ['run', 'created', 'data', 'arms', 'seeds', 'state', 'verdict']
    """
    import pandas as pd

    from pdcn.runs.store import Store

    names = ["run", "created", "data", "arms", "seeds", "state", "verdict"]
    found = pd.DataFrame([vars(row) for row in Store().rows()], columns=names)
    return found.assign(created=pd.to_datetime(found["created"].astype(float), unit="s"))


def open_run(name: str | Path = "showcase") -> RunFolder:
    """A run by its name, or by the path of its folder; the one that comes with the project where none is named.

    >>> import pdcn
    >>> pdcn.open_run().experiment.arms
    ('parallel', 'sequential')
    """
    from pdcn.runs.folder import RunFolder
    from pdcn.runs.store import Store

    if (Path(name) / "experiment.json").exists():
        return RunFolder(Path(name).absolute())
    return Store().folder(str(name))


def tables(run: RunFolder) -> dict[str, pd.DataFrame]:
    """Every table of a run by name: curves, comparisons, slices, history, costs, events, and what pages worked out.

    >>> import pdcn
    >>> found = pdcn.tables(pdcn.open_run())
    >>> {"curves", "comparisons", "slices", "history", "costs"} <= {*found}
    True
    """
    from pdcn.export.tables import tables_of

    return tables_of(run)


def export_run(
    run: RunFolder, to: Sequence[str], out: str | Path, *, arm: str = "", seed: int | None = None
) -> list[Path]:
    """Parts of a run in folders of their own, as `python -m pdcn export` writes them; the paths of these folders.

    >>> import pdcn, tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     (folder,) = pdcn.export_run(pdcn.open_run(), ["experiment"], out)
    ...     [path.name for path in folder.iterdir()]
    ['experiment.json']
    """
    from pdcn.export.ways import export as written

    return written(run, to, Path(out), arm=arm, seed=seed)[0]
