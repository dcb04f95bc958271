// Curves with bands over the months, a strip for a paired difference, and the same as tables.

import { html, node } from "./draw.js";
import { number, message } from "./messages.js";

export const POLICY = [["#3B3B6D", ""], ["#C2410C", "7 4"]];
const SECTOR = { public: ["#1F5FA8", ""], private: ["#B37400", "7 4"], academic: ["#A3376B", "2 3"], nonprofit: ["#3F8F5F", "8 3 2 3"] };
const HEIGHT = 210, LEFT = 44, TOP = 20, BOTTOM = 26;

// Lines of one panel: [{name, sector, bands: five rows of numbers, colour, dash}].
export function lines(curves, outcome, which) {
  if (outcome !== "private") return [{ name: "", sector: "", bands: curves[outcome], colour: POLICY[which][0], dash: POLICY[which][1] }];
  return Object.keys(SECTOR).filter((s) => curves[`private_${s}`]).map((s) => (
    { name: message(s), sector: s, bands: curves[`private_${s}`], colour: SECTOR[s][0], dash: SECTOR[s][1] }));
}

// The top of an axis: the first of a fixed ladder that holds all, so that small moves do not change it.
export function ladder(largest, base) {
  let top = base;
  while (top < largest) top *= 2;
  return top;
}

export function drawChart(box, { shown, ghosts = [], top, grant, label, unit, show = number }) {
  const svg = box.querySelector("svg") ?? box.appendChild(node("svg", { role: "img", height: HEIGHT }));
  const several = shown.length > 1, right = Math.max(66, ...shown.map((l) => 14 + 7.6 * l.name.length)), width = Math.max(260, box.clientWidth);
  const months = shown[0].bands[0].length;
  const x = (month) => LEFT + ((width - LEFT - right) * month) / months;
  const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(1.02, value / top);
  const path = (row) => row.map((v, k) => `${k ? "L" : "M"}${x(k + 1).toFixed(1)},${y(v).toFixed(1)}`).join("");
  const band = (low, high) => `${path(low)}${high.map((v, k) => `L${x(k + 1).toFixed(1)},${y(v).toFixed(1)}`).reverse().join("")}Z`;
  const parts = [];
  for (const part of [0, 0.5, 1]) {
    parts.push(node("line", { x1: LEFT, x2: width - right, y1: y(top * part), y2: y(top * part), stroke: "#E3E6EA" }));
    parts.push(node("text", { class: "axis", x: LEFT - 6, y: y(top * part) + 4, "text-anchor": "end" }, Number.isInteger(top) && top * part % 1 ? "" : part ? show(top * part) : "0"));
  }
  for (let year = 0; year <= months / 12; year++)
    parts.push(node("text", { class: "axis", x: x(12 * year), y: HEIGHT - 8, "text-anchor": "middle" }, year ? `${year}` : message("year_zero")));
  if (grant > 0 && grant < months) {
    parts.push(node("line", { x1: x(grant), x2: x(grant), y1: TOP, y2: HEIGHT - BOTTOM, stroke: "#9AA3AE", "stroke-dasharray": "2 3" }));
    parts.push(node("text", { class: "axis", x: x(grant), y: TOP - 7, "text-anchor": "middle" }, message("grant_ends")));
  }
  for (const { bands, colour } of shown) {
    if (!several) parts.push(node("path", { d: band(bands[0], bands[4]), fill: colour, "fill-opacity": 0.16 }));
    parts.push(node("path", { d: band(bands[1], bands[3]), fill: colour, "fill-opacity": several ? 0.16 : 0.3 }));
  }
  for (const { bands } of ghosts) parts.push(node("path", { class: "ghost", d: path(bands[2]), fill: "none", stroke: "#7b8694", "stroke-width": 1.3 }));
  const ends = [];
  for (const { bands, colour, dash, name } of shown) {
    parts.push(node("path", { d: path(bands[2]), fill: "none", stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash }));
    ends.push([y(bands[2][months - 1]) + 4, name || show(bands[2][months - 1]), colour]);
  }
  ends.sort((a, b) => a[0] - b[0]);
  for (let k = 1; k < ends.length; k++) ends[k][0] = Math.max(ends[k][0], ends[k - 1][0] + 14);
  const over = ends.length ? ends[ends.length - 1][0] - (HEIGHT - BOTTOM + 4) : 0;
  for (const [at, text, colour] of ends)
    parts.push(node("text", { x: width - right + 6, y: over > 0 ? at - over : at, fill: colour, "font-weight": 600 }, text));
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("aria-label", `${label} ${unit}`);
  svg.replaceChildren(...parts);
}

// The paired difference with its interval, on a line whose zero is dark.
export function drawStrip(box, { difference, low, high, scale, strategy, base, unit }) {
  const svg = box.querySelector("svg") ?? box.appendChild(node("svg", { class: "strip", role: "img" }));
  const width = Math.max(260, box.clientWidth), middle = width / 2, half = width / 2 - 20;
  const reach = ladder(Math.max(Math.abs(low), Math.abs(high)) * 1.1, scale);
  const x = (value) => middle + (half * value) / reach;
  svg.setAttribute("viewBox", `0 0 ${width} 62`);
  svg.setAttribute("aria-label", message("difference", { difference: number(difference), unit, low: number(low), high: number(high) }));
  svg.replaceChildren(
    node("line", { x1: middle - half, x2: middle + half, y1: 28, y2: 28, stroke: "#DFE3E8", "stroke-width": 8 }),
    node("line", { x1: middle, x2: middle, y1: 14, y2: 42, stroke: "#1C2430", "stroke-width": 2 }),
    node("line", { x1: x(low), x2: Math.max(x(high), x(low) + 1), y1: 28, y2: 28, stroke: "#1C2430", "stroke-width": 4 }),
    node("circle", { cx: x(difference), cy: 28, r: 6, fill: "#1C2430" }),
    node("text", { x: x(difference), y: 16, "text-anchor": "middle" }, `${difference > 0 ? "+" : "−"}${number(Math.abs(difference))}`),
    node("text", { x: middle - half, y: 58 }, width < 600 ? message("less") : message("less_with", { strategy: base })),
    node("text", { x: middle + half, y: 58, "text-anchor": "end" }, width < 600 ? message("more") : message("more_with", { strategy })),
    node("text", { class: "axis", x: middle, y: 58, "text-anchor": "middle" }, "0"),
  );
}

// A year a row: the middle seed, and where half and nine in ten lie.
export function fillTable(details, panels, unit, show = number) {
  const table = html("table"), head = table.createTHead().insertRow(), body = table.createTBody();
  table.createCaption().textContent = message("caption", { unit });
  head.append(html("th", { scope: "col" }, message("year")));
  for (const { title } of panels) head.append(html("th", { scope: "col" }, title));
  for (let month = 12; month <= panels[0].bands[0].length; month += 12) {
    const row = body.insertRow();
    row.append(html("th", { scope: "row" }, `${month / 12}`));
    for (const { bands } of panels) {
      const [lowest, low, middle, high, highest] = bands.map((values) => show(values[month - 1]));
      row.insertCell().textContent = message("cell", { lowest, low, middle, high, highest });
    }
  }
  const wide = html("div", { class: "scrollable", tabindex: "0", role: "group", "aria-label": message("table") });
  wide.append(table);
  details.replaceChildren(html("summary", {}, message("as_table")), wide);
}
