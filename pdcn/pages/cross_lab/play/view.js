// Painting: networks, the target and the curves of the losses, each on a canvas. Knows what to draw, not when.

import { forward, lifted, POINTS, room, TARGETS, WIRINGS } from "./network.js";

const GRID = 32; // points of a picture from side to side
const FULL = 2.5; // the value with the full colour on the large pictures
const SHOWN_POINTS = POINTS / 2;
const SHADES = 255;
const MIDDLE = 128;
const FLOOR = 5e-5; // the smallest loss on the axis
// Negative, zero, positive: purple to green, which no wiring has as its colour.
const SIGNED = {
  light: ["#762a83", "#f7f7f7", "#1b7837"],
  dark: ["#c9a0dc", "#252d38", "#74c98b"],
};

function mixed(one, other, share) {
  const part = (text, at) => Number.parseInt(text.slice(at, at + 2), 16);
  return [1, 3, 5].map((at) => Math.round(part(one, at) * (1 - share) + part(other, at) * share));
}

// Colours of the values from -1 to 1: each is the four bytes of a pixel as one number.
function shadesOf([low, zero, high]) {
  const bytes = new Uint8ClampedArray(4 * (SHADES + 1));
  for (let at = 0; at <= SHADES; at++) {
    const value = (2 * at) / SHADES - 1;
    bytes.set([...mixed(zero, value < 0 ? low : high, Math.abs(value)), 255], 4 * at);
  }
  return new Uint32Array(bytes.buffer);
}

const SHADED = {
  light: shadesOf(SIGNED.light),
  dark: shadesOf(SIGNED.dark),
};

// What a page looks like now: read from the theme, so that light and dark both fit.
export function inks(element) {
  const style = globalThis.getComputedStyle(element);
  const [red, green, blue] = style.backgroundColor.match(/[\d.]+/g);
  const dark = Number(red) + Number(green) + Number(blue) < 384;
  const theme = dark ? "dark" : "light";
  return { text: style.color, font: style.fontFamily, signed: SIGNED[theme], shades: SHADED[theme] };
}

// A canvas as sharp as the screen, cleared; its size in pixels of the page.
export function cleared(canvas) {
  const sharp = globalThis.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [wide, high] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// Points of the plane, row by row from the top: x1 to the right, x2 upwards; with their features.
export function plane(features) {
  const place = (at) => (2 * (at + 0.5)) / GRID - 1;
  return Array.from({ length: GRID * GRID }, (_, at) => {
    const [x1, x2] = [place(at % GRID), -place(Math.floor(at / GRID))];
    return { x1, x2, x0: lifted(features, x1, x2) };
  });
}

// The values over the plane of every unit of a network: crosses ((L + 1) D), hidden (H), output.
export function pictures(net, points) {
  const made = room(net);
  const blank = (count) => Array.from({ length: count }, () => new Float32Array(points.length));
  const { crosses, hidden } = made;
  const found = { crosses: blank(crosses.length), hidden: blank(hidden.length), output: blank(1)[0] };
  for (let at = 0; at < points.length; at++) {
    found.output[at] = forward(net, points[at].x0, made);
    for (let unit = 0; unit < crosses.length; unit++) found.crosses[unit][at] = crosses[unit];
    for (let unit = 0; unit < hidden.length; unit++) found.hidden[unit][at] = hidden[unit];
  }
  return found;
}

let stamp; // a small canvas that every picture passes through, and its pixels

function picture(pen, values, full, ink, x, y, size) {
  stamp ??= blankStamp();
  const { canvas, small, image, pixels } = stamp;
  const half = SHADES / 2;
  const scale = full > 0 ? half / full : 0; // 0 everywhere has the colour of 0, as what is no number has
  for (let at = 0; at < pixels.length; at++) {
    const shade = half + scale * values[at];
    pixels[at] = ink.shades[shade > SHADES ? SHADES : shade > 0 ? (shade + 0.5) | 0 : shade <= 0 ? 0 : MIDDLE];
  }
  small.putImageData(image, 0, 0);
  pen.drawImage(canvas, x, y, size, size);
  framed(pen, ink, x, y, size);
}

function blankStamp() {
  const canvas = Object.assign(globalThis.document.createElement("canvas"), { width: GRID, height: GRID });
  const small = canvas.getContext("2d", { willReadFrequently: true }); // in memory: its pixels are written each time
  const image = small.createImageData(GRID, GRID);
  return { canvas, small, image, pixels: new Uint32Array(image.data.buffer) };
}

function framed(pen, ink, x, y, size) {
  pen.strokeStyle = ink.text;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  pen.globalAlpha = 1;
}

function line(pen, { from, to }) {
  const [start, end] = [from.x + from.size / 2, to.x - to.size / 2];
  const middle = (start + end) / 2;
  pen.beginPath();
  pen.moveTo(start, from.y);
  pen.bezierCurveTo(middle, from.y, middle, to.y, end, to.y);
  pen.stroke();
}

// Lines as wide as their weights; negative ones are dashed.
function weights(pen, net, edges, chosen, ink) {
  for (const edge of edges) {
    const weight = net.weights[edge.index];
    const size = Math.min(1, Math.abs(weight) / 1.5);
    if (edge.index === chosen) {
      pen.strokeStyle = ink.text;
      pen.lineWidth = 5.5 * size + 5;
      pen.setLineDash([]);
      line(pen, edge);
    }
    pen.strokeStyle = weight < 0 ? ink.signed[0] : ink.signed[2];
    pen.globalAlpha = edge.index === chosen ? 1 : 0.35 + 0.6 * size;
    pen.lineWidth = 0.6 + 5.4 * size;
    pen.setLineDash(weight < 0 ? [6, 4] : []);
    line(pen, edge);
    pen.globalAlpha = 1;
  }
  pen.setLineDash([]);
}

// The pictures of a unit, and the value with its full colour: its own largest, but for the output.
function shownBy(node, net, found) {
  if (node.kind === "output") return [found.output, FULL];
  const values = node.kind === "hidden" ? found.hidden[node.unit] : found.crosses[node.layer * net.D + node.unit];
  let largest = 0;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at]);
    if (size > largest) largest = size;
  }
  return [values, largest];
}

// A network with all of its units as pictures.
export function paintNetwork(canvas, net, place, points, names, chosen, ink) {
  const { pen } = cleared(canvas);
  const found = pictures(net, points);
  weights(pen, net, place.edges, chosen, ink);
  for (const node of place.nodes) {
    const [values, full] = shownBy(node, net, found);
    picture(pen, values, full, ink, node.x - node.size / 2, node.y - node.size / 2, node.size);
  }
  pen.fillStyle = ink.text;
  pen.font = `13px ${ink.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const { kind, unit, x, y, size } of place.nodes) {
    if (kind === "feature") pen.fillText(names.features[unit], x - size / 2 - 5, y);
  }
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  for (const { kind, layer, x, y } of place.headings) pen.fillText(names.heading(kind, layer), x, y);
}

// The surface that both are to learn, and points of it that they learn from.
export function paintTarget(canvas, playing, points, ink) {
  const { pen, width, height } = cleared(canvas);
  const size = Math.min(width, height);
  const surface = TARGETS[playing.settings.target];
  picture(pen, points.map(({ x1, x2 }) => surface(x1, x2)), FULL, ink, 0, 0, size);
  for (const { x1, x2, target } of playing.train.slice(0, SHOWN_POINTS)) {
    pen.beginPath();
    pen.arc(((x1 + 1) / 2) * size, ((1 - x2) / 2) * size, 2.4, 0, 2 * Math.PI);
    pen.fillStyle = target < 0 ? ink.signed[0] : ink.signed[2];
    pen.fill();
    pen.strokeStyle = ink.signed[1];
    pen.lineWidth = 1;
    pen.stroke();
  }
}

const MARGIN = { left: 48, right: 148, top: 8, bottom: 20 };
const NAME = 15; // pixels from one name to the next

function grid(pen, x, y, steps, width, height, ink) {
  pen.font = `12px ${ink.font}`;
  pen.fillStyle = ink.text;
  pen.strokeStyle = ink.text;
  pen.lineWidth = 1;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const [value, text] of [[1, "1"], [0.1, "0.1"], [0.01, "0.01"], [0.001, "0.001"], [1e-4, "0.0001"]]) {
    pen.globalAlpha = 0.18;
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(value));
    pen.lineTo(width - MARGIN.right, y(value));
    pen.stroke();
    pen.globalAlpha = 1;
    pen.fillText(text, MARGIN.left - 5, y(value));
  }
  pen.textBaseline = "bottom";
  for (const share of [0, 0.5, 1]) {
    pen.textAlign = share === 0 ? "left" : share === 1 ? "right" : "center";
    pen.fillText(Math.round(share * steps).toLocaleString("en"), x(share * steps), height);
  }
}

// Names beside the ends of lines, each with a piece of its line; moved apart where they would meet.
function named(pen, ends, x, ink, low) {
  const sorted = [...ends].sort((one, other) => one.y - other.y);
  let above = -Infinity;
  for (const end of sorted) above = end.at = Math.max(end.y, above + NAME);
  const off = sorted.reduce((sum, end) => sum + end.at - end.y, 0) / sorted.length;
  const up = Math.max(above - low, Math.min(off, sorted[0].at - MARGIN.top));
  pen.fillStyle = ink.text;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const { at, text, stroke } of sorted) {
    stroke();
    pen.beginPath();
    pen.moveTo(x, at - up);
    pen.lineTo(x + 16, at - up);
    pen.stroke();
    pen.fillText(text, x + 21, at - up);
  }
}

// Losses over steps on a log axis: the test thick, the training thin; sequential dashed.
export function paintCurves(canvas, records, names, colours, ink) {
  const { pen, width, height } = cleared(canvas);
  const steps = Math.max(100, records.at(-1).steps);
  const x = (at) => MARGIN.left + ((width - MARGIN.left - MARGIN.right) * at) / steps;
  const high = height - MARGIN.top - MARGIN.bottom;
  const depth = (value) => Math.log10(4 / Math.min(4, Math.max(FLOOR, value))) / Math.log10(4 / FLOOR);
  const y = (value) => MARGIN.top + high * depth(value);
  grid(pen, x, y, steps, width, height, ink);
  const ends = [];
  for (const wiring of WIRINGS) {
    for (const part of ["train", "test"]) {
      const stroke = () => {
        pen.strokeStyle = colours[wiring];
        pen.lineWidth = part === "test" ? 2.6 : 1;
        pen.setLineDash(wiring === "sequential" ? [7, 3] : []);
      };
      stroke();
      pen.beginPath();
      for (const one of records) pen.lineTo(x(one.steps), y(one[wiring][part]));
      pen.stroke();
      ends.push({ y: y(records.at(-1)[wiring][part]), text: names.curve(wiring, part), stroke });
    }
  }
  named(pen, ends, x(records.at(-1).steps) + 6, ink, height - MARGIN.bottom);
  pen.setLineDash([]);
}
