// Members kept against value for society: one mark for each way of governing and each player.

import { node } from "./draw.js";
import { language } from "./words.js";

const LEFT = 52, RIGHT = 16, TOP = 30, BOTTOM = 44;
const MARKS = {
  you: { r: 8, fill: "#C2410C", stroke: "#1C2430" },
  player: { r: 6, fill: "#C2410C", stroke: "#1C2430" },
  named: { r: 6, fill: "#3B3B6D", stroke: "#1C2430" },
  other: { r: 4.5, fill: "#fff", stroke: "#3B3B6D" },
};

// Points: [{x: share of members, y: value, name, mark}]; all but "other" carry their name.
export function drawScatter(svg, points, { across, up, label }) {
  const width = Math.max(300, svg.clientWidth), height = svg.clientHeight || 340;
  const step = stepOf(points.map((p) => p.y)), values = points.map((p) => p.y);
  const low = step * Math.floor(Math.min(...values) / step), high = step * Math.ceil(Math.max(...values) / step + 0.01);
  const from = Math.max(0, Math.min(60, 20 * Math.floor(5 * Math.min(...points.map((p) => p.x)))));
  const x = (share) => LEFT + ((width - LEFT - RIGHT) * (100 * share - from)) / (100 - from);
  const y = (value) => height - BOTTOM - ((height - TOP - BOTTOM) * (value - low)) / (high - low);
  const parts = [];
  for (let value = low; value <= high + step / 2; value += step) {
    parts.push(node("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), stroke: "#E3E6EA" }));
    parts.push(node("text", { class: "axis", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString(language, { maximumFractionDigits: 1 })));
  }
  for (let share = from; share <= 100; share += 20)
    parts.push(node("text", { class: "axis", x: x(share / 100), y: height - BOTTOM + 18, "text-anchor": share === 100 ? "end" : "middle" }, `${share}`));
  parts.push(node("text", { class: "axis", x: width - RIGHT, y: height - 8, "text-anchor": "end" }, `${across} →`));
  parts.push(node("text", { class: "axis", x: 4, y: 12 }, `↑ ${up}`));
  const taken = [];
  const order = ["other", "named", "player", "you"];
  for (const point of [...points].sort((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark))) {
    const circle = node("circle", { cx: x(point.x), cy: y(point.y), "stroke-width": 1.3, ...MARKS[point.mark] });
    circle.append(node("title", {}, point.name));
    parts.push(circle);
  }
  for (const point of points.filter((p) => p.mark !== "other").sort((a, b) => y(a.y) - y(b.y))) {
    const before = x(point.x) > width * 0.6, size = 7 * point.name.length;
    const start = before ? x(point.x) - 11 - size : x(point.x) + 11;
    let line = y(point.y) + 4;
    while (taken.some(([a, b, at]) => start < b && start + size > a && Math.abs(line - at) < 14)) line += 14;
    taken.push([start, start + size, line]);
    parts.push(node("text", { x: x(point.x) + (before ? -11 : 11), y: line, "text-anchor": before ? "end" : "start", "font-weight": point.mark === "named" ? 400 : 700 }, point.name));
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.removeAttribute("aria-labelledby");
  svg.setAttribute("aria-label", label);
  svg.replaceChildren(...parts);
}

// The distance of grid lines: 1, 2 or 5 of some power of ten, with three to seven lines.
function stepOf(values) {
  const range = Math.max(Math.max(...values) - Math.min(...values), 0.5), ten = 10 ** Math.floor(Math.log10(range / 3));
  return ten * [5, 2, 1].find((k) => range / (k * ten) >= 3 || k === 1);
}
