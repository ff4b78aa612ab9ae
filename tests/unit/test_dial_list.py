"""Dials: one for each setting, texts that read back, an experiment from a few values and back to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pdcn.config import ASKED, TWO_TOWERS, Experiment, Network, offered
from pdcn.dial import Dial
from pdcn.dials import assemble, changed, dials, differing, parse_all, quick, read
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.journey import JourneyData
from pdcn.sources.planted import PlantedData
from pdcn.sources.source import DataSettings
from pdcn.wirings import WIRINGS
from tests.unit.config_help import EXPLICIT, home_of

KNOWN = ", ".join(SOURCES)
BY_KEY = {dial.key: dial for dial in dials()}
Check = Callable[[str], None]


def of(keys: Iterable[str]) -> Callable[[Check], Callable[[], None]]:
    """One test for all of these dials, which names each that fails: a test a dial takes longer to count than to run."""

    def all_at_once(check: Check) -> Callable[[], None]:
        def test() -> None:
            failed: dict[str, BaseException] = {}
            for key in keys:
                try:
                    check(key)
                except (Exception, pytest.fail.Exception) as error:
                    failed[key] = error
            if failed:
                raise AssertionError(f"dials: {', '.join(failed)}") from next(iter(failed.values()))

        return test

    return all_at_once


every_dial = of(BY_KEY)
met = of([key for key, dial in BY_KEY.items() if home_of(dial)])


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every plain field below `model`, walked without a look at the dials."""
    for name, info in model.model_fields.items():
        inner = [kind for kind in (info.annotation, *get_args(info.annotation)) if isinstance(kind, type)]
        models = [kind for kind in inner if issubclass(kind, BaseModel)]
        if models == [DataSettings]:
            models = [source.settings for source in SOURCES.values()]
        if models:
            for kind in models:
                yield from leaves(kind, (*path, name))
        else:
            yield (*path, name)


def extremes(dial: Dial) -> list[Any]:
    if dial.kind == "choice":
        return list(dial.choices)
    if dial.kind == "bool":
        return [True, False]
    if dial.kind == "widths":
        return [(1,), (4096,) * 8, (64, 1, 3)]
    if dial.key == "zone":
        return ["UTC", "Europe/Berlin"]
    if dial.kind in ("text", "name"):
        return ["mine", "any text, with commas"]
    if dial.kind == "arm":
        return ["auto", "parallel", "sequential"]
    if dial.kind == "names":
        return [("deep",), ("head", "deep"), dial.choices]
    if dial.kind == "arms":
        return [("parallel",), tuple(WIRINGS), ("parallel-sequential", "deep_then_cross-cross_only")]
    assert dial.low is not None
    assert dial.high is not None
    whole = dial.kind == "int"
    return [int(dial.low), int(dial.high)] if whole else [dial.low, dial.high, dial.low / 3 + dial.high / 7]


# dials


def test_dials_cover_every_leaf_exactly_once() -> None:
    covered = [dial.path for dial in dials()]
    # one width for both towers
    expected = set(leaves(Experiment)) - {("item_network", "output")}
    assert set(covered) == expected
    assert len(covered) == len(expected)


def test_keys_are_unique_and_fit_a_command_line() -> None:
    keys = [dial.key for dial in dials()]
    assert len(keys) == len(set(keys)) > 50
    assert all(key.isidentifier() and key == key.lower() for key in keys)


@every_dial
def test_a_dial_explains_itself(key: str) -> None:
    dial = BY_KEY[key]
    assert dial.label
    assert dial.help.endswith((".", "known."))
    assert dial.level in ("main", "more")
    assert (dial.low is not None) == (dial.kind in ("int", "float"))
    assert bool(dial.choices) == (dial.kind in ("choice", "names"))
    assert dial.source in (None, *SOURCES)


def test_source_dials_say_whose_they_are() -> None:
    for name, source in SOURCES.items():
        assert {d.key for d in dials() if d.source == name} == set(source.settings.model_fields) - {"source"}


def test_item_dials_mirror_the_network_but_for_the_output() -> None:
    own = {key.removeprefix("item_") for key, dial in BY_KEY.items() if dial.path[0] == "item_network"}
    assert own == set(Network.model_fields) - {"output"}
    assert all(BY_KEY["item_" + name].level == "more" for name in own)
    assert BY_KEY["deep"].level == "main"


@every_dial
def test_the_default_is_what_the_experiment_holds(key: str) -> None:
    dial = BY_KEY[key]
    start = Experiment(data=SOURCES[dial.source or "journey"].settings())
    held = read(start, dial)
    assert held == (None if dial.path[0] == "item_network" else dial.default)


@every_dial
def test_texts_of_default_and_extremes_read_back(key: str) -> None:
    dial = BY_KEY[key]
    for value in (dial.default, *extremes(dial)):
        back = dial.parse(dial.text(value))
        assert back == value
        assert type(back) is type(value)


@met
def test_extremes_are_accepted_and_what_lies_beyond_is_not(key: str) -> None:
    dial = BY_KEY[key]
    room: dict[str, Any] = dict(home_of(dial))
    if dial.source == "planted":
        room |= {"fields": 6, "crosses": 1}
    if key == "seen":
        room |= {"purchases": "first"}
    if key == "training_sets":
        room |= {"data": "planted"}  # it has other worlds
    for value in extremes(dial):
        experiment = assemble({**room, key: value})
        assert read(experiment, dial) == value
    if dial.low is not None and dial.high is not None:
        for beyond in (dial.low - 1, dial.high + 1, float("nan")):
            with pytest.raises(SettingError, match=rf"^{key}: expected .* got"):
                assemble({**room, key: beyond})


@given(st.floats(1e-6, 1.0))
def test_any_float_reads_back_to_the_last_bit(value: float) -> None:
    dial = BY_KEY["learning_rate"]
    assert dial.parse(dial.text(value)) == value


@given(st.lists(st.integers(1, 4096), max_size=8).map(tuple))
def test_any_widths_read_back(value: tuple[int, ...]) -> None:
    dial = BY_KEY["head"]
    assert dial.parse(dial.text(value)) == value
    assert dial.parse(" , ".join(map(str, value))) == value


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("epochs", "many", "epochs: expected a whole number between 1 and 200, got 'many'"),
        ("epochs", "2.5", "epochs: expected a whole number between 1 and 200, got '2.5'"),
        ("epochs", "", "epochs: expected a whole number between 1 and 200, got ''"),
        ("epochs", "201", "epochs: expected a whole number between 1 and 200, got '201'"),
        ("events", "1e5", "events: expected a whole number between 2000 and 10000000, got '1e5'"),
        ("learning_rate", "nan", "learning_rate: expected a number between 1e-06 and 1, got 'nan'"),
        ("learning_rate", "-inf", "learning_rate: expected a number between 1e-06 and 1, got '-inf'"),
        ("learning_rate", "fast", "learning_rate: expected a number between 1e-06 and 1, got 'fast'"),
        ("log_q", "yes", "log_q: expected true or false, got 'yes'"),
        (
            "cross",
            "Full",
            "cross: expected one of full, low_rank, mixture, dcn_v1, gated, attention, masked, exponential, got 'Full'",
        ),
        ("order", "4", "order: expected one of 2, 3, got '4'"),
        ("deep", "64,x", "deep: expected whole numbers separated by commas, such as 64,64, got '64,x'"),
        ("data", "movies", f"data: expected one of {KNOWN}, got 'movies'"),
        ("move", "deep,width", "move: expected some of deep, depth, rank, head, separated by commas, got 'deep,width'"),
        ("match", "size", "match: expected one of none, parameters, flops, train-time, got 'size'"),
    ],
)
def test_text_that_does_not_parse(key: str, text: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        parse_all([(key, text)])
    assert str(caught.value) == message


def test_none_is_no_width_and_is_offered_where_there_may_be_none() -> None:
    assert BY_KEY["head"].parse("none") == BY_KEY["head"].parse(" None ") == BY_KEY["head"].parse("") == ()
    assert BY_KEY["head"].expected().endswith("such as 64,64, or none")
    assert BY_KEY["deep"].expected().endswith("such as 64,64")


def test_parse_all_refuses_unknown_keys_and_knows_words_of_any_case() -> None:
    assert [BY_KEY["log_q"].text(value) for value in (True, False)] == ["true", "false"]
    assert parse_all([("log_q", "FALSE"), ("order", "3"), ("epochs", "5")]) == {"log_q": False, "order": 3, "epochs": 5}
    with pytest.raises(SettingError, match=r"^speed: no such setting; expected one of task, data, size"):
        parse_all([("speed", "1")])


@of([key for key, dial in BY_KEY.items() if home_of(dial) and len(dial.choices) != 1])
def test_every_dial_changes_the_hash(key: str) -> None:
    dial = BY_KEY[key]
    start = assemble(home_of(dial))
    other = next(value for value in extremes(dial) if value != dial.default)
    if key in ("crosses", "fields"):
        other = 4
    assert assemble({**home_of(dial), key: other}).hash() != start.hash()


# changed and assemble


def test_nothing_changed_says_nothing() -> None:
    assert changed(Experiment()) == {}
    assert changed(EXPLICIT, EXPLICIT) == {}
    assert assemble({}) == Experiment()
    assert assemble({}, EXPLICIT) == EXPLICIT


def test_what_changed_reads_back() -> None:
    assert assemble(parse_all(changed(EXPLICIT).items())) == EXPLICIT


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Experiments some of whose dials are anywhere in their range."""
    source = draw(st.sampled_from(tuple(SOURCES)))
    bound = (
        *("task", "data", "crosses", "fields", "baseline"),
        *("until_sure", "training_sets", "sets"),
    )  # what they may be hangs on other dials
    task = draw(st.sampled_from(tuple(ASKED)))
    usable = [d for d in dials() if d.fits(source, task) and d.key not in bound]
    values: dict[str, Any] = {"data": source, "task": task}
    for dial in draw(st.lists(st.sampled_from(usable), max_size=8, unique=True)):
        if dial.kind == "float":
            assert dial.low is not None
            assert dial.high is not None
            values[dial.key] = draw(st.floats(dial.low, dial.high))
        elif dial.kind == "int":
            assert dial.low is not None
            assert dial.high is not None
            values[dial.key] = draw(st.integers(int(dial.low), int(dial.high)))
        else:
            values[dial.key] = draw(st.sampled_from(extremes(dial)))
    if TWO_TOWERS not in offered(source, task):
        values["arms"] = tuple(arm for arm in values.get("arms", Experiment().arms) if "-" not in arm) or ("parallel",)
    if not values.get("engagement_weight", 1) and not values.get("conversion_weight", 1):
        del values["engagement_weight"]  # of nothing, nothing would be learned
    if values.get("seen") == "leave-out":
        values["purchases"] = "first"
    values["baseline"] = draw(st.sampled_from(("auto", *values.get("arms", Experiment().arms))))
    if 2 <= values.get("seeds", 3) < values.get("most_seeds", 15):
        values["until_sure"] = draw(st.booleans())
    values["training_sets"] = draw(
        st.sampled_from(
            ("one", "bootstrap", *(["worlds"] if SOURCES[source].another and not SOURCES[source].offers else []))
        )
    )
    if values.get("seeds", 3) >= 6 and not values.get("until_sure"):
        values["sets"] = draw(st.sampled_from((0, 3, values["seeds"] // 2)))
    return assemble(values)


def meaning(experiment: Experiment) -> tuple[Any, ...]:
    """An item tower that equals the query's is none of its own: the same models come out."""
    return experiment.model_copy(update={"item_network": None}), experiment.networks()


@settings(max_examples=60, deadline=None)
@given(experiments())
def test_any_experiment_survives_as_changed_texts(experiment: Experiment) -> None:
    assert meaning(assemble(parse_all(changed(experiment).items()))) == meaning(experiment)
    assert Experiment.from_json(experiment.to_json()) == experiment


@settings(max_examples=60, deadline=None)
@given(experiments(), experiments())
def test_and_over_any_base_with_an_item_tower_of_its_own(experiment: Experiment, base: Experiment) -> None:
    there = [TWO_TOWERS in offered(one.data.source, one.task) for one in (experiment, base)]
    experiment = assemble({"item_embedding": 5}, experiment) if there[0] else experiment
    base = assemble({"item_embedding": 7}, base) if there[1] else base
    values = parse_all(changed(experiment, base).items())
    assert meaning(assemble(values, base)) == meaning(experiment)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({"sequence": "mean"}, {"sequence": "mean", "projection": "dcn", "projected": 4}, []),
        ({"projection": "mlp"}, {"projection": "mlp", "projection_rank": 4, "projection_layers": 3}, []),
        ({"projection": "dcn_low"}, {"projection": "dcn_low", "projection_rank": 4}, ["projection_rank"]),
        ({"projection": "flat"}, {"projection": "linear", "projected": 4}, ["projection", "projected"]),
        ({"sequence": "none"}, {"projected": 4}, ["sequence", "projected"]),
        ({}, {"item_deep": (8,), "item_projected": 4, "item_sequence": "none"}, ["item_deep"]),
    ],
)
def test_two_runs_differ_only_in_what_counts_in_one_of_them(
    one: dict[str, Any], other: dict[str, Any], told: list[str]
) -> None:
    base = {"data": "shopping", "sequence": "transformer"}
    ours, theirs = (assemble({**base, **values}) for values in (one, other))
    assert [dial.key for dial, _, _ in differing(ours, theirs)] == told
    assert [dial.key for dial, _, _ in differing(theirs, ours)] == told


def test_assemble_lays_values_over_the_base() -> None:
    over = assemble({"epochs": 9, "deep": (7,), "strength": 3.0}, EXPLICIT)
    expected = EXPLICIT.model_dump()
    expected["training"]["epochs"], expected["network"]["deep"], expected["data"]["strength"] = 9, (7,), 3.0
    assert over.model_dump() == expected


def test_another_source_starts_from_that_sources_defaults() -> None:
    assert assemble({"data": "journey"}, EXPLICIT).data == JourneyData()
    assert assemble({"data": "planted", "events": 4000}).data == PlantedData(events=4000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"events": 5000}, "events: belongs to --data planted, but the data is journey"),
        ({"data": "planted", "size": "full"}, "size: belongs to --data journey, but the data is planted"),
        ({"data": "movies"}, f"data: expected one of {KNOWN}, got 'movies'"),
        ({"epochs": 0}, "epochs: expected greater than or equal to 1, got 0"),
        (
            {"arms": ("parallel",), "baseline": "sequential"},
            "baseline: expected auto or an arm that runs, parallel; got 'sequential'",
        ),
        (
            {"move": ("rank",)},
            "move: expected a block that the towers have (rank: low-rank or mixture crosses; "
            "head: hidden head widths), got rank",
        ),
        ({"move": ()}, "move: expected one or more of deep, depth, rank, head, each once, got none"),
        (
            {"data": "planted", "fields": 2},
            "crosses: expected at most 1, the different crosses of 2 among 2 fields, got 3",
        ),
        (
            {"data": "planted", "order": 3, "fields": 3, "crosses": 2},
            "crosses: expected at most 1, the different crosses of 3 among 3 fields, got 2",
        ),
    ],
)
def test_values_that_do_not_fit_together(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        assemble(values)
    assert str(caught.value) == message


def test_an_unknown_key() -> None:
    with pytest.raises(SettingError, match=r"^speed: no such setting; expected one of task, data, size, "):
        assemble({"speed": 1})


# the item tower


def test_without_blocks_of_its_own_the_item_tower_has_the_querys() -> None:
    one = assemble({"deep": (5,)})
    assert one.item_network is None
    assert one.networks() == (one.network, one.network)


def test_an_item_dial_starts_from_the_querys_blocks() -> None:
    one = assemble({"deep": (5,), "cross_layers": 4, "output": 8, "item_deep": (16,)})
    assert one.network == Network(deep=(5,), cross_layers=4, output=8)
    assert one.item_network == Network(deep=(16,), cross_layers=4, output=8)
    assert changed(one) == {"deep": "5", "cross_layers": "4", "output": "8", "item_deep": "16"}


def test_the_output_width_holds_for_both_towers() -> None:
    one = assemble({"output": 16}, assemble({"item_deep": (16,)}))
    assert [network.output for network in one.networks()] == [16, 16]
    assert one.networks()[1].deep == (16,)


@pytest.mark.parametrize("source", SOURCES)
def test_quick_presets_are_valid_and_small(source: str) -> None:
    small, ordinary = assemble(quick({"data": source})), assemble({"data": source})
    assert small.data.source == source
    assert small.training.epochs <= ordinary.training.epochs
    assert small != ordinary
    assert small.seeds == ordinary.seeds


def test_what_is_given_goes_before_the_preset() -> None:
    assert quick({"data": "planted", "epochs": 7})["epochs"] == 7
    assert quick({})["data"] == "journey"
    ranking, retrieval = (quick({"data": "opportunities", "task": task}) for task in ("ranking", "retrieval"))
    assert (ranking["passed_each"], ranking["epochs"], "passed_each" in retrieval) == (1, 3, False)


NO_NUMBERS = (
    "inf",
    "-inf",
    "nan",
    "1e400",
    "9" * 5_000,
    "1_000",
    "٣",
    "²",
    "0x10",
    "1e",
    "--",
    "[",
    "",
    "1.2.3",
    "\x00",
)


@of([key for key, dial in BY_KEY.items() if dial.kind in ("int", "float", "widths")])
def test_what_is_no_number_is_told_in_the_usual_sentence(key: str) -> None:
    dial = BY_KEY[key]
    for text in NO_NUMBERS:
        if dial.kind == "widths" and not text:
            continue  # which is no width, where there may be none
        with pytest.raises(SettingError, match=rf"^{key}: expected .*, got '.*'$") as said:
            dial.parse(text)
        assert len(str(said.value)) < 200, ascii(text[:8])


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(BY_KEY)), st.text(max_size=400) | st.text("0123456789.-+eE_, ", max_size=30))
def test_any_text_is_a_value_or_one_short_sentence(key: str, text: str) -> None:
    dial = BY_KEY[key]
    said = ""
    try:
        value = dial.parse(text)
    except SettingError as error:
        said = str(error)
    if not said:
        assert dial.parse(dial.text(value)) == value
        return
    assert said.startswith(f"{key}: expected ")
    assert len(said) < 1_000
    assert len(said.splitlines()) == 1
