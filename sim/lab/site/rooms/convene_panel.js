// @ts-check
/** What the player decides in a half-year: points for each lever, and a pause. */
import { fold, h } from "../ui/dom.js";
import { LEVERS, nothing, POINTS, spentOf } from "../model/game.js";

/** @param {any} app @param {(decision: import("../model/game.js").Decision) => void} decided */
export function makePanel(app, decided) {
  const { words } = app, say = words.say.bind(words);
  let decision = nothing();
  const left = h("p", { class: "left-points" });
  /** @type {Record<string, { count: any, less: any, more: any }>} */
  const rows = {};
  const list = h("ul", { class: "levers" }, LEVERS.map((lever) => {
    const name = say(`convene/lever/${lever}/name`), step = (/** @type {number} */ by) => () => { decision.points[lever] += by; show(); app.announce(say("convene/points", { name, n: decision.points[lever] })); };
    const count = h("b", {});
    const less = h("button", { type: "button", "aria-label": say("convene/less", { name }), on: { click: step(-1) } }, "−"), more = h("button", { type: "button", "aria-label": say("convene/more", { name }), on: { click: step(1) } }, "+");
    rows[lever] = { count, less, more };
    return h("li", {}, h("span", { class: "name" }, name, h("small", {}, say(`convene/lever/${lever}/short`))), less, count, more);
  }));
  const pause = h("input", { type: "checkbox", id: "pause", on: { change: () => { decision.pause = pause.checked; show(); } } });
  const pauses = h("label", { class: "pause", for: "pause" }, pause, h("span", {}, say("convene/pause"), h("small", {}, say("convene/pause_about"))));
  const about = fold(say("convene/levers"), h("dl", {}, LEVERS.map((lever) => [h("dt", {}, say(`convene/lever/${lever}/name`)), h("dd", {}, say(`convene/lever/${lever}/about`))])));
  const go = h("button", { type: "button", class: "primary", on: { click: () => decided({ points: { ...decision.points }, pause: decision.pause }) } }, say("convene/go"));

  function show() {
    const free = POINTS - spentOf(decision);
    left.textContent = say("convene/left", { n: free });
    for (const lever of LEVERS) {
      const { count, less, more } = rows[lever], n = decision.points[lever];
      count.textContent = words.number(n);
      less.disabled = n === 0;
      more.disabled = free === 0;
    }
    pause.checked = decision.pause;
  }

  return {
    element: h("div", { class: "decide" }, left, list, pauses, about), go,
    /** Offer the next decision; points stay as they were. @param {import("../model/game.js").Decision | undefined} last @param {boolean} mayPause */
    offer(last, mayPause) {
      decision = last ? { points: { ...last.points }, pause: last.pause && mayPause } : nothing();
      pauses.hidden = !mayPause;
      show();
    },
  };
}
