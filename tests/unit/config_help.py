"""An experiment of which no setting is a default that could move under it, for the tests of settings."""

from __future__ import annotations

from pdcn.config import ASKED, Experiment, Fairness, Network, Training
from pdcn.dial import Dial
from pdcn.sources import SOURCES
from pdcn.sources.planted import PlantedData


def home_of(dial: Dial) -> dict[str, str]:
    """Data and task where a dial has something to say, as values of dials; nothing where no data has what it needs."""
    fitting = ({"task": task, "data": source} for source in SOURCES for task in ASKED if dial.fits(source, task))
    return next(fitting, {})


EXPLICIT = Experiment(
    data=PlantedData(
        events=5000,
        items=100,
        users=90,
        fields=4,
        values=5,
        numbers=1,
        order=2,
        crosses=2,
        strength=1.25,
        rank=2,
        nonlinear=0.5,
        noise=0.25,
        data_seed=7,
    ),
    arms=("parallel", "sequential", "parallel-deep_only"),
    network=Network(
        embedding=4,
        cross="mixture",
        cross_layers=3,
        cross_rank=5,
        experts=2,
        gate="sigmoid",
        inner="tanh",
        deep=(16, 8),
        activation="gelu",
        dropout=0.25,
        layer_norm=True,
        head=(12,),
        output=6,
        normalise=False,
    ),
    item_network=Network(
        embedding=3,
        cross="low_rank",
        cross_layers=1,
        cross_rank=2,
        experts=3,
        gate="softmax",
        inner="none",
        deep=(9,),
        activation="relu",
        dropout=0.0,
        layer_norm=False,
        head=(),
        output=6,
        normalise=True,
    ),
    training=Training(
        schedule="cosine",
        epochs=2,
        batch=128,
        learning_rate=0.02,
        weight_decay=0.01,
        warmup=0.2,
        clip=2.0,
        embedding_std=0.1,
        temperature=0.5,
        log_q=False,
        negatives=16,
        evaluations=2,
        patience=3,
    ),
    fairness=Fairness(match="flops", move=("deep", "rank"), tune=3),
    seeds=2,
    seed=11,
    baseline="parallel",
    detect=0.5,
)
