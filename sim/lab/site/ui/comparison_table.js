// @ts-check
/** Everything that two cases differ in, as a table. */
import { EXITS } from "../model/comparison.js";
import { valuesOf } from "../model/results.js";
import { mean } from "../statistics.js";
import { h, scrolled, table } from "./dom.js";

/** @param {any} words @param {{ results: any[], found: Record<string, any>, verdicts: Record<string, string> }} compared @param {string} first @param {string} second */
export function comparisonTable(words, { results, found, verdicts }, first, second) {
  const say = words.say.bind(words), column = (/** @type {string} */ name) => say(`compare/table/${name}`);
  const value = (/** @type {any} */ one, /** @type {string} */ name) => words.number(mean(EXITS.includes(name) ? one.summary[name] : valuesOf(one, name)), 1);
  const label = (/** @type {string} */ name) => (EXITS.includes(name) ? column(name.slice(6)) : say(`outcome/${name}/title`));
  const rows = Object.entries(found).map(([name, gap]) => [label(name), value(results[0], name), value(results[1], name), words.number(gap.difference, 2, true),
    say("explore/range", { low: words.number(gap.low, 2, true), high: words.number(gap.high, 2, true) }), say("compare/table/shares", gap), say(`compare/verdict/${verdicts[name]}`)]);
  return scrolled(h("div", { class: "wide" }, table(say("compare/table/caption", { runs: results[0].runs }), [column("outcome"), first, second, column("difference"), column("interval"), column("pairs"), column("verdict")], rows),
    h("p", { class: "small" }, say("compare/holm", { n: rows.length }))));
}
