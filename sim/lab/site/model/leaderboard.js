// @ts-check
/** What the decisions of each player give with every seed of the class, and who does significantly better than whom. */
import { adjust, DECIDED, mean, meanInterval, pValue } from "../statistics.js";
import { effortOf, readDecisions, ROUND } from "./game.js";

/**
 * @typedef {{ mean: number, low: number, high: number, values: Float64Array }} Score
 * @typedef {{ nickname: string, decisions: string, policy: string, scores: Record<string, Score>, left: { satisfied: number, frustrated: number } }} Player
 */

/** What is scored: members at the end, those who stay or left satisfied, and value for society. */
export const SCORED = ["members", "content", "society_value"];

/** The decisions of a finished game; null if the text is not one. @param {string} text @param {number} months */
export function finished(text, months) {
  const rounds = Math.floor(months / ROUND), decisions = readDecisions(text, rounds);
  return decisions.length === rounds ? decisions : null;
}

/**
 * Play the decisions of a player, or a shipped strategy, with every seed of a round.
 * @param {any} source @param {import("./codes.js").Round} round @param {{ nickname: string, answer?: string, policy?: string }} who
 * @returns {Promise<Player | null>} null if these are not the decisions of a finished game
 */
export async function replay(source, { story, seed, seeds }, { nickname, answer = "", policy = "" }) {
  const decisions = policy ? [] : finished(answer, source.model.months);
  if (!decisions) return null;
  const runs = await source.game(story, policy || effortOf(decisions), seed, seeds), { months, runs: n } = runs;
  const members = runs.monthly.n_members.slice((months - 1) * n, months * n), { exits_satisfied: satisfied, exits_frustrated: frustrated, society_value } = runs.summary;
  const values = { members, content: Float64Array.from(members, (stay, k) => stay + satisfied[k]), society_value };
  return { nickname, left: { satisfied: mean(satisfied), frustrated: mean(frustrated) }, decisions: answer, policy, scores: Object.fromEntries(Object.entries(values).map(([name, of]) => [name, scoreOf(of)])) };
}

/** @param {Float64Array} values @returns {Score} */
function scoreOf(values) {
  const [low, high] = meanInterval(values);
  return { mean: mean(values), low, high, values };
}

/**
 * Ranks by one outcome: one more than the number of players who do significantly better, seed by seed; the verdicts are
 * Holm-corrected over all pairs. Players between whom there is no significant difference share a rank.
 * @param {Player[]} players @param {string} outcome @returns {{ player: Player, rank: number }[]} the highest mean first
 */
export function ranked(players, outcome) {
  const order = [...players].sort((a, b) => b.scores[outcome].mean - a.scores[outcome].mean), pairs = order.flatMap((_, j) => order.slice(0, j).map((__, i) => [i, j]));
  const p = adjust(pairs.map(([i, j]) => {
    const [one, two] = [i, j].map((k) => order[k].scores[outcome].values), gaps = Array.from(one, (value, k) => value - two[k]);
    return pValue(gaps, mean(gaps));
  }));
  const better = order.map(() => 0);
  pairs.forEach(([, j], k) => { if (p[k] <= DECIDED) better[j] += 1; });
  for (let k = 1; k < better.length; k++) better[k] = Math.max(better[k], better[k - 1]); // a lower mean never ranks higher
  return order.map((player, k) => ({ player, rank: 1 + better[k] }));
}
