"""What the maps of the Crosses page are worth: planted truth, ablation, permutation, ranks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Analysis, Tables
from pdcn.nn.fields import pair_frame
from pdcn.pages.crosses import IMPORTANCE
from pdcn.pages.crosses.figures import cut_figure, recovery_figure, spectrum_figure, worth_figure
from pdcn.pages.crosses.work.recovery import recovery_frame
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, reading, take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.shown_run import once
from pdcn.words import minus, points, spoken

KEY = ["arm", "side", "layer", "a", "b"]
SMALL, MOST = 0.01, 0.9
"""A singular value below this share of the largest counts as zero in the numerical rank; and which share is most."""
LARGEST = 10
MEASURES = {"ablation": "taken away", "permutation": "shuffled"}


@dataclass(frozen=True)
class LayerView:
    """Which cross layer the page shows, and how: what its controls say."""

    side: str
    layer: int
    size: str
    seeds: str
    moment: str
    every_weight: bool


def with_labels(folder: RunFolder, frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with the fields' labels in place of their names."""
    fields = (folder.profile or {})["fields"]
    names = {f"{field['side']} {field['name']}": field["label"] for field in fields}
    return frame.assign(**{column: (frame["side"] + " " + frame[column]).map(names) for column in columns})


@once
def _blocks(folder: RunFolder, tables: Tables) -> pd.DataFrame:
    """Every block of the cross layers, with the fields' labels."""
    return with_labels(folder, tables["blocks"], ("write", "read"))


def layer_of(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """Blocks of the side and the layer that are shown, at every moment."""
    return _shown(_blocks(folder, tables), shown, arms)


def _shown(table: pd.DataFrame, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """A table's rows of the layer that is shown."""
    return table[table["arm"].isin(arms) & (table["side"] == shown.side) & (table["layer"] == shown.layer)]


def planted(folder: RunFolder, side: str) -> set[frozenset[str]]:
    """Pairs of labels that were planted on a side; nothing for data without a truth."""
    from pdcn.pages.crosses.work.recovery import planted_pairs
    from pdcn.sources.schema import PlantedCross

    truth = (folder.profile or {}).get("truth") or []
    return planted_pairs([PlantedCross(t["side"], tuple(t["fields"]), t["strength"]) for t in truth], side)


def numbers_of(folder: RunFolder, side: str) -> set[str]:
    """Labels of a side's fields that are numbers."""
    fields = (folder.profile or {})["fields"]
    return {field["label"] for field in fields if (field["side"], field["kind"]) == (side, "number")}


def pairs_of(rows: pd.DataFrame, size: str) -> pd.DataFrame:
    """Pairs of fields, both directions together, by arm, seed, side, layer and moment."""
    names = list(dict.fromkeys(rows["write"]))
    return pair_frame(rows, names, ["arm", "seed", "side", "layer", "moment"], size)


def show_recovery(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> None:
    """How well each wiring's norms find what was planted; nothing where the data has no truth."""
    if (folder.profile or {}).get("truth") is None:
        return
    take_csv(_recovery(folder, tables, side, arms), f"recovery-{side}")


@once
def _recovery(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """The words and figures of `show_recovery`, and their table; None where no cross is planted on the side."""
    st.markdown("#### Were the planted crosses found?")
    blocks, truth = _blocks(folder, tables), planted(folder, side)
    own = blocks[(blocks["side"] == side) & blocks["arm"].isin(arms) & blocks["moment"].isin(["initial", "learned"])]
    pairs, numbers = pairs_of(own, "scaled"), numbers_of(folder, side)
    pairs = pairs[~pairs["a"].isin(numbers) & ~pairs["b"].isin(numbers)]
    both = recovery_frame(pairs, truth, ["arm", "layer", "seed", "moment"], "scaled")
    found, before = both[both["moment"] == "learned"], both[both["moment"] == "initial"]
    if found.empty:
        st.write(
            f"No cross is planted on the {side} side, so there is none to find: any bright block there is something "
            "else."
        )
        return None
    told = []
    for arm in arms:
        first, start = (rows[(rows["arm"] == arm) & (rows["layer"] == 0)] for rows in (found, before))
        if len(first):
            untrained = f" (untrained {start['auc'].mean():.2f})" if len(start) else ""
            told.append(
                f"**{spoken(arm)}** AUC {_over_seeds(first['auc'])}{untrained}, average precision "
                f"{_over_seeds(first['average_precision'])}"
            )
    st.markdown(
        f"Over the pairs of category fields, of which some are planted, in the first layer, mean over seeds (range): "
        f"{'; '.join(told)}. By chance: AUC 0.50, average precision {found['chance'].mean():.2f}."
    )
    chances = {"average_precision": ("ap", found["chance"].mean()), "auc": ("auc", 0.5)}
    for column, (measure, (name, chance)) in zip(st.columns(2), chances.items(), strict=True):
        column.plotly_chart(recovery_figure(found, measure, chance, f"recovery-{name}"), key=f"recovery-{name}")
    reading(
        "A mark a seed: how high the planted pairs of fields stand when all pairs of category fields are ordered by "
        "their scaled norm, both directions together; 1 is all of them on top. Numbers are never part of a planted "
        "cross, and their norms are on another scale, so pairs with one are left out.",
        "what the branches beside the crosses learned of them: a deep network can hold a planted cross where no block "
        "shows it.",
    )
    return both


def _over_seeds(values: pd.Series[float]) -> str:
    """Mean and range over seeds.

    >>> _over_seeds(pd.Series([0.9, 1.0])), _over_seeds(pd.Series([0.9]))
    ('0.95 (0.90 to 1.00)', '0.90')
    """
    several = f" ({values.min():.2f} to {values.max():.2f})" if len(values) > 1 else ""
    return f"{values.mean():.2f}{several}"


def show_importance(folder: RunFolder, blocks: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """Norms against what is lost without each pair."""
    st.markdown("#### A norm is not importance")
    tables = analysed(
        folder,
        IMPORTANCE,
        offer="Every pair of fields is taken out of every cross layer, and shuffled, and the same 2,048 test events "
        "are ranked anew: about a minute on two cores for the default study, several where layers have no one W.",
    )
    if tables is None or _shown(tables["drops"], shown, arms).empty:
        return
    measure = one_of(
        "Measure",
        list(MEASURES),
        key="worth_measure",
        format_func=MEASURES.__getitem__,
        label_visibility="collapsed",
        help="Taken away: the block and its reverse are zero. Shuffled: they read another event's value instead, "
        "which keeps what the pair adds on average.",
    )
    name = f"importance-{shown.side}-layer-{shown.layer + 1}"
    take_csv(_worth(folder, blocks, tables, shown, measure, arms), name)


@once
def _worth(
    folder: RunFolder, blocks: Tables, tables: Tables, shown: LayerView, measure: str, arms: tuple[str, ...]
) -> pd.DataFrame:
    """The words and the figure of `show_importance`, and their table."""
    drops = _shown(with_labels(folder, tables["drops"], ("a", "b")), shown, arms)
    rows = layer_of(folder, blocks, shown, arms)
    norms = pairs_of(rows[rows["moment"] == "learned"], shown.size).groupby(KEY, as_index=False)[shown.size].mean()
    joined = drops[drops["measure"] == measure].merge(norms, on=KEY, validate="one_to_one")
    joined["label"] = joined["a"] + " × " + joined["b"]
    st.markdown(_in_words(joined, shown.size, arms))
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(worth_figure(joined, shown.size, "worth"), key="cross-worth")
    with right:
        _largest(joined, arms)
    k, events = int(joined["k"].iloc[0]), int(joined["events"].iloc[0])
    reading(
        f"A point a pair of fields: its norm to the right, upwards how far the true items of {events:,} test events "
        "move without it (mean |log2| of their ranks' ratio; 1 is a doubling or halving); the list has the "
        f"recall@{k} that is lost, with its 95% interval over users and seeds, each by itself.",
        "what would happen if the model were trained without the cross: the rest would learn to do without it.",
    )
    return joined


def _in_words(joined: pd.DataFrame, size: str, arms: tuple[str, ...]) -> str:
    told = []
    for arm in arms:
        own = joined[joined["arm"] == arm]
        if len(own) > 2:
            found = (own[size].corr(own[name], method="spearman") for name in ("moved", "drop"))
            by_move, by_drop = (minus(f"{correlation:+.2f}") for correlation in found)
            sure = int((own["low"] > 0).sum())
            told.append(
                f"**{spoken(arm)}**: rank correlation of the norms with how far items move {by_move}, with recall lost "
                f"{by_drop}; of {len(own)} pairs {sure} lose recall with an interval above zero "
                f"(about {0.025 * len(own):.0f} would by luck alone)"
            )
    return "; ".join(told) + "."


def _largest(joined: pd.DataFrame, arms: tuple[str, ...]) -> None:
    table = joined.sort_values("drop", ascending=False).head(LARGEST)
    rows = [
        {
            "pair": words(row["label"]),
            **({"arm": spoken(row["arm"])} if len(arms) > 1 else {}),
            "recall lost": f"{points(row['drop'])} [{points(row['low'])},\N{NO-BREAK SPACE}{points(row['high'])}]",
        }
        for row in table.to_dict("records")
    ]
    # not a data frame, whose cells end in the middle of a name
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def show_spectrum(folder: RunFolder, blocks: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """Singular values, and what a cut to a rank costs."""
    _ranks_in_words(blocks, shown, arms)
    left, right = st.columns(2, gap="medium")
    with left:
        take_csv(_falling(blocks, shown, arms), f"singular-values-{shown.side}-layer-{shown.layer + 1}")
    tables = analysed(folder, IMPORTANCE) if Analysis.of(folder, IMPORTANCE).done else None
    with right:
        if tables is not None:
            take_csv(_cuts(tables, shown.side, arms), f"rank-cuts-{shown.side}")
        else:
            st.caption(
                "What a cut to a lower rank costs in recall is measured together with the importance of the pairs, "
                "above, for layers that have one W."
            )


@once
def _ranks_in_words(tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """The heading, and how many singular values count."""
    st.markdown("#### How much rank does W need?")
    own = _shown(tables["spectrum"], shown, arms)
    told = []
    for arm in arms:
        learned = own[(own["arm"] == arm) & (own["moment"] == "learned")]
        if len(learned):
            ranks = learned[learned["share"] >= SMALL].groupby("seed").size()
            most = learned.groupby("seed")["value"].agg(_most_of_it)
            told.append(
                f"**{spoken(arm)}** {_range(ranks)}, and {_range(most)} of them hold {MOST:.0%} of the squared sum"
            )
    width = int(own["index"].max())
    st.markdown(f"Singular values of at least 1% of the largest (numerical rank), of {width}: {'; '.join(told)}.")


@once
def _falling(tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """The singular values, drawn; and their table."""
    own = _shown(tables["spectrum"], shown, arms)
    st.plotly_chart(spectrum_figure(own, "spectrum"), key="cross-spectrum")
    reading(
        "Learned (drawn) against initial (dotted) singular values of this layer, mean over seeds; a faster fall means "
        "that fewer directions carry the crosses.",
        "what a cut costs: that is measured beside it.",
    )
    return own


@once
def _cuts(tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """What a cut to a rank costs, drawn; and its table, None where there is no W to cut."""
    cuts = tables["cuts"]
    cuts = cuts[cuts["arm"].isin(arms) & (cuts["side"] == side)]
    if cuts.empty:
        st.caption("These layers have no one W that could be cut.")
        return None
    st.plotly_chart(cut_figure(cuts, "cuts"), key="cross-cuts")
    k, events = int(cuts["k"].iloc[0]), int(cuts["events"].iloc[0])
    reading(
        f"Recall@{k} on {events:,} test events with every cross layer of the {side} tower cut to its closest matrix of "
        "that rank, against the whole; bars are 95% intervals over users and seeds.",
        "how a model that was trained with that rank would do.",
    )
    return cuts


def _most_of_it(values: pd.Series[float]) -> int:
    """How many of the values, the largest first, hold most of their squared sum."""
    square = values.to_numpy(float) ** 2
    return int((square.cumsum() < MOST * square.sum()).sum()) + 1


def _range(values: pd.Series[int]) -> str:
    return f"{values.min()}" + (f" to {values.max()}" if values.max() > values.min() else "")
