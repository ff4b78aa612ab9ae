"""The browser's history: one entry a page, and Back and Forward restore it.

A change of a widget that is bound to the address replaces the entry, as Streamlit does it. What Streamlit 1.67 does besides
would lose it. It adds an entry whenever the server writes the address, so that Back seems to do nothing.
When a page is left, the server drops that page's parameters, and tells the browser before the new page has its own
entry: the entry of the old page loses all that was chosen there. And the links of the menu carry no parameter, so
that one opened in a new tab shows another run. The script below mends the three. Where it does not run,
the pages work all the same; Back then takes more presses.
"""

from __future__ import annotations

import streamlit as st

PARAMETER = "run"
"""The run on show, in the address of every page."""
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
    } else if (location.pathname.endsWith("/") && run(location.href) && run(location.href) !== run(address)) {
      push(state, title, address);  // a new run on the first page, where runs are started
    } else {
      history.replaceState(state, title, address);
    }
  };
  addEventListener("popstate", () => { left = 0; });
  addEventListener("click", (event) => {
    const link = menuLink(event);
    if (link && new URL(link.href).pathname !== location.pathname) left = performance.now();
  }, true);
  const carryRun = (event) => {  // before the link is copied, or opened in a tab of its own
    const link = menuLink(event);
    if (!link || !run(location.href)) return;
    const there = new URL(link.href);
    if (there.searchParams.has("run") && link.closest("[data-testid^=stPageLink]")) return;
    there.searchParams.set("run", run(location.href));
    link.href = there.href;
  };
  for (const kind of ["pointerover", "focusin"]) addEventListener(kind, carryRun, true);
})();
</script>
"""


def one_entry_a_page() -> None:
    """Put the script on the page; it counts from then on, on every page."""
    st.html(SCRIPT, unsafe_allow_javascript=True)
