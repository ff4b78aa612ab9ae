"""`import pdcn` gives ten names and costs next to nothing until one of them is used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import pdcn
from pdcn import library
from pdcn.config import Experiment
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError

ROOT = Path(__file__).parents[2]


def test_ten_names_are_documented_and_each_has_an_example() -> None:
    assert len(pdcn.__all__) == 10
    assert pdcn.__doc__ is not None
    for name in pdcn.__all__:
        assert getattr(pdcn, name) is vars(library)[name]
        assert ">>> " in str(vars(library)[name].__doc__), name
        assert re.search(rf"\b{name} +[a-z]", pdcn.__doc__), name
        assert not (ROOT / "pdcn" / name).exists()  # a folder of that name would take its place once imported
        assert not (ROOT / f"pdcn/{name}.py").exists()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pdcn.nothing


def test_the_import_loads_nothing() -> None:
    code = "import sys; before = {*sys.modules}; import pdcn; print(sorted({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pdcn']"


def test_dials_are_said_in_python_as_on_the_command_line() -> None:
    found = pdcn.experiment(data="planted", deep=[32, 16], layer_norm=True, learning_rate=0.02)
    assert (found.network.deep, found.network.layer_norm, found.training.learning_rate) == ((32, 16), True, 0.02)
    assert pdcn.experiment() == Experiment()
    with pytest.raises(SettingError, match=r"epochs: expected .* between 1 and 200"):
        pdcn.experiment(epochs=0)


def test_a_trained_model_measures_as_its_run_says(folder: RunFolder) -> None:
    from pdcn.runs.trained import TrainedRun

    run = pdcn.open_run(folder.path)
    assert pdcn.open_run(folder.run).path == run.path
    result = run.whole_result()
    assert result is not None
    found = pdcn.evaluate(TrainedRun(run).model("parallel", 1), run.experiment)
    assert found["recall@10"] == pytest.approx(result["arms"]["parallel"]["recall_per_seed"]["10"][1])
