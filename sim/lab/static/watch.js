// Watch: one seed under two strategies, drawn month by month: play, step, or jump.

import { html } from "./draw.js";
import { drawNetwork } from "./network.js";
import { POLICY } from "./chart.js";
import { saveBar } from "./save.js";
import { configuration, provenance, seed, strategies } from "./state.js";
import { message } from "./messages.js";

const element = (id) => document.getElementById(id);

export function wireWatch() {
  const months = Number(document.getElementById("lab").dataset.months);
  const play = element("play"), slider = element("month"), speed = element("speed");
  let runs = null, month = 0, timer = 0, listed = -1;

  function draw() {
    if (!runs) return;
    slider.value = month;
    element("month-shown").textContent = month;
    slider.setAttribute("aria-valuetext", message("month_of", { month, months }));
    runs.forEach((run, k) => {
      drawNetwork(element(`network${k}`), run, month);
      element(`text${k}`).textContent = run.texts[month];
    });
    if (listed === month) return;
    listed = month;
    runs.forEach((run, k) => {
      const left = run.exits.filter((e) => e.month <= month);
      element(`exits-title${k}`).textContent = left.length ? message("gone", { n: left.length }) : message("gone_nobody");
      element(`exits${k}`).replaceChildren(...left.reverse().map((e) => html("li", {}, message("gone_one", { month: e.month, why: e.why }))));
    });
  }

  function announce() {
    element("status").textContent = texts().join(" ");
  }

  const strategyOf = (k) => strategies[k].selectedOptions[0].textContent;
  const texts = () => runs.map((run, k) => `${strategyOf(k)}: ${run.texts[month]}`);

  function describe() {
    const panels = runs.map((_, k) => ({ svg: element(`network${k}`), caption: strategyOf(k), colour: POLICY[k][0] }));
    const legend = [...document.querySelectorAll(".legend li")], title = message("picture", { month, seed: seed.value });
    return {
      configuration: { ...configuration(false), month },
      picture: { title, summary: texts().join(" "), panels, legend, notes: [...texts(), provenance(false)] },
    };
  }

  function go(to, aloud) {
    if (!runs) return;
    month = Math.min(months, Math.max(0, to));
    draw();
    if (aloud || month % 12 === 0) announce();
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    play.textContent = message("play");
  }

  function tick() {
    go(month + 1, false);
    if (month >= months) return pause();
    timer = setTimeout(tick, Number(speed.value));
  }

  element("pictures").append(saveBar("watch", message("network"), ["svg", "png"], describe));
  play.addEventListener("click", () => {
    if (timer) return pause();
    if (!runs) return;
    if (month >= months) go(0, false);
    play.textContent = message("pause");
    timer = setTimeout(tick, Number(speed.value) / 2);
  });
  element("step").addEventListener("click", () => { pause(); go(month + 1, true); });
  element("next").addEventListener("click", () => {
    if (!runs) return;
    pause();
    const later = runs.flatMap((run) => run.exits.map((e) => e.month)).filter((m) => m > month);
    go(later.length ? Math.min(...later) : months, true);
  });
  element("again").addEventListener("click", () => { pause(); go(0, true); });
  slider.addEventListener("input", () => { pause(); go(Number(slider.value), false); });
  slider.addEventListener("change", announce);

  return { draw, jump(to) { pause(); go(to, true); }, show(pair) { runs = pair; listed = -1; draw(); } };
}
