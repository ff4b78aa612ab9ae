"""What if: a block of a cross layer scaled or taken away, and what the metric and one user's list become."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn import glossary
from pdcn.config import JOINT
from pdcn.inert import named, words
from pdcn.pages.crosses import EVERY
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.page.evidence import LayerView, side_fields
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import keep
from pdcn.shell.analysis_view import take_csv, trained_run
from pdcn.shell.inputs import from_list, number_input, number_standing, slider, toggle
from pdcn.shell.parts import remark, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.sources.spoken import field_words
from pdcn.tasks.metric import Metric
from pdcn.words import points, span, spoken

if TYPE_CHECKING:
    from pdcn.pages.crosses.work.scoring import Scored

EVENTS, LISTED = 4_096, 8
ASKED = 4
"""So many fields say who asks."""


@dataclass(frozen=True)
class WhatIf:
    """What is asked: the block of a layer (None: of every layer) that is scaled by a factor, both ways or one, in the
    expert at a place (None: in all there are); and the row of the sample whose list is shown."""

    side: str
    layer: int | None
    expert: int | None
    write: int
    read: int
    factor: float
    ways: bool
    row: int


@dataclass(frozen=True)
class Changed:
    """One arm with and without the edit: the metric, the interval of the difference over users, and two lists of item
    names."""

    intact: float
    difference: float
    low: float
    high: float
    before: list[str]
    after: list[str]
    rank_before: float
    rank_after: float


@st.cache_resource(max_entries=6, show_spinner=say.LOADING, hash_funcs={RunFolder: lambda folder: str(folder.path)})
def scoring_of(folder: RunFolder, arm: str, seed: int, written: float) -> Scored:
    """A model of a run, whose weights were written then, ready to measure its test events again and again."""
    from pdcn.pages.crosses.work.scoring import sampled, scored

    run = trained_run(folder)
    own = deepcopy(run.any_model(arm, seed))  # an edit must not be seen by who asks the run's model meanwhile
    return scored(own, run.data, sampled(run, EVENTS))


def what_if(folder: RunFolder, arms: tuple[str, ...], shown: LayerView, begin: tuple[str, str] | None) -> None:
    """The section: which block, at first `begin`; how much of it is left; what becomes of recall, or of what else a
    run is judged by, and of one list."""
    st.header(say.WHAT_IF, anchor=False)
    side = shown.side
    fields = [field["label"] for field in side_fields(folder, side)]
    first, second = begin or (fields[0], fields[-1])
    keep("what_if_write", first, fields)
    keep("what_if_read", second, fields)
    one, two, three, four = st.columns([2, 2, 2, 2], vertical_alignment="bottom")
    at, at_second = fields.index(first), fields.index(second)
    write = from_list(say.WRITE, fields, key="what_if_write", place=one, index=at, help=say.WRITE_HELP)
    read = from_list(say.READS, fields, key="what_if_read", place=two, index=at_second, help=say.READS_HELP)
    kept: dict[str, Any] = {"format": "%g×", "help": say.KEEP_HELP}
    factor = slider(say.KEEP, 0.0, 3.0, 0.0, 0.25, key="what_if_factor", place=three, **kept)
    with four:
        ways = toggle(say.BOTH_WAYS, value=True, key="what_if_ways")
        layers = toggle(say.ALL_LAYERS, key="what_if_layers")
    seed = folder.experiment.seed
    # loaded outside the threads, where a spinner can be shown
    written = {arm: folder.weights(arm, seed).stat().st_mtime for arm in arms}
    scoring, *_ = [scoring_of(folder, arm, seed, then) for arm, then in written.items()]
    rows, dataset = scoring.events[scoring.asked], scoring.data.dataset
    if st.session_state.get("what_if_event", 1) > len(rows):
        st.session_state["what_if_event"] = len(rows)
    labels = scoring.blocks[side].labels
    names = labels if {write, read} <= {*labels} else fields  # what a run says of its fields may be no longer true
    block = names.index(write), names.index(read)
    expert = None if shown.expert == EVERY else shown.expert - 1
    layer, metric = None if layers else shown.layer, scoring.metric

    def ask(event: float) -> dict[str, Changed]:
        row = int(scoring.asked[int(event) - 1])
        return _found(folder, written, seed, WhatIf(side, layer, expert, *block, factor, ways, row))

    found = ask(number_standing("what_if_event", 1, len(rows), 1))
    both = {"a": named(write), "b": named(read)}
    cross = named(write) if write == read else (say.CROSS_BOTH if ways else say.CROSS_ONE_WAY)(**both)
    for place, arm in zip(st.columns(len(arms), gap="large"), arms, strict=True):
        with place:
            _show_level(arm, found[arm], metric, cross, _kept(factor))
    st.caption(with_terms(say.WHAT_IF_CAPTION(events=len(scoring.events))))

    def inside() -> None:
        number, asked = st.columns([1, 3], vertical_alignment="bottom")
        help_ = (say.EVENT_HELP if side != JOINT else say.CHOSEN_EVENT_HELP)(count=len(rows))
        event = number_input(number, say.EVENT, 1, len(rows), 1, key="what_if_event", help=help_)
        row, found = int(rows[int(event) - 1]), ask(event)
        told = islice(field_words(dataset.queries, row), ASKED)
        who = ", ".join(w if w.startswith(label) else f"{label} {w}" for label, w in told)
        asked.caption(with_terms(words(say.ASKED_BY(who=who))))
        true = dataset.item_names[int(dataset.positive[row])]
        for place, arm in zip(st.columns(len(arms), gap="large"), arms, strict=True):
            with place:
                _show_list(arm, found[arm], true)
        where = say.IN_EVERY_LAYER if layers else say.IN_LAYER(layer=shown.layer + 1)
        if shown.expert != EVERY:
            where = say.OF_EXPERT(where=where, expert=shown.expert)
        known = {
            "seed": seed,
            "cross": cross,
            "how": _kept(factor),
            "where": where,
            "side": side,
            "events": len(scoring.events),
        }
        remark(say.LIST_MARKS)
        remark(say.WHAT_IF_MEASURED(**known))
        take_csv(lambda: _table(found, metric), "what-if")

    unfolded("what-if-list", say.ONE_LIST, inside)


@once
def _found(folder: RunFolder, arms: dict[str, float], seed: int, question: WhatIf) -> dict[str, Changed]:
    """What becomes of each arm, whose weights were written when `arms` says; worked out once for all sessions."""
    scorings = [scoring_of(folder, arm, seed, written) for arm, written in arms.items()]
    with ThreadPoolExecutor(len(arms)) as pool:
        return dict(zip(arms, pool.map(partial(_changed, question), scorings), strict=True))


def _kept(factor: float) -> str:
    return say.TAKEN_AWAY if factor == 0 else say.AS_IT_IS if factor == 1 else say.STRENGTH(factor=factor)


def _table(found: dict[str, Changed], metric: Metric) -> pd.DataFrame:
    """Both lists of every arm, the true item's ranks (from 1) and the metric (shares), a row a place."""
    level = metric.name if metric.k is None else f"{metric.name}_at_{metric.k}"
    return pd.concat(
        pd.DataFrame(
            {
                "arm": arm,
                "place": range(1, len(one.after) + 1),
                "as_it_is": one.before,
                "changed": one.after,
                "rank_as_it_is": one.rank_before + 1,
                "rank_changed": one.rank_after + 1,
                level: one.intact,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
            }
        )
        for arm, one in found.items()
    )


def _changed(question: WhatIf, scoring: Scored) -> Changed:
    from pdcn.evaluation.statistics import paired_interval
    from pdcn.pages.crosses.work.edits import Edit, both_ways
    from pdcn.training.device import one_thread

    one_thread()
    side, row, metric = question.side, question.row, scoring.metric
    block = question.layer, question.write, question.read, question.factor
    edits = both_ways(*block, None, question.expert) if question.ways else (Edit(*block, None, question.expert),)
    measured = scoring.intact, scoring.measured(side, edits)
    user = scoring.data.dataset.user[scoring.events]
    means = np.hstack([metric.by_user([metric], one, user) for one in measured])  # (U, 2)
    found = paired_interval((means[:, 1:] - means[:, :1])[None], resamples=1_000)
    names = scoring.data.dataset.item_names
    lists = [scoring.listed(row, LISTED, one, side, some) for one, some in zip(measured, ((), edits), strict=True)]
    (before, rank_before), (after, rank_after) = (([names[at] for at in items], rank) for items, rank in lists)
    difference, low, high = (float(values[0]) for values in (found.mean, found.low, found.high))
    return Changed(float(means[:, 0].mean()), difference, low, high, before, after, rank_before, rank_after)


def _show_level(arm: str, found: Changed, metric: Metric, cross: str, how: str) -> None:
    meaning = glossary.RECALL if metric.k is not None else glossary.GROUPED_AUC
    st.metric(
        say.METRIC(arm=spoken(arm), metric=metric, cross=cross, how=how),
        f"{found.intact + found.difference:.1%}",
        say.METRIC_CHANGE(difference=points(found.difference), interval=span(found.low, found.high)),
        delta_color="off",
        delta_arrow="off",
        help=with_picture(say.METRIC_HELP(meaning=meaning, level=f"{found.intact:.1%}")),
    )


def _show_list(arm: str, found: Changed, true: str) -> None:
    lines = [f"**{spoken(arm)}**", ""]
    for place, name in enumerate(found.after):
        if name not in found.before:
            mark = "●"
        else:
            moved = found.before.index(name) - place
            mark = "" if moved == 0 else f"▲ {moved}" if moved > 0 else f"▼ {-moved}"
        lines.append(f"{place + 1}. {f'**{words(name)}**' if name == true else words(name)} {mark}".rstrip())
    st.markdown(with_terms("\n".join(lines)))
    before, after = (f"{rank + 1:,.0f}" for rank in (found.rank_before, found.rank_after))
    remark(say.CHOSEN(item=words(true), before=before, after=after))
