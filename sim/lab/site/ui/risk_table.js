// @ts-check
/** Which members of the reader's own case are at risk: in how many runs each is still there, under two strategies. */
import { h, scrolled, table } from "./dom.js";

/**
 * @param {any} words @param {any} story the case @param {any[]} results of two strategies @param {string} first @param {string} second
 */
export function riskTable(words, story, results, first, second) {
  const say = words.say.bind(words), leaves = story.given.columns["roster.leaves"], [{ runs, months }] = results, share = (/** @type {any} */ one, /** @type {number} */ i) => one.present[i] / runs;
  const open = story.members.map((/** @type {any} */ { name }, /** @type {number} */ i) => ({ name, known: leaves[i] > 0 && leaves[i] <= months, one: share(results[0], i), two: share(results[1], i) }));
  const rows = open.filter((/** @type {any} */ { known }) => !known).sort((/** @type {any} */ a, /** @type {any} */ b) => a.one - b.one), known = open.length - rows.length;
  const points = (/** @type {number} */ gap) => words.number(100 * gap, 0, true);
  return scrolled(h("div", { class: "wide" }, table(say("compare/risk/caption", { runs, years: months / 12 }), [say("compare/risk/member"), first, second, say("compare/risk/points")], rows.map((/** @type {any} */ { name, one, two }) => [name, words.percent(one), words.percent(two), points(two - one)])),
    h("p", { class: "small" }, say("compare/risk/sure"), known ? ` ${say("compare/risk/known", { n: known })}` : "")));
}
