// @ts-check
/** The activities for class: what each compares, and which run to watch. Their sentences are in the words files. */

/**
 * @typedef {{ policy: string, values: Record<string, number> }} Side
 * @typedef {{ story: string, a: Side, b: Side }} Pair
 * @typedef {{ id: string, minutes: number, seed: number, pairs: Pair[] }} Activity
 */

/** Two policies in one partnership. @param {string} story @param {string} a @param {string} b @param {Record<string, number>} [values] @returns {Pair} */
const policies = (story, a, b, values = {}) => ({ story, a: { policy: a, values }, b: { policy: b, values } });

/** Two partnerships in which nobody does anything. @param {string} story @param {Record<string, number>} a @param {Record<string, number>} b @returns {Pair} */
const parameters = (story, a, b) => ({ story, a: { policy: "neutral", values: a }, b: { policy: "neutral", values: b } });

const UNREADY = { "rules.readiness.typical": 0.1 }, LESS_READY = { "rules.readiness.typical": 0.2 }, NO_HOPES = { "rules.commitment.outside_option_pull": 0 };
const [NEAR, MIDDLE, FAR] = [0.2, 0.5, 1.2].map((distance) => ({ "sectors.distance": distance }));

/** @type {Activity[]} */
export const ACTIVITIES = [
  { id: "capture", minutes: 12, seed: 4, pairs: [parameters("neutral", {}, UNREADY), parameters("public_health", {}, UNREADY)] },
  { id: "pause", minutes: 12, seed: 7, pairs: [policies("denim_alliance", "neutral", "strategic_pause"), policies("public_health", "neutral", "strategic_pause")] },
  { id: "hopes", minutes: 12, seed: 5, pairs: [policies("neutral", "neutral", "connecting"), policies("neutral", "neutral", "connecting", NO_HOPES), policies("neutral", "neutral", "connecting", UNREADY)] },
  { id: "safe", minutes: 12, seed: 4, pairs: [policies("denim_alliance", "neutral", "safeguarding"), policies("municipal_climate", "neutral", "safeguarding")] },
  { id: "difference", minutes: 15, seed: 1, pairs: [parameters("municipal_climate", NEAR, MIDDLE), parameters("municipal_climate", MIDDLE, FAR), policies("municipal_climate", "neutral", "strategic_pause", FAR)] },
  { id: "chance", minutes: 15, seed: 6, pairs: [policies("denim_alliance", "adaptive", "adaptive_tracking"), policies("denim_alliance", "adaptive", "adaptive_tracking", LESS_READY), policies("denim_alliance", "random_allocation", "adaptive_tracking", LESS_READY)] },
];

/** The activities whose stories and policies this page has. @param {any} model @returns {Activity[]} */
export function activitiesOf({ stories, policies }) {
  const [told, known] = [stories, policies].map((list) => new Set(list.map((/** @type {any} */ { id }) => id)));
  return ACTIVITIES.filter(({ pairs }) => pairs.every(({ story, a, b }) => told.has(story) && known.has(a.policy) && known.has(b.policy)));
}

/** The numbers that a sentence may name, by the last part of a parameter's path. @param {any} source @param {string} story @param {Side} side */
export function numbersOf(source, story, side) {
  return Object.fromEntries(Object.entries(source.values({ story, ...side })).map(([path, value]) => [String(path.split(".").at(-1)), value]));
}
