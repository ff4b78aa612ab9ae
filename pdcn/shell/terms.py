"""Terms in prose: where one stands first on a page, its sentence and its picture are one hover away, or one press.

On the server each term becomes a link to nowhere, in words of the house alone: what people typed is never searched.
A sentence knows which words are its own; one that was joined to others or kept in a file is recognised by them.
The script makes the first link of each term that is in sight a button with a tooltip, and all others plain text. So it
does not matter which part of a page is drawn first, again, or from memory.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from string import Formatter

import streamlit as st

from pdcn.glossary import DRAWN, TERMS, terms_in
from pdcn.shell.pictures import image
from pdcn.words import SAID, Sentence, own_words

LINK = "#term-"
"""What the links of terms begin with."""
NO_PROSE = re.compile(r"`[^`]*`|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|“[^”]*”|https?://\S+")
"""What is no prose, though it stands in a sentence: code, formulas, links, quotations."""


OF_METRICS = {"metric", "measure", "size", "lost", "best"}
"""Gaps into which the name of a metric is filled, which is a word of the house."""
METRIC = re.compile(r"(?<!\w)recall@[\d,.]*\d")
NAME_OF_METRIC = 16
"""Letters that such a name may take before or after all other words of a sentence."""
FEWEST_WORDS = 4
"""Words that a sentence has at least to be recognised: a name that somebody gave has fewer words in common with one."""
WIDEST_GAP = 200
"""Letters that may be filled into a gap."""


def with_terms(text: str, *, whole: bool = False, but: str = "") -> str:
    """A text in Markdown whose terms are explained where they stand, but for one.

    With `whole`, also in a text that is no sentence.

    >>> from pdcn.words import Sentence
    >>> with_terms(Sentence("A seed, {name}, and `seed`.", name="x")(name="my seed"))
    'A [seed](#term-seed), my seed, and `seed`.'
    """
    own = [(0, len(text))] if whole else [*own_words(text), *_recognised(str(text), len(SAID))]
    if not own:
        return text
    others = [found.span() for found in NO_PROSE.finditer(text)]
    met, parts, done = {but}, [], 0
    for term, start, end in terms_in(text):
        ours = any(low <= start and end <= high for low, high in own)
        if ours and term not in met and not any(start < high and low < end for low, high in others):
            met.add(term)
            parts += [text[done:start], f"[{text[start:end]}]({LINK}{_slug(term)})"]
            done = end
    return "".join([*parts, text[done:]])


@lru_cache(4096)
def _recognised(text: str, _known: int) -> tuple[tuple[int, int], ...]:
    """Where a text repeats the words of whole sentences of the house, of all that are known so far.

    >>> said = Sentence("In a text, {what} is made of {metric} over all seeds.", what="this", metric="recall@5")
    >>> text = f"Runs: **{said(what='my seed', metric='recall@9')}**"
    >>> [text[start:end] for start, end in _recognised(text, len(SAID))]
    ['In a text, ', ' is made of ', ' over all seeds.', 'recall@9']
    >>> _recognised("In a text, seed is my name.", len(SAID))
    ()
    """
    if not terms_in(text):
        return ()
    small = text.lower()
    if len(small) != len(text):  # letters of few scripts become two
        return ()
    return tuple(span for said in _with_terms_in_them(_known) if said.longest in small for span in said.places(small))


@cache
def _with_terms_in_them(_known: int) -> list[_Pattern]:
    """Sentences of which a term can be recognised."""
    patterns = [_Pattern(said) for said in SAID.values() if terms_in(said) or not OF_METRICS.isdisjoint(said.gaps)]
    return [one for one in patterns if len("".join(one.parts).split()) >= FEWEST_WORDS]


class _Pattern:
    """The words of a sentence between its gaps, in small letters: what begins one may stand within another."""

    def __init__(self, said: Sentence) -> None:
        self.parts = [part.lower() for part, *_ in Formatter().parse(said) if part]
        self.longest = max(self.parts, key=len, default="")
        self.measured = not OF_METRICS.isdisjoint(said.gaps)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where a text has all parts in their order, and the names of measures that were filled in."""
        found, at, middle = list[tuple[int, int]](), -1, self.parts.index(self.longest)
        while (at := text.find(self.longest, at + 1)) >= 0:
            around = [(at, at + len(self.longest))]
            for part in self.parts[middle + 1 :]:
                end = around[-1][1]
                next_one = text.find(part, end, end + WIDEST_GAP + len(part))
                around.append((next_one, next_one + len(part)))
                if next_one < 0:
                    break
            for part in self.parts[:middle][::-1]:
                start = around[0][0]
                one_before = text.rfind(part, max(0, start - WIDEST_GAP - len(part)), max(0, start))
                around.insert(0, (one_before, one_before + len(part)))
                if one_before < 0:
                    break
            if min(start for start, _ in around) >= 0:
                found += around
                if self.measured:
                    low, high = around[0][0] - NAME_OF_METRIC, around[-1][1] + NAME_OF_METRIC
                    found += [one.span() for one in METRIC.finditer(text) if low <= one.start() and one.end() <= high]
        return found


def _slug(term: str) -> str:
    """A term as part of a link.

    >>> _slug("95% interval")
    '95-interval'
    """
    return re.sub(r"\W+", "-", term)


CSS = """
<style>
  .stApp a[href^="#term-"], .stApp a[data-term] { color: inherit; text-decoration: none; cursor: inherit; }
  .stApp a[data-term][role="button"] {
    cursor: help; text-decoration: underline dotted 1px; text-underline-offset: 0.22em;
  }
  .stApp a[data-term][role="button"]:focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; }
  #term-told {
    position: fixed; z-index: 1000002; box-sizing: border-box; width: 20rem; max-width: calc(100vw - 1rem);
    padding: 0.6rem 0.8rem; border-radius: 0.5rem; font-size: 0.9rem; line-height: 1.45;
    color: light-dark(#1B2430, #E6EAF0); background: light-dark(#FFFFFF, #1B2430);
    border: 1px solid light-dark(#C9D1DA, #46505C); box-shadow: 0 4px 16px rgba(0, 0, 0, 0.22);
  }
  #term-told[hidden] { display: none; }
  #term-told img { display: block; margin-top: 0.4rem; max-width: 100%; }
</style>
"""
SCRIPT = """
<script>
(() => {
  if (window.termsTold) return;
  const terms = window.termsTold = TERMS;
  const told = document.createElement("div");
  Object.assign(told, {id: "term-told", hidden: true});
  told.setAttribute("role", "tooltip");
  document.body.append(told);
  let shown = null, leaving = 0, waiting = false;

  function arranged() {  // the first of each term that is in sight can be pressed, all others are text
    waiting = false;
    const met = new Set();
    for (const one of document.querySelectorAll('a[href^="#term-"], a[data-term]')) {
      const link = one.getAttribute("href");
      if (link) {
        one.dataset.term = link.slice("#term-".length);
        one.removeAttribute("href");
      }
      const first = one.dataset.term in terms && !met.has(one.dataset.term) && one.checkVisibility();
      if (first) met.add(one.dataset.term);
      if (first === (one.getAttribute("role") === "button")) continue;
      if (first) {
        one.setAttribute("role", "button");
        one.tabIndex = 0;
      } else {
        one.removeAttribute("role");
        one.removeAttribute("tabindex");
      }
    }
    if (shown && !shown.isConnected) hide();
  }
  const soon = () => {
    if (!waiting) setTimeout(arranged, 150);
    waiting = true;
  };
  const watched = {childList: true, subtree: true, attributeFilter: ["href", "open"]};
  new MutationObserver(soon).observe(document.body, watched);
  document.addEventListener("toggle", soon, true);
  soon();

  const of = (event) => event.target.closest?.('a[data-term][role="button"]');
  function show(one) {
    clearTimeout(leaving);
    if (shown === one) return;
    hide();
    shown = one;
    const [said, picture, drawn] = terms[one.dataset.term];
    const image = Object.assign(new Image(), {src: picture, alt: drawn});
    told.replaceChildren(said, image);
    one.setAttribute("aria-describedby", told.id);
    told.style.colorScheme = getComputedStyle(document.querySelector(".stApp")).colorScheme;
    told.hidden = false;
    image.decode().catch(() => {}).then(() => shown === one && place(one));
    place(one);
  }
  function place(one) {
    const at = one.getClientRects()[0], own = told.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - own.width - 8));
    const below = at.bottom + 4 + own.height <= innerHeight || at.top < own.height + 4;
    told.style.left = `${left}px`;
    told.style.top = `${below ? at.bottom + 4 : at.top - own.height - 4}px`;
  }
  function hide() {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    told.hidden = true;
  }
  const leave = () => { leaving = setTimeout(hide, 200); };
  document.addEventListener("mouseover", (event) => {
    if (of(event)) show(of(event));
    else if (told.contains(event.target)) clearTimeout(leaving);
    else if (shown && shown !== document.activeElement) { clearTimeout(leaving); leave(); }
  });
  document.addEventListener("focusin", (event) => of(event) ? show(of(event)) : hide());
  document.addEventListener("focusout", leave);
  document.addEventListener("click", (event) => of(event) ? show(of(event)) : told.contains(event.target) || hide());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    else if ((event.key === "Enter" || event.key === " ") && of(event)) { event.preventDefault(); show(of(event)); }
  });
  document.addEventListener("scroll", hide, true);
})();
</script>
"""


@cache
def _script() -> str:
    told = {_slug(term): [TERMS[term], image(term), DRAWN[term]] for term in DRAWN}
    return SCRIPT.replace("TERMS", json.dumps(told), 1)


def tell_terms() -> None:
    """Put on the page what makes terms answer."""
    st.html(CSS)
    st.html(_script(), unsafe_allow_javascript=True)
