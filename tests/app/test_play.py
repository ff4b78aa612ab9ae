"""The page around the playground: what the server hands to the browser, and what it keeps of what it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pdcn.pages.cross_lab.page.play import LONGEST
from pdcn.pages.cross_lab.play import texts
from pdcn.pages.cross_lab.play import words as say
from tests.app.app_help import open_app, widget
from tests.app.app_help import texts as told


def handed(at: Any) -> dict[str, Any]:
    """The data that the component is drawn with."""
    (found,) = at.get("bidi_component")
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


def test_the_address_is_handed_to_the_browser_with_all_texts() -> None:
    at = open_app("cross_lab", lab="play", play="steps-20_layers-2")
    assert handed(at) == {"state": "steps-20_layers-2", "say": json.loads(json.dumps(texts())), "hide": []}
    assert widget(at, "play").value == "steps-20_layers-2"
    assert say.LEAD in told(at)
    assert not at.warning


def test_a_link_of_any_length_is_cut() -> None:
    assert handed(open_app("cross_lab", lab="play", play="x" * 9_000))["state"] == "x" * LONGEST


@pytest.mark.parametrize("hide", ["play_rate", "play_noise,play_rate", "</script>,__proto__"])
def test_what_a_teacher_hides_is_handed_on(hide: str) -> None:
    assert handed(open_app("cross_lab", lab="play", hide=hide))["hide"] == (
        [name.removeprefix("play_") for name in hide.split(",")] if "play_" in hide else []
    )
