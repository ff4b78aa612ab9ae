"""The Data page: the data of the run on show, or of a source, in words and distributions."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.dials import assemble, named_data
from pdcn.inert import named, words
from pdcn.pages.data import words as say
from pdcn.pages.data.figures import (
    field_figure,
    held_by_a_tenth,
    outcomes_figure,
    spread_figure,
    timeline_figure,
    value_figure,
)
from pdcn.pages.data.page import own
from pdcn.pages.data.told import in_time
from pdcn.settings import SettingError
from pdcn.shell.inputs import from_list, labelled, one_of
from pdcn.shell.parts import MEASURED, explaining, finding, folded, lead
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import about, shown_run
from pdcn.shell.terms import with_terms
from pdcn.sources import SOURCES, fingerprint, load, source_said, speech_of
from pdcn.sources.profile import profile
from pdcn.sources.source import DataSettings
from pdcn.sources.spoken import said
from pdcn.words import listed

OF_RUN = "this run's"


@st.cache_data(max_entries=4, show_spinner=say.PREPARING)
def profile_of(name: str, content: str) -> dict[str, Any]:
    """The profile of a source with its default settings, or of data by its name, as long as its content is the same."""
    return profile(load(_settings_of(name)))


def _settings_of(name: str) -> DataSettings:
    return SOURCES[name].settings() if name in SOURCES else assemble(named_data(name)).data


def _choices() -> dict[str, str]:
    """What can be chosen, and how it is read: the run's data, sources, imported data by its name, and to bring some."""
    found = {OF_RUN: str(say.OF_RUN)}
    found |= {name: source_said(name) for name, source in SOURCES.items() if source.names is None}
    for source in SOURCES.values():
        if source.names is not None:
            found |= {name: name for name in source.names()} | {source.name: str(say.BRING)}
    return found


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    folder = shown_run()
    line = st.container()
    options = _choices()
    own.chosen_after(OF_RUN, options)
    chosen = labelled(
        key="data_of",
        unseen=partial(one_of, say.SOURCE, [*options], told=True),
        seen=partial(
            st.segmented_control,
            say.SOURCE,
            [*options],
            required=True,
            format_func=options.__getitem__,
            help=with_picture(say.SOURCE_HELP),
        ),
    )
    record = folder.profile
    if chosen == OF_RUN:
        line.caption(about(folder))
    elif chosen in SOURCES and SOURCES[chosen].names is not None:
        own.bring()
        return
    else:
        try:
            if chosen not in SOURCES:
                own.about_it(chosen)
            record = profile_of(chosen, fingerprint(_settings_of(chosen)))
        except SettingError as error:
            st.error(words(error), icon=":material/error:")
            return
    if record is None:
        st.info(say.NOT_PREPARED, icon=":material/hourglass_empty:")
        return
    _split(record)
    _counts(record)
    _measured(record)
    if "outcomes" in record:
        _outcomes(record["outcomes"])
    _example(record)
    _fields(record)
    if record["truth"] is not None:
        _truth(record)


def _heading(text: str) -> None:
    st.markdown(f"## {text}", anchors=False)


def _split(record: dict[str, Any]) -> None:
    events = {row["part"]: f"{row['events']:,}" for row in record["split"]}
    told = say.LEAD if in_time(record) else say.LEAD_OTHERWISE
    lead(told(title=named(record["title"]), train=events["train"], test=events["test"]))
    if record.get("zone", "UTC"):
        st.plotly_chart(timeline_figure(record), key="timeline")


def _counts(record: dict[str, Any]) -> None:
    tested = next(row for row in record["split"] if row["part"] == "test")
    query, item = (sum(field["side"] == side for field in record["fields"]) for side in ("query", "item"))
    kinds = [field["kind"] for field in record["fields"]]
    counted: dict[str, object] = {"fields": query + item, "categories": kinds.count("category")}
    several = say.FIELDS_HELP_BAGS(**counted, bags=kinds.count("bag")) if "bag" in kinds else say.FIELDS_HELP(**counted)
    events, items, users, fields = st.columns(4)
    events.metric(say.EVENTS, f"{record['events']:,}", help=with_picture(say.EVENTS_HELP(test=f"{tested['events']:,}")))
    items.metric(say.ITEMS, f"{record['items']:,}", help=with_picture(say.ITEMS_HELP))
    users.metric(say.USERS, f"{record['users']:,}", help=with_picture(say.USERS_HELP(tested=f"{tested['users']:,}")))
    fields.metric(say.FIELDS_COUNT, f"{query} + {item}", help=with_picture(several))


def _measured(record: dict[str, Any]) -> None:
    source = say.ABOUT(title=named(record["title"]), note=words(record["note"]))
    with folded(MEASURED):
        split = say.SPLIT if in_time(record) else say.SPLIT_OTHERWISE
        for paragraph in (source, split, say.SPLIT_DOES_NOT_SHOW, say.HASH(hash=named(record["hash"]))):
            st.markdown(with_terms(paragraph))
        columns = {
            "part": st.column_config.TextColumn(say.PART),
            "events": st.column_config.NumberColumn(say.PART_EVENTS, format="localized"),
            "users": st.column_config.NumberColumn(say.PART_USERS, format="localized"),
            "from": st.column_config.TextColumn(say.FROM),
            "to": st.column_config.TextColumn(say.TO),
        }
        parts = pd.DataFrame(record["split"])
        st.dataframe(parts, hide_index=True, column_config=explaining(parts, columns))


def _outcomes(told: dict[str, Any]) -> None:
    _heading(say.OUTCOMES)
    totals = [sum(row["counts"][at] for row in told["shares"]) for at in range(len(told["kinds"]))]
    rarest = min((at for at in range(1, len(totals)) if totals[at]), key=lambda at: totals[at])
    found = {"none": f"{totals[0] / sum(totals):.0%}", "share": f"{100 * totals[rarest] / sum(totals):.2f}%"}
    st.markdown(with_terms(say.OUTCOMES_FOUND(kind=words(told["kinds"][rarest]), **found)))
    st.plotly_chart(outcomes_figure(told), key="outcomes")
    st.caption(with_terms(say.OUTCOMES_HOW(surface=words(told["surface"].lower()))))
    alone: dict[str, list[str]] = {}
    for one in told["of_one"]:
        alone.setdefault(one["surface"], []).append(words(one["field"]))
    lines = [say.OF_ONE(surface=words(surface), fields=listed(fields)) for surface, fields in alone.items()]
    st.markdown(with_terms("\n".join(f"- {line}" for line in lines)))
    left, right = st.columns(2)
    with left:
        finding(say.ADVERTISERS_FOUND(share=f"{held_by_a_tenth(told['spread']):.0%}"))
        st.plotly_chart(spread_figure(told["spread"], say.ADVERTISERS_X, say.ADVERTISERS_Y), key="advertisers")
        st.caption(with_terms(say.ADVERTISERS(advertisers=f"{told['advertisers']:,}")))
    with right:
        finding(say.VALUE_FOUND(unit=words(told["value"]["unit"]), cap=f"{told['value']['cap']:g}"))
        st.plotly_chart(value_figure(told["value"]), key="outcome-value")
        st.caption(with_terms(say.VALUE_HOW))


def _example(record: dict[str, Any]) -> None:
    _heading(say.EVENT)
    examples = record["examples"]
    number = one_of(
        say.EVENT_CHOICE,
        range(len(examples)),
        key="example",
        format_func=lambda at: say.EVENT_NUMBER(number=f"{examples[at]['event']:,}"),
        label_visibility="collapsed",
    )
    example, speech = examples[number], speech_of(record["name"])
    when = words(example["when"])
    when = when if "zone" in record else say.UTC(when=when)  # a record from before the zone was kept
    st.markdown(with_terms(say.EVENT_SAID(when=when, who=speech.who, did=speech.did, item=words(example["item"]))))
    for column, (side, title) in zip(st.columns(2), say.SAW.items(), strict=True):
        column.caption(with_terms(title))
        rows = [(label, said(value)) for label, value in example[f"{side}_words"]]
        table = pd.DataFrame(rows, columns=[say.FIELD, say.VALUE])
        column.dataframe(table, hide_index=True, column_config=explaining(table))


def _kind(field: dict[str, Any]) -> str:
    """How the table of fields says what kind a field is of."""
    if field["kind"] != "bag":
        return str(field["kind"])
    return say.KIND_SOMETIMES if field["places"] == 1 else say.KIND_BAG(held=f"{field['held']:.0f}")


def _fields(record: dict[str, Any]) -> None:
    _heading(say.FIELDS)
    side = one_of(say.SIDE, list(say.SIDES), key="field_side", label_visibility="collapsed", format_func=say.SIDES.get)
    fields = [field for field in record["fields"] if field["side"] == side]
    table = pd.DataFrame(
        [
            {
                "field": f["label"],
                "kind": _kind(f),
                "values": f.get("values"),
                "commonest": said(f["top"][0][0]) if f.get("top") else None,
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
        column_config=explaining(
            table,
            {
                "field": st.column_config.TextColumn(say.FIELD),
                "kind": st.column_config.TextColumn(say.KIND, help=say.KIND_HELP),
                "values": st.column_config.NumberColumn(say.VALUES, format="localized", help=say.VALUES_HELP),
                "commonest": st.column_config.TextColumn(say.COMMONEST),
                "unknown": st.column_config.NumberColumn(say.UNKNOWN, format="%.1f%%", help=say.UNKNOWN_HELP),
            },
        ),
    )
    names = {field["label"]: field for field in fields}
    chosen = from_list(say.DISTRIBUTION, list(names), key=f"field_{side}", place=right)
    right.plotly_chart(field_figure(names[chosen]), key=f"distribution-{side}")
    right.caption(with_terms(say.DISTRIBUTION_CAPTION))
    if side == "item":
        finding(say.POPULARITY_FOUND(share=f"{held_by_a_tenth(record['popularity']):.0%}"))
        st.plotly_chart(spread_figure(record["popularity"], say.POPULARITY_X, say.POPULARITY_Y), key="popularity")
        st.caption(with_terms(say.POPULARITY))


def _truth(record: dict[str, Any]) -> None:
    _heading(say.PLANTED)
    if not record["truth"]:
        st.write(say.NO_CROSSES)
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
            "side": st.column_config.TextColumn(say.CROSS_SIDE),
            "cross": st.column_config.TextColumn(say.CROSS, help=say.CROSS_HELP),
            "strength": st.column_config.NumberColumn(say.STRENGTH, format="%.2f", help=say.STRENGTH_HELP),
        },
    )
