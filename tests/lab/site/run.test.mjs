import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { differentFates, firstEffort, firstExit } from "../../../sim/lab/site/model/divergence.js";
import { judge } from "../../../sim/lab/site/model/results.js";
import { Run } from "../../../sim/lab/site/model/run.js";
import { monthSentence, who } from "../../../sim/lab/site/model/sentences.js";
import { Words } from "../../../sim/lab/site/ui/words.js";

const words = new Words("en", JSON.parse(readFileSync(new URL("../../../sim/lab/site/words/en.json", import.meta.url))));
const story = { members: [{ name: null, sector: "private", segment: 0 }, { name: null, sector: "private", segment: 0 }, { name: null, sector: "public", segment: -1 }] };
const month = (member, more = {}) => ({
  member, engagement: [0.8, 0.6, 0.7], needs_met: [1, 2, 3], captured: [1, 1, 1], contributed: [0, 0, 0], gained: [0, 0, 0], lost: [0, 0, 0], benefit: [0.5, 1, 1], aspiration: [2, 1, 1],
  run: { n_members: member.reduce((a, b) => a + b), budget: 4, effort_safeguard: 0, stock: 1, tension: 0.1, fund: 1, phase: 2 }, ...more,
});
const run = (events, months) => new Run({ months: months.length, members: 3, month: months, start: { member: [1, 1, 1], engagement: [0.8, 0.8, 0.8], aspiration: [1, 1, 1] }, events }, story, { grant: 24, budget: 4 });
const exit = { month: 2, kind: "exit frustrated", cause: "too little private value", member: 0, other: -1, amount: 1 };
const leak = { month: 1, kind: "leak", cause: "information reached rivals", member: 0, other: -1, amount: 6 };
const left = run([leak, exit], [month([1, 1, 1], { gained: [0, 6, 0] }), month([0, 1, 1])]), stayed = run([], [month([1, 1, 1]), month([1, 1, 1])]);

test("an exit says what the member expected, what it got, and that contacts had raised it", () => {
  assert.equal(monthSentence(words, left, 2), "Firm 1 leaves frustrated: it expected 2.0 of value a month and got 0.5, after contacts outside raised what it expects from 1.0.");
});

test("a leak names who lost; rivals are those in the same market who gained", () => {
  assert.deepEqual(left.leaks[0].rivals, [1]);
  assert.equal(monthSentence(words, left, 1), "Information of Firm 1 leaks to rivals and costs it 6.");
});

test("a quiet month says how many get what they expect", () => {
  assert.equal(monthSentence(words, stayed, 1), "A quiet month: 2 of 3 members get what they expect, or more.");
});

test("members of one sector are named together", () => {
  assert.equal(who(words, left, [0, 1]), "Firms 1 and 2");
  assert.equal(who(words, left, [0, 2]), "Firm 1 and Public body 1");
});

test("values between months lie between, and end when a member leaves", () => {
  assert.equal(left.isMember(0, 1), true);
  assert.equal(left.isMember(0, 2), false);
  assert.equal(left.left("frustrated", 2), 1);
  assert.ok(Math.abs(stayed.at("engagement", 1, 0.5) - 0.7) < 1e-12);
  assert.equal(left.nextExit(0), 2);
});

test("two runs: where they first differ, and who fares differently", () => {
  assert.deepEqual(firstExit(left, stayed), { month: 2, who: [0] });
  assert.deepEqual(differentFates(left, stayed).map(({ member }) => member), [0]);
  assert.equal(firstEffort(left, stayed), 0);
});

test("a prediction is close in the middle half of the runs, possible in nine in ten, and else outside", () => {
  assert.deepEqual([2, 3, 12, 13, 32, 33, 39, 40].map((n) => judge(n, [3, 13, 24, 32, 39])), ["outside", "possible", "possible", "close", "close", "possible", "possible", "outside"]);
});
