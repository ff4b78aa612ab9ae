"""What stands behind a verdict: every difference, where it comes from, and how arms were made equal."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.comparison import Comparison, counted_arms, headline_in, headline_of
from pdcn.evaluation.slices import ENOUGH_EVENTS, ENOUGH_USERS, in_words
from pdcn.evaluation.verdict import Terms
from pdcn.inert import named, short, words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.difference import difference_figure, largest_difference
from pdcn.pages.compare.figures.live import tuning_figure
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import explaining, finding, remark, unfolded
from pdcn.shell.shown_run import differences_of, once
from pdcn.shell.terms import with_terms
from pdcn.tasks import task_named, task_of
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.metrics import VALIDATED_BEFORE
from pdcn.words import capital, chance, listed, percent, plural, span, spoken

SHOWN_SLICES = 12
EVERY_DIFFERENCE = "every-difference"
"""Key of a fold whose tables are drawn once it is open: a table costs a browser more than the page round it."""


def show_differences(folder: RunFolder, result: dict[str, Any]) -> None:
    """The paired difference at every K, a forest of all arms, and a table of every metric."""
    arms = list(counted_arms(result))
    if len(arms) < 2:
        return
    against = folder.experiment.against if folder.experiment.against in arms else arms[-1]
    if len(arms) > 2:
        against = from_list(
            say.HELD_AGAINST,
            arms,
            key="held_against",
            index=arms.index(against),
            format_func=spoken,
            width=280,
            help=say.HELD_AGAINST_HELP,
        )
    headline = headline_in(result)
    _differences(folder, against, headline)
    if differences_of(folder, against)[1]:
        unfolded(EVERY_DIFFERENCE, say.EVERY_DIFFERENCE, _difference_table, folder, against, headline)


@once
def _differences(folder: RunFolder, against: str, headline: Metric) -> None:
    """The differences to one arm: the curve and the forest."""
    curve, found = differences_of(folder, against)
    if not found:
        return
    if len(curve):
        finding(largest_difference(curve))
        st.plotly_chart(difference_figure(curve), key="difference-curve")
        st.caption(with_terms(say.DIFFERENCE if curve["seeds"].max() > 1 else say.DIFFERENCE_ONE_SEED))
    at_headline = headline_of(found, headline)
    if len(at_headline) > 1 and at_headline[0].seeds > 1:
        rows = pd.DataFrame([{**c.record(), "label": spoken(c.arm)} for c in at_headline])
        st.plotly_chart(forest_figure(rows, key="forest-arms", points=headline.unit == "points"), key="forest-arms")
        remark(say.FOREST(metric=capital(str(headline)), against=spoken(against)))


@once
def _difference_table(folder: RunFolder, against: str, headline: Metric) -> None:
    """The differences to one arm of every metric, as a table."""
    _, found = differences_of(folder, against)
    rows = [
        {
            "arm": spoken(c.arm),
            "metric": str(c.metric),
            "verdict": c.verdict,
            c.metric.unit: c.metric.change(c.difference),
            "interval": span(c.low, c.high, c.metric.change) if c.seeds > 1 else "—",
            "percent": percent(c.difference_percent),
            "chance": chance(c.adjusted) if c.seeds > 1 else "—",
            "against": spoken(c.against),
        }
        for c in found
    ]
    table = pd.DataFrame(rows).rename(columns=say.DIFFERENCE_COLUMNS)
    st.dataframe(table, hide_index=True, width="stretch", column_config=explaining(table))
    one = found[0]
    about = {"seeds": plural(one.seeds, "seed"), "users": f"{one.users:,}", "events": f"{one.events:,}"}
    remark(say.EVERY_DIFFERENCE_CAPTION(counting=_counting(one, headline), **about))


def _counting(c: Comparison, headline: Metric) -> str:
    """How the p-values of a record were counted together."""
    return say.COUNTED(metric=capital(str(headline))) if c.counted else say.COUNTED_BEFORE


def show_slices(folder: RunFolder) -> None:
    """Where the difference comes from: the largest in words, and a forest of slices."""
    frame = _slices(folder)
    if frame is None or frame.empty:
        return
    st.subheader(say.SLICES, anchor=False)
    arms = list(dict.fromkeys(frame["arm"]))
    arm = from_list(say.SLICES_OF, arms, key="slices_of", if_several=True, format_func=spoken, width=280)
    own = frame[frame["arm"] == arm]
    if own["seeds"].iloc[0] < 2:
        _slices_in_words(folder, arm)
        return
    kinds = list(dict.fromkeys(own["kind"]))
    kind = one_of(say.KIND, kinds, key="slice_kind", label_visibility="collapsed", format_func=named)
    _slices_drawn(folder, arm, kind)

    def inside() -> None:
        _slices_in_words(folder, arm)
        st.markdown(with_terms(say.SLICES_LEFT_OUT(events=ENOUGH_EVENTS, users=ENOUGH_USERS)))
        take_csv(frame, "slices", say.SLICES_CSV)

    unfolded("slices-in-words", say.IN_WORDS, inside)


@once
def _slices(folder: RunFolder) -> pd.DataFrame | None:
    return folder.slices


@once
def _slices_in_words(folder: RunFolder, arm: str) -> None:
    """The largest differences within slices."""
    frame = folder.slices
    assert frame is not None
    for said in in_words(frame, arm, _sliced(folder, frame)):
        st.markdown(with_terms(f"- {words(said)}"))


@once
def _slices_drawn(folder: RunFolder, arm: str, kind: str) -> None:
    """Slices of a kind as a forest."""
    frame = folder.slices
    assert frame is not None
    rows, part = frame[(frame["arm"] == arm) & (frame["kind"] == kind)], ""
    if len(rows) > SHOWN_SLICES:
        part = say.SLICES_PART(shown=SHOWN_SLICES, slices=len(rows))
        strongest = rows["difference"].abs().sort_values(ascending=False).index[:SHOWN_SLICES]
        rows = rows.loc[sorted(strongest)]
    several = rows["field"].nunique() > 1
    rows = rows.assign(label=[_slice_label(r, named=several) for r in rows.to_dict("records")])
    metric, total = _sliced(folder, frame), int((frame["kind"] == kind).sum())
    name = say.SLICES_AXIS(metric=str(metric), arm=spoken(arm), against=spoken(rows["against"].iloc[0]))
    figure = forest_figure(rows, key=f"slices-{kind}", points=metric.unit == "points", name=name)
    st.plotly_chart(figure, key="forest-slices")
    caption = say.SLICES_CAPTION(slices=total) if total > 1 else say.SLICES_CAPTION_ONE
    st.caption(with_terms(" ".join(filter(None, (caption, part)))))


def _sliced(folder: RunFolder, frame: pd.DataFrame) -> Metric:
    """What slices tell of: the headline's metric, at the K of the frame."""
    k = frame["k"].iloc[0]
    return task_named(folder.experiment.task).kinds[0](None if pd.isna(k) else int(k))


def _slice_label(row: dict[Any, Any], *, named: bool) -> str:
    name = say.SLICE_OF_FIELD(field=row["field"], value=row["value"]) if named else row["value"]
    return say.SLICE(part=short(name, 44), share=f"{row['share']:.0%}")


def show_terms(result: dict[str, Any]) -> None:
    """How the arms were made equal: the budget's target and residual, and every trial of the tuning."""
    terms = Terms.of(result)
    match = result.get("match")
    if match and terms.match != "none" and terms.residual:
        target = match["target"]
        value = f"{target['value']:.4f}" if terms.match == "train-time" else f"{target['value']:,.0f}"
        shares = {arm: percent(100 * share) for arm, share in terms.residual.items()}
        left = [
            say.LEFT(arm=spoken(arm), share=share if terms.met[arm] else say.COULD_NOT(share=share))
            for arm, share in shares.items()
        ]
        to = say.MATCHED_TO_SIZE[target["to"]] if "to" in target else spoken(target["arm"])
        unit, tolerance = say.UNIT[terms.match], f"{match['tolerance']:.0%}"
        st.markdown(
            with_terms(say.MATCHED_TO(to=to, value=value, unit=unit, tolerance=tolerance, left="; ".join(left)))
        )
    tuning = result.get("tuning") or {}
    if not tuning.get("trials"):
        st.markdown(with_terms(words(say.SAME_SETTINGS(settings=capital(terms.tuning)))))
        return
    st.markdown(with_terms(words(say.SETTINGS(settings=terms.tuning))))
    _trials(result, tuning)


def _trials(result: dict[str, Any], tuning: dict[str, Any]) -> None:
    """Every trial of the tuning."""
    watched = task_of(result).watched(result["data"]["items"])
    most = say.HIGHEST if watched.higher_is_better else say.LOWEST
    st.plotly_chart(tuning_figure(tuning, percent=watched.unit == "points"), key="tuning-trials")
    measure, columns = say.VALIDATION(metric=tuning.get("validated", VALIDATED_BEFORE)), say.TRIAL_COLUMNS
    rows = [
        {
            columns["arm"]: spoken(arm),
            columns["trial"]: place,
            columns["chosen"]: "✓" if place == record["chosen"] else "",
            **{k.replace("_", " "): v for k, v in trial.items() if k not in LEFT_OUT},
            measure: None if trial["validation"] is None else watched.scale * trial["validation"],
            columns["state"]: trial["state"],
        }
        for arm, record in tuning["arms"].items()
        for place, trial in enumerate(record["trials"])
    ]
    config = {measure: st.column_config.NumberColumn(format=watched.printed)}
    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, column_config=explaining(table, config))
    st.caption(with_terms(_how_tuned(tuning, most(measure=words(measure)))))


LEFT_OUT = ("validation", "state", "finals")
"""What a trial's record holds beside its settings, and what the table of trials shows by another name or not at all."""


def _how_tuned(tuning: dict[str, Any], best: str) -> str:
    """Which seeds chose an arm's settings, and by how much the choice may err."""
    if "final_seeds" not in tuning:  # as it was done before
        return f"{say.TUNED_BEFORE(seed=words(tuning['seed']), best=best)} {say.TRIAL_ZERO}"
    seeds = words(listed(map(str, tuning["final_seeds"])))
    said = say.TUNED(seed=words(tuning["seed"]), seeds=seeds, best=best)
    error = tuning.get("error")
    apart = "" if error is None else say.TOLD_APART(error=f"{error:.4f}")
    return " ".join(filter(None, (said, apart, say.TRIAL_ZERO)))
