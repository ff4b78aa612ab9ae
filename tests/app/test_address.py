"""The address is the whole state: every widget that changes what is shown stands in it under a name that is known."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from pdcn.dials import OWN_ITEM_TOWER, dials
from pdcn.pages import PAGES
from pdcn.pages.embeddings.page.over_training import FOLLOW
from pdcn.pages.embeddings.page.selection import FIND
from pdcn.pages.side import WITH
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.address import CARRIED, LONGEST, SHARED
from pdcn.shell.inputs import from_list, labelled, moment_of, number_input, one_of, slider, some_of, toggle
from tests.app.app_help import ROOT, open_app, plant, set_to, unfold, widget

CHOOSERS = {
    "selectbox",
    "segmented_control",
    "toggle",
    "slider",
    "select_slider",
    "number_input",
    "text_input",
    "multiselect",
    "pills",
    "radio",
    "checkbox",
    "text_area",
    "date_input",
}
OURS = {one.__name__ for one in (number_input, one_of, from_list, labelled, slider, toggle, moment_of, some_of)}
KEYS = [key for page in PAGES.values() for key in page.keys]
BEGINNINGS = tuple(key for key in KEYS if key.endswith(("_", "-")))
OF_PAGES = {*KEYS, *SHARED[len(CARRIED) :]}.difference(BEGINNINGS)
BY_NAME = {"FIND": FIND, "FOLLOW": FOLLOW, "key": "hand-"}
"""Keys that are not written where the widget is; the last is that of the query's fields."""

ELSEWHERE = {
    ROOT / "pdcn/pages/runs/page/remarks.py",
    ROOT / "pdcn/pages/side/page.py",
    ROOT / "pdcn/pages/data/page/own.py",
    ROOT / "pdcn/pages/data/page/draft.py",
}
"""What is written there is kept in the run; what is chosen there is which runs the address names; and what is chosen
about files that a person brings is nobody else's."""


def choosers() -> list[tuple[str, dict[str, ast.expr]]]:
    """Every call that draws a widget with a value: where, and its named arguments; dials have tests of their own."""
    found = []
    shown = [*(ROOT / "pdcn/shell").glob("*.py"), *(ROOT / "pdcn/pages").glob("*/page.py")]
    for path in sorted([*shown, *(ROOT / "pdcn/pages").glob("*/page/**/*.py")]):
        if path.name in ("dials.py", "inputs.py") or path in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            ours = isinstance(node.func, ast.Name) and node.func.id in OURS
            if ours or (isinstance(node.func, ast.Attribute) and node.func.attr in CHOOSERS):
                named = {one.arg: one.value for one in node.keywords if one.arg}
                if ours:  # they bind by themselves
                    named["bind"] = ast.Constant("query-params")
                found.append((f"{path.name}:{node.lineno}", named))
    return found


def key_of(named: dict[str, ast.expr]) -> tuple[str, bool]:
    """The key of a widget, or its beginning, and whether it is whole."""
    key = named["key"]
    if isinstance(key, ast.JoinedStr):
        assert isinstance(key.values[0], ast.Constant)
        return str(key.values[0].value), False
    if isinstance(key, ast.Name):
        return BY_NAME[key.id], key.id != "key"
    assert isinstance(key, ast.Constant)
    return str(key.value), True


def test_every_widget_that_holds_a_value_is_in_the_address_under_a_known_name() -> None:
    found = choosers()
    assert len(found) > 50
    for place, named in found:
        assert isinstance(named.get("bind"), ast.Constant), place
        key, whole = key_of(named)
        assert (key in OF_PAGES) if whole else (key in BEGINNINGS), place


def test_known_names_are_used_and_none_means_two_things() -> None:
    used = {key_of(named)[0] for _, named in choosers()} | {OWN_ITEM_TOWER, WITH}
    assert used == {*OF_PAGES, *BEGINNINGS}
    names = [*SHARED, *KEYS, *(dial.key for dial in dials())]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith(BEGINNINGS) and name not in (*BEGINNINGS, "field_side")]


BELOW_A_BASELINE = ":material/trending_down:"
"""Of a warning about the run that is shown, not about its address."""


def warned(at: Any) -> list[str]:
    return [str(one.value) for one in at.main.warning if one.icon != BELOW_A_BASELINE]


def test_what_nothing_knows_is_said() -> None:
    (said,) = warned(open_app(epoch="5", run="showcase", latency_batch="16", **{"hand-3-hour": "4"}))
    assert "not used: `epoch`." in said
    assert not warned(open_app(epochs="5", run="showcase", event="3", map_colour_items="popularity"))


def test_an_unknown_name_cannot_put_anything_on_the_page() -> None:
    (said,) = warned(open_app(**{"`\n![x](http://away/" + "x" * 5_000: "1"}))
    assert f"`![x](http://away/{'x' * LONGEST}"[: LONGEST + 1] + "`" in said


CHOSEN: dict[str, dict[str, tuple[str, Any]]] = {
    "compare": {"each_seed": ("true", True), "tower_side": ("item tower", "item")},
    "crosses": {
        "cross_side": ("item", "item"),
        "cross_layer": ("2", 1),
        "cross_scaled": ("false", False),
        "cross_moment": ("initial", "initial"),
        "cross_every_field": ("true", True),
        "what_if_factor": ("2.0", 2.0),
        "what_if_ways": ("false", False),
        "what_if_layers": ("true", True),
        "what_if_event": ("4", 4),
    },
    "retrieve": {
        "event": ("177", 177),
        "top": ("5", 5),
        "why_side": ("fields of the item", "item"),
        "room": ("true", True),
        "by_hand": ("true", True),
    },
    "data": {"data_of": ("planted", "planted"), "field_side": ("item fields", "item")},
    "runs": {"filter": ("planted", "planted"), "states": ("done", ["done"])},
}


@pytest.mark.parametrize("page", CHOSEN)
def test_what_an_address_says_is_where_the_widgets_stand(store: Store, race: RunFolder, page: str) -> None:
    run, chosen = plant(store, "done", race).run, CHOSEN[page]
    plain = unfold(open_app(page, run=run))
    assert not [key for key, (_, value) in chosen.items() if widget(plain, key).value == value]
    at = unfold(open_app(page, run=run, **{key: text for key, (text, _) in chosen.items()}))
    assert {key: widget(at, key).value for key in chosen} == {key: value for key, (_, value) in chosen.items()}


def misread(at: Any) -> list[str]:
    """What is said of values in a link that an input does not take."""
    return [one.value for one in at.caption if one.value.startswith("In the link")]


def test_a_value_that_an_input_does_not_take_is_said_until_it_is_moved() -> None:
    at = open_app("latency", run="showcase", latency_tower="![x](http://away)", latency_batch="4")
    said = "In the link, latency_tower: expected one of query, item, got `![x](http://away)`; query is used."
    assert misread(at) == [said]
    assert misread(at.run()) == [said]  # though the browser took it out of the address
    assert misread(set_to(at, latency_tower="item")) == []


MOMENTS = "one of initial, step 0, step 25, step 100, step 200, step 350, step 525, step 750, step 1,025, step 1,325, "
MOMENTS += "learned, got `soon`; learned"


@pytest.mark.parametrize(
    ("page", "key", "value", "expected"),
    [
        ("cross_lab", "lab", "plya", "one of hand, learn, play, negatives, got `plya`; hand"),
        ("crosses", "what_if_event", "1e9", "a whole number from 1 to 4,096, got `1e9`; 1"),
        ("crosses", "what_if_factor", "inf", "a number from 0.0 to 3.0, got `inf`; 0.0"),
        ("crosses", "what_if_factor", "nine", "a number from 0.0 to 3.0, got `nine`; 0.0"),
        ("crosses", "what_if_ways", "maybe", "true or false, got `maybe`; true"),
        ("crosses", "cross_moment", "soon", MOMENTS),
        ("cross_lab", "hand_rank", "99", "a whole number from 1 to 3, got `99`; 2"),
        ("cross_lab", "hand_gate", "1e400", "a number from 0.0 to 2.0, got `1e400`; 0.5"),
    ],
)
def test_every_kind_of_input_says_what_it_takes(page: str, key: str, value: str, expected: str) -> None:
    assert misread(unfold(open_app(page, run="showcase", **{key: value}))) == [
        f"In the link, {key}: expected {expected} is used."
    ]


def test_some_of_a_list_say_which_there_are(store: Store, race: RunFolder) -> None:
    plant(store, "done", race)
    said = "In the link, states: expected some of done, got `dead`; none of them is used."
    assert misread(open_app("runs", states="dead")) == [said]


@pytest.mark.parametrize("value", ["x", "1e400", "![x](http://away)", "-3"])
def test_settings_in_a_title_are_numbers_whatever_a_link_says(value: str) -> None:
    """The title of a fold tells them before they are drawn."""
    asked = {"map_neighbours": value, "map_distance": value, "map_draw": value}
    at = open_app("embeddings", run="showcase", map_method="UMAP", **asked)
    (title,) = [one.label for one in at.expander if one.label.startswith("UMAP's settings")]
    assert title == "UMAP's settings: 15 neighbours, least distance 0.10, random seed 0"
    assert len(misread(at)) == 3
