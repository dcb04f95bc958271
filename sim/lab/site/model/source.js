// @ts-check
/** Where the page gets its runs: the only module that knows the engine. Keeps recent answers. */
import { openEngine } from "../engine.js";
import { Run } from "./run.js";

export const PREVIEW = 250, ALL = 1000;
/** The story that is a case of the reader's own. */
export const OWN = "own_case";
const MOST_KEPT = 60;

/**
 * @typedef {{ story: string, policy: string, values: Record<string, number> }} Case
 * @typedef {{ months: number, runs: number, monthly: Record<string, Float64Array>, summary: Record<string, Float64Array>, present?: Float64Array }} Runs in `present`, for a case of the reader's own, the runs in which each member is there at the end
 */

export class Source {
  /** @param {any} engine */
  constructor(engine) {
    this.engine = engine;
    /** Plain data of the engine; `values` of a story are its parameters by path. */
    this.model = { ...engine.model, digest: engine.model.digest ?? engine.model.model ?? "" };
    /** @type {Map<string, Promise<any>>} */
    this.answers = new Map();
    /** @type {any} */
    this.ofCases = null;
  }

  /** @param {boolean} [atOnce] as of `openEngine` */
  static async open(atOnce) { return new Source(await openEngine(atOnce)); }

  /** What a case may hold; fetched when it is wanted. @returns {Promise<any>} */
  async facts() { return (this.ofCases ??= await this.engine.facts()); }

  /** Put a case of the reader's own behind the stories. @param {any} story */
  putCase(story) { this.model.stories = [...this.model.stories.filter((/** @type {any} */ { id }) => id !== OWN), story]; }

  /** @param {string} id */
  story(id) { return this.model.stories.find((/** @type {any} */ story) => story.id === id); }

  /** The value of every slider in a case. @param {Case} one @returns {Record<string, number>} */
  values({ story, values }) { return { ...this.story(story).values, ...values }; }

  /**
   * Outcomes of many runs, always the same first seeds: the first 250 are the preview of the 1,000.
   * @param {Case} one @param {number} [count] @param {AbortSignal} [signal]
   * @returns {Promise<Runs>}
   */
  async runs(one, count = ALL, signal) {
    if (count <= PREVIEW) return this.answer("ensemble", one, { first: 0, count }, signal);
    const all = this.peek("ensemble", one, { first: 0, count });
    if (all) return all;
    const parts = await Promise.all([this.runs(one, PREVIEW, signal), this.answer("ensemble", one, { first: PREVIEW, count: count - PREVIEW }, signal)]);
    const joined = Promise.resolve(join(parts));
    this.keep(this.key("ensemble", one, { first: 0, count }), joined);
    return joined;
  }

  /**
   * Outcomes of a game with the seeds from `first` on, or of a shipped strategy in its place.
   * @param {string} story @param {any[] | string} how the effort of each month so far, or the name of the strategy
   * @param {number} first @param {number} count @param {AbortSignal} [signal] @returns {Promise<Runs>}
   */
  game(story, how, first, count, signal) {
    const [policy, effort] = typeof how === "string" ? [how, null] : ["neutral", how];
    return this.answer("ensemble", { story, policy, values: {} }, { first, count, effort }, signal);
  }

  /**
   * One run, month by month.
   * @param {Case} one @param {number} seed
   * @param {{ effort?: any[] | null, months?: number }} [how] for the game: the effort of each month so far
   * @returns {Promise<Run>}
   */
  async watch(one, seed, { effort = null, months = this.model.months } = {}) {
    const answer = await this.answer("watch", one, { seed, effort, months });
    const wanted = this.values(one);
    return new Run(answer, this.story(one.story), { ...one, seed, grant: wanted["grant.months"], budget: wanted["grant.budget"] });
  }

  /** @param {string} call @param {Case} one @param {any} more */
  key(call, { story, policy, values }, more) { return JSON.stringify([call, story, this.story(story)?.text, policy, Object.entries(values).sort(), more]); }

  /** @param {string} call @param {Case} one @param {any} more */
  peek(call, one, more) { return this.answers.get(this.key(call, one, more)); }

  /** @param {string} call @param {Case} one @param {any} more @param {AbortSignal} [signal] */
  answer(call, one, more, signal) {
    const key = this.key(call, one, more), { story, policy, values } = one, kept = this.answers.get(key);
    if (kept) return kept;
    const request = { story, policy, values, months: this.model.months, given: this.story(story)?.given ?? null, ...more };
    const answer = this.engine[call](request, { signal });
    this.keep(key, answer);
    answer.catch(() => this.answers.delete(key));
    return answer;
  }

  /** @param {string} key @param {Promise<any>} answer */
  keep(key, answer) {
    this.answers.set(key, answer);
    if (this.answers.size > MOST_KEPT) this.answers.delete(/** @type {string} */ (this.answers.keys().next().value));
  }
}

/** Join two blocks of runs of the same case; monthly values lie month by month. @param {Runs[]} parts @returns {Runs} */
function join([one, two]) {
  const runs = one.runs + two.runs, { months } = one;
  /** @type {Record<string, Float64Array>} */
  const monthly = {}, summary = /** @type {Record<string, Float64Array>} */ ({});
  for (const name of Object.keys(one.monthly)) {
    const values = (monthly[name] = new Float64Array(months * runs));
    for (let m = 0; m < months; m++) {
      values.set(one.monthly[name].subarray(m * one.runs, (m + 1) * one.runs), m * runs);
      values.set(two.monthly[name].subarray(m * two.runs, (m + 1) * two.runs), m * runs + one.runs);
    }
  }
  for (const name of Object.keys(one.summary)) {
    const values = (summary[name] = new Float64Array(runs));
    values.set(one.summary[name]);
    values.set(two.summary[name], one.runs);
  }
  return { months, runs, monthly, summary, present: one.present?.map((n, i) => n + (two.present?.[i] ?? 0)) };
}
