import assert from "node:assert/strict";
import test from "node:test";
import { firstState, onStep, readState, writeState } from "../../../sim/lab/site/state.js";

const model = {
  months: 60, digest: "0123456789abcdef",
  stories: [{ id: "denim_alliance", values: { "grant.months": 24 } }, { id: "neutral", values: { "grant.months": 24 } }],
  policies: ["neutral", "connecting", "safeguarding", "strategic_pause"].map((id) => ({ id })),
  sliders: [{ path: "grant.months", low: 0, high: 60, step: 6 }],
};
const read = (hash) => readState(hash, model, "en");

test("a state comes back from its address", () => {
  const state = { ...firstState(model), room: "watch", story: "neutral", a: "neutral", b: "safeguarding", seed: 99, month: 31, values: { "grant.months": 36 }, language: "nl" };

  assert.deepEqual(read(writeState(state, model)).state, state);
});

test("what an address does not say has its first value", () => {
  assert.deepEqual(read("").state, firstState(model));
  assert.equal(writeState(firstState(model), model), "#first?v=2");
});

test("an address is not trusted", () => {
  const { state, problems } = read("#watch?v=2&story=<script>&a=none&seed=-1&month=999&grant.months=1e9&d=%3Cb%3E&unknown=1");

  assert.deepEqual(problems, ["story=<script>", "a=none"]);
  assert.equal(state.seed, firstState(model).seed);
  assert.equal(state.month, 60);
  assert.deepEqual(state.values, { "grant.months": 60 });
  assert.equal(state.decisions, "");
});

test("a room or version that is not there is told", () => {
  assert.deepEqual(read("#attic?v=7").problems, ["attic", "v=7"]);
});

test("a number moves to the nearest step of its slider", () => {
  assert.equal(onStep(model.sliders[0], 16), 18);
  assert.equal(onStep({ low: 0, high: 0.4, step: 0.01 }, 0.29), 0.29);
});

test("a link to hand out names the version of the model", () => {
  assert.equal(read(writeState(firstState(model), model, true)).state.made, "01234567");
});
