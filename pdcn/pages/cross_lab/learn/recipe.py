"""Training on a function that a person chose, as an analysis without a run: settings and where it is kept."""

from __future__ import annotations

import json

from pdcn.files import home
from pdcn.jobs.analysis import Recipe
from pdcn.pages.cross_lab.learn import words as say
from pdcn.pages.cross_lab.polynomials import Polynomial, terms_of
from pdcn.runs.folder import RunFolder

KEPT = 100
"""Functions whose trainings are kept: anybody may type any."""
LEARN = Recipe(
    "lab-learn",
    say.TRAINING,
    "pdcn.pages.cross_lab.work.learning",
    {"terms": "[]"},
    of_a_run=False,
    live=True,
    most=KEPT,
)


def settings_of(polynomial: Polynomial) -> dict[str, str]:
    """The settings that name a polynomial: the same ones however it was typed."""
    return {"terms": json.dumps(sorted(terms_of(polynomial), key=lambda term: (len(term[1]), term[1])))}


def place() -> RunFolder:
    """Where what was learned is kept: no run, but a folder in its manner."""
    return RunFolder(home() / "lab")
