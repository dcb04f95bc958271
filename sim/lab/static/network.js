// One partnership in one month: members round their orchestrator, by sector; area is value captured.

import { node } from "./draw.js";
import { message } from "./messages.js";

export const SECTORS = ["public", "private", "academic", "nonprofit"];
const RECENT = 12, STAR = -1;

export function drawNetwork(svg, run, month) {
  const width = svg.clientWidth, height = svg.clientHeight, size = run.sectors.length;
  const middle = [width / 2, height / 2], reach = Math.min(width * 0.46 - 24, height * 0.5 - 38);
  const order = run.sectors.map((sector, member) => [sector, member]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const crowding = Math.min(1.2, Math.sqrt(24 / size));
  const stretch = Math.min(1.6, (width * 0.46 - 40) / reach);
  const place = [];
  order.forEach(([, member], k) => {
    const angle = (2 * Math.PI * k) / size - Math.PI / 2, far = run.active[month][member] ? 1 : 1.17;
    place[member] = [middle[0] + reach * far * stretch * Math.cos(angle), middle[1] + reach * far * Math.sin(angle)];
  });
  const parts = [];
  for (const [, member] of order)
    if (run.active[month][member])
      parts.push(line(middle, place[member], { "stroke-width": 0.4 + 1.8 * run.engagement[month][member], stroke: "#E1E4E8" }));
  for (const [when, one, other] of run.ties) {
    if (when > month || when <= month - RECENT || !run.active[month][one] || !run.active[month][other]) continue;
    const eager = Math.min(run.engagement[month][one], run.engagement[month][other]);
    parts.push(line(place[one], place[other], { "stroke-width": 0.5 + 1.5 * eager, stroke: "#4d5866" }));
  }
  const justLeft = new Set(run.exits.filter((e) => e.month === month).map((e) => e.member));
  order.forEach(([sector, member]) => {
    const here = run.active[month][member], eager = run.engagement[month][member];
    const radius = here ? crowding * Math.sqrt(60 + 5 * run.captured[month][member]) : 4.5;
    const look = here
      ? { class: SECTORS[sector] ?? "further", "fill-opacity": (0.3 + 0.7 * eager).toFixed(2), stroke: "#1C2430", "stroke-width": 1 }
      : { class: `left${justLeft.has(member) ? " just-left" : ""}`, "stroke-width": 1.3 };
    if (here && eager < 0.4) look["stroke-dasharray"] = "2 2";
    const mark = shape(sector, place[member], radius, look), called = run.names?.[member];
    if (called) mark.append(node("title", {}, called));
    parts.push(mark);
    if (justLeft.has(member)) parts.push(name(called ?? message("leaves", { n: member + 1 }), place[member], width));
  });
  const there = run.active[month].reduce((sum, here) => sum + here, 0);
  parts.push(shape(STAR, [middle[0], middle[1] - 14], 11, { fill: "#1C2430" }));
  parts.push(node("rect", { x: middle[0] - 44, y: middle[1] + 2, width: 88, height: 26, rx: 6, fill: "#FBFAF7" }));
  parts.push(node("text", { class: "count", x: middle[0], y: middle[1] + 22, "text-anchor": "middle" }, message("count", { n: there, size })));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
}

function line([x1, y1], [x2, y2], look) {
  return node("line", { x1, y1, x2, y2, ...look });
}

function shape(kind, [x, y], r, look) {
  if (kind === 0) return node("circle", { cx: x, cy: y, r, ...look });
  if (kind === 1) return node("rect", { x: x - r * 0.89, y: y - r * 0.89, width: r * 1.78, height: r * 1.78, ...look });
  const corners = kind === STAR ? null : { 2: [4, 1.25, 0], 3: [3, 1.5, 0] }[kind] ?? [5, 1.25, 0]; // sectors of a case: pentagons
  const points = [];
  const n = corners ? corners[0] : 10;
  for (let k = 0; k < n; k++) {
    const angle = (2 * Math.PI * k) / n - Math.PI / 2, far = corners ? corners[1] * r : k % 2 ? r * 0.45 : r;
    points.push(`${(x + far * Math.cos(angle)).toFixed(1)},${(y + far * Math.sin(angle)).toFixed(1)}`);
  }
  return node("polygon", { points: points.join(" "), ...look });
}

function name(text, [x, y], width) {
  const room = Math.max(70, 7.5 * text.length), before = x > width - room || (x < width / 2 && x > room);
  return node("text", { x: x + (before ? -8 : 8), y: y + 4, "text-anchor": before ? "end" : "start" }, text);
}
