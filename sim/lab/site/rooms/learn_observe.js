// @ts-check
/** Observe: the first case on two pictures, then what 1,000 runs say of every case; and whether the prediction was right. */
import { drawFan } from "../chart/fan.js";
import { onResize } from "../chart/draw.js";
import { fateBar } from "../chart/strips.js";
import { numbersOf } from "../model/activities.js";
import { comparisonOf } from "../model/comparison.js";
import { comparisonTable } from "../ui/comparison_table.js";
import { fold, h, s } from "../ui/dom.js";
import { markKey } from "../ui/key.js";
import { makeDuo } from "../ui/duo.js";
import { tellDone } from "../embed.js";
import { fatesOf } from "./watch_fates.js";

const COLOURS = ["baseline", "violet"];
/** @type {Record<string, string>} */
const SAYS = { more: "higher", fewer: "lower", same: "undecided" };

/** @param {any} app @param {import("../model/activities.js").Activity} activity @param {string} guess */
export function makeObserved(app, { id, seed, pairs }, guess) {
  const { words, source } = app, say = words.say.bind(words), duo = makeDuo(app), run = h("span", { class: "small" }), fates = h("div"), key = h("div");
  let number = seed;
  /** @type {(() => void)[]} */
  const stops = [];
  const another = h("button", { type: "button", on: { click: () => { number += 1; watch(); } } }, say("learn/another"));
  const looked = h("ul", {}, Object.keys(words.find(`activity/${id}/watch`)).map((k) => h("li", {}, say(`activity/${id}/watch/${k}`))));
  const many = h("div", { class: "many" }), reveal = h("button", { type: "button", class: "primary", on: { click: () => tell() } }, say("learn/show"));
  const element = h("div", { class: "observe" }, h("h3", {}, say("learn/look")), looked, h("div", { class: "duo" }, h("div", { class: "which" }, run, another), duo.cards, duo.timeline, duo.transport, key, fates), reveal, many);

  const cases = (/** @type {number} */ k) => [pairs[k].a, pairs[k].b].map((side) => ({ story: pairs[k].story, ...side }));
  const named = (/** @type {number} */ k) => ["a", "b"].map((side) => say(`activity/${id}/case/${k + 1}/${side}`, numbersOf(source, pairs[k].story, pairs[k][/** @type {"a"} */ (side)])));

  async function watch() {
    const wanted = number, runs = await Promise.all(cases(0).map((one) => source.watch(one, wanted)));
    if (wanted !== number) return;
    run.textContent = say("learn/run", { seed: String(wanted) });
    const scale = duo.show(runs, named(0).map((name, k) => ({ id: "", name: words.colon(say(`learn/${"ab"[k]}`), name) })), COLOURS);
    key.replaceChildren(markKey(words, runs[0].sectors, scale.dot));
    fates.replaceChildren(fatesOf(app, runs, [say("learn/a"), say("learn/b")], (month) => duo.clock.seek(month)));
    duo.clock.seek(0);
  }

  /** Show what many runs say, case by case. */
  async function tell() {
    reveal.hidden = true;
    many.replaceChildren(h("p", {}, say("chart/wait")));
    const compared = await Promise.all(pairs.map((_, k) => comparisonOf(source, cases(k))));
    many.replaceChildren(h("h3", { tabindex: "-1" }, say("learn/many")), ...compared.map((one, k) => caseOf(one, k)));
    many.querySelector("h3").focus({ preventScroll: true });
    tellDone(app, id, guess, SAYS[guess] === compared[0].verdicts.members);
    app.announce(many.querySelector(".verdict").textContent);
  }

  /** @param {Awaited<ReturnType<typeof comparisonOf>>} one @param {number} k */
  function caseOf(one, k) {
    const { members } = one.found, result = one.verdicts.members, [first, second] = named(k), svg = s("svg", { role: "img" });
    const sentence = say(`learn/seen/${result}`, { ...members, gap: Math.abs(members.difference), size: one.results[0].size });
    const judged = k ? "" : `${SAYS[guess] === result ? say("learn/right") : say("learn/wrong", { guess: say(`learn/guess/${guess}`) })} `;
    svg.setAttribute("aria-label", `${say("chart/members")}. ${sentence}`);
    stops.push(onResize(svg, () => drawFan(svg, words, one.results.map((results, side) => ({ results, colour: COLOURS[side], dashed: side === 0, name: say(`learn/${"ab"[side]}`) })), { right: 6, heading: say("chart/medians") })));
    return h("section", { class: "case" }, h("h4", {}, say(`activity/${id}/case/${k + 1}/title`, numbersOf(source, pairs[k].story, pairs[k].b))),
      h("p", { class: "verdict" }, words.rich(`${judged && `**${judged.trim()}** `}${sentence} ${say(`activity/${id}/case/${k + 1}/${result}`, numbersOf(source, pairs[k].story, pairs[k].b))}`)),
      h("div", { class: "beside" }, h("div", {}, h("div", { class: "chart" }, svg), h("p", { class: "small" }, say("chart/bands", { runs: one.results[0].runs }))), h("div", { class: "two-fates" }, h("p", { class: "small" }, say("explore/fate")), one.results.map((results, side) => h("div", {}, h("p", { class: "small" }, h("span", { class: `swatch ${COLOURS[side]}${side ? "" : " dashed"}` }), ` ${words.colon(say(`learn/${"ab"[side]}`), [first, second][side])}`), fateBar(words, results))))),
      fold(say("chart/table"), comparisonTable(words, one, say("learn/a"), say("learn/b"))));
  }

  return { element, show: watch, close: () => { duo.close(); stops.forEach((stop) => stop()); } };
}
