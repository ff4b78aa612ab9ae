"""Everything a person can choose, once: default, range, label and help of each setting.

Widgets, command-line options and URL keys follow from these models (`pdcn.dials`), which are
validated here, written to `experiment.json` and hashed into a run's identity.

>>> Experiment().arms
('parallel', 'sequential')
>>> Experiment.from_json(Experiment().to_json()) == Experiment()
True
"""

from __future__ import annotations

from pdcn.config.experiment import FEWEST_SETS, Experiment, set_of, sets_of
from pdcn.config.fairness import TOLERANCE, Fairness
from pdcn.config.network import Moved, Network
from pdcn.config.outcomes import Outcomes
from pdcn.config.ranking import RankingSettings
from pdcn.config.tasks import ASKED, JOINT, RANKING, RETRIEVAL, TWO_TOWERS, TaskSaid, offered
from pdcn.config.training import Training

__all__ = (
    "ASKED",
    "FEWEST_SETS",
    "JOINT",
    "RANKING",
    "RETRIEVAL",
    "TOLERANCE",
    "TWO_TOWERS",
    "Experiment",
    "Fairness",
    "Moved",
    "Network",
    "Outcomes",
    "RankingSettings",
    "TaskSaid",
    "Training",
    "offered",
    "set_of",
    "sets_of",
)
