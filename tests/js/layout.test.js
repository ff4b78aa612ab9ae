// Where units stand: on the canvas, apart, with one line for each weight that is no bias.

import assert from "node:assert/strict";
import { test } from "node:test";

import { weightNames } from "../../pdcn/pages/cross_lab/play/controls.js";
import { along, nearest, placed } from "../../pdcn/pages/cross_lab/play/layout.js";
import { FEATURES, network, WIRINGS } from "../../pdcn/pages/cross_lab/play/network.js";
import { defaults } from "../../pdcn/pages/cross_lab/play/state.js";

const ALL = Object.keys(FEATURES);
const SAY = {
  reads: "{to} reads {from}",
  bias: "{to}: bias",
  crossUnit: "cross {layer} {feature}",
  hiddenUnit: "hidden {unit}",
  output: "output",
};
const CASES = WIRINGS.flatMap((wiring) =>
  [1, 2, 3].flatMap((layers) => [1, 2, 6].flatMap((D) => [2, 8].map((width) => ({ wiring, layers, D, width }))))
);

for (const { wiring, layers, D, width } of CASES) {
  const net = network(wiring, { ...defaults(), layers, width, features: ALL.slice(0, D) });

  test(`${wiring}, ${layers} layers, ${D} features, ${width} units: all is on the canvas and apart`, () => {
    for (const wide of [360, 580]) {
      const { nodes, edges } = placed(net, wide, 256);
      for (const { x, y, size } of nodes) {
        assert.ok(x - size / 2 >= 0 && x + size / 2 <= wide && y - size / 2 >= 0 && y + size / 2 <= 257);
      }
      nodes.forEach((one, at) => {
        for (const other of nodes.slice(0, at)) {
          const room = (one.size + other.size) / 2;
          assert.ok(Math.abs(one.x - other.x) >= room || Math.abs(one.y - other.y) >= room);
        }
      });
      const biases = net.tensors.filter(({ kind }) => kind.endsWith("Bias"));
      const ofBiases = biases.flatMap(({ start, rows }) => Array.from({ length: rows }, (_, at) => start + at));
      const drawn = edges.map((edge) => edge.index);
      assert.deepEqual([...drawn, ...ofBiases].sort((a, b) => a - b), [...net.weights.keys()]);
    }
  });

  test(`${wiring}, ${layers} layers, ${D} features, ${width} units: each line is named for its ends`, () => {
    const names = weightNames(net, ALL.slice(0, D), SAY);
    assert.equal(names.length, net.weights.length);
    assert.equal(new Set(names).size, names.length);
    const called = ({ kind, layer, unit }) =>
      ({ feature: ALL[unit], cross: `cross ${layer} ${ALL[unit]}`, hidden: `hidden ${unit + 1}`, output: "output" })[
        kind
      ];
    for (const { from, to, index } of placed(net, 580, 256).edges) {
      assert.equal(names[index], `${called(to)} reads ${called(from)}`);
    }
  });
}

test("a press finds the line below it, and none where there is none", () => {
  const { edges } = placed(network("sequential", defaults()), 580, 256);
  const apart = edges.filter(({ to }) => to.kind === "output");
  for (const edge of apart) assert.equal(nearest(edges, ...along(edge, 0.2), 12).index, edge.index);
  assert.equal(nearest(edges, 2, 2, 12), undefined);
});
