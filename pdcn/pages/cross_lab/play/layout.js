// Where the units of a network stand on a canvas, and which weight each line between two of them is. No DOM.

const HEADER = 24; // pixels for the names of the columns
const NAMES = 48; // and for those of the features, at the left
const LARGEST_UNIT = 44;
const LARGEST_OUTPUT = 150;

function column(kind, layer, count, x, top, pitch, size) {
  return Array.from({ length: count }, (_, unit) => ({ kind, layer, unit, x, y: top + pitch * (unit + 0.5), size }));
}

// A matrix [to][from] of weights as lines between two columns.
function lines(start, from, to, columns = from.length, first = 0) {
  return to.flatMap((end, row) =>
    from.map((begin, at) => ({ from: begin, to: end, index: start + row * columns + first + at }))
  );
}

// Columns from left to right: the features, each cross layer, the hidden units, the output; side by side in parallel.
export function placed(net, width, height) {
  const { D, L, H, places } = net;
  const parallel = net.wiring === "parallel";
  const rows = parallel ? D + H + 0.7 : Math.max(D, H);
  const output = Math.min(LARGEST_OUTPUT, 0.24 * width, height - HEADER - 24);
  const columns = parallel ? L + 1 : L + 2;
  const room = (width - NAMES - output - 12) / columns;
  const pitch = Math.min((height - HEADER) / rows, LARGEST_UNIT + 14);
  const size = Math.max(10, Math.min(LARGEST_UNIT, pitch - 6, 0.6 * room));
  const middle = HEADER + (height - HEADER) / 2;
  const topOf = (count) => middle - (count * pitch) / 2;
  const x = (at) => NAMES + room * at + size / 2;
  const upper = parallel ? middle - (rows * pitch) / 2 : topOf(D);
  const lower = parallel ? upper + (D + 0.7) * pitch : topOf(H);
  const crosses = [column("feature", 0, D, x(0), topOf(D), pitch, size)];
  for (let layer = 1; layer <= L; layer++) crosses.push(column("cross", layer, D, x(layer), upper, pitch, size));
  const hidden = column("hidden", 0, H, x(parallel ? (L + 1) / 2 : L + 1), lower, pitch, size);
  const end = { kind: "output", layer: 0, unit: 0, x: width - output / 2 - 2, y: middle, size: output };
  const edges = crosses.slice(1).flatMap((to, at) => lines(at * (D * D + D), crosses[at], to));
  edges.push(...lines(places.deep, parallel ? crosses[0] : crosses[L], hidden));
  if (parallel) edges.push(...lines(places.head, crosses[L], [end]));
  edges.push(...lines(places.head, hidden, [end], H, parallel ? D : 0));
  return { nodes: [...crosses.flat(), ...hidden, end], edges, headings: headed(crosses, hidden, end, parallel) };
}

// The columns that have a name above their first unit.
function headed(crosses, hidden, end, parallel) {
  const above = ([first]) => ({ kind: first.kind, layer: first.layer, x: first.x, y: first.y - first.size / 2 - 5 });
  const found = [...crosses.map(above), above([end])];
  return parallel ? [...found, above(hidden)] : [...found.slice(0, -1), above(hidden), found.at(-1)];
}

// A point of the curve of a line, which leaves and arrives level; `share` runs from 0 to 1.
export function along({ from, to }, share) {
  const [start, end] = [from.x + from.size / 2, to.x - to.size / 2];
  const across = 1.5 * share * (1 - share) + share ** 3; // the Bezier curve with both handles halfway
  return [start + (end - start) * across, from.y + (to.y - from.y) * share * share * (3 - 2 * share)];
}

// The line nearest to a point, if it is within reach.
export function nearest(edges, x, y, reach) {
  let found;
  let least = reach;
  for (const edge of edges) {
    for (let at = 0; at <= 24; at++) {
      const [px, py] = along(edge, at / 24);
      const distance = Math.hypot(px - x, py - y);
      if (distance < least) [least, found] = [distance, edge];
    }
  }
  return found;
}
