import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Words } from "../../../sim/lab/site/ui/words.js";

const load = (language) => new Words(language, JSON.parse(readFileSync(new URL(`../../../sim/lab/site/words/${language}.json`, import.meta.url))));
const english = load("en"), dutch = load("nl");

test("plurals, numbers and lists follow the language", () => {
  assert.equal(english.say("gauge/months", { n: 1 }), "1 month");
  assert.equal(english.say("gauge/months", { n: 12 }), "12 months");
  assert.equal(english.say("explore/runs", { runs: 1000 }), "1,000 runs");
  assert.equal(dutch.say("explore/runs", { runs: 1000 }), "1.000 simulaties");
  assert.equal(dutch.say("gauge/spent", { spent: 2.25, budget: 4.5 }), "2,3 van 4,5");
  assert.equal(english.list(["a", "b", "c"]), "a, b and c");
});

test("signs and shares", () => {
  assert.equal(english.number(-1.94, 1, true), "−1.9");
  assert.equal(english.number(0, 1, true), "0.0");
  assert.equal(english.percent(0.113), "11%");
});

test("a key that is not there is an error, and a label has another", () => {
  assert.throws(() => english.say("no/such"), /en words: there is no "no\/such"/);
  assert.equal(english.label("strategy/unknown/name", "from the model"), "from the model");
});
