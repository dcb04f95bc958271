// @ts-check
/** What the marks of the picture mean. */
import { fold, h, s } from "./dom.js";
import { outlinePath, shapeOf, SIGNS, SIGN_COLOURS } from "../picture/marks.js";
import { sectorsInOrder } from "../picture/places.js";

/** @param {any} words @param {string[]} sectors @param {number} dot value that one dot stands for */
export function markKey(words, sectors, dot) {
  const sign = (/** @type {any[]} */ ...inner) => s("svg", { viewBox: "0 0 28 20", "aria-hidden": "true", stroke: "var(--ink)", fill: "none" }, inner);
  const path = (/** @type {string} */ d, /** @type {any} */ more = {}) => s("path", { d, ...more }), circle = (/** @type {any} */ more) => s("circle", { cx: 14, cy: 10, ...more });
  const mark = (/** @type {string} */ mood) => sign(path(SIGNS[mood], { transform: "translate(6 2)", stroke: `var(--${SIGN_COLOURS[mood]})`, "stroke-width": 2.5 }));
  const rows = sectorsInOrder(sectors).map((sector) => [sign(path(outlinePath(shapeOf(sector), 14, 10, 6), { fill: `var(--${sector}, var(--soft))` })), words.label(`sector/${sector}/one`, sector)]);
  const text = (/** @type {string} */ name) => words.say(`picture/marks/${name}`, { dot });
  rows.push(
    [sign(circle({ r: 8, stroke: "var(--edge)" }), circle({ r: 1.5, fill: "var(--ink)" })), text("near")],
    [sign(path("M1 10q2.2-6 4.4 0t4.4 0 4.4 0 4.4 0 4.4 0 4.4 0", { stroke: "var(--edge)", "stroke-width": 1.5 })), text("edge")],
    [sign(circle({ r: 4, fill: "var(--value)", stroke: "var(--value)" })), text("in")], [sign(circle({ r: 4, stroke: "var(--value)", "stroke-width": 2 })), text("out")],
    [sign(path("M2 15Q14 2 26 15")), text("tie")], [sign(path("M2 10H20", { "stroke-dasharray": "3 3" }), s("circle", { cx: 23, cy: 10, r: 2.5 })), text("outside")],
    [sign(path("M3 10H24", { stroke: "var(--content)", "stroke-width": 2 })), text("help")],
    [sign(s("circle", { cx: 8, cy: 10, r: 6, stroke: "var(--trouble)", "stroke-width": 2 }), path("M14 10H27M13 6 26 1M13 14 26 19", { stroke: "var(--trouble)" })), text("leak")],
    [mark("satisfied"), text("satisfied")], [mark("frustrated"), text("frustrated")], [mark("other"), text("other")],
    [sign(circle({ r: 8, stroke: "var(--line)", "stroke-width": 4 }), path("M14 2A8 8 0 0 1 22 10", { "stroke-width": 4 })), text("middle")],
  );
  const folded = fold(words.say("picture/key"), h("ul", {}, rows.map(([one, meaning]) => h("li", {}, one, h("span", {}, meaning)))));
  folded.classList.add("key");
  return folded;
}
