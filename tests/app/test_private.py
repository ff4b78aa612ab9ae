"""What one session chooses on a page, no other session sees: their page is as that of a first visitor."""

from __future__ import annotations

from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from pdcn.runs.store import Store
from pdcn.shell.whose import VISITOR
from tests.app.app_help import button, open_app, press, set_to, switch_to, texts, unfold, visit

CHOSEN: dict[str, dict[str, Any]] = {
    "decide": {"decide_value": 0.37, "decide_requests": 5e6},
    "crosses": {"cross_side": "item", "what_if_event": 4},
    "retrieve": {"event": 177, "top": 5},
    "data": {"field_side": "item"},
    "cross_lab": {"lab": "play"},
}


def seen(at: AppTest) -> tuple[str, dict[str, object]]:
    """All that a page says, and where its widgets stand."""
    kinds = (at.selectbox, at.number_input, at.toggle, at.text_input, at.text_area, at.multiselect, at.slider)
    standing = {str(one.key): one.value for kind in kinds for one in cast(Any, kind) if one.key}
    return texts(at), standing


def other(page: str) -> AppTest:
    """A page as somebody else opens it."""
    at = visit(page, {"run": "showcase"})
    at.session_state[VISITOR] = "somebody else"
    return unfold(at)


@pytest.mark.parametrize("page", CHOSEN)
def test_a_choice_is_seen_by_nobody_else(page: str) -> None:
    before = seen(other(page))
    mine = unfold(open_app(page, run="showcase"))
    known = {key: value for key, value in CHOSEN[page].items() if any(one.key == key for one in _widgets(mine))}
    assert known
    changed = seen(set_to(mine, **known))
    assert changed != before
    assert seen(other(page)) == before
    assert seen(mine.run()) == changed


def _widgets(at: AppTest) -> list[Any]:
    return [one for one in cast(Any, at.main) if getattr(one, "key", None)]


def test_guesses_hidden_settings_and_dials_stay_with_who_chose_them() -> None:
    before = {page: seen(other(page)) for page in ("compare", "lessons")}
    mine = visit(
        "compare", {"run": "showcase", "hide": "epochs", "epochs": "7", "lesson": "cross", "guess-cross-2": "1"}
    )
    assert dict(mine.query_params).get("hide")
    assert seen(mine) != before["compare"]
    switch_to(mine, "lessons")
    assert {page: seen(other(page)) for page in before} == before
    assert "hide" not in other("compare").query_params


def test_no_page_tells_the_name_of_a_session(store: Store) -> None:
    at = open_app("compare", epochs="1", data="planted", events="2000", items="300", seeds="1")
    press(at, "Run")
    (row,) = store.rows()
    assert store.folder(row.run).request["by"] == "me"
    secret = "a-session-nobody-knows"
    store.folder(row.run).note(by=secret)
    for page in ("compare", "runs"):
        found = visit(page, {"run": row.run})
        assert secret not in str(seen(found)) + str([str(one.proto) for one in cast(Any, found.main)])
    assert button(visit("compare", {"run": row.run}), "Stop all the same")
