// @ts-check
/** Two partnerships with the same random numbers: two pictures, one clock, one timeline. */
import { Clock } from "../picture/clock.js";
import { scaleOf } from "../picture/flows.js";
import { onResize } from "../chart/draw.js";
import { makeCard } from "./card.js";
import { makeTimeline } from "./timeline.js";
import { makeTransport, playOnSpace } from "./transport.js";
import { h } from "./dom.js";

/**
 * @param {any} app
 * @param {{ choose?: ((id: string) => void)[], moved?: (month: number) => void }} [how] what to do when a strategy is chosen, and when the clock rests
 */
export function makeDuo(app, { choose = [], moved = () => {} } = {}) {
  const { words, model } = app, say = words.say.bind(words), clock = new Clock(model.months, move);
  /** @type {{ runs: import("../model/run.js").Run[], names: string[], colours: string[], month: number }} */
  const now = { runs: [], names: [], colours: [], month: -1 };
  /** Follow the same member in both pictures. @param {number} i */
  const follow = (i) => app.announce(cards.map((card) => card.follow(i)).filter(Boolean).join(". "));
  const cards = ["one", "two"].map((side, k) => makeCard(app, { label: say(`watch/${side}`), choose: choose[k], follow }));
  const timeline = makeTimeline(app, (month) => clock.seek(month));
  const transport = makeTransport(words, clock, (month) => Math.min(...now.runs.map((run) => run.nextExit(month))));
  const keys = h("p", { class: "unseen", id: "picture-keys" }, say("picture/keys"));
  const stops = [onResize(timeline.element, redraw), playOnSpace(clock)];

  /**
   * Show two runs.
   * @param {import("../model/run.js").Run[]} runs @param {{ id: string, name: string }[]} what @param {string[]} colours
   */
  function show(runs, what, colours) {
    Object.assign(now, { runs, names: what.map(({ name }) => name), colours, month: -1 });
    const scale = scaleOf(runs);
    cards.forEach((card, k) => card.show(runs[k], scale, what[k], colours[k], k === 0));
    redraw();
    return scale;
  }

  function redraw() {
    if (!now.runs.length) return;
    timeline.draw(now.runs, now.colours);
    timeline.move(clock.t);
  }

  /** At every frame the pictures move; words and gauges once a month. @param {Clock} at @param {boolean} settled */
  function move(at, settled) {
    if (!now.runs.length) return;
    for (const card of cards) card.picture.draw(at.t);
    timeline.move(at.t);
    if (at.month === now.month && !settled) return;
    now.month = at.month;
    cards.forEach((card) => card.tell(at));
    const [one, two] = now.runs.map((run) => run.membersAt(at.month)), [a, b] = now.names;
    timeline.tell(at.month, say("watch/spoken", { month: at.month, one, a, two, b }));
    transport.show();
    if (settled || at.month % 12 === 0) app.announce(cards.map((card, k) => `${now.names[k]}: ${card.sentence}`).join(" "));
    if (settled) moved(at.month);
  }

  return {
    cards: h("div", { class: "cards" }, cards.map((card) => card.element), keys), timeline: timeline.element, transport: transport.element, clock, show,
    close: () => { clock.playing = false; stops.forEach((stop) => stop()); cards.forEach((card) => card.close()); },
  };
}
