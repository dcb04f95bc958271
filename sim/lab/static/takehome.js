// The take-home page: the stories over a grid that came with the page; nothing is asked of anybody.

import { showCompare, showExplore } from "./outcomes.js";
import { wireParting } from "./parting.js";
import { wireWatch } from "./watch.js";
import { plain } from "./words.js";

const main = document.getElementById("lab"), element = (id) => document.getElementById(id);
const sliders = [...document.querySelectorAll(".setting input")], links = [...document.querySelectorAll("nav.stories a")];
const watch = wireWatch(), parting = wireParting(watch.jump);
let data = null, scenario = "", shown = null, ghost = null;

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// Curves came in whole steps, each as the change from the month before; the middle of the step stands for it.
function unpackCurves(found) {
  const numbers = (row, steps) => { let sum = 0; return row.map((change) => ((sum += change) + 0.5) / steps); };
  const unpacked = ([name, bands]) => [name, bands.map((row) => numbers(row, data.steps[name] ?? data.otherwise))];
  const policies = found.policies.map((p) => ({ ...p, curves: Object.fromEntries(Object.entries(p.curves).map(unpacked)) }));
  return { ...found, policies };
}

const values = (slider) => slider.dataset.values.split(",");
const told = () => element(`told-${scenario}`);
const which = () => Number(document.querySelector("[name=shown]:checked").value);

function open() {
  const asked = decodeURIComponent(location.hash.slice(1)), chosen = links.find((a) => a.hash === `#${asked}`) ?? links[0];
  scenario = chosen.hash.slice(1);
  for (const link of links) link.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "page");
  for (const story of document.querySelectorAll(".lead [data-policies]")) story.hidden = story !== told();
  document.title = document.title.replace(/^(.*: )?/, `${chosen.textContent}: `);
  shown = ghost = null;
  begin();
  follow();
}

function begin() {
  const own = told().dataset.own.split(",");
  sliders.forEach((slider, k) => { slider.value = own[k]; });
  move();
}

function follow() {
  const world = data.stories[scenario].worlds[element("seed").value];
  world.lives.forEach((life, k) => { element(`way${k}`).textContent = life.way; });
  watch.show(world.lives);
  parting.show(world.parting);
}

function move() {
  for (const slider of sliders) {
    const text = `${plain(values(slider)[slider.value])} ${slider.dataset.unit}`.trim();
    slider.parentElement.querySelector("output").textContent = text;
    slider.setAttribute("aria-valuetext", text);
  }
  const at = sliders.reduce((place, slider) => place * values(slider).length + Number(slider.value), 0);
  ghost = shown;
  shown = unpackCurves(data.stories[scenario].points[at]);
  element("end").textContent = shown.end;
  draw();
  const own = told().dataset.own.split(","), moved = sliders.filter((slider, k) => slider.value !== own[k]);
  const settings = moved.map((slider) => ` scenario.${slider.id}=${Number(values(slider)[slider.value])}`).join("");
  element("command").textContent =
    `partnership compare scenario=${scenario} 'policies=[${told().dataset.policies}]'${settings} replicates=${shown.runs}`;
}

function draw() {
  showExplore(shown, ghost, which());
  showCompare(shown);
}

async function start() {
  data = await unpack(element("data").textContent);
  open();
  for (const slider of sliders) {
    slider.addEventListener("input", move);
    slider.addEventListener("change", () => { element("status").textContent = shown.end; });
  }
  for (const radio of document.querySelectorAll("[name=shown]")) radio.addEventListener("change", draw);
  element("seed").addEventListener("change", follow);
  element("reset").addEventListener("click", begin);
  addEventListener("hashchange", open);
  new ResizeObserver(() => { watch.draw(); draw(); }).observe(main);
  main.dataset.state = "settled";
}

start().catch(() => { element("failure").hidden = false; });
