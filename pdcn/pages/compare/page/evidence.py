"""What stands behind a verdict: every difference, where it comes from, how arms were made equal, how far to trust
it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.comparison import Comparison, counted_arms, headline_in, headline_of
from pdcn.evaluation.slices import ENOUGH_EVENTS, ENOUGH_USERS, in_words
from pdcn.evaluation.verdict import Terms
from pdcn.files import DATA, read_json
from pdcn.inert import named, short, words
from pdcn.pages.compare import words as say
from pdcn.pages.compare.figures.difference import difference_figure, largest_difference
from pdcn.pages.compare.figures.live import tuning_figure
from pdcn.research.calibrate import PROMISED, calibrated
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import say_version, take_csv
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import explaining, finding, folded, remark, unfolded
from pdcn.shell.shown_run import differences_of, once, stamps
from pdcn.shell.terms import with_terms
from pdcn.tasks import task_named, task_of
from pdcn.tasks.base import Metric
from pdcn.tasks.retrieval.metrics import VALIDATED_BEFORE
from pdcn.words import capital, chance, listed, percent, plural, points, span, spoken

SHOWN_SLICES = 12
EVERY_DIFFERENCE, TRUST = "every-difference", "trust-the-method"
"""Keys of folds whose tables are drawn once they are open: a table costs a browser more than the page round it."""


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
        _every_difference(folder, against, headline)


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


@st.fragment
@says_errors
def _every_difference(folder: RunFolder, against: str, headline: Metric) -> None:
    with unfolded(EVERY_DIFFERENCE, say.EVERY_DIFFERENCE) as opened:
        if opened:
            _difference_table(folder, against, headline)


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
    with folded(say.IN_WORDS):
        _slices_in_words(folder, arm)
        st.markdown(with_terms(say.SLICES_LEFT_OUT(events=ENOUGH_EVENTS, users=ENOUGH_USERS)))
        take_csv(frame, "slices", say.SLICES_CSV)


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


def show_trust(headline: Sequence[Comparison]) -> None:
    """How often the method claims a difference where there is none, and finds one that is there; beside the run on
    show."""
    _trust(list(headline), stamps(*map(_calibration, calibrated())))


@st.fragment
@says_errors
def _trust(headline: list[Comparison], files: list[tuple[str, int]]) -> None:
    with unfolded(TRUST, say.TRUST, icon=":material/verified:") as opened:
        if opened:
            _trials_of_the_method(headline, files)


def _calibration(name: str) -> Path:
    return DATA / "calibration" / f"{name}.json"


@once
def _trials_of_the_method(headline: list[Comparison], files: list[tuple[str, int]]) -> None:
    """The trials, as long as the files are the same."""
    records = {calibration.on: read_json(_calibration(name)) for name, calibration in calibrated().items()}
    st.markdown(with_terms(say.TRUST_HOW))
    for on, record in records.items():
        if not isinstance(record, dict):
            continue
        st.markdown(with_terms(say.TRUST_STUDIES(data=capital(on), studies=record["studies"])))
        st.markdown(with_terms(in_short(record)))
        table = calibration_table(record)
        how: dict[str, Any] = {"width": "stretch", "height": "content", "column_config": explaining(table)}
        st.dataframe(table, hide_index=True, **how)
        st.caption(f"`{record['command']}` · settings {record['hash']}")
        say_version(record)
        st.json(record["experiment"], expanded=False)
    st.markdown(with_terms(beside(headline)))
    remark(say.TRUST_CAPTION)


def in_short(record: dict[str, Any]) -> str:
    """What the trial says, a list entry a number of seeds: false alarms, whether what was called detectable was found, and
    how often which difference was.

    >>> rows = [{"kind": "A/A", "seeds": 3, "rate": 0.02, "low": 0.0, "high": 0.07, "difference": 0.0}]
    >>> rows += [{"kind": f"A/B, {s}% lost", "seeds": 3, "rate": s / 10, "difference": -s / 200} for s in (2, 5)]
    >>> print(in_short({"rows": rows}))
    - 3 seeds: 2.0% [0.0%, 7.0%] of the studies without a difference claimed one. A loss was found: 1.0 points in 20%, 2.5 points in 50%.
    >>> rows += [{"kind": PROMISED, "seeds": 3, "rate": 0.81, "low": 0.7, "high": 0.9, "difference": -0.04}]
    >>> print(in_short({"rows": rows}).partition("found: ")[2])
    1.0 points in 20%, 2.5 points in 50%, the reliably detected 4.0 points in 81% [70.0%, 90.0%].
    """  # noqa: E501
    said = []
    for none in (row for row in record["rows"] if row["kind"] == "A/A"):
        lost = [row for row in record["rows"] if row["seeds"] == none["seeds"] and row["kind"].startswith("A/B")]
        found = []
        for row in sorted(lost, key=lambda row: row["kind"] == PROMISED):
            size = f"{100 * abs(row['difference']):.1f}"
            if row["kind"] == PROMISED:
                found.append(say.FOUND_PROMISED(size=size, rate=_rate(row)))
            else:
                found.append(say.FOUND(size=size, rate=f"{row['rate']:.0%}"))
        said.append(f"- {say.FALSE_ALARMS(seeds=none['seeds'], alarms=_rate(none, 1), found=', '.join(found))}")
    return "\n".join(said)


def _rate(row: dict[str, Any], decimals: int = 0) -> str:
    return f"{row['rate']:.{decimals}%} [{row['low']:.1%}, {row['high']:.1%}]"


def beside(headline: Sequence[Comparison]) -> str:
    """What the run on show reliably detects, and why the studies of the trial detect something else.

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .02, .01, .03, "better", 3, 780, 39_454, detectable=.027)
    >>> print(beside([c]))
    The run above reliably detects 2.7 points with 3 seeds and 39,454 test events. The trial has other data and fewer test events, so its figure is another one. The promise is the same: what is called reliably detected is found in about four of five studies.
    """  # noqa: E501
    c = next((c for c in headline if c.detectable), None)
    if c is None or c.detectable is None:
        return ""
    return say.BESIDE(size=f"{100 * c.detectable:.1f}", seeds=c.seeds, events=f"{c.events:,}")


def calibration_table(record: dict[str, Any]) -> pd.DataFrame:
    """A calibration as a table to read."""
    rows = [
        {
            "study": row["kind"],
            "seeds": row["seeds"],
            "claims": f"{row['rate']:.1%}",
            "interval": span(row["low"], row["high"], "{:.1%}".format),
            "any": f"{row['anywhere'] / row['studies']:.1%}",
            "points": points(row["difference"]),
            "of": say.CLAIMS_OF(claims=row["claims"], studies=row["studies"]),
            "wrong": row["wrong"],
        }
        for row in record["rows"]
    ]
    return pd.DataFrame(rows).rename(columns=say.TRUST_COLUMNS)
