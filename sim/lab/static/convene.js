// The game: its state is in its address; each decision adds a word to it, and the server plays all of it again.

import { ask } from "./ask.js";
import { drawEnd, showEnd } from "./end.js";
import { html } from "./draw.js";
import { drawNetwork } from "./network.js";
import { offerBoard } from "./send.js";
import { say } from "./words.js";

const DIGITS = "0123456789t", FRAME = 450;
const main = document.getElementById("convene");
const element = (id) => document.getElementById(id);
const levers = [...document.querySelectorAll(".lever input")];
const PARTS = Number(main.dataset.parts), MONTHS = Number(main.dataset.months);
let told = null, frame = 0, timer = 0, ticket = 0;

async function load(search, decided) {
  const mine = ++ticket;
  main.dataset.state = "working";
  element("failure").hidden = true;
  try {
    const found = await (await ask(`/convene/round${search}`)).json();
    if (mine !== ticket) return;
    told = found;
    history.replaceState(null, "", `/convene?${told.query}`);
    show(decided);
    main.dataset.key = told.query;
    main.dataset.state = "settled";
  } catch (error) {
    if (mine !== ticket) return;
    element("reason").textContent = error instanceof TypeError ? say("away") : error.message;
    element("failure").hidden = false;
    main.dataset.state = "failed";
  }
}

function show(decided) {
  element("head").textContent = told.head;
  element("years").value = told.done;
  element("facts").replaceChildren(...told.facts.map((fact) => html("span", {}, fact)));
  element("opening").open = !told.done;
  if (told.done) element("news-title").textContent = told.news_title;
  list("news", told.news);
  list("beside", told.beside);
  list("otherwise", told.otherwise);
  element("beside-box").hidden = !told.beside.length;
  for (const id of ["decide", "guessed", "to-levers"]) element(id).hidden = told.over;
  element("end").hidden = !told.over;
  main.classList.toggle("over", told.over);
  const back = element("back");
  back.hidden = !told.done;
  back.href = `/convene?${told.back}`;
  for (const link of document.querySelectorAll(".tongues a")) link.href = `/convene?${tongue(link.lang)}`;
  showLink();
  if (told.over) {
    showEnd(told.end);
    offerBoard(told);
  } else showDesk();
  play(decided ? MONTHS * (told.done - 1) : MONTHS * told.done);
  if (!decided) return;
  element("status").textContent = [told.head, ...(told.over ? told.end.told : told.news)].join(" ");
  element("head").focus();
}

function list(id, sentences) {
  element(id).replaceChildren(...sentences.map((sentence) => html("li", {}, sentence)));
}

function showDesk() {
  element("guesses").replaceChildren(...told.guesses.flatMap(({ name, value, told: words }) => {
    const bar = html("dd");
    bar.append(html("meter", { min: 0, max: 1, value, "aria-label": name }));
    return [html("dt", {}, name), bar, html("dd", {}, words)];
  }));
  element("sectors").replaceChildren(...told.sectors.map(([name, ...cells]) => {
    const row = html("tr");
    row.append(html("th", { scope: "row" }, name), ...cells.map((cell) => html("td", {}, cell)));
    return row;
  }));
  element("lowest").textContent = told.lowest;
  element("pause-box").hidden = !told.pause;
  element("pause-told").textContent = told.pause;
  element("pause").checked = false;
  levers.forEach((lever, k) => { lever.value = told.last ? told.last.parts[k] : 0; });
  document.querySelector(`[name=whom][value=${told.last?.to_short ? "s" : "a"}]`).checked = true;
  weigh();
}

const short = () => document.querySelector("[name=whom]:checked").value;
const given = () => levers.reduce((sum, lever) => sum + Number(lever.value), 0);

// Say what each part buys, and what is still in hand.
function weigh() {
  for (const lever of levers) {
    const n = Number(lever.value), key = lever.id === "intervene" && short() === "s" ? "intervene_short" : lever.id;
    const buys = told.buys[key][n];
    element(`${lever.id}-buys`).textContent = n ? buys : "";
    lever.parentElement.querySelector("output").textContent = n;
    lever.setAttribute("aria-valuetext", n ? `${n}: ${buys}` : `${n}`);
  }
  element("left").value = PARTS - given();
  element("left-told").textContent = say("left", { n: PARTS - given() });
}

function move(lever, to) {
  const others = given() - Number(lever.value), most = PARTS - others;
  lever.value = Math.max(0, Math.min(to, most));
  element("status").textContent = to > most ? say("all_given") : "";
  weigh();
}

function decide(parts, whom, pause) {
  if (main.dataset.state !== "settled") return;
  const token = parts.map((n) => DIGITS[n]).join("") + whom + (pause ? "p" : "");
  const next = new URLSearchParams(told.query), moves = next.get("d");
  next.set("d", moves ? `${moves}.${token}` : token);
  history.pushState(null, "", `/convene?${next}`);
  load(`?${next}`, true);
}

// Draw the months that passed, one after the other; at once where motion is not wanted.
function play(from) {
  clearTimeout(timer);
  const last = MONTHS * told.done, still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame = still ? last : Math.max(0, from);
  draw();
  if (frame < last) timer = setTimeout(() => play(frame + 1), FRAME);
}

function draw() {
  if (!told) return;
  drawNetwork(element("network"), told.life, frame);
  element("month").textContent = told.months[frame];
  if (told.over) drawEnd(told.end);
}

function tongue(code) {
  const query = new URLSearchParams(told.query);
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
for (const radio of document.querySelectorAll("[name=whom]")) radio.addEventListener("change", weigh);
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
