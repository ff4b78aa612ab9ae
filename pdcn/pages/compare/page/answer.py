"""The answer of a run: verdict, recall curves, paired difference, towers, table. And states of no answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.verdict import (
    Comparison,
    Terms,
    basis,
    below_floor,
    claim,
    comparisons_of,
    counted_arms,
    estimand,
    headline_in,
    headline_of,
    record_of,
)
from pdcn.inert import words
from pdcn.pages.compare.figures.live import history_figure, validated
from pdcn.pages.compare.page.evidence import show_differences, show_slices, show_terms, show_trust
from pdcn.pages.compare.page.skip import show_why
from pdcn.pages.compare.page.towers import show_towers
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import PARAMETER
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.recall import recall_figure
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.shown_run import curves_of, once, store, text_colour
from pdcn.tasks import task_named, task_of
from pdcn.tasks.base import Metric
from pdcn.words import plural, span, spoken

ENDED_EARLY = {
    "stopped": "This run was stopped; seeds that had ended count, one cut midway counts only where none had.",
    "interrupted": "This run was interrupted; the seeds that had ended before are shown.",
    "failed": "This run failed; the seeds that had ended before are shown.",
}

WHY = (
    ("crosses", "What the crosses learned"),
    ("embeddings", "Where the towers put things"),
    ("inside", "What each stage keeps"),
    ("retrieve", "One query, two lists"),
)
"""Pages that look inside a run, in words."""


def show_answer(folder: RunFolder) -> None:
    """All of a run's answer, from the sentence to the table."""
    state = store().state(folder.run)
    try:
        result = folder.whole_result()
    except SettingError as error:
        st.error(words(error), icon=":material/error:")
        _history(folder, "How the training went; what was found from it can't be read:")
        return
    if state in ENDED_EARLY:
        note = ENDED_EARLY[state] if result else ENDED_EARLY[state].split(";")[0] + " before a seed had ended."
        st.warning(f"{note} {words(folder.progress.message)}".strip(), icon=":material/info:")
    if result is None:
        if not _history(folder, "What the run had reached when it ended:"):
            st.caption("It ended before its first point. Run it again with the button on the left.")
        return
    _in_short(folder)
    show_why(folder, result)
    show_trust(headline_of(comparisons_of(result), headline_in(result)))
    _diverged(result)
    _at_every_k(folder, result)
    show_slices(folder)
    _look_inside(folder)
    show_towers(result["arms"])
    _training(folder)
    _terms_and_table(folder)


@once
def _in_short(folder: RunFolder) -> None:
    """The claim, the large numbers, and what they mean."""
    result = folder.whole_result()
    assert result is not None
    metric = headline_in(result)
    headline = headline_of(comparisons_of(result), metric)
    _verdict(result, headline)
    _numbers(result, headline, metric)
    if said := below_floor(result):
        st.warning(words(said), icon=":material/trending_down:")
    _meaning(folder, result, metric)


def _diverged(result: dict[str, Any]) -> None:
    for arm, record in result["arms"].items():
        for seed in record["seeds"]:
            if seed["state"] == "diverged":
                said = f"{spoken(arm).capitalize()}, seed {words(seed['seed'])}: {words(seed['reason'])}."
                st.warning(said, icon=":material/error:")


@says_errors
def _at_every_k(folder: RunFolder, result: dict[str, Any]) -> None:
    """What is worked out from what was measured: curves over K, where there are any, and paired differences."""
    if len(curves_of(folder)):  # before the toggle: where the ranks are damaged, nothing but that is said
        each = st.toggle("Each seed", key="each_seed", bind="query-params", help="Draw every seed's own curve.")
        _curves(folder, each)
    show_differences(folder, result)


@once
def _curves(folder: RunFolder, each: bool) -> None:
    """Recall at every K."""
    label = task_named(folder.experiment.task).kinds[0].label
    figure = recall_figure(curves_of(folder), each_seed=each, text=text_colour(), label=label)
    st.plotly_chart(figure, key="recall-curves")
    st.caption(
        "How often the item that was really chosen is among the first K of the whole catalogue; mean over "
        "users, band from the lowest to the highest seed. It does not show whether the order within the K is good."
    )


def _look_inside(folder: RunFolder) -> None:
    """Links to the pages that say why, of this very run."""
    st.markdown("#### Why?")
    row = st.container(horizontal=True, gap="medium")
    for page, label in WHY:
        row.page_link(way_to(page), label=label, width="content", query_params={PARAMETER: folder.run})


def _verdict(result: dict[str, Any], headline: list[Comparison]) -> None:
    """The claim in large and what it rests on below; where several arms were held against one, one by one."""
    terms = Terms.of(result)
    if not headline:
        st.subheader(words(result["verdict"]), anchor=False)
    for c in headline:
        said = words(claim(c, result["data"]["title"]))
        if len(headline) == 1:
            st.subheader(said, anchor=False)
        else:
            st.markdown(f"**{said}**")
        st.markdown(words(basis(c, terms)))
    if headline and result.get("note"):
        st.markdown(words(result["note"]))


def _meaning(folder: RunFolder, result: dict[str, Any], metric: Metric) -> None:
    """What the sentence is about, and what the data is."""
    if counted_arms(result):
        of_k = "" if metric.k is None else f" K = {metric.k} is the headline; the figure below has the other K."
        st.caption(
            f"About the average over users and over trainings from other seeds, at these settings: {metric.label} is "
            f"averaged over a user's events, then over users. {estimand(result)} One more training by itself can fall "
            f"outside of the interval.{of_k}"
        )
    say_version(result)
    if profile := folder.profile:
        st.caption(words(f"{profile['title']}: {profile['note']}"))


def _history(folder: RunFolder, caption: str) -> bool:
    """The curves of the training, if there are any; whether there are."""
    history = folder.history
    if history is None or history.empty:
        return False
    st.caption(caption)
    percent = task_named(folder.experiment.task).kinds[0].unit == "points"
    st.plotly_chart(history_figure(history, "recall", percent=percent), key="reached-recall")
    st.plotly_chart(history_figure(history, "loss"), key="reached-loss")
    return True


@once
def _training(folder: RunFolder) -> None:
    """Folded: how validation went, and which weights of each training were kept."""
    result, history = folder.whole_result(), folder.history
    if result is None or history is None or history.empty:
        return
    kept = {(arm, one["seed"]): one.get("best_step") for arm, own in result["arms"].items() for one in own["seeds"]}
    with st.expander("How the training went"):
        percent = task_named(folder.experiment.task).kinds[0].unit == "points"
        marks = {cell: step for cell, step in kept.items() if step is not None}
        st.plotly_chart(history_figure(history, "recall", percent=percent, kept=marks), key="trained-recall")
        st.caption(
            f"Validation {words(validated(history))} of each arm: thin lines are seeds, the thick line their mean. A "
            "mark stands where the weights of a seed were kept, which the test events then judged."
        )


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
        row.metric(
            f"{spoken(arm)}, {metric}",
            metric.level(record_of(record, metric)),
            delta,
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=f"Mean over the test users and {plural(len(record_of(record, metric, '_per_seed')), 'seed')}.",
        )
    task, sign = task_of(result), 1 if metric.higher_is_better else -1
    known = {name: record_of(record, metric) for name, record in result["baselines"].items()}
    floors = sorted((name for name in task.floors if name in known), key=lambda name: -sign * known[name])
    for name, level in known.items():  # of the floors the first and the highest; the table has all
        if name not in floors or name in (next(iter(task.floors)), floors[0]):
            text = task.baselines_told[name]
            row.metric(f"{spoken(name)}, {metric}", metric.level(level), help=text, width="content")


@once
def _terms_and_table(folder: RunFolder) -> None:
    """How the arms were made equal, and every number."""
    result = folder.whole_result()
    assert result is not None
    show_terms(result)
    st.markdown("#### The numbers")
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
    whole = {
        "parameters": None,
        "dense": "Parameters outside the embedding tables.",
        "FLOPs": "Of the matrix products of one query and one item; elementwise work is left out.",
        "examples/s": None,
    }
    frame = pd.DataFrame(rows, columns=None if rows else ["arm"]).round(dict.fromkeys(whole, 0))
    number = st.column_config.NumberColumn
    config: dict[str, Any] = {
        "arm": st.column_config.TextColumn(width="medium" if frame["arm"].str.len().max() > 18 else 130),
        **{name: number(format=metric.printed) for name, metric in metrics.items()},
        **{name: number(format="localized", step=1, help=text) for name, text in whole.items()},
    }
    st.dataframe(frame, hide_index=True, column_config=config, placeholder="")
    data = result["data"]
    said = (
        f"{data['title']}: {data['events']:,} events ({data['train']:,} train, {data['validation']:,} validation, "
        f"{data['test']:,} test), {data['items']:,} items, {data['users']:,} test users; content "
        f"{data['hash']}; {result['device']}. Examples per second are of this machine, all arms training at once."
        f"{_made_on(result)}"
    )
    st.caption(words(said))


def _made_on(result: dict[str, Any]) -> str:
    """On what the same settings and seeds give the same numbers; nothing of a run from before that was kept."""
    made = result.get("made_on")
    if not made:
        return ""
    return (
        f" Made with torch {made['torch']} on {made['processor']} ({made['instructions']}): there, the same settings "
        "and seeds give the same numbers to the last digit. Another processor or version rounds sums differently, "
        "which training amplifies: a fresh run elsewhere differs, though less than one from other seeds."
    )
