"""A run at work: progress with Pause, Step and Stop, and the picture that grows while it trains."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pdcn.config import Experiment
from pdcn.files import read_only, why_read_only
from pdcn.inert import words
from pdcn.jobs import words as say
from pdcn.jobs.needs import needs, offered, refusal
from pdcn.jobs.submit import submit, wake
from pdcn.jobs.waiting import place_in_words
from pdcn.pages.compare.figures.live import history_figure, tuning_figure, validated
from pdcn.pages.compare.page.dials import set_dials
from pdcn.runs.folder import OVER, Progress, RunFolder
from pdcn.runs.store import Command
from pdcn.settings import SettingError
from pdcn.shell import whose
from pdcn.shell.frame import says_errors
from pdcn.shell.shown_run import show, store
from pdcn.tasks import task_named
from pdcn.tasks.retrieval.metrics import VALIDATED_BEFORE
from pdcn.words import capital, duration

POLL_SECONDS = 0.5
REFUSED = "live-refused"


@says_errors
def run_button(experiment: Experiment | None) -> None:
    """Trains what the dials say, with what that will take; nothing where they say nothing.

    Where no run can be kept, or this one does not fit the machine, that is said instead, with a smaller offer if there
    is one.
    """
    locked = read_only(store().home)
    refused = refusal(experiment, store().home) if experiment and not locked else ""
    pressed = st.button(
        "Run",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=experiment is None or locked or bool(refused),
    )
    if locked:
        st.caption(words(why_read_only(store().home)))
    elif experiment and refused:
        st.warning(words(refused), icon=":material/memory:")
        if offer := offered(experiment, store().home):
            st.button("Set that", on_click=set_dials, args=(offer,), type="tertiary", icon=":material/tune:")
    elif experiment:
        if pressed:
            show(submit(store(), experiment, by=whose.visitor()).run)
            st.rerun()
        st.caption(needs(experiment).words)
        if not experiment.until_sure and len(experiment.arms) > 1 and experiment.seeds < experiment.most_seeds:
            _sure_button(experiment)


def _sure_button(experiment: Experiment) -> None:
    """The same study, but with as many seeds as the answer takes."""
    few, most = max(2, experiment.seeds), experiment.most_seeds
    sure = experiment.model_copy(update={"until_sure": True, "seeds": few})
    pressed = st.button(
        "Run until sure",
        icon=":material/all_inclusive:",
        type="tertiary",
        width="stretch",
        disabled=bool(refusal(sure, store().home)),
        help=f"Starts with {few} seeds and adds two at a time, up to {most}, until every arm differs from the baseline "
        f"or no difference that matters is left. Its intervals count every look. {needs(sure).words}",
    )
    if pressed:
        show(submit(store(), sure, by=whose.visitor()).run)
        st.rerun()


@st.fragment(run_every=POLL_SECONDS)
@says_errors
def controls(folder: RunFolder) -> None:
    """Progress of a live run with its buttons; once it is over, the page is drawn anew."""
    state, progress = store().state(folder.run), folder.progress
    if state in OVER:
        st.rerun(scope="app")
    if state == "queued":
        wake(store())
        st.progress(0.0, text=place_in_words(store(), folder.run))
    elif store().stop_asked(folder.run):
        st.progress(progress.share, text=say.STOPPING)
        return
    else:
        st.progress(progress.share, text=_words(state, progress))
    others, paused = whose.others_among([folder]), state == "paused"
    buttons: tuple[tuple[Command, bool, str | None], ...] = (
        ("resume", True, None) if paused else ("pause", state == "running", None),
        ("step", paused, "Train a few more steps, then pause again. Pause first."),
        ("stop", True, "End here. What was reached is ranked and kept."),
    )
    for place, (command, able, text) in zip(st.columns(3), buttons, strict=True):
        act, key = partial(_asked, folder.run, command), f"{command}-{folder.run}"
        whose.button(place, capital(command), others, act, key=key, disabled=not able, help=text)
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(words(refused), icon=":material/error:")


def _words(state: str, progress: Progress) -> str:
    """How far a run is, and how long it will still take."""
    phase = words(progress.phase)
    said = say.PAUSED(phase=phase) if state == "paused" else capital(phase)
    steps = say.STEPS(done=f"{progress.done:,}", total=f"{progress.total:,}") if progress.total else ""
    left = "" if progress.left is None else say.LEFT(time=duration(progress.left))
    return " · ".join(part for part in (said, steps, left) if part)


def _asked(run: str, command: Command) -> None:
    """Ask it; what keeps it from being asked is said below the buttons."""
    try:
        store().ask(run, command)
    except SettingError as error:
        st.session_state[REFUSED] = str(error)


@st.fragment(run_every=POLL_SECONDS)
@says_errors
def picture(folder: RunFolder, *, towers_drawn: bool) -> None:
    """Loss and validation recall so far; the frame stands before the first point.

    The page draws the towers below, once: when they are known, it is asked to.
    """
    if not towers_drawn and folder.towers is not None:
        st.rerun(scope="app")
    history, tuning = folder.history, folder.tuning
    percent = task_named(folder.experiment.task).kinds[0].unit == "points"
    if tuning:
        st.plotly_chart(tuning_figure(tuning, percent=percent), key=f"live-tuning-{folder.run}")
        st.caption(
            "Tuning: every arm tries the same settings from seeds that the comparison does not use. Solid: trained "
            "from the seeds that decide; in the end each arm keeps the settings with the best validation "
            f"{words(tuning.get('validated', VALIDATED_BEFORE))} there, the larger mark."
        )
    if history is None or not len(history):
        st.caption(
            "The first point appears once the arms are tuned, which takes as long as that many trainings."
            if folder.experiment.fairness.tune
            else "The first point appears as soon as the data is ready, usually within five seconds."
        )
        st.skeleton(height=300)
        st.skeleton(height=300)
        return
    figure = history_figure(history, "recall", _steps(folder), percent=percent)
    st.plotly_chart(figure, key=f"live-recall-{folder.run}")
    st.caption(
        f"Validation {words(validated(history))} of each arm: thin lines are seeds, the thick line their mean. It is "
        "measured on a sample of validation events and is not the final answer, which comes from the test events."
    )
    st.plotly_chart(history_figure(history, "loss", _steps(folder)), key=f"live-loss-{folder.run}")
    st.caption("Training loss by step. A lower loss does not have to mean a higher recall.")


def _steps(folder: RunFolder) -> int | None:
    """Steps of one training that no early stop shortens, for an axis that stays as it is."""
    profile, training = folder.profile, folder.experiment.training
    if profile is None:
        return None
    if training.updates:
        return training.updates
    events = next(int(row["events"]) for row in profile["split"] if row["part"] == "train")
    return max(1, events // training.batch) * training.epochs
