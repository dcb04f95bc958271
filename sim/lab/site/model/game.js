// @ts-check
/** The game's decisions: ten half-years, ten points of each month's effort, and perhaps a strategic pause. */

export const ROUND = 6, POINTS = 10;
/** Shipped strategies that stand beside what a player did. */
export const BESIDE = ["neutral", "connecting", "safeguarding", "bundling", "adaptive_tracking"];
export const LEVERS = ["safeguard", "bundle", "inside", "outside", "help"];
const DIGITS = "0123456789t";
const TOKEN = new RegExp(`^[${DIGITS}]{${LEVERS.length}}p?$`);
/** The engine's name of each lever. @type {Record<string, string>} */
const ACTIONS = { safeguard: "safeguard", bundle: "bundle", inside: "match_inside", outside: "match_outside", help: "intervene" };

/** @typedef {{ points: Record<string, number>, pause: boolean }} Decision */

/** @returns {Decision} */
export const nothing = () => ({ points: Object.fromEntries(LEVERS.map((lever) => [lever, 0])), pause: false });

/** @param {Decision} decision */
export const spentOf = ({ points }) => LEVERS.reduce((sum, lever) => sum + points[lever], 0);

/**
 * What the points of a half-year paid for without a mark in the picture.
 * @param {import("./run.js").Run} run @param {Decision} decision @param {number} first its first month
 * @returns {{ lever: string, why: string, n: number }[]} in `why`, a key of the words; in `n`, leaks
 */
export function unseenIn(run, { points }, first) {
  const within = (/** @type {{ month: number }[]} */ events) => events.filter(({ month }) => month >= first && month < first + ROUND).length;
  /** @type {Record<string, { month: number }[]>} */
  const marks = { inside: run.ties, outside: run.introductions, help: run.help };
  return LEVERS.filter((lever) => points[lever] > 0).flatMap((lever) => {
    const spent = Array.from({ length: ROUND }, (_, m) => run.effort(ACTIONS[lever], first + m)).some((effort) => effort > 0), n = within(run.leaks);
    const why = !spent ? "nothing" : !(lever in marks) ? "prevents" : within(marks[lever]) ? "" : lever;
    return why ? [{ lever, why, n }] : [];
  });
}

/**
 * The effort of a half-year, a month: what its decision set aside, and what was spent. A pause is paid first.
 * @param {import("./run.js").Run} run @param {Decision} decision @param {number} first its first month
 */
export function setAside(run, decision, first) {
  const months = Array.from({ length: ROUND }, (_, m) => first + m), mean = (/** @type {(month: number) => number} */ of) => months.reduce((sum, month) => sum + of(month), 0) / ROUND;
  const paid = (/** @type {number} */ month) => run.effort("pause", month), share = spentOf(decision) / POINTS;
  return { given: mean((month) => paid(month) + share * (run.whole("budget", month) - paid(month))), spent: mean((month) => run.spent(month)) };
}

/** Decisions as one text: a digit for each lever (t for ten), p for a pause, joined by dots. @param {Decision[]} decisions */
export const writeDecisions = (decisions) => decisions.map(({ points, pause }) => LEVERS.map((lever) => DIGITS[points[lever]]).join("") + (pause ? "p" : "")).join(".");

/** Read decisions up to the first that is not valid. @param {string} text @param {number} rounds @returns {Decision[]} */
export function readDecisions(text, rounds) {
  /** @type {Decision[]} */
  const decisions = [];
  for (const token of text ? text.split(".").slice(0, rounds) : []) {
    if (!TOKEN.test(token)) break;
    const decision = { points: Object.fromEntries(LEVERS.map((lever, k) => [lever, DIGITS.indexOf(token[k])])), pause: token.endsWith("p") };
    if (spentOf(decision) > POINTS || (decision.pause && !mayPause(decisions))) break;
    decisions.push(decision);
  }
  return decisions;
}

/** A pause stands between initiation and implementation: in the first half-year, and on from there without a break. @param {Decision[]} before */
export const mayPause = (before) => before.every(({ pause }) => pause);

/** The effort of each month that is decided: shares of that month's budget. @param {Decision[]} decisions */
export function effortOf(decisions) {
  return decisions.flatMap(({ points, pause }) => Array.from({ length: ROUND }, () => ({
    ...Object.fromEntries(LEVERS.map((lever) => [ACTIONS[lever], points[lever] / POINTS])), pause: Number(pause),
  })));
}
