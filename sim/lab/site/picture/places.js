// @ts-check
/** Where a member stands: its angle is its sector and market, its distance from the middle how much it wants to take part. */

export const TURN = Math.PI * 2;
/** Radii as shares of the picture's radius: fully engaged, not engaged, the edge of the partnership, where leavers stay. */
export const NEAR = 0.5, FAR = 0.77, EDGE = 0.835, RIM = 0.925;
export const FULLY_ENGAGED = 0.95;
const CLOCKWISE = ["public", "academic", "private", "nonprofit"];
const BETWEEN_SECTORS = 1.4, BETWEEN_MARKETS = 0.7; // gaps, in places of a member

/** @param {number} x @param {number} [low] @param {number} [high] */
export const clamp = (x, low = 0, high = 1) => Math.min(Math.max(x, low), high);
/** Slow at both ends. @param {number} x */
export const glide = (x) => { const p = clamp(x); return p * p * (3 - 2 * p); };
/** Fast, then slow. @param {number} x */
export const arrive = (x) => 1 - (1 - clamp(x)) ** 3;
/** @param {number} a @param {number} b @param {number} part */
export const mix = (a, b, part) => a + (b - a) * part;
/** A number from 0 to 1 that looks random and is always the same. @param {number} n */
export const scatter = (n) => { const x = Math.sin((n + 1) * 78.233) * 15731.743; return x - Math.floor(x); };

/** The order of the sectors round the circle. @param {string[]} sectors */
export function sectorsInOrder(sectors) {
  const found = [...new Set(sectors)], rank = (/** @type {string} */ sector) => (CLOCKWISE.includes(sector) ? CLOCKWISE.indexOf(sector) : 9);
  return found.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Give each member an angle. The first sector is centred at the top. @param {string[]} sectors @param {number[]} markets */
export function placeMembers(sectors, markets) {
  const ranks = sectorsInOrder(sectors);
  const order = sectors.map((_, i) => i).sort((a, b) => ranks.indexOf(sectors[a]) - ranks.indexOf(sectors[b]) || markets[a] - markets[b] || a - b);
  const steps = new Array(sectors.length).fill(0);
  let at = 0, before = -1;
  for (const i of order) {
    if (before >= 0) at += sectors[before] !== sectors[i] ? 1 + BETWEEN_SECTORS : markets[before] !== markets[i] ? 1 + BETWEEN_MARKETS : 1;
    steps[i] = at;
    before = i;
  }
  const first = order.filter((i) => sectors[i] === ranks[0]).length - 1, round = at + 1 + BETWEEN_SECTORS;
  return steps.map((step) => ((step - first / 2) / round) * TURN - TURN / 4);
}

/** The share of the way from the edge of the picture to its middle. @param {number} engagement */
export const nearness = (engagement) => mix(FAR, NEAR, clamp(engagement / FULLY_ENGAGED));
