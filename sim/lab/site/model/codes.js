// @ts-check
/** Short codes to read out: the answer of a student to a round of the class, with a check letter. */
import { isShown } from "./case_cells.js";
import { LEVERS, POINTS, readDecisions, ROUND, writeDecisions } from "./game.js";

/**
 * What the class is asked: an activity, a strategy of the first minute, or a game with a seed for each student.
 * @typedef {{ kind: string, about: string, story: string, seed: number, seeds: number }} Round
 */

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", BASE = 32n; // without I, L, O and U, which are misread
export const WORDS = ["more", "fewer", "same"];
const HALF_YEARS = 60 / ROUND;
const LONGEST_LINE = 200;
const LONG = 24, SHORT = 2; // letters that hold ten decisions; a word or a number

/** What tells one round from another: answers to one are not answers to another. @param {Round} round */
export const nameOf = ({ kind, about, story, seed, seeds }) => [kind, ...{ activity: [about], first: [story, about], game: [story, seed, seeds] }[/** @type {"game"} */ (kind)]].join(" ");

/** A number from a text, always the same. @param {string} text */
export function hash(text) {
  let value = 2166136261;
  for (let k = 0; k < text.length; k++) value = Math.imul(value ^ text.charCodeAt(k), 16777619) >>> 0;
  return value;
}

/** Every way to divide the points of a half-year, as its text. @type {string[]} */
let ways = [];
function allWays() {
  const from = (/** @type {number[]} */ begun, /** @type {number} */ left) => {
    if (begun.length === LEVERS.length) return void ways.push(begun.map((n) => (n === POINTS ? "t" : n)).join(""));
    for (let n = 0; n <= left; n++) from([...begun, n], left - n);
  };
  if (!ways.length) from([], POINTS);
  return ways;
}

/** The check letter of some letters in a round (Luhn, modulo 32): it finds a wrong letter, and nearly always two that changed places. @param {string} letters @param {Round} round */
function check(letters, round) {
  let sum = hash(nameOf(round)) % 32;
  [...letters].reverse().forEach((letter, k) => { const value = LETTERS.indexOf(letter) * (k % 2 ? 1 : 2); sum += Math.floor(value / 32) + (value % 32); });
  return LETTERS[(32 - (sum % 32)) % 32];
}

/** Write an answer as a code; "" if it is not a complete one. @param {string} answer a word, a number, or the decisions of a game @param {Round} round */
export function writeCode(answer, round) {
  let value = 0n, length = SHORT;
  if (round.kind === "game") {
    const decisions = readDecisions(answer, HALF_YEARS), known = allWays();
    if (decisions.length < HALF_YEARS) return "";
    for (const token of answer.split(".")) value = value * BigInt(known.length) + BigInt(known.indexOf(token.slice(0, LEVERS.length)));
    value = value * BigInt(HALF_YEARS + 1) + BigInt(decisions.filter(({ pause }) => pause).length); // pauses come first
    length = LONG;
  } else value = BigInt(round.kind === "activity" ? WORDS.indexOf(answer) : Number(answer));
  let letters = "";
  for (let k = 0; k < length; k++, value /= BASE) letters = LETTERS[Number(value % BASE)] + letters;
  return (letters + check(letters, round)).replace(/.{5}(?=.)/g, "$&-");
}

/** The letters of a code as it was heard or typed. @param {string} text */
const lettersOf = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0").replace(/U/g, "V");

/** How many letters a code has, with its check letter. @param {Round} round */
export const lengthOf = ({ kind }) => (kind === "game" ? LONG : SHORT) + 1;

/** Read a code as it was heard or typed; null if it is not one of this round. @param {string} text @param {Round} round @returns {string | null} */
export function readCode(text, round) {
  const letters = lettersOf(text), game = round.kind === "game";
  if (letters.length !== lengthOf(round) || check(letters.slice(0, -1), round) !== letters.at(-1)) return null;
  let value = [...letters.slice(0, -1)].reduce((sum, letter) => sum * BASE + BigInt(LETTERS.indexOf(letter)), 0n);
  if (!game) return round.kind === "first" ? String(value) : (WORDS[Number(value)] ?? null);
  const known = allWays(), n = BigInt(known.length), pauses = Number(value % BigInt(HALF_YEARS + 1)), tokens = [];
  value /= BigInt(HALF_YEARS + 1);
  for (let k = 0; k < HALF_YEARS; k++, value /= n) tokens.unshift(known[Number(value % n)]);
  const answer = tokens.map((token, k) => (k < pauses ? `${token}p` : token)).join(".");
  return value === 0n && writeDecisions(readDecisions(answer, HALF_YEARS)) === answer ? answer : null;
}

/** Why a line is not an answer: its nickname is missing, a letter is wrong, it is of another kind of round, or it has no code. @param {string[]} words of the line @param {Round} round */
function whyNot(words, round) {
  if (readCode(words.join(""), round) !== null) return "nickname";
  const own = lengthOf(round), ends = words.map((_, at) => lettersOf(words.slice(at).join("")).length);
  if (ends.includes(own)) return "letters";
  return ends.includes(SHORT + LONG + 2 - own) ? "round" : "none";
}

/** Lines of a nickname and a code, as a teacher types them or a file holds them; `why` says why a line is not an answer. @param {string} text @param {Round} round */
export function readLines(text, round) {
  return text.split(/\r?\n/).map((line, k) => ({ line: line.trim(), number: k + 1 })).filter(({ line }) => line).map(({ line, number }) => {
    const words = line.split(/[\s,;:]+/);
    for (let at = words.length - 1; at > 0; at--) { // a code may be typed with blanks
      const answer = readCode(words.slice(at).join(""), round);
      const nickname = words.slice(0, at).join(" ");
      if (answer !== null) return isShown(nickname, LONGEST_LINE) ? { line, number, nickname, answer, why: "" } : { line, number, nickname: "", answer: null, why: "hidden" };
    }
    return { line, number, nickname: "", answer: null, why: whyNot(words, round) };
  });
}
