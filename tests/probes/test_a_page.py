"""To add a page, add its folder to `pdcn/pages/`: say in its `PAGE` what it is, and put that into `PAGES`.

`PAGE` names the module whose `draw` draws the page, the keys of its widgets, and a `Recipe` for each of its analyses:
what is done in words, the settings with their defaults and bounds, and the module whose `inspect` returns the tables.
Navigation, links, `inspect --kind`, `--set`, the process that works it out, and the showcase follow; name the page in
the README, too. Nothing else is touched.

Here one page is added from outside: how many of the weights are close to zero. All of it stands in this file. A page of
the house keeps `inspect` in its `work` module, which knows torch, and `draw` in its `page` module, which knows
Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from pdcn.cli import main
from pdcn.cli.showcase import bundled
from pdcn.jobs.analysis import Analysis, Recipe, Say, Settings
from pdcn.jobs.worker import carry_out
from pdcn.nn.two_tower import SIDES
from pdcn.pages import PAGES, recipes
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.shell.analysis_view import analysed, run_inside, take_csv
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import one_of
from pdcn.shell.page import Page
from tests import test_readme
from tests.app.app_help import csvs, open_app, switch_to, texts, tiny, widget
from tests.unit.studies_help import wait_for

SMALL = Recipe(
    "small", "counting small weights", __name__, {"below": 0.01, "seeds": 9}, bounds={"below": (0, 1)}, remarks=True
)
PAGE = Page("small", "Small weights", ":material/compress:", "Workshop", __name__, (SMALL,), keys=("small_tower",))


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Table `shares`: of each arm, seed and tower the share of the weights that are closer to zero than `below`."""
    rows = []
    for at, arm in enumerate(opened.arms):
        say(at / len(opened.arms), f"counting those of {arm}")
        for seed in opened.folder.seeds_of(arm)[: int(settings["seeds"])]:
            for side in SIDES:
                parts = [weight.abs().flatten() for weight in opened.model(arm, seed).tower(side).parameters()]
                small = sum(int((part < float(settings["below"])).sum()) for part in parts)
                rows.append((arm, seed, side, small / sum(len(part) for part in parts)))
    return {"shares": pd.DataFrame(rows, columns=["arm", "seed", "tower", "share"])}


def remarks(frames: dict[str, pd.DataFrame]) -> list[str]:
    """A sentence for each arm most of whose weights are small."""
    mean = frames["shares"].groupby("arm", sort=False)["share"].mean()
    return [f"Most weights of {arm} are small." for arm in mean.index[mean > 0.5]]


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside(PAGE.name, "How many weights are small?")
    if folder is None:
        return
    tower = one_of("Tower", SIDES, key="small_tower")
    found = analysed(folder, SMALL)
    if found is not None:
        shares = found["shares"]
        st.dataframe(shares[shares["tower"] == tower])
        take_csv(shares, "small")


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, PAGE.name, PAGE)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """A run of two arms and two seeds, in a home of its own."""
    path = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(path))
        store = Store(path)
        folder = store.create(tiny(), own=True)
        assert carry_out(store, folder).state == "done"
        yield folder


def test_it_stands_in_the_navigation_and_has_an_address(run: RunFolder) -> None:
    at = open_app("small", run=run.run, small_tower="item")
    assert at.title[0].value == "How many weights are small?"
    assert widget(at, "small_tower").value == "item"
    assert not at.warning  # of a link that asks for what nothing knows
    menu = [(page["url_pathname"], page["page_name"], page["icon"]) for page in at._registered_pages.values()]
    assert len(menu) == 1 + len(PAGES)  # the first, which opens the app, can be called by its name, too
    assert menu[-1] == ("small", "Small weights", ":material/compress:")
    assert switch_to(at, "compare").title[0].value == open_app(run=run.run).title[0].value


def test_the_page_has_it_worked_out_in_another_process(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdcn.jobs.analyst.work_out", None)  # nobody works it out in this one
    analysis = Analysis.of(run, SMALL)
    at = open_app("small", run=run.run)
    wait_for(lambda: not analysis.under_way)
    assert analysis.done, analysis.progress
    at.run()
    assert not at.exception
    assert csvs(at) == {"small"}
    (shown,) = at.dataframe
    assert {*shown.value["arm"]} == {*run.experiment.arms}
    assert {*shown.value["tower"]} == {"query"}
    assert shown.value["share"].between(0, 1).all()


def test_the_command_line_works_it_out_with_its_settings(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", run.run, "--kind", "small", "--set", "below=1", "--set", "seeds=1"]
    assert main([*words, "--json", "--out", str(tmp_path / "tables")]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["kind"], row["table"], row["rows"]) == ("small", "shares", 2 * 2)
    assert {*pd.read_csv(row["path"])["seed"]} == {0}
    assert main(words) == 0
    assert "Most weights of parallel are small." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "smal"], "invalid choice: 'smal' (choose from"),
        (["--kind", "small", "--set", "below=2"], "--set: expected below between 0 and 1, got '2'"),
        (["--kind", "small", "--set", "seeds=0"], "--set: expected seeds between 1 and"),
        (["--kind", "small", "--set", "above=1"], "with a key among below, seeds, got 'above=1'"),
    ],
)
def test_errors_are_one_line(words: list[str], said: str, run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", run.run, *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_it_comes_with_a_showcase_that_is_made_anew(run: RunFolder) -> None:
    assert [one.settings for one in bundled(run) if one.recipe is SMALL] == [SMALL.settings]


def test_the_readme_is_to_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="Small weights"):
        test_readme.test_every_page_is_named()
    monkeypatch.setattr(test_readme, "README", f"{test_readme.README}\n**Small weights**: how many there are.")
    test_readme.test_every_page_is_named()


def test_two_analyses_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "again", PAGE)
    with pytest.raises(ValueError, match="every analysis to have a name of its own, got small twice"):
        recipes()


def test_a_run_that_is_not_over_is_said_to_be_training(run: RunFolder) -> None:
    waiting = Store().create(tiny(seed=5), own=False)
    assert "still training" in texts(open_app("small", run=waiting.run))
