import assert from "node:assert/strict";
import test from "node:test";
import { seedOf } from "../../../sim/lab/site/model/board.js";
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

test("the address of a game of a class names the seed that is played", () => {
  const state = { ...firstState(model), room: "convene", seed: 100, of: 28, nth: 5 };

  assert.equal(writeState(state, model), "#convene?v=2&seed=100&of=28&n=5");
  assert.deepEqual([read(writeState(state, model)).state, seedOf(state)], [state, 104]);
});

test("what an address does not say has its first value", () => {
  assert.deepEqual(read("").state, firstState(model));
  assert.equal(writeState(firstState(model), model), "#first?v=2");
});

test("what an address asks in vain is told, and is not used", () => {
  const { state, problems } = read("#watch?v=2&story=<script>&a=none&seed=-1&month=999&grant.months=1e9&d=%3Cb%3E");

  assert.deepEqual(problems, ["story=<script>", "a=none", "seed=-1", "month=999", "grant.months=1e9", "d=<b>"]);
  assert.deepEqual(state, { ...firstState(model), room: "watch" });
});

test("no address is too strange to be read", () => {
  const strange = ["__proto__", "constructor", "toString", "NaN", "Infinity", "-1e999", "", " ", "0x", "%E0%A4%A", "d\u0435nim_alliance", "\u202e<svg onload=alert(1)>", "9".repeat(1e5)];
  for (const key of ["story", "a", "b", "lang", "outcome", "seed", "month", "grant.months", "activity", "v", "d", "guess", "__proto__", "constructor"])
    for (const value of strange) {
      const { state, problems } = read(`#explore?${key}=${value}`);

      assert.deepEqual({ ...state, guess: "" }, { ...firstState(model), room: "explore" }, `${key}=${value}`);
      assert.ok(problems.every((text) => text.length <= 40 && !/\p{C}/u.test(text)));
    }
  const many = read(`#__proto__?${Array.from({ length: 1000 }, (_, k) => `x${k}=1`).join("&")}`);

  assert.equal(many.state.room, "first");
  assert.deepEqual(many.problems, ["__proto__", "x0", "x1", "x2", "x3", "x4", "…"]);
});

test("of a game's decisions those up to the first that is not valid are kept", () => {
  const { state, problems } = read("#convene?d=02303.99999.00000");

  assert.equal(state.decisions, "02303");
  assert.deepEqual(problems, ["d=02303.99999.00000"]);
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
