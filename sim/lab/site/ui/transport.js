// @ts-check
/** Play, step, next exit and speed, for one clock. */
import { h, icon } from "./dom.js";

const BACK = "M15 5v14L6 12zM18 5v14", ON = "M9 5v14l9-7zM6 5v14", PLAY = "M7 4v16l13-8z", PAUSE = "M8 5v14M16 5v14";
const PACES = [1, 2, 5];

/** @param {any} words @param {import("../picture/clock.js").Clock} clock @param {(month: number) => number} nextExit */
export function makeTransport(words, clock, nextExit) {
  const say = words.say.bind(words), text = h("span"), sign = icon(PLAY);
  const button = (/** @type {string} */ label, /** @type {any} */ inner, /** @type {() => void} */ click) => h("button", { type: "button", "aria-label": label, on: { click } }, inner);
  const pace = h("button", { type: "button", class: "pace", on: { click: () => setPace(PACES[(PACES.indexOf(clock.pace) + 1) % PACES.length]) } });
  const play = h("button", { type: "button", class: "primary play", on: { click: () => clock.toggle() } }, sign, text);
  const element = h("div", { class: "transport" },
    button(say("clock/back"), icon(BACK), () => clock.step(-1)),
    play,
    button(say("clock/on"), icon(ON), () => clock.step(1)),
    h("button", { type: "button", on: { click: () => clock.seek(nextExit(clock.month)) } }, say("clock/exit")), pace);

  /** @param {number} value */
  function setPace(value) {
    clock.pace = value;
    pace.textContent = `${value}×`;
    pace.setAttribute("aria-label", say("clock/pace", { pace: value }));
  }
  setPace(clock.pace);

  function show() {
    sign.firstChild.setAttribute("d", clock.playing ? PAUSE : PLAY);
    text.textContent = say(clock.playing ? "clock/pause" : clock.t >= clock.months ? "clock/again" : "clock/play");
    play.setAttribute("aria-label", text.textContent); // the text is left out where there is no room
  }
  return { element, show };
}

/** Space plays and pauses, wherever no control wants it. @param {import("../picture/clock.js").Clock} clock */
export function playOnSpace(clock) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.key !== " " || target.closest("button, select, summary, input, a")) return;
    event.preventDefault();
    clock.toggle();
  };
  addEventListener("keydown", listen);
  return () => removeEventListener("keydown", listen);
}
