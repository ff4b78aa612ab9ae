"""What can be taken out of a run, folded: each part is made once its button is pressed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pdcn.export.chosen import Chosen
from pdcn.export.ways import PLAIN, WAYS, plain_ways, zipped
from pdcn.inert import words
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell import words as say
from pdcn.shell.parts import unfolded
from pdcn.shell.terms import with_terms
from pdcn.words import capital, listed

ABREAST = 2
"""Ways beside each other."""


def take_away(shown: RunFolder) -> None:
    """Tables, weights, towers, the item index and the experiment of a run, one button each, and the command of all.

    What a run lacks is said in one sentence, and the buttons that need it can't be pressed.
    """
    unfolded("take-away", say.TAKE, _ways, shown)


def _ways(shown: RunFolder) -> None:
    st.caption(with_terms(f"{say.TAKE_LEAD} {say.TAKE_WORKED_OUT}"))
    ways, left_out = plain_ways(shown)  # of a damaged run it is said in the place of the buttons
    towers = True
    try:
        st.markdown(with_terms(Chosen(shown).said))
    except SettingError as error:
        towers = False
        st.info(words(capital(str(error))), icon=":material/info:")
    for first in range(0, len(ways), ABREAST):
        for column, name in zip(st.columns(ABREAST), ways[first : first + ABREAST], strict=False):
            _offer(column, shown, name, towers)
    if left_out:
        st.caption(with_terms(words(left_out)))
    trackers = [name for name in WAYS if name not in PLAIN]
    st.caption(with_terms(say.TAKE_REST(trackers=listed(trackers))))
    run = shown.run if shown.run.isidentifier() or shown.run.replace("-", "").isalnum() else "RUN"
    st.code(f"python -m pdcn export {run} --to {trackers[0]} --out taken", language="bash", wrap_lines=True)


def _offer(place: st.delta_generator.DeltaGenerator, shown: RunFolder, name: str, towers: bool) -> None:
    """The button of one way, with what it gives."""
    way = WAYS[name]
    place.download_button(
        capital(way.label),
        partial(zipped, shown, name, say.NOT_TAKEN),
        f"{shown.run}-{name}.zip",
        "application/zip",
        key=f"take-{name}",
        icon=":material/download:",
        disabled=not way.there or (not towers and (way.of_towers or name == "weights")),
        on_click="ignore",
        width="stretch",
    )
    place.caption(with_terms(way.about))
