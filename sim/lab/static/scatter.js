// Members kept against value for society: one mark for each strategy and each player.

import { node } from "./draw.js";
import { language } from "./messages.js";

const LEFT = 52, RIGHT = 16, TOP = 30, BOTTOM = 44;
const MARKS = {
  you: { r: 8, fill: "#C2410C", stroke: "#1C2430" },
  player: { r: 6, fill: "#C2410C", stroke: "#1C2430" },
  named: { r: 6, fill: "#3B3B6D", stroke: "#1C2430" },
  other: { r: 4.5, fill: "#fff", stroke: "#3B3B6D" },
};

// Points: [{x: share of members, y: value, name, mark}]; all but "other" carry their name where there is room for it.
export function drawScatter(svg, points, { across, up, label }) {
  const width = Math.max(300, svg.clientWidth), height = svg.clientHeight || 340;
  const step = stepOf(points.map((p) => p.y)), values = points.map((p) => p.y);
  const low = step * Math.floor(Math.min(...values) / step), high = step * Math.ceil(Math.max(...values) / step + 0.01);
  const shares = points.map((p) => 5 * p.x), from = 20 * Math.min(4, Math.floor(Math.min(...shares))), to = 20 * Math.max(1 + from / 20, Math.ceil(Math.max(...shares)));
  const x = (share) => LEFT + ((width - LEFT - RIGHT) * (100 * share - from)) / (to - from);
  const y = (value) => height - BOTTOM - ((height - TOP - BOTTOM) * (value - low)) / (high - low);
  const parts = [];
  for (let value = low; value <= high + step / 2; value += step) {
    parts.push(node("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), stroke: "#E3E6EA" }));
    parts.push(node("text", { class: "axis", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString(language, { maximumFractionDigits: 1 })));
  }
  for (let share = from; share <= to; share += (to - from) / 4)
    parts.push(node("text", { class: "axis", x: x(share / 100), y: height - BOTTOM + 18, "text-anchor": share === to ? "end" : "middle" }, `${share}`));
  parts.push(node("text", { class: "axis", x: width - RIGHT, y: height - 8, "text-anchor": "end" }, `${across} →`));
  parts.push(node("text", { class: "axis", x: 4, y: 12 }, `↑ ${up}`));
  const order = ["other", "named", "player", "you"], ranked = [...points].sort((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark));
  for (const point of ranked) {
    const circle = node("circle", { cx: x(point.x), cy: y(point.y), "stroke-width": 1.3, ...MARKS[point.mark] });
    circle.append(node("title", {}, point.name));
    parts.push(circle);
  }
  const taken = points.map((p) => [x(p.x) - 6, y(p.y) - 6, x(p.x) + 6, y(p.y) + 6]);
  for (const point of ranked.reverse().filter((p) => p.mark !== "other" && p.name)) {
    const bold = point.mark !== "named", place = free(x(point.x), y(point.y), (bold ? 7.4 : 6.7) * point.name.length, taken, width);
    if (place) parts.push(node("text", { x: place[0], y: place[1] + 11, "font-weight": bold ? 700 : 400 }, point.name));
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.removeAttribute("aria-labelledby");
  svg.setAttribute("aria-label", label);
  svg.replaceChildren(...parts);
}

// The first place beside a mark where its name covers nothing, as the left and top of its box; null if there is no such place.
function free(x, y, size, taken, width) {
  const beside = [[10, -7], [-10 - size, -7], [-size / 2, -23], [-size / 2, 9], [8, -19], [8, 6], [-8 - size, -19], [-8 - size, 6]];
  for (const [dx, dy] of beside) {
    const box = [x + dx, y + dy, x + dx + size, y + dy + 14];
    if (box[0] < LEFT || box[2] > width || taken.some((t) => box[0] < t[2] && t[0] < box[2] && box[1] < t[3] && t[1] < box[3])) continue;
    taken.push(box);
    return box;
  }
  return null;
}

// The distance of grid lines: 1, 2 or 5 of some power of ten, with three to seven lines.
function stepOf(values) {
  const range = Math.max(Math.max(...values) - Math.min(...values), 0.5), ten = 10 ** Math.floor(Math.log10(range / 3));
  return ten * [5, 2, 1].find((k) => range / (k * ten) >= 3 || k === 1);
}
