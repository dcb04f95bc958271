// @ts-check
/** Student's t: how likely a value beyond t is, and the value beyond which a share lies. */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The logarithm of the gamma function, for x > 0. @param {number} x @returns {number} */
function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1, t = z + 7.5;
  let sum = LANCZOS[0];
  for (let k = 1; k < 9; k++) sum += LANCZOS[k] / (z + k);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularised incomplete beta function, by its continued fraction (Lentz). @param {number} x @param {number} a @param {number} b @returns {number} */
function beta(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a, tiny = 1e-300;
  let f = 1, c = 1, d = 0;
  for (let k = 0; k < 500; k++) {
    const m = Math.floor(k / 2);
    const step = k === 0 ? 1 : k % 2 ? (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)) : (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + step * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + step / c;
    c = Math.abs(c) < tiny ? tiny : c;
    f *= c * d;
    if (k > 0 && Math.abs(1 - c * d) < 1e-16) break;
  }
  return front * (f - 1);
}

/** The probability of a value at least as far from 0 as t, on both sides. @param {number} t @param {number} freedom */
export const twoSided = (t, freedom) => beta(freedom / (freedom + t * t), freedom / 2, 0.5);

/** The value that lies as far out as a share of all values on both sides leaves. @param {number} share @param {number} freedom */
export function quantileTwoSided(share, freedom) {
  let low = 0, high = 2;
  while (twoSided(high, freedom) > share) high *= 2;
  for (let k = 0; k < 200 && high - low > 1e-15 * high; k++) {
    const middle = (low + high) / 2;
    if (twoSided(middle, freedom) > share) low = middle; else high = middle;
  }
  return (low + high) / 2;
}
