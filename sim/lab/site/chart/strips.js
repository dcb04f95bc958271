// @ts-check
/** Values at the end of many runs as strips on one scale, and what became of the members as one bar. */
import { HIGH, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { MOODS } from "../model/run.js";
import { h, s } from "../ui/dom.js";
import { moodSign } from "../ui/gauges.js";
import { measure } from "./draw.js";
import { outwards, scale, ticks } from "./scales.js";

/**
 * A strip: nine in ten as a line, the middle half as a bar, the median as a dot; before the last change in grey.
 * @param {SVGSVGElement} svg @param {any} words @param {number[]} now quantiles @param {number[] | null} before @param {number} most the end of the scale
 */
export function drawStrip(svg, words, now, before, most) {
  const box = measure(svg);
  if (!box) return;
  const { width, height, em } = box, [, high] = outwards(0, most, 5), { values, digits } = ticks(0, high, Math.max(2, Math.floor(width / (em * 4.5))));
  const x = scale(0, high, em * 0.6, width - em * 1.4), foot = height - em * 1.25, middle = before ? foot * 0.62 : foot * 0.5;
  svg.replaceChildren();
  for (const value of values) {
    svg.append(s("line", { class: "axis", x1: x(value), x2: x(value), y1: 0, y2: foot }));
    svg.append(s("text", { x: x(value), y: height - em * 0.3, "text-anchor": "middle" }, words.number(value, digits)));
  }
  const strip = (/** @type {number[]} */ q, /** @type {number} */ y, /** @type {string} */ colour, /** @type {number} */ thick) => {
    const line = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ width_) => svg.append(s("line", { x1: x(from), x2: x(to), y1: y, y2: y, stroke: colour, "stroke-width": width_, "stroke-linecap": "round" }));
    line(q[LOW], q[HIGH], 2);
    line(q[QUARTER], q[THREE], thick);
    svg.append(s("circle", { cx: x(q[MEDIAN]), cy: y, r: thick * 0.75, fill: "var(--paper)", stroke: colour, "stroke-width": 2.5 }));
  };
  if (before) strip(before, foot * 0.22, "var(--edge)", 3);
  strip(now, middle, "var(--strategy)", 8);
}

/**
 * What became of the members on average: who stays, and who left how; the bar before the last change below it.
 * @param {any} words @param {import("../model/results.js").Results} now @param {import("../model/results.js").Results | null} [before]
 */
export function fateBar(words, now, before = null) {
  const parts = (/** @type {import("../model/results.js").Results} */ one) => [["stay", one.stay], ...MOODS.map((mood) => [mood, one.fates[mood]])];
  const bar = (/** @type {import("../model/results.js").Results} */ one, /** @type {string} */ name) => h("div", { class: `fate ${name}`, "aria-hidden": "true" },
    parts(one).map(([what, n]) => h("span", { class: `part ${what}`, style: { "flex-grow": n } })));
  const legend = h("ul", { class: "fates" }, parts(now).map(([what, n], k) => h("li", {},
    what === "stay" ? h("span", { class: "part stay" }) : moodSign(String(what)), h("b", {}, words.number(Number(n), 1)), " ", words.say(what === "stay" ? "explore/stay" : `mood/${what}`),
    before ? h("span", { class: "small" }, ` (${words.say("explore/was", { value: words.number(Number(parts(before)[k][1]), 1) })})`) : null)));
  return h("div", {}, bar(now, "now"), before ? bar(before, "before") : null, legend);
}
