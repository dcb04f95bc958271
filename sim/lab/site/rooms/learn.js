// @ts-check
/** Learn: activities in which one predicts, observes and explains. No result is shown before the prediction. */
import { activitiesOf, numbersOf } from "../model/activities.js";
import { roundOf } from "../model/board.js";
import { h } from "../ui/dom.js";
import { handIn } from "../ui/hand_in.js";
import { follow } from "../shell.js";
import { writeState } from "../state.js";
import { makeObserved } from "./learn_observe.js";
import { explainSteps } from "./learn_explain.js";
import { sheetOf } from "./learn_sheet.js";

const GUESSES = ["more", "fewer", "same"];

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words } = app, activities = activitiesOf(app.model), say = words.say.bind(words);
  /** @type {{ close: () => void } | null} */
  let observed = null;
  let shown = "";

  /** @param {import("../state.js").State} state @param {import("../state.js").State | null} before */
  async function show(state, before) {
    const activity = activities.find(({ id }) => id === state.activity), guess = GUESSES.includes(state.guess) ? state.guess : "", key = `${activity?.id ?? ""} ${guess}`;
    if (key === shown) return;
    shown = key;
    observed?.close();
    observed = null;
    app.settle(false);
    if (!activity) main.replaceChildren(...list());
    else await one(activity, guess);
    const predicts = guess && before?.activity === state.activity && !before?.guess; // then one reads on from the question
    main.scrollTop = predicts ? /** @type {HTMLElement} */ (main.querySelector(".question")).offsetTop : 0;
    if (predicts) /** @type {HTMLElement} */ (main.querySelector(".predicted")).focus({ preventScroll: true });
    app.settle(true);
  }

  const way = (/** @type {any} */ changes, /** @type {any} */ more, /** @type {any[]} */ ...inside) => h("a", {
    href: writeState({ ...app.state, ...changes }, app.model), ...more, on: { click: (/** @type {MouseEvent} */ event) => follow(event, () => app.go(changes)) },
  }, ...inside);

  function list() {
    return [h("div", { class: "page" }, h("h1", { tabindex: "-1" }, say("learn/title")), h("p", { class: "lead" }, say("learn/lead")),
      h("ul", { class: "activities" }, activities.map(({ id, minutes }) => h("li", {}, way({ activity: id, guess: "" }, {}, h("strong", {}, say(`activity/${id}/name`)), h("span", {}, say(`activity/${id}/claim`)), h("small", {}, say("learn/minutes", { n: minutes })))))))];
  }

  /** @param {import("../model/activities.js").Activity} activity @param {string} guess */
  async function one(activity, guess) {
    const { id, pairs } = activity, pair = pairs[0], numbers = numbersOf(app.source, pair.story, pair.b), text = (/** @type {string} */ name) => say(`activity/${id}/${name}`, numbers);
    const sides = h("dl", { class: "sides" }, ["a", "b"].map((side) => [h("dt", {}, say(`learn/${side}`)), h("dd", {}, say(`activity/${id}/case/1/${side}`, numbersOf(app.source, pair.story, pair[/** @type {"a"} */ (side)])))]));
    const sheet = guess ? null : sheetOf(app, activity), predict = guess
      ? h("p", { class: "predicted", tabindex: "-1" }, say("learn/predicted", { guess: say(`learn/guess/${guess}`) }), " ", h("button", { type: "button", on: { click: () => app.go({ guess: "" }) } }, say("learn/again")))
      : h("div", {}, h("p", { class: "small" }, say("learn/reason")), sheet?.because, h("div", { class: "guesses", role: "group", "aria-label": text("question") }, GUESSES.map((name) => h("button", { type: "button", on: { click: () => app.go({ guess: name }) } }, say(`learn/guess/${name}`)))));
    main.replaceChildren(h("div", { class: `page ${sheet ? "sheeted" : ""}` }, sheet?.who, way({ activity: "", guess: "" }, { class: "back" }, `← ${say("learn/all")}`), h("h1", { tabindex: "-1" }, text("name")),
      h("blockquote", {}, h("p", {}, h("strong", {}, say("learn/claim")), " ", text("claim"))), h("h2", {}, say("learn/predict")), h("p", {}, text("situation")), sides, h("p", { class: "question" }, text("question")), predict));
    if (sheet) return void main.firstElementChild?.append(sheet.rest);
    const page = /** @type {HTMLElement} */ (main.firstElementChild);
    const seen = makeObserved(app, activity, guess);
    observed = seen;
    const round = roundOf(app.state);
    if (round) page.append(handIn(app, round, guess));
    page.append(h("h2", {}, say("learn/observe")), seen.element, h("h2", {}, say("learn/explain")), ...explainSteps(app, activity), h("p", { class: "small" }, say("learn/model")));
    await seen.show();
  }

  return { show, close: () => observed?.close() };
}
