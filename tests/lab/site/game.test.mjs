import assert from "node:assert/strict";
import test from "node:test";
import { effortOf, mayPause, nothing, readDecisions, writeDecisions } from "../../../sim/lab/site/model/game.js";

test("decisions come back from their text", () => {
  const text = "00000p.30201.0000t";

  assert.equal(writeDecisions(readDecisions(text, 10)), text);
});

test("reading stops at what is not allowed: too many points, a late pause, another sign", () => {
  assert.equal(readDecisions("99000", 10).length, 0);
  assert.equal(readDecisions("10000.10000p", 10).length, 1);
  assert.equal(readDecisions("10000.x0000", 10).length, 1);
  assert.equal(readDecisions("10000.10000.10000", 2).length, 2);
});

test("a pause may go on, but not begin later", () => {
  assert.equal(mayPause([]), true);
  assert.equal(mayPause([{ ...nothing(), pause: true }]), true);
  assert.equal(mayPause([nothing()]), false);
});

test("a decision is six months of shares of the budget", () => {
  const months = effortOf(readDecisions("50003p", 10));

  assert.equal(months.length, 6);
  assert.deepEqual(months[0], { safeguard: 0.5, bundle: 0, match_inside: 0, match_outside: 0, intervene: 0.3, pause: 1 });
});
