"""The answer of a run: verdict, recall curves, paired difference, towers, table. And states of no answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.verdict import Comparison, points, sentence, spoken
from pdcn.figures.curves import difference_figure, recall_figure
from pdcn.figures.live import history_figure
from pdcn.studies.folder import RunFolder
from pdcn.ui.shown import curves_of, store, text_colour
from pdcn.ui.tower_view import show_towers

ENDED_EARLY = {
    "stopped": "This run was stopped; seeds that had ended count, one cut midway counts only where none had.",
    "interrupted": "This run was interrupted; the seeds that had ended before are shown.",
    "failed": "This run failed; the seeds that had ended before are shown.",
}


def show_answer(folder: RunFolder) -> None:
    """All of a run's answer, from the sentence to the table."""
    result, state = folder.result, store().state(folder.run)
    if state in ENDED_EARLY:
        note = (
            ENDED_EARLY[state] if result else ENDED_EARLY[state].split(";")[0] + " before a seed had ended."
        )
        st.warning(f"{note} {folder.progress.message}".strip(), icon=":material/info:")
    if result is None:
        _unfinished(folder)
        return
    _verdict(result)
    _numbers(result)
    _meaning(folder, result)
    for arm, record in result["arms"].items():
        for seed in record["seeds"]:
            if seed["state"] == "diverged":
                st.warning(
                    f"{spoken(arm).capitalize()}, seed {seed['seed']}: {seed['reason']}.",
                    icon=":material/error:",
                )
    if not (folder.path / "ranks.parquet").exists():
        return
    curves, differences = curves_of(folder)
    each = st.toggle("Each seed", key="each_seed", help="Draw every seed's own curve.")
    st.plotly_chart(recall_figure(curves, each_seed=each, text=text_colour()), key="recall-curves")
    st.caption(
        "How often the item that was really chosen is among the first K of the whole catalogue; mean over "
        "users, band from the lowest to the highest seed. It does not show whether the order within the K is good."
    )
    if len(differences):
        st.plotly_chart(difference_figure(differences), key="difference-curve")
        st.caption(
            "The same users and seeds, one arm minus the other, with the 95% interval; where the band holds "
            "zero, no difference is detectable. Each K has an interval of its own; over many K, some raise a "
            "false alarm by chance."
            if differences["seeds"].max() > 1
            else "The same users and the one seed, one arm minus the other. Another seed may well say otherwise: "
            "there is no interval to hold it against."
        )
    show_towers(result["arms"])
    _table(result)


def _headline_k(result: dict[str, Any]) -> str:
    return "100" if "100" in result["baselines"]["popularity"]["recall"] else "10"


def _verdict(result: dict[str, Any]) -> None:
    """The sentence in large; where several arms were held against one, a list of sentences."""
    headline = [Comparison(**c) for c in result["comparison"] if str(c["k"]) == _headline_k(result)]
    if len(headline) > 1:
        dense = {arm: a["parameters"]["dense"] for arm, a in result["arms"].items() if a["recall"]}
        said = (sentence([c], result["data"]["title"], dense) for c in headline)
        st.markdown("\n".join(f"- **{clause}**" for clause in said))
    else:
        st.subheader(result["verdict"], anchor=False)


def _meaning(folder: RunFolder, result: dict[str, Any]) -> None:
    """What the sentence is about, and what the data is."""
    k = _headline_k(result)
    st.caption(
        f"About a user drawn at random and one more training from another seed: recall is averaged over a user's "
        f"events, then over users, and the interval covers both kinds of luck, on this data and these settings. "
        f"K = {k} is the headline of every run; the figure below has the other K."
    )
    profile = folder.profile
    if profile:
        st.caption(f"{profile['title']}: {profile['note']}")


def _unfinished(folder: RunFolder) -> None:
    history = folder.history
    if history is not None and len(history):
        st.caption("What the run had reached when it ended:")
        st.plotly_chart(history_figure(history, "recall"), key="reached-recall")
        st.plotly_chart(history_figure(history, "loss"), key="reached-loss")
    else:
        st.caption("It ended before its first point. Run it again with the button on the left.")


def _numbers(result: dict[str, Any]) -> None:
    """Recall of every arm at the headline K, as large numbers."""
    k = _headline_k(result)
    against = {c["arm"]: c for c in result["comparison"] if str(c["k"]) == k}
    trained = [(arm, record) for arm, record in result["arms"].items() if record["recall"]]
    row = st.container(horizontal=True, gap="large")
    for arm, record in trained:
        delta = None
        if arm in against:
            c = against[arm]
            delta = f"{points(c['difference'])} points"
            if c["seeds"] > 1:  # of one seed the interval would be of the users alone
                delta += f" [{points(c['low'])}, {points(c['high'])}]"
        row.metric(
            f"{spoken(arm)}, recall@{k}", f"{100 * record['recall'][k]:.1f}%", delta, delta_color="off",
            delta_arrow="off", width="content",
            help=f"Mean over users and {len(record['recall_per_seed'][k])} seeds.",
        )  # fmt: skip
    for name, record in result["baselines"].items():
        text = {
            "popularity": "One list for everybody: items by their count in the training part.",
            "oracle": "The best scores that can be known: those that made the data, unknowable taste averaged out.",
        }[name]
        row.metric(f"{name}, recall@{k}", f"{100 * record['recall'][k]:.1f}%", help=text, width="content")


def _table(result: dict[str, Any]) -> None:
    st.markdown("#### The numbers")
    cuts = list(result["baselines"]["popularity"]["recall"])
    rows = []
    for arm, record in result["arms"].items():
        if record["recall"]:
            rows.append(
                {"arm": spoken(arm), **{f"recall@{k}": 100 * record["recall"][k] for k in cuts},
                 "NDCG@10": 100 * record["ndcg"]["10"], "MRR": 100 * record["mrr"],
                 "parameters": record["parameters"]["total"], "dense": record["parameters"]["dense"],
                 "FLOPs": record["flops_per_example"],
                 "examples/s": record["examples_per_second"]}
            )  # fmt: skip
    for name, record in result["baselines"].items():
        rows.append({"arm": name, **{f"recall@{k}": 100 * record["recall"][k] for k in cuts}})
    frame = pd.DataFrame(rows)
    shares = [name for name in frame.columns if name.startswith(("recall", "NDCG", "MRR"))]
    whole = [name for name in ("parameters", "dense", "FLOPs", "examples/s") if name in frame]
    config: dict[str, Any] = {
        "arm": st.column_config.TextColumn(width="medium" if frame["arm"].str.len().max() > 18 else 130)
    }
    config |= {name: st.column_config.NumberColumn(format="%.1f%%") for name in shares}
    explained = {
        "dense": "Parameters outside the embedding tables.",
        "FLOPs": "Of the matrix products of one query and one item; elementwise work is left out.",
    }
    for name in whole:
        config[name] = st.column_config.NumberColumn(format="localized", step=1, help=explained.get(name))
    if whole:
        frame[whole] = frame[whole].round()
    st.dataframe(frame, hide_index=True, column_config=config, placeholder="")
    data = result["data"]
    st.caption(
        f"{data['title']}: {data['events']:,} events ({data['train']:,} train, {data['validation']:,} validation, "
        f"{data['test']:,} test), {data['items']:,} items, {data['users']:,} users in the test; content "
        f"{data['hash']}; {result['device']}. Examples per second are of this machine, all arms training at once."
    )
