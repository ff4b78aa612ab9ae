"""Dials: each is a widget, each changes the experiment, and nothing wrong reaches Run."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from pdcn.config import Experiment, Network
from pdcn.dial import Dial
from pdcn.dials import OWN_ITEM_TOWER, assemble, command_of, dials, read
from pdcn.pages.compare.page.dials import link_of
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.inputs import LABELLED
from tests.app.app_help import button, experiment_in, follow, labels, open_app, plant, set_to, switch_to, texts, widget
from tests.unit.config_help import home_of

DIALS = {dial.key: dial for dial in dials()}
SETTABLE: dict[tuple[str, ...], list[Dial]] = {}
"""Dials that are set one after the other: those of one task and data, and of an item tower of its own. Arms are set
alone, as AppTest reads one with towers of two wirings back by its label."""
for one in DIALS.values():
    if one.key != "data" and one.kind not in ("text", "name") and (found := home_of(one)):
        group = (*found.values(), "arms" if one.kind == "arms" else one.path[0])
        SETTABLE.setdefault(group if group[-1] in ("arms", "item_network") else group[:-1], []).append(one)


def another(dial: Dial) -> Any:
    """A value that the dial does not stand on."""
    if dial.kind == "bool":
        return not dial.default
    if dial.kind == "choice":
        return next(choice for choice in dial.choices if choice != dial.default)
    if dial.kind == "arms":
        return ("sequential", "deep_only", "parallel-sequential")
    if dial.kind == "widths":
        return (16, 8)
    if dial.kind == "names":
        return ("deep", "head")
    if dial.kind == "arm":
        return "parallel"
    return dial.default + (1 if dial.kind == "int" else 0.05)


@pytest.mark.parametrize("source", ["journey", "planted"])
def test_every_dial_of_a_source_is_a_widget_on_its_default(source: str) -> None:
    at = set_to(open_app(data=source), **{OWN_ITEM_TOWER: True})
    keys = {getattr(one, "key", None) for one in at.sidebar}
    assert {key for key in keys if key in DIALS} == {
        key for key, dial in DIALS.items() if dial.fits(source, "retrieval")
    }
    for key, dial in DIALS.items():
        if key in keys and key != "data":
            value = widget(at, key).value
            shown = dial.parse(value) if dial.kind == "widths" else value
            assert (tuple(shown) if dial.kind in ("arms", "names") else shown) == dial.default, key
            seen = f"{key}{LABELLED}" if f"{key}{LABELLED}" in keys else key
            assert widget(at, seen).help.startswith(dial.hover)  # that of arms goes on with the controls


@pytest.mark.parametrize("group", SETTABLE, ids="-".join)
def test_a_dial_changes_its_setting_and_no_other(group: tuple[str, ...]) -> None:
    """Each is set back in the run that sets the next one, so that it is seen to leave nothing behind either."""
    home = home_of(SETTABLE[group][0])
    at = open_app(**home)
    if "item_network" in group:
        set_to(at, **{OWN_ITEM_TOWER: True})
    for dial in SETTABLE[group]:
        if dial.key not in {getattr(one, "key", None) for one in at.sidebar}:  # the one before hides it
            at.run()
        stood, value = widget(at, dial.key).value, another(dial)
        given = dial.text(value) if dial.kind == "widths" else [*value] if dial.kind in ("arms", "names") else value
        found = experiment_in(set_to(at, **{dial.key: given}))
        assert read(found, dial) == value
        assert found == assemble({**home, dial.key: value})
        widget(at, dial.key).set_value(stood)


def test_the_source_changes_the_data() -> None:
    at = set_to(open_app(), data="planted")
    assert experiment_in(at) == assemble({"data": "planted"})
    assert experiment_in(set_to(at, data="journey")) == Experiment()


def disabled_with(at: Any, sentence: str) -> None:
    """Run is off, nothing is offered to take away, and one message says why."""
    assert button(at, "Run").disabled
    (error,) = at.sidebar.error
    assert sentence in error.value
    assert "\n" not in error.value
    assert not at.sidebar.code


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("deep", "abc", "deep: expected whole numbers separated by commas, such as 64,64, got 'abc'"),
        ("deep", "", "deep: expected at least one width"),
        ("deep", "64,0", "between 1 and 4096"),
        ("deep", "64,,99999999999999999999", "between 1 and 4096"),
        ("head", "1.5", "head: expected whole numbers"),
    ],
)
def test_wrong_widths_are_explained_and_disable_run(key: str, text: str, sentence: str) -> None:
    at = open_app()
    disabled_with(set_to(at, **{key: text}), sentence)
    set_to(at, **{key: "16"})
    assert not at.sidebar.error
    assert not button(at, "Run").disabled


def test_wrong_widths_of_the_item_tower_are_explained_too() -> None:
    disabled_with(open_app(own_item_tower="true", item_deep="x"), "item_deep: expected whole numbers")


def test_without_an_arm_nothing_runs() -> None:
    disabled_with(set_to(open_app(), arms=[]), "arms: expected at least one arm")


def test_an_arm_that_is_none_is_explained() -> None:
    disabled_with(open_app(arms=["parallel", "foo"]), "got 'foo'")


def test_crosses_that_do_not_fit_the_fields_are_explained() -> None:
    disabled_with(open_app(data="planted", fields="2", crosses="3"), "expected at most 1")


def test_an_item_tower_of_its_own_comes_and_goes() -> None:
    at = set_to(open_app(), **{OWN_ITEM_TOWER: True}, item_cross_layers=0)
    assert experiment_in(at).item_network == Network(cross_layers=0)
    assert experiment_in(set_to(at, **{OWN_ITEM_TOWER: False})) == Experiment()


def test_an_item_tower_with_the_same_blocks_is_the_same_experiment() -> None:
    assert experiment_in(set_to(open_app(), **{OWN_ITEM_TOWER: True})) == Experiment()


def test_a_link_sets_the_dials() -> None:
    at = open_app(data="planted", events="5000", deep="32,16", arms=["parallel", "deep_only"], layer_norm="true")
    wanted = {"events": 5000, "deep": (32, 16), "arms": ("parallel", "deep_only"), "layer_norm": True}
    assert experiment_in(at) == assemble({"data": "planted", **wanted})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("seeds", "-5"),
        ("seeds", "abc"),
        ("seeds", "9" * 40),
        ("epochs", "1e9"),
        ("learning_rate", "nan"),
        ("learning_rate", "-1"),
        ("data", "nowhere"),
        ("size", "huge"),
        ("ids", "perhaps"),
        ("activation", "step"),
        ("unheard_of", "1"),
        ("output", ""),
    ],
)
def test_a_wrong_value_in_the_url_falls_back_to_the_default(key: str, text: str) -> None:
    at = open_app(**{key: text})
    assert experiment_in(at) == Experiment()
    said = [str(one.value) for one in at.sidebar.warning]
    if key not in DIALS:  # another page may know it
        assert not said
    else:
        (one,) = said
        assert f"- {key}: expected {DIALS[key].expected()}, got " in one
        assert f"; {DIALS[key].text(DIALS[key].default)} is used" in one


def warned(at: Any) -> list[str]:
    """The lines of the one warning about the link."""
    (one,) = at.sidebar.warning
    return str(one.value).split("\n- ")[1:]


def test_all_that_a_link_asks_for_in_vain_is_said_in_one_warning() -> None:
    at = open_app(arms=["foo"], epochs="-4", batch="99999999", seeds="5", bogus="1", run="showcase")
    assert warned(at) == [
        "epochs: expected a whole number between 1 and 200, got `-4`; 30 is used",
        "batch: expected a whole number between 2 and 65536, got `99999999`; 512 is used",
    ]
    disabled_with(at, "got 'foo'")


def test_what_a_link_asks_of_dials_that_are_not_there_is_said() -> None:
    at = open_app(events="5000", item_deep="8", own_item_tower="maybe")
    assert warned(at) == [
        "events: expected together with data=planted; it is not used",
        "item_deep: expected together with own_item_tower=true; it is not used",
        "own_item_tower: expected true or false, got `maybe`; false is used",
    ]
    assert experiment_in(at) == Experiment()


def test_what_a_link_asks_for_is_compared_with_what_is_used() -> None:
    assert warned(open_app(epochs="5.5"))[0].endswith("got `5.5`; 5 is used")
    assert warned(open_app(move=["deep", "foo"])) == [
        "move: expected some of deep, depth, rank, head, each as a parameter of its own, got `deep,foo`; deep is used"
    ]
    assert warned(open_app(move="deep,head"))[0].endswith("got `deep,head`; deep is used")


def test_a_link_cannot_put_anything_on_the_page() -> None:
    text = "`\n\n![x](http://away/" + "x" * 50_000
    (line,) = warned(open_app(epochs=text))
    shown = "` ![x](http://away/" + "x" * 21
    assert line == f"epochs: expected a whole number between 1 and 200, got `` {shown}… ``; 30 is used"


def test_the_warning_stays_until_a_dial_is_moved_and_does_not_come_back() -> None:
    at = open_app(epochs="abc", batch="512").run()
    assert len(warned(at)) == 1
    switch_to(at, "data")
    switch_to(at, "compare")
    assert len(warned(at)) == 1
    assert not set_to(at, epochs=7).sidebar.warning


@pytest.mark.parametrize("page", ["data", "runs"])
def test_parameters_of_pages_are_no_errors(page: str) -> None:
    at = open_app(page, run="showcase", event="3", latency_tower="item", map_method="pca", each_seed="true")
    switch_to(at, "compare")
    assert not at.sidebar.warning


RICH = [
    {},
    {"data": "planted", "events": 5_000, "strength": 0.25, "order": 3, "nonlinear": 1.0},
    {"size": "quick", "ids": False, "arms": ("parallel-sequential", "parallel_sum"), "head": (8,)},
    {"deep": (32, 16), "item_deep": (32, 16), "item_cross_layers": 1, "output": 16},
    {"deep": (32,), "item_deep": (64, 64), "cross": "mixture", "gate": "sigmoid", "item_cross": "full"},
    {"head": (8,), "item_head": ()},
    {"learning_rate": 1e-5, "weight_decay": 0.3, "clip": 12345.678, "seeds": 1, "seed": 2**31 - 1},
    {
        "head": (8,),
        "item_deep": (8,),
        "move": ("deep", "head"),
        "tune": 2,
        "baseline": "deep_only",
        "arms": ("deep_only", "parallel"),
    },
]


@pytest.mark.parametrize("values", RICH)
def test_a_link_leads_back_to_its_experiment(values: dict[str, Any]) -> None:
    experiment = assemble(values)
    at = follow(link_of(experiment, "showcase", "http://here/"))
    assert experiment_in(at) == experiment
    assert not at.sidebar.warning
    assert at.sidebar.code[0].value == command_of(experiment)
    assert at.sidebar.code[1].value == link_of(experiment, "showcase", "")


@pytest.mark.parametrize("values", RICH)
def test_a_link_leads_to_its_experiment_beside_any_run(store: Store, race: RunFolder, values: dict[str, Any]) -> None:
    experiment, other = assemble(values), plant(store, "done", race)
    at = follow(link_of(experiment, other.run, ""))
    assert other.run in texts(at)
    assert experiment_in(at) == experiment


def test_a_link_says_every_dial_of_its_data() -> None:
    names = set(parse_qs(link_of(assemble({"data": "planted", "item_deep": (8,)}), "a-run", "")[1:]))
    assert names == {"run", OWN_ITEM_TOWER} | {key for key, dial in DIALS.items() if dial.fits("planted", "retrieval")}


def test_a_run_in_the_address_sets_the_dials_unless_it_sets_them_otherwise(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    assert experiment_in(open_app(run=folder.run)) == race.experiment
    default = DIALS["epochs"].default
    assert race.experiment.training.epochs != default
    at = open_app(run=folder.run, epochs=str(default))
    assert experiment_in(at) == assemble({"epochs": default}, race.experiment)
    assert "You changed settings" in texts(at)
    other = open_app(run=folder.run, data="journey")  # as a link of a class may: the verdict below is not theirs
    assert (
        other.info[0].value
        == "The run below is on planted crosses, and the settings are for Complete Journey. Press Run to train them."
    )


def test_dials_without_a_run_count_from_the_defaults_at_every_home(store: Store, race: RunFolder) -> None:
    plant(store, "done", race)
    assert experiment_in(open_app(epochs="7")) == assemble({"epochs": 7})


def test_the_dials_follow_to_another_run(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = set_to(open_app(run="showcase"), epochs=9, deep="8")
    at.query_params["run"] = folder.run
    assert experiment_in(at.run()) == race.experiment


def test_the_experiment_is_offered_as_json() -> None:
    at = open_app(data="planted", epochs="5")
    (offered,) = cast(Any, at.sidebar.get("download_button"))
    assert offered.label == "experiment.json"
    assert not offered.disabled


def test_run_queues_exactly_what_the_dials_say(store: Store, asked: list[Store]) -> None:
    at = open_app(data="planted", events="5000", deep="32,16", own_item_tower="true", item_cross_layers="1")
    before = len(asked)
    button(at, "Run").click().run()
    (row,) = store.rows()
    assert row.state == "queued"
    wanted = assemble(
        {"data": "planted", "events": 5_000, "deep": (32, 16), "item_cross_layers": 1, "item_deep": (64, 64)}
    )
    assert store.folder(row.run).experiment == wanted
    assert json.loads((store.folder(row.run).path / "experiment.json").read_text())["item_network"]
    assert len(asked) > before
    assert "Run" not in labels(at)
    assert row.run in at.query_params["run"]


@pytest.mark.parametrize(
    ("dials", "kept"),
    [
        ({"seeds": "1"}, {"seeds": 2}),
        ({"seeds": "6", "training_sets": "worlds", "sets": "3"}, {"seeds": 6, "training_sets": "worlds"}),
    ],
)
def test_run_until_sure_queues_the_same_study_with_as_many_seeds_as_it_takes(
    store: Store, asked: list[Store], dials: dict[str, str], kept: dict[str, Any]
) -> None:
    """Each of these seeds has a world of its own: further ones are not split over those of the first."""
    at = open_app(data="planted", events="5000", **dials)
    before = len(asked)
    button(at, "Run until sure").click().run()
    (row,) = store.rows()
    wanted = assemble({"data": "planted", "events": 5_000, **kept, "until_sure": True})
    assert store.folder(row.run).experiment == wanted
    assert len(asked) > before
    assert "Run until sure" not in labels(open_app(data="planted", until_sure="true"))


def test_dials_keep_their_values_across_pages() -> None:
    at = set_to(open_app(), data="planted", epochs=7)
    switch_to(at, "data")
    switch_to(at, "compare")
    assert experiment_in(at) == assemble({"data": "planted", "epochs": 7})


def test_what_run_will_take_stands_below_it() -> None:
    assert "of memory on this machine." in texts(open_app(data="planted"))


def test_what_does_not_fit_is_refused_where_run_stands_and_the_offer_sets_the_dial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pdcn.jobs.needs.free_memory", lambda: 0.75e9)
    at = open_app(data="planted", batch="65536")
    assert button(at, "Run").disabled
    assert "0.8 GB are free. It fits with batch " in texts(at)
    button(at, "Set that").click()
    at.run()
    assert not button(at, "Run").disabled
    assert experiment_in(at).training.batch < 65_536


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("match", "train-time", "training time"),
        ("data", "planted", "planted crosses"),
        ("cross", "low_rank", "low-rank"),
        ("baseline", "parallel", "parallel"),
        ("training_sets", "bootstrap", "sets like this one"),
        ("move", ["deep", "rank"], "cross rank"),
        ("arms", ["parallel", "deep_only"], "deep only"),
    ],
)
def test_a_person_reads_labels_and_links_have_names(key: str, value: Any, read: str) -> None:
    at = open_app(cross="low_rank", move=["deep", "rank"]) if key == "move" else open_app()
    label = f"{key}{LABELLED}"
    assert read in [str(one) for one in widget(at, label).options]
    found = experiment_in(set_to(at, **{label: value}))
    asked = {"cross": "low_rank"} if key == "move" else {}
    assert found == assemble({**asked, key: tuple(value) if isinstance(value, list) else value})
    assert widget(at, key).value == value
    assert {DIALS[key].said_of_one(one) for one in ([value] if isinstance(value, str) else value)} >= {read}


def test_no_label_of_a_dial_is_a_raw_name() -> None:
    for dial in DIALS.values():
        for said in (dial.label, *(dial.said_of_one(one) for one in dial.choices)):
            assert "_" not in said
    assert DIALS["arms"].said(("stacked_parallel", "deep_only")) == "stacked parallel and deep only"
