"""Which wirings there are: how a cross network and a deep network (MLP) can be joined. Knows no torch."""

from __future__ import annotations

import types
from collections.abc import Mapping

from pdcn.inert import quoted
from pdcn.settings import SettingError

WIRINGS: Mapping[str, str] = types.MappingProxyType(
    {
        "parallel": "cross beside deep on the same input, outputs concatenated",
        "parallel_sum": "cross beside deep, outputs summed",
        "parallel_gated": "cross beside deep, outputs mixed by a learned gate",
        "sequential": "cross first, deep on its output",
        "stacked_parallel": "deep on the cross output, beside a second deep on the input",
        "deep_only": "deep alone, no crosses",
        "cross_only": "crosses alone, no deep network",
        "deep_then_cross": "deep first, crosses of its output with the input",
    }
)
"""Every wiring by name, with its explanation; `pdcn.nn.towers` holds one class for each."""


def wirings(arm: str) -> tuple[str, str]:
    """Wiring of the query tower and of the item tower of an arm.

    >>> wirings("parallel"), wirings("parallel-sequential")
    (('parallel', 'parallel'), ('parallel', 'sequential'))
    """
    query, hyphen, item = arm.partition("-")
    item = item if hyphen else query
    for name in (query, item):
        if name not in WIRINGS:
            raise SettingError(f"expected an arm made of {', '.join(WIRINGS)}; got {quoted(arm)}")
    return query, item
