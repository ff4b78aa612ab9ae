"""Which training made a run: a number that grows whenever equal settings come to train otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pdcn.training import words as say

VERSION = 3
"""1: the learning rate of the first step was 0, validation was recall@100 in every catalogue, and of equal checks the
earliest was kept. 2: the warm-up begins above 0, validation fits the catalogue, and the latest of equal checks is kept.
3: validation is the mean over users, as the verdict is, over twice as many events, and weight decay leaves biases,
layer norms and the temperature alone.
"""


def made_otherwise(record: Mapping[str, Any]) -> str:
    """A sentence for whoever trains the same settings again, where another version made the record; else nothing.

    Records from before the version was kept are of the first.

    >>> made_otherwise({"training": VERSION})
    ''
    >>> made_otherwise({})
    'This was trained with version 1 of the training; version 3 gives somewhat different numbers for the same settings.'
    """
    version = record.get("training", 1)
    return "" if version == VERSION else say.MADE_OTHERWISE(version=version, now=VERSION)
