"""To TensorBoard: event files that `tensorboard --logdir` shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from pdcn.export.tracked import trainings_of
from pdcn.runs.folder import RunFolder


def write(folder: RunFolder, out: Path) -> None:
    """ARM-seedN/events...: curves, what each training came to on test, its settings as text, and its files beside."""
    from torch.utils.tensorboard import SummaryWriter

    for one in trainings_of(folder):
        place = out / one.name
        with SummaryWriter(str(place)) as writer:
            for point in one.curves:
                writer.add_scalar(point.name, point.value, point.step)
            for name, value in one.finals.items():
                writer.add_scalar(name, value, 0)
            for name, text in one.params.items():
                writer.add_text(f"settings/{name}", text, 0)
        for path in one.files:
            shutil.copyfile(path, place / path.name)
