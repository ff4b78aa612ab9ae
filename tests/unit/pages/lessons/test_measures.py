"""What lessons ask is computed from a run: each measure of the showcase against its files, read in another way."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.dials import assemble, quick
from pdcn.evaluation.verdict import NUMBERS
from pdcn.files import DATA, SHOWCASE
from pdcn.jobs.analysis import Analysis
from pdcn.pages import recipes
from pdcn.pages.lessons.judged import judged
from pdcn.pages.lessons.work import MEASURES, VERDICTS, Evidence, Found
from pdcn.pages.lessons.written import Question, lessons
from pdcn.research.findings import bundled
from pdcn.research.synthetic import bundled_frame
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.sources import load
from pdcn.words import points

FOLDER = RunFolder(SHOWCASE)
RESULT: dict[str, Any] = json.loads((SHOWCASE / "result.json").read_text(encoding="utf-8"))
PROFILE: dict[str, Any] = json.loads((SHOWCASE / "profile.json").read_text(encoding="utf-8"))
HEADLINE = next(c for c in RESULT["comparison"] if (c["metric"], c["k"]) == ("recall", 100))
PARALLEL, SEQUENTIAL = (RESULT["arms"][arm] for arm in ("parallel", "sequential"))


def tables_of(name: str) -> dict[str, pd.DataFrame]:
    found = Analysis.of(FOLDER, recipes()[name]).tables
    assert found is not None
    return dict(found)


def found(name: str) -> Found:
    measure = MEASURES[name]
    return measure.of(Evidence(FOLDER, tables_of(measure.needs) if measure.needs else {}))


def test_every_measure_of_the_showcase_answers_in_its_kind() -> None:
    for name, measure in MEASURES.items():
        if name == "planted found":  # nothing was planted among shoppers
            continue
        answer = found(name)
        if measure.kind == "number":
            assert isinstance(answer.value, float)
            assert answer.low is None or answer.high is None or answer.low <= answer.value <= answer.high
        elif measure.kind == "choice":
            assert answer.value in (measure.answers or answer.options)
            assert bool(measure.answers) != bool(answer.options)
        else:
            assert isinstance(answer.value, tuple)
            assert answer.options == tuple(sorted(answer.value))


def test_differences_and_levels_are_those_of_the_record() -> None:
    difference = found("difference")
    expected = [100 * HEADLINE[name] for name in ("difference", "low", "high")]
    assert [difference.value, difference.low, difference.high] == pytest.approx(expected)
    assert found("interval width").value == pytest.approx(100 * (HEADLINE["high"] - HEADLINE["low"]))
    assert found("detectable").value == pytest.approx(100 * HEADLINE["detectable"])
    assert found("verdict").value == HEADLINE["verdict"]
    assert found("recall").value == pytest.approx(100 * PARALLEL["recall"]["100"])
    levels = {
        "parallel": PARALLEL["recall"]["100"],
        "sequential": SEQUENTIAL["recall"]["100"],
        "popularity": RESULT["baselines"]["popularity"]["recall"]["100"],
    }
    order = found("order by recall").value
    assert isinstance(order, tuple)
    assert [levels[name] for name in order] == sorted(levels.values(), reverse=True)
    ahead = np.array(PARALLEL["recall_per_seed"]["100"]) > np.array(SEQUENTIAL["recall_per_seed"]["100"])
    assert found("seeds ahead").value == ahead.sum()


def test_sizes_are_those_of_the_towers() -> None:
    dense, other = (arm["parameters"]["dense"] for arm in (PARALLEL, SEQUENTIAL))
    assert found("dense parameters").value == dense
    assert found("size gap").value == pytest.approx(100 * (dense - other) / other)
    fields = [one for one in PROFILE["fields"] if one["side"] == "query"]
    assert found("pairs of fields").value == len([*combinations(fields, 2)])
    layers = FOLDER.experiment.network.cross_layers
    assert found("degree").value == layers + 1
    plan = PARALLEL["plan"]["query"]
    width = plan["branches"][0][0]["into"]
    crosses = layers * (width * width + width)  # W (D, D) and b (D,) of each layer
    deep = sum(block["parameters"] for block in plan["branches"][1])
    assert found("share of cross layers").value == pytest.approx(
        100 * crosses / (crosses + deep + plan["head"]["parameters"])
    )


def test_what_is_lost_without_a_branch_is_what_the_analysis_found() -> None:
    rows = tables_of("inside")["drops"].to_dict("records")
    drops = {row["variant"]: row for row in rows if row["arm"] == "parallel"}
    for part in ("cross", "deep"):
        row, answer = drops[f"mute {part}, both"], found(f"lost without {part}")
        expected = [-100 * row[name] for name in ("difference", "high", "low")]
        assert [answer.value, answer.low, answer.high] == pytest.approx(expected)
    lost = {part: -drops[f"mute {part}, both"]["difference"] for part in ("cross", "deep")}
    assert found("branch that matters").value == max(lost, key=lambda part: lost[part])


def by_hand(arm: str) -> dict[str, dict[int, float]]:
    """Size of each pair of categories by seed: the root of the squares of both directions, one block at a time."""
    blocks = tables_of("crosses")["blocks"]
    own = blocks[(blocks["arm"] == arm) & (blocks["side"] == "query") & (blocks["layer"] == 0)]
    own = own[own["moment"] == "learned"]
    fields = [one for one in PROFILE["fields"] if (one["side"], one["kind"]) == ("query", "category")]
    size = {(row["write"], row["read"], row["seed"]): float(row["scaled"]) for row in own.to_dict("records")}
    return {
        f"{a['label']} × {b['label']}": {
            seed: (size[a["name"], b["name"], seed] ** 2 + size[b["name"], a["name"], seed] ** 2) ** 0.5
            for seed in FOLDER.experiment.seed_list
        }
        for a, b in combinations(fields, 2)
    }


def test_the_largest_cross_is_the_largest_by_hand() -> None:
    firsts = {}
    for arm, name in (("parallel", "largest cross"), ("sequential", "largest cross of the baseline")):
        sizes = by_hand(arm)
        firsts[arm] = max(sizes, key=lambda pair: float(np.mean([*sizes[pair].values()])))
        answer = found(name)
        assert answer.value == firsts[arm]
        assert len(answer.options) == 4
        assert set(answer.options) <= sizes.keys()
    assert found("same largest cross").value == ("yes" if firsts["parallel"] == firsts["sequential"] else "no")
    sizes = by_hand("parallel")
    again = [max(sizes, key=lambda pair: sizes[pair][seed]) for seed in FOLDER.experiment.seed_list]
    assert found("seeds with that cross").value == again.count(firsts["parallel"])


def test_a_product_is_learned_by_whoever_has_the_smaller_error_in_the_bundled_study() -> None:
    rows = json.loads((DATA / "findings/dcnv2-synthetic.json").read_text(encoding="utf-8"))["rows"]
    error = {row["model"]: np.mean(row["rmse"]) for row in rows if row["target"] == "f1"}
    assert found("learns a product").value == ("cross" if error["DCN-V2"] < error["DNN, large"] else "mlp")


class Planted(RunFolder):
    """The showcase's weights with another truth, so that it is known which pairs are the largest."""

    truth: Any = None

    @property
    def profile(self) -> dict[str, Any]:
        return {**PROFILE, "truth": self.truth}


def test_planted_crosses_are_found_among_as_many_of_the_largest() -> None:
    sizes = by_hand("parallel")
    order = sorted(sizes, key=lambda pair: -float(np.mean([*sizes[pair].values()])))
    for chosen, expected in (((0, 1, 2), 3), ((0, 5, 9), 1), ((7, 8, 9), 0)):
        folder = Planted(SHOWCASE)
        object.__setattr__(
            folder, "truth", [{"side": "query", "fields": order[at].split(" × "), "strength": 1.0} for at in chosen]
        )
        answer = MEASURES["planted found"].of(Evidence(folder, tables_of("crosses")))
        assert answer.value == expected


def test_a_run_that_cannot_answer_says_so_in_a_sentence(tmp_path: Any) -> None:
    empty = RunFolder(tmp_path)
    for name in ("difference", "pairs of fields", "best slice"):
        with pytest.raises(SettingError, match=r"\.$"):
            MEASURES[name].of(Evidence(empty))
    with pytest.raises(SettingError, match="Nothing was planted"):
        found("planted found")


def test_numbers_in_the_texts_of_lessons_are_the_measured_ones() -> None:
    """What a question tells of the showcase, of planted data and of the study, before it asks."""
    steps = [step for lesson in lessons().values() for step in lesson.steps]
    said = " ".join(f"{step.text} {step.question.ask if step.question else ''}" for step in steps)
    showcase = RunFolder(SHOWCASE)
    profile, experiment = showcase.profile, showcase.experiment
    assert profile is not None
    fields = sum(one["side"] == "query" for one in profile["fields"])
    assert f"The query tower of the showcase reads {fields} fields." in said
    assert f"The showcase has {NUMBERS[experiment.network.cross_layers]} cross layers." in said
    assert f"of its {NUMBERS[experiment.seeds]} seeds" in said
    study = bundled_frame()
    assert study is not None
    sizes = study[study["target"] == "f1"].set_index("model")["parameters"]
    assert f"has {sizes['DCN-V2']} weights, the MLP has {sizes['DNN, large']:,}." in said
    planted = load(assemble(quick({"data": "planted"})).data).truth
    assert planted is not None
    for side in ("query", "item"):
        count = sum(cross.side == side for cross in planted.crosses)
        assert f"{NUMBERS[count].capitalize()} crosses are planted on each side." in said


def test_a_projections_time_and_signal_are_those_of_its_row_in_the_bundled_study() -> None:
    record = bundled("projections")
    assert record is not None
    (row,) = (row for row in record["rows"] if row["form"] == "DCN V2 to 32")
    time, signal = found("time of a projection"), found("signal of a projection")
    assert (time.value, time.low, time.high) == tuple(
        100 * row[part] for part in ("times_64", "times_low_64", "times_high_64")
    )
    held = row["against_whole"]
    assert signal.value == held["verdict"]
    assert points(held["difference"]) in signal.said


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if "better" in measure.answers])
def test_a_verdict_says_what_was_measured(name: str) -> None:
    answer = found(name)
    size, low, high = (float(one.replace("−", "-")) for one in re.findall(r"[+−]\d+\.\d+", answer.said))
    assert low < size < high
    assert (low > 0) >= (answer.value == "better")
    assert (high < 0) >= (answer.value == "worse")
    unit = {"ranking": "grouped AUC", "signal": "recall@10"}.get(re.split(r"\W", name)[0], "recall@100")
    assert f" points of {unit}, 95% interval [" in answer.said
    question = Question(ask="?", measure=name, choices={one: one for one in VERDICTS})
    for guess in question.choices:
        judgement = judged(question, answer, guess)
        assert judgement is not None
        assert judgement.said.endswith(answer.said)
