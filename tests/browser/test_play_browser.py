"""The playground in a real browser: it plays, its address brings it back, a weight is written, and torch agrees."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from pdcn import glossary
from tests.browser.accessibility import levels, skipped, violations
from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import CALM, FRAMES, still
from tests.unit.pages.cross_lab.play_help import Played, trained


def playground(tabs: Tabs, state: str = "", more: str = "") -> tuple[Page, Locator]:
    """A playground that says something of its state, in a page that was run to its end."""
    page = tabs.open(f"cross_lab?lab=play{f'&play={state}' if state else ''}{more}")
    root = page.locator(".playground")
    expect(root.locator(".says")).to_contain_text("Look" if not state else "fter")
    still(page)
    return page, root


def count(root: Locator) -> Locator:
    return root.locator(".count")


def losses(root: Locator) -> list[str]:
    return root.locator(".loss").all_inner_texts()


def button(root: Locator, name: str) -> Locator:
    return root.get_by_role("button", name=name, exact=True)


def weights(root: Locator, wiring: str) -> Any:
    return np.array(root.evaluate("(one, wiring) => one.playground.weights(wiring)", wiring))


def test_after_some_steps_the_weights_are_those_of_torch(tabs: Tabs) -> None:
    _, root = playground(tabs, "steps-40_target-tilted_layers-2_features-x1-x2-sq1_seed-7_noise-0.1")
    expect(count(root)).to_have_text("Step 40")
    played = Played("tilted", ("x1", "x2", "sq1"), layers=2, noise=0.1, seed=7)
    for wiring, net in trained(played, 40).items():
        np.testing.assert_allclose(weights(root, wiring), net.flat, rtol=0, atol=1e-9)


def test_a_playground_that_was_played_is_found_again(tabs: Tabs) -> None:
    page, root = playground(tabs)
    expect(count(root)).to_have_text("Step 0")
    root.get_by_role("combobox", name="Target").select_option(label="circle: x₁² + x₂²")
    root.get_by_role("checkbox", name="x₁²").check()
    button(root, "Play").click()
    expect(count(root)).to_have_text(re.compile(r"Step [1-9]\d+"))
    button(root, "Pause").click()
    button(root, "Step").click()
    steps = root.evaluate("one => one.playground.steps()")
    expect(count(root)).to_have_text(f"Step {steps}")
    expect(page).to_have_url(re.compile(rf"play=target-circle_steps-{steps}_features-x1-x2-sq1(&|$)"))
    there, found = playground(tabs, more=f"&{page.url.partition('?')[2]}")
    expect(count(found)).to_have_text(f"Step {steps}")
    expect(found.locator(".says")).to_have_text(root.locator(".says").inner_text())
    assert losses(found) == losses(root)
    np.testing.assert_array_equal(weights(found, "parallel"), weights(root, "parallel"))
    button(found, "Start over").click()
    expect(count(found)).to_have_text("Step 0")
    expect(there).to_have_url(re.compile(r"play=target-circle_features-x1-x2-sq1(&|$)"))


def test_a_weight_is_written_by_mouse(tabs: Tabs) -> None:
    page, root = playground(tabs, "steps-20")
    card = root.locator("[data-wiring=sequential]")
    box = card.locator("canvas").bounding_box()
    assert box is not None
    before, at = losses(root), root.evaluate("one => one.playground.places('sequential')")
    place = next(one for one in at if one["index"] == 0)  # cross 1 x1 reads x1
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    value = card.get_by_role("spinbutton", name="Value")
    expect(value).to_be_focused()
    expect(card.get_by_role("combobox", name="Sequential weight")).to_have_value("0")
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"edit-20-sequential-0--2\.5(&|$)"))
    assert weights(root, "sequential")[0] == -2.5
    assert losses(root)[0] != before[0]
    assert losses(root)[1] == before[1]


def test_all_is_done_by_keyboard_alone(tabs: Tabs) -> None:
    page, root = playground(tabs, "steps-20")
    button(root, "Step").focus()
    page.keyboard.press("Enter")
    expect(count(root)).to_have_text("Step 21")
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = root.evaluate("""one => { const it = one.getRootNode().activeElement;
            return it ? it.closest("label")?.innerText ?? it.innerText : ""; }""")
        reached.append(str(name).splitlines()[0] if name else "")
        if reached[-1] == "Parallel weight":
            break
    assert {"Target", "Cross layers", "Hidden units", "x₁", "sin πx₂", "More settings", "Value"} <= {*reached}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("1.25")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile(r"steps-21_edit-21-parallel-1-1\.25(&|$)"))
    assert weights(root, "parallel")[1] == 1.25


def test_what_a_link_says_wrong_is_said_as_text_and_a_teacher_hides_dials(tabs: Tabs) -> None:
    _, root = playground(tabs, "steps-20_%3Cb%3E%3C%2Fb%3E_layers-9", "&hide=play_rate,play_noise,play_weights,nothing")
    expect(root.locator(".notice")).to_have_text(re.compile("^Not used from the link: <b></b>, layers-9"))
    expect(count(root)).to_have_text("Step 20")
    expect(root.get_by_role("spinbutton")).to_have_count(0)
    root.get_by_text("More settings").click()
    expect(root.get_by_label("Speed")).to_be_visible()
    expect(root.get_by_label("Learning rate")).not_to_be_visible()
    seed = root.get_by_role("spinbutton", name="Seed")
    seed.fill("1000")
    seed.press("Enter")
    expect(root.locator(".notice")).to_contain_text("Seeds are whole numbers from 1 to 999.")
    expect(seed).to_have_value("1")


def test_lines_are_gone_through_by_keyboard_and_terms_are_told_on_a_press(tabs: Tabs) -> None:
    page, root = playground(tabs)
    button(root, "What does “Cross layers” mean?").click()
    expect(root.locator(".notice")).to_have_text(glossary.CROSS_LAYER)
    lines = root.get_by_role("slider", name="Parallel network")
    lines.focus()
    page.keyboard.press("ArrowRight")
    expect(lines).to_have_attribute("aria-valuetext", re.compile("^cross 1 x₁ reads x₂: −?[0-9.]+$"))
    expect(root.locator("[data-wiring=parallel] .line")).to_have_text(re.compile("^cross 1 x₁ reads x₂: "))
    page.keyboard.press("Enter")
    expect(root.locator("[data-wiring=parallel]").get_by_role("spinbutton", name="Value")).to_be_focused()


def test_it_has_no_grave_violation_in_light_and_dark_and_on_a_narrow_screen_all_fits_and_can_be_touched(
    tabs: Tabs,
) -> None:
    page, root = playground(tabs, "steps-20")
    assert violations(page) == []
    assert not skipped(levels(page))
    page.emulate_media(color_scheme="dark", **CALM)
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(18, 23, 30)")
    still(page)
    assert violations(page) == []
    page.set_viewport_size(NARROW)
    page.evaluate(FRAMES)
    still(page)
    for one in [*root.locator("canvas").all(), *root.locator("button, select").all()]:
        box = one.bounding_box()
        if box is None or not one.evaluate("one => one.checkVisibility()"):
            continue  # folded
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
        assert box["height"] >= 40
