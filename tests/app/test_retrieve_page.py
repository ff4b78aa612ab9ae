"""The Retrieve page in every state: of the showcase, of runs of one arm, and of links that lead nowhere."""

from __future__ import annotations

import re
from typing import cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pdcn.pages.retrieve.page.cards import Line, list_html, query_html
from pdcn.pages.retrieve.work.disagreement import Which, opening, walk
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import MISSING, UNKNOWN, CategoryField, NumberField
from pdcn.sources.spoken import ItemWords
from tests.app.app_help import FILES, button, charts, labels, open_app, plain, plant, set_to, sound, texts, widget

KEPT = (*FILES, "experiment.json", "arms.json")


def with_weights(store: Store, source: RunFolder) -> RunFolder:
    """The run in this test's home, as the pages that look inside need it."""
    files = [f"weights/{path.name}" for path in (source.path / "weights").glob("*.safetensors")]
    folder = plant(store, "done", None)
    (folder.path / "weights").mkdir()
    for name in (*KEPT, *files):
        if (source.path / name).exists():
            (folder.path / name).write_bytes((source.path / name).read_bytes())
    return folder


def html(at: AppTest) -> list[str]:
    """The bodies of all HTML on the page, but for style sheets and scripts."""
    bodies = [str(one.proto.body) for one in at.get("html")]
    return [body for body in bodies if "<style>" not in body and "<script>" not in body]


def lists(at: AppTest) -> list[str]:
    return [body for body in html(at) if "rt-head" in body]


def items_of(listed: str) -> list[str]:
    """Whole names of the items in a list, in its order."""
    return [name.partition("&#10;")[0] for name in re.findall(r'<tr[^>]* title="([^"]*)"', listed)]


@pytest.fixture
def raced(store: Store, race: RunFolder) -> RunFolder:
    return with_weights(store, race)


def test_two_lists_stand_side_by_side_with_the_true_item_marked_in_both(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run)
    run = TrainedRun(raced)
    dataset, ranks = run.data.dataset, raced.measured
    assert ranks is not None
    event = opening(ranks, ("parallel", "sequential"), 10)
    assert widget(at, "event").value == event + 1
    assert "To begin with, an event that every arm and seed finds well" in texts(at)
    true = dataset.item_names[dataset.positive[dataset.bounds[1] + event]]
    assert len(lists(at)) == 2
    for arm, listed in zip(("parallel", "sequential"), lists(at), strict=True):
        assert arm in listed
        (marked,) = re.findall(r'<tr class=true title="([^"&]*)', listed)
        assert marked == true
        place = f"rank <b>{ranks.cells[arm, 0][event] + 1:,.0f}</b> of {len(dataset.items):,}"
        assert place in listed
        assert len(items_of(listed)) in (10, 11)
    assert true in html(at)[0]  # what was really chosen
    assert "On " in html(at)[0]
    left, right = (f"{ranks.cells[arm, 0][event] + 1:,.0f}" for arm in ("parallel", "sequential"))
    apart = f"Parallel puts the item chosen at rank {left}, sequential at rank {right}."
    lead = f"Both models put the item chosen at rank {left}." if left == right else apart
    assert plain(at.markdown[0].value).startswith(lead)
    assert charts(at) == ["occlusion"]
    assert [getattr(one, "label", None) for one in at.get("download_button")] == [
        "These lists as CSV",
        "Parquet",
        "These numbers as CSV",
        "Parquet",
    ]


def test_the_marks_say_what_the_lists_have_in_common(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run)
    left, right = (items_of(listed)[:10] for listed in lists(at))
    both = len(set(left) & set(right))
    assert [body for body in html(at) if f"<b>{both} of 10 in both lists.</b>" in body]
    for listed in lists(at):
        assert listed.count('title="in both lists"') == both
        assert listed.count('title="in this list only"') == 10 - both


def test_every_seed_is_told_and_each_has_a_list_of_its_own(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run)
    ranks, event = raced.measured, widget(at, "event").value - 1
    assert ranks is not None
    kept = [float(ranks.cells["parallel", seed][event]) for seed in (0, 1)]
    assert f"in the top 10 of {sum(one < 10 for one in kept)} of 2 trainings" in lists(at)[0]
    assert "this list is seed 0" in lists(at)[0]
    before = items_of(lists(at)[0])
    set_to(at, list_seed=1)
    assert "this list is seed 1" in lists(at)[0]
    assert items_of(lists(at)[0]) != before


def test_next_walks_by_size_and_previous_leads_back(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run)
    ranks = raced.measured
    assert ranks is not None
    order = walk(ranks, "parallel", "sequential").orders[Which.BOTH]
    assert button(at, "Previous").disabled
    for place in (0, 1):
        button(at, "Next disagreement").click()
        sound(at.run())
        assert widget(at, "event").value == order[place] + 1
        assert f"**Disagreement {place + 1} of {len(order):,}**" in texts(at)
        assert "To begin with" not in texts(at)
    wins = walk(ranks, "parallel", "sequential").size[order[:100]] > 0
    assert f"Of the 100 largest, parallel is better in {wins.sum()}, sequential in {(~wins).sum()}." in texts(at)
    assert "an extreme, not the rule" in texts(at)
    button(at, "Previous").click()
    sound(at.run())
    assert widget(at, "event").value == order[0] + 1


def test_after_a_random_event_the_walk_begins_anew(raced: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = raced.measured
    assert ranks is not None
    order = walk(ranks, "parallel", "sequential").orders[Which.BOTH]
    at = open_app("retrieve", run=raced.run, event=str(order[4] + 1))
    button(at, "Next disagreement").click()  # a link is gone on from
    sound(at.run())
    assert widget(at, "event").value == order[5] + 1
    monkeypatch.setattr(np.random, "default_rng", lambda: np.random.Generator(np.random.PCG64(3)))
    button(at, "Random event").click()
    sound(at.run())
    drawn = int(np.random.Generator(np.random.PCG64(3)).integers(len(ranks.user)))
    assert widget(at, "event").value == drawn + 1
    button(at, "Next disagreement").click()
    sound(at.run())
    assert widget(at, "event").value == order[0] + 1


def test_one_can_walk_through_the_wins_of_one_arm(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run, walk="sequential better")
    ranks = raced.measured
    assert ranks is not None
    order = walk(ranks, "parallel", "sequential").orders[Which.RIGHT]
    button(at, "Next disagreement").click()
    sound(at.run())
    assert widget(at, "event").value == order[0] + 1
    assert f"Disagreement 1 of {len(order):,}** with sequential better" in texts(at)


def test_how_often_each_arm_wins_stands_beside_the_examples(raced: RunFolder) -> None:
    at, ranks = open_app("retrieve", run=raced.run), raced.measured
    assert ranks is not None
    size = walk(ranks, "parallel", "sequential").size
    assert (
        f"parallel ranks the true item higher in {(size > 0).mean():.1%}, sequential in {(size < 0).mean():.1%}"
        in texts(at)
    )


@pytest.mark.parametrize("event", ["0", "201", "many", "-3"])
def test_a_link_to_an_event_that_is_not_there_says_so(raced: RunFolder, event: str) -> None:
    at = open_app("retrieve", run=raced.run, event=event)
    (said,) = [one.value for one in at.info]
    assert f"test event `{event}`, but this run's test events are numbered 1 to 200" in said
    assert len(lists(at)) == 2


def test_a_link_opens_event_length_and_seed(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run, event="33", top="20", list_seed="1")
    assert (widget(at, "event").value, widget(at, "top").value, widget(at, "list_seed").value) == (33, 20, 1)
    assert not at.info
    assert len(items_of(lists(at)[0])) in (20, 21)


def test_a_query_set_by_hand_has_no_true_item(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run, event="33")
    set_to(at, by_hand=True)
    before = [items_of(listed) for listed in lists(at)]
    assert "class=true" in lists(at)[0]
    assert button(at, "Back to the event").disabled
    fields = [one for one in at.sidebar.selectbox if one.key]
    assert len(fields) == 6
    first = fields[-1]
    first.set_value(1 + cast(int, first.value) % 3)
    sound(at.run())
    assert [items_of(listed) for listed in lists(at)] != before
    assert "Nobody asked this, so no item is right" in html(at)[0]
    assert not [listed for listed in lists(at) if "class=true" in listed or "trainings" in listed]
    assert all("chosen at the real event" in listed for listed in lists(at))
    assert html(at)[1].count('class="rt-set"') == 1
    button(at, "Back to the event").click()
    sound(at.run())
    assert [items_of(listed) for listed in lists(at)] == before
    assert "class=true" in lists(at)[0]


def test_numbers_are_set_in_their_own_unit_and_stay_as_they_are_until_then(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run, event="33")
    set_to(at, by_hand=True)
    (number, *_) = at.sidebar.number_input
    number.set_value(cast(float, number.value) + 1)
    sound(at.run())
    assert f"<b>{number.value:,.2f}</b>" in html(at)[1]
    assert html(at)[1].count('class="rt-set"') == 1


def test_why_can_be_asked_of_any_item_field_and_measure(raced: RunFolder) -> None:
    at = open_app("retrieve", run=raced.run)
    item = widget(at, f"why_item-{widget(at, 'event').value - 1}")
    assert len(item.options) >= 10
    set_to(at, why_side="item", why_measure="rank")
    item.select_index(3)
    sound(at.run())
    assert charts(at) == ["occlusion"]
    assert "its mean over the catalogue" in texts(at)


def test_for_a_room_type_is_large_and_words_are_few(raced: RunFolder) -> None:
    quiet, room = (open_app("retrieve", run=raced.run, **link) for link in ({}, {"room": "true"}))
    assert "How typical" in texts(quiet)
    assert "How typical" not in texts(room)
    assert all("rt-room" in body for body in html(room))


def test_one_arm_and_one_seed_show_one_list(store: Store, alone: RunFolder) -> None:
    folder = with_weights(store, alone)
    at = open_app("retrieve", run=folder.run)
    assert len(lists(at)) == 1
    assert "deep only" in lists(at)[0]
    assert "this list is one training, seed 0" in lists(at)[0]
    assert "Next disagreement" not in labels(at)
    assert "Random event" in labels(at)
    assert charts(at) == ["occlusion"]
    assert "What moves this item?" in texts(at)


def test_of_many_arms_any_two_stand_beside_each_other(store: Store, wide: RunFolder) -> None:
    folder = with_weights(store, wide)
    at = open_app("retrieve", run=folder.run)
    set_to(at, inside_left="cross_only", inside_right="parallel-deep_only")
    assert "cross only" in lists(at)[0]
    assert "parallel" in lists(at)[1]


def test_without_kept_ranks_there_are_lists_but_no_walk(raced: RunFolder) -> None:
    (raced.path / "ranks.parquet").unlink()
    at = open_app("retrieve", run=raced.run)
    assert len(lists(at)) == 2
    assert "Next disagreement" not in labels(at)


def test_other_data_than_the_run_was_trained_on_is_said(raced: RunFolder) -> None:
    profile = raced.path / "profile.json"
    profile.write_text(re.sub(r'"hash": *"[0-9a-f]+"', '"hash": "000000000000"', profile.read_text()))
    at = open_app("retrieve", run=raced.run)
    (said,) = [one.value for one in at.error]
    assert "train it again to look inside" in said
    assert not lists(at)


def told() -> Dataset:
    """Two events and two items whose words are as bad as can be."""
    kind = CategoryField("kind", "Kind", (UNKNOWN, MISSING, "<b>tea</b>", "11 Nov"))
    price = NumberField("price", "Price", "dollars", 2.0, 1.0)
    size = NumberField("size", "Size", "", 0.0, 1.0)
    rows = Table(
        (kind,), (price, size), np.array([[2], [0], [3]], np.int32), np.array([[1, 0.5], [0, 0], [2, 1]], np.float32)
    )
    four = Table((kind,), (), np.array([[2]] * 4, np.int32), np.zeros((4, 0), np.float32))
    return Dataset(
        "table",
        "Table",
        "",
        four,
        rows,
        ("Tea — <i>green</i> · 20 g · A (#1)", "Cup · B (#2)", "Pot · C (#3)"),
        np.zeros(4, np.int64),
        np.zeros(4, np.int64),
        np.arange(4, dtype=np.int64),
        (1, 2),
    )


def test_items_are_told_by_name_and_what_it_does_not_say() -> None:
    words = ItemWords(told())
    assert words.name(0) == "Tea — <i>green</i>"
    assert words.features(0) == "20 g · A (#1) · 3.00 dollars · Size 0.50 · Kind <b>tea</b>"
    assert words.features(1) == "B (#2)"  # neither unknown values nor empty cells
    assert words.features(2) == "C (#3) · 4.00 dollars · Size 1.00 · Kind Nov"


def test_no_text_of_the_data_becomes_markup() -> None:
    words = ItemWords(told())
    listed = list_html(
        [Line(0.0, 0, 1.5, "both", 7.0, "bought", true=True), Line(1.5, 1, -0.25, "only", 0.0)], words, against="<s>"
    )
    assert "<i>" not in listed
    assert "<b>" not in listed
    assert "<s>" not in listed
    assert "Tea — &lt;i&gt;green&lt;/i&gt;" in listed
    assert ">8</td>" in listed  # the rank of the other arm, from 1
    assert ">2–3</td>" in listed  # half a rank: a tie
    said = query_html(told().items, np.array([True, False, False]), [1])
    assert "&lt;b&gt;tea&lt;/b&gt;" in said
    assert said.index("Who") < said.index("tea") < said.index("In numbers") < said.index("dollars")
    assert said.count("rt-set") == 1
