import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { adjust, bands, compare, meanInterval, quantiles, verdict } from "../../../sim/lab/site/statistics.js";
import { uniform } from "../../../sim/lab/site/statistics/random.js";

const known = JSON.parse(readFileSync(new URL("statistics.json", import.meta.url)));
const close = (expected, actual, what) => assert.ok(Math.abs(expected - actual) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${expected} is not ${actual}`);

test("random numbers are NumPy's", () => {
  const random = uniform(0);

  for (const expected of known.uniform) assert.equal(random(), expected);
});

for (const [k, one] of known.cases.entries()) {
  test(`case ${k}, ${one.base.length} pairs: quantiles, difference, interval and p are Python's`, () => {
    const found = compare(one.other, one.base);

    for (const name of ["difference", "low", "high", "p"]) close(one[name], found[name], name);
    close(one.better, found.more + found.equal / 2, "better");
    close(1, found.more + found.equal + found.fewer, "all pairs");
    quantiles(one.base, known.shares).forEach((value, q) => close(one.quantiles[q], value, `quantile ${q}`));
  });
}

test("most pairs can be equal: shares of more, as many and fewer are told apart", () => {
  const { more, equal, fewer } = compare([5, 5, 4, 5, 9, NaN], [5, 5, 5, 5, 8, 1]);

  assert.deepEqual([more, equal, fewer], [0.2, 0.6, 0.2]);
});

test("the interval of equal values, and of nearly equal ones, is Python's", () => {
  meanInterval(new Array(30).fill(1)).forEach((value, k) => close(known.same[k], value, "same"));
  meanInterval([...new Array(29).fill(0), 1]).forEach((value, k) => close(known.few[k], value, "few"));
});

test("bands leave out runs in which nobody is left, and are NaN where no run has anybody", () => {
  const rows = bands(Float64Array.from([1, 2, 3, NaN, 5, 5, NaN, NaN, NaN]), 3, 3, [0.5]);

  assert.deepEqual(rows, [[2, 5, NaN]]);
});

test("p-values are corrected by Holm, and a verdict follows", () => {
  assert.deepEqual(adjust([0.01, 0.04, NaN, 0.02]), [0.03, 0.04, NaN, 0.04]);
  assert.equal(verdict(1, 0.01), "higher");
  assert.equal(verdict(-1, 0.01), "lower");
  assert.equal(verdict(-1, 0.2), "undecided");
});
