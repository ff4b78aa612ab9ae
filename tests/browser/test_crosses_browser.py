"""The Crosses page in a real browser: click a block, move the slider, ask why."""

from __future__ import annotations

from functools import partial
from typing import Any

from playwright.sync_api import Locator, Page, expect

from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from tests.browser.conftest import Tabs
from tests.browser.driver import chart, still, wait_for


def block_map(page: Page, arm: str) -> Locator:
    return chart(page, f"cross-map-{arm}")


def drawn(blocks: Locator) -> Any:
    """The values of the blocks between categories as the browser has them."""
    return blocks.evaluate(
        "chart => chart.calcdata[0][0].z.map(row => Array.from(row).filter(Number.isFinite)).filter(row => row.length)"
    )


def click_block(page: Page, blocks: Locator, row: int, column: int) -> None:
    """Click in the middle of a block."""
    box = blocks.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    count = blocks.evaluate("chart => chart.calcdata[0][0].z.length")
    page.mouse.click(box["x"] + box["width"] * (column + 0.5) / count, box["y"] + box["height"] * (row + 0.5) / count)


def place(blocks: Locator, field: str) -> int:
    """Where a field is on the map, from the top and from the left."""
    return int(blocks.evaluate("(chart, field) => chart.layout.yaxis.ticktext.indexOf(field)", field))


def framed(blocks: Locator, row: int, column: int) -> bool:
    """Whether this block, and no other, has a frame."""
    shapes = blocks.evaluate("chart => chart.layout.shapes.map(shape => [shape.y0, shape.x0])")
    return bool(shapes == [[row - 0.5, column - 0.5]])


def test_a_click_on_a_block_shows_the_model_without_it(tabs: Tabs) -> None:
    page = tabs.open("crosses")
    blocks = block_map(page, "parallel")
    expect(blocks).to_be_visible()
    metric = page.get_by_test_id("stMetric").first
    expect(metric).to_be_visible()
    still(page)
    before = metric.inner_text()
    store, hour = place(blocks, "Store"), place(blocks, "Hour")
    click_block(page, blocks, store, hour)
    expect(metric).to_contain_text("Store × Hour")
    assert metric.inner_text() != before
    expect(page.get_by_role("combobox", name="Field (row)")).to_have_value("Store")
    for arm in ("parallel", "sequential"):
        wait_for(partial(framed, block_map(page, arm), store, hour))


def test_the_slider_shows_the_crosses_emerge_on_one_scale(tabs: Tabs) -> None:
    page = tabs.open("crosses")
    blocks = block_map(page, "sequential")
    expect(blocks).to_be_visible()
    still(page)
    learned = drawn(blocks)
    scale = blocks.evaluate("chart => chart.data[0].zmax")
    slider = page.get_by_role("slider", name="Training")
    slider.press("ArrowLeft")
    wait_for(lambda: "sequential, seed 0" in (blocks.evaluate("chart => chart.layout?.title.text") or ""))
    both = (set(RunFolder(SHOWCASE).steps_of(arm)) for arm in ("parallel", "sequential"))
    expect(page.get_by_text(f"step {max(set.intersection(*both)):,}")).to_be_visible()
    slider.press("Home")
    expect(page.get_by_text("initial weights").first).to_be_visible()
    still(page)
    initial = drawn(blocks)
    assert max(map(max, initial)) < max(map(max, learned))
    assert blocks.evaluate("chart => chart.data[0].zmax") <= scale * 1.5


def test_all_fields_are_a_press_away_and_why_the_map_is_not_symmetric_is_told_below_it(tabs: Tabs) -> None:
    page = tabs.open("crosses")
    blocks = block_map(page, "parallel")
    expect(blocks).to_be_visible()
    still(page)
    assert blocks.evaluate("chart => chart.layout.yaxis.ticktext.length") == 8
    page.get_by_text("How is this measured?").click()
    expect(page.get_by_text("W is directed, and the map is not symmetric")).to_be_visible()
    page.get_by_text("All 24 fields").click()
    wait_for(lambda: blocks.evaluate("chart => chart.layout?.yaxis.ticktext.length") == 24)
