"""Timing towers cell by cell: a cell is a number of threads, a subject and a batch size, all its forms in turns.

Times are microseconds. Shapes: B batch, D width of x0.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import pandas as pd
import torch
from torch import Tensor

from pdcn.evaluation.timing import Call, Timer, compared, percentiles, threads
from pdcn.host import cores
from pdcn.jobs.analysis import Say
from pdcn.pages.latency import words
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.told import judged
from pdcn.pages.latency.work.forms import GRAPH, Form, compiled, forms, graphs, parts
from pdcn.pages.latency.work.subjects import Subject, synthetic
from pdcn.words import plural

BOX = 240.0
"""Seconds after which nothing more is compiled."""
REGION_BATCHES = (1, 8, 64, 512, 2_048)
FAMILIES = ("compiled ", GRAPH, "arm ")
SIDE_BY_SIDE = ("parallel", "fused", "two threads", "two streams")
BEHIND = ("join", "head")
"""Parts of a tower that stand behind its branches."""
Cell = tuple[str, str, int, int, int]
CELL = ["tower", "device", "threads", "batch", "width"]


@torch.inference_mode()
def measure(
    subjects: Sequence[Subject], plan: Plan, device: torch.device, timer: Timer, say: Say = lambda share, words: None
) -> dict[str, pd.DataFrame]:
    """Tables `times` (a row a variant and cell), `forms` (each form against another) and `left_out` (and why)."""
    counts = plan.threads if device.type == "cpu" else (1,)
    total = len(counts) * len(subjects) * len(plan.batches)
    times: dict[Cell, pd.DataFrame] = {}
    against: dict[Cell, pd.DataFrame] = {}
    left_out: dict[str, str] = {}
    compiling = 0.0
    for count, subject in product(counts, subjects):
        with threads(count):
            subject.to(device)
            plain = forms(subject.parallel, subject.sequential, spare=count == 1 and cores() > 1)
            built = compiled(plain) if plan.compiled else {}
            arms = {f"arm {arm}": tower.above for arm, tower in subject.arms.items()}
            left_out |= _missing(plan, plain, device)
            for batch in plan.batches:
                known = {"tower": subject.name, "batch": f"{batch:,}", "threads": plural(count, "thread")}
                say(len(times) / total, words.TIMING_TOWER(**known))
                codes, values = subject.inputs(batch, device)
                x0 = subject.parallel.x0(codes, values)  # (B, D)
                compiling = _compile(built, x0, compiling, left_out)
                alone = parts(subject.parallel, x0)
                branches = {name: form for name, form in alone.items() if name not in BEHIND}
                calls: dict[str, Call] = {"lookup": partial(subject.parallel.x0, codes, values)}
                calls |= {name: partial(form, x0) for name, form in {**alone, **plain, **built, **arms}.items()}
                calls |= graphs({**branches, **plain}, x0)
                samples = timer.samples(calls, seconds=plan.seconds, least=plan.repeats)
                cell = subject.name, device.type, count, batch, subject.parallel.width
                times[cell] = percentiles(samples)
                against[cell] = compared(samples, dict(pairs(samples.columns, subject.against)))
    return {
        "times": _together(times),
        "forms": _together(against),
        "left_out": pd.DataFrame(sorted(left_out.items()), columns=["variant", "why"]),
    }


def _missing(plan: Plan, plain: Mapping[str, Form], device: torch.device) -> dict[str, str]:
    """What is left out of a tower's cells, and why."""
    cpu = device.type == "cpu"
    missing = {
        "compiled": not plan.compiled,
        "fused": "fused" not in plain,
        "two streams, CUDA graphs": cpu,
        "two threads": cpu and cores() == 1,
    }
    return {name: why for name, why in words.WHY_LEFT_OUT.items() if missing[name]}


def _compile(built: dict[str, Form], x0: Tensor, spent: float, left_out: dict[str, str]) -> float:
    """Call forms, the first of which calls compile, for all that is timed later; the seconds `spent` so far.

    What fails, or would come after `BOX`, is taken out of `built`; `left_out` then says why.
    """
    for name, form in list(built.items()):
        if spent > BOX:
            left_out[words.THE_REST] = words.COMPILED_TOO_LONG(seconds=f"{spent:.0f}")
            del built[name]
            continue
        begun = time.perf_counter()
        try:
            form(x0)
        except Exception as error:  # no compiler, or one that fails: torch raises many kinds
            left_out[name] = words.COMPILER_FAILED(error=type(error).__name__)
            del built[name]
        spent += time.perf_counter() - begun
    return spent


def _together(found: dict[Cell, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(found, names=CELL).reset_index(CELL).reset_index(drop=True)


def region(
    like: Subject, plan: Plan, device: torch.device, timer: Timer, say: Say = lambda share, words: None
) -> pd.DataFrame:
    """As `forms`, of the blocks of a subject at many widths and batch sizes, with a `verdict` on each cell.

    Cells get half the repeats: they are many.
    """
    made = [synthetic(width, like.network, like.parallel.width) for width in plan.widths]
    subjects = list({subject.parallel.width: subject for subject in made}.values())
    coarse = replace(plan, batches=REGION_BATCHES, repeats=max(2, plan.repeats // 2), compiled=False)
    return judged(measure(subjects, coarse, device, timer, say)["forms"])


def pairs(names: Iterable[str], against: str) -> Iterator[tuple[str, str]]:
    """Which call of a cell is held against which: forms against their sequential one, arms against the arm `against`.

    >>> list(pairs(["cross", "sequential", "parallel", "arm b", "arm a"], "a"))
    [('parallel', 'sequential'), ('arm b', 'arm a')]
    """
    names = list(names)
    for name in names:
        family = next((start for start in FAMILIES if name.startswith(start)), "")
        form = name.removeprefix(family)
        other = f"arm {against}" if family == "arm " else f"{family}sequential"
        if name != other and other in names and (family == "arm " or form in SIDE_BY_SIDE):
            yield name, other
