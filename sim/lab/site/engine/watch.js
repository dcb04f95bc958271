// @ts-check
// One run, month by month: what every member does and gets, and what happens, read from the rows of a watched month.

/** @typedef {import("./runs.js").Runs} Runs */

const OF_STATE = ["member", "engagement", "disclosure", "needs_met", "benefit", "goodwill"];
const OF_FLOWS = ["captured", "contributed", "gained", "lost"];
const WATCHED = ["aspiration", "trust"];
const SHARES = ["safeguard", "bundle", "match_inside", "match_outside", "track", "intervene"];
const SEEN = ["attendance", "knowledge", "shortfall", "captured", "risk"];

/**
 * @param {Runs} runs of one seed, to watch
 * @param {{ causes: string[], shocks: string[], phases: string[], reasons: string[], least_intervention: number }} codes
 * @param {Record<string, number>[] | null} efforts of a game: shares of the budget by action, a month each
 */
export function watchRun(runs, codes, efforts = null) {
  runs.begin();
  const first = runs.places[runs.partnership.first_day];
  /** @param {string} name @param {any} [place] @returns {Float64Array} */
  const members = (name, place = first) => wide(runs.read(place, `${name}.0`), runs.partnership.partners);
  const start = Object.fromEntries([...OF_STATE, "sector", "segment"].map((name) => [name, members(name)]));
  start.aspiration = members("watched.aspiration");
  const month = [], events = [];
  let before = { member: start.member, joins: members("joins") };
  for (let number = 1; number <= runs.months; number++) {
    if (efforts) runs.set({ ...runs.values, ...byHand(efforts[number - 1]) });
    const place = runs.step(number);
    const row = Object.fromEntries(OF_STATE.map((name) => [name, members(name, place)]));
    for (const name of OF_FLOWS) row[name] = members(`flows.${name}`, place);
    for (const name of WATCHED) row[name] = members(`watched.${name}`, place);
    /** @param {string} name */
    const one = (name) => wide(runs.read(place, `${name}.0`), 1)[0];
    const run = { ...runs.outcomesOf(number), fund: one("fund") };
    const seen = Object.fromEntries(SEEN.map((name) => [name, members(`seen.${name}`, place)]));
    month.push({ ...row, run, seen });
    events.push(...eventsOf(runs, place, codes, number, row, before));
    before = { member: row.member, joins: before.joins };
  }
  return { months: runs.months, members: runs.partnership.partners, start, month, events };
}

/** The parameters of the policy by hand in a month. @param {Record<string, number> | undefined} effort shares of the budget by action */
export function byHand(effort) {
  const shares = Object.fromEntries(SHARES.map((action) => [`policy.${action}`, effort?.[action] ?? 0]));
  return { ...shares, "policy.hold": effort?.pause ?? 0 };
}

/** @param {Float64Array | number} value @param {number} n */
const wide = (value, n) => (typeof value === "number" ? new Float64Array(n).fill(value) : value);

/**
 * Causes before effects: shocks first, exits last.
 * @param {Runs} runs @param {any} place @param {any} codes @param {number} month @param {any} after @param {any} before
 */
function eventsOf(runs, place, codes, month, after, before) {
  /** @type {any[]} */
  const events = [];
  /** @param {string} kind @param {string} cause @param {number} [member] @param {number} [amount] @param {number} [other] */
  const add = (kind, cause, member = -1, amount = 0, other = -1) => events.push({ month, kind, cause, member, amount, other });
  const n = runs.partnership.partners;
  /** @param {string} name */
  const of = (name) => wide(runs.read(place, name), n);
  /** @param {string} name @param {(member: number, value: number) => void} tell */
  const each = (name, tell) => of(name).forEach((value, member) => value && tell(member, value));
  for (const shock of codes.shocks) {
    const size = of(`watched.${shock}.0`)[0];
    if (size) add("shock", shock, -1, size);
  }
  for (const event of runs.partnership.events) if (event.month === month) add("shock", event.name, event.member, event.size);
  if (of("watched.turned.0")[0]) add("phase", codes.phases[of("phase.0")[0]], -1, of("fund.0")[0]);
  each("flows.leaked.0", (member) => add("leak", "information reached rivals", member, after.lost[member]));
  each("flows.turned_over.0", (member) => add("representative", "replaced", member));
  each("flows.outside_matched.0", (member) => add("match outside", "connecting", member));
  each("effort.intervene.0", (member, strength) => {
    if (strength * before.member[member] >= codes.least_intervention) add("intervention", "support", member, strength);
  });
  for (let domain = 0; runs.read(place, `flows.giver.${domain}`) !== undefined; domain++) {
    const giver = of(`flows.giver.${domain}`)[0];
    if (giver >= 0) add("match inside", "connecting", of(`flows.seeker.${domain}`)[0], domain, giver);
  }
  each("flows.entered.0", (member) => add("entry", before.joins[member] === month ? "by the roster" : "open entry", member));
  each("watched.exit.0", (member, reason) => add(`exit ${codes.reasons[reason]}`, codes.causes[of("watched.cause.0")[member]], member, after.needs_met[member]));
  return events;
}
