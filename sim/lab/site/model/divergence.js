// @ts-check
/** Where two runs with the same random numbers first differ, and which members fare differently. */

const EFFORTS = ["safeguard", "bundle", "intervene", "match_inside", "match_outside", "pause"], NOTHING = 1e-9;

/** @typedef {import("./run.js").Run} Run */

/** The first month in which the orchestrator's effort differs; 0 if it never does. @param {Run} one @param {Run} two */
export function firstEffort(one, two) {
  for (let month = 1; month <= one.months; month++) if (EFFORTS.some((name) => Math.abs(one.effort(name, month) - two.effort(name, month)) > NOTHING)) return month;
  return 0;
}

/** Members that leave in one run only, at another time or for another reason, the first to leave first. @param {Run} one @param {Run} two */
export function differentFates(one, two) {
  const found = [];
  for (let i = 0; i < Math.min(one.size, two.size); i++) {
    const a = one.exitOf[i], b = two.exitOf[i];
    if (a?.mood !== b?.mood) found.push({ member: i, a, b, month: Math.min(one.leftAt[i], two.leftAt[i]) });
  }
  return found.sort((x, y) => x.month - y.month || x.member - y.member);
}

/** The first exit that one run has and the other has not in that month. @param {Run} one @param {Run} two */
export function firstExit(one, two) {
  for (let month = 1; month <= one.months; month++) {
    const who = one.leftAt.flatMap((left, i) => ((left === month) !== (two.leftAt[i] === month) ? [i] : []));
    if (who.length) return { month, who };
  }
  return null;
}
