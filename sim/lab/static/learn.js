// What many worlds say of an activity: asked for when it is opened, or one after another where all are shown.

import { ask } from "./ask.js";
import { drawChart, POLICY } from "./chart.js";
import { html } from "./draw.js";
import { say } from "./words.js";

const SIDES = ["A", "B"];

async function find(box) {
  if (["working", "settled"].includes(box.dataset.state)) return;
  box.dataset.state = "working";
  try {
    const answer = await ask(box.dataset.found);
    const part = html("div"), said = box.firstElementChild;
    part.innerHTML = await answer.text();
    said.replaceChildren(...(part.querySelector(".guess")?.childNodes ?? []));
    said.className = said.textContent ? "result" : "";
    part.querySelector(".guess")?.remove();
    box.append(part);
    for (const chart of part.querySelectorAll("[data-drawing]")) new ResizeObserver(() => draw(chart)).observe(chart);
    box.dataset.state = "settled";
  } catch (error) {
    box.firstElementChild.textContent = error instanceof TypeError ? say("lost") : error.message;
    box.dataset.state = "failed";
  }
}

function draw(chart) {
  const { curves, size, grant } = JSON.parse(chart.dataset.drawing);
  const shown = curves.map((bands, k) => ({ name: SIDES[k], bands, colour: POLICY[k][0], dash: POLICY[k][1] }));
  drawChart(chart, { shown, top: size, grant, label: chart.dataset.label, unit: chart.dataset.unit, show: (value) => value.toFixed(0) });
}

const boxes = [...document.querySelectorAll("[data-found]")];
for (const box of boxes) box.closest("details")?.addEventListener("toggle", () => find(box));
for (const box of boxes) if (!box.closest("details")) await find(box);
