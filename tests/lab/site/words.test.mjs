import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { LANGUAGES, ownLanguage, Words } from "../../../sim/lab/site/ui/words.js";

const load = (language) => new Words(language, JSON.parse(readFileSync(new URL(`../../../sim/lab/site/words/${language}.json`, import.meta.url))));
const english = load("en"), dutch = load("nl"), german = load("de"), french = load("fr"), spanish = load("es");

test("plurals, numbers and lists follow the language", () => {
  assert.equal(english.say("gauge/months", { n: 1 }), "1 month");
  assert.equal(english.say("gauge/months", { n: 12 }), "12 months");
  assert.equal(english.say("explore/runs", { runs: 1000 }), "1,000 runs");
  assert.equal(dutch.say("explore/runs", { runs: 1000 }), "1.000 simulaties");
  assert.equal(dutch.say("gauge/spent", { spent: 2.25, budget: 4.5 }), "2,3 van 4,5");
  assert.equal(english.list(["a", "b", "c"]), "a, b and c");
  assert.equal(german.say("compare/interval", { runs: 1000, difference: -1.94, low: -2.5, high: 1 }),
    "Der mittlere Unterschied über 1.000 Paare von Durchläufen ist **−1,9** (95‑%‑Intervall −2,5 bis +1,0).");
  assert.equal(french.say("month/others", { n: 0 }), "0 autre");
  assert.equal(french.say("convene/left_now", { n: 2 }), "Ce qui s’est passé\u202f: 2 membres sont partis");
  assert.equal(french.say("explore/runs", { runs: 1000 }), "1\u202f000 simulations");
  assert.equal(spanish.say("explore/changed", { n: 1 }), "Es 1 más que antes de su último cambio.");
  assert.equal(spanish.list(["uno", "iglesia"]), "uno e iglesia");
});

test("every whole number finds its form in every language", () => {
  for (const language of Object.keys(LANGUAGES)) for (let n = 0; n <= 60; n++)
    assert.ok(["one", "other"].includes(load(language).plural.select(n)), `${language} ${n}`);
});

test("a noun within a sentence keeps its capital, and a sentence after a colon gets one, in German only", () => {
  assert.equal(german.inside("Interessen"), "Interessen");
  assert.equal(french.inside("Intérêts"), "intérêts");
  assert.equal(german.colon("A", german.after("es bleibt")), "A: Es bleibt");
  assert.equal(french.colon("A", french.after("il reste")), "A\u202f: il reste");
});

test("without a browser the language is English", () => assert.equal(ownLanguage(), "en"));

test("signs and shares", () => {
  assert.equal(english.number(-1.94, 1, true), "−1.9");
  assert.equal(english.number(0, 1, true), "0.0");
  assert.equal(english.percent(0.113), "11%");
});

test("a key that is not there is an error, and a label has another", () => {
  assert.throws(() => english.say("no/such"), /en words: there is no "no\/such"/);
  assert.equal(english.label("strategy/unknown/name", "from the model"), "from the model");
});
