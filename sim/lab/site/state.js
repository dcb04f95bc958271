// @ts-check
/** What the page shows, as an address and back. An address is written by a stranger: every part is checked. */

export const VERSION = 2;
export const ROOMS = ["first", "watch", "explore", "compare", "convene", "learn"];
/** Found by its address only, as it has the answers. */
const HIDDEN = ["teach"];
export const OUTCOMES = ["members", "private_value", "society_value"];
const LARGEST_SEED = 999_999, FIRST_SEED = 12; // a run near the median of the first story

/**
 * @typedef {{ room: string, story: string, a: string, b: string, seed: number, month: number, outcome: string,
 *   values: Record<string, number>, decisions: string, activity: string, guess: string, language: string, made: string }} State
 */

/** The two strategies that a story compares at first. @type {Record<string, [string, string]>} */
const PAIRS = {
  denim_alliance: ["neutral", "connecting"],
  neutral: ["neutral", "connecting"],
  municipal_climate: ["neutral", "safeguarding"],
  public_health: ["neutral", "bundling"],
  contract_consortium: ["neutral", "adaptive_tracking"],
};

/** @param {any} model @param {string} story */
export function pairOf(model, story) {
  const known = new Set(model.policies.map((/** @type {any} */ policy) => policy.id)), pair = PAIRS[story];
  return pair?.every((id) => known.has(id)) ? pair : [...known].slice(0, 2);
}

/** @param {any} model @param {string} [language] @returns {State} */
export function firstState(model, language = "en") {
  const story = model.stories[0].id, [a, b] = pairOf(model, story);
  return { room: "first", story, a, b, seed: FIRST_SEED, month: 0, outcome: "members", values: {}, decisions: "", activity: "", guess: "", language, made: "" };
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
  const problems = [];
  const choose = (/** @type {string} */ key, /** @type {string[]} */ known, /** @type {(id: string) => void} */ use) => {
    const id = asked.get(key);
    if (id === null) return;
    if (known.includes(id)) use(id);
    else problems.push(`${key}=${id.slice(0, 40)}`);
  };
  const ids = (/** @type {any[]} */ list) => list.map((one) => one.id);
  if ([...ROOMS, ...HIDDEN].includes(room)) state.room = room;
  else if (room) problems.push(room.slice(0, 40));
  if (asked.has("v") && asked.get("v") !== String(VERSION)) problems.push(`v=${(asked.get("v") ?? "").slice(0, 10)}`);
  choose("lang", ["en", "nl"], (id) => { state.language = id; });
  choose("story", ids(model.stories), (id) => { [state.story, [state.a, state.b]] = [id, pairOf(model, id)]; });
  choose("a", ids(model.policies), (id) => { state.a = id; });
  choose("b", ids(model.policies), (id) => { state.b = id; });
  choose("outcome", OUTCOMES, (id) => { state.outcome = id; });
  state.seed = whole(asked.get("seed"), 0, LARGEST_SEED, state.seed);
  state.month = whole(asked.get("month"), 0, model.months, 0);
  const own = model.stories.find((/** @type {any} */ story) => story.id === state.story).values;
  for (const slider of model.sliders) {
    const value = Number.parseFloat(asked.get(slider.path) ?? "");
    if (Number.isFinite(value) && onStep(slider, value) !== own[slider.path]) state.values[slider.path] = onStep(slider, value);
  }
  if (/^[0-9a-z.]{0,200}$/.test(asked.get("d") ?? "")) state.decisions = asked.get("d") ?? "";
  if (/^[a-z]{0,20}$/.test(asked.get("activity") ?? "")) state.activity = asked.get("activity") ?? "";
  if (/^[a-z0-9]{0,8}$/.test(asked.get("guess") ?? "")) state.guess = asked.get("guess") ?? "";
  state.made = (asked.get("m") ?? "").slice(0, 16);
  return { state, problems };
}

/** @param {string | null} text @param {number} low @param {number} high @param {number} otherwise */
function whole(text, low, high, otherwise) {
  if (text === null || !/^\d{1,6}$/.test(text)) return otherwise;
  return Math.min(Math.max(Number(text), low), high);
}

/** Which parts of the state a room shows; the others stay out of its address. @type {Record<string, string[]>} */
const SHOWN = {
  first: ["story", "b", "seed", "guess"],
  watch: ["story", "a", "b", "seed", "month", "values"],
  explore: ["story", "b", "values"],
  compare: ["story", "a", "b", "outcome", "values"],
  convene: ["story", "seed", "decisions"],
  learn: ["activity", "guess"],
  teach: [],
};

/** @param {State} state @param {any} model @param {boolean} [complete] with the version of the model, for a link to hand out */
export function writeState(state, model, complete = false) {
  const shown = new Set(SHOWN[state.room]), first = firstState(model), [a, b] = pairOf(model, state.story), query = new URLSearchParams({ v: String(VERSION) });
  if (shown.has("story") && state.story !== first.story) query.set("story", state.story);
  if (shown.has("a") && state.a !== a) query.set("a", state.a);
  if (shown.has("b") && state.b !== b) query.set("b", state.b);
  if (shown.has("seed") && state.seed !== first.seed) query.set("seed", String(state.seed));
  if (shown.has("month") && state.month) query.set("month", String(state.month));
  if (shown.has("outcome") && state.outcome !== first.outcome) query.set("outcome", state.outcome);
  if (shown.has("values")) for (const [path, value] of Object.entries(state.values)) query.set(path, String(value));
  if (shown.has("decisions") && state.decisions) query.set("d", state.decisions);
  if (shown.has("activity") && state.activity) query.set("activity", state.activity);
  if (shown.has("guess") && state.guess) query.set("guess", state.guess);
  if (state.language !== "en") query.set("lang", state.language);
  if (complete) query.set("m", String(model.digest).slice(0, 8));
  return `#${state.room}?${query}`;
}
