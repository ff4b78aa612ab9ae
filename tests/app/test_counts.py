"""Counts and clocks agree: what is said on one page of the showcase or of a run is what all others say."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pdcn.evaluation.comparison import counted_seeds
from pdcn.files import write_json
from pdcn.glossary import RECALL
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.shown_run import about
from pdcn.sources.spoken import spoken_time
from tests.app.app_help import SHOWN, open_app, plant, texts


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer whose clock is half a day away from UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change the time zone of a process")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


def test_users_and_events_of_the_verdict_are_those_of_the_test_part_on_the_data_page() -> None:
    result, ranks = SHOWN.result, SHOWN.ranks
    assert result is not None
    assert ranks is not None
    found = re.search(r"(\S+) test users, (\S+) test events", texts(open_app()))
    assert found is not None
    users, events = (int(text.replace(",", "")) for text in found.groups())
    assert (users, events) == (ranks["user"].nunique(), len(ranks))
    assert (users, events) == (result["data"]["users"], result["data"]["test"])
    at = open_app("data")
    split = next(one.value for one in at.dataframe if "part" in one.value).set_index("part")
    assert (users, events) == tuple(split.loc["test", ["users", "events"]])
    whole = {one.label: int(one.value.replace(",", "")) for one in at.metric if "field" not in one.label}
    assert whole["events in all parts"] == split["events"].sum() == result["data"]["events"]
    assert split["users"].max() <= whole["users in all parts"]
    helps = " ".join(one.help for one in at.metric)
    assert f"The verdict is about the {users:,} users with test events" in helps
    assert f"{events:,} of them are test events" in helps


def test_fields_are_told_by_side_and_kind_and_add_up() -> None:
    profile, towers = SHOWN.profile, SHOWN.towers
    assert profile is not None
    assert towers is not None
    at = open_app("data")
    shown = next(one.value for one in at.metric if one.label == "query + item fields")
    counts = {
        (side, kind): sum((field["side"], field["kind"]) == (side, kind) for field in profile["fields"])
        for side in ("query", "item")
        for kind in ("category", "number")
    }
    sides = {side: counts[side, "category"] + counts[side, "number"] for side in ("query", "item")}
    assert shown == f"{sides['query']} + {sides['item']}"
    assert len(at.dataframe[-1].value) == sides["query"]
    page = open_app()
    for plan in (arm["plan"] for arm in towers.values()):
        assert plan["query"]["embedding"]["into"] == counts["query", "category"]
    for arm in ("parallel", "sequential"):
        (chart,) = [one for one in page.get("plotly_chart") if getattr(one, "key", "") == f"tower-{arm}-query"]
        assert f"{counts['query', 'category']} category fields" in str(chart.proto)


def test_an_event_is_told_where_its_people_live() -> None:
    profile = SHOWN.profile
    assert profile is not None
    assert profile["zone"] == "America/New_York"
    for example in profile["examples"]:
        day, clock = re.fullmatch(r"(\w+) .*, (\d\d):\d\d New York time", example["when"]).groups()  # type: ignore[union-attr]
        words = dict(example["query_words"])
        assert (words["Weekday"][2:], words["Hour"]) == (day[:3], f"{clock} h")
    assert f"On {profile['examples'][0]['when']}, a household bought" in texts(open_app("data"))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_weekday_is_that_of_the_date(zone: str) -> None:
    for seconds in np.random.default_rng(0).integers(0, 2**31, 200).tolist():
        when = pd.Timestamp(seconds, unit="s", tz=zone)
        said = spoken_time(seconds, zone)
        assert said.startswith(f"{when.day_name()} {when.day} {when.month_name()} {when.year}, {when:%H:%M} ")


def test_a_run_was_begun_at_one_time_on_every_page(store: Store, race: RunFolder, elsewhere: None) -> None:
    folder = plant(store, "done", race)
    begun = datetime.fromtimestamp(folder.request["created"])
    assert abs((begun - datetime.utcnow()).total_seconds()) > 10 * 3600
    assert f"run {folder.run}, {begun:%d %b %Y %H:%M}" in about(folder)
    assert folder.run.startswith(f"{begun:%Y%m%d-%H%M%S}")
    table = open_app("runs").dataframe[0].value
    when = pd.Timestamp(table["when"].iloc[0])
    assert when.tz is None
    assert f"{when:%d %b %Y %H:%M}" == f"{begun:%d %b %Y %H:%M}"


def test_only_seeds_that_were_trained_are_counted(store: Store, race: RunFolder) -> None:
    whole = plant(store, "done", race)
    result = race.result
    assert result is not None
    assert counted_seeds(result) == race.experiment.seed_list == (0, 1)
    assert "seeds 0 to 1 ·" in about(whole)
    cut = plant(store, "stopped", race)
    for arm in result["arms"].values():
        arm["seeds"][1]["state"] = "stopped"
        arm["recall_per_seed"] = {k: values[:1] for k, values in arm["recall_per_seed"].items()}
    write_json(cut.path / "result.json", result)
    waiting = plant(store, "queued", None)
    assert counted_seeds(result) == (0,)
    assert "seed 0, of 2 asked for ·" in about(cut)
    asked = waiting.experiment.seeds
    assert f"{asked} seed{'s' if asked > 1 else ''} asked for, none trained ·" in about(waiting)
    table = open_app("runs").dataframe[0].value.set_index("run")
    assert table.loc[whole.run, "seeds"] == "2"
    assert table.loc[cut.run, "seeds"] == "1 of 2"
    assert table.loc[waiting.run, "seeds"] == f"0 of {asked}"
    at = open_app(run=cut.run)
    assert {str(one.help).partition("\n\n")[0] for one in at.metric if one.label.startswith("parallel")} == {
        f"{RECALL} Mean over the test users and 1 seed."
    }
