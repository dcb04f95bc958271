// @ts-check
/** How a game ended: who stayed, the run beside shipped strategies with the same random numbers, and the decisions. */
import { h, scrolled, table } from "../ui/dom.js";
import { BESIDE, LEVERS, ROUND } from "../model/game.js";
import { MOODS } from "../model/run.js";
import { capital } from "../ui/words.js";

/** Who stayed, and how the others left. @param {any} words @param {import("../model/run.js").Run} run */
export function keptBy(words, run) {
  const [satisfied, frustrated, other] = MOODS.map((mood) => run.left(mood, run.months));
  return h("p", {}, words.rich(words.say("convene/kept", { here: run.membersAt(run.months), size: run.size, satisfied, frustrated, other })));
}

/** The run beside shipped strategies. @param {any} app @param {import("../model/run.js").Run} run */
export async function endOf(app, run) {
  const { words, source } = app, say = words.say.bind(words), { months } = run, { story, seed } = run.about, known = BESIDE.filter((id) => app.model.policies.some((/** @type {any} */ policy) => policy.id === id));
  const others = await Promise.all(known.map((policy) => source.watch({ story, policy, values: {} }, seed)));
  const row = (/** @type {string} */ name, /** @type {any} */ one) => [name, one.membersAt(months), one.left("satisfied", months), one.left("frustrated", months), words.number(one.whole("society_value", months), 1)];
  const column = (/** @type {string} */ name) => say(`convene/table/${name}`);
  return h("div", { class: "ended" },
    scrolled(h("div", { class: "wide stack" }, table(column("caption"), ["who", "stayed", "satisfied", "frustrated", "society"].map(column), [row(column("you"), run), ...known.map((id, k) => row(capital(app.strategy(id)), others[k]))]))),
    h("p", { class: "small" }, say("convene/one")));
}

/** What was decided, and how many took part at the end of each half-year. @param {any} words @param {import("../model/run.js").Run} run @param {import("../model/game.js").Decision[]} decisions */
export function decisionsTable(words, run, decisions) {
  const say = words.say.bind(words);
  const told = decisions.map(({ points, pause }, k) => [k + 1, ...LEVERS.map((lever) => words.number(points[lever])), pause ? say("convene/paused") : "", run.membersAt((k + 1) * ROUND)]);
  return scrolled(h("div", { class: "wide stack" }, table("", [say("convene/round"), ...LEVERS.map((lever) => say(`convene/lever/${lever}/name`)), say("convene/paused"), say("outcome/members/name")], told)));
}
