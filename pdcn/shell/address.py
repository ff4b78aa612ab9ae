"""The address as the whole state of a page: the run on show, and all that was chosen there.

Every widget that changes what a page shows is bound to the address under its own key, and stands there unless it is on
its default. A page lists its keys.

The browser's history has one entry a page, and Back and Forward restore it. A change of a widget that is bound to the
address replaces the entry, as Streamlit does it. What Streamlit 1.67 does besides would lose it. It adds an entry
whenever the server writes the address, so that Back seems to do nothing. When a page is left, the server drops that
page's parameters, and tells the browser before the new page has its own entry: the entry of the old page loses all that
was chosen there. And the links of the menu carry no parameter, so that one opened in a new tab shows another run. The
script below mends the three. Where it does not run, the pages work all the same; Back then takes more presses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pdcn.dials import dials
from pdcn.shell import words as say

PARAMETER = "run"
"""The run on show, in the address of every page."""
CARRIED = (PARAMETER, "hide", "lesson", "step")
"""Parameters that every page keeps, and hands on: the run, what is hidden, and how far a lesson is."""
GUESS = "guess-"
"""Beginning of further ones: what was guessed, by lesson and step."""
SHARED = (*CARRIED, "inside_left", "inside_right", "class_hide")
"""Parameters of several pages: those, the arms beside each other, and what a class is not to see."""
KEPT_OVER_PAGES = "carried"
"""Where a session keeps what its pages hand on."""
OF_STREAMLIT = ("embed", "embed_options")
LONGEST = 40
"""Letters that are shown of what a link says."""
SCRIPT = """
<script>
(() => {
  if (window.oneEntryAPage) return;
  window.oneEntryAPage = true;
  const PATIENCE = 10000;  // milliseconds; a page that does not come must not freeze the address
  const push = history.pushState.bind(history);
  const run = (address) => new URL(address, location.href).searchParams.get("run");
  const menuLink = (event) => event.target.closest?.(
    "[data-testid^=stTopNav] a, a[data-testid^=stTopNav], [data-testid^=stSidebarNav] a, [data-testid^=stPageLink] a"
  );
  let left = 0;  // when a link to another page was clicked
  history.pushState = (state, title, address) => {
    const there = new URL(address, location.href);
    if (there.pathname !== location.pathname) {
      left = 0;
      push(state, title, address);
    } else if (performance.now() - left < PATIENCE && left) {
      return;  // it says what is left of the page that is being left
    } else if (location.pathname.endsWith("/compare") && run(location.href) && run(location.href) !== run(address)) {
      push(state, title, address);  // a new run, on the page where runs are started
    } else {
      history.replaceState(state, title, address);
    }
  };
  addEventListener("popstate", () => { left = 0; });
  addEventListener("click", (event) => {
    const link = menuLink(event);
    if (link && new URL(link.href).pathname !== location.pathname) left = performance.now();
  }, true);
  const handed = (name) => ["hide", "lesson", "step"].includes(name) || name.startsWith("guess-");
  const handOn = (event) => {  // before the link is copied, or opened in a tab of its own
    const link = menuLink(event);
    if (!link) return;
    const there = new URL(link.href);
    const own = there.searchParams.has("run") && link.closest("[data-testid^=stPageLink]");
    if (run(location.href) && !own) there.searchParams.set("run", run(location.href));
    for (const [name, value] of new URL(location.href).searchParams)
      if (handed(name) && !there.searchParams.has(name)) there.searchParams.set(name, value);
    if (link.href !== there.href) link.href = there.href;
  };
  for (const kind of ["pointerover", "pointerdown", "focusin"]) addEventListener(kind, handOn, true);
})();
</script>
"""


def one_entry_a_page() -> None:
    """Put the script on the page; it counts from then on, on every page."""
    st.html(SCRIPT, unsafe_allow_javascript=True)


def carry() -> None:
    """Hand on from page to page what is hidden and how far a lesson is: the address of every page says it.

    A link of the menu does not say it, so the session does. Back and Forward do, and count.
    """
    context = get_script_run_ctx()
    said = {name: st.query_params[name] for name in st.query_params if carried(name)}
    if context is not None and context.is_history_navigation:
        st.session_state[KEPT_OVER_PAGES] = said
        return
    kept = st.session_state.setdefault(KEPT_OVER_PAGES, {})
    kept.update(said)
    for name in kept.keys() - said.keys():
        st.query_params[name] = kept[name]


def carried(name: str) -> bool:
    """Whether pages hand this parameter on, beside the run, which has ways of its own.

    >>> [carried(name) for name in ("lesson", "guess-cross-2", "hide", "run", "epochs")]
    [True, True, True, False, False]
    """
    return name in CARRIED[1:] or name.startswith(GUESS)


def put(**parameters: str | None) -> None:
    """Let the address of every page say this from now on; None takes a parameter out of it."""
    kept = st.session_state.setdefault(KEPT_OVER_PAGES, {})
    for name, value in parameters.items():
        if value is None:
            kept.pop(name, None)
            st.query_params.pop(name, None)
        else:
            kept[name] = st.query_params[name] = value


def unknown(names: Iterable[str], of_pages: Collection[str]) -> list[str]:
    """Those of an address's parameters that neither a dial nor a page knows, whose keys are `of_pages`.

    >>> unknown(["run", "epochs", "walk", "hand-12-hour", "epoch"], ["walk", "hand-"])
    ['epoch']
    """
    known = {*SHARED, *of_pages, *OF_STREAMLIT, *(dial.key for dial in dials())}
    beginnings = (GUESS, *(key for key in of_pages if key.endswith(("_", "-"))))
    return [name for name in names if name not in known and not name.startswith(beginnings)]


def say_unknown(of_pages: Collection[str]) -> None:
    """A warning of what the address asks for that neither a dial nor a page knows, for as long as it does."""
    names = unknown(st.query_params, of_pages)
    if names:
        st.warning(say.UNKNOWN(names=as_code(names)), icon=":material/link_off:")


def as_code(names: Iterable[str]) -> str:
    """The first ten names, as code, so that nobody's link can put a picture or another link on the page."""
    return ", ".join(f"`{' '.join(name.replace('`', '').split())[:LONGEST]}`" for name in islice(names, 10))


def keep(key: str, default: Any, options: Collection[Any] | None = None) -> None:
    """Let a widget keep its value, and the address say it, where its default is another than before.

    To be called before the widget is drawn: an address without the parameter would mean the new default. A value that
    is not among the options any more gives way to the default.
    """
    before = st.session_state.get(f"{key}-default", default)
    st.session_state[f"{key}-default"] = default
    if key in st.session_state:
        value = st.session_state[key]
        if options is not None and value not in options:
            st.session_state[key] = default
        elif before != default:
            st.session_state[key] = value  # Streamlit then compares the address with it


def standing(key: str, default: Any) -> Any:
    """Where a bound widget stands that is drawn further down; as text where the address alone says it."""
    context = get_script_run_ctx()
    if key not in st.session_state or (context is not None and context.is_history_navigation):
        return st.query_params.get(key, default)
    return st.session_state[key]
