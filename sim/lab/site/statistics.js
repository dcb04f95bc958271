// @ts-check
/** Statistics of many runs: quantiles, and paired differences with their interval, as `sim.analysis.paired` gives them. */
import { addressOf } from "./files.js";
import { resamples } from "./statistics/random.js";
import { quantileTwoSided, twoSided } from "./statistics/student.js";

const FEW = 20, MANY = 10_000; // outside of these, Student's t: resampling is unstable, or gives the same
const RESAMPLES = 2000;
export const DECIDED = 0.05; // probability of one or more false verdicts among those shown together

/** @param {ArrayLike<number>} values */
export function mean(values) { return sum(values) / values.length; }

/** Sum in pairs, as NumPy does, so that rounding is the same to the last digits. @param {ArrayLike<number>} values @param {number} [from] @param {number} [to] @returns {number} */
function sum(values, from = 0, to = values.length) {
  if (to - from > 128) { const middle = (from + to) >> 1; return sum(values, from, middle) + sum(values, middle, to); }
  let total = 0;
  for (let k = from; k < to; k++) total += values[k];
  return total;
}

/** The standard deviation, n - 1. @param {ArrayLike<number>} values */
export function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(sum(Float64Array.from(values, (v) => (v - middle) ** 2)) / (values.length - 1));
}

/** Quantiles between the sorted values, linear as `numpy.quantile`; NaN is left out. @param {ArrayLike<number>} values @param {number[]} shares */
export function quantiles(values, shares) {
  const sorted = Float64Array.from(values).filter((v) => !Number.isNaN(v)).sort(), last = sorted.length - 1;
  return shares.map((share) => {
    if (last < 0) return NaN;
    const at = share * last, k = Math.min(Math.floor(at), last), low = sorted[k], high = sorted[Math.min(k + 1, last)], part = at - k;
    return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
  });
}

/** Quantiles by month of a monthly outcome: a row for each share. @param {Float64Array} monthly @param {number} months @param {number} runs @param {number[]} shares */
export function bands(monthly, months, runs, shares) {
  const rows = shares.map(() => new Array(months).fill(NaN));
  for (let m = 0; m < months; m++) quantiles(monthly.subarray(m * runs, (m + 1) * runs), shares).forEach((value, k) => { rows[k][m] = value; });
  return rows;
}

/** @type {{ n: number, drawn: Uint8Array } | null} */
let kept = null;

/** Draw the resamples of n values beside the page, before they are needed. @param {number} n @returns {Promise<void>} */
export async function prepare(n) {
  if (kept?.n === n || n < FEW || n > MANY || typeof Worker === "undefined") return;
  await new Promise((resolve) => {
    const worker = newWorker();
    if (!worker) return void resolve(null);
    const finish = (/** @type {Uint8Array | null} */ found) => { worker.terminate(); if (found) kept = { n, drawn: found }; resolve(null); };
    worker.addEventListener("message", ({ data }) => finish(data));
    worker.addEventListener("error", () => finish(null)); // then they are drawn here
    worker.postMessage({ n, count: RESAMPLES });
  });
}

/** Some browsers allow none. */
function newWorker() {
  try { return new Worker(addressOf("resampler.js"), { type: "module" }); } catch { return null; }
}

/** @param {number} n */
function drawn(n) {
  if (kept?.n !== n) kept = { n, drawn: resamples(n, RESAMPLES) };
  return kept.drawn;
}

/** The interval of a mean by the studentised bootstrap. @param {ArrayLike<number>} values @param {number} [level] @returns {[number, number]} */
export function meanInterval(values, level = 0.95) {
  const n = values.length;
  if (n < 2) return [NaN, NaN];
  const middle = mean(values), spread = deviation(values), half = (quantileTwoSided(1 - level, n - 1) * spread) / Math.sqrt(n);
  if (n < FEW || n > MANY || spread === 0) return [middle - half, middle + half];
  const sorted = pivots(Float64Array.from(values, (v) => v - middle)).sort();
  const [low, high] = [0.5 - level / 2, 0.5 + level / 2].map((q) => sorted[Math.round(q * (RESAMPLES - 1))]);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [middle - half, middle + half];
  return [middle - (high * spread) / Math.sqrt(n), middle - (low * spread) / Math.sqrt(n)];
}

/** Mean over standard error of each resample; infinite where a resample has no spread. @param {Float64Array} centred */
function pivots(centred) {
  const n = centred.length, counts = drawn(n), found = new Float64Array(RESAMPLES), variance = deviation(centred) ** 2 * ((n - 1) / n);
  for (let r = 0; r < RESAMPLES; r++) {
    let first = 0, second = 0;
    for (let k = 0, at = r * n; k < n; k++, at++) {
      const times = counts[at];
      if (times) { const value = centred[k]; first += times * value; second += times * value * value; }
    }
    const average = first / n, error = Math.max(second / n - average * average, 0) / (n - 1);
    found[r] = error <= (1e-12 * variance) / n ? (average < 0 ? -Infinity : Infinity) : average / Math.sqrt(error);
  }
  return found;
}

/**
 * Compare one case with another, seed by seed: also in which shares of the pairs the other has more, as much, or less.
 * @param {ArrayLike<number>} other @param {ArrayLike<number>} base
 */
export function compare(other, base) {
  /** @type {number[]} */
  const gaps = [];
  for (let k = 0; k < other.length; k++) if (!Number.isNaN(other[k]) && !Number.isNaN(base[k])) gaps.push(other[k] - base[k]);
  const n = gaps.length, [low, high] = meanInterval(gaps), difference = n ? mean(gaps) : NaN;
  const share = (/** @type {(gap: number) => boolean} */ is) => (n ? gaps.filter(is).length / n : NaN);
  const more = share((gap) => gap > 0), equal = share((gap) => gap === 0), fewer = share((gap) => gap < 0);
  return { gaps, runs: n, difference, low, high, more, equal, fewer, p: pValue(gaps, difference) };
}

/** The p-value of the paired t-test. @param {number[]} gaps @param {number} difference */
export function pValue(gaps, difference) {
  if (gaps.length < 2) return NaN;
  const spread = deviation(gaps), largest = gaps.reduce((most, gap) => Math.max(most, Math.abs(gap)), 0);
  if (spread <= 1e-12 * largest) return largest > 0 ? 0 : 1;
  return twoSided(difference / (spread / Math.sqrt(gaps.length)), gaps.length - 1);
}

/** Holm-corrected p-values of comparisons that are shown together, in the same order. @param {number[]} p */
export function adjust(p) {
  const order = p.map((_, k) => k).filter((k) => !Number.isNaN(p[k])).sort((a, b) => p[a] - p[b]), adjusted = new Array(p.length).fill(NaN);
  let most = 0;
  order.forEach((k, rank) => { adjusted[k] = most = Math.max(most, Math.min(1, p[k] * (order.length - rank))); });
  return adjusted;
}

/** @param {number} difference @param {number} adjusted @returns {"higher" | "lower" | "undecided"} */
export function verdict(difference, adjusted) { return adjusted <= DECIDED ? (difference > 0 ? "higher" : "lower") : "undecided"; }
