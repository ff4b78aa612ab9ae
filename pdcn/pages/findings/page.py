"""The open questions and what our studies say to each: the question, the picture, the answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.verdict import UNITS
from pdcn.pages.findings.figures import synthetic_figure
from pdcn.research.answers import answer, beside_the_claim, changes, interval, tally
from pdcn.research.findings import FINDINGS, FOLDER, Finding, bundled
from pdcn.research.synthetic import NAME, bundled_frame
from pdcn.research.synthetic import answer as sentences
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.shown_run import once, shown_run, stamps
from pdcn.words import capital, chance, percent, points, span, spoken


def draw() -> None:
    """Every finding, one below the other."""
    _all_of_them(stamps(*sorted(FOLDER.glob("*.json"))))
    shown_run()  # none is shown here, but the address and the menu keep it


@once
def _all_of_them(files: list[tuple[str, int]]) -> None:
    """The page, as long as the files are the same."""
    st.title("What we found", anchor=False)
    st.caption(
        "Pinterest Engineering reported +11% offline recall@1000 for side by side (“From Clicks to Conversions: "
        "Architecting Shopping Conversion Candidate Generation”, 27 April 2026), and left these questions open. Each "
        "was put to a study of five seeds an arm; the answers are written by the numbers, whichever way they fall."
    )
    found = [(finding, bundled(name)) for name, finding in FINDINGS.items()]
    records = {finding.name: record for finding, record in found if record}
    if "capacity" in records:
        st.markdown(f"**{beside_the_claim(records['capacity'])}**")
    counts = tally(records.values())
    row = st.container(horizontal=True, gap="large")
    for verdict, number in counts.items():
        row.metric(
            verdict,
            number,
            width="content",
            help="Settings, over all questions, in which parallel (both towers, concatenated) was this against "
            "sequential.",
        )
    st.caption(
        f"Parallel against sequential in recall@100, over the {sum(counts.values())} settings below. They were chosen "
        "to answer questions, not to be a fair sample of anything."
    )
    for place, (finding, record) in enumerate(found, 1):
        st.subheader(f"{place}. {finding.question}", anchor=finding.name, divider="gray")
        st.caption(finding.why)
        if record is None:
            st.info(
                f"This study has not been run yet. `python -m pdcn study {finding.name}` runs it.",
                icon=":material/hourglass_empty:",
            )
            continue
        _show(finding, record)
    _the_paper()


def _show(finding: Finding, record: dict[str, Any]) -> None:
    for said in answer(record, finding.contrasts):
        st.markdown(f"- {said}")
    rows = pd.DataFrame(record["rows"])
    wide = 105 * float(rows[["low", "high"]].abs().to_numpy().max())
    sources = list(dict.fromkeys(rows["data"]))
    for column, source in zip(st.columns(len(sources)), sources, strict=True):
        own = rows[rows["data"] == source].reset_index(drop=True)
        by_arm = own["arm"].nunique() > 1
        own["label"] = [spoken(arm) for arm in own["arm"]] if by_arm else own["label"]
        column.markdown(f"**{own['title'].iloc[0]}**")
        figure = forest_figure(own, key=f"{finding.name}-{source}", wide=wide)
        column.plotly_chart(figure, key=f"finding-{finding.name}-{source}")
    k, against = rows["k"].iloc[0], spoken(rows["against"].iloc[0])
    st.caption(
        f"Recall@{k} minus that of {against}, in points, with 95% intervals; a filled mark is a difference that "
        "stands after Holm over all rows of this question, which share baselines. Both pictures share one axis. It "
        "says nothing of other data, and not whether one row differs from another"
        + (
            ": the words above do, counted by themselves (Holm), as if rows shared no users, seeds or baseline, which "
            "errs on the safe side where they do."
            if finding.contrasts
            else "."
        )
    )
    say_version(record)
    _numbers(finding, record)


def _the_paper() -> None:
    """The synthetic experiments of the paper behind the cross layers, ours beside what it published."""
    st.subheader("What the DCN-V2 paper finds on synthetic functions, and do we?", anchor=NAME, divider="gray")
    rows = bundled_frame()
    if rows is None:
        st.info(
            f"This study has not been run yet. `python -m pdcn study {NAME}` runs it.",
            icon=":material/hourglass_empty:",
        )
        return
    for said in sentences(rows):
        st.markdown(f"- {said}")
    tables = list(rows.groupby("table", sort=False))
    for column, (table, own) in zip(st.columns(len(tables)), tables, strict=True):
        column.markdown(f"**{capital(str(table))}**")
        column.plotly_chart(synthetic_figure(own, key=f"{NAME}-{table}"), key=f"finding-{NAME}-{table}")
    st.caption(
        "Root mean squared error on draws that were not trained on: the mean of five seeds, with their range. Open "
        "marks are the published means (arXiv 2008.13535). The paper states neither its random weights, nor how many "
        "features the second function has (100 here), nor how it trained: errors compare by their order alone."
    )
    with st.expander("The numbers, and how to repeat them"):
        st.dataframe(rows.drop(columns="table"), hide_index=True)
        st.code(f"python -m pdcn study {NAME}", language="bash")


def _numbers(finding: Finding, record: dict[str, Any]) -> None:
    one = len({row["arm"] for row in record["rows"]}) == 1
    with st.expander("The numbers, and how to repeat them"):
        held = {
            id(change.row): f"{interval(change.size.difference, change.size.low, change.size.high)} against "
            f"{change.held['label'] if one else spoken(change.held['arm'])}, {chance(change.adjusted)}"
            for change in changes(record, finding.contrasts)
        }
        table = [
            {
                "data": row["data"],
                "setting": row["label"],
                "arm": spoken(row["arm"]),
                "verdict": row["verdict"],
                "recall": f"{100 * row['recall'][row['arm']]:.1f}%",
                "baseline": f"{100 * row['recall'][row['against']]:.1f}%",
                "points": points(row["difference"]),
                "95% interval": span(row["low"], row["high"]),
                "after Holm": chance(row["adjusted"]),
                **{f"{name}, points": f"{points(o[0])} {span(o[1], o[2])}" for name, o in row["other"].items()},
                **({"change": held.get(id(row), "—")} if held else {}),
                "mismatch": f"{percent(100 * row['residual'])} {UNITS[row['match']]}",
                "settings": row["terms"],
                "trial kept": " / ".join(str(c["trial"]) for c in row["chosen"].values() if c) or "—",
                "seeds": row["seeds"],
                "users": row["users"],
                "events": row["events"],
            }
            for row in record["rows"]
        ]
        st.dataframe(pd.DataFrame(table).fillna("—"), hide_index=True)
        st.code(record["command"], language="bash")
        st.caption(
            f"Run on {record['device']}. Every setting is a run of its own, which the command keeps and which opens "
            "on the Runs page; a run that is there already is not trained again. Where sums are rounded in another "
            "order, by another processor or version, single trainings come out differently, less so than from "
            "another seed."
        )
