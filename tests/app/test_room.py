"""What takes room is told on the Runs page and can be made anew; who has enough waiting is told so beside Run."""

from __future__ import annotations

import pytest

from pdcn.jobs.needs import needs
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.words import duration
from tests.app.app_help import ME, button, open_app, plant, sound, texts, tiny, unfold, widget


def test_what_can_be_made_anew_is_deleted_after_a_word(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    for path in (folder.path / "analysis" / "crosses-1" / "table.parquet", store.home / "cache" / "planted-1.npz"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 2_000_000)
    at = unfold(open_app("runs"))
    assert "2.0 MB: analyses of runs\n- 2.0 MB: prepared data" in texts(at)
    for kind, left in (("cache", {"analysis"}), ("analyses", set())):
        widget(at, f"clear-{kind}").click()
        sound(at.run())
        assert "2.0 MB are free again." in [one.value for one in at.caption]
        assert {name for name in ("analysis", "cache") if [*store.home.rglob(f"{name}/**/*.*")]} == left
    assert folder.result is not None
    assert "analyses of runs" not in texts(at)


def test_with_enough_waiting_none_is_begun_and_the_page_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_MOST_WAITING", "1")
    store.create(tiny(), by=ME)
    at = open_app("compare", run="showcase")
    assert button(at, "Run").disabled
    assert [one.value for one in at.sidebar.warning] == [
        "You have 1 run waiting, the most that one session may have; stop one, or wait until one has begun."
    ]
    monkeypatch.setenv("PDCN_MOST_WAITING", "2")
    at = open_app("compare", run="showcase")
    assert not button(at, "Run").disabled
    monkeypatch.setenv("PDCN_LONGEST_MINUTES", "1")
    at = open_app("compare", run="showcase")
    assert button(at, "Run").disabled
    (said,) = (one.value for one in at.sidebar.warning)
    assert duration(60) in said
    assert needs(store.folder("showcase").experiment).seconds > 60
