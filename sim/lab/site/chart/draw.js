// @ts-check
/** Charts of members by month: axes, steps, bands, names at the ends of curves. */
import { s } from "../ui/dom.js";
import { memberTicks, scale } from "./scales.js";

/**
 * @typedef {{ svg: SVGSVGElement, width: number, height: number, em: number, x: (v: number) => number, y: (v: number) => number, left: number, right: number, top: number, bottom: number }} Plot
 */

/** The size of a chart on the page, in CSS pixels; null while it is not shown. @param {SVGSVGElement} svg */
export function measure(svg) {
  const { width, height } = svg.getBoundingClientRect();
  if (!width || !height) return null;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { width, height, em: parseFloat(getComputedStyle(svg).fontSize) };
}

/**
 * Axes in members and years, and the end of the grant.
 * @param {SVGSVGElement} svg
 * @param {{ words: any, size: number, months: number, grant?: number, left?: number, right?: number, top?: number, bottom?: number, lines?: number }} how margins in em
 * @returns {Plot | null}
 */
export function frame(svg, { words, size, months, grant = 0, left = 2, right = 1, top = 0.7, bottom = 1.7, lines = 5 }) {
  const box = measure(svg);
  if (!box) return null;
  const { width, height, em } = box, room = { left: left * em, right: right * em, top: top * em, bottom: bottom * em };
  const x = scale(0, months, room.left, width - room.right), y = scale(0, size, height - room.bottom, room.top);
  svg.replaceChildren();
  const most = Math.max(1, Math.min(lines, Math.floor((y(0) - y(size)) / (em * 1.3))));
  for (const value of memberTicks(size, most)) {
    svg.append(s("line", { class: "axis", x1: room.left, x2: width - room.right, y1: y(value), y2: y(value) }));
    svg.append(s("text", { x: room.left - em * 0.45, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, words.number(value)));
  }
  const foot = height - room.bottom + em * 1.15, narrow = x(12) - x(0) < em * 4;
  for (let year = 0; year * 12 <= months; year++) {
    svg.append(s("line", { class: "axis", x1: x(year * 12), x2: x(year * 12), y1: y(0), y2: y(0) + 4 }));
    const named = year === (narrow ? Math.floor(months / 12) : 1);
    svg.append(s("text", { x: x(year * 12), y: foot, "text-anchor": "middle" }, year === 0 ? words.say("chart/start") : named ? words.say("chart/year", { n: year }) : words.number(year)));
  }
  if (grant > 0 && grant < months) {
    svg.append(s("line", { class: "grant", x1: x(grant), x2: x(grant), y1: room.top - 4, y2: y(0) }));
    svg.append(s("text", { class: "plate", x: x(grant) + em * 0.3, y: y(0) - em * 0.4 }, words.say("chart/grant")));
  }
  return { svg, width, height, em, x, y, ...room };
}

/** Members come in whole numbers: a month is a tread, a departure is a riser. @param {number[]} values @param {Plot} plot */
export function steps(values, { x, y }) {
  return values.map((v, m) => (m ? `H${x(m).toFixed(1)}V${y(v).toFixed(1)}` : `M${x(0).toFixed(1)} ${y(v).toFixed(1)}`)).join("");
}

/** The area between two rows of steps. @param {number[]} low @param {number[]} high @param {Plot} plot */
export function band(low, high, plot) {
  const { x, y } = plot;
  let path = `${steps(low, plot)}V${y(high[high.length - 1]).toFixed(1)}`;
  for (let m = high.length - 1; m > 0; m--) path += `V${y(high[m - 1]).toFixed(1)}H${x(m - 1).toFixed(1)}`;
  return `${path}Z`;
}

/**
 * Names at given heights, moved apart where they would touch.
 * @template {{ y: number }} T
 * @param {T[]} labels @param {number} gap @param {number} low @param {number} high
 */
export function apart(labels, gap, low, high) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  sorted.forEach((label, k) => { label.y = Math.max(label.y, k ? sorted[k - 1].y + gap : low); });
  for (let k = sorted.length - 1, limit = high; k >= 0; limit = sorted[k].y - gap, k--) sorted[k].y = Math.min(sorted[k].y, limit);
  return labels;
}

/** Write names to the right of the curves. @param {Plot} plot @param {{ y: number, text: string, number?: string, class: string }[]} labels @param {number} [gap] em @param {number} [beside] em */
export function nameCurves(plot, labels, gap = 1.25, beside = 0.6) {
  const { svg, em, width, right, height, bottom, top } = plot;
  for (const label of apart(labels, gap * em, top, height - bottom)) {
    const parts = label.number ? [s("tspan", { class: "strong-number" }, label.number), ` ${label.text}`] : [label.text];
    svg.append(s("text", { class: label.class, x: width - right + em * beside, y: label.y, "dominant-baseline": "central" }, parts));
  }
}

/** Draw again whenever the chart has another size. @param {Element} element @param {() => void} draw */
export function onResize(element, draw) {
  const watcher = new ResizeObserver(draw);
  watcher.observe(element);
  return () => watcher.disconnect();
}
