"""PDCN Explorer: should cross and deep network stand one after the other, or side by side?

As a library, it has ten names (`pdcn.library`), of which each is loaded once somebody uses it:

    experiment    what to train, by its dials     compare     a whole study, matched and judged
    load_data     events, catalogue, split        list_runs   what has been trained here
    build_towers  an arm's two towers             open_run    one of these runs
    train         one arm from one seed           tables      its tables
    evaluate      recall and other metrics        export_run  its weights, towers, index

>>> import pdcn
>>> len(pdcn.__all__), pdcn.experiment(data="planted").arms
(10, ('parallel', 'sequential'))
"""

TYPE_CHECKING = False  # typing itself would cost more than all else here
if TYPE_CHECKING:
    from pdcn.library import (
        build_towers,
        compare,
        evaluate,
        experiment,
        export_run,
        list_runs,
        load_data,
        open_run,
        tables,
        train,
    )

__all__ = [
    "build_towers",
    "compare",
    "evaluate",
    "experiment",
    "export_run",
    "list_runs",
    "load_data",
    "open_run",
    "tables",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'pdcn' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("pdcn.library"), name)


def __dir__() -> list[str]:
    return __all__
