"""Retrieval: one item of the whole catalogue is right for each event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pdcn import glossary
from pdcn.arrays import Ints, Numbers
from pdcn.sources.source import OUTCOMES
from pdcn.tasks import words as say
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.metrics import LARGEST_K, MRR, NDCG, Recall, cuts_of, headline_k, log_cuts
from pdcn.tasks.task import Task, Towers

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.config import Experiment, Training
    from pdcn.nn.model import Model
    from pdcn.sources.dataset import Dataset
    from pdcn.tasks.retrieval.batches import Batch, DeviceData

NDCG_CUTS = (10, 100)
CLEARLY_BELOW = 5
"""Validation watches recall at a K of at most one in so many items."""


class Retrieval(Task):
    """Find the true item among all others: a sampled softmax in training, its rank in the whole catalogue in test."""

    name = "retrieval"
    kinds = (Recall, NDCG, MRR)
    baselines_told: ClassVar[Mapping[str, str]] = {
        "popularity": glossary.POPULARITY,
        "history": glossary.OWN_HISTORY,
        "pure_svd": glossary.PURE_SVD,
        "item_knn": glossary.ITEM_KNN,
        "oracle": glossary.ORACLE,
    }
    floors: ClassVar[Mapping[str, str]] = {
        "popularity": say.BELOW_POPULARITY,
        "history": say.BELOW_HISTORY,
        "item_knn": say.BELOW_WITHOUT_FIELDS,
        "pure_svd": say.BELOW_WITHOUT_FIELDS,
    }

    def under(self, experiment: Experiment) -> Retrieval:
        """Retrieval with several outcomes where the data has some."""
        from pdcn.tasks.retrieval.outcomes import OutcomeRetrieval

        if OUTCOMES not in experiment.offers:
            return self
        return OutcomeRetrieval(experiment.outcomes)

    def metrics(self, items: int) -> tuple[Metric, ...]:
        """Recall as far as the catalogue goes, NDCG and MRR."""
        return (*map(Recall, cuts_of(items)), *map(NDCG, NDCG_CUTS), MRR())

    def headline(self, items: int) -> Metric:
        """Recall at the headline K."""
        return Recall(headline_k(items))

    def watched(self, items: int) -> Metric:
        """Recall at the headline K, or MRR where that K is a large part of the catalogue.

        A list of a fifth of the catalogue holds the item of one event in five by chance alone; of a longer one recall
        comes so close to its ceiling that checks can't be told apart. MRR asks where in the list the item stands.

        >>> [str(Retrieval().watched(items)) for items in (2_726, 101, 60)]
        ['recall@100', 'MRR', 'recall@10']
        """
        k = headline_k(items)
        return Recall(k) if CLEARLY_BELOW * k <= items else MRR()

    def tabled(self, items: int) -> tuple[Metric, ...]:
        """Recall, NDCG@10 and MRR."""
        return (*map(Recall, cuts_of(items)), NDCG(10), MRR())

    def curve(self, items: int) -> tuple[Metric, ...]:
        """Recall at about forty K."""
        return tuple(Recall(int(k)) for k in log_cuts(min(LARGEST_K, items)))

    def assemble(self, data: DeviceData, events: Tensor, uniform: Tensor, training: Training) -> Batch:
        """The events with their candidates; see `assemble_batch`."""
        from pdcn.tasks.retrieval.batches import assemble_batch

        return assemble_batch(data, events, uniform, log_q=training.log_q)

    def loss(self, towers: Towers, data: DeviceData, batch: Batch) -> Tensor:
        """The sampled softmax over the batch's items; with that of every branch where branches have losses of their
        own."""
        from pdcn.tasks.retrieval.loss import sampled_softmax, with_branches

        each = towers.own_losses
        query, items = towers.query(batch.events, each=each) / towers.temperature, towers.item(batch.items, each=each)

        def softmax(query: Tensor, items: Tensor) -> Tensor:
            return sampled_softmax(query, items, batch.log_q, batch.times, batch.own, batch.weight, batch.had)

        return with_branches(*map(softmax, query, items)) if each else softmax(query, items)

    def measure(self, model: Model, data: DeviceData, events: Ints) -> Numbers:
        """The true item's rank; see `pdcn.tasks.retrieval.ranks`."""
        from pdcn.nn.two_tower import two_towers
        from pdcn.tasks.retrieval.ranks import model_ranks

        return model_ranks(two_towers(model), data, events)

    def baselines(self, dataset: Dataset, events: Ints) -> dict[str, Numbers]:
        """Ranks of the one list for everybody, of lists for each user, and of the oracle where there is one."""
        from pdcn.tasks.retrieval.baselines import user_list_ranks
        from pdcn.tasks.retrieval.ranks import oracle_ranks, popularity_ranks

        oracle = {"oracle": oracle_ranks(dataset, events)} if dataset.truth else {}
        return {"popularity": popularity_ranks(dataset, events), **user_list_ranks(dataset, events), **oracle}

    def facts(self, dataset: Dataset, events: Ints) -> dict[str, float]:
        """The share of the events that repeat a pair of user and item of the training part."""
        from pdcn.tasks.retrieval.baselines import repeated

        return {"repeats": repeated(dataset, events)}
