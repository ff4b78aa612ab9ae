"""What the maps of the Crosses page are worth: planted truth, ablation, permutation, ranks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.config import JOINT
from pdcn.inert import words
from pdcn.jobs.analysis import Analysis, Tables
from pdcn.nn.fields import pair_frame
from pdcn.pages.crosses import EVERY, IMPORTANCE
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.figures import cut_figure, recovery_figure, spectrum_figure, worth_figure
from pdcn.pages.crosses.work.recovery import recovery_frame
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.sources.words import OF_ITEM
from pdcn.tasks.metric import Metric
from pdcn.tasks.ranking.metrics import GroupedAUC
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.words import capital, minus, points, spoken

KEY = ["arm", "side", "layer", "a", "b"]
SMALL, MOST = 0.01, 0.9
"""A singular value below this share of the largest counts as zero in the numerical rank; and which share is most."""
LARGEST = 10


def metric_of(side: str, k: float | None = None) -> Metric:
    """What a tower of that name is judged by: recall, where it is told at a K; of a joint network, grouped AUC."""
    return GroupedAUC() if side == JOINT else Recall(None if k is None else int(k))


@dataclass(frozen=True)
class LayerView:
    """Which cross layer the page shows, and how: what its controls say. `expert` counts from 1, where there are such;
    `EVERY` are all of them."""

    side: str
    layer: int
    size: str
    seeds: str
    moment: str
    every_weight: bool
    every_field: bool
    expert: int = EVERY


def side_fields(folder: RunFolder, side: str) -> list[dict[str, Any]]:
    """The fields that a tower reads, as the run's profile tells them; of a joint network those of both sides, item
    fields told from query fields as `pdcn.nn.joint.beside` does, with their `own` label."""
    every = [field | {"own": field["label"]} for field in (folder.profile or {})["fields"]]
    if side != JOINT:
        return [field for field in every if field["side"] == side]
    query = [field for field in every if field["side"] == "query"]
    names, labels = ({field[part] for field in query} for part in ("name", "label"))
    found = list(query)
    for field in every:
        if field["side"] == "item":
            name = f"item_{field['name']}" if field["name"] in names else field["name"]
            label = OF_ITEM(label=field["label"]) if field["label"] in labels else field["label"]
            found.append(field | {"name": name, "label": label})
    return found


def with_labels(folder: RunFolder, frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with the fields' labels in place of their names."""
    names = {
        f"{side} {field['name']}": field["label"]
        for side in frame["side"].unique()
        for field in side_fields(folder, side)
    }
    return frame.assign(**{column: (frame["side"] + " " + frame[column]).map(names) for column in columns})


@once
def _blocks(folder: RunFolder, tables: Tables) -> pd.DataFrame:
    """Every block of the cross layers, with the fields' labels."""
    return with_labels(folder, tables["blocks"], ("write", "read"))


def layer_of(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """Blocks of the side and the layer that are shown, at every moment."""
    return _shown(_blocks(folder, tables), shown, arms)


def of_expert(table: pd.DataFrame, expert: int) -> pd.DataFrame:
    """A table's rows of an expert, or of `EVERY`; all of them where there are no experts."""
    return table[table["expert"] == expert].drop(columns="expert") if "expert" in table else table


def _shown(table: pd.DataFrame, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """A table's rows of the layer that is shown."""
    table = of_expert(table, shown.expert)
    return table[table["arm"].isin(arms) & (table["side"] == shown.side) & (table["layer"] == shown.layer)]


def planted(folder: RunFolder, side: str) -> set[frozenset[str]]:
    """Pairs of labels that were planted on a side; nothing for data without a truth."""
    from pdcn.pages.crosses.work.recovery import planted_pairs
    from pdcn.sources.truth import PlantedCross

    truth = (folder.profile or {}).get("truth") or []
    crosses = [PlantedCross(t["side"], tuple(t["fields"]), t["strength"]) for t in truth]
    if side != JOINT:
        return planted_pairs(crosses, side)
    item = {field["own"]: field["label"] for field in side_fields(folder, JOINT) if field["side"] == "item"}
    of_items = {frozenset(item[label] for label in pair) for pair in planted_pairs(crosses, "item")}
    return planted_pairs(crosses, "query") | of_items


def numbers_of(folder: RunFolder, side: str) -> set[str]:
    """Labels of a side's fields that are numbers."""
    return {field["label"] for field in side_fields(folder, side) if field["kind"] == "number"}


def fields_of(folder: RunFolder, side: str) -> int:
    """How many fields a side has."""
    return len(side_fields(folder, side))


def pairs_of(rows: pd.DataFrame, size: str) -> pd.DataFrame:
    """Pairs of fields, both directions together, by arm, seed, side, layer and moment."""
    names = list(dict.fromkeys(rows["write"]))
    return pair_frame(rows, names, ["arm", "seed", "side", "layer", "moment"], size)


def show_recovery(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> None:
    """How well each wiring's norms find what was planted; nothing where the data has no truth."""
    if (folder.profile or {}).get("truth") is None:
        return
    name = f"recovery-{side}"
    unfolded("crosses-recovery", say.RECOVERY, lambda: take_csv(_recovery(folder, tables, side, arms), name))


@once
def _recovery(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """The words and figures of `show_recovery`, and their table; None where no cross is planted on the side."""
    blocks, truth = of_expert(_blocks(folder, tables), EVERY), planted(folder, side)
    own = blocks[(blocks["side"] == side) & blocks["arm"].isin(arms) & blocks["moment"].isin(["initial", "learned"])]
    pairs, numbers = pairs_of(own, "scaled"), numbers_of(folder, side)
    pairs = pairs[~pairs["a"].isin(numbers) & ~pairs["b"].isin(numbers)]
    both = recovery_frame(pairs, truth, ["arm", "layer", "seed", "moment"], "scaled")
    found, before = both[both["moment"] == "learned"], both[both["moment"] == "initial"]
    if found.empty:
        st.write(say.NOTHING_PLANTED(side=side))
        return None
    told = []
    for arm in arms:
        first, start = (rows[(rows["arm"] == arm) & (rows["layer"] == 0)] for rows in (found, before))
        if len(first):
            known = {"arm": spoken(arm), "auc": _over_seeds(first["auc"])}
            known["precision"] = _over_seeds(first["average_precision"])
            untrained = f"{start['auc'].mean():.2f}"
            told.append(say.FOUND_AND_BEFORE(**known, before=untrained) if len(start) else say.FOUND(**known))
    st.markdown(with_terms(say.FOUND_ALL(found="; ".join(told), chance=f"{found['chance'].mean():.2f}")))
    chances = {"average_precision": ("ap", found["chance"].mean()), "auc": ("auc", 0.5)}
    for column, (measure, (name, chance)) in zip(st.columns(2), chances.items(), strict=True):
        column.plotly_chart(recovery_figure(found, measure, chance, f"recovery-{name}"), key=f"recovery-{name}")
    remark(say.RECOVERY_READING)
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
    tables = analysed(folder, IMPORTANCE, offer=say.OFFER)
    if tables is None or _shown(tables["drops"], shown, arms).empty:
        return
    measure = one_of(
        say.MEASURE,
        list(say.MEASURES),
        key="worth_measure",
        format_func=say.MEASURES.__getitem__,
        label_visibility="collapsed",
        help=say.MEASURE_HELP,
    )
    name = f"importance-{shown.side}-layer-{shown.layer + 1}"
    take_csv(_worth(folder, blocks, tables, shown, measure, arms), name)


@once
def _worth(
    folder: RunFolder, blocks: Tables, tables: Tables, shown: LayerView, measure: str, arms: tuple[str, ...]
) -> pd.DataFrame:
    """The words and the figure of `show_importance`, and their table."""
    drops = _shown(with_labels(folder, tables["drops"], ("a", "b")), shown, arms)
    rows = layer_of(folder, blocks, replace(shown, expert=EVERY), arms)
    norms = pairs_of(rows[rows["moment"] == "learned"], shown.size).groupby(KEY, as_index=False)[shown.size].mean()
    joined = drops[drops["measure"] == measure].merge(norms, on=KEY, validate="one_to_one")
    joined["label"] = joined["a"] + " × " + joined["b"]
    st.markdown(with_terms(say.A_NORM_IS_NOT_IMPORTANCE))
    metric = metric_of(shown.side, joined["k"].iloc[0])
    for said in _in_words(joined, shown.size, arms, metric):
        st.markdown(with_terms(said))
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(worth_figure(joined, shown.size, metric, "worth"), key="cross-worth")
    with right:
        _largest(joined, arms, metric)
    remark(say.WORTH_READING[metric.name](events=int(joined["events"].iloc[0]), metric=metric))
    if "expert" in blocks["blocks"]:
        remark(say.OF_EVERY_EXPERT)
    return joined


def _in_words(joined: pd.DataFrame, size: str, arms: tuple[str, ...], metric: Metric) -> list[str]:
    told, named = [], {"what": say.MOVING[metric.name], "metric": metric.label}
    for arm in arms:
        own = joined[joined["arm"] == arm]
        if len(own) > 2:
            found = (own[size].corr(own[name], method="spearman") for name in ("moved", "drop"))
            by_move, by_drop = (minus(f"{correlation:+.2f}") for correlation in found)
            known = {"arm": spoken(arm), "moved": by_move, "lost": by_drop, "sure": int((own["low"] > 0).sum())}
            told.append(say.WORTH(**known, **named, pairs=len(own), luck=f"{0.025 * len(own):.0f}"))
    return told


def _largest(joined: pd.DataFrame, arms: tuple[str, ...], metric: Metric) -> None:
    table, lost = joined.sort_values("drop", ascending=False).head(LARGEST), say.LOST(metric=metric.label)
    rows = [
        {
            say.PAIR: words(row["label"]),
            **({say.ARM: spoken(row["arm"])} if len(arms) > 1 else {}),
            lost: f"{points(row['drop'])} [{points(row['low'])},\N{NO-BREAK SPACE}{points(row['high'])}]",
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
            remark(say.CUTS_LATER(metric=metric_of(shown.side)))


@once
def _ranks_in_words(tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """How many singular values count."""
    own = _shown(tables["spectrum"], shown, arms)
    told = []
    for arm in arms:
        learned = own[(own["arm"] == arm) & (own["moment"] == "learned")]
        if len(learned):
            ranks = learned[learned["share"] >= SMALL].groupby("seed").size()
            most = learned.groupby("seed")["value"].agg(_most_of_it)
            told.append(say.RANKS_OF(arm=spoken(arm), ranks=_range(ranks), most=_range(most), share=MOST))
    width = int(own["index"].max())
    st.markdown(with_terms(say.RANKS(width=width, ranks="; ".join(told))))


@once
def _falling(tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """The singular values, drawn; and their table."""
    own = _shown(tables["spectrum"], shown, arms)
    st.plotly_chart(spectrum_figure(own, "spectrum"), key="cross-spectrum")
    remark(say.SPECTRUM_READING)
    return own


@once
def _cuts(tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """What a cut to a rank costs, drawn; and its table, None where there is no W to cut."""
    cuts = tables["cuts"]
    cuts = cuts[cuts["arm"].isin(arms) & (cuts["side"] == side)]
    if cuts.empty:
        remark(say.NO_CUTS)
        return None
    metric = metric_of(side, cuts["k"].iloc[0])
    st.plotly_chart(cut_figure(cuts, metric, "cuts"), key="cross-cuts")
    events = int(cuts["events"].iloc[0])
    remark(say.CUTS_READING(metric=capital(str(metric)), events=events, side=side))
    return cuts


def _most_of_it(values: pd.Series[float]) -> int:
    """How many of the values, the largest first, hold most of their squared sum."""
    square = values.to_numpy(float) ** 2
    return int((square.cumsum() < MOST * square.sum()).sum()) + 1


def _range(values: pd.Series[int]) -> str:
    return f"{values.min()}" + (f" to {values.max()}" if values.max() > values.min() else "")
