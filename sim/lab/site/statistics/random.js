// @ts-check
/**
 * The random numbers of NumPy's `default_rng(seed).multinomial(n, 1/n)`, bit for bit: so an interval on this page is the
 * one that the command line gives. PCG64 (O'Neill 2014) with the seeding of `SeedSequence`, and binomial draws by inversion.
 */

const INIT_A = 0x43b0d7e5, MULT_A = 0x931e8875, INIT_B = 0x8b51f9dd, MULT_B = 0x58f38ded, MIX_L = 0xca01f9dd, MIX_R = 0x4973f715;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n, MASK = (1n << 128n) - 1n;

/** Spread a small seed over 256 bits. @param {number} seed @returns {bigint[]} four words of 64 bits */
function spread(seed) {
  let constant = INIT_A;
  const hash = (/** @type {number} */ value) => {
    let v = (value ^ constant) >>> 0;
    constant = Math.imul(constant, MULT_A) >>> 0;
    v = Math.imul(v, constant) >>> 0;
    return (v ^ (v >>> 16)) >>> 0;
  };
  const blend = (/** @type {number} */ x, /** @type {number} */ y) => {
    const v = (Math.imul(MIX_L, x) - Math.imul(MIX_R, y)) >>> 0;
    return (v ^ (v >>> 16)) >>> 0;
  };
  const pool = [seed >>> 0, 0, 0, 0].map(hash);
  for (let from = 0; from < 4; from++) for (let to = 0; to < 4; to++) if (from !== to) pool[to] = blend(pool[to], hash(pool[from]));
  constant = INIT_B;
  const words = Array.from({ length: 8 }, (_, k) => {
    let v = (pool[k % 4] ^ constant) >>> 0;
    constant = Math.imul(constant, MULT_B) >>> 0;
    v = Math.imul(v, constant) >>> 0;
    return (v ^ (v >>> 16)) >>> 0;
  });
  return [0, 2, 4, 6].map((k) => BigInt(words[k]) | (BigInt(words[k + 1]) << 32n));
}

/** Limbs of 16 bits, the lowest first. @param {bigint} value */
const limbs = (value) => Int32Array.from({ length: 8 }, (_, k) => Number((value >> BigInt(16 * k)) & 0xffffn));

/** A source of numbers from 0 to 1. @param {number} seed @returns {() => number} */
export function uniform(seed) {
  const [high, low, incHigh, incLow] = spread(seed), increment = ((((incHigh << 64n) | incLow) << 1n) | 1n) & MASK;
  const begin = (((increment + ((high << 64n) | low)) & MASK) * MULTIPLIER + increment) & MASK;
  const state = limbs(begin), by = limbs(MULTIPLIER), plus = limbs(increment), next = new Int32Array(8);
  return () => {
    let carry = 0;
    for (let k = 0; k < 8; k++) { // state x multiplier + increment, modulo 2^128
      let sum = plus[k] + carry;
      for (let j = 0; j <= k; j++) sum += state[j] * by[k - j];
      next[k] = sum & 0xffff;
      carry = Math.floor(sum / 65536);
    }
    state.set(next);
    const a = (((state[1] ^ state[5]) << 16) | (state[0] ^ state[4])) >>> 0, b = (((state[3] ^ state[7]) << 16) | (state[2] ^ state[6])) >>> 0;
    const turn = state[7] >>> 10; // the top six bits say how far the 64 bits turn right
    const [lowWord, highWord] = turn & 32 ? [b, a] : [a, b], shift = turn & 31;
    const out1 = shift ? ((lowWord >>> shift) | (highWord << (32 - shift))) >>> 0 : lowWord, out2 = shift ? ((highWord >>> shift) | (lowWord << (32 - shift))) >>> 0 : highWord;
    return ((out2 >>> 5) * 67108864 + (((out2 & 31) << 21) | (out1 >>> 11))) / 9007199254740992; // the upper 53 bits
  };
}

/** How often of n trials something of probability p happens. @param {() => number} random @param {number} n @param {number} p */
function binomial(random, n, p) {
  if (n === 0 || p === 0) return 0;
  return p <= 0.5 ? invert(random, n, p) : n - invert(random, n, 1 - p);
}

/** @param {() => number} random @param {number} n @param {number} p */
function invert(random, n, p) {
  const q = 1 - p, none = Math.exp(n * Math.log1p(-p)), np = n * p, bound = Math.trunc(Math.min(n, np + 10 * Math.sqrt(np * q + 1)));
  let x = 0, px = none, u = random();
  while (u > px) {
    x += 1;
    if (x > bound) { x = 0; px = none; u = random(); } else { u -= px; px = ((n - x + 1) * p * px) / (x * q); }
  }
  return x;
}

/**
 * Resamples with replacement: how often each of n is drawn, one resample after another.
 * @param {number} n @param {number} count @param {number} [seed]
 */
export function resamples(n, count, seed = 0) {
  const random = uniform(seed), drawn = new Uint8Array(n * count), share = 1 / n;
  for (let r = 0; r < count; r++) {
    let left = n, remaining = 1;
    for (let j = 0; j < n - 1 && left > 0; j++) {
      const times = binomial(random, left, share / remaining);
      drawn[r * n + j] = times;
      left -= times;
      remaining -= share;
    }
    if (left > 0) drawn[r * n + n - 1] = left;
  }
  return drawn;
}
