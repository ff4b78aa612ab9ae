// The controls as elements of a page: filled from lists of texts, and the settings they stand for.

import { CHOICES, SEEDS } from "./state.js";
import { FEATURES } from "./network.js";

// A sentence with its gaps filled.
export function filled(sentence, known) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(known[name]));
}

// A loss as one writes it.
export function lossText(value, say) {
  if (!Number.isFinite(value)) return say.infinite;
  if (value < 0.00005) return say.tiny;
  if (value >= 0.0995) return value.toFixed(2);
  return value.toFixed(1 - Math.floor(Math.log10(Number(value.toPrecision(2)))));
}

export function option(value, text) {
  return Object.assign(globalThis.document.createElement("option"), { value: String(value), textContent: text });
}

const LISTS = Object.entries(CHOICES);

// As people read them: numbers rise. The default need not be the first.
function ordered(name, values) {
  if (name === "speed") return ["slow", "steady", "fast"];
  return name === "target" ? values : [...values].sort((one, other) => one - other);
}

// Fills every control with its name and what can be chosen; `changed(name, value)` hears of a choice.
// `explained(text)` hears of a term that somebody asked about.
export function builtControls(root, say, changed, explained) {
  const of = (name) => root.querySelector(`[data-control="${name}"]`);
  for (const name of ["play", "step", "reset"]) of(name).textContent = say[name];
  root.querySelector("summary").textContent = say.more;
  for (const [name, values] of LISTS) {
    of(name).querySelector("span").textContent = say.names[name];
    const list = of(name).querySelector("select");
    for (const value of ordered(name, values)) list.append(option(value, say.options[name]?.[value] ?? String(value)));
    list.addEventListener("change", () => changed(name, values.find((value) => String(value) === list.value)));
  }
  const seed = of("seed").querySelector("input");
  of("seed").querySelector("span").textContent = say.names.seed;
  Object.assign(seed, { min: SEEDS[0], max: SEEDS[1] });
  seed.addEventListener("change", () => {
    const value = Math.round(Number(seed.value));
    const fits = seed.value !== "" && value >= SEEDS[0] && value <= SEEDS[1];
    changed("seed", fits ? value : undefined);
  });
  builtFeatures(of("features"), say, changed);
  for (const [name, help] of Object.entries(say.help)) {
    const ask = Object.assign(globalThis.document.createElement("button"), { type: "button", textContent: "?" });
    ask.className = "help";
    ask.title = help;
    ask.setAttribute("aria-label", filled(say.ask, { name: say.names[name] }));
    ask.addEventListener("click", () => explained(help));
    (of(name).querySelector("legend") ?? of(name)).append(ask);
  }
}

function builtFeatures(place, say, changed) {
  place.querySelector("legend").textContent = say.names.features;
  place.setAttribute("aria-label", say.names.features);
  for (const name of Object.keys(FEATURES)) {
    const box = Object.assign(globalThis.document.createElement("input"), { type: "checkbox", value: name });
    const label = globalThis.document.createElement("label");
    label.append(box, say.options.features[name]);
    place.append(label);
    box.addEventListener("change", () => {
      const on = [...place.querySelectorAll("input:checked")].map((one) => one.value);
      changed("features", on.length > 0 ? on : undefined);
    });
  }
}

// Lets every control stand where the state says.
export function showControls(root, state, hide) {
  for (const [name] of LISTS) root.querySelector(`[data-control="${name}"] select`).value = String(state[name]);
  root.querySelector('[data-control="seed"] input').value = String(state.seed);
  for (const box of root.querySelectorAll("fieldset input")) box.checked = state.features.includes(box.value);
  for (const one of root.querySelectorAll("[data-control]")) one.hidden = hide.includes(one.dataset.control);
  root.querySelector(".more").hidden = [...root.querySelectorAll(".more [data-control]")].every((one) => one.hidden);
}

// The name of each weight of a network, in the order of its numbers.
export function weightNames(net, features, say) {
  const cross = (layer, at) => (layer === 0 ? features[at] : filled(say.crossUnit, { layer, feature: features[at] }));
  const hidden = (at) => filled(say.hiddenUnit, { unit: at + 1 });
  const parallel = net.wiring === "parallel";
  const headReads = (at) => (!parallel ? hidden(at) : at < net.D ? cross(net.L, at) : hidden(at - net.D));
  const namers = {
    cross: (layer, row, at) => filled(say.reads, { to: cross(layer, row), from: cross(layer - 1, at) }),
    crossBias: (layer, row) => filled(say.bias, { to: cross(layer, row) }),
    deep: (_, row, at) => filled(say.reads, { to: hidden(row), from: cross(parallel ? 0 : net.L, at) }),
    deepBias: (_, row) => filled(say.bias, { to: hidden(row) }),
    head: (_layer, _row, at) => filled(say.reads, { to: say.output, from: headReads(at) }),
    headBias: () => filled(say.bias, { to: say.output }),
  };
  return net.tensors.flatMap(({ kind, layer, rows, columns }) =>
    Array.from({ length: rows * columns }, (_, at) => namers[kind](layer, Math.floor(at / columns), at % columns))
  );
}
