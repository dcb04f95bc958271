// @ts-check
/** Two cases compared run by run: what each gives, how they differ, and which differences are decided. */
import { adjust, compare, prepare, verdict } from "../statistics.js";
import { resultsOf, valuesOf } from "./results.js";
import { ALL } from "./source.js";
import { OUTCOMES } from "../state.js";

export const EXITS = ["exits_satisfied", "exits_frustrated"];

/** What the charts show of the runs of a case. @param {any} source @param {import("./source.js").Case} one @param {import("./source.js").Runs} runs */
export function caseResults(source, one, runs) {
  const { founders, members } = source.story(one.story);
  return resultsOf(runs, founders, source.values(one)["grant.months"], members.length);
}

/** @param {any} source @param {import("./source.js").Case[]} cases the first is what the second is compared with */
export async function comparisonOf(source, cases) {
  const [answers] = await Promise.all([Promise.all(cases.map((one) => source.runs(one, ALL))), prepare(ALL)]);
  const results = answers.map((runs, k) => caseResults(source, cases[k], runs));
  const [base, other] = results;
  /** @type {Record<string, ReturnType<typeof compare>>} */
  const found = {};
  for (const name of OUTCOMES) found[name] = compare(valuesOf(other, name), valuesOf(base, name));
  for (const name of EXITS) found[name] = compare(other.summary[name], base.summary[name]);
  const names = Object.keys(found), adjusted = adjust(names.map((name) => found[name].p));
  /** @type {Record<string, "higher" | "lower" | "undecided">} */
  const verdicts = Object.fromEntries(names.map((name, k) => [name, verdict(found[name].difference, adjusted[k])]));
  return { results, found, verdicts };
}
