"""Each thing that hurts people who bring their own data is said by column and row, with what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pdcn.settings import SettingError
from pdcn.sources.table.draft import EVENTS, ITEMS, Draft, Files, begin, discard, edit
from pdcn.sources.table.preview import preview
from pdcn.sources.table.problems import Problem, problems
from tests.unit.sources.table.formats_help import bare, drawn

Made = Callable[..., Draft]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A draft of a small log with other columns in it."""

    def make(items: pd.DataFrame | None = None, **columns: object) -> Draft:
        log = drawn(1_200, 40, 60)
        plain = {"user": log["user"], "item": [f"p{one}" for one in log["item"]], "time": log["seconds"]}
        pd.DataFrame({**plain, **columns}).to_csv(tmp_path / "log.csv", index=False)
        if items is not None:
            items.to_csv(tmp_path / "items.csv", index=False)
        return begin(Files(str(tmp_path / "log.csv"), items=str(tmp_path / "items.csv") if items is not None else ""))

    return make


def one_of(found: list[Problem], text: str) -> Problem:
    """The only problem whose sentence has this in it."""
    (one,) = [problem for problem in found if text in problem.text]
    return one


def test_a_clean_log_has_nothing_but_notes(made: Made) -> None:
    assert {one.level for one in problems(made())} == {"note"}


def test_rows_without_a_key_or_a_time(made: Made) -> None:
    log = drawn(1_200, 40, 60)
    users = [None if at in (3, 9) else user for at, user in enumerate(log["user"])]
    times = ["soon" if at == 6 else str(one) for at, one in enumerate(log["seconds"])]
    draft = made(user=pd.Series(users, dtype="Int64"), time=times)
    draft = edit(draft, roles={"time": "leave-out"}) if draft.having(EVENTS, "time") is None else draft
    found = problems(draft)
    assert one_of(found, "name no user").rows == (4, 10)
    assert one_of(found, "name no user").column == "user"
    discard(draft)


def test_times_that_cannot_be_read_and_mixed_forms(made: Made) -> None:
    days = [f"{1 + at % 28:02}/{1 + at % 12:02}/2025" for at in range(1_200)]
    days[5], days[7] = "soon", "2025-01-31"
    found = problems(made(time=days))
    unread = one_of(found, "whose time can't be read")
    assert (unread.rows, "'soon' in row 6" in unread.text) == ((6,), True)
    assert "also YYYY-MM-DD" in one_of(found, "mixes forms").text


def test_no_user_or_no_item_is_an_error_that_says_what_to_do(made: Made) -> None:
    draft = edit(made(), roles={"item": "leave-out"})
    error = next(one for one in problems(draft) if one.level == "error")
    assert error.text == "No column names the item of an event; give one that role (--role COLUMN=item)."


def test_constant_columns_and_those_that_give_the_item_away(made: Made) -> None:
    log = drawn(1_200, 40, 60)
    shelves = [f"shelf {one}{'ab'[at % 2]}" for at, one in enumerate(log["item"])]
    draft = made(shop=["one"] * 1_200, shelf=shelves, order_id=range(1_200))
    roles = {column.name: (column.role, column.reason) for column in draft.columns[EVENTS]}
    assert roles["shop"] == ("leave-out", "It has the same value everywhere.")
    assert roles["shelf"][0] == "leave-out"
    assert "would give the answer away" in roles["shelf"][1]
    assert roles["order_id"][0] == "leave-out"
    assert "shop has the same value" in one_of(problems(draft), "same value everywhere").text
    told = one_of(problems(edit(draft, roles={"shelf": "query"})), "alone tells the item")
    assert (told.level, told.column) == ("warning", "shelf")


def test_ratings_have_a_threshold_that_can_be_chosen(made: Made) -> None:
    log = drawn(1_200, 40, 60)
    draft = made(rating=log["rating"])
    assert draft.positive_from == 4.0
    share = f"{(log['rating'] >= 4).mean():.0%}"
    assert f"rating is 4 or more are events, {share} of all" in one_of(problems(draft), "are events").text
    assert preview(draft).events == (log["rating"] >= 4).sum()
    every = edit(draft, positive_from=-math.inf)
    assert preview(every).events == 1_200
    with pytest.raises(SettingError, match="expected a column with ratings"):
        edit(edit(draft, roles={"rating": "leave-out"}), positive_from=3)


def test_outcomes_weigh_and_those_that_are_none_are_left_out(made: Made) -> None:
    kinds = ["impression", "click", "purchase"]
    draft = made(event_type=[kinds[at % 3] for at in range(1_200)])
    assert draft.kinds == {"click": 1.0, "impression": 0.0, "purchase": 1.0}
    found = problems(edit(draft, kinds={"purchase": 3}))
    assert "click 1, purchase 3" in one_of(found, "Outcomes weigh:").text
    assert "impression" in one_of(found, "nothing came of it").text
    assert preview(draft).events == 800
    with pytest.raises(SettingError, match=r"expected one of the outcomes .*purchase, got 'buy'"):
        edit(draft, kinds={"buy": 2})


def test_repeats_are_kept_unless_one_says_otherwise(made: Made) -> None:
    draft = made()
    assert "They are kept, unless" in one_of(problems(draft), "repeat a user").text
    log = drawn(1_200, 40, 60)
    pairs = len({*zip(log["user"], log["item"], strict=True)})
    assert preview(draft).events == 1_200
    assert preview(edit(draft, repeats="once")).events == pairs
    assert preview(draft).repeated == pytest.approx(1 - pairs / 1_200)


def test_the_table_of_items(made: Made) -> None:
    names = [f"p{one}" for one in [*range(1, 59), 58, 58]]
    items = pd.DataFrame({"item": names, "brand": [f"b{at % 7}" for at in range(60)], "price": ["1.5"] * 59 + ["2"]})
    found = problems(made(items))
    several = one_of(found, "come in several rows")
    assert (several.table, several.rows, "'p58'" in several.text) == (ITEMS, (58,), True)
    assert "Of the items of the events, 2 with" in one_of(found, "are not in the table").text
    strangers = made(pd.DataFrame({"item": ["x", "y"], "brand": ["a", "b"]}))
    assert problems(strangers)[0].level == "error"
    assert "No item of the events is in column" in problems(strangers)[0].text


def test_features_that_differ_within_an_item(made: Made) -> None:
    log = drawn(1_200, 40, 60)
    brands = [f"b{one % 7}" for one in log["item"]]
    brands[11] = "other"
    draft = edit(made(brand=brands), roles={"brand": "item-category"})
    assert f"'p{log['item'][11]}'" in one_of(problems(draft), "within which brand differs: 1").text


def test_numbers_that_are_none(made: Made) -> None:
    prices = ["free" if at == 41 else f"{at / 7:.2f}" for at in range(1_200)]
    draft = edit(made(distance=prices), roles={"distance": "query-number"})
    told = one_of(problems(draft), "are no numbers")
    assert (told.rows, "'free' in row 42" in told.text) == ((42,), True)


def test_too_few_events_are_an_error_and_few_a_warning(tmp_path: Path) -> None:
    few = problems(begin(Files(bare(tmp_path, events=300))))
    assert one_of(few, "are few").level == "warning"
    path = tmp_path / "tiny.csv"
    path.write_text("user,item,time\n" + "".join(f"u{at},i{at % 3},2026-01-{at + 1:02}\n" for at in range(9)))
    assert one_of(problems(begin(Files(str(path)))), "at least 30 events").level == "error"


def test_the_preview_is_the_split_and_popularity(made: Made) -> None:
    log, draft = drawn(1_200, 40, 60), made()
    seen = preview(draft)
    counts = pd.Series(log["item"][:1_020]).value_counts()
    ranks = {item: (counts > count).sum() + ((counts == count).sum() - 1) / 2 for item, count in counts.items()}
    test = pd.DataFrame({"user": log["user"][1_080:], "hit": [ranks.get(one, 99) < 10 for one in log["item"][1_080:]]})
    assert seen.popularity[10] == pytest.approx(test.groupby("user")["hit"].mean().mean())
    assert [part.events for part in seen.parts] == [1_020, 60, 120]
    assert sum(count for _, counts in seen.stretches for count in counts.values()) == 1_200
    assert seen.new_items == pytest.approx((~pd.Series(log["item"][1_080:]).isin(counts.index)).mean())
    assert any("popular items hold" in sentence for sentence in seen.sentences)


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ({"usr": "user"}, "expected one of the columns user, item, time, got 'usr'"),
        ({"user": "owner"}, "column 'user' can't be 'owner'; expected one of user, item"),
        ({"item": "number"}, "column 'item' has no numbers, but cells such as 'p"),
        ({"item": "time"}, "column 'item' has no dates or times"),
        ({"item": "kind"}, "column 'item' has more than 32 values, too many for outcomes"),
        ({"user": "multi"}, "column 'user' has no several values"),
        ({"time": "number:log2"}, "expected one of plain, ln, log1p behind number:, got 'log2'"),
    ],
)
def test_a_wrong_role_is_one_sentence(made: Made, roles: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        edit(made(), roles=roles)


def test_what_is_chosen_takes_the_place_of_what_was_guessed(made: Made) -> None:
    draft = edit(made(buyer=drawn(1_200, 40, 60)["user"]), roles={"buyer": "user"})
    assert [column.role for column in draft.columns[EVENTS]] == ["leave-out", "item", "time", "user"]
    timeless = edit(draft, roles={"time": "leave-out"})
    assert timeless.split == "random"
    with pytest.raises(SettingError, match="--split: expected random"):
        edit(timeless, split="per-user")
    assert edit(timeless, roles={"time": "time"}).split == "time"
