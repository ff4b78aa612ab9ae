"""The open questions and what our studies say to each: the question, one sentence, one picture, the rest folded."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.causes import PATH
from pdcn.evaluation.verdict import UNITS, comparison_of
from pdcn.pages.findings.figures import synthetic_figure
from pdcn.research.answers import answer, beside_the_claim, changes, details, interval, rows_of, tally
from pdcn.research.findings import FINDINGS, FOLDER, Finding, bundled
from pdcn.research.synthetic import NAME, bundled_frame
from pdcn.research.synthetic import answer as sentences
from pdcn.shell.analysis_view import say_version
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.shown_run import once, shown_run, stamps
from pdcn.tasks import TASKS
from pdcn.wirings import WIRINGS
from pdcn.words import capital, chance, percent, points, span, spoken

PER_ROW = 2


def draw() -> None:
    """Every finding, one below the other."""
    _all_of_them(stamps(*sorted(FOLDER.glob("*.json"))))
    shown_run()  # none is shown here, but the address and the menu keep it


@once
def _all_of_them(files: list[tuple[str, int]]) -> None:
    """The page, as long as the files are the same."""
    st.title("What we found", anchor=False)
    found = [(finding, bundled(name)) for name, finding in FINDINGS.items()]
    for place, (finding, record) in enumerate(found, 1):
        st.subheader(f"{place}. {finding.question}", anchor=finding.name, divider="gray" if place > 1 else False)
        if record is None:
            st.info(
                f"This study has not been run yet. `python -m pdcn study {finding.name}` runs it.",
                icon=":material/hourglass_empty:",
            )
            continue
        _show(finding, record)
    _the_paper()
    records = {finding.name: {**record, "rows": rows_of(finding, record)} for finding, record in found if record}
    st.subheader("Beside the published number", anchor="published", divider="gray")
    st.markdown(
        "Pinterest Engineering reported +11% offline recall@1000 for side by side (“From Clicks to Conversions”, "
        "27 April 2026), without a size-matched baseline, seeds or an interval."
    )
    if "cause" in records:
        st.markdown(beside_the_claim(records["cause"]))
    _count(records)


def _count(records: dict[str, dict[str, Any]]) -> None:
    counts = tally(records.values())
    if not any(counts.values()):
        return
    row = st.container(horizontal=True, gap="large")
    for verdict, number in counts.items():
        row.metric(
            verdict,
            number,
            width="content",
            help="Settings, over all questions, in which parallel was this against sequential. They were chosen to "
            "answer questions, not to be a fair sample of anything.",
        )


def _show(finding: Finding, record: dict[str, Any]) -> None:
    st.markdown(f"**{answer(finding, record)}**")
    rows = pd.DataFrame(rows_of(finding, record))
    if finding.kind == "cause":
        _steps(finding, rows)
    _pictures(finding, rows)
    k = rows["k"].iloc[0]
    st.caption(
        f"Recall@{k}, points, 95% intervals. Filled: significant after counting every row of this question (Holm)."
    )
    say_version(record)
    with st.expander("How was this measured?"):
        st.markdown(finding.why)
        for said in details(finding, record):
            st.markdown(f"- {said}")
        _numbers(finding, record)


def _steps(finding: Finding, rows: pd.DataFrame) -> None:
    """What the advantage is made of, a picture for each group of data."""
    st.markdown("What the advantage is made of, one change at a time")
    pairs = list(zip(PATH[1:], PATH, strict=False))
    found = {}
    for group, own in rows.groupby("group", sort=False):
        rows_of = [{str(name): value for name, value in row.items()} for row in own.to_dict("records")]
        known = {(row["arm"], row["against"]): row for row in rows_of}
        if all(pair in known for pair in pairs):
            found[str(group)] = [comparison_of(known[pair], TASKS["retrieval"]) for pair in pairs]
    ends = [end for steps in found.values() for end in _reach([c.difference for c in steps], steps)]
    for at, (column, (group, steps)) in enumerate(zip(_places(len(found)), found.items(), strict=True)):
        column.markdown(f"**{capital(group)}**")
        figure = steps_figure(steps, key=f"steps-{group}", wide=(min(ends) - 0.3, max(ends) + 0.3))
        column.plotly_chart(figure, key=f"steps-{finding.name}-{at}")


def _reach(sizes: list[float], steps: list[Any]) -> list[float]:
    """How far bars and whiskers go, in points."""
    starts = [0.0, *pd.Series(sizes).cumsum().tolist()]
    return [100 * (start + end) for start, c in zip(starts, steps, strict=False) for end in (0, c.low, c.high)]


def _pictures(finding: Finding, rows: pd.DataFrame) -> None:
    """A picture for each group of data and pair, all on one axis: arms in rows, or settings in rows."""
    wide = 105 * float(rows[["low", "high"]].abs().to_numpy().max())
    shown = []
    for group, own in rows.groupby("group", sort=False):
        if finding.kind in ("cause", "arms"):
            part = own[own["against"] == finding.pairs[0][1]]
            part = part[part["label"] == part["label"].iloc[0]]
            labels = [f"{spoken(arm)}{_control(arm)}" for arm in part["arm"]]
            shown.append((f"{group}, minus {spoken(finding.pairs[0][1])}", part.assign(label=labels)))
            continue
        for arm, against in dict.fromkeys(zip(own["arm"], own["against"], strict=True)):
            part = own[(own["arm"] == arm) & (own["against"] == against)]
            held = " minus the same with the full matrix" if arm == against else f" minus {spoken(against)}"
            shown.append((f"{group}: {spoken(arm)}{held}{_control(against)}", part))
    for at, (column, (title, part)) in enumerate(zip(_places(len(shown)), shown, strict=True)):
        column.markdown(f"**{capital(title)}**")
        figure = forest_figure(part.reset_index(drop=True), key=f"{finding.name}-{at}", wide=wide)
        column.plotly_chart(figure, key=f"finding-{finding.name}-{at}")


def _places(count: int) -> list[Any]:
    """So many places for pictures, two beside each other."""
    rows = [st.columns(PER_ROW) for _ in range(-(-count // PER_ROW))]
    return [place for row in rows for place in row][:count]


def _control(arm: str) -> str:
    """Marks an arm that is there to rule something out."""
    return " (control)" if arm in WIRINGS and WIRINGS[arm].rules_out else ""


def _the_paper() -> None:
    """The synthetic experiments of the paper behind the cross layers, ours beside what it published."""
    st.subheader("Do we find what the DCN-V2 paper found?", anchor=NAME, divider="gray")
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
        "features the second function has (100 here), nor how it trained: errors compare by their order alone. Cross "
        "networks and MLPs have different optimisers here, and more was tried for the cross networks, in part on these "
        "seeds: this is no contest between the two."
    )
    with st.expander("The numbers, and how to repeat them"):
        st.dataframe(rows.drop(columns="table"), hide_index=True)
        st.code(f"python -m pdcn study {NAME}", language="bash")


def _numbers(finding: Finding, record: dict[str, Any]) -> None:
    held = {
        id(change.row): f"{interval(change.size)} against {change.held['label']}, {chance(change.adjusted)}"
        for change in changes(finding, record)
    }
    table = [
        {
            "data": row["group"],
            "setting": row["label"],
            "arm": spoken(row["arm"]),
            "minus": spoken(row["against"]),
            "verdict": row["verdict"],
            "recall": f"{100 * row['recall'][0]:.1f}%",
            "of the other": f"{100 * row['recall'][1]:.1f}%",
            "points": points(row["difference"]),
            "95% interval": span(row["low"], row["high"]),
            "after Holm": chance(row["adjusted"]),
            **{f"{name}, points": f"{points(o[0])} {span(o[1], o[2])}" for name, o in row["other"].items()},
            **({"change": held.get(id(row), "—")} if held else {}),
            **{name: f"{100 * value:.1f}%" for name, value in row["baselines"].items() if value is not None},
            "mismatch": f"{percent(100 * row['residual'])} {UNITS['none']}",
            "finished": "no" if row["unfinished"] else "yes",
            "settings": row["terms"],
            "trial kept": " / ".join(str(c["trial"]) for c in row["chosen"] if c) or "—",
            **({"worlds": row["worlds"]["count"]} if "worlds" in row else {}),
            "seeds": row["seeds"],
            "users": row["users"],
            "events": row["events"],
        }
        for row in rows_of(finding, record)
    ]
    st.dataframe(pd.DataFrame(table).fillna("—"), hide_index=True)
    st.code(record["command"], language="bash")
    st.caption(
        f"Run on {record['device']}. Every setting is a run of its own, which the command keeps and which opens on the "
        "Runs page; a run that is there already is not trained again. Where another processor or version rounds sums "
        "differently, single trainings differ too, less so than from another seed."
    )
