// The game: its state is in its address; each decision adds a token to it, and the server simulates all of it again.

import { request } from "./request.js";
import { drawEnd, showEnd } from "./game_end.js";
import { html } from "./draw.js";
import { drawNetwork } from "./network.js";
import { offerBoard } from "./send_score.js";
import { message } from "./messages.js";

const DIGITS = "0123456789t", FRAME = 450;
const main = document.getElementById("convene");
const element = (id) => document.getElementById(id);
const levers = [...document.querySelectorAll(".lever input")];
const POINTS = Number(main.dataset.points), MONTHS = Number(main.dataset.months);
let round = null, frame = 0, timer = 0, ticket = 0;

async function load(search, decided) {
  const mine = ++ticket;
  main.dataset.state = "working";
  element("failure").hidden = true;
  try {
    const data = await (await request(`/convene/round${search}`)).json();
    if (mine !== ticket) return;
    round = data;
    history.replaceState(null, "", `/convene?${round.query}`);
    await show(decided);
    if (mine !== ticket) return;
    main.dataset.key = round.query;
    main.dataset.state = "settled";
  } catch (error) {
    if (mine !== ticket) return;
    element("reason").textContent = error instanceof TypeError ? message("away") : error.message;
    element("failure").hidden = false;
    main.dataset.state = "failed";
  }
}

async function show(decided) {
  element("head").textContent = round.head;
  element("years").value = round.done;
  element("facts").replaceChildren(...round.facts.map((fact) => html("span", {}, fact)));
  element("opening").open = !round.done;
  if (round.done) element("news-title").textContent = round.news_title;
  list("news", round.news);
  list("from-start", round.from_start);
  list("last-round", round.last_round);
  element("alternatives").hidden = !round.from_start.length;
  for (const id of ["decide", "estimated", "to-levers"]) element(id).hidden = round.over;
  element("end").hidden = !round.over;
  main.classList.toggle("over", round.over);
  const back = element("back");
  back.hidden = !round.done;
  back.href = `/convene?${round.back}`;
  for (const link of document.querySelectorAll("nav.languages a")) link.href = `/convene?${code(link.lang)}`;
  showLink();
  if (round.over) showEnd(round.end);
  else showDashboard();
  play(decided ? MONTHS * (round.done - 1) : MONTHS * round.done);
  if (round.over) await offerBoard(round);
  if (!decided) return;
  element("status").textContent = [round.head, ...(round.over ? round.end.texts : round.news)].join(" ");
  element("head").focus();
}

function list(id, sentences) {
  element(id).replaceChildren(...sentences.map((sentence) => html("li", {}, sentence)));
}

function showDashboard() {
  element("estimates").replaceChildren(...round.estimates.flatMap(({ name, value, text }) => {
    const bar = html("dd");
    bar.append(html("meter", { min: 0, max: 1, value, "aria-label": name }));
    return [html("dt", {}, name), bar, html("dd", {}, text)];
  }));
  element("sectors").replaceChildren(...round.sectors.map(([name, ...cells]) => {
    const row = html("tr");
    row.append(html("th", { scope: "row" }, name), ...cells.map((cell) => html("td", {}, cell)));
    return row;
  }));
  element("lowest").textContent = round.lowest;
  element("pause-box").hidden = !round.pause;
  element("pause-text").textContent = round.pause;
  element("pause").checked = false;
  levers.forEach((lever, k) => { lever.value = round.last ? round.last.points[k] : 0; });
  document.querySelector(`[name=whom][value=${round.last?.to_short ? "s" : "a"}]`).checked = true;
  showEffects();
}

const short = () => document.querySelector("[name=whom]:checked").value;
const spent = () => levers.reduce((sum, lever) => sum + Number(lever.value), 0);

// Say what the points for each lever buy, and how many are left.
function showEffects() {
  for (const lever of levers) {
    const n = Number(lever.value), key = lever.id === "intervene" && short() === "s" ? "intervene_short" : lever.id;
    const buys = round.effects[key][n];
    element(`${lever.id}-effect`).textContent = n ? buys : "";
    lever.parentElement.querySelector("output").textContent = n;
    lever.setAttribute("aria-valuetext", n ? `${n}: ${buys}` : `${n}`);
  }
  element("left").value = POINTS - spent();
  element("left-text").textContent = message("left", { n: POINTS - spent() });
}

function move(lever, to) {
  const others = spent() - Number(lever.value), most = POINTS - others;
  lever.value = Math.max(0, Math.min(to, most));
  element("status").textContent = to > most ? message("all_given") : "";
  showEffects();
}

function decide(parts, whom, pause) {
  if (main.dataset.state !== "settled") return;
  const token = parts.map((n) => DIGITS[n]).join("") + whom + (pause ? "p" : "");
  const next = new URLSearchParams(round.query), tokens = next.get("d");
  next.set("d", tokens ? `${tokens}.${token}` : token);
  history.pushState(null, "", `/convene?${next}`);
  load(`?${next}`, true);
}

// Draw the months that passed, one after the other; at once where motion is not wanted.
function play(from) {
  clearTimeout(timer);
  const last = MONTHS * round.done, still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame = still ? last : Math.max(0, from);
  draw();
  if (frame < last) timer = setTimeout(() => play(frame + 1), FRAME);
}

function draw() {
  if (!round) return;
  drawNetwork(element("network"), round.run, frame);
  element("month").textContent = round.months[frame];
  if (round.over) drawEnd(round.end);
}

function code(code) {
  const query = new URLSearchParams(round.query);
  query.delete("lang");
  if (code !== "en") query.set("lang", code);
  return query;
}

function showLink() {
  const link = element("link"), here = new URL(location.href);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(here.hostname);
  link.value = link.dataset.shared && local ? link.dataset.shared.replace(/\/$/, "") + here.pathname + here.search : here.href;
}

const lever = (button) => element(button.dataset.for);
for (const input of levers) input.addEventListener("input", () => move(input, Number(input.value)));
for (const button of document.querySelectorAll(".more")) button.addEventListener("click", () => move(lever(button), Number(lever(button).value) + 1));
for (const button of document.querySelectorAll(".less")) button.addEventListener("click", () => move(lever(button), Number(lever(button).value) - 1));
for (const radio of document.querySelectorAll("[name=whom]")) radio.addEventListener("change", showEffects);
element("decide").addEventListener("submit", (event) => {
  event.preventDefault();
  decide(levers.map((input) => Number(input.value)), short(), !element("pause-box").hidden && element("pause").checked);
});
element("to-levers").addEventListener("click", () => {
  element("decide").scrollIntoView();
  element("decide-title").focus({ preventScroll: true });
});
element("nothing").addEventListener("click", () => decide(levers.map(() => 0), "a", false));
element("retry").addEventListener("click", () => load(location.search, false));
element("link").addEventListener("focus", (event) => event.target.select());
addEventListener("popstate", () => load(location.search, false));
new ResizeObserver(draw).observe(main);
load(location.search, false);
