"""From event to event: the next disagreement, any event at random, or one by its number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdcn.arrays import Ints
from pdcn.inert import code, named
from pdcn.pages.retrieve import words as say
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.pages.retrieve.work.disagreement import Which, opening
from pdcn.settings import whole_number
from pdcn.shell.address import keep
from pdcn.shell.inputs import from_list, number_input, toggle
from pdcn.shell.terms import with_terms
from pdcn.words import spoken

LENGTHS = (5, 10, 20, 50)
OPENING_K = 10
"""The page opens with an event whose true item every arm and seed has in its top 10: it favours none."""
EXTREME, LARGEST = 0.1, 100
"""Share of the disagreements that are called extremes; how many are counted, to say whose wins they are."""


@dataclass(frozen=True)
class Look:
    """What the page shows: a test event, from 0, and what is walked through; the seed, the length and the head of the
    lists. `surface` is where the events are that one walks through, "" everywhere."""

    event: int
    which: Which
    seed: int
    length: int
    surface: str = ""
    other_head: bool = False


def controls(scene: Scene) -> Look:
    """What a person chose to see."""
    asked = st.query_params.get("event")
    first = opening(scene.ranks, scene.arms, OPENING_K) if scene.ranks is not None else 0
    if asked is not None and not _is_event(asked, scene.events):
        st.info(
            say.NO_EVENT(asked=code(asked), events=f"{scene.events:,}", first=f"{first + 1:,}"), icon=":material/info:"
        )
    row = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    back, forth, luck = (row.empty() for _ in range(3))
    keep("event", first + 1)
    label = say.EVENT(events=f"{scene.events:,}")
    row.markdown(with_terms(say.NUMBER), width="content")
    look: dict[str, Any] = {"width": 122, "label_visibility": "collapsed", "told": True}
    number = number_input(row, label, 1, scene.events, first + 1, key="event", **look)
    event, which = int(number) - 1, Which("both")
    toggle(say.BY_HAND, key="by_hand", place=row)
    toggle(say.ROOM, key="room", place=row, help=say.ROOM_HELP)
    more = row.popover(say.MORE, icon=":material/tune:")
    surface = ""
    if len(scene.surfaces) > 1:
        surface = from_list(
            say.SURFACE,
            ["", *scene.surfaces],
            key="on_surface",
            place=more,
            format_func=lambda one: named(one) if one else str(say.ANYWHERE),
            help=say.SURFACE_HELP,
        )
    if scene.walk:
        which = from_list(
            say.WALK, list(Which), key="walk", place=more, format_func=partial(_side, scene), help=say.WALK_HELP
        )
        _steps(scene, surface, event, which, back, forth, linked=asked is not None)
    there = np.flatnonzero(scene.at(surface))
    luck.button(say.RANDOM, icon=":material/shuffle:", key="random", on_click=_random, args=(there,))
    lengths = [k for k in LENGTHS if k <= len(scene.dataset.items)]
    length = from_list(say.LENGTH, lengths, key="top", place=more, index=1)
    seed = from_list(say.SEED, scene.seeds, key="list_seed", place=more, if_several=True, help=say.SEED_HELP)
    head = from_list(say.HEAD, scene.heads, key="by_head", place=more, if_several=True, help=say.HEAD_HELP)
    return Look(event, which, seed, length, surface, bool(scene.heads) and head != scene.heads[0])


def _is_event(text: str, events: int) -> bool:
    """Whether it is the number of one of so many events."""
    try:
        return 1 <= whole_number(text) <= events
    except ValueError:
        return False


def _side(scene: Scene, which: Which) -> str:
    """What is walked through, in words, which are also the link's."""
    if which == Which.BOTH:
        return say.EITHER_WAY
    return say.BETTER(arm=spoken(scene.arms[which == Which.RIGHT]))


def _steps(
    scene: Scene, surface: str, event: int, which: Which, back: DeltaGenerator, forth: DeltaGenerator, *, linked: bool
) -> None:
    """The two buttons of the walk: they go on from an event that the walk or a link led to, else from the largest."""
    found = scene.walk_on(surface)
    assert found
    walk = found[0]
    reached = st.session_state.setdefault("walked_to", event if linked else None) == event
    largest = next(iter(walk.orders[which].tolist()), None)
    after = walk.step(event, 1, which) if reached else largest
    before = walk.step(event, -1, which) if reached else None
    back.button(
        say.PREVIOUS,
        icon=":material/arrow_back:",
        key="previous",
        disabled=before is None,
        on_click=partial(_go, before or 0, walking=True),
    )
    forth.button(
        say.NEXT,
        icon=":material/arrow_forward:",
        key="next",
        type="primary",
        disabled=after is None,
        on_click=partial(_go, after or 0, walking=True),
    )


def _go(event: int, *, walking: bool) -> None:
    st.session_state["event"] = event + 1
    st.session_state["walked_to"] = event if walking else None


def _random(events: Ints) -> None:
    _go(int(np.random.default_rng().choice(events)), walking=False)


def where(scene: Scene, chosen: Look) -> str:
    """Which disagreement this event is; nothing where there is no walk."""
    event, which, found = chosen.event, chosen.which, scene.walk_on(chosen.surface)
    if not found or scene.ranks is None:
        return ""
    if st.session_state.get("walked_to") is None and event == opening(scene.ranks, scene.arms, OPENING_K):
        return say.TO_BEGIN_WITH
    walk = found[0]
    (place, there), count = walk.place(event, which), len(walk.orders[which])
    either, side = which == Which.BOTH, _side(scene, which)
    if not there and either:
        return say.ARMS_ALIKE
    if not there:
        return say.NO_DISAGREEMENT_WITH(count=f"{count:,}", side=side)
    at = {"place": f"{place + 1:,}", "count": f"{count:,}"}
    said = [say.DISAGREEMENT(**at) if either else say.DISAGREEMENT_WITH(side=side, **at)]
    if place < EXTREME * count:
        said.append(say.EXTREME)
        if either:
            wins = walk.size[walk.orders[which][:LARGEST]] > 0
            left, right = map(spoken, scene.arms)
            said.append(say.LARGEST(count=len(wins), left=left, wins=wins.sum(), right=right, losses=(~wins).sum()))
    return " ".join(said)


def how_typical(scene: Scene) -> list[str]:
    """How often each arm wins, so that no example is taken for the rule; nothing where there is no walk."""
    if not scene.walk:
        return []
    table = scene.walk[1]
    whole, seeds = table.iloc[-1], table.iloc[:-1]
    events, (left, right) = int(whole["events"]), map(spoken, scene.arms)
    share = {side: f"{int(whole[side]) / events:.1%}" for side in ("left", "alike", "right")}
    said = [
        say.HOW_TYPICAL(
            events=f"{events:,}",
            left=left,
            thing=scene.speech.thing,
            left_share=share["left"],
            right=right,
            right_share=share["right"],
            alike=share["alike"],
        )
    ]
    if len(seeds) > 1:
        span = {
            side: say.SHARES(least=f"{seeds[side].min() / events:.1%}", most=f"{seeds[side].max() / events:.1%}")
            for side in ("left", "right")
        }
        said.append(
            say.BY_SEEDS(seeds=len(seeds), left=left, left_span=span["left"], right=right, right_span=span["right"])
        )
    return [*said, say.COUNTS_ONLY]
