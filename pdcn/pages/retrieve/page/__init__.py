"""The Retrieve page: one query, the lists of two arms side by side, and why they differ."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdcn.pages.retrieve import words as say
from pdcn.pages.retrieve.page.cards import CSS, Line, list_html, query_html
from pdcn.pages.retrieve.page.query_editor import edited_query
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.pages.retrieve.page.walk import Look, controls, how_typical, where
from pdcn.pages.retrieve.page.why import show_why
from pdcn.shell.analysis_view import arm_pair, run_inside, take_csv
from pdcn.shell.figures.theme import ink
from pdcn.shell.frame import says_errors
from pdcn.shell.parts import lead, measured, remark, unfolded
from pdcn.shell.terms import with_terms
from pdcn.sources.source import Speech
from pdcn.sources.spoken import ItemWords, spoken_time
from pdcn.words import capital, plural, rank_words, spoken

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import Answer


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("retrieve", say.TITLE, towers=False)
    if folder is None:
        return
    st.html(CSS)
    scene = Scene.of(folder, arm_pair(folder))
    if not scene.seeds:
        st.info(say.NO_SHARED_SEED, icon=":material/info:")
        return
    top = st.container()
    _story(scene, top, controls(scene))


def _story(scene: Scene, top: DeltaGenerator, chosen: Look) -> None:
    """The query in words, the lists, and why they differ; the sentence that leads them goes to the `top`."""
    from pdcn.pages.retrieve.work.retrieval import Query, chosen_together, places

    event, seed, length = chosen.event, chosen.seed, chosen.length
    dataset, room, row = scene.dataset, bool(st.session_state.get("room")), scene.row(event)
    real = Query.of(dataset, row)
    query = edited_query(dataset.queries, real, event) if st.session_state.get("by_hand") else real
    made_up, item = bool(query.changed(real, dataset.queries)), int(dataset.positive[row])
    remark(say.STARTED_FROM(event=f"{event + 1:,}") if made_up else where(scene, chosen))
    counts = dataset.counts.astype(np.float32)
    counts[real.had] = -1
    popular = float(places(counts)[item])
    kind = "rt rt-room" if room else "rt"
    asked = _asked(scene, event, made_up=made_up)
    st.html(f'<div class="{kind}">{asked}{_chosen(scene, item, popular, made_up=made_up)}</div>')
    changed = query.changed(real, dataset.queries)
    known = f'<div class="{kind}">{query_html(query.table(dataset.queries), scene.steady, changed)}</div>'
    by_hand = bool(st.session_state.get("by_hand"))
    if by_hand:  # what is being set stays in view
        st.html(known)
    answers = {arm: scene.retriever(arm, seed, other=chosen.other_head).answer(query) for arm in scene.arms}
    tops = {arm: answer.top(length)["item"].tolist() for arm, answer in answers.items()}
    if scene.joint:
        st.caption(with_terms(say.ASKED_ABOUT_ALL))
    if chosen.other_head:
        remark(say.NOT_SERVED(head=scene.heads[1], served=scene.heads[0]))
    with top:
        lead(_lead(scene, {arm: float(answers[arm].rank[item]) for arm in scene.arms}, tops, made_up=made_up))
    together = set() if made_up else set(chosen_together(dataset, row, examples=scene.joint).tolist())
    for column, arm in zip(st.columns(len(scene.arms), gap="medium"), scene.arms, strict=True):
        other = next((one for one in scene.arms if one != arm), None)
        own, theirs = (answers[arm], tops[arm]), (answers[other], tops[other]) if other else None
        lines = lines_of(scene.speech, own, theirs, item, together, made_up=made_up)
        kept = {} if made_up or chosen.other_head else scene.every_seed(arm, event)
        head = _head(scene, arm, seed, length, float(answers[arm].rank[item]), kept, made_up=made_up)
        body = list_html(lines, ItemWords(dataset), against=spoken(other) if other else "")
        column.html(f'<div class="{kind}" style="--arm:{ink(arm, scene.arms).colour}">{head}{body}</div>')
    if len(tops) > 1:
        _common(*(tops[arm] for arm in scene.arms), kind=kind)
    if not by_hand:
        unfolded("retrieve-known", say.KNOWN, st.html, known)
    if not room:
        names = pd.Series(dataset.item_names)
        typical = how_typical(scene) if len(tops) > 1 else []
        if dataset.leave_out:
            had = plural(len(real.had), scene.speech.thing)
            typical.append(say.LEFT_OUT(chosen=capital(scene.speech.chosen), had=had))
        if typical:
            measured(*typical, label=say.TYPICAL)
        whole = pd.concat([answers[arm].top(length).assign(arm=arm, seed=seed) for arm in scene.arms])
        take_csv(whole.assign(event=event + 1, name=whole["item"].map(names)), "lists", say.LISTS_CSV)
    items = list(dict.fromkeys([item, *(one for top in tops.values() for one in top)]))
    show_why(scene, event, seed, query, items, room=room)


def _lead(scene: Scene, rank: dict[str, float], tops: dict[str, list[int]], *, made_up: bool) -> str:
    """Where each model has the item, and how much the lists have in common."""
    known = {"thing": scene.speech.thing, "chosen": say.FOLLOWED if made_up else scene.speech.chosen}
    if len(scene.arms) < 2:
        (arm,) = scene.arms
        count = f"{len(scene.dataset.items):,}"
        return say.LEAD_ONE(arm=capital(spoken(arm)), rank=rank_words(rank[arm]), count=count, **known)
    left, right = scene.arms
    at_left, at_right = rank_words(rank[left]), rank_words(rank[right])
    shared = {**known, "length": len(tops[left]), "both": len({*tops[left]} & {*tops[right]})}
    if at_left == at_right:
        return say.LEAD_SAME(rank=at_left, **shared)
    names = {"left": capital(spoken(left)), "right": spoken(right)}
    return say.LEAD(left_rank=at_left, right_rank=at_right, **names, **shared)


def _asked(scene: Scene, event: int, *, made_up: bool) -> str:
    """What was asked, in a sentence."""
    row, told = scene.row(event), scene.told(event)
    speech, count = scene.speech, f"{len(scene.dataset.items):,}"
    date = spoken_time(int(scene.dataset.when[row]), scene.dataset.zone)
    asked = (
        say.MADE_UP(count=count, thing=speech.thing)
        if made_up
        else say.ASKED(date=date, who=speech.who, did=speech.did, count=count, thing=speech.thing)
    )
    if told and not made_up:
        asked = f"{asked} {say.CAME_OF_IT(surface=told[0], outcome=told[1])}"
    return f'<div class="rt-ask">{escape(asked)}</div>'


def _chosen(scene: Scene, item: int, popular: float, *, made_up: bool) -> str:
    """What was really chosen."""
    speech, words = scene.speech, ItemWords(scene.dataset)
    name = f"<b>{escape(words.name(item))}</b>"
    if made_up:
        return f'<div class="rt-was">{say.NOBODY(thing=speech.thing, item=name, chosen=speech.chosen)}</div>'
    rank = say.CHOSEN(rank=rank_words(popular), count=f"{len(scene.dataset.items):,}")
    was = say.WAS(chosen=speech.chosen.capitalize(), item=name)
    return f'<div class="rt-was">{was} <small>{escape(words.features(item))} · {rank}</small></div>'


def _head(scene: Scene, arm: str, seed: int, length: int, rank: float, kept: dict[int, float], *, made_up: bool) -> str:
    """Above a list: the arm, where it has the item, and how lucky this training was (`kept`, ranks by seed)."""
    speech, count = scene.speech, len(scene.dataset.items)
    luck = say.ONE_TRAINING(seed=seed)
    if len(kept) > 1:
        hits, ranks = sum(one < length for one in kept.values()), ", ".join(map(rank_words, kept.values()))
        luck = say.TRAININGS(length=length, hits=hits, seeds=len(kept), ranks=ranks, seed=seed)
    chosen = say.FOLLOWED if made_up else speech.chosen
    place = say.PLACE(thing=speech.thing, chosen=chosen, rank=f"<b>{rank_words(rank)}</b>", count=f"{count:,}")
    return (
        f'<div class="rt-head"><div class="rt-arm">{escape(spoken(arm))}</div>'
        f'<div class="rt-place">{place}</div>'
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
        tag = say.ALSO(chosen=speech.chosen) if one in together else ""
        if one == item:
            tag = say.AT_THE_EVENT(chosen=speech.chosen) if made_up else speech.chosen
        mark = "" if other is None or one not in top else "both" if one in other_top else "only"
        rank, score = float(answer.rank[one]), float(answer.score[one])
        there = None if other is None else float(other.rank[one])
        true, after_gap = one == item and not made_up, one not in top
        lines.append(Line(rank, one, score, mark, there, tag, true=true, after_gap=after_gap))
    return lines


def _common(left: list[int], right: list[int], *, kind: str) -> None:
    """How much the lists have in common, and what the marks mean."""
    both = say.IN_BOTH(both=len({*left} & {*right}), length=len(left))
    st.html(f'<div class="{kind}"><div class="rt-key">{say.KEY(both=f"<b>{both}</b>")}</div></div>')
