"""Dials in a browser: people read labels, the address has names, and both go together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from pdcn.config import Experiment
from pdcn.dial import Dial
from pdcn.dials import assemble, dials, read
from pdcn.pages.compare.page.dials import link_of
from pdcn.settings import SettingError
from tests.app.test_dials import another
from tests.browser.conftest import Tabs
from tests.browser.driver import choose
from tests.browser.test_browser import command
from tests.browser.test_links_browser import (
    epochs,
    opened_by_somebody_else,
    query,
    radio,
    set_epochs,
    standing,
    state,
    switch,
)


def test_a_label_is_chosen_the_address_has_the_name_and_a_fresh_browser_that_opens_it_sees_the_same(tabs: Tabs) -> None:
    page = tabs.open()
    plain = state(page)
    radio(page, "ranking").click()
    page.wait_for_url(re.compile(r"[?&]task=ranking(&|$)"))
    standing(page)
    expect(radio(page, "ranking").first).to_be_checked()
    set_epochs(page, 7)
    switch(page, "Each seed").click()
    choose(page, "Data", "planted crosses")
    page.wait_for_url(re.compile(r"[?&]data=planted(&|$)"))
    other = opened_by_somebody_else(tabs, page, plain)
    expect(other.get_by_role("combobox", name="Data")).to_have_value("planted crosses")
    expect(epochs(other)).to_have_value("7")
    expect(other.get_by_role("spinbutton", name="Crosses per side")).to_be_visible()
    choose(other, "Data", "Complete Journey")
    expect(other.get_by_role("combobox", name="Data")).to_have_value("Complete Journey")
    standing(other)
    assert "data" not in query(other)  # as in the run on show


def test_a_shared_link_sets_dials_and_command_and_a_new_arm_is_typed(tabs: Tabs) -> None:
    page = tabs.open("compare?data=planted&events=9000&deep=32,16&arms=parallel&arms=deep_only&epochs=7&log_q=false")
    expect(page.get_by_role("spinbutton", name="Events")).to_have_value("9000")
    expect(page.get_by_role("textbox", name="Deep widths")).to_have_value("32,16")
    expect(page.get_by_text("deep only", exact=True)).to_be_visible()
    values = {"events": 9_000, "deep": (32, 16), "arms": ("parallel", "deep_only"), "epochs": 7}
    assert command(page) == assemble({"data": "planted", **values, "log_q": False})
    box = page.get_by_role("combobox", name=re.compile("Arms"))
    box.fill("parallel-sequential")
    box.press("Enter")
    page.wait_for_url(re.compile("arms=parallel-sequential"))
    standing(page)
    expect(page.get_by_text("parallel queries with sequential items", exact=True)).to_be_visible()
    assert query(page)["arms"] == ["parallel", "deep_only", "parallel-sequential"]


SEEN = """keys => keys.map(key => {
  const all = [`${key}-labelled`, key].map(name => document.querySelector(`[class~="st-key-${name}"]`));
  const place = all.find(one => one);
  if (!place) return null;
  const boxes = [...place.querySelectorAll("input")];
  const picked = place.querySelectorAll("[aria-checked=true], [aria-selected=true], :checked");
  const texts = [...picked].map(one => (one.closest("label") || one).textContent);
  const checked = boxes.some(one => one.checked);
  return {values: boxes.map(one => one.value), checked: checked, texts: texts, all: place.textContent};
})"""
"""What stands in the widget of each key: the texts of its boxes, whether it is switched on, what is picked, and all."""


def moved(data: str, task: str) -> Experiment:
    """An experiment with every dial of this data and task away from its default, as far as they go together."""
    found = assemble({"data": data, "task": task})
    values: dict[str, Any] = {"data": data, "task": task}
    for dial in dials():
        if dial.fits(data, task) and dial.kind not in ("text", "name") and dial.key not in values:
            try:
                found = assemble({**values, dial.key: another(dial)})
            except SettingError:
                continue
            values[dial.key] = another(dial)
    return found


def stands(dial: Dial, experiment: Experiment, seen: dict[str, Any]) -> bool:
    """Whether a widget shows what the experiment has."""
    value = read(experiment, dial)
    if dial.kind == "bool":
        return bool(seen["checked"]) == bool(value)
    if dial.kind in ("int", "float"):
        return any(bool(text) and float(text) == pytest.approx(value, rel=1e-5) for text in seen["values"])
    said = [dial.said_of_one(one) for one in (value if dial.several else [value])]
    shown = seen["all"] if dial.several else " ".join([*seen["values"], *seen["texts"]])
    return dial.text(value) in seen["values"] if dial.kind == "widths" else all(one in shown for one in said)


@pytest.mark.parametrize(("data", "task"), [("shopping", "retrieval"), ("opportunities", "ranking")])
def test_a_link_moves_every_dial_at_once(tabs: Tabs, data: str, task: str) -> None:
    """One visit for all dials of a source and a task: each has a widget, which shows what the link says."""
    experiment = moved(data, task)
    page = tabs.open(f"compare{link_of(experiment, 'showcase', '')}")
    expect(page.locator("[class~=st-key-epochs] input")).to_be_attached()
    standing(page)
    own = [dial for dial in dials() if dial.fits(data, task) and dial.kind not in ("text", "name")]
    assert len(own) > 50
    found = dict(zip(own, page.evaluate(SEEN, [dial.key for dial in own]), strict=True))
    assert [dial.key for dial, seen in found.items() if seen is None] == []
    wrong = {dial.key: seen for dial, seen in found.items() if not stands(dial, experiment, seen)}
    assert wrong == {}
    if experiment.item_network == experiment.network:  # which has one name
        experiment = experiment.model_copy(update={"item_network": None})
    assert command(page).record() == experiment.record()
