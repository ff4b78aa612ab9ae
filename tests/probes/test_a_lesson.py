"""To add a lesson, add a TOML file to `pdcn/pages/lessons/data/`; no code.

It says its title, what one can say after it, and its steps: a text, a page to open with its address, and a question
about a measure (`MEASURES` in `pdcn/pages/lessons/work.py`), which is computed from a run. The list of lessons, the
steps with Back and Next, the line on the other pages, links to a step and for a class, and what is said of a guess
follow.

Here one is added from outside. All of it stands in this file.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pdcn.evaluation.verdict import NUMBERS
from pdcn.pages.lessons import written
from tests.app.app_help import open_app, press, texts, widget

LESSON = """
order = 100
title = "Seeds and luck"
minutes = 3
after = "you can say what a seed does."

[[steps]]
title = "Look at every seed"
text = "Each training begins with other random numbers. So each ends elsewhere."
picture = "seed"
page = "compare"
open = "See each seed's curve"
address = { each_seed = "true" }

[steps.question]
ask = "In how many seeds is parallel ahead?"
measure = "seeds ahead"
run = "showcase"
high = 10
then = "One seed says little."

[[steps]]
title = "The verdict"
text = "Now all seeds together."

[steps.question]
ask = "How does parallel do?"
measure = "verdict"
run = "showcase"

[steps.question.choices]
better = "It wins"
worse = "It loses"
"no detectable difference" = "Nobody wins"
"""


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lessons of the house, and the one above."""
    folder = Path(shutil.copytree(written.FOLDER, tmp_path / "data"))
    (folder / "seeds.toml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(written, "FOLDER", folder)
    return folder


def test_it_is_in_the_list_and_can_be_played_to_its_end() -> None:
    at = open_app("lessons")
    assert "Seeds and luck" in texts(at)
    count = len(list(written.FOLDER.glob("*.toml")))
    assert f"{NUMBERS[count].capitalize()} lessons" in texts(at)
    press(at, f"Start lesson {count}")
    assert "step 1 of 2" in texts(at)
    widget(at, "thinking-seeds-1").set_value(1.0).run()
    assert "One seed says little" not in texts(at)  # not before the prediction is made
    press(at, "Check my guess")
    assert "You said 1; it is 3. That is 2 away." in texts(at)
    assert "One seed says little" in texts(at)
    press(at, "Next")
    widget(at, "thinking-seeds-2").set_value("It wins").run()
    press(at, "Check my guess")
    assert "You are right: “It wins”." in texts(at)
    press(at, "Finish")
    assert "1 of your 2 guesses were right or close." in texts(at)


def test_every_other_page_has_the_way_back_to_it() -> None:
    at = open_app("data", lesson="seeds", step="2")
    count = len(list(written.FOLDER.glob("*.toml")))
    assert f"Back to lesson {count}, step 2: The verdict" in [one.proto.label for one in at.get("page_link")]


def test_what_is_wrong_with_it_is_said_on_the_page(added: Path) -> None:
    (added / "seeds.toml").write_text(LESSON.replace("seeds ahead", "luck"), encoding="utf-8")
    said = texts(open_app("lessons"))
    assert "step 1" in said
    assert "seeds.toml" in said
