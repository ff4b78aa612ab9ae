"""Setting the fields of a query by hand, in the sidebar, so that the lists beside it stay in view."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pdcn.inert import words
from pdcn.pages.retrieve import words as say
from pdcn.shell.inputs import from_list, number_input, toggle
from pdcn.shell.pictures import with_picture
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import CategoryField, NumberField
from pdcn.sources.spoken import value_words

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import Query

REACH, LARGEST = 10.0, 1e12
"""Standard deviations from the mean that a number may be set to, and the largest number at all."""


def edited_query(table: Table, query: Query, event: int) -> Query:
    """A widget a field, each starting from the event's value; the query as they say."""
    from pdcn.pages.retrieve.work.retrieval import standardised

    start: dict[str, int | float] = {}
    codes, values = query.codes.copy(), query.values.copy()
    with st.sidebar:
        st.markdown(f"#### {say.EDITOR}")
        back = st.empty()
        for at, field in enumerate(table.categories):
            key, own = f"hand-{event}-{field.name}", int(query.codes[at])
            start[key] = own
            said = partial(_value, field)
            codes[at] = from_list(field.label, range(len(field.values)), key=key, index=own, format_func=said)
        ends = np.cumsum([len(table.categories), *(bag.columns for bag in table.bags)])
        for bag, begin, end in zip(table.bags, ends, ends[1:], strict=False):
            key = f"hand-{event}-{bag.name}"
            start[key] = False
            told = say.EMPTY_HELP(field=bag.label, values=words(bag.told(query.codes[begin:end])))
            if toggle(say.EMPTY(field=words(bag.label)), key=key, help=told):
                codes[begin:end] = 0
        for at, number in enumerate(table.numbers):
            key, (low, high, here) = f"hand-{event}-{number.name}", _reach(number, float(query.values[at]))
            start[key] = here
            label = say.IN_UNIT(field=number.label, unit=number.unit) if number.unit else number.label
            step, written = (1.0, "%.0f") if number.whole else (1.0 if abs(here) >= 2 else 0.1, "%.2f")
            raw = number_input(st, label, low, high, here, key=key, format=written, step=step)
            if raw != here:
                values[at] = standardised(number, raw)
        found = replace(query, codes=codes, values=values)
        count = len(found.changed(query, table))
        back.button(
            say.BACK,
            key="back_to_event",
            icon=":material/undo:",
            width="stretch",
            disabled=not count,
            on_click=st.session_state.update,
            args=(start,),
            help=with_picture(say.BACK_HELP(count=count, fields=len(start))),
        )
    return found


def _value(field: CategoryField, code: int) -> str:
    return value_words(field.values[code])


def _reach(number: NumberField, standardised: float) -> tuple[float, float, float]:
    """The smallest and the largest number one may set, and the event's own, rounded as it is shown."""
    places = 0 if number.whole else 2
    here = round(float(number.raw(standardised)), places)
    with np.errstate(over="ignore"):  # of a logarithm that spreads far
        low, high = (round(float(number.raw(reach).clip(-LARGEST, LARGEST)), places) for reach in (-REACH, REACH))
    if number.log:
        low = max(low, 0.0 if number.log == "log1p" else 10.0**-places)
    here = max(here, low) if number.log else here
    return min(low, here), max(high, here), here
