"""python -m pdcn pipeline: the candidates of one run's towers, ranked again by another run's networks."""

from __future__ import annotations

import argparse
import json

from pdcn.cli import words as say
from pdcn.cli.inspect import folder_named
from pdcn.cli.parser import whole
from pdcn.cli.show import OUTPUT, bars, grid
from pdcn.words import chance, plural, span, spoken


def pipeline(options: argparse.Namespace) -> int:
    """Carry both stages out and print what each of them finds and takes."""
    candidates, events = whole("candidates", options.candidates, 100_000), whole("events", options.events, 1_000_000)
    first, second = folder_named(options.retrieval), folder_named(options.ranking)
    from pdcn.research.pipeline import FIRST_STAGE
    from pdcn.research.pipeline import pipeline as carried_out

    with bars() as shown:
        task = shown.add_task(say.STARTING, total=1.0)
        found = carried_out(
            *(first, second),
            arm=options.arm or "",
            candidates=candidates,
            events=events,
            tell=lambda share, words: shown.update(task, completed=share, description=words),
        )
    record = {"retrieval": first.run, "ranking": second.run, **found.record()}
    if options.json:
        print(json.dumps(record))
        return 0
    users, looked_at = found.measured.size(found.seeds)
    profile = first.profile or {}
    counts = {"candidates": f"{found.candidates:,}", "items": f"{profile.get('items', 0):,}"}
    OUTPUT.print(
        say.ABOUT_PIPELINE(
            title=profile.get("title", ""),
            **counts,
            events=f"{looked_at:,}",
            users=f"{users:,}",
            seeds=plural(len(found.seeds), "seed"),
        )
    )
    metrics = [*found.levels[FIRST_STAGE]]
    rows = [
        [
            say.RETRIEVED_WITH(arm=spoken(found.arm)) if stage == FIRST_STAGE else say.RERANKED_WITH(arm=spoken(stage)),
            *(f"{levels[name]:.4f}" for name in metrics),
            f"{found.times[stage]:,.0f}",
        ]
        for stage, levels in found.levels.items()
    ]
    grid([say.STAGE, *metrics, say.STAGE_TIME], rows, wraps=[say.STAGE])
    changes = [
        [
            say.RERANKED_WITH(arm=spoken(c.arm)),
            str(c.metric),
            c.metric.change(c.difference),
            span(c.low, c.high, c.metric.change) if c.seeds > 1 else "",
            chance(c.adjusted)[4:] if c.seeds > 1 else "",
            c.verdict,
        ]
        for c in found.comparisons
    ]
    heads = [say.STAGE, say.METRIC, say.DIFFERENCE, say.INTERVAL, say.CHANCE, say.VERDICT]
    grid(heads, changes, title=say.STAGE_CHANGES, names=2, wraps=[say.STAGE, say.VERDICT])
    OUTPUT.print(say.CEILING(share=f"{found.ceiling:.1%}"))
    return 0
