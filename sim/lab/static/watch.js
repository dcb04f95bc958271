// Watch: two lives of one world, drawn month by month, played, stepped, or jumped through.

import { html } from "./draw.js";
import { drawNetwork } from "./network.js";
import { POLICY } from "./chart.js";
import { saveBar } from "./save.js";
import { configuration, made, seed, ways } from "./state.js";
import { say } from "./words.js";

const element = (id) => document.getElementById(id);

export function wireWatch() {
  const months = Number(document.getElementById("lab").dataset.months);
  const play = element("play"), slider = element("month"), speed = element("speed");
  let lives = null, month = 0, timer = 0, dealt = -1;

  function draw() {
    if (!lives) return;
    slider.value = month;
    element("month-shown").textContent = month;
    slider.setAttribute("aria-valuetext", say("month_of", { month, months }));
    lives.forEach((life, k) => {
      drawNetwork(element(`network${k}`), life, month);
      element(`told${k}`).textContent = life.told[month];
    });
    if (dealt === month) return;
    dealt = month;
    lives.forEach((life, k) => {
      const gone = life.exits.filter((e) => e.month <= month);
      element(`gone-title${k}`).textContent = gone.length ? say("gone", { n: gone.length }) : say("gone_nobody");
      element(`gone${k}`).replaceChildren(...gone.reverse().map((e) => html("li", {}, say("gone_one", { month: e.month, why: e.why }))));
    });
  }

  function announce() {
    element("status").textContent = told().join(" ");
  }

  const wayOf = (k) => ways[k].selectedOptions[0].textContent;
  const told = () => lives.map((life, k) => `${wayOf(k)}: ${life.told[month]}`);

  function describe() {
    const panels = lives.map((_, k) => ({ svg: element(`network${k}`), caption: wayOf(k), colour: POLICY[k][0] }));
    const legend = [...document.querySelectorAll(".legend li")], title = say("picture", { month, world: seed.value });
    return {
      configuration: { ...configuration(false), month },
      picture: { title, says: told().join(" "), panels, legend, notes: [...told(), made(false)] },
    };
  }

  function go(to, aloud) {
    if (!lives) return;
    month = Math.min(months, Math.max(0, to));
    draw();
    if (aloud || month % 12 === 0) announce();
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    play.textContent = say("play");
  }

  function tick() {
    go(month + 1, false);
    if (month >= months) return pause();
    timer = setTimeout(tick, Number(speed.value));
  }

  element("pictures").append(saveBar("watch", say("network"), ["svg", "png"], describe));
  play.addEventListener("click", () => {
    if (timer) return pause();
    if (!lives) return;
    if (month >= months) go(0, false);
    play.textContent = say("pause");
    timer = setTimeout(tick, Number(speed.value) / 2);
  });
  element("step").addEventListener("click", () => { pause(); go(month + 1, true); });
  element("next").addEventListener("click", () => {
    if (!lives) return;
    pause();
    const later = lives.flatMap((life) => life.exits.map((e) => e.month)).filter((m) => m > month);
    go(later.length ? Math.min(...later) : months, true);
  });
  element("again").addEventListener("click", () => { pause(); go(0, true); });
  slider.addEventListener("input", () => { pause(); go(Number(slider.value), false); });
  slider.addEventListener("change", announce);

  return { draw, jump(to) { pause(); go(to, true); }, show(found) { lives = found; dealt = -1; draw(); } };
}
