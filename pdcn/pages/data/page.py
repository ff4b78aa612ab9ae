"""The Data page: the data of the run on show, or of a source, in words and distributions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.inert import named, words
from pdcn.pages.data.figures import field_figure, popularity_figure, timeline_figure
from pdcn.settings import SettingError
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.shown_run import about, shown_run
from pdcn.sources import SOURCES, fingerprint, load, speech_of
from pdcn.sources.profile import profile

OF_RUN = "this run's"


@st.cache_data(max_entries=4, show_spinner="Preparing the data once: about ten seconds.")
def profile_of(source: str, content: str) -> dict[str, Any]:
    """The profile of a source with its default settings, as long as its content is the same."""
    return profile(load(SOURCES[source].settings()))


def draw() -> None:
    """Draw the page."""
    st.title("What the towers read", anchor=False)
    folder = shown_run()
    chosen = one_of(
        "Data",
        [OF_RUN, *SOURCES],
        key="data_of",
        help="The data of the run on show, or a source at its default settings.",
    )
    record = folder.profile
    if chosen == OF_RUN:
        st.caption(about(folder))
    else:
        try:
            record = profile_of(chosen, fingerprint(SOURCES[chosen].settings()))
        except SettingError as error:
            st.error(words(error), icon=":material/error:")
            return
    if record is None:
        st.info(
            "This run has not prepared its data yet. Choose a source above, or come back in a moment.",
            icon=":material/hourglass_empty:",
        )
        return
    st.markdown(f"**{named(record['title'])}.** {words(record['note'])}")
    _counts(record)
    _example(record)
    _split(record)
    _fields(record)
    if record["truth"] is not None:
        _truth(record)
    st.caption(f"Content hash {named(record['hash'])}: equal data has an equal hash, on every machine.")


def _counts(record: dict[str, Any]) -> None:
    tested = next(row for row in record["split"] if row["part"] == "test")
    query, item = (sum(field["side"] == side for field in record["fields"]) for side in ("query", "item"))
    kinds = [field["kind"] for field in record["fields"]]
    bags = f", {kinds.count('bag')} with several values each" if "bag" in kinds else ""
    events, items, users, fields = st.columns(4)
    said = f"Queries with the item that was chosen; {tested['events']:,} of them are test events."
    events.metric("events in all parts", f"{record['events']:,}", help=said)
    items.metric("items", f"{record['items']:,}", help="The catalogue that is ranked.")
    said = f"Whom the events belong to; a verdict is about the {tested['users']:,} with test events."
    users.metric("users in all parts", f"{record['users']:,}", help=said)
    said = f"What each tower reads: {kinds.count('category')} of the {query + item} are categories{bags}, the others "
    said += "numbers."
    fields.metric("query + item fields", f"{query} + {item}", help=said)


def _example(record: dict[str, Any]) -> None:
    st.markdown("#### One event, in words")
    examples = record["examples"]
    number = one_of(
        "Example",
        range(len(examples)),
        key="example",
        format_func=lambda at: f"event {examples[at]['event']:,}",
        label_visibility="collapsed",
    )
    example = examples[number]
    speech = speech_of(record["name"])
    zone = "" if "zone" in record else " (UTC)"  # a record from before the zone was kept
    st.markdown(f"On {words(example['when'])}{zone}, {speech.who} {speech.did} **{words(example['item'])}**.")
    titles = {"query": "What the query tower saw, all of it known before the event", "item": "What the item tower saw"}
    for column, (side, title) in zip(st.columns(2), titles.items(), strict=True):
        column.caption(title)
        column.dataframe(pd.DataFrame(example[f"{side}_words"], columns=["field", "value"]), hide_index=True)


def _split(record: dict[str, Any]) -> None:
    st.markdown("#### The split, in time")
    rows = pd.DataFrame(record["split"])
    line, table = st.columns([3, 2])
    line.plotly_chart(timeline_figure(record), key="timeline")
    counts = dict.fromkeys(("events", "users"), st.column_config.NumberColumn(format="localized"))
    table.dataframe(rows, hide_index=True, column_config=counts)
    table.caption(
        "Models learn from the first part, are chosen by the second and judged by the last, which lies in "
        "their future. It does not show whether the future resembles the past."
    )


def _fields(record: dict[str, Any]) -> None:
    st.markdown("#### The fields")
    side = one_of(
        "Side", ["query", "item"], key="field_side", label_visibility="collapsed", format_func=lambda s: f"{s} fields"
    )
    fields = [field for field in record["fields"] if field["side"] == side]
    table = pd.DataFrame(
        [
            {
                "field": f["label"],
                "kind": f"{f['held']:.0f} values a query" if f["kind"] == "bag" else f["kind"],
                "values": f.get("values"),
                "commonest": f["top"][0][0] if f.get("top") else None,
                "unknown": 100 * f["unknown"] if "unknown" in f else None,
            }
            for f in fields
        ]
    )
    left, right = st.columns([3, 2])
    left.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config={
            "values": st.column_config.NumberColumn(format="localized", help="Distinct values of the training part."),
            "unknown": st.column_config.NumberColumn(
                "unknown", format="%.1f%%", help="Share of all events whose value the training part never had."
            ),
        },
    )
    names = {field["label"]: field for field in fields}
    chosen = from_list("Distribution of", list(names), key=f"field_{side}", place=right)
    right.plotly_chart(field_figure(names[chosen]), key=f"distribution-{side}")
    right.caption("Over the training events. A field can be lopsided and still matter; this shows only how often.")
    if side == "item":
        st.plotly_chart(popularity_figure(record), key="popularity")
        st.caption(
            "How much of all choices the most popular items hold: the steeper the rise, the stronger the "
            "popularity baseline. It does not show who chooses them."
        )


def _truth(record: dict[str, Any]) -> None:
    st.markdown("#### What was planted")
    if not record["truth"]:
        st.write("No crosses: a model that only adds fields up misses nothing here.")
        return
    rows = [
        {"side": cross["side"], "cross": " × ".join(cross["fields"]), "strength": cross["strength"]}
        for cross in record["truth"]
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="content",
        column_config={
            "strength": st.column_config.NumberColumn(
                format="%.2f", help="Spread of this cross; the main effects together have 1."
            )
        },
    )
