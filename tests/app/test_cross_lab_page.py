"""The Cross lab: what is chosen is in the address, what is said is worked out, and wrong input gets one sentence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from pdcn.pages.cross_lab.hand import words as by_hand
from pdcn.pages.cross_lab.learn import paper
from pdcn.pages.cross_lab.learn import words as learn
from pdcn.pages.cross_lab.negatives import words as negatives
from pdcn.pages.cross_lab.work import learning, popularity
from pdcn.pages.cross_lab.work import paper as paper_work
from pdcn.research import fitting
from pdcn.research.synthetic import bundled_frame
from pdcn.words import duration
from tests.app.app_help import charts, open_app, press, set_to, texts, unfold, widget

QUICK = {"DNN": (60, 32, 0.01), "DNN, large": (60, 32, 0.003)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings that take a moment."""
    monkeypatch.setattr(learning, "PLANS", QUICK)
    monkeypatch.setattr(learning, "TRIES", {"DNN": 1, "DNN, large": 1})


CHOSEN: dict[str, dict[str, tuple[str, Any]]] = {
    "hand": {
        "hand_x_young": ("3", 3.0),
        "hand_w_young_snack": ("-1.5", -1.5),
        "hand_b_snack": ("2", 2.0),
        "hand_out": ("snack", "snack"),
        "hand_layer": ("3", 3),
        "hand_itself": ("true", True),
        "hand_swap": ("young and snack", "young and snack"),
        "hand_rank": ("1", 1),
        "hand_gate": ("1.5", 1.5),
    },
    "learn": {"learn_of": ("own", "own"), "learn_f": ("x1*x2", "x1*x2")},
    "negatives": {"neg_zipf": ("0.5", 0.5), "neg_batch": ("64", 64)},
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("part", CHOSEN)
def test_what_an_address_says_is_where_the_widgets_stand(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popularity, "STEPS", 10)
    chosen = CHOSEN[part]
    at = unfold(open_app("cross_lab", lab=part, **{key: text for key, (text, _) in chosen.items()}))
    assert widget(at, "lab").value == part
    assert {key: widget(at, key).value for key in chosen} == {key: value for key, (_, value) in chosen.items()}


@pytest.mark.parametrize(("rank", "lost"), [("1", "75%"), ("2", "33%"), ("3", "0%")])
def test_a_lower_rank_says_what_is_lost(rank: str, lost: str) -> None:
    """W has the singular values 1, 1 and 1/2. Of 3/2, its size, rank 1 leaves out the root of 5/4, and rank 2 1/2."""
    assert f"What is lost of W has {lost} of its size." in texts(unfold(open_app("cross_lab", hand_rank=rank)))


def test_the_first_part_is_a_layer_by_hand_and_its_lead_is_worked_out() -> None:
    """Young reads evening: 2 * (1 * 1) + 2; and after two layers 2 * 4 + 4."""
    at = open_app("cross_lab")
    told = {"name": "young", "terms": "2 terms", "degree": 2}
    assert by_hand.LEAD(layers="1 layer", value="4", **told) in texts(at)
    set_to(at, hand_layer=2)
    said = by_hand.LEAD(layers="2 layers", value="12", name="young", terms="3 terms", degree=3)
    assert said in texts(at)
    assert r"\text{young} \cdot \text{evening} \cdot \text{snack} + 2\," in texts(at)
    set_to(at, hand_w_young_evening=0.0)
    assert by_hand.LEAD_ALONE(layers="2 layers", value="2", name="young") in texts(at)


def test_the_degree_doubles_where_a_layer_multiplies_with_itself() -> None:
    at = unfold(open_app("cross_lab", hand_itself="true", hand_layer="3"))
    assert by_hand.DEGREES_FOUND(ours=4, itself=8) in texts(at)
    assert "up to 8 numbers" in texts(at)


def test_a_number_that_is_none_is_left_aside() -> None:
    at = open_app("cross_lab", hand_x_young="1e400", hand_layer="9", hand_out="<b>")
    assert widget(at, "hand_x_young").value == 2.0
    assert widget(at, "hand_layer").value == 1
    assert by_hand.LEAD(layers="1 layer", name="young", value="4", terms="2 terms", degree=2) in texts(at)


@pytest.mark.usefixtures("quick")
def test_a_typed_function_is_learned_and_its_weights_are_beside_the_truth() -> None:
    at = open_app("cross_lab", lab="learn", learn_of="own", learn_f="x1*x2 - 0.5*x2^2")
    assert charts(at) == ["learn-weights"]  # nothing is trained unasked
    unfold(press(at, learn.PRESS))
    assert {"learn-errors", "learn-weights"} <= {*charts(at)}
    assert "DCN-V2 can learn it: with 1 layer" in texts(at)
    (table,) = at.dataframe
    errors = table.value.set_index(["model", "layers"])["rmse"].to_dict()
    assert errors["DCN-V2", 1] < 1e-9
    assert errors["DNN", 1] > 1e-3
    assert learn.WEIGHTS_NOTE in texts(at)


@pytest.mark.parametrize("typed", ["x1 +", "__import__('os')", "x1^9", "x1 - x1", "<img src=x>", "x1 + 1"])
def test_what_is_no_polynomial_gets_one_sentence_and_no_training(typed: str) -> None:
    at = open_app("cross_lab", lab="learn", learn_of="own", learn_f=typed)
    (error,) = at.error
    assert str(error.value).startswith("function: expected")
    assert not charts(at)


@pytest.mark.parametrize("name", ["f3", "orders 1-4"])
def test_a_function_of_the_paper_is_offered_with_its_time_beside_our_study(name: str) -> None:
    at = open_app("cross_lab", lab="learn", learn_of=name)
    rows = bundled_frame()
    assert rows is not None
    ours = rows[(rows["target"] == name) & (rows["model"] == "DCN-V2")]["rmse"].min()
    assert f"errs by {ours:.2g}" in texts(at)
    assert f"took {duration(sum(paper.seconds(name)))} on one core" in texts(at)
    assert charts(at) == ["learn-study"]
    assert (learn.DIFFER_NONE in texts(at)) == (name == "orders 1-4")


def test_a_function_of_the_paper_is_trained_beside_our_study(monkeypatch: pytest.MonkeyPatch) -> None:
    small = [replace(entry, deep=entry.deep and (8,)) for entry in paper.entries("f3") if entry.layers == 1]
    monkeypatch.setattr(paper_work, "entries", lambda function: small)
    monkeypatch.setattr(paper_work, "seconds", lambda function: (1.0,) * len(small))
    monkeypatch.setattr(fitting, "_plan", lambda entry: (60, 32, 0.01))
    monkeypatch.setattr(fitting, "TEST", 1_000)
    monkeypatch.setattr(fitting, "least_squares", partial(fitting.least_squares, good=1e-2))
    at = open_app("cross_lab", lab="learn", learn_of="f3")
    unfold(press(at, learn.PRESS))
    assert charts(at) == ["learn-errors", "learn-study", "learn-weights"]
    assert "DCN-V2 can learn it: with 1 layer" in texts(at)
    (table,) = at.dataframe
    assert table.value["model"].tolist() == ["DCN", "DCN-V2", "DNN", "DNN, large"]


def test_the_lead_about_negatives_is_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popularity, "STEPS", 200)
    at = unfold(open_app("cross_lab", lab="negatives", neg_zipf="1.25"))
    rows = popularity.compared(1.25, 256)
    without, corrected = (own["bias"].to_numpy() for _, own in rows.groupby("corrected"))
    low, near = (float(np.mean(one[:10]) - np.mean(one[-10:])) for one in (without, corrected))
    said = (negatives.LOWER if near < 0 else negatives.HIGHER)(size=f"{abs(near):.2f}")
    assert negatives.LEAD(count=10, without=f"{-low:.2f}", corrected=said) in texts(at)
    assert charts(at) == ["negatives-bias"]
