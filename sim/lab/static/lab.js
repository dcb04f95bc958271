// The page: its state is in its controls and its address; pictures follow.

import { ask } from "./ask.js";
import { whenWidthChanges } from "./draw.js";
import { wireParting } from "./parting.js";
import { wireWatch } from "./watch.js";
import { showCompare, showExplore } from "./outcomes.js";
import { ALL, command, link, main, query, seed, sliders, ways, waysNow } from "./state.js";
import { plain, say } from "./words.js";

const PREVIEW = 250, FEWEST = 60, REST = 150, SLOW = 500;
const element = (id) => document.getElementById(id);
let last = null, ghost = null, busy = false, wanted = null, resting = 0, ticket = 0, shown = PREVIEW, wish = new AbortController();
const watch = wireWatch(), parting = wireParting(watch.jump);

const get = async (path, signal) => (await ask(path, signal)).json();

function fail(error) {
  if (error.name === "AbortError") return;
  const away = error instanceof TypeError;
  element("reason").textContent = away ? say("away") : error.message;
  element("failure").hidden = false;
  main.dataset.state = "failed";
}

// At most one preview is under way; of those asked for meanwhile only the latest is kept. A slow lab is asked for fewer worlds.
async function preview() {
  if (busy) return void (wanted = query(false));
  busy = true;
  wanted = null;
  const mine = ticket, begin = performance.now();
  try {
    const found = await get(`/preview/${shownPolicy()}?${query(false)}&runs=${shown}`), took = performance.now() - begin;
    shown = took > SLOW ? Math.max(FEWEST, Math.round(shown / 2)) : took < SLOW / 3 ? Math.min(PREVIEW, shown * 2) : shown;
    if (mine === ticket && main.dataset.state !== "settled") show(found);
  } catch (error) {
    fail(error);
  }
  busy = false;
  if (wanted && wanted !== last?.query) preview();
}

async function settle() {
  const mine = ++ticket, now = query();
  wish.abort();
  const { signal } = wish = new AbortController();
  main.dataset.state = "working";
  parting.clear();
  document.title = document.title.replace(/^.*?: /, `${document.querySelector("nav.stories [aria-current]").textContent}: `);
  history.replaceState(null, "", `/?${now}`);
  showLink();
  try {
    const worlds = get(`/world?${now}`, signal).then((lives) => { if (mine === ticket) watch.show(lives); });
    const [found] = await Promise.all([get(`/outcomes?${query(false)}&runs=${ALL}`, signal), worlds]);
    if (mine !== ticket) return;
    element("failure").hidden = true;
    show(found);
    main.dataset.key = now;
    main.dataset.state = "settled";
    tellParting(now, mine, signal);
  } catch (error) {
    if (mine === ticket) fail(error);
  }
}

// Comes last, as it is read last.
async function tellParting(now, mine, signal) {
  try {
    const told = await get(`/parting?${now}`, signal);
    if (mine !== ticket) return;
    parting.show(told);
    main.dataset.told = now;
  } catch (error) {
    if (mine === ticket) fail(error);
  }
}

// A preview knows one policy; the other is as it was, so that the axes keep still.
function show(found) {
  const now = query(false);
  found.policies = found.policies.map((policy, k) => (policy.curves ? policy : last?.found.policies[k] ?? policy));
  if (!found.policies[shownPolicy()].curves) return;
  if (last && last.ways !== waysNow()) ghost = null;
  else if (last && last.query !== now) ghost = last.found;
  showExplore(found, ghost, shownPolicy());
  element("explore").ariaBusy = "false";
  if (!found.end) return;
  element("end").textContent = found.end;
  showCompare(found);
  if (last) element("status").textContent = found.end;
  last = { query: now, found, ways: waysNow() };
}

const shownPolicy = () => Number(document.querySelector("[name=shown]:checked").value);

function showLink() {
  for (const other of document.querySelectorAll(".tongues a")) other.href = `/?${query(true, other.lang)}`;
  element("link").value = link();
  element("command").textContent = command();
}

// Where the page is not the teacher's own, browsers keep the clipboard to themselves: the link is selected then.
async function copyLink() {
  const field = element("link");
  field.focus();
  const done = navigator.clipboard ? await navigator.clipboard.writeText(field.value).then(() => true, () => false) : document.execCommand("copy");
  element("copied").textContent = say(done ? "copied" : "copy_self");
}

function tell(slider) {
  const text = `${plain(slider.value)} ${slider.dataset.unit}`.trim();
  slider.parentElement.querySelector("output").textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

function rest() {
  clearTimeout(resting);
  resting = setTimeout(settle, REST);
}

function keepApart() {
  ways.forEach((way, k) => { for (const option of way.options) option.disabled = option.value === ways[1 - k].value; });
}

for (const slider of sliders) {
  slider.addEventListener("input", () => { tell(slider); main.dataset.state = "moving"; element("explore").ariaBusy = "true"; wish.abort(); preview(); });
  slider.addEventListener("change", rest);
}
for (const way of ways) way.addEventListener("change", () => { keepApart(); rest(); });
seed.addEventListener("change", () => {
  seed.value = Math.min(999, Math.max(0, Math.round(Number(seed.value) || 0)));
  rest();
});
for (const radio of document.querySelectorAll("[name=shown]"))
  radio.addEventListener("change", () => last && showExplore(last.found, ghost, shownPolicy()));
element("reset").addEventListener("click", () => {
  for (const slider of sliders) { slider.value = slider.dataset.own; tell(slider); }
  rest();
});
element("retry").addEventListener("click", settle);
element("copy").addEventListener("click", copyLink);
element("link").addEventListener("focus", (event) => event.target.select());
whenWidthChanges(main, () => { watch.draw(); if (last) { showExplore(last.found, ghost, shownPolicy()); showCompare(last.found); } });
keepApart();
settle();
setTimeout(() => { if (!last) preview(); }, REST);
