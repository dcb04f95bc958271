// The results of an activity: fetched when the reader opens them, or one after another on the page for the teacher.

import { request } from "./request.js";
import { drawChart, POLICY } from "./chart.js";
import { html } from "./draw.js";
import { message } from "./messages.js";

const SIDES = ["A", "B"];

async function load(box) {
  if (["working", "settled"].includes(box.dataset.state)) return;
  box.dataset.state = "working";
  try {
    const answer = await request(box.dataset.results);
    const part = html("div"), status = box.firstElementChild;
    part.innerHTML = await answer.text();
    status.replaceChildren(...(part.querySelector(".guess")?.childNodes ?? []));
    status.className = status.textContent ? "result" : "";
    part.querySelector(".guess")?.remove();
    box.append(part);
    for (const chart of part.querySelectorAll("[data-chart]")) new ResizeObserver(() => draw(chart)).observe(chart);
    box.dataset.state = "settled";
  } catch (error) {
    box.firstElementChild.textContent = error instanceof TypeError ? message("lost") : error.message;
    box.dataset.state = "failed";
  }
}

function draw(chart) {
  const { curves, size, grant } = JSON.parse(chart.dataset.chart);
  const shown = curves.map((bands, k) => ({ name: SIDES[k], bands, colour: POLICY[k][0], dash: POLICY[k][1] }));
  drawChart(chart, { shown, top: size, grant, label: chart.dataset.label, unit: chart.dataset.unit, show: (value) => value.toFixed(0) });
}

const boxes = [...document.querySelectorAll("[data-results]")];
for (const box of boxes) box.closest("details")?.addEventListener("toggle", () => load(box));
for (const box of boxes) if (!box.closest("details")) await load(box);
