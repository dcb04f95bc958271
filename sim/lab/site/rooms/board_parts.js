// @ts-check
/** What the board shows of a round: predictions as bars, or games as a leaderboard. Nicknames only. */
import { activitiesOf, numbersOf } from "../model/activities.js";
import { onResize } from "../chart/draw.js";
import { drawPredictions } from "../chart/predictions.js";
import { fateBar } from "../chart/strips.js";
import { caseResults, comparisonOf } from "../model/comparison.js";
import { WORDS } from "../model/codes.js";
import { BESIDE } from "../model/game.js";
import { ranked, replay, SCORED } from "../model/leaderboard.js";
import { HIGH, judge, LOW, MEDIAN, QUARTER, THREE } from "../model/results.js";
import { mean } from "../statistics.js";
import { h, s, scrolled } from "../ui/dom.js";
import { colourOf } from "../ui/strategies.js";
import { capital } from "../ui/words.js";

/** @typedef {import("../model/board.js").Board} Board */
/** @typedef {import("../model/codes.js").Round} Round */

const RESULT = { higher: "more", lower: "fewer", undecided: "same" };
const LEFT = /** @type {const} */ (["satisfied", "frustrated"]);

/** What the round asks. @param {any} app @param {Round} round */
export function questionOf(app, { kind, about, story }) {
  const { words } = app, size = app.source.story(story)?.founders ?? 0;
  if (kind === "activity") {
    const pair = activitiesOf(app.model).find(({ id }) => id === about)?.pairs[0];
    return pair ? words.say(`activity/${about}/question`, numbersOf(app.source, pair.story, pair.b)) : about;
  }
  if (kind === "first") return words.say("board/question/first", { story: words.label(`story/${story}/name`, story), strategy: app.strategy(about), size });
  return words.say("board/question/game", { story: words.label(`story/${story}/name`, story) });
}

/**
 * Bars with their numbers; some are marked as what the model says.
 * @param {any} words @param {{ name: string, n: number, right: boolean }[]} bars
 */
function barsOf(words, bars) {
  const most = Math.max(1, ...bars.map(({ n }) => n));
  return h("ul", { class: "bars" }, bars.map(({ name, n, right }) => h("li", { class: right ? "right" : "" },
    h("span", { class: "name" }, right ? `✓ ${name}` : name, right ? h("span", { class: "unseen" }, ` ${words.say("board/right")}`) : null), h("span", { class: "bar", "aria-hidden": "true", style: { "--share": n / most } }), h("b", {}, words.number(n)))));
}

/** Predictions; once they are revealed, with what many runs say and how good they are. @param {any} app @param {Board} board */
export async function predictions(app, { round, answers, revealed }) {
  const { words, source } = app, { kind, about, story } = /** @type {Round} */ (round), say = words.say.bind(words);
  if (kind === "activity") {
    const counts = WORDS.map((word) => answers.filter(({ answer }) => answer === word).length), found = revealed ? await verdictOf(app, about) : null;
    const bars = WORDS.map((word, k) => ({ name: say(`learn/guess/${word}`), n: counts[k], right: found?.word === word }));
    return [sidesOf(app, about), barsOf(words, bars), found && h("p", { class: "verdict" }, found.sentence), found && fatesOf(words, found.results)];
  }
  const size = source.story(story).founders, values = answers.map(({ answer }) => Number(answer)).filter((n) => n <= size), one = { story, policy: about, values: {} };
  const results = revealed ? caseResults(source, one, await source.runs(one)) : null, shares = results && results.members.map((row) => Math.round(row[results.months])), svg = s("svg", { role: "img", class: colourOf(about) });
  svg.setAttribute("aria-label", words.colon(say("board/predictions", { n: values.length }), [...values].sort((a, b) => a - b).join(", ")));
  onResize(svg, () => drawPredictions(svg, words, size, values, shares));
  const chart = [h("div", { class: "chart predictions" }, svg), h("p", { class: "small" }, say(results ? "board/areas" : "board/dots"))];
  if (!results || !shares) return chart;
  const count = (/** @type {string} */ verdict) => values.filter((n) => judge(n, shares) === verdict).length;
  return [...chart, h("p", { class: "verdict" }, say("board/range", { low: shares[LOW], quarter: shares[QUARTER], median: shares[MEDIAN], three: shares[THREE], high: shares[HIGH], size, runs: results.runs })),
    values.length ? h("p", { class: "verdict" }, say("board/judged", { close: count("close"), possible: count("possible"), outside: count("outside"), mine: mean(values), mean: results.stay })) : null,
    h("div", {}, h("p", { class: "small" }, say("explore/fate")), fateBar(words, results))];
}

/** What A and B are. @param {any} app @param {string} id of the activity */
function sidesOf({ words, source, model }, id) {
  const pair = activitiesOf(model).find((one) => one.id === id)?.pairs[0];
  return pair && h("dl", { class: "sides" }, /** @type {const} */ (["a", "b"]).map((side) => [h("dt", {}, words.say(`learn/${side}`)), h("dd", {}, words.say(`activity/${id}/case/1/${side}`, numbersOf(source, pair.story, pair[side])))]));
}

/** Why members left in A and in B: their number alone does not tell. @param {any} words @param {any[]} results */
function fatesOf(words, results) {
  return h("div", {}, h("p", { class: "small" }, words.say("explore/fate")), h("div", { class: "two-fates" }, results.map((one, k) => h("div", {}, h("strong", {}, words.say(`learn/${"ab"[k]}`)), fateBar(words, one)))));
}

/** @param {any} app @param {string} id of the activity */
async function verdictOf(app, id) {
  const activity = activitiesOf(app.model).find((one) => one.id === id);
  if (!activity) return null;
  const { story, a, b } = activity.pairs[0], one = await comparisonOf(app.source, [a, b].map((side) => ({ story, ...side }))), { members } = one.found, result = one.verdicts.members;
  return { word: RESULT[result], results: one.results, sentence: app.words.say(`learn/seen/${result}`, { ...members, gap: Math.abs(members.difference), size: one.results[0].size }) };
}

/**
 * Every game played with all seeds of the class, and shipped strategies beside them.
 * @param {any} app @param {Board} board @param {Map<string, Promise<any>>} known what was played before
 */
export async function playersOf(app, { round, number, answers }, known) {
  const { story } = /** @type {Round} */ (round), play = (/** @type {string} */ key, /** @type {any} */ who) => known.get(key) ?? known.set(key, replay(app.source, /** @type {Round} */ (round), who)).get(key);
  const there = app.model.policies.map((/** @type {any} */ { id }) => id), beside = BESIDE.filter((id) => there.includes(id));
  const players = await Promise.all(answers.map(({ nickname, answer }) => play(`${number} ${story} ${nickname} ${answer}`, { nickname, answer })));
  const others = await Promise.all(beside.map((policy) => play(`${number} ${story} / ${policy}`, { nickname: capital(app.strategy(policy)), policy })));
  return { players: players.filter(Boolean), others, unread: players.filter((one) => !one).length };
}

/** @param {any} app @param {Round} round @param {Awaited<ReturnType<typeof playersOf>>} played @param {string} outcome by which players rank */
export function leaderboard(app, round, { players, others, unread }, outcome) {
  const { words } = app, say = words.say.bind(words), all = [...players, ...others];
  const rows = [...ranked(players, outcome).map((row) => ({ ...row, rank: words.number(row.rank) })), ...others.map((player) => ({ player, rank: "" }))].sort((a, b) => b.player.scores[outcome].mean - a.player.scores[outcome].mean);
  const shown = SCORED.filter((name) => name !== "content" || name === outcome), ends = Object.fromEntries(SCORED.map((name) => [name, [Math.min(...all.map((one) => one.scores[name].low)), Math.max(...all.map((one) => one.scores[name].high))]]));
  const cell = (/** @type {string} */ name, /** @type {any} */ { mean, low, high }) => {
    const [from, to] = ends[name], share = (/** @type {number} */ value) => (value - from) / (to - from || 1), of = (/** @type {number} */ v) => words.number(v, 1);
    return h("td", { class: name === outcome ? "by" : "" }, h("b", {}, of(mean)), " ", h("small", {}, say("board/bin", { from: of(low), to: of(high) })),
      h("span", { class: "range", "aria-hidden": "true", style: { "--low": share(low), "--high": share(high), "--mean": share(mean) } }));
  };
  const table = h("table", { class: "leaders", "aria-describedby": "scored" },
    h("thead", {}, h("tr", {}, [say("board/rank"), say("class/nickname"), ...shown.map((name) => say(`outcome/${name}/title`)), ...LEFT.map((mood) => say(`convene/table/${mood}`))].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(({ player, rank }) => h("tr", { class: player.policy ? "shipped" : "" }, h("td", {}, rank), h("th", { scope: "row" }, player.nickname), shown.map((name) => cell(name, player.scores[name])), LEFT.map((mood) => h("td", { class: "left" }, words.number(player.left[mood], 1)))))));
  const pairs = (players.length * (players.length - 1)) / 2;
  return [h("p", { class: "small", id: "scored" }, say("board/scored", { n: round.seeds })), scrolled(h("div", { class: "wide" }, table)), pairs ? h("p", { class: "small" }, say("board/ranks", { n: pairs })) : null, unread ? h("p", { class: "small" }, say("board/unread", { n: unread })) : null];
}
