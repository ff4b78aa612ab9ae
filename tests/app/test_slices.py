"""Where a difference comes from: what the page says of slices, and of those that it cannot show."""

from __future__ import annotations

import pandas as pd
import pytest

from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import open_app, plant, texts, unfold


@pytest.mark.parametrize(
    ("slices", "said"), [(1, "Filled: significantly different from zero"), (4, "after testing all 4 slices of")]
)
def test_the_caption_counts_the_slices_and_says_which_are_left_out(
    slices: int, said: str, store: Store, race: RunFolder
) -> None:
    folder = plant(store, "done", race)
    every = pd.read_parquet(SHOWCASE / "slices.parquet")
    every[every["kind"] == "item popularity"].head(slices).to_parquet(folder.path / "slices.parquet")
    shown = texts(unfold(open_app(run=folder.run)))
    assert said in shown
    assert "Slices of fewer than 200 events or 30 users are left out" in shown
    assert "1 slices" not in shown
