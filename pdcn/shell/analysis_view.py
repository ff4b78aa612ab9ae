"""What the pages that look inside share: which arms, waiting for an analysis, how to read a figure, taking it away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pdcn.config import TWO_TOWERS, offered
from pdcn.evaluation.comparison import counted_arms
from pdcn.export.tables import csv_of, parquet_of
from pdcn.files import SHOWCASE, Unwritable, home, read_only, why_read_only
from pdcn.inert import words
from pdcn.jobs.analysis import Analysis, Recipe, Setting, Tables
from pdcn.runs.folder import OVER, RunFolder
from pdcn.runs.words import NO_VECTORS
from pdcn.shell import whose
from pdcn.shell import words as say
from pdcn.shell.address import PARAMETER, keep
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import from_list
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import about, last_done, shown_run, store
from pdcn.shell.terms import with_terms
from pdcn.training.version import made_otherwise
from pdcn.words import capital, spoken

if TYPE_CHECKING:
    from pdcn.runs.trained import TrainedRun

ASKED = "asked_for"
"""Where it is kept which analyses this session asked for."""


def run_inside(page: str, title: str, *, towers: bool = True) -> RunFolder | None:
    """Title and run of a page that looks inside; None where the run has nothing to look into yet, which is said.

    Where the page shows what two `towers` make, a run of a task without two says that it has none.
    """
    st.title(title, anchor=False)
    folder = shown_run()
    st.caption(about(folder))
    say_version(folder.result or {})
    if store().state(folder.run) not in OVER:
        st.info(say.STILL_TRAINING, icon=":material/hourglass_empty:")
        _offer_others(page)
        return None
    experiment = folder.experiment
    if towers and TWO_TOWERS not in offered(experiment.data.source, experiment.task):
        st.info(NO_VECTORS, icon=":material/info:")
        return None
    if folder.trained:
        return folder
    if _was_trained(folder):
        st.error(say.WEIGHTS_GONE(folder=words(folder.path / "weights")), icon=":material/error:")
    else:
        st.info(say.NOTHING_TRAINED, icon=":material/info:")
    return None


def _offer_others(page: str) -> None:
    """Links to this page with the last run that is done, and with the showcase."""
    done = last_done().run
    offers = {done: say.LAST_DONE(run=done), SHOWCASE.name: say.OPEN_SHOWCASE}
    for run, label in offers.items():
        st.page_link(way_to(page), label=label, icon=":material/open_in_new:", query_params={PARAMETER: run})


def say_version(record: dict[str, Any]) -> None:
    """A sentence where a record was trained with another version, so that nobody wonders at a fresh run's numbers."""
    if said := record and made_otherwise(record):
        st.caption(with_terms(words(said)))


def _was_trained(folder: RunFolder) -> bool:
    """Whether an arm was trained to an end that counts, so that its weights were kept."""
    arms = (folder.result or {}).get("arms")
    if arms is None:  # the result is gone, too
        return store().state(folder.run) == "done"
    return bool(counted_arms(folder.result or {}))


def arm_pair(folder: RunFolder) -> tuple[str, ...]:
    """The arms to show beside each other: two, or the one there is; more than two give a choice."""
    arms = folder.trained
    if len(arms) <= 2:
        return arms
    left, right, _ = st.columns([1, 1, 2])
    first = from_list(say.LEFT, arms, key="inside_left", place=left, format_func=spoken)
    others = [arm for arm in arms if arm != first]
    keep("inside_right", others[0], others)
    second = from_list(say.RIGHT, others, key="inside_right", place=right, format_func=spoken)
    return first, second


@st.cache_resource(max_entries=24, show_spinner=False)
def _tables(path: str, stamp: float, _analysis: Analysis) -> Tables | None:
    return _analysis.tables


def tables_of(analysis: Analysis) -> Tables | None:
    """Tables of an analysis that is done, read once for all sessions, so nobody changes them; None where they are
    gone."""
    done = analysis.path / "done.json"
    return _tables(str(analysis.path), done.stat().st_mtime, analysis) if done.exists() else None


def analysed(
    folder: RunFolder,
    recipe: Recipe,
    press: str = say.MEASURE,
    so_far: Callable[[dict[str, pd.DataFrame]], None] | None = None,
    /,
    *,
    offer: str = "",
    **settings: Setting,
) -> Tables | None:
    """Tables of an analysis; until they are there the page offers it, shows how far it is, and None is returned.

    `offer` is what the button's line says, with how long it takes; without one it is started unasked.
    `press` is what the button says. `so_far` draws the tables that are there before it is done.
    """
    analysis = Analysis.of(folder, recipe, **settings)
    done = analysis.path / "done.json"
    if done.exists():
        found = tables_of(analysis)
        if found is not None:
            return found
        if not read_only(home()):
            with suppress(OSError):
                done.unlink(missing_ok=True)  # its tables are gone: it is worked out anew
    if not offer and analysis.progress is None and not _ask(analysis):
        return None
    if analysis.done:  # it came while the page was drawn
        st.rerun()
    if analysis.under_way:
        _progress(analysis, so_far)
        return None
    now = analysis.progress
    if now and now.state == "failed":
        st.error(say.FAILED(why=words(now.message)), icon=":material/error:")
    elif now:
        st.info(say.STOPPED, icon=":material/stop_circle:")
    else:
        st.info(offer, icon=":material/science:")
    label, locked = say.AGAIN if now else press, read_only(home())
    if st.button(label, key=f"ask-{analysis.name}", icon=":material/play_arrow:", disabled=locked) and _ask(analysis):
        st.rerun()
    if locked:
        st.caption(words(why_read_only(home())))
    return None


def _ask(analysis: Analysis) -> bool:
    """Have it worked out, and keep that this session asked for it; where it could not be kept, that is said."""
    try:
        if read_only(home()):
            raise Unwritable(why_read_only(home()))
        analysis.ask()
    except Unwritable as error:
        st.info(say.NOT_KEPT(why=words(error)), icon=":material/save:")
        return False
    st.session_state.setdefault(ASKED, set()).add(str(analysis.path))
    return True


@st.fragment(run_every=1.0)
def _progress(analysis: Analysis, so_far: Callable[[dict[str, pd.DataFrame]], None] | None) -> None:
    now = analysis.progress
    if now is None or not analysis.under_way:
        st.rerun()
        return
    bar, stop = st.columns([3, 1], vertical_alignment="center")
    phase = now.phase or analysis.recipe.words
    bar.progress(min(1.0, now.share), text=say.PROGRESS(phase=words(capital(phase)), share=f"{now.share:.0%}"))
    mine = str(analysis.path) in st.session_state.get(ASKED, ())
    others = {} if mine else {str(analysis.path): say.ASKED_BY(where=say.ELSEWHERE)}
    whose.button(stop, say.STOP, others, analysis.stop, key=f"stop-{analysis.name}", icon=":material/stop:")
    if so_far and (tables := analysis.so_far):
        so_far(tables)


def its_weights(folder: RunFolder) -> tuple[str, float]:
    """Which run it is, and of when its weights are: for whoever keeps what is made of them."""
    return str(folder.path), max(path.stat().st_mtime for path in (folder.path / "weights").glob("*.safetensors"))


@st.cache_resource(max_entries=2, show_spinner=say.LOADING, hash_funcs={RunFolder: its_weights})
def trained_run(folder: RunFolder) -> TrainedRun:
    """The run with its data and its models in this process, for what answers at once."""
    from pdcn.runs.trained import TrainedRun

    return TrainedRun(folder)


def reading(how: str, not_shown: str) -> None:
    """The two sentences below a figure: how to read it, and what it does not show."""
    st.caption(with_terms(say.DOES_NOT_SHOW(how=how, what=not_shown)))


def take_csv(
    frame: pd.DataFrame | Callable[[], pd.DataFrame] | None,
    name: str,
    label: str = say.AS_CSV,
    *,
    place: Any = st,
    **how: Any,
) -> None:
    """Buttons that save a table as CSV and as Parquet, where there is one; one that is given as a function is made when
    a button is pressed. A spreadsheet shows the texts of the CSV and works none of them out."""
    if frame is None:
        return

    def table() -> pd.DataFrame:
        return frame() if callable(frame) else frame

    row = place.container(horizontal=True, gap="small")
    kind = {"on_click": "ignore", "icon": ":material/download:", **how}
    row.download_button(label, lambda: csv_of(table()), f"{name}.csv", "text/csv", key=f"csv-{name}", **kind)
    row.download_button(
        *(say.AS_PARQUET, lambda: parquet_of(table()), f"{name}.parquet", "application/vnd.apache.parquet"),
        key=f"parquet-{name}",
        type="tertiary",
        on_click="ignore",
        help=with_picture(say.PARQUET_HELP),
    )
