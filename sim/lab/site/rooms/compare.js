// @ts-check
/** Compare: two strategies in one chart; the paired difference with its interval and its scale; exits satisfied and frustrated apart. */
import { onResize } from "../chart/draw.js";
import { drawFan } from "../chart/fan.js";
import { drawGaps } from "../chart/gaps.js";
import { fateBar } from "../chart/strips.js";
import { caseResults, comparisonOf, EXITS } from "../model/comparison.js";
import { OWN, PREVIEW } from "../model/source.js";
import { HIGH, LOW, MEDIAN, SHARES } from "../model/results.js";
import { quantiles } from "../statistics.js";
import { comparisonTable } from "../ui/comparison_table.js";
import { riskTable } from "../ui/risk_table.js";
import { choices, fold, h, press, s, select, setChosen } from "../ui/dom.js";
import { coloursOf, storyOptions, strategyOptions } from "../ui/strategies.js";
import { capital } from "../ui/words.js";
import { OUTCOMES, pairOf } from "../state.js";

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words);
  /** @type {any} */
  const now = { key: "", results: null, found: null, verdicts: null };
  const title = h("h1", { tabindex: "-1" }), fan = s("svg", { role: "img" }), strip = s("svg", { role: "img" }), told = h("div", { class: "told" }), fates = h("div", { class: "two-fates" }), rows = h("div");
  const leave = h("p"), members = h("div"), risk = fold(say("compare/risk/title"), members);
  const legend = h("p", { class: "small" });
  const list = (/** @type {string} */ label, /** @type {[string, string][]} */ options, /** @type {(id: string) => void} */ choose) => select({ label, options, chosen: "", hidden: true, choose });
  const story = list(say("compare/story"), storyOptions(app), (id) => { const [a, b] = pairOf(model, id); app.go({ story: id, a, b, values: {} }); });
  const one = list(say("compare/one"), strategyOptions(app), (a) => app.go({ a })), two = list(say("compare/two"), strategyOptions(app), (b) => app.go({ b }));
  const outcome = choices({ label: say("compare/outcome"), options: OUTCOMES.map((id) => [id, say(`outcome/${id}/name`)]), chosen: "members", choose: (id) => app.go({ outcome: id }) });
  const swatches = [h("span", { class: "swatch dashed" }), h("span", { class: "swatch" })];
  one.prepend(swatches[0]);
  two.prepend(swatches[1]);
  main.append(h("div", { class: "fit" }, h("header", {}, h("div", {}, title, leave), h("div", { class: "selects" }, story, one, two)),
    h("section", { class: "curves" }, h("h2", {}, say("chart/members")), legend, h("div", { class: "chart" }, fan), h("h2", { class: "why" }, say("compare/fates")), fates),
    h("section", { class: "gaps" }, h("div", { class: "bar" }, h("h2", {}, say("compare/gap")), outcome), h("div", { class: "chart" }, strip), told),
    h("div", { class: "tables" }, risk, fold(say("chart/table"), rows))));
  const stop = onResize(fan, draw), stopStrip = onResize(strip, draw);

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const key = JSON.stringify([state.story, state.a, state.b, state.values]);
    for (const [element, id] of [[story, state.story], [one, state.a], [two, state.b]]) setChosen(element, id);
    press(outcome, state.outcome);
    if (key !== now.key) {
      app.settle(false);
      now.key = key;
      title.textContent = now.results ? title.textContent : say("compare/title");
      const cases = [state.a, state.b].map((policy) => ({ story: state.story, policy, values: state.values }));
      const compared = comparisonOf(source, cases);
      preview(await Promise.all(cases.map((one_) => source.runs(one_, PREVIEW))), key);
      await compared;
      if (now.key !== key) return;
      Object.assign(now, await compared, { shown: key });
    }
    if (now.shown !== key) return;
    tell();
    draw();
    app.settle(true);
  }

  /** The curves of the first runs, until all are there. @param {import("../model/source.js").Runs[]} answers @param {string} key */
  function preview(answers, key) {
    if (now.key !== key || now.shown === key) return;
    const { story: id, values } = app.state;
    drawCurves(answers.map((runs, k) => caseResults(source, { story: id, policy: [app.state.a, app.state.b][k], values }, runs)));
    legend.textContent = say("explore/preview", { runs: answers[0].runs });
  }

  function tell() {
    const { outcome: name, a, b } = app.state, found = now.found[name], [base, other] = now.results, [first, second] = [app.strategy(a), app.strategy(b)];
    const spread = quantiles(found.gaps, SHARES), change = (/** @type {number} */ n) => (Math.abs(n) < 0.05 ? say("compare/as_many") : say(n > 0 ? "compare/more" : "compare/fewer", { n: Math.abs(n) }));
    title.textContent = a === b ? say("compare/same") : say(`compare/answer/${name}/${now.verdicts[name]}`, { a: first, b: second, with_a: app.withStrategy(a), with_b: app.withStrategy(b), gap: Math.abs(found.difference), runs: found.runs });
    legend.textContent = say("compare/legend", { runs: base.runs });
    const [satisfied, frustrated] = EXITS.map((exit) => change(now.found[exit].difference));
    told.replaceChildren(
      h("p", {}, words.rich(say("compare/interval", { ...found })), " ", words.rich(say(`compare/pairs/${name === "members" ? name : "value"}`, { ...found, b: second })), " ", say(spread[LOW] < 0 && spread[HIGH] > 0 ? "compare/spread_both" : "compare/spread", { low: spread[LOW], high: spread[HIGH] })));
    leave.textContent = a === b ? "" : say("compare/exits", { with_b: app.withStrategy(b), satisfied, frustrated });
    fates.replaceChildren(...[[base, first], [other, second]].map(([results, strategy], k) => h("div", {}, h("h3", {}, h("span", { class: `swatch ${coloursOf(a, b)[k]}${k ? "" : " dashed"}` }), " ", capital(String(strategy))), fateBar(words, /** @type {any} */ (results)))));
    swatches.forEach((swatch, k) => { swatch.className = `swatch ${coloursOf(a, b)[k]}${k ? "" : " dashed"}`; });
    fan.setAttribute("aria-label", `${say("chart/members")}. ${[[base, first], [other, second]].map(([results, strategy]) => `${strategy}: ${say("explore/end", { median: at(results, MEDIAN), low: at(results, LOW), high: at(results, HIGH), size: /** @type {any} */ (results).all })}`).join(" ")}`);
    strip.setAttribute("aria-label", told.textContent ?? "");
    app.announce(`${title.textContent} ${leave.textContent}`);
    rows.replaceChildren(comparisonTable(words, now, first, second));
    risk.hidden = app.state.story !== OWN;
    if (!risk.hidden) members.replaceChildren(riskTable(words, source.story(OWN), now.results, capital(first), capital(second)));
  }

  /** @param {any} results @param {number} k */
  const at = (results, k) => results.members[k][results.months];

  const short = (/** @type {string} */ id) => words.label(`strategy/${id}/short`, app.strategy(id));

  /** @param {import("../model/results.js").Results[]} both */
  function drawCurves(both) {
    const { a, b } = app.state, colours = coloursOf(a, b);
    drawFan(fan, words, both.map((results, k) => ({ results, colour: colours[k], dashed: k === 0, name: short([a, b][k]) })), { right: 9, heading: say("chart/medians") });
  }

  function draw() {
    if (!now.results || now.shown !== now.key) return;
    const { a, b, outcome: name } = app.state, colours = coloursOf(a, b);
    drawCurves(now.results);
    drawGaps(strip, words, now.found[name], {
      axis: say(`compare/axis/${name}`), more: say("compare/more_with", { b: short(b) }), less: say(`compare/less_with/${name}`, { b: short(b) }), colours, digits: name === "members" ? 0 : 1,
      dots: say("compare/dots", { n: Math.round(now.found[name].runs / 50) }), mean: say("compare/mean"),
    });
  }

  return { show, close: () => { stop(); stopStrip(); } };
}
