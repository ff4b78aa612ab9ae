"""python -m pdcn inspect: look inside a run without a browser, and take the numbers away as CSV."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path

from pdcn.cli.inventory import run_named
from pdcn.cli.show import OUTPUT, SAY, bars, make_folder
from pdcn.inert import quoted
from pdcn.jobs.analysis import KINDS, Analysis, Setting, Tables
from pdcn.pages.embeddings.work.space_job import remarks
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError, real_number, whole_number

BOUNDS: dict[str, tuple[float, float]] = {
    "dimensions": (2, 3),
    "distance": (0, 0.99),
    "draw": (0, 2**31 - 1),
    "neighbours": (2, 1_000),
    "seed": (0, 2**31 - 1),
}
COUNTS = (1, 2**31 - 1)
"""The bounds of every other number: it counts events, queries or items."""


def inspect(options: argparse.Namespace) -> int:
    """Work analyses of a run out, unless they are kept already; 1 where one failed."""
    folder = folder_named(options.run)
    # times are asked for by name: they take minutes and a quiet machine
    kinds = options.kind or [kind for kind in KINDS if kind != "latency"]
    own = {"layout": arms_of(folder)}
    given = settings_of(kinds, options.set)
    asked = [Analysis.of(folder, kind, **{**own.get(kind, {}), **given[kind]}) for kind in kinds]
    out = Path(options.out) if options.out else None
    if out:
        make_folder(out)
    rows, failed = [], False
    said: list[str] = []
    for analysis in asked:
        frames = worked_out(analysis)
        failed |= frames is None
        if frames and analysis.kind == "space":
            said = remarks(frames)
        for name, frame in (frames or {}).items():
            path = analysis.path / f"{name}.parquet"
            if out:
                path = out / f"{analysis.kind}-{name}.csv"
                frame.to_csv(path, index=False)
            rows.append({"kind": analysis.kind, "table": name, "rows": len(frame), "path": str(path)})
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            OUTPUT.print(
                f"{row['kind']} {row['table']}: {row['rows']:,} rows in {row['path']}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        for sentence in said:
            OUTPUT.print(f"A collapsed space. {sentence}", markup=False, highlight=False, soft_wrap=True)
    return 1 if failed else 0


def folder_named(name: str) -> RunFolder:
    """A run by its name in the store, or by the path of its folder."""
    path = Path(name)
    with suppress(OSError):  # a name too long for a file
        if (path / "experiment.json").exists():
            return RunFolder(path.absolute())
    return run_named(Store(), name)


def arms_of(folder: RunFolder) -> dict[str, Setting]:
    """The arms that the app lays out unless others are asked for: the first two that have weights."""
    arms = [arm for arm in folder.experiment.arms if folder.seeds_of(arm)]
    return dict(zip(("left", "right"), (*arms, "")[:2], strict=False))


def settings_of(kinds: list[str], words: list[str]) -> dict[str, dict[str, Setting]]:
    """Settings of each kind from `key=value` words, each of the type of its default; every word is one of a kind's.

    >>> settings_of(["importance", "crosses"], ["events=512"])
    {'importance': {'events': 512}, 'crosses': {}}
    """
    known = sorted({key for kind in kinds for key in KINDS[kind].settings})
    if words and not known:
        raise SettingError(f"--set: expected none, since {' and '.join(kinds)} has no settings, got {quoted(words[0])}")
    found: dict[str, dict[str, Setting]] = {kind: {} for kind in kinds}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in known:
            said = f"a key among {', '.join(known)}" if len(known) > 1 else f"the key {known[0]}"
            raise SettingError(f"--set: expected KEY=VALUE with {said}, got {quoted(word)}")
        for kind in kinds:
            if key in KINDS[kind].settings:
                found[kind][key] = _like(KINDS[kind].settings[key], key, text)
    return found


def _like(default: Setting, key: str, text: str) -> Setting:
    """A setting's value from its text, of the type of its default."""
    if isinstance(default, str):
        return text
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text]
        number = whole_number(text) if isinstance(default, int) else real_number(text)
    except (ValueError, KeyError):
        like = "true or false" if isinstance(default, bool) else f"like {default}"
        raise SettingError(f"--set: expected {key} {like}, got {quoted(text)}") from None
    low, high = BOUNDS.get(key, COUNTS)
    if not low <= number <= high:
        raise SettingError(f"--set: expected {key} between {low} and {high}, got {quoted(text)}")
    return number


def worked_out(analysis: Analysis) -> Tables | None:
    """The tables of an analysis, worked out here where they are not kept yet; None where that failed, which is said."""
    frames = analysis.tables
    if frames is None:
        from pdcn.jobs.analyst import work_out

        with bars() as shown:
            task = shown.add_task(analysis.kind, total=1.0)
            ended = work_out(analysis, lambda share, phase: shown.update(task, completed=share, description=phase))
        if ended.state != "done":
            SAY.print(f"{analysis.kind}: {ended.message}", style="red", markup=False, highlight=False)
        frames = analysis.tables
    return frames
