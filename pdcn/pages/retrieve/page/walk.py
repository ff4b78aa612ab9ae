"""From event to event: the next disagreement, any event at random, or one by its number."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdcn.inert import code
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.pages.retrieve.work.disagreement import Which, opening
from pdcn.settings import whole_number
from pdcn.shell.address import keep
from pdcn.shell.inputs import from_list, number_input
from pdcn.words import spoken

LENGTHS = (5, 10, 20, 50)
OPENING_K = 10
"""The page opens with an event whose true item every arm and seed has in its top 10: it favours none."""
EXTREME, LARGEST = 0.1, 100
"""Share of the disagreements that are called extremes; how many are counted, to say whose wins they are."""


def controls(scene: Scene) -> tuple[int, Which, int, int]:
    """The test event to show, from 0; what is walked through; the seed and the length of the lists."""
    asked = st.query_params.get("event")
    first = opening(scene.ranks, scene.arms, OPENING_K) if scene.ranks is not None else 0
    if asked is not None and not _is_event(asked, scene.events):
        st.info(
            f"The link asks for test event {code(asked)}, but this run's test events are numbered 1 to "
            f"{scene.events:,}. Below is event {first + 1:,}.",
            icon=":material/info:",
        )
    row = st.container(horizontal=True, vertical_alignment="center")
    back, forth, luck = (row.empty() for _ in range(3))
    keep("event", first + 1)
    label, look = f"Test event, 1 to {scene.events:,}", {"width": 150, "label_visibility": "collapsed"}
    number = number_input(row, label, 1, scene.events, first + 1, key="event", **look)
    event, which = int(number) - 1, Which("both")
    row.toggle("Set the fields by hand", key="by_hand", bind="query-params")
    row.toggle("For a room", key="room", bind="query-params", help="Larger type, fewer words.")
    more = row.popover("More", icon=":material/tune:")
    if scene.walk:
        which = from_list(
            "Walk through disagreements",
            list(Which),
            key="walk",
            place=more,
            format_func=partial(_side, scene),
            help="Begins where the arms differ most, over all seeds.",
        )
        _steps(scene, event, which, back, forth, linked=asked is not None)
    luck.button("Random event", icon=":material/shuffle:", key="random", on_click=_random, args=(scene.events,))
    lengths = [k for k in LENGTHS if k <= len(scene.dataset.items)]
    length = from_list("List length", lengths, key="top", place=more, index=1)
    help_ = "Each seed is a training of its own, and has lists of its own."
    seed = from_list("Seed", scene.seeds, key="list_seed", place=more, if_several=True, help=help_)
    return event, which, seed, length


def _is_event(text: str, events: int) -> bool:
    """Whether it is the number of one of so many events."""
    try:
        return 1 <= whole_number(text) <= events
    except ValueError:
        return False


def _side(scene: Scene, which: Which) -> str:
    """What is walked through, in words, which are also the link's."""
    if which == Which.BOTH:
        return "either way"
    return f"{spoken(scene.arms[which == Which.RIGHT])} better"


def _steps(
    scene: Scene, event: int, which: Which, back: DeltaGenerator, forth: DeltaGenerator, *, linked: bool
) -> None:
    """The two buttons of the walk: they go on from an event that the walk or a link led to, else from the largest."""
    assert scene.walk
    walk = scene.walk[0]
    reached = st.session_state.setdefault("walked_to", event if linked else None) == event
    largest = next(iter(walk.orders[which].tolist()), None)
    after = walk.step(event, 1, which) if reached else largest
    before = walk.step(event, -1, which) if reached else None
    back.button(
        "Previous",
        icon=":material/arrow_back:",
        key="previous",
        disabled=before is None,
        on_click=partial(_go, before or 0, walking=True),
    )
    forth.button(
        "Next disagreement",
        icon=":material/arrow_forward:",
        key="next",
        type="primary",
        disabled=after is None,
        on_click=partial(_go, after or 0, walking=True),
    )


def _go(event: int, *, walking: bool) -> None:
    st.session_state["event"] = event + 1
    st.session_state["walked_to"] = event if walking else None


def _random(events: int) -> None:
    _go(int(np.random.default_rng().integers(events)), walking=False)


def where(scene: Scene, event: int, which: Which) -> str:
    """Which disagreement this event is; nothing where there is no walk."""
    if not scene.walk or scene.ranks is None:
        return ""
    if st.session_state.get("walked_to") is None and event == opening(scene.ranks, scene.arms, OPENING_K):
        return (
            "To begin with, an event that every arm and seed finds well, so that it favours none. “Next disagreement” "
            "leads to where they differ most."
        )
    walk = scene.walk[0]
    (place, there), count = walk.place(event, which), len(walk.orders[which])
    among = "" if which == Which.BOTH else f" with {_side(scene, which)}"
    if not there and which == Which.BOTH:
        return "In this event the two arms rank the true item alike, over all seeds."
    if not there:
        return f"This event is none of the {count:,} disagreements{among}."
    extreme = " Chosen for its size: an extreme, not the rule." if place < EXTREME * count else ""
    if extreme and which == Which.BOTH:
        wins = walk.size[walk.orders[which][:LARGEST]] > 0
        left, right = map(spoken, scene.arms)
        extreme += f" Of the {len(wins)} largest, {left} is better in {wins.sum()}, {right} in {(~wins).sum()}."
    return f"**Disagreement {place + 1:,} of {count:,}**{among}, the largest first.{extreme}"


def how_typical(scene: Scene) -> str:
    """How often each arm wins, so that no example is taken for the rule; nothing where there is no walk."""
    if not scene.walk:
        return ""
    table = scene.walk[1]
    whole, seeds = table.iloc[-1], table.iloc[:-1]
    events, (left, right) = int(whole["events"]), map(spoken, scene.arms)
    share = {side: int(whole[side]) / events for side in ("left", "alike", "right")}
    text = (
        f"**How typical is that?** Over all {events:,} test events {left} ranks the true {scene.speech.thing} higher "
        f"in {share['left']:.1%}, {right} in {share['right']:.1%}, alike in {share['alike']:.1%}"
    )
    if len(seeds) > 1:
        span = {
            side: f"{seeds[side].min() / events:.1%} to {seeds[side].max() / events:.1%}" for side in ("left", "right")
        }
        text += f", by the mean over {len(seeds)} seeds; in single seeds {left} {span['left']}, {right} {span['right']}"
    return (
        f"{text}. That counts events, however small the step, and has no interval: whether an arm is better is what "
        "the Compare page answers."
    )
