// @ts-check
/** A sheet to write on, for a class that predicts on paper: shown on paper only. It holds no result. */
import { h } from "../ui/dom.js";
import { numbersOf } from "../model/activities.js";

const RUNS = 3; // rows to note runs in

/** @param {any} app @param {import("../model/activities.js").Activity} activity @returns {{ who: any, because: any, rest: any }} parts of the page */
export function sheetOf({ words, source }, { id, seed, pairs }) {
  const say = (/** @type {string} */ name) => words.say(`learn/sheet/${name}`), numbers = numbersOf(source, pairs[0].story, pairs[0].b);
  const asked = (/** @type {string} */ text, kind = "lines") => h("div", {}, h("p", {}, text), h("div", { class: kind }));
  const onPaper = (/** @type {any[]} */ ...parts) => h("div", { class: "sheet-only", "aria-hidden": "true" }, ...parts);
  return {
    who: onPaper(h("p", { class: "who" }, h("span", {}, say("name")), h("span", {}, say("date")))),
    because: onPaper(asked(say("because"))),
    rest: h("div", {}, h("button", { type: "button", class: "sheet-print", on: { click: () => print() } }, say("print")),
      onPaper(h("div", {}, h("table", {}, h("tbody", {}, h("tr", {}, ["seed", "a", "b"].map((name) => h("th", {}, say(name)))), Array.from({ length: RUNS }, (_, k) => h("tr", {}, h("td", {}, k ? "" : String(seed)), h("td"), h("td"))))), h("p", { class: "small" }, say("seed_about"))),
        asked(say("noticed")), asked(say("many"), "line"), asked(say("met"), "line"),
        Object.keys(words.find(`activity/${id}/explain`)).map((k) => asked(words.say(`activity/${id}/explain/${k}/ask`, numbers))))),
  };
}
