// The class board: fetched every few seconds; the teacher can also manage it on this page.

import { html } from "./draw.js";
import { drawScatter } from "./scatter.js";
import { language, message } from "./messages.js";

const EVERY = 4000, NAMED = ["neutral", "adaptive", "perfect_information"], LABELLED = 30;
const main = document.getElementById("board");
const element = (id) => document.getElementById(id);
const teacher = main.dataset.teacher === "yes";
let board = null, text = "";

async function load() {
  try {
    const answer = await fetch(`/board/scores?lang=${language}`);
    if (!answer.ok) throw new Error();
    const data = await answer.text();
    element("failure").hidden = true;
    if (data !== text) show(data);
    main.dataset.state = "settled";
  } catch {
    element("failure").textContent = message("away");
    element("failure").hidden = false;
    main.dataset.state = "failed";
  }
}

function show(data) {
  const before = board;
  text = data;
  board = JSON.parse(data);
  element("run").textContent = message("run", board);
  const base = element("link").dataset.shared ?? `${location.origin}/`;
  element("link").value = `${base}convene?${board.link}`;
  const rows = board.entries.map(rowOf);
  element("rows").replaceChildren(...(rows.length ? rows : [html("tr")]));
  if (!rows.length) element("rows").firstChild.append(html("td", { colspan: teacher ? 4 : 3 }, message("empty")));
  if (teacher) element("open").checked = board.open_to_all;
  const old = before && new Set(before.entries.map((entry) => entry.nickname));
  const names = old ? board.entries.map((entry) => entry.nickname).filter((name) => !old.has(name)) : [];
  if (names.length) element("status").textContent = message("new", { names: names.join(", ") });
  draw();
}

function rowOf(entry) {
  const row = html("tr"), value = entry.society_value.toLocaleString(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  row.append(html("th", { scope: "row" }, entry.nickname), html("td", {}, `${value} (${entry.society_value_rank})`));
  row.append(html("td", {}, `${(100 * entry.retention).toFixed(0)}% (${entry.retention_rank})`));
  if (teacher) {
    const off = html("button", { type: "button", "aria-label": message("remove", { name: entry.nickname }) }, message("off"));
    off.addEventListener("click", () => manage({ do: "remove", nickname: entry.nickname }));
    row.append(html("td"));
    row.lastChild.append(off);
  }
  return row;
}

function draw() {
  if (!board) return;
  const many = board.entries.length > LABELLED;
  const points = board.entries.map((e) => ({ x: e.retention, y: e.society_value, name: many ? "" : e.nickname, mark: "player" }));
  for (const row of board.others)
    points.push({ x: row.retention, y: row.society, name: row.name, mark: NAMED.includes(row.kind) ? "named" : "other" });
  drawScatter(element("picture"), points, { across: message("members"), up: message("society"), label: message("picture", { n: board.entries.length }) });
}

async function manage(what) {
  await fetch("/board/manage", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(what) });
  await load();
}

if (teacher) {
  element("clear").addEventListener("click", () => manage({ do: "clear" }));
  element("open").addEventListener("change", (event) => manage({ do: event.target.checked ? "open" : "close" }));
  element("begin").addEventListener("submit", (event) => {
    event.preventDefault();
    manage({ do: "begin", scenario: element("scenario").value, seed: Number(element("seed").value) });
  });
}
element("link").addEventListener("focus", (event) => event.target.select());
new ResizeObserver(draw).observe(main);
load();
setInterval(load, EVERY);
