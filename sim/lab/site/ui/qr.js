// @ts-check
/** A square code of an address, so that a class can open it from the projector (ISO/IEC 18004, bytes, level L). */
import { s } from "./dom.js";

/** By version from 1: all codewords, correction codewords a block, blocks, middles of the alignment patterns. @type {[number, number, number, number[]][]} */
const VERSIONS = [
  [26, 7, 1, []], [44, 10, 1, [6, 18]], [70, 15, 1, [6, 22]], [100, 20, 1, [6, 26]], [134, 26, 1, [6, 30]], [172, 18, 2, [6, 34]], [196, 20, 2, [6, 22, 38]],
  [242, 24, 2, [6, 24, 42]], [292, 30, 2, [6, 26, 46]], [346, 18, 4, [6, 28, 50]], [404, 20, 4, [6, 30, 54]], [466, 24, 4, [6, 32, 58]], [532, 26, 4, [6, 34, 62]],
];
const QUIET = 4, LEVEL_L = 1;
/** Which modules each mask turns over, by row and column. @type {((r: number, c: number) => boolean)[]} */
const MASKS = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0, (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0, (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** Product in the field of 256 elements. @param {number} a @param {number} b */
function times(a, b) {
  let product = 0;
  for (let k = 7; k >= 0; k--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> k) & 1) * a);
  return product & 255;
}

/** The correction codewords of a block (Reed-Solomon). @param {number[]} data @param {number} count */
function correction(data, count) {
  let divisor = [1], root = 1;
  for (let k = 0; k < count; k++, root = times(root, 2)) divisor = [...divisor, 0].map((v, j) => v ^ times(divisor[j - 1] ?? 0, root));
  const rest = new Array(count).fill(0);
  for (const value of data) {
    const factor = value ^ rest.shift();
    rest.push(0);
    for (let j = 0; j < count; j++) rest[j] ^= times(divisor[j + 1], factor);
  }
  return rest;
}

/** All codewords: the bytes, filled up, in blocks that are read in turn. @param {Uint8Array} bytes @param {number} version */
function codewords(bytes, version) {
  const [all, ec, blocks] = VERSIONS[version - 1], capacity = all - ec * blocks, bits = /** @type {number[]} */ ([]), add = (/** @type {number} */ value, /** @type {number} */ n) => { for (let k = n - 1; k >= 0; k--) bits.push((value >> k) & 1); };
  add(4, 4);
  add(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) add(byte, 8);
  add(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < capacity * 8; pad ^= 0xec ^ 0x11) add(pad, 8);
  const data = Array.from({ length: capacity }, (_, k) => bits.slice(k * 8, k * 8 + 8).reduce((value, bit) => value * 2 + bit, 0));
  const short = Math.floor(capacity / blocks), longer = capacity % blocks, parts = [];
  for (let k = 0, at = 0; k < blocks; k++) { const size = short + (k >= blocks - longer ? 1 : 0); parts.push(data.slice(at, at + size)); at += size; }
  const checks = parts.map((part) => correction(part, ec)), found = [];
  for (let j = 0; j <= short; j++) for (const part of parts) if (j < part.length) found.push(part[j]);
  for (let j = 0; j < ec; j++) for (const check of checks) found.push(check[j]);
  return found;
}

/** The remainder of a BCH code. @param {number} value @param {number} length @param {number} divisor @param {number} bits */
function remainder(value, length, divisor, bits) {
  let rest = value << bits;
  for (let k = length + bits - 1; k >= bits; k--) if ((rest >> k) & 1) rest ^= divisor << (k - bits);
  return rest;
}

/** The dark modules of a text; null if it is too long. @param {string} text @returns {boolean[][] | null} */
export function modulesOf(text) {
  const bytes = new TextEncoder().encode(text), version = 1 + VERSIONS.findIndex(([all, ec, blocks], k) => bytes.length + (k < 9 ? 2 : 3) <= all - ec * blocks);
  if (!version) return null;
  const size = 17 + 4 * version, data = codewords(bytes, version), drawn = MASKS.map((mask, k) => draw(version, size, data, mask, k));
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/** @param {number} version @param {number} size @param {number[]} data @param {(r: number, c: number) => boolean} mask @param {number} number of the mask */
function draw(version, size, data, mask, number) {
  /** @type {(boolean | null)[][]} */
  const cells = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (/** @type {number} */ r, /** @type {number} */ c, /** @type {boolean} */ dark) => { if (cells[r]?.[c] !== undefined) cells[r][c] = dark; };
  for (const [top, left] of [[0, 0], [0, size - 7], [size - 7, 0]])
    for (let r = -1; r <= 7; r++) for (let c = -1; c <= 7; c++) { const far = Math.max(Math.abs(r - 3), Math.abs(c - 3)); set(top + r, left + c, far !== 2 && far !== 4); }
  const middles = VERSIONS[version - 1][3];
  for (const y of middles) for (const x of middles) if (cells[y][x] === null) for (let r = -2; r <= 2; r++) for (let c = -2; c <= 2; c++) set(y + r, x + c, Math.max(Math.abs(r), Math.abs(c)) !== 1);
  for (let k = 8; k < size - 8; k++) { cells[6][k] ??= k % 2 === 0; cells[k][6] ??= k % 2 === 0; }
  const format = (((LEVEL_L << 3) | number) << 10 | remainder((LEVEL_L << 3) | number, 5, 0x537, 10)) ^ 0x5412;
  for (let k = 0; k < 15; k++) {
    const dark = Boolean((format >> k) & 1);
    set(k < 6 ? k : k < 8 ? k + 1 : size - 15 + k, 8, dark);
    set(8, k < 8 ? size - 1 - k : k < 9 ? 7 : 14 - k, dark);
  }
  set(size - 8, 8, true);
  if (version >= 7) {
    const told = (version << 12) | remainder(version, 6, 0x1f25, 12);
    for (let k = 0; k < 18; k++) { const [r, c] = [Math.floor(k / 3), size - 11 + (k % 3)], dark = Boolean((told >> k) & 1); set(r, c, dark); set(c, r, dark); }
  }
  let bit = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let k = 0; k < size; k++) for (const c of [right, right - 1]) {
      const r = up ? size - 1 - k : k;
      if (cells[r][c] !== null) continue;
      const dark = bit < data.length * 8 && Boolean((data[bit >> 3] >> (7 - (bit & 7))) & 1);
      bit += 1;
      cells[r][c] = dark !== mask(r, c);
    }
  }
  return /** @type {boolean[][]} */ (cells);
}

/** How hard a pattern is to read: long runs, blocks, and too much of one colour. @param {boolean[][]} cells */
function penalty(cells) {
  const size = cells.length;
  let sum = 0, dark = 0;
  for (let k = 0; k < size; k++) for (const at of [(/** @type {number} */ j) => cells[k][j], (/** @type {number} */ j) => cells[j][k]])
    for (let j = 1, run = 1; j <= size; j++) if (j < size && at(j) === at(j - 1)) run += 1; else { if (run >= 5) sum += run - 2; run = 1; }
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) {
    dark += Number(cells[r][c]);
    if (r && c && cells[r][c] === cells[r - 1][c] && cells[r][c] === cells[r][c - 1] && cells[r][c] === cells[r - 1][c - 1]) sum += 3;
  }
  return sum + 10 * Math.floor(Math.abs((dark * 20) / (size * size) - 10));
}

/** The code as a picture: always dark on light, as cameras expect. @param {string} text @param {string} label */
export function qrCode(text, label) {
  const cells = modulesOf(text);
  if (!cells) return null;
  const size = cells.length + 2 * QUIET, path = cells.map((row, r) => row.map((dark, c) => (dark ? `M${c + QUIET} ${r + QUIET}h1v1h-1z` : "")).join("")).join("");
  return s("svg", { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" }, s("rect", { width: size, height: size, fill: "#ffffff" }), s("path", { d: path, fill: "#000000" }));
}
