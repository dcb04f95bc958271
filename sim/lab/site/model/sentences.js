// @ts-check
/** What happened in a month, in sentences: turning points, who left and why, leaks, introductions. */
import { capital } from "../ui/words.js";
import { MOODS } from "./run.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("../ui/words.js").Words} Words */

const MOST_NAMED = 2, MOST_FACTS = 2;
const RAISED = 0.15, A_YEAR = 12; // contacts count as a cause if they raised what a member expects by so much
const BARELY = 0.05; // value a month that is nearly none

/** The names of all members: as the story names them, or numbered within their sector. @param {Words} words @param {Run} run */
export function namesOf(words, run) {
  /** @type {Record<string, number>} */
  const seen = {};
  return run.sectors.map((sector, i) => {
    seen[sector] = (seen[sector] ?? 0) + 1;
    return run.givenNames[i] ?? `${words.label(`sector/${sector}/one`, sector)} ${seen[sector]}`;
  });
}

/** Members in a sentence: Firms 14 and 35; Firm 7 and University 2; Firm 5, Firm 12 and 2 others. @param {Words} words @param {Run} run @param {number[]} members */
export function who(words, run, members) {
  const names = namesOf(words, run), alike = members.length > 1 && members.every((i) => run.sectors[i] === run.sectors[members[0]] && run.givenNames[i] === null);
  const short = members.map((i) => (alike ? String(names[i].split(" ").at(-1)) : names[i]));
  const listed = short.length > MOST_NAMED + 1 ? [...short.slice(0, MOST_NAMED), words.say("month/others", { n: short.length - MOST_NAMED })] : short;
  return (alike ? `${words.label(`sector/${run.sectors[members[0]]}/many`, "")} ` : "") + words.list(listed);
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What led to exits of one kind: what the members expected, what they got, and what had changed either. @param {Words} words @param {Run} run @param {number} month @param {import("./run.js").Exit[]} exits */
export function reasonOf(words, run, month, exits) {
  const members = exits.map((exit) => exit.member), n = members.length, of = (/** @type {string} */ name, at = month) => mean(members.map((i) => run.of(name, at, i)));
  const expected = of("aspiration"), got = of("benefit"), first = run.start.aspiration ? of("aspiration", 0) : of("aspiration", 1), { cause } = exits[0];
  const since = (/** @type {string} */ name) => mean(members.map((i) => { let sum = 0; for (let m = cause === "leak" ? 1 : Math.max(1, month - A_YEAR + 1); m <= month; m++) sum += run.of(name, m, i); return sum; }));
  const values = { n, expected, got, first, amount: mean(exits.map((exit) => exit.amount)), lost: since("lost") };
  const known = words.has(`cause/${cause}`) ? words.say(`cause/${cause}`, values) : cause;
  if (!["too little private value", "leak", "insufficient resources", "not worth renewing"].includes(cause)) return words.after(known);
  const compared = words.say(got >= BARELY ? "month/got" : expected >= BARELY ? "month/got_nothing" : "month/cost_more", values);
  const raised = expected - first > RAISED * Math.max(first, 0.1) && cause !== "outside offer" ? words.say("month/raised", values) : "";
  const leaked = cause !== "leak" && values.lost >= 0.5 ? words.say("month/leaked", values) : "";
  return words.after([cause === "too little private value" ? "" : known, `${compared}${raised || leaked}`].filter(Boolean).join(`${words.gap}; `));
}

/** The sentence of a month. @param {Words} words @param {Run} run @param {number} month @param {number} [most] facts in it */
export function monthSentence(words, run, month, most = MOST_FACTS) {
  if (month < 1) return words.say("month/begin", { size: run.membersAt(0) });
  const now = (/** @type {any[]} */ list) => list.filter((event) => event.month === month), say = words.say.bind(words);
  /** @type {string[]} */
  const facts = [];
  for (const { cause } of now(run.phases)) facts.push(words.label(`phase/${cause}`, cause));
  for (const { cause, amount } of now(run.shocks)) facts.push(words.has(`shock/${cause}`) ? say(`shock/${cause}`, { n: amount, amount }) : cause);
  facts.push(...exitSentences(words, run, month));
  const leaks = now(run.leaks);
  if (leaks.length && facts.length < MOST_FACTS) {
    const lost = leaks.reduce((sum, { amount }) => sum + amount, 0), rivals = new Set(leaks.flatMap(({ rivals: all }) => all)).size;
    facts.push(say("month/leak", { n: leaks.length, who: who(words, run, leaks.map(({ member }) => member)), lost, rivals }));
  }
  const inside = now(run.ties).length, outside = now(run.introductions).length, helped = new Set(now(run.help).map(({ member }) => member)).size;
  if (helped && !facts.length) facts.push(say("month/helped", { n: helped }));
  if (inside + outside && facts.length < (helped ? MOST_FACTS : 1)) facts.push(say("month/introductions", { n: inside + outside, inside }));
  if (!facts.length) facts.push(quiet(words, run, month));
  return facts.slice(0, most).map((fact) => `${capital(fact)}.`).join(" ");
}

/** Exits of a month, those of one kind together, the most frequent first. @param {Words} words @param {Run} run @param {number} month */
export function exitSentences(words, run, month) {
  /** @type {Map<string, import("./run.js").Exit[]>} */
  const kinds = new Map();
  for (const exit of run.exits) if (exit.month === month) kinds.set(exit.mood + exit.cause, [...(kinds.get(exit.mood + exit.cause) ?? []), exit]);
  return [...kinds.values()].sort((a, b) => b.length - a.length).map((exits) => words.say(`month/leave_${exits[0].mood}`, {
    n: exits.length, who: who(words, run, exits.map((exit) => exit.member)), why: reasonOf(words, run, month, exits),
  }));
}

/** A month in which nothing happened: do members get what they expect? @param {Words} words @param {Run} run @param {number} month */
function quiet(words, run, month) {
  const here = run.leftAt.flatMap((left, i) => (left > month && run.joinedAt[i] <= month ? [i] : []));
  if (!here.length) return words.say("month/nobody");
  const content = here.filter((i) => run.of("benefit", month, i) >= run.of("aspiration", month, i)).length;
  return words.say("month/quiet", { n: content, here: here.length });
}

/** The state of the picture, for those who do not see it. @param {Words} words @param {Run} run @param {number} month @param {string} strategy */
export function pictureSentence(words, run, month, strategy) {
  const groups = [...new Set(run.sectors)].map((sector) => {
    const members = run.sectors.flatMap((one, i) => (one === sector ? [i] : []));
    return words.say("picture/group", { here: members.filter((i) => run.isMember(i, month)).length, size: members.length, sector: words.inside(words.label(`sector/${sector}/many`, sector)) });
  });
  const [satisfied, frustrated, other] = MOODS.map((mood) => run.left(mood, month));
  return words.say("picture/label", { strategy, month, here: run.membersAt(month), size: run.size, groups: words.list(groups), satisfied, frustrated, other });
}
