import assert from "node:assert/strict";
import test from "node:test";
import { Latest } from "../../../sim/lab/site/model/latest.js";

const soon = () => new Promise((resolve) => { setTimeout(resolve, 5); });

test("of those that wait only the latest is run", async () => {
  const latest = new Latest(), ran = [];
  const task = (name) => async () => { ran.push(name); await soon(); };
  const first = latest.run(task("one"));
  latest.run(task("two"));
  latest.run(task("three"));
  await first;

  assert.deepEqual(ran, ["one", "three"]);
});

test("an urgent one stops what runs", async () => {
  const latest = new Latest();
  let stopped = false;
  const first = latest.run(async (signal) => { await soon(); stopped = signal.aborted; });
  latest.run(async () => {}, true);
  await first;

  assert.equal(stopped, true);
});

test("an error does not stop what comes later", async () => {
  const latest = new Latest();
  await assert.rejects(latest.run(async () => { throw new Error("no"); }));
  let ran = false;
  await latest.run(async () => { ran = true; });

  assert.equal(ran, true);
});
