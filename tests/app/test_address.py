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
from pdcn.shell.inputs import from_list, labelled, number_input, one_of
from tests.app.app_help import ROOT, open_app, plant, set_to, widget

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
OURS = {number_input.__name__, one_of.__name__, from_list.__name__, labelled.__name__}
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
    plain = open_app(page, run=run)
    assert not [key for key, (_, value) in chosen.items() if widget(plain, key).value == value]
    at = open_app(page, run=run, **{key: text for key, (text, _) in chosen.items()})
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


@pytest.mark.parametrize(
    ("page", "key", "value", "expected"),
    [
        ("cross_lab", "lab", "plya", "one of hand, learn, play, negatives, got `plya`; hand"),
        ("crosses", "what_if_event", "1e9", "a whole number from 1 to 4,096, got `1e9`; 1"),
    ],
)
def test_lists_with_labels_and_numbers_say_what_they_take(page: str, key: str, value: str, expected: str) -> None:
    assert misread(open_app(page, run="showcase", **{key: value})) == [
        f"In the link, {key}: expected {expected} is used."
    ]
