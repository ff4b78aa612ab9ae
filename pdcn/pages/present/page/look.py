"""How slides look: a stage of 1,280 by 720 pixels, whose lengths all grow with the screen (`pdcn.pages.present.keys`).

No transform and no zoom makes it larger: Streamlit would measure the place of a figure wrongly.
"""

from __future__ import annotations

from pdcn.pages.present.keys import scaled

STAGE = """
  .stApp:has(.st-key-stage) [data-testid=stHeader], .stApp:has(.st-key-stage) [data-testid=stSidebar],
  .stApp:has(.st-key-stage) [data-testid=stExpandSidebarButton] { display: none; }
  .stApp:has(.st-key-stage) .stMainBlockContainer { padding: 0; max-width: none; }
  .stApp:has(.st-key-stage) .stMainBlockContainer > [data-testid=stVerticalBlock] { gap: 0; }
  .stApp:has(.st-key-stage) [data-testid=stElementContainer]:has(> .stHtml style, > .stHtml script) { display: none; }
  .st-key-stage { position: relative; width: 1280px; height: 720px; flex: none; padding: 28px 56px 0;
                  margin: max(0px, calc((100vh - 720px) / 2)) auto 0; gap: 0; overflow: hidden; }
  [class*="st-key-slide-"] { height: 620px; flex: none; overflow-y: auto; gap: 10px; flex-wrap: nowrap; }
  .st-key-bar { position: absolute; left: 56px; right: 56px; bottom: 12px; width: auto; }
  .pr { font-size: 24px; line-height: 1.35; --soft: color-mix(in srgb, currentColor 78%, transparent); }
  .pr h1 { font-size: 38px; line-height: 1.2; font-weight: 700; padding: 0; margin: 0; text-wrap: balance; }
  .pr h1.long { font-size: 30px; }
  .pr p { margin: 8px 0 0; font-size: inherit; text-wrap: pretty; }
  .pr small { font-size: 22px; line-height: 1.3; color: var(--soft); display: block; margin-top: 6px; }
  .pr table { width: 100%; table-layout: fixed; border-collapse: collapse; }
  .pr th, .pr td { border: 0; padding: 2px 8px; text-align: left; line-height: 1.25; }
  .pr-list { border-top: 6px solid var(--arm); padding-top: 4px; }
  .pr-list h2 { font-size: 26px; line-height: 1.2; padding: 0; margin: 0 0 2px; }
  .pr-list td { font-size: 23px; padding: 2px 6px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
                border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
  .pr-list .n { width: 3.1em; text-align: right; }
  .pr-list .m { width: 1.2em; padding: 0; text-align: center; color: var(--arm); }
  .pr-list i { font-style: normal; font-size: 20px; font-weight: 400; color: var(--soft); }
  .pr-list b { float: right; margin-left: 8px; padding: 0 10px; border: 1px solid; border-radius: 99px; font-size: 20px;
               font-weight: 600; }
  .pr-list .true td { background: color-mix(in srgb, #E69F00 28%, transparent); font-weight: 700;
                      border-bottom: 2px solid #E69F00; }
  .pr-cost th { font-size: 24px; font-weight: 500; }
  .pr-cost thead th { font-weight: 700; border-bottom: 5px solid var(--arm, currentColor); }
  .pr-cost td { font-size: 44px; font-weight: 600; padding: 14px 8px; }
  .pr-cost tr { border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
  .pr.pr-decision h1 { font-size: 42px; }
  .pr-decision p { font-size: 26px; }
  .pr-decision small { font-size: 20px; margin-top: 4px; }
  .st-key-stage [data-testid=stPlotlyChart] { pointer-events: none; }
"""
NARROW = """
  @media (max-width: 699px) {
    .st-key-stage, [class*="st-key-slide-"] { width: auto; height: auto; overflow: visible; }
    .st-key-stage { position: static; padding: 16px; margin: 0; }
    .st-key-bar { position: static; }
    .pr h1, .pr h1.long, .pr.pr-decision h1 { font-size: 26px; }
    .pr { font-size: 18px; } .pr small { font-size: 16px; } .pr-cost td { font-size: 22px; }
  }
"""
CSS = f"<style>{scaled(STAGE)}{NARROW}</style>"
