// @ts-check
/** The colour of a strategy, and what the two that are compared look like: the first is dashed, and they never share a colour. */

/** @type {Record<string, string>} */
const COLOUR = {
  neutral: "baseline", placebo: "baseline", strategic_pause: "violet", adaptive: "violet", adaptive_tracking: "violet", perfect_information: "violet",
  connecting: "orange", reversed_schedule: "orange", random_allocation: "orange", safeguarding: "teal", bundling: "teal", scheduled: "teal", fixed_mix: "teal",
};
const OTHERS = ["violet", "orange", "teal"];

/** @param {string} id */
export const colourOf = (id) => COLOUR[id] ?? "violet";

/** The colours of two strategies beside each other. @param {string} a @param {string} b @returns {[string, string]} */
export function coloursOf(a, b) {
  const one = colourOf(a), two = colourOf(b);
  return one === two ? [one, OTHERS.find((name) => name !== one) ?? "teal"] : [one, two];
}

/** Strategies as options: those that ship, and then the control policies. @param {any} app @returns {[string, string][]} */
export function strategyOptions(app) {
  const { policies } = app.model, named = (/** @type {any} */ policy) => /** @type {[string, string]} */ ([policy.id, app.strategy(policy.id).replace(/^./, (/** @type {string} */ first) => first.toLocaleUpperCase())]);
  return [...policies.filter((/** @type {any} */ p) => !p.comparison), ...policies.filter((/** @type {any} */ p) => p.comparison)].map(named);
}

/** @param {any} app @returns {[string, string][]} */
export function storyOptions(app) {
  return app.model.stories.map((/** @type {any} */ story) => [story.id, app.words.label(`story/${story.id}/name`, story.label ?? story.id)]);
}
