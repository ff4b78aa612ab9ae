// The card of one wiring: its name, size and loss, its network as a picture, and a weight that can be written by hand.

import { filled, lossText, option, weightNames } from "./controls.js";
import { along, nearest, placed } from "./layout.js";
import { LARGEST, typedWeight } from "./state.js";
import { paintNetwork } from "./view.js";

const REACH = 12; // pixels from a line within which a press chooses it

function asWritten(value) {
  return String(Math.round(value * 10000) / 10000).replace("-", "−");
}

function element(kind, holds = {}) {
  return Object.assign(globalThis.document.createElement(kind), holds);
}

function labelledBy(text, input) {
  const label = element("label");
  label.append(element("span", { textContent: text }), input);
  return label;
}

// `edited(index, value)` hears of a weight that was written; value is undefined where it is no weight.
// Says only what is new: a page that plays does so every frame.
function put(place, name, value) {
  if (place[name] !== value) place[name] = value;
}

export function card(place, say, edited) {
  const wiring = place.dataset.wiring;
  const title = element("h2", { textContent: say.wirings[wiring] });
  const size = element("span");
  const loss = element("span", { className: "loss" });
  const head = element("div", { className: "head" });
  head.append(title, size, loss);
  const canvas = element("canvas");
  const line = element("p", { className: "line" });
  const list = element("select");
  const number = element("input", { type: "number", step: "0.1", min: -LARGEST, max: LARGEST });
  const edit = element("div", { className: "bar edit" });
  edit.dataset.control = "weights";
  edit.append(labelledBy(filled(say.weightOf, { wiring: say.wirings[wiring] }), list), labelledBy(say.value, number));
  place.append(head, canvas, line, edit);
  let net;
  let names = { features: [] };
  let layout;
  let laid = []; // for which network, width and height
  let over; // the line under the pointer
  let chosen = false; // whether somebody chose the weight that the list shows

  const last = () => list.options.length - 1;
  const told = (index) => filled(say.lineOf, { name: list.options[index].text, value: asWritten(net.weights[index]) });
  // A canvas of which the lines are gone through with arrow keys; a picture where weights are hidden.
  const role = () => {
    const here = { role: "slider", tabindex: "0", "aria-valuemin": 0, "aria-valuemax": last() };
    Object.assign(here, { "aria-valuenow": list.value, "aria-valuetext": told(Number(list.value)) });
    for (const [name, value] of Object.entries(edit.hidden ? { ...here, role: "img" } : here)) {
      if (edit.hidden && name !== "role") canvas.removeAttribute(name);
      else if (canvas.getAttribute(name) !== String(value)) canvas.setAttribute(name, value);
    }
    line.hidden = edit.hidden;
  };
  const show = () => {
    put(number, "value", String(Math.round(net.weights[Number(list.value)] * 10000) / 10000));
  };
  const paint = (points, losses, ink) => {
    const size = [net, canvas.clientWidth, canvas.clientHeight];
    if (size.some((one, at) => one !== laid[at])) layout = placed(...size);
    laid = size;
    paintNetwork(canvas, net, layout, points, names, chosen ? Number(list.value) : -1, ink);
    put(loss, "textContent", filled(say.testLoss, { loss: lossText(losses.test, say) }));
    if (number.getRootNode().activeElement !== number) show();
    role();
    put(line, "textContent", over || chosen ? told(over ? over.index : Number(list.value)) : say.press);
  };
  const use = (given, features) => {
    net = given;
    const before = Number(list.value);
    const labels = features.map((name) => say.options.features[name]);
    names = { features: labels, heading: (kind, layer) => filled(say.headings[kind], { layer }) };
    list.replaceChildren(...weightNames(net, labels, say).map((name, index) => option(index, name)));
    if (before < list.options.length) list.value = String(before);
    size.textContent = filled(say.sizes[wiring], { count: net.weights.length, hidden: net.H });
    canvas.setAttribute(
      "aria-label",
      filled(say.picture, { wiring: say.wirings[wiring], layers: net.L, hidden: net.H }),
    );
  };
  const choose = () => {
    chosen = true;
    show();
    edited();
  };
  for (const kind of ["focus", "change"]) list.addEventListener(kind, choose);
  number.addEventListener("focus", choose);
  number.addEventListener("change", () => edited(Number(list.value), typedWeight(number.value)));
  canvas.addEventListener("click", (event) => {
    if (edit.hidden) return;
    const edge = nearest(layout.edges, event.offsetX, event.offsetY, REACH);
    if (!edge) return;
    list.value = String(edge.index);
    number.focus();
    choose();
    number.select();
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = over;
    over = edit.hidden || !layout ? undefined : nearest(layout.edges, event.offsetX, event.offsetY, REACH);
    canvas.style.cursor = over ? "pointer" : "";
    if (over !== before) edited();
  });
  canvas.addEventListener("pointerleave", () => {
    over = undefined;
    edited();
  });
  canvas.addEventListener("focus", choose);
  canvas.addEventListener("keydown", (event) => {
    if (edit.hidden) return;
    const at = Number(list.value);
    const to = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: last(),
    }[event.key];
    if (event.key === "Enter") {
      number.focus();
      number.select();
    } else if (to === undefined) return;
    else {
      list.value = String(Math.min(last(), Math.max(0, to)));
      choose();
    }
    event.preventDefault();
  });
  const middle = (edge) => ({ index: edge.index, x: along(edge, 0.5)[0], y: along(edge, 0.5)[1] });
  return { use, paint, places: () => layout.edges.map(middle) };
}
