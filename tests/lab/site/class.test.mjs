import assert from "node:assert/strict";
import test from "node:test";
import { readCode, readLines, writeCode } from "../../../sim/lab/site/model/codes.js";
import { finished, ranked } from "../../../sim/lab/site/model/leaderboard.js";

const GAME = { kind: "game", about: "", story: "denim_alliance", seed: 100, seeds: 28 };
const ACTIVITY = { kind: "activity", about: "hopes", story: "neutral", seed: 5, seeds: 1 };
const FIRST = { kind: "first", about: "connecting", story: "denim_alliance", seed: 12, seeds: 1 };
const DECISIONS = "00000p.t0000p.22222.12340.00000.0t000.00t00.000t0.0000t.11111";

test("an answer comes back from its code, in any case and with letters that look alike", () => {
  for (const [answer, round] of [[DECISIONS, GAME], ["same", ACTIVITY], ["0", FIRST], ["51", FIRST]]) {
    const code = writeCode(answer, round);

    assert.equal(readCode(code, round), answer);
    assert.equal(readCode(` ${code.toLowerCase().replaceAll("1", "l").replaceAll("0", "o").replaceAll("-", " ")}`, round), answer);
  }
  assert.equal(writeCode(DECISIONS, GAME).length, 29);
  assert.equal(writeCode("more", ACTIVITY).length, 3);
});

test("a wrong letter is found by the check letter, wherever it is", () => {
  const code = writeCode(DECISIONS, GAME).replaceAll("-", "");
  for (let k = 0; k < code.length; k++) {
    const other = code[k] === "7" ? "8" : "7";

    assert.equal(readCode(code.slice(0, k) + other + code.slice(k + 1), GAME), null);
  }
});

test("a code of another round, an unfinished game and other texts are not valid", () => {
  assert.equal(readCode(writeCode("more", ACTIVITY), { ...ACTIVITY, about: "capture" }), null);
  assert.equal(writeCode("00000.00000", GAME), "");
  for (const text of ["", "Z", "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ", "<b>"]) assert.equal(readCode(text, GAME), null);
});

test("a line that is not an answer says why", () => {
  const [code, game] = [writeCode("fewer", ACTIVITY), writeCode(DECISIONS, GAME)], wrong = code.slice(0, -1) + (code.endsWith("7") ? "8" : "7");
  const lines = readLines(`${code}\n\nAnna ${wrong}\nBen ${game}\nsomebody`, ACTIVITY);

  assert.deepEqual(lines.map(({ number, why }) => [number, why]), [[1, "nickname"], [3, "letters"], [4, "round"], [5, "none"]]);
  assert.deepEqual(readLines(game.replaceAll("-", " "), GAME).map(({ why }) => why), ["nickname"]);
  assert.deepEqual(readLines(`Anna ${code}`, GAME).map(({ why }) => why), ["round"]);
});

test("lines hold a nickname and a code", () => {
  const code = writeCode("fewer", ACTIVITY);

  assert.deepEqual(readLines(`Anna B ${code}\n\nBen: ${code[0]} ${code.slice(1)}\nnobody`, ACTIVITY).map(({ nickname, answer }) => [nickname, answer]), [["Anna B", "fewer"], ["Ben", "fewer"], ["", null]]);
});

test("a nickname that turns the text round, or hides a sign, is refused as in a roster", () => {
  const code = writeCode("fewer", ACTIVITY);

  assert.deepEqual(readLines(`\u202eAnna ${code}\nA\u200bnna ${code}\nAnna ${code}`, ACTIVITY).map(({ nickname, why }) => [nickname, why]), [["", "hidden"], ["", "hidden"], ["Anna", ""]]);
});

test("only ten half-years are a finished game", () => {
  assert.equal(finished(DECISIONS, 60)?.length, 10);
  assert.equal(finished(DECISIONS.slice(6), 60), null);
  assert.equal(finished(DECISIONS.replace("22222", "99999"), 60), null);
});

/** A player whose outcome with each seed is a base, and what chance adds. */
const player = (nickname, base, noise) => {
  const values = Float64Array.from({ length: 28 }, (_, k) => base + noise * Math.sin(k * 7.3 + base * 97));
  return { nickname, decisions: "", policy: "", scores: { members: { mean: values.reduce((a, b) => a + b) / 28, low: 0, high: 0, values } } };
};

test("players between whom the difference is not significant share a rank", () => {
  const table = ranked([player("low", 10, 0.5), player("a", 20, 3), player("b", 20.1, 3)], "members");

  assert.deepEqual(table.map(({ player: { nickname }, rank }) => [nickname, rank]).sort(), [["a", 1], ["b", 1], ["low", 3]]);
});

test("the same decisions under two nicknames share a rank", () => {
  const one = player("one", 20, 2);

  assert.deepEqual(ranked([one, { ...one, nickname: "two" }, player("three", 10, 1)], "members").map(({ rank }) => rank), [1, 1, 3]);
});
