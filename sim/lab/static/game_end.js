// How the game ended: beside other strategies, what was decided, and what members really felt.

import { html, node } from "./draw.js";
import { drawScatter } from "./scatter.js";
import { language, message } from "./messages.js";

const NAMED = ["neutral", "adaptive", "perfect_information"];
const element = (id) => document.getElementById(id);
const write = (value, digits = 2) => (value === null ? "–" : value.toLocaleString(language, { maximumFractionDigits: digits }));

export function showEnd(end) {
  element("end-texts").replaceChildren(...end.texts.map((sentence) => html("li", {}, sentence)));
  element("rows").replaceChildren(...end.rows.map((row) => cells(row.name, row.cells, row.kind === "you" ? "you" : "")));
  element("decisions").replaceChildren(...end.timeline.map((round, k) => cells(
    `${k + 1}`, [...round.points, `${round.whom}${round.pause ? `, ${message("paused")}` : ""}`, round.members, round.left], "")));
  element("command").textContent = end.command;
  element("many").textContent = end.many;
  element("other").href = `/convene?${end.other}`;
  const series = { surplus: pick(end.felt, "surplus"), engagement: pick(end.felt, "engagement"), tension: Object.entries(end.tensions) };
  for (const [part, panels] of Object.entries(series)) {
    element(`felt-${part}`).replaceChildren(...panels.map(([name]) => {
      const box = html("div", { class: "panel-box" });
      box.append(html("p", {}, name), node("svg", { role: "img", "aria-label": name }));
      return box;
    }));
    element(`felt-${part}-table`).replaceChildren(tabled(panels));
  }
}

export function drawEnd(end) {
  const points = end.rows.map((row) => ({
    x: row.retention, y: row.society, name: row.name,
    mark: row.kind === "you" ? "you" : NAMED.includes(row.kind) ? "named" : "other",
  }));
  drawScatter(element("picture"), points, { across: message("members"), up: message("society"), label: end.texts.slice(0, 2).join(" ") });
  drawTimeline(element("timeline"), end.timeline);
  const series = { surplus: pick(end.felt, "surplus"), engagement: pick(end.felt, "engagement"), tension: Object.entries(end.tensions) };
  for (const [part, panels] of Object.entries(series)) {
    const all = panels.flatMap(([, { true: truth, seen }]) => [...truth, ...seen]).filter((v) => v !== null);
    const range = part === "surplus" ? [Math.min(-0.5, ...all), Math.max(0.5, ...all)] : [0, 1];
    const boxes = element(`felt-${part}`).querySelectorAll("svg");
    panels.forEach(([, values], k) => drawPanel(boxes[k], values, range));
  }
}

const pick = (felt, what) => Object.entries(felt).map(([name, series]) => [name, series[what]]);

function cells(name, texts, look) {
  const row = html("tr", look ? { class: look } : {});
  row.append(html("th", { scope: "row" }, name), ...texts.map((text) => html("td", {}, `${text}`)));
  return row;
}

// A dot for each lever in each round, larger for more effort; below, who is left.
function drawTimeline(svg, rounds) {
  const names = [...document.querySelectorAll(".lever label strong")].map((strong) => strong.textContent);
  const width = Math.max(300, svg.clientWidth), left = Math.min(150, width * 0.34), step = (width - left - 8) / rounds.length;
  const x = (k) => left + step * (k + 0.5), y = (row) => 36 + 32 * row, most = Math.min(15, step / 2);
  const parts = [];
  names.forEach((name, row) => {
    parts.push(node("text", { x: 0, y: y(row) + 4 }, name));
    parts.push(node("line", { x1: left, x2: width, y1: y(row), y2: y(row), stroke: "#E3E6EA" }));
    rounds.forEach(({ points }, k) => {
      if (points[row]) parts.push(node("circle", { cx: x(k), cy: y(row), r: most * Math.sqrt(points[row] / 10), fill: "#3B3B6D" }));
    });
  });
  parts.push(node("text", { x: 0, y: y(names.length) + 10, "font-weight": 600 }, message("left_in")));
  rounds.forEach(({ members, pause }, k) => {
    parts.push(node("text", { x: x(k), y: y(names.length) + 10, "text-anchor": "middle", "font-weight": 600 }, `${members}`));
    if (pause) parts.push(node("text", { class: "axis", x: x(k), y: 12, "text-anchor": "middle" }, message("paused")));
    parts.push(node("text", { class: "axis", x: x(k), y: y(names.length) + 30, "text-anchor": "middle" }, `${k + 1}`));
  });
  parts.push(node("text", { class: "axis", x: 0, y: y(names.length) + 30 }, message("decision")));
  svg.setAttribute("viewBox", `0 0 ${width} ${svg.clientHeight || 270}`);
  svg.replaceChildren(...parts);
}

// The truth as a line a month, and what was seen of it as a dot a round.
function drawPanel(svg, { true: truth, seen }, [low, high]) {
  const width = Math.max(150, svg.clientWidth), height = svg.clientHeight || 130, left = 34, bottom = 18;
  const x = (month) => left + ((width - left - 8) * month) / truth.length;
  const y = (value) => height - bottom - ((height - bottom - 8) * (value - low)) / (high - low);
  const parts = [low, ...(low < 0 ? [0] : []), high].flatMap((value) => [
    node("line", { x1: left, x2: width - 8, y1: y(value), y2: y(value), stroke: value ? "#E3E6EA" : "#9AA3AE" }),
    node("text", { class: "axis", x: left - 4, y: y(value) + 4, "text-anchor": "end" }, write(value, 1)),
  ]);
  for (const year of [0, 1, 2, 3, 4, 5]) parts.push(node("text", { class: "axis", x: x(12 * year), y: height - 3, "text-anchor": year ? "middle" : "start" }, year ? `${year}` : `${message("year")} 0`));
  let drawn = false;
  const path = truth.map((value, month) => {
    if (value === null) return (drawn = false, "");
    const to = `${drawn ? "L" : "M"}${x(month).toFixed(1)},${y(value).toFixed(1)}`;
    drawn = true;
    return to;
  }).join("");
  parts.push(node("path", { d: path, fill: "none", stroke: "#1C2430", "stroke-width": 2 }));
  const every = truth.length / seen.length;
  seen.forEach((value, k) => {
    if (value !== null) parts.push(node("circle", { cx: x(k * every), cy: y(value), r: 4, fill: "#C2410C", stroke: "#fff" }));
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
}

function tabled(panels) {
  const table = html("table"), head = table.createTHead().insertRow(), body = table.createTBody();
  head.append(html("th", { scope: "col" }, message("decision")));
  for (const [name] of panels) head.append(html("th", { scope: "col" }, `${name}: ${message("guess")} (${message("truth")})`));
  panels[0][1].seen.forEach((_, k) => {
    const every = panels[0][1].true.length / panels[0][1].seen.length;
    body.append(cells(`${k + 1}`, panels.map(([, { true: truth, seen }]) => `${write(seen[k])} (${write(truth[k * every])})`), ""));
  });
  return table;
}
