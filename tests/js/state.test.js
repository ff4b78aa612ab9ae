// The text of an address: what is written is read again, and what means nothing is named and not used.

import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, lossText } from "../../pdcn/pages/cross_lab/play/controls.js";
import { CHOICES, defaults, MOST_EDITS, parsed, typedWeight, written } from "../../pdcn/pages/cross_lab/play/state.js";

test("the defaults are no text, and no text is the defaults", () => {
  assert.equal(written(defaults()), "");
  assert.deepEqual(parsed(""), { state: defaults(), unused: [] });
});

test("every choice comes back", () => {
  for (const [name, values] of Object.entries(CHOICES)) {
    for (const value of values) {
      const state = { ...defaults(), [name]: value };
      assert.deepEqual(parsed(written(state)), { state, unused: [] });
    }
  }
});

test("a whole state comes back", () => {
  const edits = [
    { at: 0, wiring: "parallel", index: 7, value: -1.5 },
    { at: 250, wiring: "sequential", index: 0, value: 0.1234 },
  ];
  const state = { ...defaults(), features: ["x1", "sq2"], seed: 999, steps: 250, edits };
  const text = "seed-999_steps-250_features-x1-sq2_edit-0-parallel-7--1.5_edit-250-sequential-0-0.1234";
  assert.equal(written(state), text);
  assert.deepEqual(parsed(text), { state, unused: [] });
  assert.match(text, /^[\w.*-]+$/); // nothing that an address would have to escape
});

test("features stand in one order whatever the text says", () => {
  assert.deepEqual(parsed("features-x2-x1").state.features, ["x1", "x2"]);
});

for (
  const part of [
    ..."layers-9 layers-1.0 width-06 seed-0 seed-1000 seed-1e2 steps-20001 steps--1 target-cube rate-1 noise-Infinity"
      .split(" "),
    ..."features-x1-x1 features- features-x9 toString-1 constructor __proto__ speed nothing-1 hasOwnProperty-1".split(
      " ",
    ),
    ..."edit-0-other-1-1 edit-0-parallel-1-11 edit-0-parallel-1-NaN edit-0-parallel-999-1 edit-5-parallel-1-1".split(
      " ",
    ),
  ]
) {
  test(`${part} is not used`, () => {
    const { state, unused } = parsed(part);
    assert.deepEqual(state, defaults());
    assert.deepEqual(unused, part.split("_").filter(Boolean));
  });
}

test("a link cannot ask for ever more edits", () => {
  const text = Array.from({ length: MOST_EDITS + 5 }, (_, at) => `edit-0-parallel-${at % 30}-1`).join("_");
  const { state, unused } = parsed(text);
  assert.equal(state.edits.length, MOST_EDITS);
  assert.equal(unused.length, 5);
});

test("weights are typed with either minus, within bounds", () => {
  assert.deepEqual(["1.5", "-0.25", "−2", " 10 ", "0.12345"].map(typedWeight), [1.5, -0.25, -2, 10, 0.1235]);
  assert.deepEqual(["", " ", "a", "11", "1e9", "Infinity", "NaN"].map(typedWeight), Array(7).fill(undefined));
});

test("a typed weight is what its link says", () => {
  for (const typed of ["1.5", "0.00001", "-0.00001", "9.99999", "-10"]) {
    const edits = [{ at: 0, wiring: "parallel", index: 0, value: typedWeight(typed) }];
    assert.deepEqual(parsed(written({ ...defaults(), edits })).state.edits, edits, typed);
  }
});

test("losses are written alike", () => {
  const say = { tiny: "tiny", infinite: "infinite" };
  const values = [1.234, 0.1, 0.0999, 0.0033, 0.00334, 0.00012, 0.00001, Number.NaN, Infinity];
  const texts = ["1.23", "0.10", "0.10", "0.0033", "0.0033", "0.00012", "tiny", "infinite", "infinite"];
  assert.deepEqual(values.map((value) => lossText(value, say)), texts);
});

test("gaps of a sentence are filled", () => {
  assert.equal(filled("{one} and {two}", { one: 1, two: "{one}" }), "1 and {one}");
});
