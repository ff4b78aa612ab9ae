// The maths: gradients against differences, what a cross can do by itself, and the same twice.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  advance,
  edit,
  forward,
  game,
  hiddenUnits,
  lifted,
  loss,
  losses,
  network,
  nextBatch,
  POINTS,
  room,
  stream,
  TARGETS,
  train,
  WIRINGS,
} from "../../pdcn/pages/cross_lab/play/network.js";
import { defaults, parsed } from "../../pdcn/pages/cross_lab/play/state.js";

const SETTINGS = { ...defaults(), layers: 3, features: ["x1", "x2", "sin1"], width: 5 };

test("a gradient is what a small change of each weight does to the loss", () => {
  const playing = game(SETTINGS);
  const batch = playing.train.slice(0, 32);
  for (const wiring of WIRINGS) {
    const net = network(wiring, SETTINGS);
    const before = Float64Array.from(net.weights);
    train(net, batch, 0);
    const gradient = Float64Array.from(net.gradient);
    assert.deepEqual(net.weights, before);
    before.forEach((weight, at) => {
      const near = [1e-6, -1e-6].map((change) => {
        net.weights[at] = weight + change;
        return loss(net, batch);
      });
      net.weights[at] = weight;
      const slope = (near[0] - near[1]) / 2e-6;
      assert.ok(Math.abs(slope - gradient[at]) < 1e-6 * Math.max(1, Math.abs(slope)), `${wiring} ${at}`);
    });
  }
});

test("one cross layer of the parallel network is x1 x2 without any hidden unit", () => {
  const net = network("parallel", defaults());
  net.weights.fill(0);
  net.weights[1] = 1; // cross 1 x1 reads x2: x1 * x2 + x1
  net.weights[net.places.head] = 3; // the output reads it; less 3 x1 there is no way to take off but hidden units
  const made = room(net);
  assert.equal(forward(net, lifted(["x1", "x2"], 0.5, -0.5), made), 3 * (0.5 * -0.5 + 0.5));
  assert.deepEqual([...made.crosses], [0.5, -0.5, 0.25, -0.5]);
});

test("every target has mean 0 and variance 1 over the square", () => {
  const side = 200;
  for (const [name, target] of Object.entries(TARGETS)) {
    let [sum, squares] = [0, 0];
    for (let at = 0; at < side * side; at++) {
      const value = target((2 * ((at % side) + 0.5)) / side - 1, (2 * (Math.floor(at / side) + 0.5)) / side - 1);
      sum += value / side ** 2;
      squares += value ** 2 / side ** 2;
    }
    assert.ok(Math.abs(sum) < 1e-3 && Math.abs(squares - 1) < 1e-3, `${name}: ${sum}, ${squares}`);
  }
});

test("sizes are as near as whole hidden units allow, and rows of equal shape start equal", () => {
  for (let D = 1; D <= 6; D++) {
    const features = ["x1", "x2", "sq1", "sq2", "sin1", "sin2"].slice(0, D);
    const [one, other] = WIRINGS.map((wiring) => network(wiring, { ...defaults(), features, width: 6 }));
    assert.ok(Math.abs(one.weights.length - other.weights.length) <= 2);
    assert.equal(other.H, hiddenUnits("parallel", D, 6));
    const shared = one.places.deep + other.H * D; // crosses, and the hidden units that both have
    assert.deepEqual(one.weights.slice(0, shared), other.weights.slice(0, shared));
  }
});

test("a pass shows every point once", () => {
  const playing = game(defaults());
  const seen = Array.from({ length: POINTS / 32 }, () => nextBatch(playing)).flat();
  assert.equal(new Set(seen).size, POINTS);
  assert.equal(playing.order.length, 0);
});

test("the same settings and edits give the same weights, losses and curves", () => {
  const edits = [{ at: 40, wiring: "sequential", index: 3, value: -1.5 }];
  const [one, replayed] = [game(SETTINGS), game(SETTINGS)];
  while (one.steps < 40) advance(one);
  edit(one, edits[0]); // by hand
  while (one.steps < 90) advance(one);
  while (replayed.steps < 90) advance(replayed, edits); // from a link
  assert.deepEqual(replayed.nets, one.nets);
  assert.deepEqual(losses(replayed), losses(one));
  assert.deepEqual(replayed.records, one.records);
  const without = game(SETTINGS);
  while (without.steps < 90) advance(without);
  assert.notDeepEqual(without.nets.sequential.weights, one.nets.sequential.weights);
  assert.deepEqual(without.nets.parallel.weights, one.nets.parallel.weights);
});

test("records of the losses never become too many, and keep the first", () => {
  const playing = game({ ...parsed("rate-0.001").state });
  while (playing.steps < 5000) advance(playing);
  assert.ok(playing.records.length <= 401 && playing.records.length > 100);
  assert.equal(playing.records[0].steps, 0);
  assert.ok(playing.records.every(({ steps }) => steps % playing.every === 0));
});

test("streams of random numbers differ by name and lie in [0, 1)", () => {
  const [one, other] = [stream(1, "a"), stream(1, "b")];
  const found = Array.from({ length: 1000 }, one);
  assert.ok(found.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(found.reduce((sum, value) => sum + value) / 1000 - 0.5) < 0.05);
  assert.notEqual(found[0], other());
});
