// @ts-check
/** Watch: one partnership under two strategies, with the same random numbers, month by month. */
import { Clock } from "../picture/clock.js";
import { scaleOf } from "../picture/flows.js";
import { monthSentence } from "../model/sentences.js";
import { onResize } from "../chart/draw.js";
import { fold, h, select, table } from "../ui/dom.js";
import { markKey } from "../ui/key.js";
import { coloursOf, storyOptions } from "../ui/strategies.js";
import { makeTransport, playOnSpace } from "../ui/transport.js";
import { makeCard } from "./watch_card.js";
import { makeTimeline } from "./watch_timeline.js";
import { pairOf } from "../state.js";

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words), clock = new Clock(model.months, move);
  /** @type {any} */
  const now = { runs: null, colours: [], key: "", month: -1 };
  const follow = (/** @type {number} */ i) => app.announce(cards.map((card) => card.follow(i)).filter(Boolean).join(". "));
  const cards = [
    makeCard(app, { label: say("watch/one"), choose: (a) => app.go({ a }), follow }),
    makeCard(app, { label: say("watch/two"), choose: (b) => app.go({ b }), follow }),
  ];
  const timeline = makeTimeline(app, (month) => clock.seek(month));
  const transport = makeTransport(words, clock, (month) => Math.min(...now.runs.map((/** @type {any} */ run) => run.nextExit(month))));
  const story = select({ label: say("watch/story"), options: storyOptions(app), chosen: app.state.story, hidden: true, choose: (id) => { const [a, b] = pairOf(model, id); app.go({ story: id, a, b, values: {}, month: 0 }); } });
  const seed = h("input", { type: "number", min: 0, max: 999999, class: "seed", inputmode: "numeric", on: { change: () => app.go({ seed: Math.max(0, Math.floor(Number(seed.value)) || 0) }) } });
  const another = h("button", { type: "button", on: { click: () => app.go({ seed: app.state.seed + 1 }) } }, say("watch/another"));
  const rows = h("div"), key = h("div");
  const log = fold(say("watch/table"), rows);
  log.addEventListener("toggle", () => log.open && fillTable());
  main.append(h("div", { class: "fit" },
    h("header", {}, h("h1", { tabindex: "-1" }, say("watch/title")), story, h("label", { class: "select" }, h("span", { class: "small" }, say("watch/seed")), seed), another),
    h("div", { class: "cards" }, cards.map((card) => card.element)), timeline.element, transport.element),
  h("div", { class: "below" }, h("p", { class: "small" }, `${say("watch/same")} ${say("watch/one_run")}`), h("p", { class: "unseen", id: "picture-keys" }, say("picture/keys")), key, log));
  const stops = [onResize(timeline.element, redraw), playOnSpace(clock)];

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const wanted = JSON.stringify([state.story, state.a, state.b, state.seed, state.values]);
    if (wanted !== now.key) {
      app.settle(false);
      now.key = wanted;
      clock.seek(clock.t);
      const runs = await Promise.all([state.a, state.b].map((policy) => source.watch({ story: state.story, policy, values: state.values }, state.seed)));
      if (now.key !== wanted) return;
      Object.assign(now, { runs, colours: coloursOf(state.a, state.b) });
      const scale = scaleOf(runs);
      cards.forEach((card, k) => card.show(runs[k], scale, [state.a, state.b][k], now.colours[k], k === 0));
      /** @type {HTMLSelectElement} */ (story.querySelector("select")).value = state.story;
      seed.value = String(state.seed);
      key.replaceChildren(markKey(words, runs[0].sectors, scale.dot));
      redraw();
      if (log.open) fillTable();
    }
    clock.seek(state.month);
    app.settle(true);
  }

  function redraw() {
    if (!now.runs) return;
    timeline.draw(now.runs, now.colours);
    timeline.move(clock.t);
  }

  /** At every frame the pictures move; words and gauges once a month. @param {Clock} at @param {boolean} settled */
  function move(at, settled) {
    if (!now.runs) return;
    for (const card of cards) card.picture.draw(at.t);
    timeline.move(at.t);
    if (at.month === now.month && !settled) return;
    now.month = at.month;
    cards.forEach((card) => card.tell(at.month));
    const [one, two] = now.runs.map((/** @type {any} */ run) => run.membersAt(at.month)), { a, b } = app.state;
    timeline.tell(at.month, say("watch/spoken", { month: at.month, one, a: app.strategy(a), two, b: app.strategy(b) }));
    transport.show();
    if (settled || at.month % 12 === 0) app.announce(cards.map((card, k) => `${app.strategy([a, b][k])}: ${card.sentence}`).join(" "));
    if (settled && at.month !== app.state.month) { app.state.month = at.month; app.go({}, { replace: true }); }
  }

  function fillTable() {
    const { a, b } = app.state, months = Array.from({ length: model.months }, (_, m) => m + 1);
    rows.replaceChildren(table(say("watch/line"), [say("watch/month"), app.strategy(a), say("watch/happened"), app.strategy(b), say("watch/happened")],
      months.map((month) => [month, ...now.runs.flatMap((/** @type {any} */ run) => [run.membersAt(month), monthSentence(words, run, month)])])));
  }

  return { show, close: () => { clock.playing = false; stops.forEach((stop) => stop()); cards.forEach((card) => card.close()); } };
}
