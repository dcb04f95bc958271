// @ts-check
/** Watch: one partnership under two strategies, with the same random numbers, month by month. */
import { monthSentence } from "../model/sentences.js";
import { fold, h, select, setChosen, table } from "../ui/dom.js";
import { makeDuo } from "../ui/duo.js";
import { markKey } from "../ui/key.js";
import { coloursOf, storyOptions } from "../ui/strategies.js";
import { fatesOf } from "./watch_fates.js";
import { pairOf } from "../state.js";

const LARGEST_SEED = 999_999;

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words);
  /** @type {{ key: string, runs: import("../model/run.js").Run[] }} */
  const now = { key: "", runs: [] };
  const duo = makeDuo(app, {
    choose: [(a) => app.go({ a }), (b) => app.go({ b })],
    moved: (month) => { if (month !== app.state.month) app.go({ month }, { replace: true }); },
  });
  const story = select({ label: say("watch/story"), options: storyOptions(app), chosen: app.state.story, hidden: true, choose: (id) => { const [a, b] = pairOf(model, id); app.go({ story: id, a, b, values: {}, month: 0 }); } });
  const seed = h("input", { type: "number", min: 0, max: LARGEST_SEED, class: "seed", inputmode: "numeric", on: { change: () => app.go({ seed: Math.min(LARGEST_SEED, Math.max(0, Math.floor(Number(seed.value)) || 0)) }) } });
  const another = h("button", { type: "button", on: { click: () => app.go({ seed: app.state.seed + 1 }) } }, say("watch/another"));
  const rows = h("div"), key = h("div"), about = h("p"), fates = h("div"), log = fold(say("watch/table"), rows);
  log.addEventListener("toggle", () => log.open && fillTable());
  main.append(h("div", { class: "fit" },
    h("header", {}, h("h1", { tabindex: "-1" }, say("watch/title")), story, h("label", { class: "select" }, h("span", { class: "small" }, say("watch/seed")), seed), another),
    duo.cards, duo.timeline, duo.transport),
  h("div", { class: "below" }, about, h("p", { class: "small" }, `${say("watch/same")} ${say("watch/one_run")}`), fates, key, log));

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const wanted = JSON.stringify([state.story, state.a, state.b, state.seed, state.values]);
    if (wanted !== now.key) {
      app.settle(false);
      now.key = wanted;
      const runs = await Promise.all([state.a, state.b].map((policy) => source.watch({ story: state.story, policy, values: state.values }, state.seed)));
      if (now.key !== wanted) return;
      now.runs = runs;
      const scale = duo.show(runs, [state.a, state.b].map((id) => ({ id, name: app.strategy(id) })), coloursOf(state.a, state.b));
      setChosen(story, state.story);
      about.textContent = words.label(`story/${state.story}/about`, source.story(state.story).about ?? "");
      seed.value = String(state.seed);
      key.replaceChildren(markKey(words, runs[0].sectors, scale.dot));
      fates.replaceChildren(fatesOf(app, runs, [state.a, state.b].map((id) => app.strategy(id)), (month) => { duo.clock.seek(month); main.scrollTop = 0; }));
      if (log.open) fillTable();
      duo.clock.seek(state.month);
    } else if (duo.clock.month !== state.month) duo.clock.seek(state.month);
    app.settle(true);
  }

  function fillTable() {
    const { a, b } = app.state, months = Array.from({ length: model.months }, (_, m) => m + 1);
    rows.replaceChildren(table(say("watch/line"), [say("watch/month"), app.strategy(a), say("watch/happened"), app.strategy(b), say("watch/happened")],
      months.map((month) => [month, ...now.runs.flatMap((run) => [run.membersAt(month), monthSentence(words, run, month)])])));
  }

  return { show, close: duo.close };
}
