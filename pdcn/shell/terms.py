"""Terms in prose: where one stands first on a page, its sentence and its picture are one hover away, or one press.

On the server each term becomes a link to nowhere, in words of the house alone: what people typed is never searched.
The script makes the first link of each term that is in sight a button with a tooltip, and all others plain text. So it
does not matter which part of a page is drawn first, again, or from memory.
"""

from __future__ import annotations

import json
import re
from functools import cache

import streamlit as st

from pdcn.glossary import DRAWN, TERMS, terms_in
from pdcn.shell.pictures import image
from pdcn.words import own_words

LINK = "#term-"
"""What the links of terms begin with."""
NO_PROSE = re.compile(r"`[^`]*`|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|“[^”]*”|https?://\S+")
"""What is no prose, though it stands in a sentence: code, formulas, links, quotations."""


def with_terms(text: str, *, whole: bool = False) -> str:
    """A text in Markdown whose terms are explained where they stand; with `whole`, also one that is no sentence.

    >>> from pdcn.words import Sentence
    >>> with_terms(Sentence("A seed, {name}, and `seed`.", name="x")(name="my seed"))
    'A [seed](#term-seed), my seed, and `seed`.'
    """
    own = [(0, len(text))] if whole else own_words(text)
    if not own:
        return text
    others = [found.span() for found in NO_PROSE.finditer(text)]
    met, parts, done = set[str](), [], 0
    for term, start, end in terms_in(text):
        ours = any(low <= start and end <= high for low, high in own)
        if ours and term not in met and not any(start < high and low < end for low, high in others):
            met.add(term)
            parts += [text[done:start], f"[{text[start:end]}]({LINK}{_slug(term)})"]
            done = end
    return "".join([*parts, text[done:]])


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
