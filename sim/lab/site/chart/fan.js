// @ts-check
/** Members by month in many runs: median, middle half, nine in ten; of one or two strategies in one chart. */
import { HIGH, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { s } from "../ui/dom.js";
import { band, frame, nameCurves, steps } from "./draw.js";

let made = 0;

/**
 * @param {SVGSVGElement} svg @param {any} words
 * @param {{ results: import("../model/results.js").Results, colour: string, name: string, dashed?: boolean }[]} curves
 * @param {{ ghost?: import("../model/results.js").Results | null, ghostName?: string, right?: number, heading?: string }} [how] `heading` stands above the names
 */
export function drawFan(svg, words, curves, { ghost = null, ghostName = "", right = 6, heading = "" } = {}) {
  const { months, grant } = curves[0].results, size = Math.max(...curves.map(({ results }) => results.all), ghost?.all ?? 0);
  const plot = frame(svg, { words, size, months, grant, right, lines: 6 });
  if (!plot) return;
  const { y } = plot, add = (/** @type {string} */ name, /** @type {string} */ d) => svg.append(s("path", { class: name, d }));
  const two = curves.length > 1; // then the bands of one are outlined, and those of the other filled and hatched
  curves.forEach(({ results: { members }, colour }, k) => {
    const kind = two ? (k ? " filled" : " outlined") : "", pattern = `hatch${made++}`;
    add(`pale ${colour}${kind}`, band(members[LOW], members[HIGH], plot));
    add(`dark ${colour}${kind}`, band(members[QUARTER], members[THREE], plot));
    if (!two || !k) return;
    svg.append(s("pattern", { id: pattern, class: colour, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, s("line", { x1: 0, x2: 0, y1: 0, y2: 6, stroke: "var(--strategy)", "stroke-width": 2.2, "stroke-opacity": 0.6 })));
    svg.append(s("path", { class: "hatched", d: band(members[QUARTER], members[THREE], plot), fill: `url(#${pattern})` }));
  });
  if (ghost) add("ghost", steps(ghost.members[MEDIAN], plot));
  if (two) for (const { results: { members } } of curves) add("halo", steps(members[MEDIAN], plot));
  for (const { results: { members }, colour, dashed } of curves) add(`curve ${colour}${dashed ? " dashed" : ""}`, steps(members[MEDIAN], plot));
  const labels = curves.map(({ results: { members }, colour, name }) => {
    const end = members[MEDIAN][months];
    return { y: y(end), number: words.number(end), text: name, class: `named ${colour}` };
  });
  if (!two) labels.push({ y: y(curves[0].results.members[LOW][months]), number: "", text: words.say("first/nine_in_ten"), class: `named ${curves[0].colour}` }); // two have a legend
  if (ghost) {
    const end = ghost.members[MEDIAN][months], moved = end === curves[0].results.members[MEDIAN][months] ? 0.01 : 0;
    labels.push({ y: y(end) + moved, number: words.number(end), text: ghostName, class: "" });
  }
  if (heading) labels.push({ y: Math.min(...labels.map((label) => label.y)) - 1.35 * plot.em, number: "", text: heading, class: "" });
  nameCurves(plot, labels, 1.35);
}
