"""Every page in every state: of the showcase, of runs at work, and of runs that ended in any way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdcn.dials import assemble, changed, dials, quick
from pdcn.evaluation.verdict import below_floor, below_floors
from pdcn.files import DATA, read_json
from pdcn.inert import code, words
from pdcn.pages import PAGES
from pdcn.pages.compare.page.live import _steps
from pdcn.runs import lease
from pdcn.runs.folder import RunFolder, State
from pdcn.runs.store import Store
from pdcn.sources import SOURCES, source_said
from pdcn.sources.planted import PlantedData
from pdcn.words import listed, points, spoken
from tests.app.app_help import (
    SHOWN,
    button,
    charts,
    labels,
    open_app,
    plain,
    plant,
    press,
    run_in,
    set_to,
    switch_to,
    texts,
    verdict_of,
    widget,
)

ARM_CHARTS = ["tower-parallel-query", "tower-sequential-query"]


@pytest.mark.parametrize("page", ["compare", "findings", "data", "runs"])
def test_every_page_of_a_fresh_home_renders(page: str) -> None:
    at = open_app(page)
    assert len(at.title) == 1
    assert not at.error
    said, meant = below_floors(SHOWN.result or {})
    assert below_floor(SHOWN.result or {}) == " ".join((*said, *meant.values()))
    assert "popularity" not in meant  # else that would be in sight, too
    assert [one.value for one in at.warning] == ([words(" ".join(said))] if page == "compare" and said else [])
    assert all((words(why) in texts(at)) is (page == "compare") for why in meant.values())


def test_the_showcase_is_the_first_thing_one_sees() -> None:
    at = open_app()
    result = SHOWN.result
    assert result is not None
    assert verdict_of(at) == result["verdict"]
    assert "the showcase run that comes with the project" in texts(at)
    assert charts(at) == ["recall-curves", "difference-curve", "forest-slices", *ARM_CHARTS, "trained-recall"]
    assert button(at, "Run").disabled is False
    for record in result["arms"].values():  # the sizes that were matched are of both towers, a diagram shows one
        assert f"{record['parameters']['dense']:,} (" in texts(at)


def test_the_method_shows_how_often_it_errs_and_how_that_was_found() -> None:
    said = texts(open_app())
    for source in ("planted", "journey"):
        record = read_json(DATA / "calibration" / f"{source}.json")
        assert isinstance(record, dict)
        assert f"`{record['command']}` · settings {record['hash']}" in said
        for row in record["rows"]:
            if row["kind"] == "A/A":
                rate = f"{row['rate']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"
                assert f"- {row['seeds']} seeds: {rate} of the studies without a difference claimed one" in said


def in_large(level: dict[str, float]) -> list[str]:
    """Baselines that have a large number: popularity, the best that needs no truth, and the oracle."""
    best = max(("popularity", "history", "pure_svd", "item_knn"), key=lambda name: level[name])
    return [name for name in level if name in ("popularity", best, "oracle")]


def test_headline_numbers_are_those_of_the_result(store: Store, race: RunFolder) -> None:
    folder, result = plant(store, "done", race), race.result
    assert result is not None
    at = open_app(run=folder.run)
    shown = {one.label: one.value for one in at.metric}
    for arm in ("parallel", "sequential"):
        assert shown[f"{arm}, recall@100"] == f"{100 * result['arms'][arm]['recall']['100']:.1f}%"
    level = {name: record["recall"]["100"] for name, record in result["baselines"].items()}
    told = in_large(level)
    for name in told:
        assert shown[f"{spoken(name)}, recall@100"] == f"{100 * level[name]:.1f}%"
    assert len(shown) == 2 + len(told)
    (c,) = [one for one in result["comparison"] if (one["metric"], one["k"]) == ("recall", 100)]
    assert at.metric[0].delta == f"{points(c['difference'])} points [{points(c['low'])}, {points(c['high'])}]"
    table = at.dataframe[-1].value
    assert list(table["arm"]) == ["parallel", "sequential", *map(spoken, level)]
    assert list(table["parameters"])[:2] == [
        result["arms"][arm]["parameters"]["total"] for arm in ("parallel", "sequential")
    ]


def test_one_seed_shows_no_interval(store: Store, wide: RunFolder) -> None:
    at = open_app(run=plant(store, "done", wide).run)
    deltas = [one.delta for one in at.metric if one.delta]
    assert len(deltas) == 4
    assert not any("[" in delta for delta in deltas)
    assert "another seed may say otherwise" in texts(at)


def test_several_arms_have_a_sentence_each(store: Store, wide: RunFolder) -> None:
    at, result = open_app(run=plant(store, "done", wide).run), wide.result
    assert result is not None
    (lead,) = (plain(one.value) for one in at.header)
    assert (
        lead
        == "On Planted crosses, one seed cannot tell from sequential: "
        + listed([spoken(c["arm"]) for c in result["comparison"] if c["k"] == 10 and c["metric"] == "recall"])
        + "."
    )
    claims = [plain(one.value) for one in at.markdown if one.value.startswith("- On ")]
    assert len(claims) == 4
    for claim in claims:
        assert claim.removeprefix("- ").split(" in that one training.")[0] in result["verdict"]


def test_five_arms_and_a_catalogue_below_a_hundred(store: Store, wide: RunFolder) -> None:
    at = open_app(run=plant(store, "done", wide).run)
    assert {one.label.rpartition(", ")[2] for one in at.metric} == {"recall@10"}
    assert "tower-parallel-deep_only-query" in charts(at)
    set_to(at, tower_side="item")
    assert "tower-parallel-deep_only-item" in charts(at)


def test_one_arm_has_no_comparison(store: Store, alone: RunFolder) -> None:
    at = open_app(run=plant(store, "done", alone).run)
    assert "only deep only has a result" in plain(at.header[0].value)
    assert "difference-curve" not in charts(at)


def test_each_seed_can_be_drawn(store: Store, race: RunFolder) -> None:
    at = open_app(run=plant(store, "done", race).run)

    def lines() -> int:
        (chart,) = [one for one in at.get("plotly_chart") if getattr(one, "key", None) == "recall-curves"]
        return str(chart.proto).count(", seed ")

    assert lines() == 0
    set_to(at, each_seed=True)
    assert lines() == 4


# at work


@pytest.mark.usefixtures("cold")
def test_a_queued_run_waits_for_the_worker_and_can_only_be_stopped(store: Store, asked: list[Store]) -> None:
    folder = plant(store, "queued", None)
    asked.clear()
    at = open_app(run=folder.run)
    assert widget_text(at).startswith("Waiting for the worker")
    assert [button(at, label).disabled for label in ("Pause", "Step", "Stop")] == [True, True, False]
    assert len(asked) == 2  # the warm-up, and the page that shows the run
    button(at, "Stop").click().run()
    assert store.state(folder.run) == "stopped"


def widget_text(at: Any) -> str:
    """What the progress bar says."""
    (bar,) = at.get("progress")
    return str(bar.proto.text)


def test_a_running_run_shows_how_far_it_is(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race)
    at = open_app(run=folder.run)
    assert widget_text(at) == "Training seed 1 of 2 · step 50 of 100 in all trainings · about 1 min 20 s left"
    assert [button(at, label).disabled for label in ("Pause", "Step", "Stop")] == [False, True, False]
    assert charts(at) == [f"live-recall-{folder.run}", f"live-loss-{folder.run}", *ARM_CHARTS]
    assert "Run" not in labels(at)


def test_a_run_at_work_shows_its_towers_as_soon_as_they_are_known(store: Store, race: RunFolder) -> None:
    at = open_app(run=plant(store, "running", race, files=("towers.json",)).run)
    assert charts(at) == ARM_CHARTS


def test_before_its_first_point_a_run_shows_the_frame(store: Store) -> None:
    at = open_app(run=plant(store, "running", None).run)
    assert "The first point appears as soon as the data is ready" in texts(at)
    assert not charts(at)


def test_the_live_axis_ends_where_the_training_does(store: Store, race: RunFolder) -> None:
    history = race.history
    assert history is not None
    assert _steps(plant(store, "running", race)) == history["step"].max()
    assert _steps(plant(store, "running", None)) is None


@pytest.mark.parametrize(
    ("state", "label", "command"),
    [
        ("running", "Pause", "pause"),
        ("running", "Stop", "stop"),
        ("paused", "Resume", "resume"),
        ("paused", "Step", "step"),
        ("paused", "Stop", "stop"),
    ],
)
def test_a_button_asks_the_worker(store: Store, race: RunFolder, state: State, label: str, command: str) -> None:
    folder = plant(store, state, race)
    at = button(open_app(run=folder.run), label).click().run()
    assert store.take_command(folder.run) == command
    if command == "stop":  # and nothing else can be asked of it while it ends
        at.run()
        assert widget_text(at).startswith("Stopping")
        assert not {"Pause", "Step", "Stop", "Resume"} & {*labels(at)}


def test_a_paused_run_says_so(store: Store, race: RunFolder) -> None:
    at = open_app(run=plant(store, "paused", race).run)
    assert widget_text(at) == "Paused: training seed 1 of 2 · step 50 of 100 in all trainings"
    assert "Pause" not in labels(at)


def test_a_run_that_ends_meanwhile_gives_way_to_its_answer(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race)
    at = open_app(run=folder.run)
    store.mark(folder, RunFolder(race.path).progress)
    at.run()
    assert race.result is not None
    note = race.result["note"]
    assert verdict_of(at) == race.result["verdict"].removesuffix(note).strip()
    assert note in texts(at)
    assert button(at, "Run")


@pytest.mark.parametrize("page", PAGES)
def test_every_address_names_the_run_on_show(store: Store, race: RunFolder, page: str) -> None:
    assert run_in(open_app(page)) == "showcase"
    folder = plant(store, "done", race)
    plant(store, "stopped", race)
    plant(store, "running", race)
    newest = "showcase" if page == "lessons" else folder.run  # a class that shares a computer sees nobody else's run
    assert run_in(open_app(page)) == newest
    assert run_in(open_app(page, run="showcase")) == "showcase"


def test_without_a_run_in_the_address_the_newest_that_is_done_is_shown(store: Store, race: RunFolder) -> None:
    plant(store, "running", race)
    assert "the showcase run" in texts(open_app())
    old, new = plant(store, "done", race), plant(store, "done", race)
    others: tuple[State, ...] = ("stopped", "failed", "queued")
    for state in others:
        plant(store, state, race)
    said = texts(open_app())
    assert new.run in said
    assert old.run not in said


def test_a_session_keeps_its_run_through_the_menu(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    plant(store, "done", race)
    at = open_app(run=folder.run)
    for page in PAGES:
        at.query_params.clear()  # as the links of the menu do
        switch_to(at, page)
        assert run_in(at) == folder.run


# over, but not done


ENDED: list[tuple[State, str]] = [("stopped", "Stopped"), ("interrupted", "Interrupted"), ("failed", "This run failed")]


@pytest.mark.parametrize(("state", "sentence"), ENDED)
def test_a_run_that_ended_early_shows_what_it_had_reached(
    store: Store, race: RunFolder, state: State, sentence: str
) -> None:
    at = open_app(run=plant(store, state, race, message="The reason.").run)
    assert at.warning[0].value.startswith(sentence)
    assert at.warning[0].value.endswith("The reason.")
    assert charts(at) == ["recall-curves", "difference-curve", *ARM_CHARTS, "trained-recall"]
    assert button(at, "Run").disabled is False


@pytest.mark.parametrize(("state", "sentence"), ENDED)
def test_a_run_without_a_result_shows_its_history(store: Store, race: RunFolder, state: State, sentence: str) -> None:
    at = open_app(run=plant(store, state, race, files=("history.parquet",)).run)
    assert at.warning[0].value == f"{sentence} before a seed had finished."
    assert charts(at) == ["reached-recall", "reached-loss"]


@pytest.mark.parametrize(("label", "executor"), [("Go on", "ray://lab:10001"), ("Go on here", "local")])
def test_a_run_that_kept_trainings_goes_on(store: Store, race: RunFolder, label: str, executor: str) -> None:
    folder = plant(store, "interrupted", race)
    folder.note(executor="ray://lab:10001")
    assert "Go on" not in labels(open_app(run=folder.run))  # none kept
    folder.cells.mkdir()
    at = open_app(run=folder.run)
    press(at, label)
    assert store.state(folder.run) == "queued"
    taken = store.claim()
    assert taken is not None
    assert (taken.run, taken.request["executor"]) == (folder.run, executor)


def test_a_run_that_trained_here_goes_on_in_one_way(store: Store, race: RunFolder) -> None:
    folder = plant(store, "interrupted", race)
    folder.cells.mkdir()
    assert "Go on here" not in labels(open_app(run=folder.run))


@pytest.mark.parametrize("state", ["stopped", "interrupted", "failed"])
def test_a_run_without_a_point_says_what_to_do(store: Store, state: State) -> None:
    at = open_app(run=plant(store, state, None).run)
    assert "It ended before its first point. Press Run on the left" in texts(at)
    assert not charts(at)


def test_a_run_whose_process_is_gone_is_interrupted(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race, files=("history.parquet",))
    lease.release(folder.path)
    assert open_app(run=folder.run).warning[0].value.startswith("Interrupted")


def test_an_arm_that_diverged_is_explained(store: Store, race: RunFolder) -> None:
    folder, result = plant(store, "done", race), race.result
    assert result is not None
    reason = "the loss was no longer a number by step 3"
    result["arms"]["parallel"]["seeds"][1] |= {"state": "diverged", "reason": reason}
    folder.write_json("result.json", result)
    assert f"Parallel, seed 1: {reason}." in [one.value for one in open_app(run=folder.run).warning]


def test_arms_below_popularity_are_not_taken_for_an_answer(store: Store, race: RunFolder) -> None:
    folder, result = plant(store, "done", race), race.result
    assert result is not None
    popular = result["baselines"]["popularity"]["recall"]["100"]
    for name in ("history", "pure_svd", "item_knn"):
        result["baselines"][name]["recall"]["100"] = 0.0
    for arm, recall in (("parallel", popular - 0.01), ("sequential", popular + 0.01)):
        result["arms"][arm]["recall"]["100"] = recall
    folder.write_json("result.json", result)
    (warning,) = [one.value for one in open_app(run=folder.run).warning]
    assert warning.startswith("Below popularity in recall@100: parallel. An arm that does worse than one list")


def test_a_run_without_one_arm_left_shows_its_baselines(store: Store, race: RunFolder) -> None:
    folder, result, ranks = plant(store, "done", race), race.result, race.ranks
    assert result is not None
    assert ranks is not None
    for record in result["arms"].values():
        record["recall"] = record["recall_per_seed"] = {}
    folder.write_json("result.json", {**result, "verdict": "Nothing.", "comparison": []})
    folder.write_frame("ranks.parquet", ranks[["user", "popularity", "oracle"]])
    at = open_app(run=folder.run)
    assert at.header[0].value == "Nothing."
    assert "difference-curve" not in charts(at)
    level = {name: record["recall"]["100"] for name, record in result["baselines"].items()}
    assert [one.label for one in at.metric] == [f"{spoken(name)}, recall@100" for name in in_large(level)]


# what is not there


@pytest.mark.parametrize("name", ["20200101-000000-abcd", "../../etc", ".", "x" * 5_000])
def test_a_run_that_is_not_here_is_said_and_the_showcase_shown(name: str) -> None:
    at = open_app(run=name)
    assert at.info[0].value == f"The run {code(name)} is not on this computer. The page shows another one."
    assert "the showcase run" in texts(at)


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "file"))
    at = open_app()
    assert "PDCN_HOME: expected a folder that can be written" in at.error[0].value


# data


def test_the_data_of_the_run_on_show(store: Store, race: RunFolder) -> None:
    at = open_app("data", run=plant(store, "done", race).run)
    profile = race.profile
    assert profile is not None
    shown = {one.label: one.value for one in at.metric}
    query = sum(field["side"] == "query" for field in profile["fields"])
    fields = f"{query} + {len(profile['fields']) - query}"
    assert shown == {
        "events in all parts": "2,000",
        "items": "300",
        "users in all parts": "50",
        "query + item fields": fields,
    }
    assert profile["hash"] in texts(at)
    planted = at.dataframe[-1].value
    assert len(planted) == len(profile["truth"]) > 0
    set_to(at, field_side="item", example=1)
    assert "popularity" in charts(at)
    assert profile["examples"][1]["item"] in texts(at)


def test_every_field_can_be_looked_at(store: Store, race: RunFolder) -> None:
    at = open_app("data", run=plant(store, "done", race).run)
    for label in widget(at, "field_query").options:
        set_to(at, field_query=label)
        assert charts(at) == ["timeline", "distribution-query"]


def test_a_run_without_prepared_data_says_so(store: Store) -> None:
    at = open_app("data", run=plant(store, "queued", None).run)
    assert at.info[0].value.startswith("This run has not prepared its data yet")


def test_the_sources_of_data_are_read_by_their_labels_while_links_have_names() -> None:
    at = open_app("data")
    assert widget(at, "data_of-labelled").options == [
        "this run's data",
        *map(source_said, [*SOURCES][:-1]),
        "bring your own",
    ]
    set_to(at, **{"data_of-labelled": "planted"})
    assert widget(at, "data_of").value == "planted"
    assert widget(open_app("data", data_of="planted"), "data_of-labelled").value == "planted"


def test_planted_data_as_it_comes() -> None:
    at = set_to(open_app("data"), data_of="planted")
    assert "What was planted" in texts(at)
    assert at.metric[0].value == f"{PlantedData().events:,}"


@pytest.mark.slow
def test_the_journey_as_it_comes() -> None:
    at = set_to(open_app("data"), data_of="journey")
    assert "a household bought" in texts(at)
    assert "What was planted" not in texts(at)


# runs


def key_of_table(at: Any) -> str:
    (table,) = at.dataframe
    return str(table.key)


def tick(at: Any, *rows: int) -> Any:
    """Tick rows of the table by place."""
    at.session_state[key_of_table(at)] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at.run()


def runs_in(at: Any) -> list[str]:
    """Names of the runs in the table."""
    return [] if not at.dataframe else list(at.dataframe[0].value["run"])


def test_no_runs_leads_to_the_first() -> None:
    at = open_app("runs")
    assert at.info[0].value.startswith("No runs of your own yet")
    assert not at.dataframe


def test_the_list_has_the_newest_first_and_marks_the_one_on_show(store: Store, race: RunFolder) -> None:
    first, second = plant(store, "done", race), plant(store, "failed", None)
    at = open_app("runs", run=first.run)
    assert runs_in(at) == [second.run, first.run]
    table = at.dataframe[0].value
    assert list(table["shown"]) == [False, True]
    assert list(table["state"]) == ["failed", "done"]
    assert race.result is not None
    shorter = race.result["verdict"].removeprefix("On Planted crosses, ")
    assert [said.lower() for said in table["verdict"]] == ["—", shorter.lower()]
    assert "Show the run that comes with the project" in labels(at)


def test_the_list_can_be_filtered(store: Store, race: RunFolder, alone: RunFolder) -> None:
    first, second = plant(store, "done", race), plant(store, "stopped", alone)
    at = open_app("runs")
    assert runs_in(set_to(at, filter="DEEP_only")) == [second.run]
    assert runs_in(set_to(at, filter="sequential")) == [first.run]
    assert runs_in(set_to(at, filter="", states=["stopped"])) == [second.run]
    set_to(at, filter="sequential")
    assert at.info[0].value.startswith("No run fits the filter")


def test_delete_and_undo(store: Store, race: RunFolder) -> None:
    first, second = plant(store, "done", race), plant(store, "done", race)
    at = tick(open_app("runs"), 0)
    button(at, "Delete").click().run()
    assert runs_in(at) == [first.run]
    assert [row.run for row in store.rows(deleted=True)] == [second.run]
    assert "Delete" not in labels(at)  # the tick was of the one that is gone
    button(at, "Undo").click().run()
    assert runs_in(at) == [second.run, first.run]
    assert not store.rows(deleted=True)


def test_a_tick_does_not_slip_to_another_run_when_one_comes(store: Store, race: RunFolder) -> None:
    plant(store, "done", race)
    at = tick(open_app("runs"), 0)
    assert "Delete" in labels(at)
    plant(store, "done", race)
    at.run()
    assert "Delete" not in labels(at)


def test_the_deleted_run_is_no_longer_on_show(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = tick(open_app("runs", run=folder.run), 0)
    button(at, "Delete").click().run()
    switch_to(at, "compare")
    assert "the showcase run" in texts(at)
    switch_to(at, "runs")
    button(at, "Delete for good").click().run()
    assert not folder.path.exists()
    assert at.info[0].value.startswith("No runs of your own yet")


def test_a_run_at_work_is_not_deleted(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race)
    at = tick(open_app("runs"), 0)
    button(at, "Delete").click().run()
    assert "stop it first" in at.warning[0].value
    assert runs_in(at) == [folder.run]


def test_one_run_can_be_opened(store: Store, race: RunFolder) -> None:
    first, _ = plant(store, "done", race), plant(store, "done", race)
    at = tick(open_app("runs"), 1)
    button(at, "Open").click().run()
    assert first.run in texts(at)
    assert charts(at)


def test_the_dials_can_be_set_to_the_run_on_show(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = set_to(open_app(run=folder.run), epochs=9)
    assert "You changed settings" in texts(at)
    button(at, "Set them to this run").click().run()
    assert not at.exception
    assert "You changed settings" not in texts(at)
    button(at, "Run").click().run()
    (new, _) = store.rows()
    assert store.folder(new.run).experiment == folder.experiment


@pytest.mark.parametrize("source", ["journey", "planted"])
def test_the_quick_setting_is_the_command_lines(store: Store, source: str) -> None:
    at = open_app(data=source)
    button(at, "Quick setting").click().run()
    button(at, "Run").click().run()
    (row,) = store.rows()
    assert store.folder(row.run).experiment == assemble(quick({"data": source}))


def test_the_page_says_how_a_run_was_set(store: Store, race: RunFolder) -> None:
    at = open_app(run=plant(store, "done", race).run)
    for key, text in changed(race.experiment).items():
        dial = next(one for one in dials() if one.key == key)
        assert key == "data" or f"{dial.label.lower()}: {dial.said(dial.parse(text))}" in texts(at)
    assert "all settings at their defaults" in texts(open_app(run="showcase"))


def test_the_showcase_can_be_shown_again(store: Store, race: RunFolder) -> None:
    at = open_app("runs", run=plant(store, "done", race).run)
    button(at, "Show the run that comes with the project").click().run()
    assert "the showcase run" in texts(at)
