"""Was it the skip? Offered where parallel is better and the controls have not raced; answered where they have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pdcn.evaluation.causes import PATH, explanation
from pdcn.evaluation.comparison import Comparison
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.tasks.retrieval.metrics import Recall
from tests.app.app_help import button, charts, labels, open_app, plant, run_in, sound, texts

ASK = "Was it the skip?"


def judged(store: Store, race: RunFolder, verdict: str, **values: Any) -> RunFolder:
    """A run whose parallel has this verdict against sequential."""
    folder, result = plant(store, "done", race), race.result
    assert result is not None
    for row in result["comparison"]:
        row["verdict"] = verdict
    folder.write_json("result.json", {**result, **values})
    return folder


def test_an_advantage_can_be_asked_about_with_one_press(store: Store, race: RunFolder, asked: list[Store]) -> None:
    folder = judged(store, race, "better")
    at = open_app(run=folder.run)
    button(at, ASK).click()
    sound(at.run())
    started = store.folder(run_in(at))
    assert started.run != folder.run
    assert started.experiment.arms == (*folder.experiment.arms, *PATH[1:3])
    assert started.experiment.model_copy(update={"arms": folder.experiment.arms}) == folder.experiment
    assert store.state(started.run) == "queued"
    assert asked


def test_nothing_is_asked_where_there_is_no_advantage(store: Store, race: RunFolder) -> None:
    at = open_app(run=judged(store, race, "no detectable difference").run)
    assert ASK not in labels(at)
    assert "steps" not in charts(at)


def test_once_the_controls_have_raced_the_answer_stands_there(store: Store, race: RunFolder) -> None:
    sizes, verdicts = (0.02, 0.001, -0.001), ("better", "no detectable difference", "no detectable difference")
    steps = [
        Comparison(arm, held, Recall(100), size, size - 0.01, size + 0.01, verdict, 2, 50, 200)  # type: ignore[arg-type]
        for (held, arm), size, verdict in zip(pairwise(PATH), sizes, verdicts, strict=True)
    ]
    at = open_app(run=judged(store, race, "better", steps=[step.record() for step in steps]).run)
    assert ASK not in labels(at)
    assert explanation(steps) in texts(at)
    assert "steps" in charts(at)
