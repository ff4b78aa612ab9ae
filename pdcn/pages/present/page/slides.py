"""The six slides, each of one picture and few words. Every text is escaped: a run may come from anybody."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from math import ceil
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.decision.price import Price, seconds
from pdcn.decision.sheet import Sheet
from pdcn.decision.words import ALL_FINISHED
from pdcn.evaluation.causes import conclusion
from pdcn.inert import LONGEST_TEXT, short
from pdcn.jobs.analysis import Tables
from pdcn.pages.present import LISTS
from pdcn.pages.present import words as say
from pdcn.pages.present.figures import in_a_room, large_tower
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed
from pdcn.shell.cost import plans_of
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.recall import recall_figure, several_seeds
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.figures.theme import ink
from pdcn.shell.shown_run import curves_of, text_colour
from pdcn.sources import speech_of
from pdcn.tasks import task_named
from pdcn.wirings import WIRINGS
from pdcn.words import capital, micro, rank_words, span, spoken

LONG = 90
"""Letters from which a heading is set smaller."""
ONE_LINE, SMALL_LINE, LINE = 55, 110, 95
"""Letters that a line of a large heading holds, of small text, and of text below a heading, at least."""
CURVE, LEAST_CURVE = 460, 220
"""Pixels of the curve's height below a heading of one large line or two smaller ones, above two lines of text; and
the least, from which the slide is scrolled."""
WHISKER, WHISKER_ROOM = 60, 110
"""Pixels of a difference with its interval, and of the axis below all of them."""
STILL = {"staticPlot": True, "displayModeBar": False}
"""A picture for a room has nothing to point at."""


def draw_slide(name: str, folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """Draw the slide of that name, its figures on a stage that is so much larger than 1,280 by 720 pixels."""
    slides: dict[str, Callable[[RunFolder, Sheet, float], None]] = {
        "question": _question,
        "lists": _lists,
        "curve": _curve,
        "why": _why,
        "cost": _cost,
        "decision": _decision,
    }
    slides[name](folder, sheet, scale)


def plain(text: object) -> str:
    """Any text within the HTML of a slide."""
    return escape(short(text, LONGEST_TEXT))


def _said(heading: str, *below: str, small: tuple[str, ...] = (), kind: str = "") -> None:
    """A heading, paragraphs below it, and what is said in small, which is still large enough for a room."""
    parts = [f"<p>{plain(text)}</p>" for text in below if text] + [f"<small>{plain(text)}</small>" for text in small]
    long = ' class="long"' if len(heading) > LONG else ""
    st.html(f'<div class="pr {kind}"><h1{long}>{plain(heading)}</h1>{"".join(parts)}</div>')


def _picture(figure: Any, key: str, place: Any = st) -> None:
    """A figure that is looked at from the back of a room."""
    place.plotly_chart(figure, key=key, config=STILL)


def _question(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """What is asked, and both towers."""
    _said(sheet.question)
    plans, arms = plans_of(folder), [arm for arm in (sheet.against, sheet.arm) if arm]
    drawn = [arm for arm in arms if arm in plans]
    for column, arm in zip(st.columns(max(1, len(drawn)), gap="medium"), drawn, strict=False):
        figure = large_tower(next(iter(plans[arm].values())), capital(spoken(arm)), text_colour(), 430, scale)
        _picture(figure, f"room-tower-{arm}", column)
    st.html(
        '<div class="pr">'
        + "".join(
            f"<small>{plain(say.READS(arm=capital(spoken(arm)), what=WIRINGS[arm].words))}</small>"
            for arm in drawn
            if arm in WIRINGS
        )
        + "</div>"
    )


def _lists(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """What both models name for one shopper."""
    arms = (sheet.arm, sheet.against)
    why_not = _no_lists(folder, arms)
    if why_not:
        _said(say.SLIDES["lists"], why_not)
        return
    found = analysed(folder, LISTS, left=arms[0], right=arms[1])
    if found is not None:
        _show_lists(found, arms)


def _no_lists(folder: RunFolder, arms: tuple[str, str]) -> str:
    """Why a run has no two lists to show; nothing where it has."""
    if not folder.trained:
        return say.NO_WEIGHTS
    if not {*arms} <= {*folder.trained}:
        return say.NO_LISTS_OF_ONE
    return "" if folder.seeds_of(*arms) else say.NO_SHARED_SEED


def _show_lists(found: Tables, arms: tuple[str, str]) -> None:
    (event,), lists = found["event"].to_dict("records"), found["lists"]
    left, right = map(spoken, arms)
    asked = {name: event[name] for name in ("who", "did", "thing")}
    ranks = [rank_words(event[side]) for side in ("left_rank", "right_rank")]
    told = (
        say.RANKS_ALIKE(rank=ranks[0])
        if ranks[0] == ranks[1]
        else say.RANKS(left=capital(left), left_rank=ranks[0], right=right, right_rank=ranks[1])
    )
    rule = (
        (say.CHOSEN_OF_SOME if event.get("sampled") else say.CHOSEN_BY_RULE)(
            thing=event["thing"],
            listed=event["listed"],
            ahead=left if event["left_rank"] < event["right_rank"] else right,
            events=f"{event['events']:,}",
            left=left,
            left_share=f"{event['left_ahead']:.0%}",
            right=right,
            right_share=f"{event['right_ahead']:.0%}",
        )
        if event["apart"]
        else say.NEVER_APART(thing=event["thing"], listed=event["listed"])
    )
    who = say.WHO(date=event["when"], count=f"{event['items']:,}", **asked)
    st.html(f'<div class="pr"><h1 class="long">{plain(who)} {plain(told)}</h1><small>{plain(rule)}</small></div>')
    for column, arm in zip(st.columns(2, gap="medium"), arms, strict=True):
        own = lists[lists["arm"] == arm]
        column.html(_list(own, spoken(arm), ink(arm, arms).colour, str(event["chosen"])))
    st.html(f'<div class="pr"><small>{plain(say.MARKS)}</small></div>')


def _list(rows: pd.DataFrame, name: str, colour: str, chosen: str) -> str:
    """One model's list as a table."""
    lines = []
    for row in rows.to_dict("records"):
        tag = f"<b>{plain(chosen)}</b>" if row["true"] else ""
        lines.append(
            f'<tr{" class=true" if row["true"] else ""}><td class="n">{rank_words(row["place"])}</td>'
            f'<td class="m">{"" if row["further"] else "○" if row["both"] else "●"}</td><td>{tag}{plain(row["name"])} '
            f"<i>{plain(row['features'])}</i></td></tr>"
        )
    style = f' style="--arm:{colour}"'
    return f'<div class="pr pr-list"{style}><h2>{plain(capital(name))}</h2><table>{"".join(lines)}</table></div>'


def _curve(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """The claim, what speaks against it, and recall at every K."""
    curves = curves_of(folder)
    if not len(curves):
        _whiskers(sheet, scale)
        return
    _said(sheet.verdict, sheet.caution)
    label = task_named(folder.experiment.task).kinds[0].label
    thing = speech_of(folder.experiment.data.source).thing
    bands = say.BANDS if several_seeds(curves) else ""
    below = " ".join(filter(None, (say.HIGHER(thing=thing), bands, sheet.how_sure[0])))
    height = curve_height(sheet.verdict, below, sheet.caution)
    figure = in_a_room(recall_figure(curves, text=text_colour(), label=label), height, text_colour(), scale)
    _picture(figure, "room-curve")
    st.html(f'<div class="pr"><small>{plain(below)}</small></div>')


def _whiskers(sheet: Sheet, scale: float) -> None:
    """The claim, what speaks against it, and every arm's difference with its interval, where nothing goes by K."""
    judged = [c for c in sheet.compared if c.verdict not in ("too few seeds", "too short")]
    if not judged or sheet.metric is None:
        _said(sheet.verdict, sheet.caution, say.NO_CURVE, small=sheet.how_sure[:1])
        return
    _said(sheet.verdict, sheet.caution)
    rows = pd.DataFrame([{**vars(c), "label": capital(spoken(c.arm))} for c in judged])
    name = say.AGAINST(metric=capital(str(sheet.metric)), against=spoken(sheet.against))
    figure = forest_figure(rows, key="room-forest", points=sheet.metric.unit == "points", name=name)
    below = f"{say.WHISKERS} {sheet.how_sure[0]}"
    height = min(curve_height(sheet.verdict, below, sheet.caution), WHISKER_ROOM + WHISKER * len(rows))
    _picture(in_a_room(figure, height, text_colour(), scale), "room-forest")
    st.html(f'<div class="pr"><small>{plain(below)}</small></div>')


def curve_height(heading: str, below: str, caution: str = "") -> int:
    """Pixels of a curve's height that leave room for all that is said above and below it.

    >>> curve_height("Parallel is better.", "One line."), curve_height("Parallel is better.", "word " * 80)
    (460, 400)
    >>> curve_height("Parallel is better.", "One line.", "Not finished.")
    420
    """
    further = 30 * max(0, ceil(len(below) / SMALL_LINE) - 2)
    larger = 20 if ONE_LINE < len(heading) <= LONG else 0
    cautious = 8 + 32 * ceil(len(caution) / LINE) if caution else 0
    return max(LEAST_CURVE, CURVE - further - larger - cautious)


def _why(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """What the controls say, of this run or of our study; of a run that found no advantage, that first."""
    reason, steps = sheet.reason, sheet.reason.steps
    heading, others = reason.said[0], reason.said[1:]
    if steps and reason.source == "run":
        heading = conclusion(steps)
        others = (sheet.caution, *(said for said in reason.said if not said.startswith(heading)))
    if steps and (sheet.found is None or sheet.found.verdict != "better"):
        heading, others = say.NO_ADVANTAGE(arm=spoken(sheet.arm)), (heading, *others)
    if not steps:
        _said(heading, *others)
        return
    _said(heading, small=tuple(filter(None, others)))
    figure = in_a_room(steps_figure(steps, key="room-steps"), 370, text_colour(), scale)
    _picture(figure, "room-steps")


def _cost(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """What it costs, beside what it finds."""
    arms = [arm for arm in (sheet.arm, sheet.against) if arm]
    heads = "".join(
        f'<th scope="col" style="--arm:{ink(arm, tuple(arms)).colour}">{plain(capital(spoken(arm)))}</th>'
        for arm in arms
    )
    rows = []
    if sheet.metric is not None:
        levels = {arm: sheet.metric.level(level) for arm, level in sheet.levels.items()}
        rows.append(_row(capital(str(sheet.metric)), [levels.get(arm, say.UNKNOWN) for arm in arms]))
    rows += [_row(_name(cost), [_amount(cost, arm) for arm in arms]) for cost in sheet.costs]
    _said(_price(sheet))
    st.html(
        f'<div class="pr pr-cost"><table><thead><tr><th></th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f"<small>{plain(sheet.cost('latency').said)}</small></div>"
    )


def _price(sheet: Sheet) -> str:
    """What a call takes, in one sentence, which says so where it was timed in another run."""
    timed, arm, against = sheet.cost("latency"), spoken(sheet.arm), spoken(sheet.against)
    if not timed.of:
        return say.UNTIMED
    if timed.ratio is None:
        return say.TIMED_APART
    alike = timed.ratio[1] <= 1 <= timed.ratio[2]
    told = {"ratio": f"{timed.ratio[0]:.2f}", "interval": span(*timed.ratio[1:], "{:.2f}".format)}
    if timed.source == "bundled":
        return (say.ALIKE_THERE if alike else say.TIMES_THERE)(arm=arm, against=against, **told)
    return (say.ALIKE if alike else say.TIMES)(arm=arm, against=against, **told)


def _name(cost: Price) -> str:
    """What a row of costs is called; of times out of another run, whose they are."""
    return say.TIME_THERE if cost.source == "bundled" else say.COSTS[cost.kind]


def _row(name: str, values: list[str]) -> str:
    return f'<tr><th scope="row">{plain(name)}</th>{"".join(f"<td>{plain(value)}</td>" for value in values)}</tr>'


def _amount(cost: Price, arm: str) -> str:
    """What something costs in an arm, in its unit."""
    if arm not in cost.of:
        return say.UNKNOWN
    if cost.kind == "latency":
        return micro(cost.of[arm])
    return seconds(cost.of[arm]) if cost.kind == "training" else f"{cost.of[arm]:,.0f}"


def _decision(folder: RunFolder, sheet: Sheet, scale: float) -> None:
    """What to do, what it rests on, and what would settle it; that all is well takes no words."""
    _said(
        sheet.decision.said,
        sheet.decision.doubt,
        say.NEXT(what=sheet.settle.said),
        small=tuple(one for one in sheet.how_sure if one != ALL_FINISHED),
        kind="pr-decision",
    )
