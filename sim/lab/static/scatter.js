// Members kept against value for society: one mark for each way of governing and each player.

import { node } from "./draw.js";
import { language } from "./words.js";

const LEFT = 52, RIGHT = 16, TOP = 14, BOTTOM = 44;
const MARKS = {
  you: { r: 8, fill: "#C2410C", stroke: "#1C2430" },
  player: { r: 6, fill: "#C2410C", stroke: "#1C2430" },
  named: { r: 6, fill: "#3B3B6D", stroke: "#1C2430" },
  other: { r: 4.5, fill: "#fff", stroke: "#3B3B6D" },
};

// Points: [{x: share of members, y: value, name, mark}]; all but "other" carry their name.
export function drawScatter(svg, points, { across, up, label }) {
  const width = Math.max(300, svg.clientWidth), height = svg.clientHeight || 340;
  const [low, high] = span(points.map((p) => p.y));
  const [least] = span(points.map((p) => p.x * 100));
  const from = Math.max(0, Math.floor(least / 20) * 20);
  const x = (share) => LEFT + ((width - LEFT - RIGHT) * (100 * share - from)) / (100 - from);
  const y = (value) => height - BOTTOM - ((height - TOP - BOTTOM) * (value - low)) / (high - low);
  const parts = [];
  for (let k = 0; k <= 4; k++) {
    const value = low + ((high - low) * k) / 4, share = (from + ((100 - from) * k) / 4) / 100;
    parts.push(node("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), stroke: "#E3E6EA" }));
    parts.push(node("text", { class: "axis", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString(language, { maximumFractionDigits: 1 })));
    parts.push(node("text", { class: "axis", x: x(share), y: height - BOTTOM + 18, "text-anchor": k === 4 ? "end" : "middle" }, (100 * share).toFixed(0)));
  }
  parts.push(node("text", { class: "axis", x: width - RIGHT, y: height - 8, "text-anchor": "end" }, `${across} →`));
  parts.push(node("text", { class: "axis", x: 4, y: TOP - 2 }, `↑ ${up}`));
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

// A range of round numbers around all values.
function span(values) {
  const low = Math.min(...values), high = Math.max(...values);
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, 0.1)));
  return [Math.floor(low / step - 0.2) * step, Math.ceil(high / step + 0.2) * step];
}
