"""The Retrieve page: one query, the lists of two arms side by side, and why they differ."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.pages.retrieve.page.cards import CSS, ItemWords, Line, list_html, query_html, rank_words
from pdcn.pages.retrieve.page.query_editor import edited_query
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.pages.retrieve.page.walk import controls, how_typical, where
from pdcn.pages.retrieve.page.why import show_why
from pdcn.pages.retrieve.work.disagreement import Which
from pdcn.shell.analysis_view import arm_pair, run_inside, take_csv
from pdcn.shell.figures.theme import ink
from pdcn.shell.frame import says_errors
from pdcn.sources.base import Speech
from pdcn.sources.schema import spoken_time
from pdcn.words import capital, plural, spoken

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import Answer, Query


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("retrieve", "One query, two lists")
    if folder is None:
        return
    st.html(CSS)
    scene = Scene.of(folder, arm_pair(folder))
    if not scene.seeds:
        st.info(
            "These two arms have no seed in common, so no two lists can be put side by side. Choose another pair, or "
            "another run on the Runs page.",
            icon=":material/info:",
        )
        return
    _story(scene, *controls(scene))


def _story(scene: Scene, event: int, which: Which, seed: int, length: int) -> None:
    """The query in words, the lists, and why they differ."""
    from pdcn.pages.retrieve.work.retrieval import Query, chosen_together, places

    dataset, room, row = scene.dataset, bool(st.session_state.get("room")), scene.dataset.bounds[1] + event
    real = Query.of(dataset, row)
    query = edited_query(dataset.queries, real, event) if st.session_state.get("by_hand") else real
    made_up, item = bool(query.changed(real, dataset.queries)), int(dataset.positive[row])
    st.caption(f"It started from test event {event + 1:,}." if made_up else where(scene, event, which))
    counts = dataset.counts.astype(np.float32)
    counts[real.had] = -1
    popular = float(places(counts)[item])
    kind = "rt rt-room" if room else "rt"
    st.html(
        f'<div class="{kind}">{_asked(scene, row, query, real)}{_chosen(scene, item, popular, made_up=made_up)}</div>'
    )
    answers = {arm: scene.retriever(arm, seed).answer(query) for arm in scene.arms}
    tops = {arm: answer.top(length)["item"].tolist() for arm, answer in answers.items()}
    together = set() if made_up else set(chosen_together(dataset, row).tolist())
    for column, arm in zip(st.columns(len(scene.arms), gap="medium"), scene.arms, strict=True):
        other = next((one for one in scene.arms if one != arm), None)
        own, theirs = (answers[arm], tops[arm]), (answers[other], tops[other]) if other else None
        lines = lines_of(scene.speech, own, theirs, item, together, made_up=made_up)
        kept = {} if made_up else scene.every_seed(arm, event)
        head = _head(scene, arm, seed, length, float(answers[arm].rank[item]), kept, made_up=made_up)
        body = list_html(lines, ItemWords(dataset), against=spoken(other) if other else "")
        column.html(f'<div class="{kind}" style="--arm:{ink(arm, scene.arms).colour}">{head}{body}</div>')
    if len(tops) > 1:
        _common(*(tops[arm] for arm in scene.arms), kind=kind)
        if not room and scene.walk:
            st.caption(how_typical(scene))
    if not room:
        names = pd.Series(dataset.item_names)
        if dataset.leave_out:
            had = plural(len(real.had), scene.speech.thing)
            st.caption(f"{capital(scene.speech.chosen)} before, so left out of the lists: {had}.")
        whole = pd.concat([answers[arm].top(length).assign(arm=arm, seed=seed) for arm in scene.arms])
        take_csv(whole.assign(event=event + 1, name=whole["item"].map(names)), "lists", "These lists as CSV")
    items = list(dict.fromkeys([item, *(one for top in tops.values() for one in top)]))
    show_why(scene, event, seed, query, items, room=room)


def _asked(scene: Scene, row: int, query: Query, real: Query) -> str:
    """The query in words."""
    speech, count, changed = scene.speech, len(scene.dataset.items), query.changed(real, scene.dataset.queries)
    date = spoken_time(int(scene.dataset.when[row]), scene.dataset.zone)
    asked = (
        f"A made-up query. Which of {count:,} {speech.thing}s would each model put first?"
        if changed
        else f"On {date}, {speech.who} {speech.did} one of {count:,} {speech.thing}s. Which one?"
    )
    shown = query_html(query.table(scene.dataset.queries), scene.steady, changed)
    return f'<div class="rt-ask">{escape(asked)}</div>{shown}'


def _chosen(scene: Scene, item: int, popular: float, *, made_up: bool) -> str:
    """What was really chosen."""
    speech, words = scene.speech, ItemWords(scene.dataset)
    name = f"<b>{escape(words.name(item))}</b>"
    if made_up:
        return (
            f'<div class="rt-was">Nobody asked this, so no {speech.thing} is right. Followed below: {name}, '
            f"{speech.chosen} at the real event.</div>"
        )
    return (
        f'<div class="rt-was">{speech.chosen.capitalize()}: {name} <small>{escape(words.features(item))} · rank '
        f"{rank_words(popular)} of {len(scene.dataset.items):,} by popularity alone</small></div>"
    )


def _head(scene: Scene, arm: str, seed: int, length: int, rank: float, kept: dict[int, float], *, made_up: bool) -> str:
    """Above a list: the arm, where it has the item, and how lucky this training was (`kept`, ranks by seed)."""
    speech, count = scene.speech, len(scene.dataset.items)
    luck = f"this list is one training, seed {seed}"
    if len(kept) > 1:
        hits, ranks = sum(one < length for one in kept.values()), ", ".join(map(rank_words, kept.values()))
        luck = f"in the top {length} of {hits} of {len(kept)} trainings: ranks {ranks}; this list is seed {seed}"
    return (
        f'<div class="rt-head"><div class="rt-arm">{escape(spoken(arm))}</div>'
        f'<div class="rt-place">the {speech.thing} {"followed" if made_up else speech.chosen}: '
        f"rank <b>{rank_words(rank)}</b> of {count:,}</div>"
        f'<div class="rt-luck">{luck}</div></div>'
    )


def lines_of(
    speech: Speech,
    own: tuple[Answer, list[int]],
    theirs: tuple[Answer, list[int]] | None,
    item: int,
    together: set[int],
    *,
    made_up: bool,
) -> list[Line]:
    """The lines of an arm's list, beside the other arm's; the true item stands at the end where it is further down."""
    answer, top = own
    other, other_top = theirs or (None, [])
    lines = []
    for one in top if item in top else [*top, item]:
        tag = f"also {speech.chosen}" if one in together else ""
        if one == item:
            tag = f"{speech.chosen} at the real event" if made_up else speech.chosen
        mark = "" if other is None or one not in top else "both" if one in other_top else "only"
        rank, score = float(answer.rank[one]), float(answer.score[one])
        there = None if other is None else float(other.rank[one])
        true, after_gap = one == item and not made_up, one not in top
        lines.append(Line(rank, one, score, mark, there, tag, true=true, after_gap=after_gap))
    return lines


def _common(left: list[int], right: list[int], *, kind: str) -> None:
    """How much the lists have in common, and what the marks mean."""
    both = len(set(left) & set(right))
    st.html(
        f'<div class="{kind}"><div class="rt-key"><b>{both} of {len(left)} in both lists.</b> ○ in both · ● in this '
        "list only · the number after a name is its rank in the other model.</div></div>"
    )
