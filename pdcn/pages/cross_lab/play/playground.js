// The playground: what it holds, when it trains and when it paints. Python hears of it when it pauses or is changed.

import { card } from "./card.js";
import { builtControls, filled, lossText, showControls } from "./controls.js";
import { advance, edit, game, losses, WIRINGS } from "./network.js";
import { MOST_EDITS, MOST_STEPS, parsed, written } from "./state.js";
import { inks, paintCurves, paintTarget, plane } from "./view.js";

const STEPS_A_FRAME = { slow: 1, steady: 4, fast: 16 };
const BUDGET = 20; // milliseconds of a frame for steps: on a slow machine it takes fewer, and still moves
const CALM = 500; // milliseconds between pictures where somebody asked for less motion
const SPOKEN = 250; // and between two changes of what is said, so that it can be read
const EVEN = 1.1; // test losses closer than this factor are about equal
const SHOWN = new WeakMap();

function playground(root, say) {
  const of = (selector) => root.querySelector(selector);
  const calm = globalThis.matchMedia("(prefers-reduced-motion: reduce)");
  const pending = []; // texts that Python was told and has not said back yet
  let tell = () => {};
  let hide = [];
  let heard; // the last text that Python said
  let state;
  let played;
  let points;
  let goal = 0; // steps that the link asks for
  let playing = false;
  let aimed = []; // what the target was painted of
  let frame = 0;
  let painted = -CALM;
  let spoken = -SPOKEN;

  const cards = Object.fromEntries(
    WIRINGS.map((wiring) => [
      wiring,
      card(of(`[data-wiring="${wiring}"]`), say, (index, value) => weight(wiring, index, value)),
    ]),
  );

  function notice(text) {
    of(".notice").textContent = text;
  }

  function report() {
    const text = written({ ...state, steps: played.steps });
    if (text === (pending.at(-1) ?? heard)) return;
    pending.push(text);
    tell(text);
  }

  function settle() {
    goal = played.steps;
    state.edits = state.edits.filter((one) => one.at <= goal);
  }

  function begin(steps) {
    played = game(state);
    goal = steps;
    for (const one of state.edits) if (one.at === 0) edit(played, one);
    points = plane(state.features);
    for (const wiring of WIRINGS) cards[wiring].use(played.nets[wiring], state.features);
    showControls(root, state, hide);
    painted = spoken = -CALM;
    wake();
  }

  function pause() {
    playing = false;
    settle();
    report();
    spoken = -SPOKEN;
    wake();
  }

  function weight(wiring, index, value) {
    wake();
    if (index === undefined) return;
    if (value === undefined) {
      notice(say.noWeight);
      return;
    }
    settle();
    state.edits = state.edits.filter((one) => one.at !== goal || one.wiring !== wiring || one.index !== index);
    if (state.edits.length >= MOST_EDITS) {
      notice(say.editsFull);
      return;
    }
    const one = { at: goal, wiring, index, value };
    state.edits.push(one);
    edit(played, one);
    notice("");
    spoken = -SPOKEN;
    report();
  }

  function changed(name, value) {
    if (value === undefined) {
      notice(say.wrong[name]);
      showControls(root, state, hide);
      return;
    }
    notice("");
    if (name === "speed") state.speed = value;
    else {
      state = { ...state, [name]: value, edits: [] };
      begin(0);
    }
    report();
  }

  function press(name) {
    notice("");
    if (name === "reset") {
      playing = false;
      state.edits = [];
      begin(0);
      report();
    } else if (name === "step") {
      playing = false;
      settle();
      step(played.steps + 1);
      pause();
    } else if (playing) pause();
    else {
      playing = true;
      wake();
    }
  }

  function step(until, budget = Infinity) {
    const last = performance.now() + budget;
    while (played.steps < Math.min(until, MOST_STEPS) && performance.now() < last) advance(played, state.edits);
  }

  function wake() {
    frame ||= globalThis.requestAnimationFrame(next);
  }

  function next(now) {
    frame = 0;
    if (!root.isConnected) return;
    if (played.steps < goal) step(goal, BUDGET);
    else if (playing) {
      step(played.steps + STEPS_A_FRAME[state.speed], BUDGET);
      goal = played.steps;
    }
    const found = losses(played);
    const lost = WIRINGS.some((wiring) => !Number.isFinite(found[wiring].train));
    if (playing && (lost || played.steps >= MOST_STEPS)) {
      notice(lost ? say.diverged : say.enough);
      pause();
    }
    const busy = playing || played.steps < goal;
    if (!busy || !calm.matches || now - painted >= CALM) {
      paint(found);
      painted = now;
    }
    if (!busy || now - spoken >= (calm.matches ? CALM : SPOKEN)) {
      speak(found);
      spoken = now;
    }
    root.frames = (root.frames ?? 0) + 1;
    if (busy) wake();
  }

  function paint(found) {
    const ink = inks(root);
    for (const wiring of WIRINGS) cards[wiring].paint(points, found[wiring], ink);
    const target = of(".target");
    const asked = [
      points,
      played.train,
      ink.text,
      target.clientWidth,
      target.clientHeight,
      globalThis.devicePixelRatio,
    ];
    if (asked.some((one, at) => one !== aimed[at])) paintTarget(target, played, points, ink);
    aimed = asked;
    const style = globalThis.getComputedStyle(root);
    const colours = Object.fromEntries(WIRINGS.map((wiring) => [wiring, style.getPropertyValue(`--${wiring}`)]));
    const names = { curve: (wiring, part) => say.curves[wiring][part] };
    const last = played.records.at(-1).steps === played.steps ? [] : [{ steps: played.steps, ...found }];
    paintCurves(of(".curves"), [...played.records, ...last], names, colours, ink);
    const replaying = !playing && played.steps < goal;
    of(".count").textContent = filled(replaying ? say.replaying : say.steps, { steps: played.steps, goal });
    of('[data-control="play"]').textContent = playing ? say.pause : say.play;
  }

  function speak(found) {
    const says = of(".says");
    says.setAttribute("aria-live", playing ? "off" : "polite");
    const [sequential, parallel] = WIRINGS.map((wiring) => found[wiring].test);
    const known = { steps: played.steps, sequential: lossText(sequential, say), parallel: lossText(parallel, say) };
    const reached = state.target === "third" && state.layers > 1;
    const ratio = sequential / parallel;
    const closer = ratio > EVEN ? "parallel" : ratio < 1 / EVEN ? "sequential" : "even";
    const text = `${played.steps ? filled(say.now[closer], known) : say.start} ${
      say.lookFor[reached ? "reached" : state.target]
    }`;
    if (says.textContent !== text) says.textContent = text;
    of(".curves").setAttribute("aria-label", filled(say.curvesPicture, known));
  }

  function hear(data) {
    hide = data.hide;
    const told = pending.indexOf(data.state);
    if (told >= 0) pending.splice(0, told + 1);
    if (told < 0 && data.state !== heard) {
      const { state: asked, unused } = parsed(data.state);
      state = asked;
      playing = false;
      notice(unused.length > 0 ? filled(say.unused, { parts: unused.join(", ").slice(0, 200) }) : "");
      begin(asked.steps);
    }
    heard = data.state;
    showControls(root, state, hide);
    wake();
  }

  builtControls(root, say, changed, notice);
  for (const name of ["play", "step", "reset"]) {
    of(`[data-control="${name}"]`).addEventListener("click", () => press(name));
  }
  // A tab that is left or closed pauses it, and the address says how far it is.
  const leaving = () => {
    if (!root.isConnected) globalThis.removeEventListener("visibilitychange", leaving, true);
    else if (playing) pause();
  };
  globalThis.addEventListener("visibilitychange", leaving, true);
  for (const name of ["target", "curves"]) of(`[data-caption="${name}"]`).textContent = say.captions[name];
  of(".target").setAttribute("aria-label", say.captions.target);
  of('[data-group="run"]').setAttribute("role", "group");
  of('[data-group="run"]').setAttribute("aria-label", say.controls);
  new globalThis.ResizeObserver(wake).observe(root);
  globalThis.matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => globalThis.setTimeout(wake, 300),
  );
  // For tests: what is on the canvases is no element that they could ask.
  root.playground = {
    weights: (wiring) => [...played.nets[wiring].weights],
    steps: () => played.steps,
    places: (wiring) => cards[wiring].places(),
  };
  return {
    update: (data, told) => {
      tell = told;
      hear(data);
    },
  };
}

// What Streamlit calls when the component is there, and again whenever its data or the theme change.
export default function mount({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".playground");
  if (!SHOWN.has(root)) SHOWN.set(root, playground(root, data.say));
  SHOWN.get(root).update(data, (text) => setStateValue("state", text));
}
