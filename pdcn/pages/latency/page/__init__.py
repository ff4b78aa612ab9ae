"""The Latency page: is a tower side by side as fast as its longer branch, and what does speed cost in recall?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.config import TWO_TOWERS, offered
from pdcn.files import SHOWCASE
from pdcn.host import machine
from pdcn.inert import words
from pdcn.jobs.analysis import Analysis, Setting, Tables, kept
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency import words as say
from pdcn.pages.latency.page.candidates import show_candidates
from pdcn.pages.latency.page.parts import show_as_trained, show_batches, show_hidden, show_parts
from pdcn.pages.latency.page.region import show_region
from pdcn.pages.latency.page.serving import show_serving
from pdcn.pages.latency.page.tradeoff import show_pareto
from pdcn.pages.latency.told import BUSY, cell_of, claim, when_not
from pdcn.runs.folder import RunFolder, clock
from pdcn.shell.address import PARAMETER
from pdcn.shell.analysis_view import analysed, run_inside, tables_of, take_csv
from pdcn.shell.cost import plans_of, show_cost
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import lead, measured, remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import micro, plural

MOST_SECONDS = 4.0
"""A cell from which no more time is offered."""


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("latency", say.TITLE, towers=False)
    if folder is None:
        return
    if TWO_TOWERS not in offered(folder.experiment.data.source, folder.experiment.task):
        show_candidates(folder)
        return
    shown = _measurement(folder)
    if shown is None:
        show_cost(plans_of(folder), folder.trained)  # what can be said without a clock
        return
    found = tables_of(shown)
    if found is None:
        st.info(say.GONE, icon=":material/info:")
        return
    about = found["about"].iloc[0].to_dict()
    if about["others"] >= BUSY:
        st.warning(say.BUSY(share=f"{about['others']:.0%}"), icon=":material/speed:")
    top = st.container()
    tower, threads, batch = _dials(found["times"])
    with top:
        lead(claim(found["forms"], tower, threads, batch))
    show_parts(found, tower, threads, batch)
    measured(*say.PARTS_MEASURED, *_encoded(folder, found, tower, threads, batch), words(_about(about)))
    _elsewhere(folder, shown)
    show_hidden(found, tower, threads, batch)
    show_as_trained(found, tower, threads, batch)
    show_batches(found, tower, threads, batch)
    show_region(found, threads)
    show_pareto(folder, shown, threads, batch)
    show_serving(found, threads, batch, events=int(shown.settings["events"]))
    unfolded("latency-when-not", say.WHEN_NOT, _when_not, found, tower)
    _again(folder, shown)


def _encoded(folder: RunFolder, found: Tables, tower: str, threads: int, batch: int) -> list[str]:
    """How long it takes to have x0, where a sequence is encoded for it."""
    if not any(plan[tower].get("below") for plan in plans_of(folder).values()):
        return []
    times = cell_of(found["times"], tower, threads, batch).set_index("variant")["p50"]
    return [say.ENCODED(time=micro(times["lookup"]))] if "lookup" in times else []


def _measurement(folder: RunFolder) -> Analysis | None:
    """The measurement to show; one of this machine is offered where there is none, and awaited where it is asked
    for."""
    there = kept(folder, LATENCY)
    if not there:
        if analysed(folder, LATENCY, offer=say.OFFER) is None:
            if folder.path != SHOWCASE:  # for whoever does not want to wait
                st.page_link(
                    way_to("latency"),
                    label=say.TO_SHOWCASE,
                    icon=":material/speed:",
                    query_params={PARAMETER: SHOWCASE.name},
                )
            return None
        there = [Analysis.of(folder, LATENCY)]
    names = {one.name: one for one in there}
    titled: dict[str, Any] = {"format_func": lambda name: _named(names[name]), "width": 520}
    return names[from_list(say.MEASUREMENT, list(names), key="latency_which", if_several=True, **titled)]


def _elsewhere(folder: RunFolder, shown: Analysis) -> None:
    """That the measurement is of another machine, and the offer to measure this one, where nobody has."""
    if any(one.settings["machine"] == machine() for one in kept(folder, LATENCY)):
        return
    there = words(shown.settings["machine"])
    st.warning(say.OTHER_MACHINE(there=there, here=words(machine())), icon=":material/computer:")
    analysed(folder, LATENCY, offer=say.ELSEWHERE)


def _named(analysis: Analysis) -> str:
    """A measurement in a line: where and when."""
    frames = tables_of(analysis)
    if frames is None:
        return say.NO_TABLES
    about = frames["about"].iloc[0].to_dict()
    said = say.MEASURED_AT(machine=_where(about), when=_when(about))
    return say.WITH_COMPILED(measurement=said) if analysis.settings["compiled"] else said


def _where(about: dict[Any, Any]) -> str:
    there = str(about["machine"])
    return there if about["device"] == "cpu" else say.GPU_IN(gpu=about["device"], machine=there)


def _when(about: dict[Any, Any]) -> str:
    return f"{clock(float(about['measured'])):%d %b %Y %H:%M}"


def _about(about: dict[Any, Any]) -> str:
    """Which machine, when, by which clock, and how busy others kept it."""
    there = _where(about)
    if pd.notna(about["mhz"]):
        there = say.AT_CLOCK_RATE(machine=there, rate=f"{about['mhz'] / 1000:.1f}")
    said = say.TIMED_ON(
        machine=there,
        when=_when(about),
        clock=say.CLOCKS.get(about["clock"], about["clock"]),
        torch=about["torch"],
        others=f"{about['others']:.0%}",
    )
    again = int(about["remeasured"])
    return f"{said} {say.TIMED_AGAIN(cells=plural(again, 'cell'))}" if again else said


def _dials(times: pd.DataFrame) -> tuple[str, int, int]:
    """Which tower, at how many threads an operation and at which batch size, each kept in the page's link."""
    towers = [tower for tower in ("query", "item") if tower in set(times["tower"])]
    counts, batches = (sorted(int(value) for value in times[name].unique()) for name in ("threads", "batch"))
    row = st.container(horizontal=True, gap="medium")
    tower = one_of(say.TOWER, towers, key="latency_tower", place=row, help=say.TOWER_HELP)
    threads = one_of(
        say.THREADS, counts, key="latency_threads", place=row, if_several=True, format_func=str, help=say.THREADS_HELP
    )
    batch = one_of(say.BATCH, batches, key="latency_batch", place=row, format_func=str, help=say.BATCH_HELP)
    return tower, threads, batch


def _when_not(found: Tables, tower: str) -> None:
    """When not to run side by side, what could not be measured, and every number to take away."""
    _when_not_in_words(found, tower)
    what = {"times": say.EVERY_TIME, "forms": say.EVERY_RATIO}
    for column, (name, label) in zip(st.columns(2), what.items(), strict=True):
        take_csv(found[name], f"latency-{name}", label, place=column, width="stretch")


@once
def _when_not_in_words(found: Tables, tower: str) -> None:
    """The words of `_when_not`."""
    said = when_not(found["times"], found["forms"], tower)
    st.markdown(with_terms("\n".join(f"- {one}" for one in said)))
    left_out = found["left_out"]
    if len(left_out):
        why = "; ".join(say.LEFT_OUT(form=row["variant"], why=row["why"]) for row in left_out.to_dict("records"))
        st.caption(with_terms(words(say.NOT_MEASURED(why=why))))


def _again(folder: RunFolder, shown: Analysis) -> None:
    """Another measurement on this machine, of what the one on show left out or for longer; nothing is overwritten."""
    if shown.settings["machine"] != machine():
        return
    before = float(shown.settings["seconds"])
    longer = max(1.0, 2 * before)
    more: list[tuple[str, dict[str, Setting]]] = [(say.COMPILED, {"compiled": True}), (say.EVERYTHING, {})]
    there = [Analysis.of(folder, LATENCY, **settings).done for _, settings in more]
    asked = [] if there[0] else more[:1] if there[1] else more[1:]
    if longer <= MOST_SECONDS:
        said = say.LONGER(seconds=longer, before=before)
        asked.append((said, {"compiled": shown.settings["compiled"], "seconds": longer}))
    if not asked:
        return
    open_ = any(Analysis.of(folder, LATENCY, **settings).progress for _, settings in asked)
    with st.expander(say.AGAIN, expanded=open_):
        remark(say.AGAIN_CAPTION)
        for offer, settings in asked:
            analysed(folder, LATENCY, offer=offer, **settings)
