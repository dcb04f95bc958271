// @ts-check
/** The questions of an activity, with hints, answers that open, and the rules behind the result. */
import { fold, h } from "../ui/dom.js";
import { numbersOf } from "../model/activities.js";

/** @param {any} app @param {import("../model/activities.js").Activity} activity */
export function explainSteps({ words, source }, { id, pairs }) {
  const numbers = numbersOf(source, pairs[0].story, pairs[0].b), text = (/** @type {string} */ name) => words.say(`activity/${id}/${name}`, numbers);
  const questions = Object.keys(words.find(`activity/${id}/explain`));
  return [
    h("ol", { class: "questions" }, questions.map((k) => h("li", {}, h("p", {}, text(`explain/${k}/ask`)), fold(words.say("learn/hint"), h("p", {}, text(`explain/${k}/hint`))), fold(words.say("learn/why"), h("p", {}, text(`explain/${k}/answer`)))))),
    fold(words.say("learn/rules"), h("p", {}, text("rule"))),
  ];
}
