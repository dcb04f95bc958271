// @ts-check
/** Predictions of a number of members: one dot each, and, once they are revealed, what many runs give. */
import { HIGH, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { mean } from "../statistics.js";
import { s } from "../ui/dom.js";
import { measure } from "./draw.js";
import { memberTicks, scale } from "./scales.js";

/**
 * @param {SVGSVGElement} svg @param {any} words @param {number} size the most that can be predicted @param {number[]} values
 * @param {number[] | null} shares quantiles of the runs; null before they are revealed
 */
export function drawPredictions(svg, words, size, values, shares) {
  const box = measure(svg);
  if (!box) return;
  const { width, height, em } = box, top = em * 3, foot = height - em * 1.5, x = scale(-0.5, size + 0.5, em * 0.5, width - em * 0.5), say = words.say.bind(words);
  const add = (/** @type {string} */ tag, /** @type {any} */ attributes, /** @type {any[]} */ ...inside) => svg.append(s(tag, attributes, inside));
  const mark = (/** @type {number} */ value, /** @type {number} */ row, /** @type {string} */ text, /** @type {string} */ kind) => {
    add("line", { x1: x(value), x2: x(value), y1: em * (row + 0.7), y2: foot, stroke: kind === "strong" ? "var(--ink)" : "var(--strategy)", "stroke-width": 2, "stroke-dasharray": kind === "strong" ? "2 4" : null });
    add("text", { class: kind, x: x(value), y: em * (row + 0.4), "text-anchor": value < size / 4 ? "start" : value > (size * 3) / 4 ? "end" : "middle" }, text);
  };
  svg.replaceChildren();
  if (shares) for (const [kind, from, to] of /** @type {[string, number, number][]} */ ([["pale", LOW, HIGH], ["dark", QUARTER, THREE]])) add("rect", { class: kind, x: x(shares[from] - 0.5), width: x(shares[to] + 0.5) - x(shares[from] - 0.5), y: top, height: foot - top });
  add("line", { class: "axis", x1: x(-0.5), x2: x(size + 0.5), y1: foot, y2: foot });
  for (const value of memberTicks(size, Math.max(2, Math.floor(width / (em * 4))))) add("text", { x: x(value), y: height - em * 0.3, "text-anchor": "middle" }, words.number(value));
  /** @type {Map<number, number>} */
  const piles = new Map();
  for (const value of values) piles.set(value, (piles.get(value) ?? 0) + 1);
  const radius = Math.min((x(1) - x(0)) * 0.48, em * 0.6, (foot - top) / (2 * Math.max(1, ...piles.values())));
  for (const [value, n] of piles) for (let k = 0; k < n; k++) add("circle", { cx: x(value), cy: foot - radius * (2 * k + 1), r: radius * 0.92, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 0.5 });
  if (!shares) return;
  mark(shares[MEDIAN], 0.6, say("board/median", { n: shares[MEDIAN] }), "named");
  if (values.length) mark(mean(values), 1.9, say("board/mean", { mean: mean(values) }), "strong");
}
