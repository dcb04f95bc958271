// @ts-check
/** What the last half-year of a game is worth: many runs with it, and as many in which nothing was done in it. */
import { adjust, compare, verdict } from "../statistics.js";
import { effortOf, nothing, spentOf } from "./game.js";

/**
 * @param {any} source @param {string} story @param {import("./game.js").Decision[]} decisions @param {number} first seed @param {number} count
 * @returns {Promise<Record<string, { mine: number, instead: number, verdict: "higher" | "lower" | "undecided" }> | null>} by outcome; null where nothing was done
 */
export async function insteadOf(source, story, decisions, first, count) {
  const last = decisions[decisions.length - 1];
  if (!spentOf(last) && !last.pause) return null;
  const both = await Promise.all([decisions, [...decisions.slice(0, -1), nothing()]].map((some) => source.game(story, effortOf(some), first, count)));
  const ends = both.map(({ monthly, summary, months, runs }) => ({ members: monthly.n_members.slice((months - 1) * runs, months * runs), society_value: summary.society_value }));
  const names = /** @type {("members" | "society_value")[]} */ (["members", "society_value"]), found = names.map((name) => compare(ends[0][name], ends[1][name])), p = adjust(found.map((one) => one.p));
  return Object.fromEntries(names.map((name, k) => {
    const [mine, instead] = ends.map((end) => end[name].reduce((/** @type {number} */ sum, /** @type {number} */ v) => sum + v, 0) / count);
    return [name, { mine, instead, verdict: verdict(found[k].difference, p[k]) }];
  }));
}
