"""Which towers of a run are taken away, and what reading them needs: made once, when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pdcn.arrays import spaced
from pdcn.evaluation.comparison import comparisons_of, counted_arms, headline_in, headline_of, record_of
from pdcn.export import words as say
from pdcn.inert import quoted
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.words import spoken

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.export.plain import PlainTowers
    from pdcn.runs.trained import TrainedRun


class Chosen:
    """One arm and seed of a run: those that are named, or the best arm and its best seed.

    The best arm is that of the best headline in the run's result; the best seed is the best on validation, so that the
    test events choose no seed. `SettingError` where there are no such weights.
    """

    def __init__(self, folder: RunFolder, arm: str = "", seed: int | None = None) -> None:
        self.folder = folder
        self.experiment = folder.experiment
        arms = folder.trained
        if not arms:
            raise SettingError(say.NO_WEIGHTS(run=quoted(folder.run)))
        if arm and arm not in arms:
            raise SettingError(say.NO_SUCH_ARM(arms=", ".join(arms), arm=quoted(arm)))
        self._asked = bool(arm), seed is not None
        self.result: Mapping[str, Any] = folder.result or {}
        self._counted = [one for one in counted_arms(self.result) if one in arms] if "data" in self.result else []
        self.arm = arm or self._best() or arms[0]
        seeds = folder.seeds_of(self.arm)
        if seed is not None and seed not in seeds:
            raise SettingError(say.NO_SUCH_SEED(arm=self.arm, seeds=", ".join(map(str, seeds)), seed=seed))
        self.seed = self._best_seed(seeds) if seed is None else seed

    def _value(self, arm: str) -> float:
        """The headline of an arm, larger for better."""
        metric = headline_in(self.result)
        value = float(record_of(self.result["arms"][arm], metric))
        return value if metric.higher_is_better else -value

    def _best(self) -> str:
        return max(self._counted, key=self._value, default="")

    def _best_seed(self, seeds: tuple[int, ...]) -> int:
        records = self.result.get("arms", {}).get(self.arm, {}).get("seeds", [])
        known = {one["seed"]: one["validation"] for one in records if one["seed"] in seeds and "validation" in one}
        sign = 1 if self.result and headline_in(self.result).higher_is_better else -1
        return max(known, key=lambda seed: sign * known[seed], default=seeds[0])

    @property
    def said(self) -> str:
        """Which towers these are and why, and whether the verdict tells their arm from the others."""
        arm_asked, seed_asked = self._asked
        if arm_asked or seed_asked:
            why: str = say.ASKED if (arm_asked and seed_asked) or seed_asked else say.ASKED_ARM
        elif self._counted:
            metric = headline_in(self.result)
            why = (say.HIGHEST if metric.higher_is_better else say.LOWEST)(metric=metric)
        else:
            why = say.NO_RESULT_YET
        said = say.CHOSEN(arm=spoken(self.arm), seed=self.seed, why=why)
        if arm_asked or seed_asked or not self._counted:
            return said
        for one in headline_of(comparisons_of(self.result), headline_in(self.result)):
            if self.arm in (one.arm, one.against) and one.verdict not in ("better", "worse"):
                other = one.against if one.arm == self.arm else one.arm
                return f"{said} {say.NOT_APART(arm=spoken(self.arm), other=spoken(other))}"
        return said

    @cached_property
    def run(self) -> TrainedRun:
        """The run with its data and models."""
        from pdcn.runs.trained import TrainedRun

        return TrainedRun(self.folder)

    @cached_property
    def plain(self) -> PlainTowers:
        """Its towers as plain PyTorch; `SettingError` where they can't be written so."""
        from pdcn.export.plain import PlainTowers

        dataset, own = self.run.data.dataset, self.folder.own(self.arm)
        model = self.run.any_model(self.arm, self.seed)
        return PlainTowers(model, dataset.queries, dataset.items, own.networks())

    def checked(self, name: str, most: int) -> tuple[Tensor, Tensor, Tensor]:
        """Rows of a tower, evenly spaced, codes (B, F) and values (B, M), and what the model makes of them: vectors
        (B, H), or logits (B,) of a query and its item together."""
        import torch

        from pdcn.nn.joint import Joint, together

        data, model = self.run.data, self.run.any_model(self.arm, self.seed)
        rows = data.items if name == "item" else data.queries
        places = torch.from_numpy(spaced(len(rows.codes), most))
        codes, values = rows[places]
        with torch.inference_mode():
            if isinstance(model, Joint):
                items = data.items[data.positive[places].long()]
                made = model((codes, values), items)
                codes, values = together((codes, values), items, model.single)
            else:
                made = model.tower(name)(codes, values)
        return codes.long(), values, made.clone()
