// @ts-check
/** Scales and ticks: whole steps that a reader can count. */

/** @param {number} low @param {number} high @param {number} from @param {number} to */
export const scale = (low, high, from, to) => (/** @type {number} */ value) => from + ((value - low) / (high - low || 1)) * (to - from);

/** The round step with which at most `most` ticks fill a range. @param {number} range @param {number} most @param {number} [least] */
export function stepOf(range, most, least = 0) {
  for (let power = Math.floor(Math.log10(Math.max(range / most, 1e-9))); ; power++)
    for (const digit of [1, 2, 5]) { const step = digit * 10 ** power; if (step >= least && range / step <= most) return step; }
}

/** Ticks from low to high, and the decimals they need. @param {number} low @param {number} high @param {number} most @param {number} [least] */
export function ticks(low, high, most, least = 0) {
  const step = stepOf(high - low, most, least), first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return { step, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), values: Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step) };
}

/** A range that ends on ticks and has all values inside. @param {number} low @param {number} high @param {number} most @param {number} [least] @returns {[number, number]} */
export function outwards(low, high, most, least = 0) {
  const step = stepOf(Math.max(high - low, 1e-9), most, least);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** Ticks of a count of members: 0, all, and some between. @param {number} size @param {number} most */
export function memberTicks(size, most) {
  const { step, values } = ticks(0, size, most, 1);
  return [...values.filter((value) => value === 0 || size - value >= step * 0.5), size];
}
