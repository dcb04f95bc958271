// @ts-check
/** For the teacher: lessons, what students misread, and of each activity its aim, its result and good answers. No page links here. */
import { activitiesOf, numbersOf } from "../model/activities.js";
import { comparisonOf } from "../model/comparison.js";
import { comparisonTable } from "../ui/comparison_table.js";
import { fold, h } from "../ui/dom.js";
import { writeState } from "../state.js";
import { explainSteps } from "./learn_explain.js";

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source } = app, say = words.say.bind(words);
  const list = (/** @type {string} */ key) => h("ol", {}, Object.keys(words.find(key)).map((k) => h("li", {}, say(`${key}/${k}`))));

  const way = (/** @type {any} */ changes, /** @type {string} */ text) => h("a", { class: "back", href: writeState({ ...app.state, ...changes }, app.model) }, text);
  /** On paper every fold is open. @type {HTMLDetailsElement[]} */
  let folded = [];
  const unfold = () => { folded = [...main.querySelectorAll("details")].filter(({ open: is }) => !is); for (const one_ of folded) one_.open = true; };
  const foldAgain = () => { for (const one_ of folded) one_.open = false; };
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", foldAgain);

  /** @param {import("../model/activities.js").Activity} activity */
  function one(activity) {
    const { id, pairs, minutes } = activity, result = h("div", { class: "many" });
    const calculate = h("button", { type: "button", on: { click: async () => {
      calculate.disabled = true;
      result.replaceChildren(h("p", {}, say("chart/wait")));
      const compared = await Promise.all(pairs.map(({ story, a, b }) => comparisonOf(source, [a, b].map((side) => ({ story, ...side })))));
      result.replaceChildren(...compared.map((found, k) => caseOf(activity, found, k)));
      app.announce(say("teach/expected"));
    } } }, say("teach/calculate"));
    return h("section", { class: "case" }, h("h2", {}, say(`activity/${id}/name`)),
      h("p", {}, h("strong", {}, say("teach/aim")), " ", say(`activity/${id}/aim`)), h("p", { class: "small" }, `${say("learn/minutes", { n: minutes })} · `, way({ room: "learn", activity: id, guess: "" }, say("teach/students"))),
      h("h3", {}, say("teach/expected")), calculate, result,
      h("h3", {}, say("learn/explain")), ...explainSteps(app, activity),
      fold(say("teach/misread"), h("ul", {}, Object.keys(words.find(`activity/${id}/misread`)).map((k) => h("li", {}, say(`activity/${id}/misread/${k}`))))));
  }

  /** @param {import("../model/activities.js").Activity} activity @param {Awaited<ReturnType<typeof comparisonOf>>} found @param {number} k */
  function caseOf({ id, pairs }, found, k) {
    const { story, a, b } = pairs[k], { members } = found.found, result = found.verdicts.members, text = (/** @type {string} */ name, /** @type {any} */ side) => say(`activity/${id}/case/${k + 1}/${name}`, numbersOf(source, story, side));
    const sentence = say(`learn/seen/${result}`, { ...members, gap: Math.abs(members.difference), size: found.results[0].size });
    return h("div", {}, h("h4", {}, text("title", b)), h("p", {}, `${words.colon(say("learn/a"), text("a", a))}. ${words.colon(say("learn/b"), text("b", b))}.`), h("p", { class: "verdict" }, `${sentence} ${text(result, b)}`), comparisonTable(words, found, say("learn/a"), say("learn/b")));
  }

  main.append(h("div", { class: "page" }, h("h1", { tabindex: "-1" }, say("teach/title")), h("p", { class: "lead" }, say("teach/lead")), h("p", { class: "small" }, say("teach/spoiler")),
    h("h2", {}, say("teach/plans")), fold(say("teach/short"), list("teach/ten")), fold(say("teach/long"), list("teach/hour")), fold(say("teach/double"), list("teach/ninety")), h("p", {}, say("teach/sheets")), h("ul", {}, activitiesOf(app.model).map(({ id }) => h("li", {}, way({ room: "learn", activity: id, guess: "" }, say(`activity/${id}/name`))))),
    h("p", {}, say("teach/board"), " ", way({ room: "board" }, say("room/board"))),
    h("h2", {}, say("teach/all")), list("teach/misreadings"), ...activitiesOf(app.model).map(one)));

  return { show: async () => app.settle(true), close: () => { removeEventListener("beforeprint", unfold); removeEventListener("afterprint", foldAgain); } };
}
