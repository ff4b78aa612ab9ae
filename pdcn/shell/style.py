"""What the theme cannot say: tabular figures, and less air: above the first line, and all around on a small screen.

Streamlit 1.67 repaints an open page when the system turns light or dark, but not what the server drew for the other.
The script below presses R for whoever is there, so that the page runs once more. Plotly zooms a figure where a finger
swipes over it. Then nobody gets past it on a telephone, so a finger moves the page, unless it draws a selection; a tap
still answers, as the browser makes a click of it. On a narrow screen Streamlit 1.67 writes its menu as one list whose
groups stand between the list and its points (`ul > div > li`). Nobody who listens hears how many points there are. So
the script says that each group is a list of its own, with the name that stands above it.
"""

from __future__ import annotations

import streamlit as st

from pdcn.shell.terms import tell_terms

CSS = """
<style>
  .stApp { font-variant-numeric: tabular-nums; }
  .stMainBlockContainer { padding-top: 3.6rem; padding-bottom: 3rem; }
  [class*="st-key-unseen-"] { display: none; }
  .st-key-neighbours { margin-bottom: -0.2rem; }
  @media (min-width: 769px) and (max-width: 1200px), (min-width: 769px) and (max-height: 800px) {
    .stMainBlockContainer { padding: 3.7rem clamp(2rem, 4vw, 5rem) 2rem; }
    .stMainBlockContainer > [data-testid="stVerticalBlock"] { gap: 0.7rem; }
    .st-key-neighbours { margin-bottom: -0.1rem; }
  }
  .st-key-neighbours a { padding: 0.1rem 0.5rem; }
  .st-key-lead p { font-size: 1.2rem; line-height: 1.45; }
  .stApp [data-variant="segmented_control"][data-selected="true"] * { color: light-dark(#00527F, #7CC6F2); }
  .stApp [data-testid="stMultiSelectTagsContainer"] [data-tag] * { color: light-dark(#FFFFFF, #12171E); }
  .stApp [data-testid="stBaseButton-primary"] * { color: light-dark(#FFFFFF, #12171E); }
  .stApp [data-testid="stBaseButton-primary"]:disabled * { color: light-dark(#56616E, #A9B4C0); }
  .stApp [data-testid="stCaptionContainer"] { color: inherit; opacity: 0.78; }
  [data-testid="stExpandSidebarButton"]::after { content: "Settings"; font-size: 0.9rem; }
  @media (max-width: 768px) {
    [data-testid="stExpandSidebarButton"]::after { content: "Menu"; }
    .stApp:has(.stSidebar .stButton) [data-testid="stExpandSidebarButton"]::after { content: "Menu, Run and settings"; }
  }
  [class*="st-key-lesson-card-"] { padding: 0.5rem 1rem; }
  .st-key-lesson-line { border-left: 4px solid #0072B2; padding-left: 0.3rem; }
  .stMain h1 { font-size: 2rem; padding: 0 0 0.25rem; }
  .stMain h2 { font-size: 1.55rem; line-height: 1.3; padding: 0.3rem 0 0.2rem; }
  .stMain h3 { font-size: 1.25rem; line-height: 1.3; }
  .stSidebar [data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
  .stSidebar .stButton button, .stSidebar .stPopover button { padding-inline: 0.4rem; }
  .stSidebar [data-variant="segmented_control"] { padding-inline: 0.45rem; }
  .stMetric [data-testid="stMetricDelta"], .stMetric [data-testid="stMetricLabel"] * { white-space: normal; }
</style>
"""
SCRIPT = """
<script>
(() => {
  if (window.runsWhenDark) return;
  window.runsWhenDark = matchMedia("(prefers-color-scheme: dark)");
  const r = {key: "r", code: "KeyR", keyCode: 82, which: 82, bubbles: true};
  window.runsWhenDark.addEventListener("change", () => setTimeout(() => {  // once Streamlit knows it itself
    document.body.dispatchEvent(new KeyboardEvent("keydown", r));
    document.body.dispatchEvent(new KeyboardEvent("keyup", r));
  }, 100));
})();
(() => {
  if (window.swipesFigures) return;
  window.swipesFigures = true;
  document.addEventListener("touchstart", (event) => {
    const figure = event.target.closest?.(".draglayer")?.closest(".js-plotly-plot");
    const selects = ["lasso", "select"].includes(figure?._fullLayout?.dragmode);
    if (figure && !selects) event.stopPropagation();
  }, {capture: true, passive: true});
})();
(() => {
  if (window.namesMenu) return;
  window.namesMenu = () => {
    const menu = document.querySelector("ul[data-testid=stSidebarNavItems]"); // only a narrow screen has one
    for (const group of menu?.querySelectorAll(":scope > div:has(> li):not([role])") ?? []) {
      menu.setAttribute("role", "none");
      group.setAttribute("role", "list");
      const name = group.querySelector("[data-testid=stNavSectionHeader] p");
      if (name) group.setAttribute("aria-label", name.textContent);
    }
  };
  new MutationObserver(window.namesMenu).observe(document.body, {childList: true, subtree: true});
  window.namesMenu();
})();
</script>
"""


def style() -> None:
    """Put the style sheet on the page, and the script."""
    st.html(CSS)
    tell_terms()
    st.html(SCRIPT, unsafe_allow_javascript=True)
