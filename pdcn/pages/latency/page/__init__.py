"""The Latency page: is a tower side by side as fast as its longer branch, and what does speed cost in recall?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.files import SHOWCASE
from pdcn.host import machine
from pdcn.inert import words
from pdcn.jobs.analysis import Analysis, Setting, Tables, kept
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.page.parts import show_batches, show_parts
from pdcn.pages.latency.page.region import show_region
from pdcn.pages.latency.page.serving import show_serving
from pdcn.pages.latency.page.tradeoff import show_pareto
from pdcn.pages.latency.words import BUSY, when_not
from pdcn.runs.folder import RunFolder, clock
from pdcn.shell.address import PARAMETER
from pdcn.shell.analysis_view import analysed, run_inside, tables_of, take_csv
from pdcn.shell.cost import plans_of, show_cost
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.shown_run import once
from pdcn.words import plural

OFFER = (
    "Nothing was timed in this run on this machine yet: every part of both towers, every way to run them, end to end "
    "with a search behind it. It takes about four minutes on two quiet cores and longer on busy ones; while something "
    "trains here it waits."
)
ELSEWHERE = "This machine can be measured, too: about four minutes, and while something trains here it waits."
WHOLE = "Everything, at its default settings: about four minutes."
COMPILED = "Everything, compiled forms too: about eight minutes; it wants a C++ compiler on this machine."
LONGER = (
    "Everything, {seconds:g} s for every cell instead of {before:g}: intervals get narrower, in about twice the time."
)
MOST_SECONDS = 4.0
"""A cell from which no more time is offered."""


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("latency", "What does it cost to serve?")
    if folder is None:
        return
    shown = _measurement(folder)
    if shown is None:
        show_cost(plans_of(folder), folder.trained)  # what can be said without a clock
        return
    found = tables_of(shown)
    if found is None:
        st.info("The tables of this measurement are gone or damaged. Reload the page.", icon=":material/info:")
        return
    _about(found["about"].iloc[0].to_dict())
    tower, threads, batch = _dials(found["times"])
    show_parts(found, tower, threads, batch)
    show_batches(found, tower, threads, batch)
    take_csv(show_region(found, threads), "latency-region")
    show_pareto(folder, shown, threads, batch)
    show_serving(found, threads, batch, events=int(shown.settings["events"]))
    _when_not(found, tower)
    _again(folder, shown)


def _measurement(folder: RunFolder) -> Analysis | None:
    """The measurement to show; one of this machine is offered where there is none, and awaited where it is asked
    for."""
    there = kept(folder, LATENCY)
    if not there:
        if analysed(folder, LATENCY, offer=OFFER) is None:
            if folder.path != SHOWCASE:  # for whoever does not want to wait
                st.page_link(
                    way_to("latency"),
                    label="See the showcase's measurement, which is here already",
                    icon=":material/speed:",
                    query_params={PARAMETER: SHOWCASE.name},
                )
            return None
        there = [Analysis.of(folder, LATENCY)]
    here = [one for one in there if one.settings["machine"] == machine()]
    if not here:
        st.warning(
            f"Measured on another machine: {words(there[0].settings['machine'])}. This one is: {words(machine())}. "
            "What is free there may cost the sum here.",
            icon=":material/computer:",
        )
        analysed(folder, LATENCY, offer=ELSEWHERE)
    names = {one.name: one for one in there}
    titled = {"format_func": lambda name: _named(names[name]), "width": 520}
    return names[from_list("Measurement", list(names), key="latency_which", if_several=True, **titled)]


def _named(analysis: Analysis) -> str:
    """A measurement in a line: where and when."""
    frames = tables_of(analysis)
    if frames is None:
        return "gone"
    about = frames["about"].iloc[0].to_dict()
    more = ", with compiled forms" if analysis.settings["compiled"] else ""
    return f"{_where(about)}, {_when(about)}{more}"


def _where(about: dict[Any, Any]) -> str:
    return str(about["machine"]) if about["device"] == "cpu" else f"{about['device']} ({about['machine']})"


def _when(about: dict[Any, Any]) -> str:
    return f"{clock(float(about['measured'])):%d %b %Y %H:%M}"


def _about(about: dict[Any, Any]) -> None:
    """Which machine, when, by which clock, and how busy others kept it."""
    hertz = f" at {about['mhz'] / 1000:.1f} GHz" if pd.notna(about["mhz"]) else ""
    again = int(about["remeasured"])
    said = (
        f"Timed on {_where(about)}{hertz}, {_when(about)}, by {about['clock']}, torch {about['torch']} · other "
        f"programs used {about['others']:.0%} of the cores meanwhile"
        + (f" · {plural(again, 'cell')} measured anew because a training began" if again else "")
    )
    st.caption(words(said))
    if about["others"] >= BUSY:
        st.warning(
            f"Other programs kept {about['others']:.0%} of this machine's cores busy while it was measured. All "
            "forms are timed in turns, so none is favoured, but times are longer and intervals wider than on a "
            "quiet machine: measure again, below, when it is quiet.",
            icon=":material/speed:",
        )


def _dials(times: pd.DataFrame) -> tuple[str, int, int]:
    """Which tower, at how many threads an operation and at which batch size, each kept in the page's link."""
    towers = [tower for tower in ("query", "item") if tower in set(times["tower"])]
    counts, batches = (sorted(int(value) for value in times[name].unique()) for name in ("threads", "batch"))
    row = st.container(horizontal=True, gap="medium")
    tower = one_of("Tower", towers, key="latency_tower", place=row)
    threads = one_of(
        "Threads",
        counts,
        key="latency_threads",
        place=row,
        if_several=True,
        format_func=str,
        help="Threads that one operation may use. “Two threads” is another thing: one branch each.",
    )
    batch = one_of(
        "Batch size",
        batches,
        key="latency_batch",
        place=row,
        format_func=str,
        help="Queries or items in one call. One request alone is a batch of 1.",
    )
    return tower, threads, batch


def _when_not(found: Tables, tower: str) -> None:
    """When not to run side by side, what could not be measured, and every number to take away."""
    _when_not_in_words(found, tower)
    what = {"times": "Every time as CSV", "forms": "Every ratio and interval as CSV"}
    for column, (name, label) in zip(st.columns(2), what.items(), strict=True):
        take_csv(found[name], f"latency-{name}", label, place=column, width="stretch")


@once
def _when_not_in_words(found: Tables, tower: str) -> None:
    """The words of `_when_not`."""
    st.markdown("#### When not to run side by side")
    said = when_not(found["times"], found["forms"], tower)
    st.markdown("\n".join(f"- {one}" for one in said))
    left_out = found["left_out"]
    if len(left_out):
        why = "; ".join(f"{row['variant']}: {row['why']}" for row in left_out.to_dict("records"))
        st.caption(words(f"Not measured here: {why}."))


def _again(folder: RunFolder, shown: Analysis) -> None:
    """Another measurement on this machine, of what the one on show left out or for longer; nothing is overwritten."""
    if shown.settings["machine"] != machine():
        return
    before = float(shown.settings["seconds"])
    longer = max(1.0, 2 * before)
    more: list[tuple[str, dict[str, Setting]]] = [(COMPILED, {"compiled": True}), (WHOLE, {})]
    there = [Analysis.of(folder, LATENCY, **settings).done for _, settings in more]
    asked = [] if there[0] else more[:1] if there[1] else more[1:]
    if longer <= MOST_SECONDS:
        said = LONGER.format(seconds=longer, before=before)
        asked.append((said, {"compiled": shown.settings["compiled"], "seconds": longer}))
    if not asked:
        return
    open_ = any(Analysis.of(folder, LATENCY, **settings).progress for _, settings in asked)
    with st.expander("Measure again", expanded=open_):
        st.caption("What is on show stays until the new measurement is there, and can be chosen above after it.")
        for offer, settings in asked:
            analysed(folder, LATENCY, offer=offer, **settings)
