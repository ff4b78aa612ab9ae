"""What the trainings of a study came to so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdcn.jobs import words as say
from pdcn.jobs.cells import Cell, Lost, Trained
from pdcn.runs.arm_seed import ArmSeed
from pdcn.tasks.measured import Measured
from pdcn.training.pairing import Pairing
from pdcn.words import spoken


@dataclass(frozen=True)
class Raced:
    """What the trainings came to so far, and the cells that were lost."""

    measured: Measured
    arms: tuple[ArmSeed, ...] = ()
    lost: tuple[Lost, ...] = ()
    pairing: Mapping[tuple[str, int], Pairing] = field(default_factory=dict)
    devices: frozenset[str] = frozenset()

    def checked(self, ended: Trained | Lost) -> Trained | Lost:
        """A cell, which counts as lost where it was not paired with the others of its seed."""
        if isinstance(ended, Trained):
            for (arm, seed), pairing in self.pairing.items():
                if seed == ended.cell.seed and (why := ended.pairing.differs(pairing)):
                    return Lost(ended.cell, say.UNLIKE(why=why, arm=spoken(arm)))
        return ended

    def add(self, ended: Trained | Lost) -> Raced:
        """With one more cell."""
        if isinstance(ended, Lost):
            return replace(self, lost=(*self.lost, ended))
        cell, record, cells = (ended.cell.arm, ended.cell.seed), ended.record, {**self.measured.cells}
        finished = any(arm.state in ("finished", "stopped early") for arm in self.arms)
        if ended.measured is not None and not (record.state == "stopped" and finished):
            cells[cell] = ended.measured  # half a training is no sample of whole ones
        return replace(
            self,
            measured=replace(self.measured, cells=cells),
            arms=(*self.arms, record),
            pairing={**self.pairing, cell: ended.pairing},
            devices=self.devices | ({ended.device} if ended.device else set()),
        )

    def in_order(self, cells: Sequence[Cell]) -> Raced:
        """In the order of the cells, however they came to end."""
        place = {(cell.arm, cell.seed): at for at, cell in enumerate(cells)}
        measured = {cell: self.measured.cells[cell] for cell in sorted(self.measured.cells, key=place.__getitem__)}
        users = {seed: self.measured.users[seed] for _, seed in place if seed in self.measured.users}
        return replace(
            self,
            measured=replace(self.measured, cells=measured, users=users),
            arms=tuple(sorted(self.arms, key=lambda one: place[one.arm, one.seed])),
            lost=tuple(sorted(self.lost, key=lambda one: place[one.cell.arm, one.cell.seed])),
            pairing={cell: self.pairing[cell] for cell in sorted(self.pairing, key=place.__getitem__)},
        )
