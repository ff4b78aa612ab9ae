// All that a playground is, as one text of an address, and back: only what differs from the defaults is written.
//
// target-circle_features-x1-x2_steps-250_edit-120-parallel-7--1.5: a part a setting, its name before the first stroke.

import { FEATURES, network, TARGETS, WIRINGS } from "./network.js";

export const MOST_STEPS = 20000;
export const MOST_EDITS = 40;
export const LARGEST = 10; // of a weight that is written by hand, up or down
const LONGEST = 2000;

// What each setting can be; the first is the default.
export const CHOICES = {
  target: Object.keys(TARGETS),
  layers: [1, 2, 3],
  width: [6, 2, 3, 4, 5, 7, 8],
  noise: [0, 0.1, 0.3, 0.5],
  rate: [0.01, 0.001, 0.003, 0.03, 0.1],
  speed: ["steady", "slow", "fast"],
};
export const SEEDS = [1, 999];

export function defaults() {
  const first = Object.fromEntries(Object.entries(CHOICES).map(([name, [value]]) => [name, value]));
  return { ...first, features: ["x1", "x2"], seed: 1, steps: 0, edits: [] };
}

function whole(text, low, high) {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}

function edited(text, at) {
  const [, steps, wiring, index, number] = /^(\d{1,5})-([a-z]+)-(\d{1,3})-(-?\d{1,2}(?:\.\d{1,4})?)$/.exec(text) ?? [];
  const value = Number(number);
  if (!WIRINGS.includes(wiring) || Number(steps) > MOST_STEPS || Math.abs(value) > LARGEST) return undefined;
  return at < MOST_EDITS ? { at: Number(steps), wiring, index: Number(index), value } : undefined;
}

const READERS = {
  seed: (text) => whole(text, ...SEEDS),
  steps: (text) => whole(text, 0, MOST_STEPS),
  features: (text) => {
    const names = text.split("-");
    const known = names.every((name) => Object.hasOwn(FEATURES, name)) && new Set(names).size === names.length;
    return known ? Object.keys(FEATURES).filter((name) => names.includes(name)) : undefined;
  },
};

// What a text asks for, and the parts of it that mean nothing here.
export function parsed(text) {
  const state = defaults();
  const unused = [];
  for (const part of text.slice(0, LONGEST).split("_").filter(Boolean)) {
    const stroke = part.indexOf("-");
    const name = stroke < 0 ? part : part.slice(0, stroke);
    const said = stroke < 0 ? "" : part.slice(stroke + 1);
    let value;
    if (name === "edit") value = edited(said, state.edits.length);
    else if (Object.hasOwn(READERS, name)) value = READERS[name](said);
    else if (Object.hasOwn(CHOICES, name)) value = CHOICES[name].find((one) => String(one) === said);
    if (value === undefined) unused.push(part);
    else if (name === "edit") state.edits.push(value);
    else state[name] = value;
  }
  const sizes = Object.fromEntries(WIRINGS.map((wiring) => [wiring, network(wiring, state).weights.length]));
  const fits = (one) => one.at <= state.steps && one.index < sizes[one.wiring];
  unused.push(...state.edits.filter((one) => !fits(one)).map(writtenEdit));
  state.edits = state.edits.filter(fits);
  return { state, unused };
}

function writtenEdit({ at, wiring, index, value }) {
  return `edit-${at}-${wiring}-${index}-${value}`;
}

// The text that `parsed` reads as this state; nothing for the defaults.
export function written(state) {
  const usual = defaults();
  const parts = [...Object.keys(CHOICES), "seed", "steps"].filter((name) => state[name] !== usual[name]);
  const texts = parts.map((name) => `${name}-${state[name]}`);
  if (state.features.join() !== usual.features.join()) texts.push(`features-${state.features.join("-")}`);
  return [...texts, ...state.edits.map(writtenEdit)].join("_");
}

// A number that was typed for a weight, within bounds and as sharp as an address writes it; undefined where it is none.
export function typedWeight(text) {
  const value = Number(text.trim() === "" ? Number.NaN : text.trim().replace("−", "-"));
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST) return undefined;
  return Math.round(value * 10000) / 10000 + 0; // no minus before a zero
}
