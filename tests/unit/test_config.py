"""Settings: a stable identity, JSON both ways, errors made for a person."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pdcn.config import Experiment, Fairness, Network, Training
from pdcn.crossings import CROSSINGS
from pdcn.dials import assemble
from pdcn.settings import SettingError, build, dial, digest
from pdcn.sources.planted import PlantedData
from pdcn.wirings import WIRINGS, wirings
from tests.unit.config_help import EXPLICIT

# JSON and identity


@pytest.mark.parametrize("experiment", [Experiment(), Experiment(data=PlantedData()), EXPLICIT])
def test_json_both_ways(experiment: Experiment) -> None:
    back = Experiment.from_json(experiment.to_json())
    assert back == experiment
    assert back.hash() == experiment.hash()
    assert json.loads(experiment.to_json())["arms"] == list(experiment.arms)


def test_the_hash_is_pinned() -> None:
    """A run keeps its name from one version to the next: a change here loses every comparison."""
    assert EXPLICIT.hash() == "f110221a8a18"
    assert digest({"b": [1, 2.5, None], "a": "ü"}) == "703dceec79c3"
    assert digest({"a": "ü", "b": [1, 2.5, None]}) == "703dceec79c3"


def test_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        EXPLICIT.seeds = 3  # type: ignore[misc]
    assert isinstance(hash(EXPLICIT), int)


# wrong experiments

WIDTHS = "expected at most 8 widths between 1 and 4096, such as 64,64"
PROMPT = "expected an arm made of " + ", ".join(WIRINGS)
BEHIND = f"expected one of {', '.join(CROSSINGS)} behind the tilde"
MATCHES = "expected 'none', 'parameters', 'flops' or 'train-time'"
MOVES = "expected one or more of deep, depth, rank, head, each once"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"training": {"epochs": 201}}, "epochs: expected less than or equal to 200, got 201"),
        (
            {"training": {"batch": "big"}},
            "batch: expected a valid integer, unable to parse string as an integer, got 'big'",
        ),
        ({"training": {"batch": 2.5}}, "batch: expected a valid integer, got a number with a fractional part, got 2.5"),
        ({"network": {"gate": "soft"}}, "gate: expected 'softmax' or 'sigmoid', got 'soft'"),
        ({"network": {"deep": []}}, "deep: expected at least one width, such as 64,64, got []"),
        ({"network": {"head": [0]}}, f"head: {WIDTHS}, got [0]"),
        ({"network": {"deep": [4097]}}, f"deep: {WIDTHS}, got [4097]"),
        ({"network": {"deep": [1] * 9}}, f"deep: {WIDTHS}, got {[1] * 9}"),
        ({"network": {"depth": 3}}, "depth: no such setting"),
        ({"colour": 1}, "colour: no such setting"),
        ({"arms": []}, "arms: expected at least one arm, such as parallel,sequential, got []"),
        ({"arms": ["parallel", "parallel"]}, "arms: expected every arm once, got ['parallel', 'parallel']"),
        ({"arms": ["wide"]}, f"arms: {PROMPT}; got 'wide'"),
        ({"arms": ["parallel-"]}, f"arms: {PROMPT}; got 'parallel-'"),
        ({"arms": ["-parallel"]}, f"arms: {PROMPT}; got '-parallel'"),
        ({"arms": ["parallel-wide"]}, f"arms: {PROMPT}; got 'parallel-wide'"),
        ({"arms": ["wide~gated"]}, f"arms: {PROMPT}; got 'wide~gated'"),
        ({"arms": ["parallel~"]}, f"arms: {BEHIND}; got 'parallel~'"),
        ({"arms": ["parallel~wide"]}, f"arms: {BEHIND}; got 'parallel~wide'"),
        (
            {"arms": ["fcn~gated"]},
            "arms: expected a wiring whose crosses can be chosen before the tilde; got 'fcn~gated'",
        ),
        ({"data": {"source": "planted", "items": 49}}, "items: expected greater than or equal to 50, got 49"),
        (
            {"network": {"output": 3}, "item_network": {"output": 4}},
            "experiment: expected both towers to end at one output width, got 3 and 4",
        ),
        ({"fairness": {"match": "size"}}, f"match: {MATCHES}, got 'size'"),
        ({"fairness": {"move": []}}, f"move: {MOVES}, got []"),
        ({"fairness": {"move": ["deep", "deep"]}}, f"move: {MOVES}, got ['deep', 'deep']"),
        ({"fairness": {"tune": 101}}, "tune: expected less than or equal to 100, got 101"),
        ({"detect": 0}, "detect: expected greater than or equal to 0.01, got 0"),
        (
            {"baseline": "deep_only"},
            "baseline: expected auto or an arm that runs, parallel, sequential; got 'deep_only'",
        ),
        ([], "experiment: expected a valid dictionary or instance of Experiment, got []"),
        (3, "experiment: expected a valid dictionary or instance of Experiment, got 3"),
    ],
)
def test_wrong_values_are_told_in_one_sentence(raw: object, message: str) -> None:
    with pytest.raises(SettingError) as built:
        build(Experiment, raw)
    with pytest.raises(SettingError) as loaded:
        Experiment.from_json(json.dumps(raw))
    assert str(built.value) == str(loaded.value) == message


@pytest.mark.parametrize("raw", [{"data": {"source": "movies"}}, {"data": {}}, {"data": 3}])
def test_a_wrong_source_names_the_data(raw: object) -> None:
    with pytest.raises(SettingError, match=r"^data: .*, got "):
        build(Experiment, raw)


@pytest.mark.parametrize("text", ["", "{", "parallel", "[" * 100_000, '{"seeds": ' + "9" * 5_000 + "}"])
def test_text_that_is_not_json(text: str) -> None:
    with pytest.raises(SettingError, match=r"^expected an experiment as JSON, but the text is not JSON: "):
        Experiment.from_json(text)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "Infinity", "-Infinity", "NaN", "9" * 400])
def test_numbers_out_of_any_range_are_told_in_one_short_sentence(number: str) -> None:
    for model, key in (("training", "learning_rate"), ("training", "epochs"), ("network", "cross_rank")):
        with pytest.raises(SettingError, match=rf"^{key}: .*, got ") as said:
            Experiment.from_json(f'{{"{model}": {{"{key}": {number}}}}}')
        assert len(str(said.value)) < 200


def test_a_number_too_long_to_read_is_told_plainly() -> None:
    with pytest.raises(SettingError, match=r"its numbers are too long or its brackets too deep$"):
        Experiment.from_json('{"seeds": ' + "9" * 5_000 + "}")


def test_not_a_number_is_no_rate() -> None:
    with pytest.raises(SettingError, match=r"^learning_rate: .* got nan$"):
        Experiment.from_json('{"training": {"learning_rate": NaN}}')


# arms, seeds, presets


def test_wirings_of_arms() -> None:
    assert all(wirings(name) == (name, name) for name in WIRINGS)
    assert wirings("stacked_parallel-cross_only") == ("stacked_parallel", "cross_only")


def test_the_seeds_follow_the_first() -> None:
    assert Experiment(seeds=3, seed=5).seed_list == (5, 6, 7)


@pytest.mark.parametrize(
    ("arms", "baseline", "against"),
    [
        (("parallel", "sequential"), "auto", "sequential"),
        (("sequential", "parallel"), "auto", "sequential"),
        (("sequential", "parallel"), "parallel", "parallel"),
        (("deep_only", "parallel"), "auto", "parallel"),  # no sequential there: the last
        (("sequential-parallel", "parallel-sequential"), "auto", "parallel-sequential"),
    ],
)
def test_the_arm_that_the_others_are_held_against(arms: tuple[str, ...], baseline: str, against: str) -> None:
    assert Experiment(arms=arms, baseline=baseline).against == against


@pytest.mark.parametrize(
    ("move", "network", "item", "fits"),
    [
        (("deep",), {}, None, True),
        (("rank",), {}, None, False),
        (("rank",), {"cross": "low_rank"}, None, True),
        (("rank",), {}, {"cross": "mixture"}, True),  # one of the towers is enough
        (("head",), {}, None, False),
        (("head",), {"head": (8,)}, None, True),
        (("rank", "head"), {}, {"head": (8,)}, True),
    ],
)
def test_a_match_needs_a_block_to_move(
    move: Any, network: dict[str, Any], item: dict[str, Any] | None, fits: bool
) -> None:
    parts = {"network": Network(**network), "item_network": item and Network(**item)}

    def built(match: Any) -> Experiment:
        return Experiment.model_validate({**parts, "fairness": Fairness(match=match, move=move)})

    assert built("none").fairness.move == move
    if fits:
        assert built("parameters").fairness.move == move
    else:
        with pytest.raises(ValueError, match="move: expected a block that the towers have"):
            built("parameters")


def test_a_setting_that_came_later_means_in_old_records_what_was_done_before() -> None:
    class Later(Training):
        course: str = dial("plateau", "Course", "", before="cosine")

    old = Training().record()
    assert Later.as_recorded(old)["course"] == "cosine"
    assert Later.model_validate(Later.as_recorded(old)).record() == old
    assert Later().record() == {**old, "course": "plateau"}
    assert Later.as_recorded({"epochs": 3}) == {"epochs": 3}  # written by a person, who means today's defaults


def test_one_training_set_is_what_every_record_means_that_names_none() -> None:
    assert "training_sets" not in Experiment().record()
    anew = Experiment(training_sets="bootstrap")
    assert anew.record()["training_sets"] == "bootstrap"
    assert anew.hash() != Experiment().hash()
    assert Experiment.from_json(anew.to_json()).resampled
    assert not Experiment.from_json(Experiment().to_json()).resampled


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sets": 2}, "sets: expected 0, or 3 or more with at least two seeds for each; got 2 for 6 seeds"),
        ({"sets": 4}, "sets: expected 0, or 3 or more with at least two seeds for each; got 4 for 6 seeds"),
        ({"sets": 3, "until_sure": True}, "sets: expected 0 in a run until sure"),
        (
            {"training_sets": "worlds"},
            "training_sets: expected one or bootstrap, as only generated data have other worlds",
        ),
    ],
)
def test_sets_that_seeds_cannot_be_split_over_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=re.escape(message)):
        assemble({"seeds": 6, "training_sets": "bootstrap", **values})


def test_a_study_without_sets_is_what_it_was() -> None:
    assert "sets" not in Experiment(training_sets="bootstrap").record()
    assert Experiment(sets=9).drawn_sets is None  # nothing is drawn
    assert Experiment(seeds=6, sets=3, training_sets="bootstrap").drawn_sets == 3
    assert Experiment().data_of(2) == Experiment().data
