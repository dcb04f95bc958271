// @ts-check
/** What the page shows, as an address and back. An address is written by a stranger: every part is checked. */
import { activitiesOf } from "./model/activities.js";
import { OWN } from "./model/source.js";
import { readDecisions, ROUND, writeDecisions } from "./model/game.js";
import { LANGUAGES, ownLanguage } from "./ui/words.js";

export const VERSION = 2;
export const ROOMS = ["first", "watch", "explore", "compare", "case", "convene", "learn"];
/** Rooms that show a case of the reader's own. */
const OWN_ROOMS = ["watch", "explore", "compare", "case", "convene"];
/** Found by its address only, as it has the answers. */
const HIDDEN = ["teach", "board"];
export const OUTCOMES = ["members", "private_value", "society_value"];
const MOST_TOLD = 6, LONGEST_TOLD = 40; // parts of an address that are told when they are not valid
const LARGEST_SEED = 999_999, MOST_SEEDS = 100, FIRST_SEED = 12; // a run near the median of the first story

/**
 * @typedef {{ room: string, story: string, a: string, b: string, seed: number, month: number, outcome: string,
 *   values: Record<string, number>, decisions: string, activity: string, guess: string, of: number, nth: number, language: string, made: string, case: string }} State
 * `of` is how many seeds the class plays, from `seed` on; 0 where there is no class. `nth` is which of them this game plays; 0 until it is known.
 */

/** The two strategies that a story compares at first. @param {any} model @param {string} story */
export function pairOf(model, story) {
  const known = new Set(model.policies.map((/** @type {any} */ policy) => policy.id)), { pair } = model.stories.find((/** @type {any} */ one) => one.id === story);
  return pair?.every((/** @type {string} */ id) => known.has(id)) ? pair : [...known].slice(0, 2);
}

/** @param {any} model @param {string} [language] that of the browser, if the address names none @returns {State} */
export function firstState(model, language = ownLanguage()) {
  const story = model.stories[0].id, [a, b] = pairOf(model, story);
  return { room: "first", story, a, b, seed: FIRST_SEED, month: 0, outcome: "members", values: {}, decisions: "", activity: "", guess: "", of: 0, nth: 0, language, made: "", case: "" };
}

/** The same state with a story that its room shows. @param {State} state @param {any} model @returns {State} */
export function inRoom(state, model) {
  const { story, a, b } = firstState(model);
  return state.story !== OWN || OWN_ROOMS.includes(state.room) ? state : { ...state, story, a, b, values: {} };
}

/** Bring a number onto the nearest step of a slider. @param {any} slider @param {number} value */
export function onStep(slider, value) {
  const within = Math.min(Math.max(value, slider.low), slider.high);
  return Number((slider.low + Math.round((within - slider.low) / slider.step) * slider.step).toFixed(6));
}

/**
 * Read an address. What is not valid is left at its first value, and told in `problems`.
 * @param {string} hash @param {any} model @param {string} language
 * @returns {{ state: State, problems: string[] }}
 */
export function readState(hash, model, language) {
  const [room, query = ""] = hash.replace(/^#\/?/, "").split("?"), asked = new URLSearchParams(query), state = firstState(model, language);
  /** @type {string[]} */
  const problems = [], told = (/** @type {string} */ text) => problems.push(text.slice(0, LONGEST_TOLD).replace(/\p{C}/gu, "\ufffd"));
  /** Use a part of the address where it is valid, or else tell it. @param {string} key @param {(text: string) => boolean} use */
  const take = (key, use) => {
    const text = asked.get(key);
    if (text !== null && !use(text)) told(`${key}=${text}`);
    asked.delete(key);
  };
  /** @param {string} key @param {string[]} known @param {(id: string) => void} use */
  const choose = (key, known, use) => take(key, (id) => known.includes(id) && (use(id), true));
  /** @param {string} key @param {number} low @param {number} high @param {(value: number) => void} use */
  const number = (key, low, high, use) => take(key, (text) => {
    const value = text.trim() ? Number(text) : NaN;
    return value >= low && value <= high && (use(value), true);
  });
  const ids = (/** @type {any[]} */ list) => list.map((one) => one.id);
  if ([...ROOMS, ...HIDDEN].includes(room)) state.room = room;
  else if (room) told(room);
  choose("v", [String(VERSION)], () => {});
  choose("lang", Object.keys(LANGUAGES), (id) => { state.language = id; });
  const own = model.stories.find((/** @type {any} */ story) => story.id === OWN);
  state.case = own?.text ?? "";
  take("case", (text) => text === state.case);
  choose("story", ids(model.stories), (id) => { [state.story, [state.a, state.b]] = [id, pairOf(model, id)]; });
  choose("a", ids(model.policies), (id) => { state.a = id; });
  choose("b", ids(model.policies), (id) => { state.b = id; });
  choose("outcome", OUTCOMES, (id) => { state.outcome = id; });
  number("seed", 0, LARGEST_SEED, (value) => { state.seed = Math.round(value); });
  number("month", 0, model.months, (value) => { state.month = Math.round(value); });
  number("of", 1, MOST_SEEDS, (value) => { state.of = Math.round(value); });
  number("n", 1, MOST_SEEDS, (value) => { state.nth = Math.round(value); });
  const { values } = model.stories.find((/** @type {any} */ story) => story.id === state.story);
  for (const slider of model.sliders) number(slider.path, slider.low, slider.high, (value) => {
    if (onStep(slider, value) !== values[slider.path]) state.values[slider.path] = onStep(slider, value);
  });
  take("d", (text) => (state.decisions = writeDecisions(readDecisions(text, Math.floor(model.months / ROUND)))) === text);
  choose("activity", ["", ...ids(activitiesOf(model))], (id) => { state.activity = id; });
  take("guess", (text) => /^[a-z0-9]{0,8}$/.test(text) && ((state.guess = text), true));
  state.made = (asked.get("m") ?? "").slice(0, 16);
  asked.delete("m");
  for (const key of new Set(asked.keys())) told(key);
  if (problems.length > MOST_TOLD) problems.splice(MOST_TOLD, Infinity, "…");
  return { state: inRoom(state, model), problems };
}

/** Which parts of the state a room shows; the others stay out of its address. @type {Record<string, string[]>} */
const SHOWN = {
  first: ["story", "b", "seed", "guess", "of"],
  watch: ["story", "a", "b", "seed", "month", "values"],
  explore: ["story", "b", "values"],
  compare: ["story", "a", "b", "outcome", "values"],
  case: ["case"],
  convene: ["story", "seed", "decisions", "of", "nth"],
  learn: ["activity", "guess", "of"],
  teach: [],
  board: [],
};

/** @param {State} wanted @param {any} model @param {boolean} [complete] with the version of the model, for a link to hand out */
export function writeState(wanted, model, complete = false) {
  const state = inRoom(wanted, model), shown = new Set(SHOWN[state.room]), first = firstState(model), [a, b] = pairOf(model, state.story), query = new URLSearchParams({ v: String(VERSION) });
  if (shown.has("story") && state.story !== first.story) query.set("story", state.story);
  if (state.case && (state.story === OWN || shown.has("case"))) query.set("case", state.case);
  if (shown.has("a") && state.a !== a) query.set("a", state.a);
  if (shown.has("b") && state.b !== b) query.set("b", state.b);
  if (shown.has("seed") && state.seed !== first.seed) query.set("seed", String(state.seed));
  if (shown.has("month") && state.month) query.set("month", String(state.month));
  if (shown.has("outcome") && state.outcome !== first.outcome) query.set("outcome", state.outcome);
  if (shown.has("values")) for (const [path, value] of Object.entries(state.values)) query.set(path, String(value));
  if (shown.has("decisions") && state.decisions) query.set("d", state.decisions);
  if (shown.has("activity") && state.activity) query.set("activity", state.activity);
  if (shown.has("guess") && state.guess) query.set("guess", state.guess);
  if (shown.has("of") && state.of) query.set("of", String(state.of));
  if (shown.has("nth") && state.of && state.nth) query.set("n", String(state.nth));
  if (complete || state.language !== first.language) query.set("lang", state.language);
  if (complete) query.set("m", String(model.digest).slice(0, 8));
  return `#${state.room}?${query}`;
}
