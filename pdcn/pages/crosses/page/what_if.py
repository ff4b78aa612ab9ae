"""What if: a block of a cross layer scaled or taken away, and what recall and one user's list become."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.inert import named, words
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import keep
from pdcn.shell.analysis_view import reading, take_csv, trained_run
from pdcn.shell.inputs import from_list, number_input
from pdcn.shell.shown_run import once
from pdcn.sources.spoken import field_words
from pdcn.tasks.retrieval.metrics import Recall, headline_k
from pdcn.words import points, span, spoken

if TYPE_CHECKING:
    from pdcn.pages.crosses.work.scoring import Scoring

EVENTS, LISTED = 4_096, 8
ASKED = 4
"""So many fields say who asks."""


@dataclass(frozen=True)
class WhatIf:
    """What is asked: the block of a layer (None: of every layer) that is scaled by a factor, both ways or one; and the
    row of the sample whose list is shown."""

    side: str
    layer: int | None
    write: int
    read: int
    factor: float
    ways: bool
    row: int


@dataclass(frozen=True)
class Changed:
    """One arm with and without the edit: recall, the interval of the difference over users, and two lists of item
    names."""

    intact: float
    difference: float
    low: float
    high: float
    before: list[str]
    after: list[str]
    rank_before: float
    rank_after: float


@st.cache_resource(
    max_entries=6,
    show_spinner="Loading the models, once: a few seconds.",
    hash_funcs={RunFolder: lambda folder: str(folder.path)},
)
def scoring_of(folder: RunFolder, arm: str, seed: int, written: float) -> Scoring:
    """A model of a run, whose weights were written then, ready to rank a sample of its test events again and again."""
    from pdcn.pages.crosses.work.scoring import Scoring

    run = trained_run(folder)
    own = deepcopy(run.model(arm, seed))  # an edit must not be seen by who asks the run's model meanwhile
    return Scoring(own, run.data, run.data.dataset.events("test", EVENTS))


def what_if(folder: RunFolder, arms: tuple[str, ...], side: str, layer: int, begin: tuple[str, str] | None) -> None:
    """The section: which block, at first `begin`; how much of it is left; what becomes of recall and of one list."""
    st.markdown("#### What if this cross were not there?")
    fields = [f["label"] for f in (folder.profile or {})["fields"] if f["side"] == side]
    first, second = begin or (fields[0], fields[-1])
    keep("what_if_write", first, fields)
    keep("what_if_read", second, fields)
    one, two, three, four = st.columns([2, 2, 2, 2], vertical_alignment="bottom")
    at, help_ = fields.index(first), "Or click a block of the maps above."
    write = from_list("Field (row)", fields, key="what_if_write", place=one, index=at, help=help_)
    read = from_list("reads field (column)", fields, key="what_if_read", place=two, index=fields.index(second))
    factor = three.slider(
        "Keep",
        0.0,
        3.0,
        0.0,
        0.25,
        key="what_if_factor",
        bind="query-params",
        format="%g×",
        help="0 takes the block away, 1 leaves it, 3 makes it three times as strong.",
    )
    with four:
        ways = st.toggle("Both directions", value=True, key="what_if_ways", bind="query-params")
        layers = st.toggle("In every layer", value=False, key="what_if_layers", bind="query-params")
    seed = folder.experiment.seed
    # loaded outside the threads, where a spinner can be shown
    written = {arm: folder.weights(arm, seed).stat().st_mtime for arm in arms}
    scoring, *_ = [scoring_of(folder, arm, seed, then) for arm, then in written.items()]
    rows, dataset = scoring.events, scoring.data.dataset
    if st.session_state.get("what_if_event", 1) > len(rows):
        st.session_state["what_if_event"] = len(rows)
    number, asked = st.columns([1, 3], vertical_alignment="bottom")
    event = number_input(
        number,
        "One user's list: event",
        1,
        len(rows),
        1,
        key="what_if_event",
        help=f"One of {len(rows):,} test events, evenly spaced in time.",
    )
    row = int(rows[int(event) - 1])
    told = islice(field_words(dataset.queries, row), ASKED)
    asked.caption(words("Asked by: " + ", ".join(w if w.startswith(label) else f"{label} {w}" for label, w in told)))

    block = fields.index(write), fields.index(read)
    question = WhatIf(side, None if layers else layer, *block, factor, ways, int(event) - 1)
    found = _found(folder, written, seed, question)
    true, k = dataset.item_names[int(dataset.positive[row])], headline_k(len(dataset.items))
    cross = named(write) if write == read else f"{named(write)} {'×' if ways else 'reading'} {named(read)}"
    for column, arm in zip(st.columns(len(arms), gap="large"), arms, strict=True):
        with column:
            _show(arm, found[arm], k, true, f"{cross} {_kept(factor)}")
    reading(
        f"The seed-{seed} model of each arm on {len(rows):,} test events, as it is and with {cross} {_kept(factor)} "
        f"{'in every layer' if layers else f'in layer {layer + 1}'} of the {side} tower; the interval is over users, "
        "of this one training. ▲ ▼ places moved, ● new in the list, **bold** what was really chosen.",
        "what training without it would give, nor whether another seed says the same: that is the section below.",
    )
    take_csv(lambda: _table(found, k), "what-if")


@once
def _found(folder: RunFolder, arms: dict[str, float], seed: int, question: WhatIf) -> dict[str, Changed]:
    """What becomes of each arm, whose weights were written when `arms` says; worked out once for all sessions."""
    scorings = [scoring_of(folder, arm, seed, written) for arm, written in arms.items()]
    with ThreadPoolExecutor(len(arms)) as pool:
        return dict(zip(arms, pool.map(partial(_changed, question), scorings), strict=True))


def _kept(factor: float) -> str:
    return "taken away" if factor == 0 else "as it is" if factor == 1 else f"at {factor:g} times its strength"


def _table(found: dict[str, Changed], k: int) -> pd.DataFrame:
    """Both lists of every arm, the true item's ranks (from 1) and recall (shares), a row a place."""
    return pd.concat(
        pd.DataFrame(
            {
                "arm": arm,
                "place": range(1, len(one.after) + 1),
                "as_it_is": one.before,
                "changed": one.after,
                "rank_as_it_is": one.rank_before + 1,
                "rank_changed": one.rank_after + 1,
                f"recall_at_{k}": one.intact,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
            }
        )
        for arm, one in found.items()
    )


def _changed(question: WhatIf, scoring: Scoring) -> Changed:
    from pdcn.evaluation.statistics import paired_interval
    from pdcn.pages.crosses.work.edits import Edit, both_ways
    from pdcn.tasks.base import user_mean
    from pdcn.training.device import one_thread

    one_thread()
    side, row = question.side, question.row
    block = question.layer, question.write, question.read, question.factor
    edits = both_ways(*block) if question.ways else (Edit(*block),)
    ranks = scoring.intact, scoring.ranks(side, edits)
    k = headline_k(len(scoring.data.dataset.items))
    user = scoring.data.dataset.user[scoring.events]
    hits = np.stack([Recall(k).values(one) for one in ranks], axis=1).astype(np.float64)
    means = user_mean(hits, user)  # (U, 2)
    found = paired_interval((means[:, 1:] - means[:, :1])[None], resamples=1_000)
    names = scoring.data.dataset.item_names
    before, after = ([names[at] for at in scoring.first(row, LISTED, side, some)] for some in ((), edits))
    difference, low, high = (float(values[0]) for values in (found.mean, found.low, found.high))
    rank_before, rank_after = (float(one[row]) for one in ranks)
    return Changed(float(means[:, 0].mean()), difference, low, high, before, after, rank_before, rank_after)


def _show(arm: str, found: Changed, k: int, true: str, how: str) -> None:
    st.metric(
        f"{spoken(arm)}: recall@{k} with {how}",
        f"{found.intact + found.difference:.1%}",
        f"{points(found.difference)} points {span(found.low, found.high)}",
        delta_color="off",
        delta_arrow="off",
        help=f"As it is: {found.intact:.1%}.",
    )
    lines = []
    for place, name in enumerate(found.after):
        if name not in found.before:
            mark = "●"
        else:
            moved = found.before.index(name) - place
            mark = "" if moved == 0 else f"▲ {moved}" if moved > 0 else f"▼ {-moved}"
        lines.append(f"{place + 1}. {f'**{words(name)}**' if name == true else words(name)} {mark}".rstrip())
    st.markdown("\n".join(lines))
    st.caption(
        f"What was chosen: {words(true)}, at rank {found.rank_before + 1:,.0f} as it is and "
        f"{found.rank_after + 1:,.0f} changed."
    )
