"""The answer of a run: verdict, recall curves, paired difference, towers, table. And states of no answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.config import RETRIEVAL
from pdcn.evaluation.comparison import (
    Comparison,
    comparisons_of,
    counted_arms,
    headline_in,
    headline_of,
    record_of,
    title_in,
)
from pdcn.evaluation.verdict import Terms, basis, below_floors, claim, estimand, in_short
from pdcn.glossary import explained
from pdcn.inert import words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.live import history_figure, validated
from pdcn.pages.compare.page.evidence import show_differences, show_slices, show_terms
from pdcn.pages.compare.page.levels import show_calibration, show_levels, show_published
from pdcn.pages.compare.page.live import ways_on
from pdcn.pages.compare.page.parts import show_parts
from pdcn.pages.compare.page.skip import show_why
from pdcn.pages.compare.page.towers import show_towers
from pdcn.pages.compare.page.trust import show_trust
from pdcn.pages.compare.told import curves_told, training_told
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import PARAMETER
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.recall import recall_figure, several_seeds
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import toggle
from pdcn.shell.parts import MEASURED, explaining, finding, folded, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import curves_of, once, store, text_colour
from pdcn.shell.terms import with_terms
from pdcn.tasks import task_named, task_of
from pdcn.tasks.metric import Metric
from pdcn.words import capital, plural, span, spoken

TRAINING = "how-it-trained"
"""Key of the fold whose chart is drawn once it is open."""


def show_answer(folder: RunFolder) -> None:
    """All of a run's answer: the sentence and its curves, what it rests on, and what stands behind it."""
    state = store().state(folder.run)
    try:
        result = folder.whole_result()
    except SettingError as error:
        st.error(words(error), icon=":material/error:")
        _history(folder, say.UNREADABLE)
        return
    if state in say.ENDED_EARLY:
        note = say.ENDED_EARLY[state] if result else say.ENDED_WITHOUT[state]
        st.warning(f"{note} {words(folder.progress.message)}".strip(), icon=":material/info:")
        ways_on(folder)
    if result is None:
        if not _history(folder, say.REACHED):
            st.caption(with_terms(say.NO_POINT))
        return
    _verdict(folder)
    readable = _curves_at_every_k(folder)
    if readable and not task_of(result).curve(result["data"]["items"]):
        show_levels(folder)
    _behind_it(folder)
    show_why(folder, result)
    _details(folder)
    show_trust(headline_of(comparisons_of(result), headline_in(result)))
    _diverged(result)
    if readable:
        show_differences(folder, result)
        show_calibration(folder)
    show_published(result)
    show_parts(folder, result)
    show_slices(folder)
    _look_inside(folder)
    show_towers(result["arms"])
    _training(folder)
    _terms_and_table(folder)


@once
def _verdict(folder: RunFolder) -> None:
    """The claim in large, and right below it what speaks against it."""
    result = folder.whole_result()
    assert result is not None
    headline = headline_of(comparisons_of(result), headline_in(result))
    said = in_short(headline, title_in(result)) if headline else result["verdict"]
    st.header(with_terms(words(said)), anchor=False)
    if headline and result.get("note"):
        st.markdown(with_terms(words(result["note"])))


@once
def _behind_it(folder: RunFolder) -> None:
    """The large numbers, what the claim rests on, and what flatters no arm."""
    result = folder.whole_result()
    assert result is not None
    metric, terms = headline_in(result), Terms.of(result)
    headline = headline_of(comparisons_of(result), metric)
    _numbers(result, headline, metric)
    if len(headline) == 1:
        st.markdown(with_terms(words(basis(headline[0], terms))))
    elif headline:
        with folded(say.EACH_ARM):
            for c in headline:
                st.markdown(with_terms(f"- {words(claim(c, title_in(result)))} {words(basis(c, terms))}"))
    _below(result)


def _below(result: dict[str, Any]) -> None:
    """Which arms are below a baseline that they should be above, and why, folded; where it is the weakest, such an arm
    says nothing of its wiring, which is not folded."""
    said, meant = below_floors(result)
    weakest = next(iter(task_of(result).floors), "")
    told = [*said, *(why for name, why in meant.items() if name == weakest)]
    if told:
        st.warning(words(" ".join(told)), icon=":material/trending_down:")
    if why := [one for name, one in meant.items() if name != weakest]:
        with folded(say.WHY_BELOW):
            for one in why:
                st.markdown(with_terms(words(one)))


@once
def _details(folder: RunFolder) -> None:
    """Folded: what the sentence is about, how arms were made equal, and what the data is."""
    result = folder.whole_result()
    assert result is not None
    metric = headline_in(result)
    with folded(MEASURED):
        if counted_arms(result):
            st.markdown(with_terms(say.ESTIMAND(metric=capital(metric.label), about=estimand(result))))
            if metric.k is not None:
                st.markdown(with_terms(f"{say.CURVES_ARE} {say.HEADLINE(k=metric.k)} {say.CURVES_DO_NOT_SHOW}"))
        show_terms(result)
        say_version(result)
        if profile := folder.profile:
            st.markdown(with_terms(words(say.ABOUT_DATA(data=profile["title"], note=profile["note"]))))


def _diverged(result: dict[str, Any]) -> None:
    for arm, record in result["arms"].items():
        for seed in record["seeds"]:
            if seed["state"] == "diverged":
                said = say.DIVERGED(arm=spoken(arm).capitalize(), seed=seed["seed"], reason=seed["reason"])
                st.warning(words(said), icon=":material/error:")


def _curves_at_every_k(folder: RunFolder) -> bool:
    """The curves over K, where there are any; whether what was measured can be read, which is said where it cannot."""
    try:
        any_curve = len(curves_of(folder)) > 0
    except SettingError as error:
        st.error(words(error), icon=":material/error:")
        return False
    if any_curve:
        place = st.container()
        each = toggle(say.EACH_SEED, key="each_seed", help=say.EACH_SEED_HELP)
        with place:
            _curves(folder, each)
    return True


@once
def _curves(folder: RunFolder, each: bool) -> None:
    """Recall at every K."""
    label = task_named(folder.experiment.task).kinds[0].label
    curves = curves_of(folder)
    if told := curves_told(curves):
        finding(told)
    figure = recall_figure(curves, each_seed=each, text=text_colour(), label=label)
    st.plotly_chart(figure, key="recall-curves")
    bands = say.CURVES_BANDS if several_seeds(curves) else ""
    further = say.CURVES_BASELINES if any(one.visible == "legendonly" for one in figure.data) else ""
    st.caption(with_terms(" ".join(filter(None, (say.CURVES, bands, further)))))


def _look_inside(folder: RunFolder) -> None:
    """Links to the pages that say why, of this very run."""
    st.subheader(say.WHY, anchor=False)
    row = st.container(horizontal=True, gap="medium")
    two_towers = folder.experiment.task == RETRIEVAL
    for page, label in say.PAGES.items():
        if two_towers or page not in say.OF_TWO_TOWERS:
            row.page_link(way_to(page), label=label, width="content", query_params={PARAMETER: folder.run})


def _history(folder: RunFolder, caption: str) -> bool:
    """The curves of the training, if there are any; whether there are."""
    history = folder.history
    if history is None or history.empty:
        return False
    st.caption(with_terms(caption))
    percent = task_named(folder.experiment.task).watches_shares
    st.plotly_chart(history_figure(history, "recall", percent=percent), key="reached-recall")
    st.plotly_chart(history_figure(history, "loss"), key="reached-loss")
    return True


def _training(folder: RunFolder) -> None:
    """Folded: how validation went, and which weights of each training were kept."""
    if not _was_watched(folder):
        return
    unfolded(TRAINING, say.TRAINING, _trained, folder)


@once
def _was_watched(folder: RunFolder) -> bool:
    history = folder.history
    return folder.whole_result() is not None and history is not None and not history.empty


@once
def _trained(folder: RunFolder) -> None:
    result, history = folder.whole_result(), folder.history
    assert result is not None
    assert history is not None
    kept = {(arm, one["seed"]): one.get("best_step") for arm, own in result["arms"].items() for one in own["seeds"]}
    percent = task_named(folder.experiment.task).watches_shares
    marks = {cell: step for cell, step in kept.items() if step is not None}
    if told := training_told(marks):
        finding(told)
    st.plotly_chart(history_figure(history, "recall", percent=percent, kept=marks), key="trained-recall")
    st.caption(with_terms(words(say.TRAINING_CAPTION(metric=validated(history)))))


def _numbers(result: dict[str, Any], headline: list[Comparison], metric: Metric) -> None:
    """The headline of every arm, as large numbers."""
    against = {c.arm: c for c in headline}
    row = st.container(horizontal=True, gap="large")
    for arm, record in counted_arms(result).items():
        delta = None
        if c := against.get(arm):
            delta = f"{metric.change(c.difference)}{' points' if metric.unit == 'points' else ''}"
            if c.seeds > 1:  # of one seed the interval would be of the users alone
                delta += f" {span(c.low, c.high, metric.change)}"
        of_seeds = say.NUMBER_HELP(seeds=plural(len(record_of(record, metric, "_per_seed")), "seed"))
        row.metric(
            f"{spoken(arm)}, {metric}",
            metric.level(record_of(record, metric)),
            delta,
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=with_picture(" ".join(filter(None, (explained(str(metric)), of_seeds)))),
        )
    task, sign = task_of(result), 1 if metric.higher_is_better else -1
    known = {name: record_of(record, metric) for name, record in result["baselines"].items()}
    floors = sorted((name for name in task.floors if name in known), key=lambda name: -sign * known[name])
    for name, level in known.items():  # of the floors the first and the highest; the table has all
        if name not in floors or name in (next(iter(task.floors)), floors[0]):
            text = " ".join(filter(None, (task.baselines_told[name], explained(str(metric)))))
            row.metric(f"{spoken(name)}, {metric}", metric.level(level), help=with_picture(text), width="content")


@once
def _terms_and_table(folder: RunFolder) -> None:
    """How the arms were made equal, and every number."""
    result = folder.whole_result()
    assert result is not None
    st.subheader(say.NUMBERS, anchor=False)
    metrics = {str(metric): metric for metric in task_of(result).tabled(result["data"]["items"])}
    rows = [
        {
            "arm": spoken(arm),
            **{name: metric.scale * record_of(record, metric) for name, metric in metrics.items()},
            "parameters": record["parameters"]["total"],
            "dense": record["parameters"]["dense"],
            "FLOPs": record["flops_per_example"],
            "examples/s": record["examples_per_second"],
        }
        for arm, record in counted_arms(result).items()
    ]
    for arm, record in result["baselines"].items():
        known = {name: record_of(record, metric) for name, metric in metrics.items()}
        rows.append(
            {"arm": spoken(arm), **{name: metrics[name].scale * v for name, v in known.items() if v is not None}}
        )
    whole = ("parameters", "dense", "FLOPs", "examples/s")
    frame = pd.DataFrame(rows, columns=None if rows else ["arm"]).round(dict.fromkeys(whole, 0))
    number = st.column_config.NumberColumn
    config: dict[str, Any] = {
        "arm": st.column_config.TextColumn(width="medium" if frame["arm"].str.len().max() > 18 else 130),
        **{name: number(format=metric.printed) for name, metric in metrics.items()},
        **{name: number(format="localized", step=1) for name in whole},
    }
    st.dataframe(frame, hide_index=True, column_config=explaining(frame, config), placeholder="")
    data = result["data"]
    counts = {name: f"{data[name]:,}" for name in ("events", "train", "validation", "test", "items", "users")}
    about = say.ABOUT_NUMBERS(data=data["title"], content=data["hash"], device=result["device"], **counts)
    with folded(MEASURED):
        st.markdown(with_terms(words(" ".join(part for part in (about, _made_on(result)) if part))))


def _made_on(result: dict[str, Any]) -> str:
    """On what the same settings and seeds give the same numbers; nothing of a run from before that was kept."""
    made = result.get("made_on")
    return say.MADE_ON(**made) if made else ""
