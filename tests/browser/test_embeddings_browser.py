"""The Embeddings page in a real Chromium: one selection for two maps, and the film plays, pauses and follows its
slider."""

from __future__ import annotations

import re
from typing import Any, cast

from playwright.sync_api import Page, expect

from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from tests.browser.conftest import Tabs
from tests.browser.driver import chart, still, wait_for, way
from tests.browser.test_links_browser import opened_by_somebody_else, radio, state

SELECTED = """plot => {
  const found = [], grey = [];
  for (const trace of plot._fullData) {
    if (!trace.selectedpoints) return null;
    grey.push(trace.unselected.marker.opacity);
    for (const at of trace.selectedpoints) found.push(Number(trace.customdata[at]));
  }
  return {ids: found.sort((a, b) => a - b), grey: Math.max(...grey)};
}"""
FILM = """plot => {
  const {active, steps} = plot._fullLayout.sliders[0];
  return {frame: plot._fullLayout._currentFrame ?? null, step: steps[active].value,
          x: plot._fullData.map(trace => Array.from(trace.x).slice(0, 50))};
}"""
PAUSED_BETWEEN = """plot => {
  plot.on('plotly_animatingframe', function pause({name}) {
    if (!name.includes('-')) return;
    plot.removeListener('plotly_animatingframe', pause);
    plot.querySelectorAll('.updatemenu-button')[1].dispatchEvent(new Event('click'));
  });
}"""
"""Presses Pause at the first frame between two snapshots: sooner than a mouse from outside could."""


def opened(tabs: Tabs) -> Page:
    """The page of the showcase with both maps drawn."""
    page = tabs.open("embeddings")
    for key in ("map-parallel", "map-sequential"):
        expect(page.locator(f".st-key-{key} .nsewdrag")).to_be_visible()
    still(page)
    return page


def selected(page: Page, key: str) -> list[int]:
    """The ids that a map highlights, all others being grey; none where nothing is."""
    found = cast(Any, chart(page, key).evaluate(SELECTED))
    if found is None:
        return []
    assert 0 < found["grey"] < 0.5  # greyed, not hidden
    return cast(list[int], found["ids"])


def lasso(page: Page, key: str, left: float, top: float, wide: float) -> None:
    """Draw around a square of the map; all in shares of its width and height."""
    area = page.locator(f".st-key-{key} .nsewdrag").bounding_box()
    assert area
    x, y = area["x"] + left * area["width"], area["y"] + top * area["height"]
    side = wide * area["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((side, 0), (side, side), (0, side), (0, 5)):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()


def film(page: Page) -> Any:
    return chart(page, "film").evaluate(FILM)


def test_a_lasso_selects_on_both_maps_and_whoever_leaves_while_they_are_drawn_gets_where_they_want(tabs: Tabs) -> None:
    page = opened(tabs)
    plain = state(page)
    assert selected(page, "map-sequential") == []
    lasso(page, "map-parallel", 0.25, 0.25, 0.4)
    heading = page.get_by_role("heading", name=re.compile("points selected, by a lasso on the map of parallel"))
    expect(heading).to_be_visible()
    wait_for(lambda: len(selected(page, "map-sequential")) > 3)
    first = selected(page, "map-sequential")
    assert first == selected(page, "map-parallel")
    expect(heading).to_contain_text(f"{len(first):,} of 2,159")
    expect(page.get_by_text("are in both lists")).to_be_visible()
    still(page)

    lasso(page, "map-sequential", 0.5, 0.5, 0.2)
    other = page.get_by_role("heading", name=re.compile("points selected, by a lasso on the map of sequential"))
    expect(other).to_be_visible()
    wait_for(lambda: selected(page, "map-parallel") not in ([], first))
    assert selected(page, "map-parallel") == selected(page, "map-sequential")
    expect(other).to_contain_text(f"{len(selected(page, 'map-parallel')):,} of 2,159")

    page.get_by_role("button", name="Clear selection").click()
    expect(other).to_have_count(0)
    wait_for(lambda: selected(page, "map-parallel") == selected(page, "map-sequential") == [])

    radio(page, "queries").click()
    page = opened_by_somebody_else(tabs, page, plain)

    # whoever leaves while the maps are drawn gets where they want
    for _ in range(3):
        way(page, "Runs").click()
        expect(page.get_by_role("heading", level=1, name="Runs", exact=True)).to_be_visible()
        way(page, "Embeddings").click()
        expect(page.locator(".st-key-map-parallel .nsewdrag")).to_be_visible()
    way(page, "Runs").click()
    expect(page.get_by_role("heading", level=1, name="Runs", exact=True)).to_be_visible()
    page.wait_for_url(re.compile("/runs"))


def test_the_film_plays_pauses_and_moves_with_its_slider(tabs: Tabs) -> None:
    page = opened(tabs)
    page.get_by_text("Over training").click()
    page.get_by_text("Show the film").click()
    plot = chart(page, "film")
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".slider-group")).to_be_visible()
    still(page)
    both = (set(RunFolder(SHOWCASE).steps_of(arm)) for arm in ("parallel", "sequential"))
    first, second, *_, newest = sorted(set.intersection(*both))
    last = film(page)
    assert last["step"] == str(newest)
    play, pause = plot.locator(".updatemenu-button").all()
    play.click()
    wait_for(lambda: film(page)["x"] != last["x"])
    playing = film(page)
    wait_for(lambda: film(page)["frame"] != playing["frame"])
    pause.click()
    paused: list[Any] = []

    def stopped() -> bool:
        paused.append(film(page))
        page.wait_for_timeout(300)
        return len(paused) > 1 and paused[-1] == paused[-2]

    wait_for(stopped)
    assert paused[-1]["step"] == paused[-1]["frame"]

    rail = plot.locator(".slider-rail-touch-rect")
    rail.click(position={"x": 4, "y": 8}, force=True)
    wait_for(lambda: film(page)["frame"] == str(first))
    begin = film(page)
    assert begin["step"] == str(first)
    assert begin["x"] != last["x"]
    assert all(begin["x"][arm] != last["x"][arm] for arm in (0, 1))

    plot.evaluate(PAUSED_BETWEEN)
    play.click()
    wait_for(lambda: "-" in film(page)["frame"])
    page.wait_for_timeout(500)  # time for frames that come in spite of the pause
    between = film(page)
    assert between["frame"] == f"{first}-{second}-1"  # on a busy machine Plotly leaves the slider behind such a pause
    assert between["x"] != begin["x"]
    box = rail.bounding_box()
    assert box
    rail.click(
        position={"x": box["width"] - 4, "y": 8}, force=True
    )  # Plotly ignores a press on the step that is active
    wait_for(lambda: film(page)["step"] == str(newest) == film(page)["frame"])
    rail.click(position={"x": 4, "y": 8}, force=True)
    wait_for(lambda: film(page) == begin)
    for guard in tabs.guards:  # Plotly rejects the promise of an animation that is paused, and nobody can catch it
        guard.errors = [error for error in guard.errors if error != "script error: undefined"]
