"""One shopper and one product on their way through both towers."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.files import SHOWCASE
from pdcn.glossary import TERMS
from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.story import words as say
from pdcn.pages.story.figures import first_values, followed_tower, told
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import PARAMETER
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import from_list, labelled, one_of
from pdcn.shell.parts import explaining, remark, unfolded, words_here
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import text_colour
from pdcn.shell.terms import with_terms
from pdcn.sources.spoken import NOTHING

ARMS = ("sequential", "parallel")
FACTS = 9
"""Fields that are said of the shopper."""
FOLLOWED = "Cross 1"
"""The block whose equation is told until another one is chosen: what this is all about."""


def show_shopper(tables: Tables) -> None:
    """The event in words beside both towers, and every number folded."""
    (event,), outcome = tables["event"].to_dict("records"), tables["outcome"].set_index("arm")
    ahead = say.AHEAD[str(outcome["rank"].idxmin())]
    words_of, left, right = st.columns([2, 3, 3], gap="medium")
    with words_of:
        st.header(say.SHOPPER, anchor=False)
        st.markdown(with_terms(say.ASKED(**_asked(event))))
        st.markdown(with_terms(say.KNOWN(facts=_facts(tables["fields"]))))
        ranks = {arm: f"{outcome['rank'][arm] + 1:,.0f}" for arm in ARMS}
        st.markdown(with_terms(say.RANKS(**ranks)))
        shares = {side: f"{event[side]:.0%}" for side in ("left", "right")}
        remark(say.TYPICAL(ahead=ahead, thing=event["thing"], events=f"{event['events']:,}", **shares))
        side = labelled(
            key="story_side",
            unseen=partial(one_of, say.SIDE, [*say.SIDES], told=True),
            seen=partial(
                st.segmented_control,
                say.SIDE,
                [*say.SIDES],
                required=True,
                format_func=say.SIDES.get,
                help=with_picture(TERMS["tower"]),
            ),
        )
        plans = RunFolder(SHOWCASE).towers or {}
        names = _named(plans["sequential"]["plan"]["query"], tables["blocks"])
        options = [*dict.fromkeys(names)]
        block = from_list(say.LOOK_AT, options, key="story_block", index=options.index(FOLLOWED))
        st.page_link(
            way_to("retrieve"),
            label=say.MORE_SHOPPERS,
            icon=":material/arrow_forward:",
            query_params={PARAMETER: SHOWCASE.name, "event": str(event["event"] + 1)},
        )
    blocks = tables["blocks"].assign(called=names)
    blocks = blocks[blocks["side"] == side]
    for column, arm in zip((left, right), ARMS, strict=True):
        own = blocks[blocks["arm"] == arm]
        figure = followed_tower(plans[arm]["plan"][side], own, say.TOWERS[arm], text_colour())
        column.plotly_chart(figure, key=f"story-{arm}-{side}", config={"displayModeBar": False})
        found = own[own["called"] == block].to_dict("records")
        column.markdown(
            with_terms(say.CHOSEN(name=block, **told(found[0], own)) if found else say.NO_SUCH_BLOCK(name=block))
        )
    scores = {arm: f"{outcome['score'][arm]:.2f}" for arm in ARMS}
    width = int(blocks[blocks["point"] == "head"]["out"].iloc[0])
    st.caption(f"{with_terms(say.READ)} {with_terms(say.MEET(width=width, thing=event['thing'], **scores))}")

    def inside() -> None:
        _numbers(blocks)
        st.markdown(with_terms(say.SHOWCASE(ahead=ahead, thing=event["thing"], listed=event["listed"])))
        st.markdown(with_terms(say.ITS_DATA))

    unfolded("story-numbers", say.NUMBERS, inside)
    words_here(
        "tower", "embedding", "cross layer", "deep network", "dense parameters", "recall", "95% interval", "seed"
    )


def _named(plan: dict[str, Any], blocks: pd.DataFrame) -> list[str]:
    """The names of blocks as the diagrams have them, from the bottom to the top."""
    ends = {point: plan[point]["name"] for point in ("embedding", "head")}
    return [ends.get(point, name) for point, name in zip(blocks["point"], blocks["name"], strict=True)]


def _asked(event: dict[Any, Any]) -> dict[str, str]:
    name = words(str(event["item"]).partition(" — ")[0].partition(" · ")[0])
    said = {key: event[key] for key in ("who", "did", "thing")}
    return {"date": words(event["when"]), "item": name, "count": f"{event['items']:,}", **said}


def _facts(fields: pd.DataFrame) -> str:
    """The first fields that say something of the shopper, past the name that nobody knows it by."""
    own = fields[(fields["side"] == "query") & ~fields["value"].isin([*NOTHING.values()])].iloc[1 : FACTS + 1]
    return ", ".join(
        say.FACT(label=words(label.lower()), value=words(value)) if not value.startswith(label) else words(value)
        for label, value in zip(own["label"], own["value"], strict=True)
    )


def _numbers(blocks: pd.DataFrame) -> None:
    """Every block of both towers as a table."""
    total = blocks.groupby("arm")["parameters"].transform("sum")
    table = blocks.assign(
        wiring=blocks["arm"],
        said=blocks["kind"].map(lambda kind: say.EQUATIONS[kind]),
        share=100 * blocks["parameters"] / total,
        first=blocks["values"].map(first_values),
    )[[*say.COLUMNS]]
    look = {name: st.column_config.Column(label) for name, label in say.COLUMNS.items()}
    look["share"] = st.column_config.NumberColumn(say.COLUMNS["share"], format="%.0f%%")
    look["parameters"] = st.column_config.NumberColumn(say.COLUMNS["parameters"], format="localized")
    st.dataframe(table, hide_index=True, column_config=explaining(table, look))
