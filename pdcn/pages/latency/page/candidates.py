"""A ranking run: what a candidate costs, against the dot product of two towers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.pages.latency import CANDIDATES
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.candidates import candidates_figure
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, take_csv
from pdcn.shell.cost import plans_of, show_cost
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import explaining, lead, measured
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import capital, listed, spoken


def show_candidates(folder: RunFolder) -> None:
    """How long each way to score the candidates of one request takes; offered where nobody has measured it here."""
    found = analysed(folder, CANDIDATES, offer=say.OFFER_CANDIDATES)
    if found is None:
        show_cost(plans_of(folder), folder.trained)
        return
    rows = found["candidates"]
    top = st.container()
    sizes = sorted((int(size) for size in rows["candidates"].unique()), reverse=True)
    many = one_of(
        say.CANDIDATES,
        sizes,
        key="latency_candidates",
        if_several=True,
        format_func="{:,}".format,
        help=say.CANDIDATES_HELP,
    )
    own = rows[rows["candidates"] == many]
    with top:
        lead(said_of(own))
    _drawn(rows, own)
    take_csv(rows, "latency-candidates")
    about = found["about"].iloc[0]
    where = say.CANDIDATES_TIMED(machine=about["machine"], device=about["device"], torch=about["torch"])
    measured(*say.CANDIDATES_MEASURED, words(where))


def said_of(rows: pd.DataFrame) -> str:
    """What a candidate costs in each arm's network where the query is looked up once, against a dot product."""
    told = []
    for arm, own in rows.groupby("arm", sort=False):
        once_, floor = own.iloc[-1], own.iloc[0]
        many = int(once_["candidates"])
        told.append(
            say.CANDIDATE_OF(
                arm=spoken(str(arm)),
                time=f"{once_['median'] / many:.2g}",
                product=f"{floor['median'] / many:.2g}",
                times=f"{once_['of_floor']:,.0f}",
            )
        )
    return capital(say.CANDIDATE_COSTS(candidates=f"{int(rows['candidates'].iloc[0]):,}", arms=listed(told)))


@once
def _drawn(rows: pd.DataFrame, own: pd.DataFrame) -> None:
    st.plotly_chart(candidates_figure(rows), key="latency-candidates")
    st.caption(with_terms(say.CANDIDATES_CAPTION))
    table = pd.DataFrame(
        {
            say.ARM_COLUMN: [spoken(arm) for arm in own["arm"]],
            say.WAY_COLUMN: own["way"].to_numpy(),
            say.REQUEST_COLUMN: [f"{time:,.0f}" for time in own["median"]],
            say.EACH_COLUMN: [f"{time:.3g}" for time in own["median"] / own["candidates"]],
            say.TIMES_COLUMN: [f"{times:,.1f}" for times in own["of_floor"]],
        }
    )
    st.dataframe(table, hide_index=True, column_config=explaining(table))
