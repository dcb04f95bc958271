// @ts-check
/** The first minute: choose what to do, predict who stays, watch it happen, see why. No answer before the prediction. */
import { bands, mean } from "../statistics.js";
import { Clock } from "../picture/clock.js";
import { Picture } from "../picture/picture.js";
import { scatter } from "../picture/places.js";
import { onResize } from "../chart/draw.js";
import { fold, h, table } from "../ui/dom.js";
import { colourOf } from "../ui/strategies.js";
import { makeTelling } from "../ui/telling.js";
import { follow } from "../shell.js";
import { tellDone } from "../embed.js";
import { HIGH, judge, LOW, MEDIAN, QUARTER, SHARES, THREE } from "../model/results.js";
import { Run } from "../model/run.js";
import { namesOf, pictureSentence } from "../model/sentences.js";
import { choiceButtons, doorLinks, pictureHint, STEPS } from "./first_parts.js";
import { drawFirstChart, guessAt } from "./first_chart.js";

const HAND_IN = () => import("../ui/hand_in.js"), ROUND = () => import("../model/board.js"); // for a class only
const PACE = 2.5, CALM_PACE = 1; // months a second
const CALM_ROUNDS = 3; // then the picture rests until it is asked to go on
const CALM_REST = 45, GATHER = 1400, REST = 900, SOON = 50; // ms

/** Wait until what was changed is on the screen. */
const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { source, words } = app, say = words.say.bind(words);
  /** @type {any} */
  const now = { step: "choose", id: "", guess: null, size: 0, run: null, bands: null, exits: null };
  const still = h("button", { type: "button", class: "still", on: { click: () => { clock.toggle(); still.textContent = say(clock.playing ? "clock/pause" : "clock/play"); } } });
  const steps = h("ol", { class: "steps", "aria-label": say("first/steps") }, STEPS.map((step) => h("li", { "data-step": step }, say(`first/${step}`))));
  const title = h("h1", { tabindex: "-1" }), canvas = h("canvas", { role: "img" }), hint = pictureHint(words);
  const choose = h("div", { class: "choose", role: "group" }), text = h("p", { class: "told" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  const slider = h("input", { type: "range", min: 0, step: 1, id: "guess", on: { input: () => guess(Number(slider.value)), click: () => guess(Number(slider.value)) } });
  const said = h("output", { for: "guess", "aria-live": "off" });
  const predict = h("div", { class: "predict" }, h("label", { for: "guess" }, `${say("first/guess")} `, said), slider);
  const handed = h("div");
  const doors = h("nav", { class: "doors", "aria-label": say("first/doors") });
  const other = h("button", { type: "button", on: { click: () => aside() } }), next = h("button", { type: "button", class: "primary", on: { click: () => on() } });
  const panel = h("section", { class: "panel" }, choose, text, h("div", { class: "chart" }, svg), predict, handed, doors, h("div", { class: "actions" }, other, next));
  const rows = h("div"), log = h("div", { class: "log" }, fold(say("chart/table"), rows));
  main.append(h("header", {}, steps, title), h("figure", { class: "stage" }, canvas, hint, still), panel, log);
  const picture = new Picture(canvas, words, (i) => namesOf(words, now.run)[i]);
  picture.explains = true;
  const tell = makeTelling(words), clock = new Clock(source.model.months, move), stop = onResize(svg, draw);
  let story = "", ending = 0, naming = 0, spoken = -1, rounds = 0, begun = false;
  dragOn();

  /** @param {import("../state.js").State} state */
  async function show(state) {
    clearTimeout(ending);
    if (state.story !== story) {
      begin(state);
      if (state.guess === "") { await enter("choose", state.b); await drawn(); } // the question stands there before the model starts
      now.run = await source.watch({ story, policy: "neutral", values: {} }, state.seed);
      picture.show(now.run);
    }
    const chosen = state.guess === "" ? null : /^p$/.test(state.guess) ? NaN : Number(state.guess);
    if (chosen === null) await enter("choose", state.b);
    else if (Number.isNaN(chosen)) await enter("predict", state.b);
    else { now.guess = Math.min(chosen, now.size); await enter(now.seen === `${state.b}${chosen}` ? "why" : now.step === "predict" ? "watch" : "why", state.b); }
    app.settle(true);
  }

  /** @param {any} state */
  function begin(state) {
    story = state.story;
    const whole = source.story(story);
    if (picture.moves) { picture.show(Run.awaited(whole, {}), { dot: 1, most: 1, stock: 1 }); picture.gather(GATHER); } // members come in meanwhile
    now.size = whole.members.length;
    now.order = whole.members.map((/** @type {any} */ _, /** @type {number} */ i) => i).sort((/** @type {number} */ a, /** @type {number} */ b) => scatter(a) - scatter(b));
    slider.max = String(now.size);
    choose.replaceChildren(...choiceButtons(app, (id) => app.go({ b: id, guess: "p" })));
    doors.replaceChildren(...doorLinks(app, follow));
  }

  /** @param {string} step @param {string} id */
  async function enter(step, id) {
    const moved = step !== now.step || id !== now.id;
    Object.assign(now, { step, id });
    main.dataset.step = step;
    for (const item of steps.children) item.toggleAttribute("aria-current", item.dataset.step === step);
    steps.querySelector("[aria-current]")?.setAttribute("aria-current", "step");
    if (step !== "choose") {
      const run = await source.watch({ story, policy: id, values: {} }, app.state.seed);
      if (now.id !== id || now.step !== step) return;
      now.run = run;
      picture.gathered = 1;
      picture.show(run);
      many(id);
    }
    Object.assign(picture, { kept: null, asks: false });
    if (step === "choose" || step === "predict") { now.seen = ""; clock.seek(0); }
    if (step === "choose") { now.guess = null; live(); }
    if (step === "predict") guess(now.guess);
    if (step === "watch") { now.seen = `${id}${now.guess}`; Object.assign(clock, { pace: PACE, rest: 0 }); clock.play(); }
    if (step === "why") { now.seen = `${id}${now.guess}`; if (now.exitsOf !== id) text.textContent = say("chart/wait"); await many(id); if (now.step !== "why") return; clock.seek(clock.months); }
    label();
    draw();
    hand();
    if (moved && begun) title.focus({ preventScroll: true });
    begun = true;
  }

  /** While one chooses, the picture lives through the months before anybody leaves, a few times. */
  function live() {
    still.hidden = !picture.moves;
    if (still.hidden || !now.run?.exits.length) return;
    Object.assign(clock, { pace: CALM_PACE, rest: CALM_REST });
    clock.play();
    still.textContent = say("clock/pause");
  }

  /** In a class, a prediction that was made can be handed in. */
  async function hand() {
    const made = ["watch", "why"].includes(now.step) && (app.classroom || app.state.of), key = made ? `${now.id} ${now.guess}` : "";
    if (handed.dataset.key === key) return;
    handed.dataset.key = key;
    if (!made) return handed.replaceChildren();
    const [{ handIn }, { roundOf }] = await Promise.all([HAND_IN(), ROUND()]);
    const round = roundOf(app.state);
    if (round && handed.dataset.key === key) handed.replaceChildren(handIn(app, round, String(now.guess)));
  }

  /** What many runs say: asked for while one predicts and watches, shown at the end. @param {string} id */
  async function many(id) {
    const [runs, base] = await Promise.all([id, "neutral"].map((policy) => source.runs({ story, policy, values: {} })));
    if (id !== now.id) return;
    Object.assign(now, { runs: runs.runs, exitsOf: id });
    now.bands = bands(runs.monthly.n_members, runs.months, runs.runs, SHARES).map((row) => [now.size, ...row.map(Math.round)]);
    now.exits = [runs, base].map(({ summary }) => ({ satisfied: mean(summary.exits_satisfied), frustrated: mean(summary.exits_frustrated), other: mean(summary.exits_other) }));
  }

  function label() {
    const { step, id, size, guess: n } = now, here = now.run?.membersAt(clock.months);
    title.textContent = {
      choose: `${say(`story/${story}/who`, { size })} ${say("first/how")}`,
      predict: say("first/ask", { size }), watch: words.label(`strategy/${id}/done`, app.strategy(id)), why: say("first/result", { guess: n, here, size }),
    }[/** @type {"choose"} */ (step)];
    choose.setAttribute("aria-label", title.textContent);
    next.textContent = { predict: say("first/play"), watch: say("first/skip"), why: say("first/another") }[/** @type {"why"} */ (step)] ?? "";
    next.disabled = step === "predict" && n === null;
    other.hidden = step === "predict" && app.state.of > 0; // a class has one question
    if (step === "predict") text.textContent = `${say(`story/${story}/who`, { size })} ${words.label(`strategy/${id}/done`, app.strategy(id))}`;
    other.textContent = { predict: say("first/back"), watch: say(clock.playing ? "clock/pause" : "clock/play"), why: say("clock/again") }[/** @type {"why"} */ (step)] ?? "";
    if (step !== "why") return;
    text.replaceChildren(...verdict().map((part) => h("span", {}, words.rich(part))));
    const years = [1, 2, 3, 4, 5].filter((year) => year * 12 <= clock.months), { [LOW]: low, [MEDIAN]: middle, [HIGH]: high } = now.bands;
    rows.replaceChildren(table(say("explore/caption", { title: say("chart/members"), runs: now.runs }), ["", ...years.map((year) => say("chart/year", { n: year }))], [
      [say("first/table_run"), ...years.map((year) => now.run.membersAt(year * 12))], [say("explore/column/median"), ...years.map((year) => middle[year * 12])],
      [say("first/nine_in_ten"), ...years.map((year) => say("explore/range", { low: low[year * 12], high: high[year * 12] }))]]));
  }

  /** Judge the prediction against many runs, not against one; and say how members left. */
  function verdict() {
    const shares = now.bands.map((/** @type {number[]} */ row) => row[clock.months]), n = now.guess, found = judge(n, shares);
    tellDone(app, "first", String(n), found !== "outside");
    return [say(`first/${found}`, { low: shares[LOW], quarter: shares[QUARTER], three: shares[THREE], high: shares[HIGH] }), [say("first/left", now.exits[0]), now.id === "neutral" ? "" : say("first/than_nothing", now.exits[1])].join(" ").trim()];
  }

  /** @param {number | null} value null before the reader predicts: the slider stands where everybody stays */
  function guess(value) {
    now.guess = value === null ? null : Math.min(Math.max(Math.round(value), 0), now.size);
    slider.value = String(now.guess ?? now.size);
    said.textContent = value === null ? say("first/touch") : say("first/guess_of", { n: now.guess, size: now.size });
    said.classList.toggle("untouched", value === null);
    slider.setAttribute("aria-valuetext", said.textContent);
    next.disabled = value === null;
    Object.assign(picture, { asks: value === null, kept: value === null ? null : new Set(now.order.slice(0, now.guess)) });
    picture.draw();
    draw();
  }

  function on() {
    if (now.step === "predict") app.go({ guess: String(now.guess) });
    else if (now.step === "watch") enter("why", now.id);
    else { now.guess = null; app.go({ guess: "", of: 0 }); }
  }

  function aside() {
    if (now.step === "predict") app.go({ guess: "" });
    else if (now.step === "watch") { clock.toggle(); label(); }
    else { now.seen = ""; enter("watch", now.id); }
  }

  /** @param {Clock} at @param {boolean} settled */
  function move(at, settled) {
    if (!now.run) return;
    picture.draw(at.t);
    if (at.month !== spoken || settled) {
      spoken = at.month;
      name(at.month);
      if (now.step === "watch") {
        const news = tell(now.run, at.month, at);
        if (news) text.replaceChildren(words.rich(`**${news.title}.** ${news.told}`));
        if (at.month % 12 === 0) app.announce(text.textContent);
        other.textContent = say(at.playing ? "clock/pause" : "clock/play");
        draw();
      }
    }
    if (now.step === "choose" && at.playing && at.t >= now.run.exits[0]?.month - 1) {
      at.t = 0;
      canvas.animate({ opacity: [0, 1] }, GATHER / 2);
      picture.show(now.run);
      if (++rounds % CALM_ROUNDS === 0) { at.playing = false; still.textContent = say("clock/play"); }
    }
    if (now.step === "watch" && at.t >= at.months && !at.playing) ending = window.setTimeout(() => now.step === "watch" && enter("why", now.id), REST);
  }

  /** Name the picture for those who do not see it, after it is drawn: lists of words take a slow phone long. @param {number} month */
  function name(month) {
    clearTimeout(naming);
    naming = window.setTimeout(() => canvas.setAttribute("aria-label", pictureSentence(words, now.run, month, app.strategy(now.id || "neutral"))), SOON);
  }

  function draw() {
    if (now.run && now.step !== "choose") drawFirstChart(svg, app, now, now.step === "watch" ? Math.floor(clock.t + 0.001) : clock.months, colourOf(now.id));
  }

  /** The chart can be dragged too; the slider below does the same for keys and screen readers. */
  function dragOn() {
    const drag = (/** @type {PointerEvent} */ event) => { if (now.step === "predict") guess(guessAt(svg, now.size, event.clientY)); };
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); drag(event); });
    svg.addEventListener("pointermove", (event) => { if (svg.hasPointerCapture(event.pointerId)) drag(event); });
  }

  return { show, close: () => { clearTimeout(ending); clearTimeout(naming); clock.playing = false; picture.close(); stop(); delete main.dataset.step; } };
}
