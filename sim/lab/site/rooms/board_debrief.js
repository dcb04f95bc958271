// @ts-check
/** Debrief: two games, or a game and a shipped strategy, turn by turn with the same random numbers. */
import { effortOf, LEVERS, POINTS, readDecisions, ROUND } from "../model/game.js";
import { exitSentences } from "../model/sentences.js";
import { h, scrolled, select } from "../ui/dom.js";
import { makeDuo } from "../ui/duo.js";
import { capital } from "../ui/words.js";
import { fatesOf } from "./watch_fates.js";

const COLOURS = ["orange", "violet"];
/** The model's name of the effort of each lever. @type {Record<string, string>} */
const EFFORT = { safeguard: "safeguard", bundle: "bundle", inside: "match_inside", outside: "match_outside", help: "intervene" };

/** @typedef {import("../model/leaderboard.js").Player} Player */

/** @param {any} app @param {import("../model/codes.js").Round} round @param {Player[]} players those who played, and shipped strategies */
export function makeDebrief(app, round, players) {
  const { words, source, model } = app, say = words.say.bind(words), rounds = Math.floor(model.months / ROUND), { story, seed: first, seeds } = round;
  const chosen = [0, Math.min(1, players.length - 1)], options = players.map(({ nickname }, k) => /** @type {[string, string]} */ ([String(k), nickname]));
  let seed = first;
  const lists = ["one", "two"].map((side, k) => select({ label: say(`watch/${side}`), options, chosen: String(chosen[k]), choose: (id) => { chosen[k] = Number(id); show(); } }));
  const run = select({ label: say("watch/seed"), options: Array.from({ length: seeds }, (_, k) => [String(first + k), words.number(k + 1)]), chosen: String(first), choose: (id) => { seed = Number(id); show(); } });
  const duo = makeDuo(app), turns = h("div", { class: "wide turns" }), fates = h("div");
  const element = h("div", { class: "debrief" }, h("div", { class: "selects" }, lists, run), h("div", { class: "duo" }, duo.cards, duo.timeline, duo.transport, fates), scrolled(turns));

  async function show() {
    const wanted = JSON.stringify([chosen, seed]), both = chosen.map((k) => players[k]);
    const runs = await Promise.all(both.map(({ decisions, policy }) => source.watch({ story, policy: policy || "neutral", values: {} }, seed, policy ? {} : { effort: effortOf(readDecisions(decisions, rounds)) })));
    if (wanted !== JSON.stringify([chosen, seed])) return;
    const names = both.map(({ nickname }) => nickname);
    duo.show(runs, names.map((name) => ({ id: "", name })), COLOURS);
    duo.clock.seek(0);
    fates.replaceChildren(fatesOf(app, runs, names, (month) => duo.clock.seek(month)));
    turns.replaceChildren(h("table", {}, h("caption", {}, say("board/debrief/turns")),
      h("thead", {}, h("tr", {}, [say("convene/round"), ...names.flatMap((name) => [name, say("outcome/members/name")])].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, Array.from({ length: rounds }, (_, k) => h("tr", {}, h("th", { scope: "row" }, words.number(k + 1)), runs.map((one, side) => turn(one, both[side], k)))))));
  }

  /** A half-year of a game: what was decided, who left and why, and how many take part. @param {import("../model/run.js").Run} one @param {Player} player @param {number} k */
  function turn(one, player, k) {
    const last = (k + 1) * ROUND, left = Array.from({ length: ROUND }, (_, m) => exitSentences(words, one, k * ROUND + m + 1)).flat();
    return [h("td", {}, h("p", {}, h("strong", {}, decided(one, player, k))), left.length ? h("ul", { class: "small" }, left.map((fact) => h("li", {}, `${capital(fact)}.`))) : null), h("td", {}, words.number(one.membersAt(last)))];
  }

  /** The points of a half-year; of a strategy what it spent, as points. @param {import("../model/run.js").Run} one @param {Player} player @param {number} k */
  function decided(one, player, k) {
    const months = Array.from({ length: ROUND }, (_, m) => k * ROUND + m + 1), sum = (/** @type {(month: number) => number} */ of) => months.reduce((total, month) => total + of(month), 0);
    const decision = player.policy ? null : readDecisions(player.decisions, rounds)[k], budget = sum((month) => one.whole("budget", month));
    const points = (/** @type {string} */ lever) => (decision ? decision.points[lever] : budget > 0 ? Math.round((POINTS * sum((month) => one.effort(EFFORT[lever], month))) / budget) : 0);
    const parts = LEVERS.filter((lever) => points(lever) > 0).map((lever) => `${say(`convene/lever/${lever}/name`)} ${words.number(points(lever))}`);
    if (decision ? decision.pause : sum((month) => one.effort("pause", month)) > 0) parts.unshift(capital(say("convene/paused")));
    return parts.join(", ") || say("board/debrief/nothing");
  }

  return { element, show, close: () => duo.close() };
}
