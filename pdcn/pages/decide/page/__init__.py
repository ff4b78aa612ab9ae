"""The Decide page: what is gained against what it costs, why, how sure, and what would settle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdcn.decision import words as say
from pdcn.decision.price import timed_by
from pdcn.decision.sheet import Sheet, choices, sheet
from pdcn.inert import words
from pdcn.pages.decide.figures import gain_figure
from pdcn.pages.decide.page.case import link_to_study, show_case
from pdcn.pages.decide.page.report import report_button
from pdcn.pages.decide.page.worth import show_worth
from pdcn.runs.folder import OVER, RunFolder
from pdcn.shell.address import PARAMETER, keep
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.frame import present, recipe_named, says_errors, way_to
from pdcn.shell.inputs import from_list, labelled, number_input, one_of
from pdcn.shell.parts import further, lead
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import about, shown_run, store
from pdcn.shell.terms import with_terms
from pdcn.words import spoken

MOST_AT_ONCE = 65_536
"""The largest batch size that can be asked for."""


@says_errors
def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    folder = shown_run()
    line = st.container(horizontal=True, vertical_alignment="center")
    line.caption(about(folder))
    say_version(folder.result or {})
    top = st.container()
    left, right = st.columns([3, 1], gap="medium")
    arm = _arm(choices(folder), right)
    batch, device = _place(right)
    state, timed = store().state(folder.run), recipe_named(timed_by(folder))
    found = sheet(folder, batch, device, timed=timed, state=state, arm=arm)
    if state in OVER:
        present(folder.run, line)
        report_button(folder, found, line)
    with top:
        lead(" ".join(filter(None, (f"**{words(found.decision.said)}**", words(found.decision.doubt)))))
    with left:
        _figure(found, _plot(found, right))
    _rows(folder, found)
    _settle(found)
    show_case(found, device)
    show_worth(folder, found)


def _arm(arms: list[str], column: DeltaGenerator) -> str:
    """The arm to decide on, where several were compared."""
    if len(arms) < 2:
        return ""
    keep("decide_arm", arms[0], arms)
    with column:
        return str(
            labelled(
                key="decide_arm",
                unseen=partial(from_list, say.ARM, arms, told=True),
                seen=partial(st.selectbox, say.ARM, arms, format_func=spoken, help=with_picture(say.ARM_HELP)),
            )
        )


def _place(column: DeltaGenerator) -> tuple[int, str]:
    """Where a call of the person's model is made: batch size and device."""
    with column:
        batch = number_input(st, say.BATCH, 1, MOST_AT_ONCE, 1, key="decide_batch", step=1, help=say.BATCH_HELP)
        device = labelled(
            key="decide_device",
            unseen=partial(one_of, say.DEVICE, [*say.DEVICE_OPTIONS], told=True),
            seen=partial(
                st.segmented_control,
                say.DEVICE,
                [*say.DEVICE_OPTIONS],
                required=True,
                format_func=say.DEVICE_OPTIONS.get,
                help=with_picture(say.DEVICE_HELP),
            ),
        )
    return int(batch), str(device)


def _plot(found: Sheet, column: DeltaGenerator) -> str:
    """By which cost the points are drawn."""
    with column:
        return str(
            labelled(
                key="decide_plot",
                unseen=partial(one_of, say.PLOT, [*say.PLOT_OPTIONS], told=True),
                seen=partial(
                    st.segmented_control,
                    say.PLOT,
                    [*say.PLOT_OPTIONS],
                    required=True,
                    format_func=say.PLOT_OPTIONS.get,
                    help=with_picture(say.PLOT_HELP),
                ),
            )
        )


def _figure(found: Sheet, plot: str) -> None:
    """What is gained by what it costs; of a cost that was not measured a sentence stands in its place."""
    if found.found is None:
        st.info(say.NO_FIGURE, icon=":material/info:")
        return
    price = found.cost(plot)
    if not {found.arm, found.against} <= price.of.keys():
        why, price = words(price.said), found.cost("parameters")
        drawn = {found.arm, found.against} <= price.of.keys()
        st.info(f"{why} {say.BY_SIZE}" if drawn else why, icon=":material/help:")
        if not drawn:
            return
    st.plotly_chart(gain_figure(found, price), key="decide-gain", config={"displayModeBar": False})
    said = say.READ(against=spoken(found.against))
    st.caption(with_terms(f"{said} {say.OF_SHOWCASE}" if price.source == "bundled" else said))


def _rows(folder: RunFolder, found: Sheet) -> None:
    """The cost, the slices, the reason and the doubt: a line each, folded."""
    said = [price.said for price in found.costs]
    _row("cost", said, _way, "latency", say.TO_LATENCY, ":material/speed:", found.run)
    _row("slices", found.by_slice, _way, "compare", say.TO_COMPARE, ":material/compare_arrows:", found.run)
    _row("reason", found.reason.said, _reason, found)
    _row("sure", found.how_sure, st.markdown, with_terms(f"- {words(found.verdict)}"))


def _reason(found: Sheet) -> None:
    if found.reason.steps:
        st.plotly_chart(steps_figure(found.reason.steps, key="decide-steps"), key="decide-steps")
    if found.reason.study:
        link_to_study(found.reason.study, found.run)


def _row(name: str, said: Sequence[str], more: Callable[..., object], *given: object) -> None:
    """A question with its first sentence; all of them are one press away, and what else there is."""

    def inside() -> None:
        if len(said) > 1:
            st.markdown(with_terms("\n".join(f"- {words(one)}" for one in said)))
        more(*given)

    further(f"decide-{name}", say.ROWS[name], words(said[0]), inside)


def _way(page: str, label: str, icon: str, run: str) -> None:
    st.page_link(way_to(page), label=label, icon=icon, query_params={PARAMETER: run})


def _settle(found: Sheet) -> None:
    """The experiment that tells most next, which Compare opens with, one press from its Run button."""
    note, place = st.columns([3, 1], vertical_alignment="center")
    note.markdown(with_terms(say.SETTLE(what=words(found.settle.said))))
    if address := found.settle.address:
        place.container(border=True).page_link(
            way_to("compare"), label=say.OPEN_COMPARE, icon=":material/play_arrow:", query_params=address
        )
