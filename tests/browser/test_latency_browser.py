"""The Latency page in a real browser: dials that change what is said and a link that keeps them, and the wait for a
training."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pdcn.jobs.analysis import Analysis, Tables
from pdcn.jobs.analyst import work_out
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency import words as say
from pdcn.pages.latency.told import cell_of, claim, parts_of
from pdcn.runs.folder import Progress, RunFolder
from pdcn.words import micro
from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import FRAMES, PLOT, App, chart, still, unfold, wait_until_charts_fit
from tests.browser.test_links_browser import opened_by_somebody_else, state

TINY: dict[str, Any] = {
    "batches": "1,16",
    "threads": "1",
    "widths": "32,64",
    "seconds": 0.0,
    "repeats": 20,
    "items": 0,
    "events": 64,
    "k": 10,
}
FIGURES = 6


@pytest.fixture
def timed(app: App, monkeypatch: pytest.MonkeyPatch) -> tuple[RunFolder, Tables]:
    """A small run whose towers were really timed, with few repeats."""
    monkeypatch.setenv("PDCN_HOME", str(app.home))
    folder = app.trained(items=300, batch=256)
    analysis = Analysis.of(folder, LATENCY, **TINY)
    assert work_out(analysis).state == "done"
    frames = analysis.tables
    assert frames is not None
    return folder, frames


def expect_lines(page: Page, frames: Tables, batch: int) -> None:
    """On top of the max and the sum line stand the times of the query tower at that batch size."""
    parts = parts_of(cell_of(frames["times"], "query", 1, batch))
    told = [say.LINES[name](time=micro(parts[name])) for name in ("max", "sum")]
    expect(chart(page, "latency-parts").locator(".annotation-text")).to_have_text(told)


def press(page: Page, dial: str, name: str) -> None:
    page.locator(f".st-key-{dial}").get_by_role("radio", name=name, exact=True).click()


def test_dials_change_the_numbers_the_link_keeps_them_and_a_narrow_screen_cuts_nothing_off(
    tabs: Tabs, timed: tuple[RunFolder, Tables]
) -> None:
    folder, frames = timed
    page = tabs.open(f"latency?run={folder.run}")
    says = page.locator(".st-key-lead")
    expect(says).to_have_text(claim(frames["forms"], "query", 1, 1))
    still(page)
    unfold(page)
    expect(page.locator(PLOT)).to_have_count(FIGURES)
    plain = state(page)
    expect_lines(page, frames, 1)
    press(page, "latency_batch", "16")
    expect(says).to_have_text(claim(frames["forms"], "query", 1, 16))
    expect_lines(page, frames, 16)
    press(page, "latency_tower", "item")
    expect(says).to_have_text(claim(frames["forms"], "item", 1, 16))
    expect(page).to_have_url(re.compile(r"[?&]latency_batch=16"))
    expect(page).to_have_url(re.compile(r"[?&]latency_tower=item"))
    press(page, "latency_by", "one example")
    expect(chart(page, "latency-batch-example").locator(".ytitle")).to_have_text(re.compile("^one example, p50"))
    page = opened_by_somebody_else(tabs, page, plain, folds=True)
    expect(page.locator(".st-key-lead")).to_have_text(claim(frames["forms"], "item", 1, 16))
    expect(chart(page, "latency-batch-example")).to_be_visible()
    cells = chart(page, "latency-region").locator(".annotation-text").all_text_contents()
    assert len(cells) == len(frames["region"].drop_duplicates(["width", "batch"]))
    assert all(re.fullmatch(r"(free|costs\s*little|costs\s*the sum)( \?)?\s*\d+\.\d\d×", words) for words in cells)
    page.set_viewport_size(NARROW)
    page.evaluate(FRAMES)
    still(page)
    expect(page.locator(PLOT)).to_have_count(FIGURES)
    wait_until_charts_fit(page, NARROW["width"])
    edge = chart(page, "latency-region").bounding_box()
    told = chart(page, "latency-region").locator(".annotation-text").all()
    boxes = [box for cell in told if (box := cell.bounding_box())]
    assert edge is not None
    assert boxes
    assert max(box["x"] + box["width"] for box in boxes) <= edge["x"] + edge["width"]


def test_a_question_that_was_opened_stays_open_while_its_finding_changes(tabs: Tabs) -> None:
    page = tabs.open("latency?run=showcase")
    fold = page.locator(".st-key-further-arms details")
    still(page)
    expect(fold).not_to_have_attribute("open", "")
    table = page.locator(".st-key-further-arms canvas").first
    expect(table).to_have_count(0)  # it is not even made
    fold.locator("summary").click()
    expect(table).to_be_visible()
    fold.evaluate("fold => { fold.same = true; }")
    before = fold.locator("summary").inner_text()
    press(page, "latency_tower", "item")
    expect(fold.locator("summary")).not_to_have_text(before)
    still(page)
    expect(fold).to_have_attribute("open", "")
    assert fold.evaluate("fold => fold.same")  # what is in it was not made anew


def test_while_a_run_is_trained_the_clock_waits_and_says_so(tabs: Tabs, app: App) -> None:
    folder = app.trained(items=300, batch=256)
    training = app.store.create(folder.experiment, own=True)
    app.store.mark(training, Progress("running", "training seed 1 of 1", 1, 100))
    try:
        page = tabs.open(f"latency?run={folder.run}")
        expect(page.get_by_text("Nothing was timed in this run on this machine yet")).to_be_visible()
        expect(page.locator(PLOT)).to_have_count(0)
        page.get_by_role("button", name="Measure it").click()
        expect(page.get_by_text(f"Waiting until the training of {training.run} has ended")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("This was stopped before it was done")).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
    finally:
        app.store.mark(training, Progress("stopped"))
