"""A run at work: progress with Pause, Step and Stop, and the picture that grows while it trains."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pdcn.config import Experiment
from pdcn.files import read_only, why_read_only
from pdcn.inert import words
from pdcn.jobs import words as at_work
from pdcn.jobs.job import LOCAL
from pdcn.jobs.needs import needs, offered, refusal
from pdcn.jobs.submit import submit, too_many, wake
from pdcn.jobs.waiting import place_in_words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.live import history_figure, tuning_figure, validated
from pdcn.pages.compare.page.dials import set_dials
from pdcn.runs.folder import OVER, Progress, RunFolder
from pdcn.runs.store import Command
from pdcn.settings import SettingError
from pdcn.shell import whose
from pdcn.shell.frame import says_errors
from pdcn.shell.parts import remark
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import show, store
from pdcn.shell.terms import with_terms
from pdcn.tasks import task_named
from pdcn.words import capital, duration

POLL_SECONDS, DRAWN_SECONDS = 0.5, 1.0
"""How often progress is told, and how often the picture is drawn: it takes cores from the training that it shows."""
REFUSED = "live-refused"


@says_errors
def run_button(experiment: Experiment | None) -> None:
    """Trains what the dials say, with what that will take; nothing where they say nothing.

    Where no run can be kept, or this one does not fit the machine, that is said instead, with a smaller offer if there
    is one.
    """
    locked = read_only(store().home)
    refused = too_many(store(), whose.visitor()) if experiment and not locked else ""
    crowded = bool(refused)
    if experiment and not locked and not crowded:
        refused = refusal(experiment, store().home)
    pressed = st.button(
        say.RUN,
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=experiment is None or locked or bool(refused),
    )
    if locked:
        st.caption(words(why_read_only(store().home)))
    elif experiment and refused:
        st.warning(words(refused), icon=":material/hourglass_empty:" if crowded else ":material/memory:")
        if not crowded and (offer := offered(experiment, store().home)):
            st.button(say.SET_OFFER, on_click=set_dials, args=(offer,), type="tertiary", icon=":material/tune:")
    elif experiment:
        if pressed:
            show(submit(store(), experiment, by=whose.visitor()).run)
            st.rerun()
        wants = needs(experiment)
        st.caption(with_terms(wants.words))
        if wants.too_few_steps:
            st.warning(with_terms(wants.too_few_steps), icon=":material/hourglass_disabled:")
        if not experiment.until_sure and len(experiment.arms) > 1 and experiment.seeds < experiment.most_seeds:
            _sure_button(experiment)


def _sure_button(experiment: Experiment) -> None:
    """The same study, but with as many seeds as the answer takes."""
    few, most = max(2, experiment.seeds), experiment.most_seeds
    sure = experiment.model_copy(update={"until_sure": True, "seeds": few, "sets": 0})
    pressed = st.button(
        say.UNTIL_SURE,
        icon=":material/all_inclusive:",
        type="tertiary",
        width="stretch",
        disabled=bool(refusal(sure, store().home)),
        help=with_picture(say.UNTIL_SURE_HELP(few=few, most=most, needs=needs(sure).words)),
    )
    if pressed:
        show(submit(store(), sure, by=whose.visitor()).run)
        st.rerun()


@says_errors
def ways_on(folder: RunFolder) -> None:
    """Buttons that go on with a run which was cut short; nothing where it kept no trainings.

    One leaves the others to who trained it before. Where that was elsewhere, another has them trained here.
    """
    if not folder.cells.is_dir():
        return
    far = folder.request.get("executor", LOCAL) != LOCAL
    crowded, others = too_many(store(), whose.visitor()), whose.others_among([folder])
    ways = ((say.GO_ON, None, say.GO_ON_HELP), (say.GO_ON_HERE, LOCAL, say.GO_ON_HERE_HELP))
    for place, (label, executor, text) in zip(st.columns(3), ways[: 1 + far], strict=False):
        act, key = partial(_gone_on, folder.run, executor), f"go-on-{executor or 'there'}-{folder.run}"
        look = {"icon": ":material/play_arrow:", "help": words(crowded) or with_picture(text)}
        whose.button(place, label, others, act, key=key, disabled=bool(crowded), **look)
    _say_refused()


def _gone_on(run: str, executor: str | None) -> None:
    """Queue it again; what keeps it from that is said below the buttons."""
    try:
        store().resume(run, executor=executor)
        wake(store())
    except SettingError as error:
        st.session_state[REFUSED] = str(error)


def _say_refused() -> None:
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(words(refused), icon=":material/error:")


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
        st.progress(progress.share, text=at_work.STOPPING)
        return
    else:
        st.progress(progress.share, text=_words(state, progress))
    others, paused = whose.others_among([folder]), state == "paused"
    buttons: tuple[tuple[Command, bool, str | None], ...] = (
        ("resume", True, None) if paused else ("pause", state == "running", None),
        ("step", paused, say.STEP_HELP),
        ("stop", True, say.STOP_HELP),
    )
    for place, (command, able, text) in zip(st.columns(3), buttons, strict=True):
        act, key = partial(_asked, folder.run, command), f"{command}-{folder.run}"
        whose.button(
            place, capital(command), others, act, key=key, disabled=not able, help=with_picture(text) if text else None
        )
    _say_refused()


def _words(state: str, progress: Progress) -> str:
    """How far a run is, and how long it will still take."""
    phase = words(progress.phase)
    said = at_work.PAUSED(phase=phase) if state == "paused" else capital(phase)
    steps = at_work.STEPS(done=f"{progress.done:,}", total=f"{progress.total:,}") if progress.total else ""
    left = "" if progress.left is None else at_work.LEFT(time=duration(progress.left))
    return " · ".join(part for part in (said, steps, left) if part)


def _asked(run: str, command: Command) -> None:
    """Ask it; what keeps it from being asked is said below the buttons."""
    try:
        store().ask(run, command)
    except SettingError as error:
        st.session_state[REFUSED] = str(error)


@st.fragment(run_every=DRAWN_SECONDS)
@says_errors
def picture(folder: RunFolder, *, towers_drawn: bool) -> None:
    """Loss and validation recall so far; the frame stands before the first point.

    The page draws the towers below, once: when they are known, it is asked to.
    """
    if not towers_drawn and folder.towers is not None:
        st.rerun(scope="app")
    history, tuning = folder.history, folder.tuning
    percent = task_named(folder.experiment.task).watches_shares
    if tuning:
        st.plotly_chart(tuning_figure(tuning, percent=percent), key=f"live-tuning-{folder.run}")
        remark(say.TUNING_LIVE)
    if history is None or not len(history):
        remark(say.FIRST_POINT_TUNED if folder.experiment.fairness.tune else say.FIRST_POINT)
        st.skeleton(height=300)
        st.skeleton(height=300)
        return
    figure = history_figure(history, "recall", _steps(folder), percent=percent)
    st.plotly_chart(figure, key=f"live-recall-{folder.run}")
    remark(say.LIVE_RECALL(metric=words(validated(history))))
    st.plotly_chart(history_figure(history, "loss", _steps(folder)), key=f"live-loss-{folder.run}")
    remark(say.LIVE_LOSS)


def _steps(folder: RunFolder) -> int | None:
    """Steps of one training that no early stop shortens, for an axis that stays as it is."""
    profile, training = folder.profile, folder.experiment.training
    if profile is None:
        return None
    if training.updates:
        return training.updates
    events = next(int(row["events"]) for row in profile["split"] if row["part"] == "train")
    return max(1, events // training.batch) * training.epochs
