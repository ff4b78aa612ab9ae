"""Whose turn it is: sessions with waiting runs take turns, each with its oldest, so that nobody waits for all of one's.

A session joins the end of the row when its oldest run begins to wait, and goes there again when one of its runs is
begun. Knows nothing but names and times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Waiting:
    """A run that waits, the session that asked for it, and when, in seconds since 1970."""

    run: str
    session: str
    since: float


def in_turn(waiting: Iterable[Waiting], begun: Mapping[str, float]) -> list[str]:
    """The waiting runs in the order in which they begin; `begun` says when a session last had one begun.

    >>> a, b = [Waiting(f"a{n}", "A", n) for n in range(3)], [Waiting(f"b{n}", "B", 10 + n) for n in range(2)]
    >>> in_turn([*a, *b], {})
    ['a0', 'b0', 'a1', 'b1', 'a2']
    >>> in_turn([*a[1:], *b], {"A": 20.0})
    ['b0', 'a1', 'b1', 'a2']
    """
    own: dict[str, list[Waiting]] = {}
    for one in sorted(waiting, key=lambda one: (one.since, one.run)):
        own.setdefault(one.session, []).append(one)
    place: dict[str, tuple[float, float]] = {
        session: (max(begun.get(session, 0.0), runs[0].since), 0.0) for session, runs in own.items()
    }
    found, turns = [], count(1.0)
    while own:
        session = min(own, key=lambda session: (place[session], own[session][0].since, own[session][0].run))
        found.append(own[session].pop(0).run)
        place[session] = float("inf"), next(turns)
        if not own[session]:
            del own[session]
    return found
