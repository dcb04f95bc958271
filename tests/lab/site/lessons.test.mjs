// What a mark means is told where it first appears, one at a time, and once.
import assert from "node:assert/strict";
import test from "node:test";
import { learn, lessonAt, lessonsOf } from "../../../sim/lab/site/picture/lessons.js";
import { setAside, unseenIn } from "../../../sim/lab/site/model/game.js";

const row = { contributed: [0, 2], captured: [1, 0] };
const runOf = (more) => ({ months: 60, month: Array.from({ length: 60 }, () => row), exits: [], ties: [], introductions: [], help: [], leaks: [], spent: () => 0, whole: () => 0, effort: () => 0, ...more });

test("phrases stand one after another, each at a mark that is there, and not again once they were read", () => {
  const run = runOf({ exits: [{ month: 2, member: 5, mood: "satisfied" }, { month: 30, member: 6, mood: "satisfied" }], leaks: [{ month: 9, member: 3 }] });
  const lessons = lessonsOf(run);

  assert.deepEqual(lessons.map(({ mark, month, member }) => [mark, month, member]), [["given", 1, 1], ["gained", 6, 0], ["stock", 11, -1], ["satisfied", 30, 6]]); // no leak after the first phrases
  assert.equal(lessonAt(lessons, 6)?.mark, "gained");
  learn(lessons[0], 2);
  assert.equal(lessonsOf(run)[0].mark, "given"); // not yet read
  learn(lessons[0], 4);
  assert.equal(lessonsOf(run)[0].mark, "gained");
});

test("points that leave no mark in the picture are told with their reason", () => {
  const run = runOf({ effort: (name) => Number(name !== "match_inside"), leaks: [{ month: 7 }, { month: 13 }], introductions: [{ month: 8 }] });
  const points = { safeguard: 1, bundle: 0, inside: 2, outside: 1, help: 1 };

  assert.deepEqual(unseenIn(run, { points, pause: false }, 7).map(({ lever, why, n }) => [lever, why, n]), [["safeguard", "prevents", 1], ["inside", "nothing", 1], ["help", "help", 1]]);
});

test("what a decision set aside is a share of what a pause leaves of each month", () => {
  const run = runOf({ whole: (name, month) => (name === "budget" ? (month < 10 ? 12 : 6) : 0), effort: (name) => (name === "pause" ? 2 : 1), spent: () => 4 });
  const points = { safeguard: 3, bundle: 0, inside: 2, outside: 0, help: 0 };

  assert.deepEqual(setAside(run, { points, pause: true }, 7), { given: (3 * (2 + 5) + 3 * (2 + 2)) / 6, spent: 4 });
});
