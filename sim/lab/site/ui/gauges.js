// @ts-check
/** Gauges beside a picture: three tensions, the grant, effort, and who left how. */
import { h, s } from "./dom.js";
import { MOODS, TENSIONS } from "../model/run.js";
import { SIGNS, SIGN_COLOURS } from "../picture/marks.js";

const MEDIUM = 0.25, HIGH = 0.5;

/** @param {number} value */
export const levelOf = (value) => (value < MEDIUM ? "low" : value < HIGH ? "medium" : "high");

/** The sign of a reason to leave. @param {string} mood */
export const moodSign = (mood) => s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: SIGNS[mood], stroke: `var(--${SIGN_COLOURS[mood]})` }));

/** @param {import("./words.js").Words} words */
export function makeGauges(words) {
  const say = words.say.bind(words), bar = () => h("span", { class: "bar" }), value = () => h("b");
  const row = (/** @type {string} */ name, /** @type {any} */ number, /** @type {any[]} */ ...bars) => h("div", { class: "row" }, h("span", {}, name), number, bars);
  const tension = { text: value(), bars: TENSIONS.map((name) => h("span", { class: "bar", title: say(`gauge/${name}`) })) };
  const grant = { text: value(), bar: bar() }, effort = { text: value(), bar: bar() }, spends = row(say("gauge/effort"), effort.text, effort.bar);
  const left = Object.fromEntries(MOODS.map((mood) => [mood, value()]));
  grant.bar.style.setProperty("--colour", "var(--value)");
  const element = h("div", { class: "gauges" },
    row(say("gauge/tension"), tension.text, h("span", { class: "three" }, tension.bars)),
    row(say("gauge/grant"), grant.text, grant.bar),
    spends,
    h("div", { class: "left" }, h("span", {}, say("gauge/left")), MOODS.map((mood) => h("span", { title: say(`mood/${mood}`) }, moodSign(mood), left[mood], h("span", { class: "unseen" }, say(`mood/${mood}`))))));

  /** @param {import("../model/run.js").Run} run @param {number} month @param {boolean} [led] whether there is an orchestrator who spends effort */
  function show(run, month, led = true) {
    spends.hidden = !led;
    const empty = run.membersAt(month) === 0, tensions = TENSIONS.map((name) => (empty || month < 1 ? 0 : run.whole(`tension_${name}`, month)));
    const most = Math.max(...tensions), worst = TENSIONS[tensions.indexOf(most)];
    tension.text.replaceChildren(say(month < 1 || empty ? "gauge/none" : `gauge/level/${levelOf(most)}`));
    if (most >= MEDIUM) tension.text.append(h("span", { class: "what" }, words.colon("", words.inside(say(`gauge/${worst}`)))));
    tension.bars.forEach((/** @type {any} */ one, /** @type {number} */ k) => one.style.setProperty("--share", tensions[k]));
    const months = month < 1 ? run.about.grant : run.whole("fund", month);
    grant.text.textContent = months > 0 ? say("gauge/months", { n: Math.round(months) }) : say("gauge/ended");
    grant.bar.style.setProperty("--share", String(Math.min(1, months / Math.max(run.about.grant, 1))));
    const budget = run.whole("budget", Math.max(month, 1)), spent = month < 1 ? 0 : run.spent(month);
    effort.text.textContent = say("gauge/spent", { spent, budget });
    effort.bar.style.setProperty("--share", String(Math.min(1, spent / Math.max(run.about.budget, 1e-9))));
    for (const mood of MOODS) left[mood].textContent = words.number(run.left(mood, month));
  }
  return { element, show };
}
