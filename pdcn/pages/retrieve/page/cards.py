"""A query and a ranked list in words, as HTML: every text escaped, colours from the page's theme."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np

from pdcn.pages.retrieve import words as say
from pdcn.sources.encoded_table import Table
from pdcn.sources.spoken import ItemWords, field_words
from pdcn.words import minus, rank_words

CSS = """
<style>
  .rt { font-size: 1rem; --soft: color-mix(in srgb, currentColor 74%, transparent);
        --line: color-mix(in srgb, currentColor 16%, transparent); }
  .rt-ask { font-size: 1.15em; font-weight: 600; line-height: 1.25; margin-bottom: 0.25em; }
  .rt-who { display: grid; grid-template-columns: max-content 1fr; gap: 0.1em 1em; font-size: 0.9em; line-height: 1.45;
            }
  .rt-who > div:nth-child(odd), .rt-who i, .rt small, .rt-luck, .rt-key { color: var(--soft); font-style: normal; }
  .rt-who b { font-weight: 600; }
  .rt-who span { white-space: nowrap; }
  .rt-who span:not(:last-child)::after { content: " ·"; color: var(--soft); }
  .rt-who .rt-set { background: color-mix(in srgb, #E69F00 30%, transparent); border-radius: 4px; padding: 0 0.25em; }
  .rt-was { margin-top: 0.3em; padding: 0.45em 0.8em; border-left: 5px solid #E69F00; font-size: 1em;
            line-height: 1.4;
            background: color-mix(in srgb, #E69F00 15%, transparent); border-radius: 0 6px 6px 0; }
  .rt small { font-size: 0.82em; }
  .rt-head { border-top: 5px solid var(--arm); padding-top: 0.3em; }
  .rt-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; }
  .rt-luck { flex-basis: 100%; }
  .rt-arm { font-size: 1.25em; font-weight: 650; line-height: 1.3; }
  .rt-place { font-size: 1.05em; }
  .rt-luck, .rt-key { font-size: 0.88em; }
  .rt-key b { color: inherit; font-weight: 650; }
  .rt table { width: 100%; table-layout: fixed; border-collapse: collapse; margin-top: 0; }
  .rt th { font-weight: 500; font-size: 0.78em; color: var(--soft); text-align: left; padding: 0.1em 0.4em; border: 0; }
  .rt td { padding: 0.05em 0.4em; border: 0; vertical-align: middle; line-height: 1.25; }
  .rt th, .rt td { border-bottom: 1px solid var(--line); }
  .rt .n { width: 3.4em; text-align: right; }
  .rt .m { width: 1.4em; padding: 0; text-align: center; color: var(--arm); }
  .rt .o { width: 6.4em; } .rt .s { width: 4.4em; }
  .rt .o, .rt .s { text-align: right; color: var(--soft); font-size: 0.85em; }
  .rt .name, .rt .more { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .rt .name { font-weight: 550; }
  .rt .more { font-size: 0.8em; color: var(--soft); }
  .rt tr.true td { background: color-mix(in srgb, #E69F00 26%, transparent); border: solid #E69F00;
            border-width: 2px 0; }
  .rt tr.true .name { font-weight: 750; }
  .rt tr.gap td { text-align: center; color: var(--soft); padding: 0; border: 0; line-height: 1; }
  .rt .tag { float: right; margin-left: 0.6em; padding: 0.08em 0.6em; border: 1px solid currentColor;
            border-radius: 99px;
             font-size: 0.72em; font-weight: 600; white-space: nowrap; }
  .rt-room { font-size: 1.35rem; }
  .rt-room .more, .rt-room .s, .rt-room small, .rt-room .rt-who > :nth-child(n + 5) { display: none; }
  @media (max-height: 800px) {
    .stApp:has(.rt-room) .st-key-neighbours { display: none; }
    .stApp:has(.rt-room) .stMain h1 { font-size: 1.3rem; }
    .stApp:has(.rt-room) .stMainBlockContainer > [data-testid="stVerticalBlock"] { gap: 0.4rem; }
  }
  @media (max-width: 640px) {
    .rt-who { grid-template-columns: 1fr; gap: 0; }
    .rt-who > div:nth-child(even) { margin-bottom: 0.4em; }
    .rt .s { display: none; }
    .rt-room { font-size: 1.15rem; }
  }
</style>
"""


def query_html(table: Table, steady: np.ndarray, changed: Iterable[int] = ()) -> str:
    """The one row of a table in words: who asks, what holds at that moment, and in numbers."""
    count, touched = len(table.fields) - len(table.numbers), set(changed)
    groups: dict[str, list[str]] = {name: [] for name in say.GROUPS.values()}
    who, moment, numbers = say.GROUPS.values()
    for at, (label, word) in enumerate(field_words(table, 0)):
        said = "" if word.startswith(label) else f"<i>{escape(label)}</i> "
        marked = ' class="rt-set"' if at in touched else ""
        group = who if steady[at] else moment if at < count else numbers
        groups[group].append(f"<span{marked}>{said}<b>{escape(word)}</b></span>")
    shown = [f"<div>{name}</div><div>{' '.join(parts)}</div>" for name, parts in groups.items() if parts]
    return f'<div class="rt-who">{"".join(shown)}</div>'


@dataclass(frozen=True)
class Line:
    """One line of a ranked list. `mark` says whether the other list has it: "both", "only" or "" for no other.

    `other` is its rank there, `tag` what else there is to say of it.
    """

    rank: float
    item: int
    score: float
    mark: str = ""
    other: float | None = None
    tag: str = ""
    true: bool = False
    after_gap: bool = False


MARKS = {"both": "○", "only": "●", "": ""}


def list_html(lines: list[Line], words: ItemWords, *, against: str = "") -> str:
    """A ranked list as a table; `against` names the other arm, whose rank stands beside."""
    other = f'<th class="o" scope="col">{escape(say.RANK_IN(arm=against))}</th>' if against else ""
    head = (
        f'<tr><th class="n" scope="col">{say.RANK}</th><th class="m"></th><th scope="col"></th>'
        f'{other}<th class="s" scope="col">{say.SCORE}</th></tr>'
    )
    rows = []
    for line in lines:
        if line.after_gap:
            rows.append('<tr class="gap"><td class="n">⋮</td></tr>')
        sign, meaning = MARKS[line.mark], say.MARKS[line.mark]
        features = words.features(line.item)
        there = "" if line.other is None else rank_words(line.other)
        rows.append(
            f'<tr{" class=true" if line.true else ""} title="{escape(words.full(line.item))}&#10;{escape(features)}">'
            f'<td class="n">{rank_words(line.rank)}</td><td class="m" title="{meaning}">{sign}</td>'
            f"<td>{line.tag and f'<span class=tag>{escape(line.tag)}</span>'}"
            f'<span class="name">{escape(words.name(line.item))}</span>'
            f'<span class="more">{escape(features)}</span></td>'
            + (f'<td class="o">{there}</td>' if against else "")
            + f'<td class="s">{minus(f"{line.score:.2f}")}</td></tr>'
        )
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
