// The card of one wiring: its name, size and loss, its network as a picture, and a weight that can be written by hand.

import { filled, lossText, option, weightNames } from "./controls.js";
import { along, nearest, placed } from "./layout.js";
import { LARGEST, typedWeight } from "./state.js";
import { paintNetwork } from "./view.js";

const REACH = 12; // pixels from a line within which a press chooses it

function element(kind, holds = {}) {
  return Object.assign(globalThis.document.createElement(kind), holds);
}

function labelledBy(text, input) {
  const label = element("label");
  label.append(element("span", { textContent: text }), input);
  return label;
}

// `edited(index, value)` hears of a weight that was written; value is undefined where it is no weight.
export function card(place, say, edited) {
  const wiring = place.dataset.wiring;
  const title = element("h2", { textContent: say.wirings[wiring] });
  const size = element("span");
  const loss = element("span", { className: "loss" });
  const head = element("div", { className: "head" });
  head.append(title, size, loss);
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  const list = element("select");
  const number = element("input", { type: "number", step: "0.1", min: -LARGEST, max: LARGEST });
  const edit = element("div", { className: "bar edit" });
  edit.dataset.control = "weights";
  edit.append(labelledBy(filled(say.weightOf, { wiring: say.wirings[wiring] }), list), labelledBy(say.value, number));
  place.append(head, canvas, edit);
  let net;
  let names = { features: [] };
  let layout;
  let chosen = false; // whether somebody chose the weight that the list shows

  const show = () => {
    number.value = String(Math.round(net.weights[Number(list.value)] * 10000) / 10000);
  };
  const paint = (points, losses, ink) => {
    layout = placed(net, canvas.clientWidth, canvas.clientHeight);
    paintNetwork(canvas, net, layout, points, names, chosen ? Number(list.value) : -1, ink);
    loss.textContent = filled(say.testLoss, { loss: lossText(losses.test, say) });
    if (number.getRootNode().activeElement !== number) show();
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
    const over = !edit.hidden && layout && nearest(layout.edges, event.offsetX, event.offsetY, REACH);
    canvas.style.cursor = over ? "pointer" : "";
  });
  const middle = (edge) => ({ index: edge.index, x: along(edge, 0.5)[0], y: along(edge, 0.5)[1] });
  return { use, paint, places: () => layout.edges.map(middle) };
}
