// @ts-check
/** Explore: sliders beside the picture of many runs; 250 while a slider moves, 1,000 when it rests; the state before in grey. */
import { drawFan } from "../chart/fan.js";
import { onResize } from "../chart/draw.js";
import { drawStrip, fateBar } from "../chart/strips.js";
import { caseResults } from "../model/comparison.js";
import { Latest } from "../model/latest.js";
import { HIGH, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { ALL, PREVIEW } from "../model/source.js";
import { fold, h, s, select, setChosen, table } from "../ui/dom.js";
import { makeSliders } from "../ui/sliders.js";
import { colourOf, storyOptions, strategyOptions } from "../ui/strategies.js";
import { pairOf } from "../state.js";

const STRIPS = ["private_value", "society_value"], REST = 150; // ms a slider rests before all runs are calculated

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words), latest = new Latest();
  /** @type {{ now: any, before: any, settled: any, case: string, story: string, most: Record<string, number> }} */
  const kept = { now: null, before: null, settled: null, case: "", story: "", most: {} };
  const fan = s("svg", { role: "img" }), told = h("p", { class: "told" }), count = h("p", { class: "small" }), fates = h("div"), rows = h("div");
  const strips = STRIPS.map((name) => ({ name, svg: s("svg", { role: "img" }) }));
  const story = select({ label: say("explore/story"), options: storyOptions(app), chosen: app.state.story, hidden: true, choose: (id) => { const [a, b] = pairOf(model, id); app.go({ story: id, a, b, values: {} }); } });
  const strategy = select({ label: say("explore/strategy"), options: strategyOptions(app), chosen: app.state.b, hidden: true, choose: (b) => app.go({ b }) });
  const reset = h("button", { type: "button", on: { click: () => app.go({ values: {} }) } }, say("explore/reset"));
  let waiting = 0;
  const sliders = makeSliders(app, {
    drag: (path, value) => { clearTimeout(waiting); app.settle(false); latest.run((signal) => calculate(changed(path, value), PREVIEW, signal)); },
    rest: (path, value) => { clearTimeout(waiting); waiting = window.setTimeout(() => app.go({ values: changed(path, value).values }), REST); },
  });
  const log = fold(say("chart/table"), rows);
  main.append(h("div", { class: "fit" },
    h("section", { class: "controls", "aria-label": say("explore/sliders") }, h("h1", { tabindex: "-1" }, say("explore/title")), h("div", { class: "selects" }, story, strategy), sliders.element, reset),
    h("section", { class: "result", "aria-label": say("explore/picture") },
      h("div", { class: "titled" }, h("h2", {}, say("chart/members")), count), h("div", { class: "chart" }, fan),
      h("div", { class: "strips" }, strips.map(({ name, svg }) => h("div", {}, h("h3", {}, say(`outcome/${name}/title`)), h("div", { class: "chart strip" }, svg))), h("div", {}, h("h3", {}, say("explore/fate")), fates)),
      told, log)));
  const stop = onResize(fan, draw);

  /** The case with one slider elsewhere. @param {string} path @param {number} value */
  function changed(path, value) {
    const values = { ...app.state.values, [path]: value };
    if (value === source.story(app.state.story).values[path]) delete values[path];
    return { story: app.state.story, policy: app.state.b, values };
  }

  /** @param {any} one @param {number} runs @param {AbortSignal} signal */
  async function calculate(one, runs, signal) {
    const answer = await source.runs(one, runs, signal);
    if (signal.aborted) return;
    kept.now = caseResults(source, one, answer);
    draw();
  }

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const one = { story: state.story, policy: state.b, values: state.values }, key = JSON.stringify(one), own = source.story(state.story).values;
    sliders.show({ ...own, ...state.values }, own);
    setChosen(story, state.story);
    setChosen(strategy, state.b);
    reset.hidden = Object.keys(state.values).length === 0;
    if (key === kept.case) return app.settle(true);
    app.settle(false);
    if (kept.story !== state.story) Object.assign(kept, { before: null, settled: null, story: state.story, most: {} });
    kept.before = kept.settled;
    kept.case = key;
    await latest.run(async (signal) => {
      if (!kept.now || kept.settled === null) await calculate(one, PREVIEW, signal);
      await calculate(one, ALL, signal);
      if (signal.aborted || kept.case !== key) return;
      kept.settled = kept.now;
      tell();
      app.settle(true);
    }, true);
  }

  function draw() {
    const { now } = kept, before = now && kept.settled !== now && kept.settled ? kept.settled : kept.before;
    if (!now) return;
    const colour = colourOf(app.state.b);
    for (const name of STRIPS) kept.most[name] = Math.max(kept.most[name] ?? 0, now[name][HIGH], before?.[name][HIGH] ?? 0);
    drawFan(fan, words, [{ results: now, colour, name: say("explore/of", { value: "", size: now.all }).trim() }], { ghost: before, ghostName: say("explore/before"), right: 7 });
    for (const { name, svg } of strips) { svg.setAttribute("class", colour); drawStrip(svg, words, now[name], before?.[name] ?? null, kept.most[name]); }
    fates.replaceChildren(fateBar(words, now, before));
    count.textContent = say(now.runs < ALL ? "explore/preview" : "explore/runs", { runs: now.runs });
    describe();
  }

  /** Names of the pictures for those who do not see them. */
  function describe() {
    const { now } = kept, at = (/** @type {number} */ k) => now.members[k][now.months], { all: size } = now;
    const sentence = say("explore/end", { median: at(MEDIAN), low: at(LOW), high: at(HIGH), size });
    fan.setAttribute("aria-label", `${say("chart/members")}. ${sentence}`);
    for (const { name, svg } of strips) svg.setAttribute("aria-label", `${say(`outcome/${name}/title`)}: ${say("explore/column/median")} ${words.number(now[name][MEDIAN], 1)}; ${say("explore/column/low")} ${words.number(now[name][LOW], 1)} – ${words.number(now[name][HIGH], 1)}`);
    return sentence;
  }

  function tell() {
    const { now, before } = kept, sentence = describe(), gap = before ? Math.round(now.members[MEDIAN][now.months] - before.members[MEDIAN][before.months]) : 0;
    const change = !before ? "" : gap === 0 ? say("explore/same") : say(gap > 0 ? "explore/changed" : "explore/changed_less", { n: Math.abs(gap) });
    told.textContent = [sentence, change, say("explore/left", now.fates)].join(" ");
    app.announce(told.textContent);
    const years = [1, 2, 3, 4, 5].filter((year) => year * 12 <= now.months), columns = ["low", "quarter", "median", "three", "high"].map((name) => say(`explore/column/${name}`));
    const cells = (/** @type {number[]} */ row, /** @type {number} */ digits) => [LOW, QUARTER, MEDIAN, THREE, HIGH].map((k) => words.number(row[k], digits));
    rows.replaceChildren(table(say("explore/caption", { title: say("explore/values"), runs: now.runs }), ["", ...columns], [
      ...years.map((year) => [`${say("chart/members")}, ${say("chart/year", { n: year })}`, ...cells(now.members.map((/** @type {number[]} */ row) => row[year * 12]), 0)]),
      ...STRIPS.map((name) => [say(`outcome/${name}/title`), ...cells(now[name], 1)]),
    ]));
  }

  return { show, close: () => { clearTimeout(waiting); latest.stop(); stop(); } };
}
