"""How many frames a second the playground trains and paints in headless Chromium.

    python tests/benchmarks/playground.py [--seconds 5] [--width 1440] [--brief]

Starts the app with a home of its own, presses Play on three playgrounds, and counts the frames in which both networks
were trained and painted. Prints one line for each. With `--brief` Chromium optimises no script, as in the tests,
which is what a much slower machine would show.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.driver import App, browser, still

STATES = {
    "as it opens": "",
    "fast": "speed-fast",
    "the largest, fast": "speed-fast_layers-3_width-8_features-x1-x2-sq1-sq2-sin1-sin2",
}
COUNT = """async (root, seconds) => {
  const [frames, steps, start] = [root.frames, root.playground.steps(), performance.now()];
  await new Promise(done => setTimeout(done, 1000 * seconds));
  const took = (performance.now() - start) / 1000;
  return [(root.frames - frames) / took, (root.playground.steps() - steps) / took];
}"""


def main() -> None:
    """Start the app, count, end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--brief", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        app = App(Path(home))
        app.start()
        try:
            with browser(brief=asked.brief) as chrome:
                for name, state in STATES.items():
                    page = chrome.new_page(viewport={"width": asked.width, "height": 900})
                    page.goto(f"{app.url}cross_lab?lab=play&play={state}")
                    root = page.locator(".playground")
                    root.get_by_role("button", name="Play").click(timeout=120_000)
                    still(page)
                    frames, steps = root.evaluate(COUNT, asked.seconds)
                    print(f"{name:<20}{frames:6.1f} frames/s {steps:8.0f} steps/s")
                    page.close()
        finally:
            app.stop()


if __name__ == "__main__":
    main()
