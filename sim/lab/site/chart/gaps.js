// @ts-check
/** Paired differences as dots on a scale, with their spread and the interval of their mean. */
import { HIGH, LOW, MEDIAN, QUARTER, SHARES, THREE } from "../model/results.js";
import { quantiles } from "../statistics.js";
import { s } from "../ui/dom.js";
import { measure } from "./draw.js";
import { outwards, scale, ticks } from "./scales.js";

const DOTS = 50;

/**
 * @param {SVGSVGElement} svg @param {any} words
 * @param {{ gaps: number[], difference: number, low: number, high: number }} found
 * @param {{ axis: string, more: string, less: string, colours: [string, string], digits: number, dots: string, mean: string }} labels
 */
export function drawGaps(svg, words, found, labels) {
  const box = measure(svg);
  if (!box) return;
  const { width, height, em } = box, inner = quantiles(found.gaps, Array.from({ length: DOTS }, (_, k) => (k + 0.5) / DOTS)), q = quantiles(found.gaps, SHARES);
  const most = Math.max(4, Math.floor(width / (em * 3.4))), least = labels.digits ? 0 : 1;
  const range = outwards(Math.min(0, q[LOW], inner[0], found.low), Math.max(0, q[HIGH], inner[DOTS - 1], found.high), most, least);
  if (range[0] === range[1]) range[1] = range[0] + 1;
  const x = scale(range[0], range[1], em * 1.2, width - em * 1.2), foot = height - em * 2.7, { values, digits } = ticks(range[0], range[1], most, least);
  svg.replaceChildren();
  const text = (/** @type {string} */ content, /** @type {any} */ more) => svg.append(s("text", more, content));
  for (const value of values) {
    svg.append(s("line", { class: "axis", x1: x(value), x2: x(value), y1: em * 1.5, y2: foot }));
    text(words.number(value, digits, true), { x: x(value), y: foot + em * 1.1, "text-anchor": "middle" });
  }
  svg.append(s("line", { class: "zero", x1: x(0), x2: x(0), y1: em * 0.2, y2: foot + 4 }));
  const room = { more: width - x(0), less: x(0) }, fits = (/** @type {string} */ name, /** @type {number} */ space) => name.length * em * 0.56 < space;
  if (fits(labels.more, room.more)) text(`${labels.more} →`, { class: `named ${labels.colours[1]}`, x: x(0) + em * 0.6, y: em * 0.9 });
  if (fits(labels.less, room.less)) text(`← ${labels.less}`, { class: `named ${labels.colours[1]}`, x: x(0) - em * 0.6, y: em * 0.9, "text-anchor": "end" });
  text(labels.axis, { x: width / 2, y: height - em * 0.35, "text-anchor": "middle" });

  const bar = foot - em * 0.9, interval = foot - em * 2.1, ground = foot - em * 3;
  for (const { cx, cy, r } of stack(inner, x, ground - em * 2, em)) svg.append(s("circle", { cx, cy: ground - cy, r, fill: "var(--edge)" }));
  const rightFree = x(q[MEDIAN]) < width / 2;
  text(labels.dots, { class: "plate", x: rightFree ? width - em * 1.2 : em * 1.2, y: em * 2.6, "text-anchor": rightFree ? "end" : "start" });
  const line = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ y, /** @type {any} */ more) => svg.append(s("line", { x1: x(from), x2: x(to), y1: y, y2: y, ...more }));
  line(q[LOW], q[HIGH], bar, { stroke: "var(--edge)", "stroke-width": 2 });
  line(q[QUARTER], q[THREE], bar, { stroke: "var(--edge)", "stroke-width": 7, "stroke-linecap": "round" });
  svg.append(s("circle", { cx: x(q[MEDIAN]), cy: bar, r: em * 0.34, fill: "var(--paper)", stroke: "var(--edge)", "stroke-width": 2.5 }));
  const mine = { class: labels.colours[1], stroke: "var(--strategy)", "stroke-width": 2.5 };
  line(found.low, found.high, interval, mine);
  for (const end of [found.low, found.high]) svg.append(s("line", { ...mine, x1: x(end), x2: x(end), y1: interval - em * 0.35, y2: interval + em * 0.35 }));
  svg.append(s("circle", { class: labels.colours[1], cx: x(found.difference), cy: interval, r: em * 0.26, fill: "var(--strategy)" }));
  const after = x(found.high) + em * (0.6 + 0.56 * labels.mean.length) < width;
  text(labels.mean, { class: `named plate ${labels.colours[1]}`, x: after ? x(found.high) + em * 0.6 : x(found.low) - em * 0.6, y: interval, "dominant-baseline": "central", "text-anchor": after ? "start" : "end" });
}

/** Stack dots so that the tallest pile fits. @param {number[]} values @param {(v: number) => number} x @param {number} room @param {number} em */
function stack(values, x, room, em) {
  const piles = (/** @type {number} */ r) => {
    /** @type {Map<number, number[]>} */
    const bins = new Map();
    for (const value of values) { const bin = Math.round(x(value) / (2 * r)); bins.set(bin, [...(bins.get(bin) ?? []), x(value)]); }
    return [...bins.values()];
  };
  let r = em * 0.42;
  while (r > 1.5 && Math.max(...piles(r).map((pile) => pile.length)) * 2 * r > room) r -= 0.2;
  return piles(r).flatMap((pile) => pile.map((_, k) => ({ cx: pile.reduce((sum, v) => sum + v, 0) / pile.length, cy: r + k * 2 * r, r: r * 0.88 })));
}
