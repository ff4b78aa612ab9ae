"""Terms: each is explained wherever it is met, and everywhere in the same words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from pdcn.glossary import TERMS, explained, terms_in
from pdcn.pages import PAGES
from pdcn.runs.store import Store
from pdcn.shell.inputs import LABELLED
from pdcn.shell.terms import LINK, with_terms
from tests.app.app_help import SHOWN, open_app, plain, plant, unfold

LINKED = re.compile(rf"\({LINK}([\w-]+)\)")
SAID: dict[str, set[str]] = {}
"""What the pages that were opened so far say of each label."""


def explanations(at: Any) -> Iterator[tuple[str, str]]:
    """Every label of a page with what is said of it on hover, nothing where nothing is: of inputs, numbers, columns."""
    for one in at:
        label, said = getattr(one, "label", None), getattr(one, "help", None)
        if isinstance(label, str) and (one.type == "metric" or said):
            yield label, said or ""
        if one.type == "arrow_data_frame":
            looks = json.loads(one.proto.columns or "{}")
            for column in one.value.columns:
                look = looks.get(str(column)) or {}
                yield str(look.get("label") or column), str(look.get("help") or "")


INPUTS = {"selectbox", "multiselect", "number_input", "slider", "select_slider", "toggle", "radio", "button_group"}


def unexplained(at: Any) -> set[str]:
    """Labels of inputs that speak of a term, and of which nothing is said on hover, but for lists that nobody sees."""
    inputs = [one for one in at if one.type in INPUTS]
    keys = {one.key for one in inputs}
    seen = [one for one in inputs if f"{one.key}{LABELLED}" not in keys]
    return {one.label for one in seen if terms_in(one.label) and not (getattr(one, "help", "") or one.proto.help)}


@pytest.mark.parametrize("page", PAGES)
def test_terms_are_explained_and_labels_mean_one_thing(page: str, store: Store) -> None:
    plant(store, "done", SHOWN)
    for query in ({"run": "showcase"}, {"run": "showcase", "data_of": "planted"})[: 2 if page == "data" else 1]:
        at = unfold(open_app(page, **query))
        prose = [one.value for one in (*at.markdown, *at.caption) if plain(one.value) not in TERMS.values()]
        told = {term for one in (*at.markdown, *at.caption) for term in LINKED.findall(one.value)}
        assert {term for one in prose for term in LINKED.findall(with_terms(plain(one)))} <= told
        assert unexplained(at) == set()
        for label, said in explanations(cast(Any, at)):
            term = explained(label)
            if term:
                assert term in said, label
            elif said:
                SAID.setdefault(label.lower(), set()).add(re.sub(r"\d[\d,.%]*", "0", said))  # each run has its numbers
    assert {label: said for label, said in SAID.items() if len(said) > 1} == {}


def test_a_term_is_one_sentence() -> None:
    for term, said in TERMS.items():
        assert term == term.lower()
        assert said.endswith(".")
        assert said.count(". ") <= (said.gaps == {} and "Holm" in said)
