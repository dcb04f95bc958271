// @ts-check
/** What the charts show of many runs of one case. */
import { bands, mean, quantiles } from "../statistics.js";

export const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95];
export const [LOW, QUARTER, MEDIAN, THREE, HIGH] = [0, 1, 2, 3, 4];
const FATES = ["satisfied", "frustrated", "other"];

/**
 * @typedef {ReturnType<typeof resultsOf>} Results
 * @param {import("./source.js").Runs} runs @param {number} size members at the start @param {number} grant months @param {number} [all] members and those who may join later
 */
export function resultsOf(runs, size, grant, all = size) {
  const members = bands(runs.monthly.n_members, runs.months, runs.runs, SHARES).map((row) => [size, ...row]);
  const fates = Object.fromEntries(FATES.map((mood) => [mood, mean(runs.summary[`exits_${mood}`])]));
  return {
    runs: runs.runs, months: runs.months, size, all, grant, members, summary: runs.summary, present: runs.present, fates,
    stay: mean(runs.monthly.n_members.subarray((runs.months - 1) * runs.runs, runs.months * runs.runs)),
    private_value: quantiles(runs.summary.private_value, SHARES),
    society_value: quantiles(runs.summary.society_value, SHARES),
  };
}

/** How good a prediction of a number is, beside what many runs give. @param {number} n @param {number[]} shares quantiles at SHARES @returns {"close" | "possible" | "outside"} */
export function judge(n, shares) {
  const inside = (/** @type {number} */ from, /** @type {number} */ to) => n >= shares[from] && n <= shares[to];
  return inside(QUARTER, THREE) ? "close" : inside(LOW, HIGH) ? "possible" : "outside";
}

/** The outcome of each run in the unit in which it is shown: members are counted. @param {Results} results @param {string} outcome */
export function valuesOf(results, outcome) {
  return outcome === "members" ? Float64Array.from(results.summary.retention, (share) => share * results.size) : results.summary[outcome];
}
