// @ts-check
/** Members by month in many runs: median, middle half, nine in ten; of one or two strategies in one chart. */
import { HIGH, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { s } from "../ui/dom.js";
import { band, frame, nameCurves, steps } from "./draw.js";

/**
 * @param {SVGSVGElement} svg @param {any} words
 * @param {{ results: import("../model/results.js").Results, colour: string, name: string, dashed?: boolean }[]} curves
 * @param {{ ghost?: import("../model/results.js").Results | null, ghostName?: string, right?: number }} [how]
 */
export function drawFan(svg, words, curves, { ghost = null, ghostName = "", right = 6 } = {}) {
  const { months, grant } = curves[0].results, size = Math.max(...curves.map(({ results }) => results.all), ghost?.all ?? 0);
  const plot = frame(svg, { words, size, months, grant, right, lines: 6 });
  if (!plot) return;
  const { y } = plot, add = (/** @type {string} */ name, /** @type {string} */ d) => svg.append(s("path", { class: name, d }));
  for (const { results: { members }, colour } of curves) {
    add(`pale ${colour}`, band(members[LOW], members[HIGH], plot));
    add(`dark ${colour}`, band(members[QUARTER], members[THREE], plot));
  }
  if (ghost) add("ghost", steps(ghost.members[MEDIAN], plot));
  for (const { results: { members }, colour, dashed } of curves) add(`curve ${colour}${dashed ? " dashed" : ""}`, steps(members[MEDIAN], plot));
  const labels = curves.map(({ results: { members }, colour, name }) => {
    const end = members[MEDIAN][months];
    return { y: y(end), number: words.number(end), text: name, class: `named ${colour}` };
  });
  if (ghost) {
    const end = ghost.members[MEDIAN][months], moved = end === curves[0].results.members[MEDIAN][months] ? 0.01 : 0;
    labels.push({ y: y(end) + moved, number: words.number(end), text: ghostName, class: "" });
  }
  nameCurves(plot, labels, 1.35);
}
