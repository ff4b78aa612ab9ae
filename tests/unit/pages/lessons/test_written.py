"""Lessons as files: those of the house are plainly written, and a wrong one is told with its file and step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.dials import dials
from pdcn.files import DATA, SHOWCASE
from pdcn.glossary import DRAWN, TERMS
from pdcn.pages import PAGES
from pdcn.pages.lessons.judged import BETWEEN, judged
from pdcn.pages.lessons.work import MEASURES, Found
from pdcn.pages.lessons.written import FOLDER, Lesson, Question, lessons, read
from pdcn.settings import SettingError
from pdcn.shell.pictures import PICTURES, drawing, picture
from pdcn.sources.planted import PlantedData
from pdcn.sources.shopping import PLACES, ShoppingData
from tests.unit.test_sentences import faults

ALL = lessons(pages=tuple(PAGES))
RIGHT = """
title = "Seeds"
after = "you can say what a seed is."

[[steps]]
title = "First"
text = "Look."
page = "compare"
open = "See it"

[steps.question]
ask = "How many?"
measure = "seeds ahead"
"""


def texts(lesson: Lesson) -> Iterator[str]:
    """Everything that a lesson says."""
    yield from (lesson.title, lesson.after)
    for step in lesson.steps:
        yield from (step.title, step.text, step.open)
        if step.question:
            yield from (step.question.ask, step.question.then, *step.question.choices.values())


@pytest.mark.parametrize("lesson", ALL.values(), ids=[*ALL])
def test_every_lesson_is_plainly_written(lesson: Lesson) -> None:
    assert {text: found for text in texts(lesson) if (found := faults(text))} == {}
    for step in lesson.steps:
        assert 1 <= step.text.count(". ") + 1 <= 5, step.title
        assert step.question, step.title


@pytest.mark.parametrize("lesson", ALL.values(), ids=[*ALL])
def test_every_address_is_one_that_its_page_knows(lesson: Lesson) -> None:
    for step in lesson.steps:
        assert set(step.address) <= {*PAGES[step.page].keys, *(dial.key for dial in dials())}, step.title


def test_they_stand_in_their_order() -> None:
    assert [*ALL] == ["cross", "explicit", "wiring", "map", "doubt", "shopping", "engagement", "ranking"]
    kinds = {MEASURES[step.question.measure].kind for one in ALL.values() for step in one.steps if step.question}
    assert kinds == {"number", "choice", "order"}


def test_what_texts_say_of_bundled_records_is_so() -> None:
    profile = json.loads((SHOWCASE / "profile.json").read_text(encoding="utf-8"))
    assert sum(one["side"] == "query" for one in profile["fields"]) == 24
    experiment = json.loads((SHOWCASE / "experiment.json").read_text(encoding="utf-8"))
    assert (experiment["network"]["cross_layers"], experiment["seeds"]) == (2, 3)
    rows = json.loads((DATA / "findings/dcnv2-synthetic.json").read_text(encoding="utf-8"))["rows"]
    sizes = {row["model"]: row["parameters"] for row in rows if row["target"] == "f1"}
    assert (sizes["DCN-V2"], sizes["DNN, large"]) == (24, 41_400)
    own = [step.trained for one in ALL.values() for step in one.steps if step.trained]
    assert {one.data.crosses for one in own if isinstance(one.data, PlantedData)} == {3}
    assert {(one.seeds, one.data.source) for one in own} == {(3, "planted"), (3, "shopping")}
    assert ShoppingData().advertisers == 60
    assert PLACES == 20


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (RIGHT.replace('title = "Seeds"', ""), "seeds.toml, title: missing"),
        (RIGHT.replace("seeds ahead", "luck"), "seeds.toml, step 1: measure: expected one of"),
        (
            RIGHT.replace('page = "compare"', 'page = "comparison"'),
            "seeds.toml, step 1, page: expected one of story, cross_lab",
        ),
        (RIGHT.replace('open = "See it"', ""), "seeds.toml, step 1: open: expected what the link to the page says"),
        (RIGHT.replace('measure = "seeds ahead"', 'measure = "verdict"'), "choices: expected better, worse"),
        (RIGHT + 'choices = { yes = "Yes" }', "choices: expected none, the measure brings its own, got yes"),
        (RIGHT + "low = 5\nhigh = 5", "seeds.toml, step 1: high: expected more than low (5), got 5"),
        (RIGHT + 'run = "mine"', "seeds.toml, step 1, run: expected 'shown', 'showcase' or 'own', got 'mine'"),
        (RIGHT + 'run = "own"', "experiment: expected settings to train"),
        (RIGHT + "[steps.experiment]\nepoch = 3", "seeds.toml, step 1: epoch: no such setting"),
        (RIGHT + "[steps.experiment]\nepochs = -3", "step 1: epochs: expected a whole number between 1 and 200"),
        (RIGHT + 'colour = "red"', "seeds.toml, step 1, colour: no such part of a lesson"),
        (
            RIGHT.replace('text = "Look."', 'text = "Look."\npicture = "dog"'),
            "picture: expected a term of the glossary",
        ),
        ("title = ", "seeds.toml: expected a TOML file that can be read"),
        ('title = "Empty"\nafter = "x"\nsteps = []', "seeds.toml, steps"),
    ],
)
def test_what_is_wrong_is_said_with_its_file_and_step(tmp_path: Path, wrong: str, said: str) -> None:
    path = tmp_path / "seeds.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(SettingError) as told:
        read(path, tuple(PAGES))
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_file_has_a_name_that_an_address_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "Seeds & co.toml"
    path.write_text(RIGHT, encoding="utf-8")
    with pytest.raises(SettingError, match="small letters, digits and hyphens"):
        read(path)


POINTS = Question(ask="?", measure="difference", close=1.0)


@given(st.floats(-99, 99), st.floats(-99, 99), st.floats(0, 50), st.floats(0, 50))
def test_a_guess_is_good_exactly_when_it_is_in_the_interval(guess: float, value: float, up: float, down: float) -> None:
    text = f"{guess:g}"
    found = judged(POINTS, Found(value, value - down, value + up), text)
    assert found is not None
    assert found.good == (value - down <= float(text) <= value + up)
    assert ("inside the interval" in found.said) == found.good


@given(st.floats(-99, 99), st.floats(-99, 99))
def test_without_an_interval_it_is_good_when_it_is_close(guess: float, value: float) -> None:
    text = f"{guess:g}"
    found = judged(POINTS, Found(value), text)
    assert found is not None
    assert found.good == (abs(float(text) - value) <= 1.0 or f"{float(text):.2f}" == f"{value:.2f}")


@pytest.mark.parametrize(
    ("found", "guess", "good", "said"),
    [
        (Found("better"), "better", True, "You are right: “It is better”."),
        (Found("worse"), "better", False, "You said “It is better”. The answer is “It is worse”."),
    ],
)
def test_a_choice_is_right_or_wrong(found: Found, guess: str, good: bool, said: str) -> None:
    labels = {"better": "It is better", "worse": "It is worse", "no detectable difference": "None"}
    told = judged(Question(ask="?", measure="verdict", choices=labels), found, guess)
    assert told is not None
    assert (told.good, told.said) == (good, said)


def test_an_order_counts_the_right_places() -> None:
    question, found = Question(ask="?", measure="order by recall"), Found(("a", "b", "c"), options=("a", "b", "c"))
    told = [judged(question, found, BETWEEN.join(guess)) for guess in ("abc", "acb", "bca")]
    assert [one and one.good for one in told] == [True, False, False]
    assert [one and one.said[:4] for one in told] == ["You ", "1 of", "0 of"]


@pytest.mark.parametrize("guess", ["seven", "nan", "1e999", "", "<b>", "a > b"])
def test_a_guess_that_is_none_is_told_apart(guess: str) -> None:
    assert judged(POINTS, Found(1.0), guess) is None
    assert judged(Question(ask="?", measure="largest cross"), Found("a", options=("a", "b")), guess) is None
    assert judged(Question(ask="?", measure="order by recall"), Found(("a", "b", "c")), guess) is None


def test_twenty_terms_have_a_picture_that_is_drawn_and_described() -> None:
    from xml.etree import ElementTree

    assert [*PICTURES] == [*DRAWN]
    assert len(DRAWN) == 20
    assert DRAWN.keys() <= TERMS.keys()
    drawn = {term: ElementTree.fromstring(drawing(term)) for term in DRAWN}
    assert len({drawing(term) for term in DRAWN}) == 20
    for term, tree in drawn.items():
        title = tree.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.text == DRAWN[term]
        assert picture(term).startswith(f"![{DRAWN[term]}](data:image/svg+xml;base64,")
    assert picture("no term") == ""


def test_the_folder_is_where_files_are() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == {*ALL}
