// @ts-check
/** One of two partnerships beside each other: its picture, its name or strategy, what happened this month, and its gauges. */
import { Picture } from "../picture/picture.js";
import { namesOf, pictureSentence, reasonOf } from "../model/sentences.js";
import { makeGauges } from "./gauges.js";
import { h, s, scrolled, select, setChosen } from "./dom.js";
import { strategyOptions } from "./strategies.js";
import { makeTelling } from "./telling.js";
import { capital } from "./words.js";

/**
 * @param {any} app
 * @param {{ label: string, choose?: (id: string) => void, follow: (i: number) => void }} how without `choose`, its name is shown
 */
export function makeCard(app, { label, choose, follow }) {
  const { words } = app, say = makeTelling(words), gauges = makeGauges(words), swatch = h("span", { class: "swatch", "aria-hidden": "true" });
  const canvas = h("canvas", { role: "img", tabindex: 0, "aria-describedby": "picture-keys" }), popup = h("div", { class: "member", hidden: true });
  const named = h("strong"), strategy = choose ? select({ label, options: strategyOptions(app), chosen: "neutral", choose, hidden: true, mark: swatch }) : h("p", { class: "select" }, swatch, named), told = scrolled(h("p", { class: "told" }));
  const element = h("section", { class: "card", "aria-label": label }, h("div", { class: "stage" }, canvas), h("div", { class: "side" }, strategy, popup, told, gauges.element));
  /** @type {any} */
  let run = null, name = "", month = 0, led = true;
  /** @type {string[]} */
  let names = [];
  const picture = new Picture(canvas, words, (i) => names[i]);
  canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const i = picture.memberAt(event.offsetX, event.offsetY);
    follow(i === picture.chosen ? -1 : i);
  });
  canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) follow(picture.neighbour(by));
    else if (event.key === "Escape") follow(-1);
    else return;
    event.preventDefault();
  });

  /** @param {import("../model/run.js").Run} one @param {any} scale @param {{ id: string, name: string }} what @param {string} colour @param {boolean} dashed */
  function show(one, scale, what, colour, dashed) {
    [run, name, names] = [one, what.name, namesOf(words, one)];
    led = Array.from({ length: one.months }, (_, m) => one.spent(m + 1)).some((effort) => effort > 0);
    named.textContent = what.name;
    element.className = `card ${colour}`;
    swatch.classList.toggle("dashed", dashed);
    if (choose) setChosen(strategy, what.id);
    picture.show(one, scale);
  }

  /** Words and gauges of a month. @param {import("../picture/clock.js").Clock} clock */
  function tell(clock) {
    month = clock.month;
    const news = say(run, month, clock);
    if (news) told.replaceChildren(words.rich(`**${news.title}.** ${news.told}`));
    canvas.setAttribute("aria-label", pictureSentence(words, run, month, name));
    gauges.show(run, month, led);
    tellMember();
  }

  /** Follow a member. @param {number} i */
  function followMember(i) {
    picture.chosen = i;
    picture.draw();
    tellMember();
    return popup.hidden ? "" : words.colon(name, popup.textContent ?? "");
  }

  /** What the member that is followed expects and gets, and how eager it has been. */
  function tellMember() {
    const i = picture.chosen;
    popup.hidden = i < 0;
    if (i < 0) return;
    const exit = run.exitOf[i], gone = exit && exit.month <= month, willing = run.at("engagement", i, month);
    const mood = words.say(`member/${willing > 0.65 ? "eager" : willing > 0.4 ? "willing" : "fading"}`);
    const fate = gone ? words.colon(`${words.say("member/left", { month: exit.month })}, ${words.say(`mood/${exit.mood}`)}`, reasonOf(words, run, exit.month, [exit])) : mood;
    const compared = month && !gone ? words.say("member/expects", { expected: run.of("aspiration", month, i), got: run.of("benefit", month, i) }) : "";
    const sentences = [fate, compared, words.say("member/gained", { gained: run.gained(i, month) })].filter(Boolean).map((text) => `${capital(text)}.`);
    popup.replaceChildren(h("strong", {}, names[i]), sentences.join(" "), history(i));
  }

  /** Expected (dashed) and got (line), month by month. @param {number} i */
  function history(i) {
    const until = Math.max(1, Math.min(month, run.leftAt[i] - 1)), line = (/** @type {string} */ field) => Array.from({ length: until }, (_, m) => run.of(field, m + 1, i));
    const [expected, got] = [line("aspiration"), line("benefit")], high = Math.max(1, ...expected, ...got), low = Math.min(0, ...got);
    const path = (/** @type {number[]} */ values) => `M${values.map((v, m) => `${(m / 59) * 120} ${(30 - ((v - low) / (high - low)) * 28).toFixed(1)}`).join("L")}`;
    const curve = (/** @type {number[]} */ values, /** @type {any} */ more) => s("path", { d: path(values), fill: "none", "vector-effect": "non-scaling-stroke", ...more });
    return s("svg", { viewBox: "0 0 120 32", preserveAspectRatio: "none", "aria-hidden": "true" }, curve(expected, { stroke: "var(--soft)", "stroke-width": 1.5, "stroke-dasharray": "3 2" }), curve(got, { stroke: "var(--value)", "stroke-width": 2 }));
  }

  return { element, picture, show, tell, follow: followMember, close: () => picture.close(), get sentence() { return told.textContent ?? ""; } };
}
