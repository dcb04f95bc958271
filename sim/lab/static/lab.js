// The page: its state is in its controls and its address; pictures follow.

import { request } from "./request.js";
import { whenWidthChanges } from "./draw.js";
import { wireDivergence } from "./divergence.js";
import { wireWatch } from "./watch.js";
import { showCompare, showExplore } from "./outcomes.js";
import { ALL, command, link, main, query, seed, sliders, strategies, policiesNow } from "./state.js";
import { plain, message } from "./messages.js";

const PREVIEW = 250, FEWEST = 60, REST = 150, SLOW = 500;
const element = (id) => document.getElementById(id);
let last = null, ghost = null, busy = false, wanted = null, resting = 0, ticket = 0, shown = PREVIEW, pending = new AbortController();
const watch = wireWatch(), divergence = wireDivergence(watch.jump);

const get = async (path, signal) => (await request(path, signal)).json();

function fail(error) {
  if (error.name === "AbortError") return;
  const away = error instanceof TypeError;
  element("reason").textContent = away ? message("away") : error.message;
  element("failure").hidden = false;
  main.dataset.state = "failed";
}

// At most one preview is being calculated; of those requested meanwhile only the latest is kept. A slow server is asked for fewer runs.
async function preview() {
  if (busy) return void (wanted = query(false));
  busy = true;
  wanted = null;
  const mine = ticket, begin = performance.now();
  try {
    const data = await get(`/preview/${shownPolicy()}?${query(false)}&replications=${shown}`), took = performance.now() - begin;
    shown = took > SLOW ? Math.max(FEWEST, Math.round(shown / 2)) : took < SLOW / 3 ? Math.min(PREVIEW, shown * 2) : shown;
    if (mine === ticket && main.dataset.state !== "settled") show(data);
  } catch (error) {
    fail(error);
  }
  busy = false;
  if (wanted && wanted !== last?.query) preview();
}

async function settle() {
  const mine = ++ticket, now = query();
  pending.abort();
  const { signal } = pending = new AbortController();
  main.dataset.state = "working";
  divergence.clear();
  document.title = document.title.replace(/^.*?: /, `${document.querySelector("nav.stories [aria-current]").textContent}: `);
  history.replaceState(null, "", `/?${now}`);
  showLink();
  try {
    const runs = get(`/run?${now}`, signal).then((pair) => { if (mine === ticket) watch.show(pair); });
    const [data] = await Promise.all([get(`/outcomes?${query(false)}&replications=${ALL}`, signal), runs]);
    if (mine !== ticket) return;
    element("failure").hidden = true;
    show(data);
    main.dataset.key = now;
    main.dataset.state = "settled";
    showDivergence(now, mine, signal);
  } catch (error) {
    if (mine === ticket) fail(error);
  }
}

// Comes last, as it is read last.
async function showDivergence(now, mine, signal) {
  try {
    const texts = await get(`/divergence?${now}`, signal);
    if (mine !== ticket) return;
    divergence.show(texts);
    main.dataset.divergence = now;
  } catch (error) {
    if (mine === ticket) fail(error);
  }
}

// A preview knows one policy; the other is as it was, so that the axes keep still.
function show(data) {
  const now = query(false);
  data.policies = data.policies.map((policy, k) => (policy.curves ? policy : last?.data.policies[k] ?? policy));
  if (!data.policies[shownPolicy()].curves) return;
  if (last && last.strategies !== policiesNow()) ghost = null;
  else if (last && last.query !== now) ghost = last.data;
  showExplore(data, ghost, shownPolicy());
  element("explore").ariaBusy = "false";
  if (!data.end) return;
  element("end").textContent = data.end;
  showCompare(data);
  if (last) element("status").textContent = data.end;
  last = { query: now, data, strategies: policiesNow() };
}

const shownPolicy = () => Number(document.querySelector("[name=shown]:checked").value);

function showLink() {
  for (const other of document.querySelectorAll("nav.languages a")) other.href = `/?${query(true, other.lang)}`;
  element("link").value = link();
  element("command").textContent = command();
}

// Where the page is not the teacher's own, browsers keep the clipboard to themselves: the link is selected then.
async function copyLink() {
  const field = element("link");
  field.focus();
  const done = navigator.clipboard ? await navigator.clipboard.writeText(field.value).then(() => true, () => false) : document.execCommand("copy");
  element("copied").textContent = message(done ? "copied" : "copy_self");
}

function showValue(slider) {
  const text = `${plain(slider.value)} ${slider.dataset.unit}`.trim();
  slider.parentElement.querySelector("output").textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

function rest() {
  clearTimeout(resting);
  resting = setTimeout(settle, REST);
}

function keepApart() {
  strategies.forEach((strategy, k) => { for (const option of strategy.options) option.disabled = option.value === strategies[1 - k].value; });
}

for (const slider of sliders) {
  slider.addEventListener("input", () => { showValue(slider); main.dataset.state = "moving"; element("explore").ariaBusy = "true"; pending.abort(); preview(); });
  slider.addEventListener("change", rest);
}
for (const strategy of strategies) strategy.addEventListener("change", () => { keepApart(); rest(); });
seed.addEventListener("change", () => {
  seed.value = Math.min(999, Math.max(0, Math.round(Number(seed.value) || 0)));
  rest();
});
for (const radio of document.querySelectorAll("[name=shown]"))
  radio.addEventListener("change", () => last && showExplore(last.data, ghost, shownPolicy()));
element("reset").addEventListener("click", () => {
  for (const slider of sliders) { slider.value = slider.dataset.own; showValue(slider); }
  rest();
});
element("retry").addEventListener("click", settle);
element("copy").addEventListener("click", copyLink);
element("link").addEventListener("focus", (event) => event.target.select());
whenWidthChanges(main, () => { watch.draw(); if (last) { showExplore(last.data, ghost, shownPolicy()); showCompare(last.data); } });
keepApart();
settle();
setTimeout(() => { if (!last) preview(); }, REST);
