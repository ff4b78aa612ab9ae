"""The playground: two small networks that train in the browser, in plain JavaScript that is handed on as text."""

from __future__ import annotations

import re
from pathlib import Path

from pdcn import glossary
from pdcn.pages.cross_lab.play import words as say

HERE = Path(__file__).parent
FILES = ("network.js", "state.js", "layout.js", "view.js", "controls.js", "card.js", "playground.js")
"""The modules, each after those that it imports."""
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def read(name: str) -> str:
    """One of the files here."""
    return (HERE / name).read_text(encoding="utf-8")


def joined() -> str:
    """All modules as the one that Streamlit takes: without imports, and with one export.

    Names at the top of a file are therefore those of all files, and none may stand twice.
    """
    return "\n".join(EXPORT.sub("", IMPORT.sub("", read(name))) for name in FILES)


def texts() -> dict[str, object]:
    """Every text of the component by the name that its JavaScript has for it."""
    return {
        "play": say.PLAY,
        "pause": say.PAUSE,
        "step": say.STEP,
        "reset": say.RESET,
        "more": say.MORE,
        "controls": say.CONTROLS,
        "names": say.NAMES,
        "help": {
            "layers": glossary.CROSS_LAYER,
            "width": glossary.DEEP,
            "features": glossary.X0,
            "seed": glossary.SEED,
        },
        "options": say.OPTIONS,
        "wirings": say.WIRINGS,
        "sizes": say.SIZES,
        "headings": say.HEADINGS,
        "picture": say.PICTURE,
        "weightOf": say.WEIGHT_OF,
        "value": say.VALUE,
        "lineOf": say.LINE_OF,
        "press": say.PRESS_A_LINE,
        "ask": say.ASK,
        "reads": say.READS,
        "bias": say.BIAS,
        "crossUnit": say.CROSS_UNIT,
        "hiddenUnit": say.HIDDEN_UNIT,
        "output": say.OUTPUT,
        "testLoss": say.TEST_LOSS,
        "tiny": say.TINY,
        "infinite": say.INFINITE,
        "captions": say.CAPTIONS,
        "curves": say.CURVES,
        "curvesPicture": say.CURVES_PICTURE,
        "steps": say.STEPS,
        "replaying": say.REPLAYING,
        "start": say.START,
        "now": say.NOW,
        "lookFor": say.LOOK_FOR,
        "unused": say.UNUSED,
        "wrong": say.WRONG,
        "noWeight": say.NO_WEIGHT,
        "editsFull": say.EDITS_FULL,
        "diverged": say.DIVERGED_NOW,
        "enough": say.ENOUGH,
    }
