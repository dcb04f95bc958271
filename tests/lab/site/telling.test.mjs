// While a run plays, a sentence stays as long as it takes to read; and a file that does not come is told as such.
import assert from "node:assert/strict";
import test from "node:test";
import { NO_NETWORK, readFile } from "../../../sim/lab/site/files.js";
import { makeTelling } from "../../../sim/lab/site/ui/telling.js";

const words = { say: (key, { month } = {}) => (month ? `${key} ${month}` : key), label: (key, other) => other, list: (all) => all.join(" and "), has: () => false };
const runOf = (more) => ({ months: 60, size: 2, sectors: ["public", "private"], givenNames: ["A", "B"], leftAt: [Infinity, Infinity], joinedAt: [0, 0], exits: [], phases: [], shocks: [], leaks: [], ties: [], introductions: [], help: [], of: () => 0, membersAt: () => 2, ...more });
const told = (run, clock, months) => { const tell = makeTelling(words); return months.filter((month) => tell(run, month, clock) !== null); };

test("a sentence stays while it is read, until something of more weight happens", () => {
  const run = runOf({ phases: [{ month: 3, cause: "implementation" }, { month: 5, cause: "post-grant" }], leaks: [] });
  const months = [0, 1, 2, 3, 4, 5, 6, 7, 8];

  assert.deepEqual(told(run, { playing: true, pace: 2.5 }, months), [0, 3, 7]); // a turning point waits for another one
  assert.deepEqual(told(run, { playing: false, pace: 2.5 }, months), months); // one who steps sees every month
});

test("a run that is played again is told from its start", () => {
  const tell = makeTelling(words), clock = { playing: true, pace: 2 };
  tell(runOf(), 40, clock);

  assert.notEqual(tell(runOf(), 0, clock), null);
});

test("a file that the network does not bring is told in words of the page", async () => {
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));

  await assert.rejects(readFile("engine.json"), { message: NO_NETWORK });
});
