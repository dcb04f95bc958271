// @ts-check
/** Parts of the first minute: what one can choose, and the ways on. */
import { h, icon, s } from "../ui/dom.js";
import { SIGNS } from "../picture/marks.js";
import { colourOf } from "../ui/strategies.js";
import { writeState } from "../state.js";

export const STEPS = ["choose", "predict", "watch", "why"];
const OFFERED = ["connecting", "safeguarding", "neutral"];

/** @type {Record<string, string>} */
const ICONS = {
  connecting: "M6 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM18 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 16 16 8",
  safeguarding: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4M12 15v2",
  neutral: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM8 12h8",
};
/** @type {[string, string][]} */
const DOORS = [["convene", "M7 4v16l13-8z"], ["compare", "M3 6c8 0 9 11 18 11M3 6c7 0 11 3 18 3"], ["watch", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"], ["explore", "M4 8h10M18 8h2M16 6v4M4 16h2M10 16h10M8 14v4"]];

/** @param {any} app @param {(id: string) => void} choose */
export function choiceButtons({ words }, choose) {
  return OFFERED.map((id) => h("button", { type: "button", class: colourOf(id), on: { click: () => choose(id) } },
    icon(ICONS[id]), h("strong", {}, words.say(`strategy/${id}/act`)), h("span", {}, words.say(`strategy/${id}/detail`))));
}

/** @param {any} app @param {(event: MouseEvent, go: () => void) => void} follow */
export function doorLinks(app, follow) {
  return DOORS.map(([room, path]) => h("a", {
    href: writeState({ ...app.state, room }, app.model), on: { click: (/** @type {MouseEvent} */ event) => follow(event, () => app.go({ room, month: 0, a: app.state.b === "neutral" ? "connecting" : "neutral" })) },
  }, icon(path), app.words.say(`first/door_${room}`)));
}

/** The shortest key, in the corners that a circle leaves free. @param {any} words */
export function pictureHint(words) {
  const dot = (/** @type {string} */ fill) => s("svg", { viewBox: "0 0 16 16" }, s("circle", { cx: 8, cy: 8, r: 5, fill, stroke: "var(--value)" }));
  const sign = (/** @type {string} */ mood, /** @type {string} */ colour) => s("svg", { viewBox: "0 0 16 16" }, s("path", { d: SIGNS[mood], stroke: `var(--${colour})` }));
  return h("figcaption", { class: "hint", "aria-hidden": "true" },
    h("span", {}, dot("var(--value)"), words.say("picture/given"), h("br"), dot("none"), words.say("picture/gained")),
    h("span", {}, sign("satisfied", "content"), words.say("mood/satisfied"), h("br"), sign("frustrated", "trouble"), words.say("mood/frustrated")));
}
