// @ts-check
/** Convene: the game. Each half-year decide how to spend effort, and see what comes of it on the living picture. */
import { Clock } from "../picture/clock.js";
import { Picture } from "../picture/picture.js";
import { exitSentences, namesOf, pictureSentence } from "../model/sentences.js";
import { nthOf, roundOf, seedOf, SEEDS, student } from "../model/board.js";
import { effortOf, mayPause, readDecisions, ROUND, setAside, unseenIn, writeDecisions } from "../model/game.js";
import { insteadOf } from "../model/instead.js";
import { makeGauges } from "../ui/gauges.js";
import { handIn, nicknameForm } from "../ui/hand_in.js";
import { fold, h, select, setChosen } from "../ui/dom.js";
import { markKey } from "../ui/key.js";
import { makeTimeline } from "../ui/timeline.js";
import { storyOptions } from "../ui/strategies.js";
import { makeTelling } from "../ui/telling.js";
import { capital } from "../ui/words.js";
import { pictureHint } from "./first_parts.js";
import { makePanel } from "./convene_panel.js";
import { decisionsTable, endOf, keptBy } from "./convene_end.js";

const PACE = 2.2, GATHER = 1200, MOST_NEWS = 5, NEARLY = 0.9, ROOMY = "(min-width: 760px) and (min-height: 501px)";

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words), rounds = Math.floor(model.months / ROUND), gauges = makeGauges(words);
  /** @type {any} */
  const now = { run: null, decisions: [], key: "", month: -1, until: 0 };
  const canvas = h("canvas", { role: "img" }), title = h("h1", { tabindex: "-1" }), news = h("div", { class: "news" }), marks = h("div"), end = h("div", { class: "after" });
  const clock = new Clock(model.months, move), tell = makeTelling(words);
  clock.pace = PACE;
  const panel = makePanel(app, (decision) => app.go({ decisions: writeDecisions([...now.decisions, decision]), nth: nthOf(app.state) }));
  const timeline = makeTimeline(app, (month) => { clock.seek(Math.min(month, now.until)); settle(); });
  const story = select({ label: say("convene/story"), options: storyOptions(app), chosen: app.state.story, hidden: true, choose: (id) => app.go({ story: id, decisions: "" }) });
  const button = (/** @type {string} */ name, /** @type {() => void} */ click, kind = "") => h("button", { type: "button", class: kind, on: { click } }, say(`convene/${name}`));
  const undo = button("undo", () => app.go({ decisions: writeDecisions(now.decisions.slice(0, -1)) })), skip = button("skip", () => clock.seek(now.until));
  const again = button("same", () => app.go({ decisions: "" }), "primary"), another = button("another", () => app.go({ decisions: "", seed: app.state.seed + 1 }));
  const actions = h("div", { class: "actions" }, undo, skip, again, another, panel.go);
  main.append(h("div", { class: "fit" },
    h("figure", { class: "stage" }, canvas, pictureHint(words)), h("div", { class: "dash" }, gauges.element), timeline.element,
    h("section", { class: "panel" }, h("div", { class: "scroll" }, h("div", { class: "top" }, title, story), news, panel.element, end, marks, h("p", { class: "small" }, say("convene/honest"))), actions)));
  const picture = new Picture(canvas, words, (i) => namesOf(words, now.run)[i]), watcher = new ResizeObserver(() => redraw());
  picture.explains = true;
  watcher.observe(timeline.element);

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const seed = seedOf(state), key = JSON.stringify([state.story, seed, state.of, state.nth, state.decisions]);
    if (key === now.key) return;
    app.settle(false);
    now.key = key;
    const decisions = readDecisions(state.decisions, rounds), run = await source.watch({ story: state.story, policy: "neutral", values: {} }, seed, { effort: effortOf(decisions) });
    if (now.key !== key) return;
    const onward = decisions.length === now.decisions.length + 1, first = !now.run;
    Object.assign(now, { run, decisions, until: decisions.length * ROUND, month: -1 });
    setChosen(story, state.story);
    picture.show(run);
    if (first) marks.replaceChildren(markKey(words, run.sectors, picture.scale.dot));
    if (first && !decisions.length) picture.gather(GATHER);
    redraw();
    if (onward && decisions.length) play();
    else { clock.seek(now.until); settle(); }
  }

  /** Let the half-year pass on the picture. */
  function play() {
    main.dataset.step = "play";
    story.hidden = true;
    end.replaceChildren();
    buttons({ skip });
    clock.t = now.until - ROUND;
    clock.play();
    title.focus({ preventScroll: true });
  }

  /** @param {Record<string, HTMLElement>} shown */
  function buttons(shown) {
    for (const one of actions.children) /** @type {HTMLElement} */ (one).hidden = !Object.values(shown).includes(one);
  }

  /** The half-year is over: say what happened, and ask for the next decision. */
  async function settle() {
    const { decisions, run } = now, { state } = app, ended = decisions.length >= rounds, key = now.key, joins = state.of && !state.nth && !student().nickname;
    main.dataset.step = ended ? "end" : "decide";
    buttons(joins ? {} : ended ? (state.of ? { undo, again } : { undo, again, another }) : decisions.length ? { undo, go: panel.go } : { go: panel.go });
    title.textContent = joins ? say("class/join") : ended ? say("convene/end") : say("convene/goal", { n: decisions.length + 1, rounds });
    panel.element.hidden = ended || Boolean(joins);
    story.hidden = decisions.length > 0 || state.of > 0;
    panel.offer(decisions.at(-1), mayPause(decisions));
    /** @type {HTMLElement} */ (main.querySelector(".scroll")).scrollTop = 0;
    const after = [];
    if (joins) news.replaceChildren(h("p", {}, say("class/seeds", { n: state.of })), nicknameForm(app, say("class/play"), () => app.go({ nth: nthOf(app.state) }, { replace: true })));
    else if (!decisions.length) news.replaceChildren(h("p", {}, say("convene/start")));
    else {
      const first = now.until - ROUND + 1, effort = setAside(run, /** @type {any} */ (decisions.at(-1)), first), facts = Array.from({ length: ROUND }, (_, m) => exitSentences(words, run, first + m)).flat().slice(0, MOST_NEWS);
      const instead = await insteadOf(source, state.story, decisions, state.of ? state.seed : run.about.seed, SEEDS);
      if (now.key !== key) return;
      const passed = [h("h2", {}, say("convene/happened", { first, last: now.until })), ended ? "" : h("p", {}, say("convene/members", { here: run.membersAt(now.until), size: run.size })),
        happened(run.exits.filter((/** @type {any} */ exit) => exit.month >= first && exit.month <= now.until).length, facts),
        ...unseenIn(run, decisions.at(-1), first).map(({ lever, why, n }) => h("p", { class: "small" }, say(`convene/unseen/${why}`, { n, lever: say(`convene/lever/${lever}/name`) }))), effort.spent < NEARLY * effort.given ? h("p", { class: "small" }, say("convene/not_spent", effort)) : ""];
      news.replaceChildren(...(ended ? [keptBy(words, run)] : passed));
      const decided = fold(say("convene/decisions"), decisionsTable(words, run, decisions));
      decided.open = ended && matchMedia(ROOMY).matches; // and so on paper
      after.push(...(ended ? passed : []), h("div", { class: "small instead" }, told(instead)), decided);
    }
    const round = ended && roundOf(state);
    end.replaceChildren(...(round ? [handIn(app, round, state.decisions)] : []), ...(ended ? [await endOf(app, run)] : []), ...after);
    app.announce(`${title.textContent} ${news.textContent}`);
    app.settle(true);
  }

  /** What many runs say of the last half-year. @param {Awaited<ReturnType<typeof insteadOf>>} instead */
  function told(instead) {
    if (!instead) return h("p", {}, say("convene/instead/nothing"));
    return [h("p", {}, say("convene/instead/runs", { n: SEEDS })), h("ul", {}, Object.entries(instead).map(([name, { mine, instead: without, verdict }]) => h("li", {}, say(`convene/instead/${name}/${verdict}`, { mine, without }))))];
  }

  /** Who left, and why: open where there is room for it and for the decision. @param {number} n @param {string[]} facts */
  function happened(n, facts) {
    if (!n) return h("p", {}, say("convene/none_left"));
    const folded = fold(say("convene/left_now", { n }), h("ul", {}, facts.map((fact) => h("li", {}, `${capital(fact)}.`))));
    folded.open = matchMedia(ROOMY).matches;
    return folded;
  }

  function redraw() {
    if (!now.run) return;
    timeline.draw([now.run], ["violet"]);
    timeline.move(clock.t);
  }

  /** @param {Clock} at @param {boolean} settled */
  function move(at, settled) {
    if (!now.run) return;
    const over = at.playing && at.t >= now.until;
    picture.draw(Math.min(at.t, now.until));
    timeline.move(Math.min(at.t, now.until));
    const month = Math.min(at.month, now.until);
    if (month !== now.month || settled) {
      now.month = month;
      gauges.show(now.run, month);
      canvas.setAttribute("aria-label", pictureSentence(words, now.run, month, say("convene/table/you")));
      timeline.tell(month, say("clock/spoken", { month }));
      if (main.dataset.step === "play") {
        title.textContent = say("month/title", { month: Math.max(month, 1) });
        const told = tell(now.run, Math.max(month, 1), at);
        if (told) news.replaceChildren(h("p", {}, words.rich(`**${told.title}.** ${told.told}`)));
      }
    }
    if (over) clock.seek(now.until);
    else if (settled && main.dataset.step === "play" && at.t >= now.until) settle();
  }

  return { show, close: () => { clock.playing = false; picture.close(); watcher.disconnect(); delete main.dataset.step; } };
}
