// @ts-check
/** One chart for all steps of the first minute: the prediction, then the run, then both beside many runs. */
import { band, frame, nameCurves, steps } from "../chart/draw.js";
import { HIGH, LOW, QUARTER, THREE } from "../model/results.js";
import { s } from "../ui/dom.js";

const MARGINS = { left: 2, top: 0.7, bottom: 1.6 };

/** @param {SVGSVGElement} svg @param {any} app @param {any} now @param {number} until month @param {string} colour */
export function drawFirstChart(svg, app, now, until, colour) {
  const { words } = app, { step, size, run, guess } = now, say = words.say.bind(words), { months } = run;
  const plot = frame(svg, { words, size, months, grant: run.about.grant, right: step === "why" ? 7 : 4.5, ...MARGINS });
  if (!plot) return;
  const { x, y, em } = plot, labels = [], add = (/** @type {string} */ tag, /** @type {any} */ attributes) => svg.append(s(tag, attributes));
  svg.setAttribute("class", colour);
  if (step === "why" && now.bands) {
    const { bands } = now;
    add("path", { class: "pale", d: band(bands[LOW], bands[HIGH], plot) });
    add("path", { class: "dark", d: band(bands[QUARTER], bands[THREE], plot) });
    labels.push({ y: y(bands[LOW][months]), text: say("first/nine_in_ten"), class: "named" });
  }
  if (guess !== null || step === "predict") {
    const at = guess ?? size;
    if (guess !== null) add("path", { d: `M${x(0)} ${y(size)}L${x(months)} ${y(guess)}`, fill: "none", stroke: "var(--ink)", "stroke-width": 2, "stroke-dasharray": "2 5", "stroke-linecap": "round" });
    add("circle", { cx: x(months), cy: y(at), r: em * (step === "predict" ? 0.8 : 0.32), fill: step === "predict" ? "var(--accent)" : "var(--ink)", stroke: "var(--paper)", "stroke-width": 3 });
    if (step === "predict") add("path", { d: "M-4-2 0-6 4-2M-4 2 0 6 4 2", transform: `translate(${x(months)} ${y(at)}) scale(${em / 18})`, fill: "none", stroke: "var(--on-accent)", "stroke-width": 2 });
    labels.push({ y: y(at), text: step === "predict" ? say("chart/drag") : say("first/you", { n: guess }), class: "strong" });
  }
  if (step !== "predict") {
    const counts = Array.from({ length: until + 1 }, (_, month) => run.membersAt(month)), here = counts[until];
    add("path", { class: "curve", d: steps(counts, plot) });
    add("circle", { class: "dot", cx: x(until), cy: y(here), r: em * 0.34 });
    if (step === "why") labels.push({ y: y(here) - 0.02, text: say("first/this_run", { n: here }), class: "named" });
  }
  nameCurves(plot, labels, 1.1, step === "predict" ? 1.15 : 0.6);
  const { [LOW]: low, [HIGH]: high } = (now.bands ?? []).map((/** @type {number[]} */ row) => row[months]);
  svg.setAttribute("aria-label", step === "why" && now.bands ? say("first/chart_result", { here: run.membersAt(months), size, runs: now.runs, low, high, guess }) : say("first/chart_label", { guess: guess ?? "…", size }));
}

/** The number of members at a height of the chart. @param {SVGSVGElement} svg @param {number} size @param {number} clientY */
export function guessAt(svg, size, clientY) {
  const { top, height } = svg.getBoundingClientRect(), em = parseFloat(getComputedStyle(svg).fontSize);
  return Math.round(size * (1 - (clientY - top - MARGINS.top * em) / (height - (MARGINS.top + MARGINS.bottom) * em)));
}
