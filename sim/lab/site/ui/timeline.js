// @ts-check
/** The timeline under the two pictures: both curves up to now, the exits of each run, and a handle to drag. */
import { frame, measure, steps } from "../chart/draw.js";
import { MOODS } from "../model/run.js";
import { SIGNS, SIGN_COLOURS } from "../picture/marks.js";
import { h, s } from "./dom.js";

const LANE = 0.95; // em
let made = 0;

/** @param {any} app @param {(month: number) => void} seek */
export function makeTimeline(app, seek) {
  const { words } = app, svg = s("svg", { "aria-hidden": "true" }), clip = `past${made++}`;
  const input = h("input", { type: "range", min: 0, max: app.model.months, step: 1, value: 0, "aria-label": words.say("clock/label"), on: { input: () => seek(Number(input.value)) } });
  const element = h("div", { class: "track" }, svg, input);
  /** @type {any} */
  let plot = null;

  /** @param {import("../model/run.js").Run[]} runs @param {string[]} colours */
  function draw(runs, colours) {
    const box = measure(svg);
    if (!box) return;
    const { em, height, width } = box, lanes = height > 5.5 * em ? runs.length * LANE : 0, size = runs[0].size, bottom = 1.6 + lanes;
    const { months } = runs[0];
    plot = frame(svg, { words, size, months, grant: runs[0].about.grant, left: 2, right: 1, top: 0.7, bottom, lines: 4 });
    const { x, y, left, right } = plot;
    for (const text of svg.querySelectorAll("text[text-anchor=middle]")) text.setAttribute("y", String(height - 3));
    const past = s("rect", { x: 0, y: 0, width: 0, height }), group = s("g", { "clip-path": `url(#${clip})` });
    svg.append(s("clipPath", { id: clip }, past), group);
    runs.forEach((run, k) => {
      const counts = Array.from({ length: months + 1 }, (_, month) => run.membersAt(month));
      group.append(s("path", { class: `curve ${k === 0 && runs.length > 1 ? "dashed " : ""}${colours[k]}`, d: steps(counts, plot) }));
      for (const { month, cause } of run.phases) if (cause === "pause") svg.prepend(s("rect", { x: x(month - 1), width: x(month + 2) - x(month - 1), y: y(size), height: y(0) - y(size), fill: "var(--wash)" }));
      if (lanes) drawLane(group, run, plot, y(0) + (0.75 + k * LANE) * em, colours[k]);
    });
    const line = s("line", { y1: y(size), y2: height - em * 1.3, stroke: "var(--ink)", "stroke-width": 1.5 });
    const dots = runs.map((run, k) => [run, s("circle", { class: `dot ${colours[k]}`, r: em * 0.38 })]);
    svg.append(line, ...dots.map(([, dot]) => dot));
    Object.assign(plot, { past, line, dots });
    input.style.left = `${left - 12}px`;
    input.style.width = `${width - left - right + 24}px`;
  }

  /** Move the handle. @param {number} t */
  function move(t) {
    if (!plot) return;
    plot.past.setAttribute("width", plot.x(t) + 2);
    plot.line.setAttribute("transform", `translate(${plot.x(t)} 0)`);
    for (const [run, dot] of plot.dots) dot.setAttribute("transform", `translate(${plot.x(t)} ${plot.y(run.membersAt(Math.floor(t + 0.001)))})`);
  }

  /** @param {number} month @param {string} spoken */
  function tell(month, spoken) {
    input.value = String(month);
    input.setAttribute("aria-valuetext", spoken);
  }
  return { element, draw, move, tell };
}

/** The exits of one run as signs, one for each mood and month. @param {Element} group @param {import("../model/run.js").Run} run @param {any} plot @param {number} middle @param {string} colour */
function drawLane(group, run, { x, em }, middle, colour) {
  const size = Math.min(em * 0.62, Math.max(6, (x(1) - x(0)) * 1.1));
  group.append(s("line", { class: colour, x1: x(0), x2: x(run.months), y1: middle, y2: middle, stroke: "var(--strategy)", "stroke-width": 1, "stroke-opacity": 0.35 }));
  for (let month = 1; month <= run.months; month++) {
    const moods = MOODS.filter((mood) => run.exits.some((exit) => exit.month === month && exit.mood === mood));
    moods.forEach((mood, k) => group.append(s("path", {
      d: SIGNS[mood], fill: "none", stroke: `var(--${SIGN_COLOURS[mood]})`, "stroke-width": (1.6 * 16) / size, "stroke-linecap": "round",
      transform: `translate(${x(month) - size / 2 + k * 2} ${middle - size / 2}) scale(${size / 16})`,
    })));
  }
}
