"""What people do with the app, in a real Chromium against a real server and worker.

After every test each tab is checked for what must not happen: an exception on the page, an error in
the console, a request to a foreign host.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from pdcn import pages
from pdcn.cli import experiment_of, parser
from pdcn.config import Experiment
from pdcn.dials import assemble, quick
from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from tests.browser.conftest import Tabs
from tests.browser.driver import CALM, SMALL, App, chart, choose, fits_a_phone_in_the_dark, still, wait_for, way
from tests.shared import expire

QUICK = "compare?data=planted&events=5000&items=300&users=200&seeds=2&epochs=1&batch=256&evaluations=2"
LONG = "?data=planted&events=20000&items=300&users=200&seeds=2&epochs=200&patience=0&batch=256&evaluations=2"
TRAINING = re.compile("Training seed")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def press_run(page: Page) -> None:
    """Press Run, and wait until the run is at work or over."""
    button(page, "Run").click()
    page.wait_for_url(re.compile(r"[?&]run=\d"))


def insist(page: Page, name: str) -> None:
    """Press a button that asks first, because the run is not of this session."""
    button(page, name).click()
    button(page, f"{name} all the same").click()


WATCH = """() => {
  const seen = new Set();
  window.watched = {frames: 0, blank: 0, charts: 0};
  (function look() {
    const drawn = [...document.querySelectorAll('[class*="st-key-live-loss"] .js-plotly-plot')]
      .filter(one => one.querySelector('.scatterlayer path') && one.checkVisibility());
    drawn.forEach(one => seen.add(one));
    watched.charts = seen.size;
    watched.frames += 1;
    watched.blank += drawn.length === 0;
    requestAnimationFrame(look);
  })();
}"""
"""Counts the frames, and those in which no picture of the loss is drawn. Streamlit makes a new chart for every figure
and leaves the one before in its place until the new one is drawn, so no single chart stands all the time."""


def press_run_and_see_it_train(page: Page) -> None:
    press_run(page)
    expect(page.get_by_text(TRAINING)).to_be_visible()
    expect(chart(page, "live-recall")).to_be_visible()


def verdict(page: Page, title: str = "On Planted crosses") -> Locator:
    return page.get_by_role("heading", name=title)


def reach(folder: RunFolder, done: int) -> None:
    """Wait until the run has done so many steps."""
    wait_for(lambda: folder.progress.done >= done and folder.progress.state != "queued")


def run_of(page: Page) -> str:
    """The run that the URL names."""
    return parse_qs(urlsplit(page.url).query)["run"][0]


def command(page: Page) -> Experiment:
    """What the command that the page offers would run."""
    code = page.get_by_test_id("stSidebar").get_by_test_id("stCode").first
    if not code.is_visible():
        page.get_by_text("Take it with you").click()
    words = shlex.split(code.inner_text())
    return experiment_of(parser().parse_args(words[3:]))


def test_arms_are_matched_tuned_and_held_against_each_other(tabs: Tabs, app: App) -> None:
    arms = ("parallel", "sequential", "deep_only")
    folder = app.trained(batch=256, seeds=2, match="flops", tune=2, arms=arms)
    page = tabs.open(f"compare?run={folder.run}")
    expect(page.get_by_text("On Planted crosses").first).to_be_visible()
    page.get_by_text("Each arm in words").click()
    expect(
        page.get_by_text("Equal FLOPs, tuned with 2 trials an arm, too few to tell settings apart").first
    ).to_be_visible()
    page.get_by_text("How is this measured?").first.click()
    expect(page.get_by_text("Matched to sequential")).to_be_visible()
    expect(page.get_by_text("Settings: tuned with 2 trials")).to_be_visible()
    expect(chart(page, "tuning-trials")).to_be_visible()
    forest = chart(page, "forest-arms")
    expect(forest.get_by_text("deep only")).not_to_have_count(0)
    expect(forest.get_by_text("sequential", exact=True)).to_have_count(0)
    choose(page, "Compared with", "deep only")
    expect(forest.get_by_text("sequential", exact=True)).not_to_have_count(0)
    result = folder.result
    assert result is not None
    assert result["match"]["target"]["budget"] == "flops"
    assert result["tuning"]["trials"] == 2


def test_pause_step_resume_and_a_stop_that_keeps_what_was_reached_seen_alike_by_whoever_leaves_and_by_a_second_tab(
    tabs: Tabs,
) -> None:
    page = tabs.open(LONG)
    press_run_and_see_it_train(page)
    run = run_of(page)
    expect(button(page, "Step")).to_be_disabled()
    button(page, "Pause").click()
    expect(page.get_by_text("Paused: training seed")).to_be_visible()
    folder = tabs.app.store.folder(run)
    before = folder.progress.done
    page.evaluate(WATCH)
    button(page, "Step").click()
    reach(folder, before + 1)
    expect(button(page, "Resume")).to_be_enabled()
    wait_for(lambda: tabs.app.store.state(run) == "paused")  # the lap of the step is told before the pause after it
    page.wait_for_function("() => watched.charts > 1")  # the picture grew
    still(page)
    assert page.evaluate("watched.frames") > 10
    assert page.evaluate("watched.blank < watched.charts")  # one frame at most where a chart takes another's place
    stepped = folder.progress.done
    button(page, "Resume").click()
    expect(button(page, "Pause")).to_be_enabled()
    reach(folder, stepped + 1)
    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_enabled()
    # on other pages and back
    way(page, "Data").click()
    expect(page.get_by_role("heading", name="One event, in words")).to_be_visible()
    expect(page.get_by_text(f"Showing run {run}")).to_be_visible()
    way(page, "Runs").click()
    expect(page.get_by_text("1 of 1 runs")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="One event, in words")).to_be_visible()
    way(page, "Compare").click()
    expect(page.get_by_text(f"Showing run {run}")).to_be_visible()
    expect(chart(page, "live-loss")).to_be_visible()
    assert command(page).training.epochs == 200
    page.reload()
    expect(page.get_by_text(f"Showing run {run}")).to_be_visible()
    expect(button(page, "Stop")).to_be_enabled()
    # in a second tab
    other = tabs.open()
    expect(other.get_by_text("Showing the showcase run")).to_be_visible()  # nobody is led to a run of somebody else
    other.goto(page.url)
    expect(other.get_by_text(f"Showing run {run}")).to_be_visible()
    insist(other, "Resume")
    expect(button(page, "Pause")).to_be_enabled()
    expect(button(other, "Pause")).to_be_enabled()
    button(other, "Stop").click()  # asked once
    expect(button(other, "Run")).to_be_enabled()
    expect(other.get_by_text("Stopped early: only finished seeds count.")).to_be_visible()
    expect(verdict(other)).to_be_visible()
    assert tabs.app.store.state(run) == "stopped"
    assert folder.ranks is not None


def test_a_run_outlives_the_server_is_interrupted_with_its_worker_and_the_next_reaches_its_verdict(tabs: Tabs) -> None:
    page = tabs.open(LONG)
    press_run_and_see_it_train(page)
    run, done = run_of(page), tabs.app.store.folder(run_of(page)).progress.done
    tabs.app.kill()
    expect(page.get_by_text(re.compile("Connection (error|lost)|Connecting", re.IGNORECASE)).first).to_be_visible()
    tabs.app.start()
    page.goto(f"{tabs.app.url}compare?run={run}")
    tabs.forgive_absence()
    expect(page.get_by_text(f"Showing run {run}")).to_be_visible()
    expect(page.get_by_text(TRAINING)).to_be_visible()
    assert tabs.app.store.state(run) == "running"
    assert tabs.app.store.folder(run).progress.done > done
    tabs.app.kill_workers()
    expire(tabs.app.home, tabs.app.store.folder(run).path)
    expect(page.get_by_text("Interrupted before a seed had finished.")).to_be_visible()
    expect(chart(page, "reached-loss")).to_be_visible()
    page.goto(tabs.app.url + QUICK)
    button(page, "Run").dblclick()  # which starts one run
    page.wait_for_url(re.compile(r"[?&]run=\d"))
    expect(verdict(page)).to_be_visible()
    expect(page.get_by_text("recall@100").first).to_be_visible()
    expect(chart(page, "difference-curve")).to_be_visible()
    (row,) = (one for one in tabs.app.store.rows() if one.run != run)
    assert (row.run, row.state) == (run_of(page), "done")
    assert command(page) == tabs.app.store.folder(row.run).experiment


def test_the_showcase_answers_at_once_beside_a_wrong_dial_that_disables_run_and_its_verdict_can_be_questioned(
    tabs: Tabs,
) -> None:
    page = tabs.open("compare?deep=abc")
    result = RunFolder(SHOWCASE).result
    assert result is not None
    heading = page.get_by_role("heading", name="On The Complete Journey")
    expect(heading).to_be_visible()
    assert result["verdict"].startswith(heading.inner_text())
    expect(chart(page, "recall-curves")).to_be_visible()
    expect(chart(page, "tower-sequential")).to_be_visible()
    expect(page.get_by_text("deep: expected whole numbers separated by commas")).to_be_visible()
    expect(button(page, "Run")).to_be_disabled()
    widths = page.get_by_role("textbox", name="Deep widths")
    widths.fill("16")
    widths.press("Enter")
    expect(button(page, "Run")).to_be_enabled()
    still(page)
    button(page, "Quick setting").click()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("2")
    page.wait_for_url(re.compile(r"[?&]size=quick(&|$)"))
    expect(page.get_by_text("You changed settings")).to_be_visible()
    assert command(page) == assemble(quick({"data": "journey"}))
    button(page, "Set them to this run").click()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("30")
    expect(page.get_by_text("You changed settings")).to_have_count(0)
    expect(button(page, "Run")).to_be_enabled()
    assert not tabs.app.store.rows()
    still(page)
    page.get_by_text("Can I trust this?").click()
    expect(page.get_by_text("We tested the method on many small studies")).to_be_visible()
    expect(page.get_by_text("python -m pdcn calibrate --data planted")).to_be_visible()
    page.get_by_text("Every difference, with its interval").click()
    expect(page.get_by_text("Percent is of the baseline's value.")).to_be_visible()
    page.get_by_text("How is this measured?").first.click()
    expect(page.get_by_text("It is about these training events")).to_be_visible()
    expect(chart(page, "forest-slices")).to_be_visible()
    page.get_by_role("radio", name="user activity").click()
    expect(chart(page, "forest-slices").get_by_text("most active quarter").first).to_be_visible()


def test_a_page_by_its_url_is_the_first_that_a_server_is_asked_for(chrome: Browser, tmp_path: Path) -> None:
    app = App(tmp_path)
    app.start()
    try:
        page = chrome.new_page(**CALM)
        page.goto(app.url + "data")
        expect(page.get_by_role("heading", name="What the towers read").first).to_be_visible()
        expect(page.get_by_test_id("stTopNavSection")).to_have_count(len({one.group for one in pages.PAGES.values()}))
        page.close()
    finally:
        app.stop()


def test_a_page_by_its_url_fits_a_phone_and_a_dark_room_and_says_where_the_menu_is(narrow_dark_tabs: Tabs) -> None:
    page = narrow_dark_tabs.open()
    expect(page.get_by_role("heading", name="Side by side").first).to_be_visible()
    fits_a_phone_in_the_dark(page, "Menu, Run and settings")
    words = chart(page, "tower-parallel").locator(".textpoint text").first
    expect(words).to_have_css("fill", "rgb(232, 237, 243)")


def tick(page: Page, row: int) -> None:
    """Tick a row of the list of runs, which is a canvas."""
    grid = page.locator("[class*=st-key-runs-] .dvn-scroller")
    still(page)
    expect(grid).to_have_count(1)  # the list of before is gone
    grid.click(position={"x": 15, "y": 35 * row + 52})


def test_open_delete_and_undo_a_run(tabs: Tabs, app: App) -> None:
    first, second = (app.store.create(assemble({**SMALL, "seed": seed}), "cpu") for seed in (1, 2))
    page = tabs.open(f"runs?run={second.run}")
    expect(page.get_by_text("2 of 2 runs")).to_be_visible()
    wait_for(lambda: {row.state for row in app.store.rows()} == {"done"})
    tick(page, 0)
    insist(page, "Delete")
    expect(page.get_by_text("1 of 1 runs")).to_be_visible()
    expect(page.get_by_text("Tick one run")).to_be_visible()
    button(page, "Undo").click()
    expect(page.get_by_text("2 of 2 runs")).to_be_visible()
    tick(page, 1)
    page.get_by_test_id("stButton").get_by_role("button", name="Open").click()
    expect(page.get_by_text(f"Showing run {first.run}")).to_be_visible()
    assert run_of(page) == first.run
    assert {row.run for row in app.store.rows()} == {first.run, second.run}
