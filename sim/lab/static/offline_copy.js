// The offline copy: the stories from a grid of results inside the page; it contacts no server.

import { whenWidthChanges } from "./draw.js";
import { showCompare, showExplore } from "./outcomes.js";
import { wireDivergence } from "./divergence.js";
import { command, main, seed, sliders, strategies } from "./state.js";
import { wireWatch } from "./watch.js";
import { plain } from "./messages.js";

const element = (id) => document.getElementById(id), links = [...document.querySelectorAll("nav.stories a")];
const watch = wireWatch(), divergence = wireDivergence(watch.jump);
let stories = null, story = null, shown = null, ghost = null;

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// Curves came in whole steps, as the change of the change from month to month; the middle of a step stands for it.
function unpackCurves(data) {
  const summed = (row) => { let sum = 0; return row.map((more) => sum += more); };
  const unpacked = ([name, { steps, rows }]) => [name, rows.map((row) => summed(summed(row)).map((n) => (n + 0.5) / steps))];
  const policies = data.policies.map((p) => ({ ...p, curves: Object.fromEntries(Object.entries(p.curves).map(unpacked)) }));
  return { ...data, policies };
}

function open() {
  const chosen = links.find((link) => link.hash === location.hash) ?? links[0], scenario = chosen.hash.slice(1);
  for (const link of links) link.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "page");
  document.title = document.title.replace(/^(.*: )?/, `${chosen.textContent}: `);
  for (const text of document.querySelectorAll(".lead [data-sliders]")) text.hidden = text.id !== `story-${scenario}`;
  const { sliders: described, case: title } = element(`story-${scenario}`).dataset;
  JSON.parse(described).forEach(({ own, low, high, about }, k) => {
    const slider = sliders[k];
    slider.dataset.own = own;
    Object.assign(slider, { min: low, max: high });
    element(`${slider.id}-doc`).textContent = about;
  });
  Object.assign(main.dataset, { scenario, case: title });
  story = stories[scenario];
  story.points[0].policies.forEach(({ name, strategy }, k) => Object.assign(strategies[k].options[0], { value: name, text: strategy }));
  shown = null;
  begin();
  follow();
}

function begin() {
  for (const slider of sliders) slider.value = slider.dataset.own;
  move();
}

function follow() {
  const { runs, divergence: texts } = story.runs.find((run) => run.seed === Number(seed.value));
  watch.show(runs);
  divergence.show(texts);
}

function move() {
  let at = 0;
  for (const slider of sliders) {
    const [value, low, high, step] = [slider.value, slider.min, slider.max, slider.step].map(Number);
    const text = `${plain(value)} ${slider.dataset.unit}`.trim();
    slider.parentElement.querySelector("output").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    at = at * (Math.round((high - low) / step) + 1) + Math.round((value - low) / step);
  }
  ghost = shown;
  shown = unpackCurves(story.points[at]);
  element("end").textContent = shown.end;
  element("command").textContent = command();
  draw();
}

function draw() {
  showExplore(shown, ghost, Number(document.querySelector("[name=shown]:checked").value));
  showCompare(shown);
}

async function start() {
  stories = await unpack(element("data").textContent);
  open();
  for (const slider of sliders) {
    slider.addEventListener("input", move);
    slider.addEventListener("change", () => { element("status").textContent = shown.end; });
  }
  for (const radio of document.querySelectorAll("[name=shown]")) radio.addEventListener("change", draw);
  seed.addEventListener("change", follow);
  element("reset").addEventListener("click", begin);
  addEventListener("hashchange", open);
  whenWidthChanges(main, () => { watch.draw(); draw(); });
  main.dataset.state = "settled";
}

start().catch(() => { element("failure").hidden = false; });
