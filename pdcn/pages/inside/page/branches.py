"""What each branch contributes, and what recall loses without it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.inside import words as say
from pdcn.pages.inside.figures import muted_figure, shares_figure
from pdcn.pages.inside.work.reliance import INTACT, change_words, in_words
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import explaining, remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.tasks.metric import Metric
from pdcn.tasks.ranking.metrics import GroupedAUC
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.wirings import wiring_of, wirings
from pdcn.words import capital, listed, minus, plural, spoken


def show_changed(found: Tables, arms: tuple[str, ...]) -> None:
    """What is lost without a part: the paired differences."""
    drops = rows_of(found, "drops", arms)
    if drops.empty:
        st.info(say.NOTHING_TO_CHANGE(arms=capital(listed(map(spoken, arms)))), icon=":material/info:")
        return
    st.header(say.WITHOUT(metric=_metric(drops).label), anchor=False)
    remark(say.MUTED_OR_BYPASSED)
    _drops(found, arms)
    if "gates" in found:
        remark(say.EXPERT_MUTED)
    if rows_of(found, "recall", arms).empty:
        take_csv(drops.drop(columns=["variant"]), "inside-drops")


def show_more(found: Tables, arms: tuple[str, ...], side: str) -> None:
    """Folded: recall at every K without a part, shares through training, and how far the branches agree."""
    drops = rows_of(found, "drops", arms)
    if len(drops) and len(rows_of(found, "recall", arms)):
        unfolded("inside-curves", say.CURVES, _at_every_k, found, arms)
    unfolded("inside-through-training", say.SHARES, _shares, found, arms, side)
    if (rows_of(found, "agreement", arms)["one"] != INTACT).any():
        told = "inside-agreement"
        unfolded(told, say.AGREEMENT, lambda: take_csv(_agreement(found, arms), told))


def _at_every_k(found: Tables, arms: tuple[str, ...]) -> None:
    curves, drops = (rows_of(found, name, arms) for name in ("recall", "drops"))
    there = [sides for sides in say.SIDES if sides in set(curves["sides"])]
    sides = one_of(say.WHERE, there, key="inside_where", help=say.MUTED_OR_BYPASSED)
    if said := in_words(drops, arms, sides):
        st.markdown(with_terms(said))
    _curves(found, arms, sides)
    take_csv(curves.drop(columns=["variant"]), "inside-recall", say.CURVES_CSV)
    take_csv(drops.drop(columns=["variant"]), "inside-drops")


def rows_of(found: Tables, name: str, arms: tuple[str, ...], side: str | None = None) -> pd.DataFrame:
    """A table's rows of these arms, and of one side's towers where it has such."""
    table = found[name][found[name]["arm"].isin(arms)]
    return table[table["side"] == side] if side else table


@once
def _curves(found: Tables, arms: tuple[str, ...], sides: str) -> None:
    """Recall with the towers of some sides changed."""
    recall = rows_of(found, "recall", arms)
    own = recall[recall["sides"].isin([sides, ""])]
    highest = float(own[["recall", "high"]].max().max())
    for column, arm in zip(st.columns(2), arms, strict=False):
        figure = muted_figure(own[own["arm"] == arm], arm, arms, highest)
        column.plotly_chart(figure, key=f"inside-muted-{arm}")
    band = say.BAND if int(recall["seeds"].min()) > 1 else say.NO_BAND
    remark(say.CURVES_READING(place=say.PLACES[sides], band=band))
    for arm in arms:
        if not (own[own["arm"] == arm]["sides"] == sides).any():
            remark(say.NOTHING_CHANGED(arm=capital(spoken(arm)), sides=say.SIDES[sides]))
    for arm in arms:
        if not recall[recall["arm"] == arm]["change"].str.startswith("mute").any():
            remark(say.ONE_BRANCH(arm=capital(spoken(arm))))


def _metric(drops: pd.DataFrame) -> Metric:
    """What was lost: recall at a K, or grouped AUC, which has none."""
    k = drops["k"].iloc[0]
    return GroupedAUC() if pd.isna(k) else Recall(int(k))


@once
def _drops(found: Tables, arms: tuple[str, ...]) -> None:
    """The paired differences of what was changed."""
    drops = rows_of(found, "drops", arms)
    metric, seeds = str(_metric(drops)), int(drops["seeds"].iloc[0])
    named = zip(drops["arm"], drops["change"], drops["sides"], strict=True)
    rows = drops.assign(
        label=[
            say.DROPS_LABEL(arm=spoken(arm), change=change_words(change), sides=say.SIDES[sides])
            for arm, change, sides in named
        ],
        low=drops["low"].fillna(drops["difference"]),
        high=drops["high"].fillna(drops["difference"]),
    )
    order = sorted(rows.index, key=lambda at: (arms.index(rows["arm"][at]), at))
    figure = forest_figure(rows.loc[order], key="inside-drops", name=say.DROPS_AXIS(metric=metric))
    st.plotly_chart(figure, key="inside-drops")
    st.caption(with_terms((say.DROPS_CAPTION if seeds > 1 else say.DROPS_CAPTION_OF_ONE_SEED)(metric=capital(metric))))


def drops_reading(found: Tables, arms: tuple[str, ...]) -> str:
    """How the paired differences were measured."""
    drops = rows_of(found, "drops", arms)
    seeds, users, events = (int(drops[name].iloc[0]) for name in ("seeds", "users", "events"))
    if seeds == 1:
        return say.DROPS_READING_OF_ONE_SEED(users=users, events=events)
    return say.DROPS_READING(users=users, seeds=plural(seeds, "seed"), events=events)


def _shares(found: Tables, arms: tuple[str, ...], side: str) -> None:
    shares = rows_of(found, "shares", arms, side)
    there = [measure for measure in say.SHARE_AXES if len(shares) and shares[measure].notna().any()]
    if not there:
        remark(say.NO_SHARES(side=side))
        return
    named = say.SHARE_NAMES.__getitem__
    measure = one_of(say.SHARE, there, key="inside_share", label_visibility="collapsed", format_func=named)
    _shares_drawn(found, arms, side, measure)
    take_csv(shares.drop(columns=["moment"]), f"inside-shares-{side}")


@once
def _shares_drawn(found: Tables, arms: tuple[str, ...], side: str, measure: str) -> None:
    """The shares by one measure, through training."""
    own = rows_of(found, "shares", arms, side).dropna(subset=measure)
    st.plotly_chart(shares_figure(own, measure, arms), key="inside-shares")
    limits = say.SHARE_LIMITS[measure](**({"sizes": _sizes(own)} if measure == "gradient" else {}))
    remark(say.SHARES_READING(side=capital(side), how=say.SHARE_HOW[measure], limits=limits))
    if not (own["moment"] == "step").any():
        remark(say.NO_SNAPSHOTS)
    for arm in dict.fromkeys(own["arm"]):
        if first := wiring_of(wirings(arm)[side == "item"]).first_of_crosses:
            remark(say.ALL_CROSSES(arm=spoken(arm), first=first))
    missing = [spoken(arm) for arm in arms if arm not in set(own["arm"])]
    if missing:
        remark(say.NOT_DRAWN(arms=listed(missing)))


def _sizes(own: pd.DataFrame) -> str:
    first = own.drop_duplicates("arm")
    return "; ".join(
        say.SIZES(arm=spoken(row["arm"]), cross=int(row["cross_parameters"]), deep=int(row["deep_parameters"]))
        for row in first.to_dict("records")
    )


@once
def _agreement(found: Tables, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """How alike the branches' lists are, as a table; the same in numbers, None where there is no such branch."""
    agreement = rows_of(found, "agreement", arms)
    alone = agreement[agreement["one"] != INTACT]
    if alone.empty:
        return None
    k, events = int(agreement["k"].iloc[0]), int(agreement["events"].iloc[0])
    rows = []
    for (arm, one, other), own in agreement.groupby(["arm", "one", "other"], sort=False):
        shared = own["overlap"]
        rows.append(
            {
                say.ARM: spoken(str(arm)),
                say.ONE_MODEL: one,
                say.OTHER_MODEL: other,
                say.IN_COMMON(k=k): f"{shared.mean():.1%}",
                say.OVER_SEEDS: say.RANGE(low=shared.min(), high=shared.max()) if len(own) > 1 else "—",
                say.BY_CHANCE: f"{own['chance'].iloc[0]:.1%}",
                say.CORRELATION: minus(f"{own['correlation'].mean():.2f}"),
            }
        )
    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, width="stretch", column_config=explaining(table))
    remark(say.AGREEMENT_READING(events=events, k=k))
    if len(agreement) > len(alone):
        remark(say.TWO_TRAININGS)
    return agreement
