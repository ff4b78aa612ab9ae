"""python -m pdcn export: take a run to work, as tables, towers, an index, or to a tracker of experiments."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pdcn.cli import words as say
from pdcn.cli.inspect import folder_named
from pdcn.cli.show import OUTPUT, make_folder
from pdcn.inert import quoted
from pdcn.settings import SettingError, whole_number


def export(options: argparse.Namespace) -> int:
    """Write what is asked for into a folder each, and say where and which towers it is."""
    from pdcn.export.ways import WAYS, plain_ways, ways_named
    from pdcn.export.ways import export as written

    folder = folder_named(options.run)
    usual, left_out = ([], "") if options.to else plain_ways(folder)
    names = ways_named([name for given in options.to or usual for name in given.split(",")])
    try:
        seed = None if options.seed is None else whole_number(options.seed)
    except ValueError:
        raise SettingError(say.NO_SEED(value=quoted(options.seed))) from None
    out = Path(options.out)
    make_folder(out)
    paths, said = written(folder, names, out, arm=options.arm or "", seed=seed)
    if options.json:
        print(
            json.dumps({"folders": {name: str(path) for name, path in zip(names, paths, strict=True)}, "towers": said})
        )
        return 0
    if left_out:
        OUTPUT.print(left_out, soft_wrap=True)
    if said:
        OUTPUT.print(said, soft_wrap=True)
    for name, path in zip(names, paths, strict=True):
        OUTPUT.print(say.WRITTEN_AS(file=path, what=WAYS[name].about), soft_wrap=True)
    return 0
