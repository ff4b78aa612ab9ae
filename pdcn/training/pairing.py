"""Proof that trainings were paired: digests of the first weights and of all that was drawn, equal in any process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from torch import Tensor, nn

from pdcn.training import words as say

DIGITS = 16


class Drawn:
    """What a seed draws for each step, and the digest of all that has passed.

    The digest is kept after the first step and after every epoch, so that a training that ended early can be held
    against a longer one.
    """

    def __init__(self, draws: Iterator[tuple[Tensor, ...]], epoch: int) -> None:
        self.draws, self.epoch, self.steps, self.sha = draws, epoch, 0, sha256()
        self.kept: dict[int, str] = {}

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        return self

    def __next__(self) -> tuple[Tensor, ...]:
        drawn = next(self.draws)
        for part in drawn:
            self.sha.update(part.numpy().tobytes())
        self.steps += 1
        if self.steps == 1 or self.steps % self.epoch == 0:
            self.kept[self.steps] = self.sha.hexdigest()[:DIGITS]
        return drawn


@dataclass(frozen=True)
class Pairing:
    """What trainings of one seed have in common: each first weight's shape and digest, and digests by step of what was
    drawn."""

    weights: Mapping[str, str]
    drawn: Mapping[int, str]

    def differs(self, other: Pairing) -> str:
        """In what two trainings were not paired, in words; nothing where they were, as far as both went.

        >>> one = Pairing({"head": "8x4 ab", "deep": "4x4 cd"}, {1: "ef", 9: "12"})
        >>> one.differs(Pairing({"head": "8x4 ab", "deep": "2x4 00"}, {1: "ef"}))
        ''
        >>> one.differs(Pairing({"head": "8x4 zz"}, {1: "ef", 9: "12"}))
        'its first weights were not the same (head)'
        """
        for name in self.weights.keys() & other.weights.keys():
            (shape, digest), (its, own) = (one.weights[name].split() for one in (self, other))
            if shape == its and digest != own:
                return say.OTHER_WEIGHTS(name=name)
        if any(self.drawn[step] != other.drawn[step] for step in self.drawn.keys() & other.drawn.keys()):
            return say.OTHER_BATCHES
        return ""


def first_weights(model: nn.Module) -> dict[str, str]:
    """Shape and digest of every weight that is drawn from the seed, by name, of a model that has not been trained yet.

    The temperature is a setting, which every arm may have tuned for itself.
    """
    return {
        name: f"{'x'.join(map(str, weight.shape)) or 1} "
        + sha256(weight.detach().cpu().numpy().tobytes()).hexdigest()[:DIGITS]
        for name, weight in model.state_dict().items()
        if name != "log_temperature"
    }
