"""What each branch contributes, and what recall loses without it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.inside.figures import SHARE_WORDS, SIDES_WORDS, muted_figure, shares_figure
from pdcn.pages.inside.work.reliance import INTACT, change_words, in_words
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.inputs import one_of
from pdcn.shell.shown_run import once
from pdcn.words import capital, listed, minus, spoken

SHARE_NAMES = {"output": "of the output", "gradient": "of the gradient", "cka": "likeness (CKA)"}


def show_decoupling(found: Tables, arms: tuple[str, ...], side: str) -> None:
    """Recall without a branch, shares through training, and how far the branches agree."""
    st.markdown("#### Decoupling: what does each branch do?")
    st.caption("The claim: side by side, explicit crosses and implicit abstractions are learned apart and add up.")
    drops = rows_of(found, "drops", arms)
    if drops.empty:
        names = listed(map(spoken, arms))
        st.info(
            f"{capital(names)} has neither two branches nor cross layers: there is nothing to mute or to bypass.",
            icon=":material/info:",
        )
    else:
        claim = st.container()
        changed = set(rows_of(found, "recall", arms)["sides"])
        there = [sides for sides in SIDES_WORDS if sides in changed]
        sides = one_of("Change the towers of", there, key="inside_where")
        _curves(found, arms, sides)
        take_csv(
            lambda: rows_of(found, "recall", arms).drop(columns=["variant"]), "inside-recall", "These curves as CSV"
        )
        if said := in_words(drops, arms, sides):
            claim.markdown(f"**{said}**")
        _drops(found, arms)
        take_csv(drops.drop(columns=["variant"]), "inside-drops")
    _shares(found, arms, side)
    take_csv(_agreement(found, arms), "inside-agreement")


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
    seeds = int(recall["seeds"].min())
    band = (
        "with 95% intervals over users and seeds"
        if seeds > 1
        else "of one seed, so there is no interval to hold it against"
    )
    place = "both towers" if sides == "both" else f"the {sides} tower"
    reading(
        f"Recall@K of the trained model, intact and changed in {place}, {band}. A muted branch "
        "always puts out its mean, not zero: its mean is a constant that the head has learned to count on. Bypassed "
        "crosses let their input through unchanged, which takes the crosses but leaves x0's straight way; muting the "
        "cross branch takes both.",
        "how good a model trained without the branch would be; and whether two curves differ is told by the paired "
        "differences below, not by bands that overlap.",
    )
    for arm in arms:
        if not (own[own["arm"] == arm]["sides"] == sides).any():
            st.caption(f"{capital(spoken(arm))}: nothing to change in {SIDES_WORDS[sides]}.")
    for arm in arms:
        if not recall[recall["arm"] == arm]["change"].str.startswith("mute").any():
            only = "has one branch: without it nothing would be left, so there is none to mute."
            st.caption(f"{capital(spoken(arm))} {only}")


@once
def _drops(found: Tables, arms: tuple[str, ...]) -> None:
    """The paired differences of what was changed."""
    drops = rows_of(found, "drops", arms)
    k, seeds, users, events = (int(drops[name].iloc[0]) for name in ("k", "seeds", "users", "events"))
    named = zip(drops["arm"], drops["change"], drops["sides"], strict=True)
    rows = drops.assign(
        label=[f"{spoken(arm)}: {change_words(change)}, {SIDES_WORDS[sides]}" for arm, change, sides in named],
        low=drops["low"].fillna(drops["difference"]),
        high=drops["high"].fillna(drops["difference"]),
    )
    order = sorted(rows.index, key=lambda at: (arms.index(rows["arm"][at]), at))
    st.plotly_chart(forest_figure(rows.loc[order], key="inside-drops"), key="inside-drops")
    filled = (
        f"with 95% intervals paired over {users:,} users and {seeds} seeds; filled where it stands after Holm over the "
        "rows of its arm"
        if seeds > 1
        else f"of {users:,} users and the one seed: another seed may well say otherwise"
    )
    reading(
        f"Recall@{k} of the changed model minus the intact one, {filled}; {events:,} test events.",
        "whether one arm needs its crosses more than another: rows of two arms are not held against each other.",
    )


def _shares(found: Tables, arms: tuple[str, ...], side: str) -> None:
    shares = rows_of(found, "shares", arms, side)
    there = [measure for measure in SHARE_WORDS if len(shares) and shares[measure].notna().any()]
    if not there:
        st.caption(f"No {side} tower here has both a cross and a deep part, so there are no shares to compare.")
        return
    st.markdown("##### Whose work is it, through training?")
    measure = one_of(
        "Share", there, key="inside_share", label_visibility="collapsed", format_func=SHARE_NAMES.__getitem__
    )
    _shares_drawn(found, arms, side, measure)
    take_csv(shares.drop(columns=["moment"]), f"inside-shares-{side}")


@once
def _shares_drawn(found: Tables, arms: tuple[str, ...], side: str, measure: str) -> None:
    """The shares by one measure, through training."""
    own = rows_of(found, "shares", arms, side).dropna(subset=measure)
    st.plotly_chart(shares_figure(own, measure, arms), key="inside-shares")
    first = (
        "" if (own["moment"] == "step").any() else " This run kept no snapshots, so only the trained models are there."
    )
    how = {
        "output": "What the head's first matrix makes of each branch, as it varies over the rows: the cross branch's "
        "part of both norms.",
        "gradient": "The norm of the loss's gradient with respect to the cross part's weights, of that and the deep "
        "part's; the same four training batches at every step.",
        "cka": "How alike the two branches' outputs are over the same rows: 1 up to rotation and scale, 0 unrelated.",
    }[measure]
    limits = {
        "output": "usefulness: a branch may put out much that cancels. The cross branch carries x0 itself, too.",
        "gradient": f"how fast each part learns: the parts differ in size ({_sizes(own)}), and more weights have a "
        "larger norm.",
        "cka": "which of the two is right where they differ.",
    }[measure]
    reading(
        f"{capital(side)} tower. {how} Line: the first seed at its snapshots; open marks: every seed's "
        f"trained model.{first}",
        limits,
    )
    missing = [spoken(arm) for arm in arms if arm not in set(own["arm"])]
    if missing:
        st.caption(f"Not drawn: {' and '.join(missing)}, whose branch is the only one.")


def _sizes(own: pd.DataFrame) -> str:
    first = own.drop_duplicates("arm")
    return "; ".join(
        f"{spoken(row['arm'])} {int(row['cross_parameters']):,} and {int(row['deep_parameters']):,} parameters"
        for row in first.to_dict("records")
    )


@once
def _agreement(found: Tables, arms: tuple[str, ...]) -> pd.DataFrame | None:
    """How alike the branches' lists are, as a table; the same in numbers, None where there is no such branch."""
    agreement = rows_of(found, "agreement", arms)
    alone = agreement[agreement["one"] != INTACT]
    if alone.empty:
        return None
    st.markdown("##### Do the branches agree?")
    k, events = int(agreement["k"].iloc[0]), int(agreement["events"].iloc[0])
    trainings = " Intact and intact, next seed: what two trainings of the same arm share."
    seeds = trainings if len(agreement) > len(alone) else ""
    rows = []
    for (arm, one, other), own in agreement.groupby(["arm", "one", "other"], sort=False):
        shared = own["overlap"]
        rows.append(
            {
                "arm": spoken(str(arm)),
                "one model": one,
                "other model": other,
                f"top {k} in common": f"{shared.mean():.1%}",
                "seeds from, to": f"{shared.min():.1%} to {shared.max():.1%}" if len(own) > 1 else "—",
                "by chance": f"{own['chance'].iloc[0]:.1%}",
                "rank correlation": minus(f"{own['correlation'].mean():.2f}"),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    reading(
        f"Each branch alone (the other muted in every tower that has both) ranks the catalogue for {events:,} test "
        f"events: how many of the {k} first items two lists share, and the Spearman correlation of the true items' "
        f"ranks.{seeds}",
        "that a branch was trained to rank alone: it was not.",
    )
    return agreement
