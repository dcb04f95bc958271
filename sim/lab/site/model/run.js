// @ts-check
/** One run as the picture and the sentences need it: who is there, what moved, and what happened when. */

export const MOODS = ["satisfied", "frustrated", "other"];
/** The sectors that the engine numbers. */
const SECTORS = ["public", "private", "academic", "nonprofit"];
export const TENSIONS = ["information", "interest", "resource"];

/**
 * @typedef {{ month: number, member: number, mood: string, cause: string, amount: number }} Exit
 * @typedef {{ month: number, kind: string, cause: string, member: number, other: number, amount: number }} Event
 */

export class Run {
  /** @param {any} answer of the engine @param {any} story @param {any} about case, seed, grant and budget */
  constructor(answer, story, about) {
    this.about = about;
    this.months = answer.months;
    this.size = answer.members;
    this.month = answer.month;
    this.start = answer.start;
    const known = story.members.length === this.size ? story.members : []; // a slider may have changed how many there are
    /** @type {string[]} */
    this.sectors = Array.from({ length: this.size }, (_, i) => known[i]?.sector ?? SECTORS[this.start.sector[i]] ?? "other");
    /** @type {number[]} */
    this.segments = Array.from({ length: this.size }, (_, i) => known[i]?.segment ?? this.start.segment[i]);
    /** @type {(string | null)[]} */
    this.givenNames = Array.from({ length: this.size }, (_, i) => known[i]?.name ?? null);
    /** @type {Event[]} */
    this.events = answer.events;
    const of = (/** @type {string} */ kind) => this.events.filter((event) => event.kind === kind);
    /** @type {Exit[]} */
    this.exits = this.events.filter((event) => event.kind.startsWith("exit ")).map((event) => ({ ...event, mood: event.kind.slice(5) }));
    this.ties = of("match inside").filter(({ other }) => other >= 0);
    this.introductions = of("match outside");
    this.leaks = of("leak").map((event) => ({ ...event, rivals: this.gainers(event.month, event.member) }));
    this.phases = of("phase").filter(({ month }) => month > 1);
    this.shocks = of("shock");
    this.help = of("intervention");
    this.leftAt = new Array(this.size).fill(Infinity);
    /** @type {(Exit | null)[]} */
    this.exitOf = new Array(this.size).fill(null);
    for (const exit of this.exits) Object.assign(this.leftAt, { [exit.member]: exit.month }) && (this.exitOf[exit.member] = exit);
    this.joinedAt = Array.from({ length: this.size }, (_, i) => (this.start.member[i] ? 0 : 1 + this.month.findIndex((/** @type {any} */ row) => row.member[i]) || Infinity));
  }

  /** Members at the door: what can be shown before the engine has an answer. @param {any} story @param {any} about */
  static awaited(story, about) {
    const row = () => Object.fromEntries(["member", "engagement", "needs_met"].map((name) => [name, new Array(story.members.length).fill(0)]));
    const start = { ...row(), member: story.members.map((/** @type {any} */ _, /** @type {number} */ i) => Number(i < story.founders)) };
    return new Run({ months: 1, members: story.members.length, start, month: [{ ...row(), run: {} }], events: [] }, story, about);
  }

  /** Who gained from leaks in a month in the same market, but not the one that lost. @param {number} month @param {number} loser */
  gainers(month, loser) {
    const gained = this.month[month - 1].gained, market = this.segments[loser];
    return Array.from(gained, (value, i) => (value > 0 && i !== loser && this.segments[i] === market ? i : -1)).filter((i) => i >= 0);
  }

  /** A value of a member at the end of a month; month 0 is the start. @param {string} name @param {number} month @param {number} i */
  of(name, month, i) {
    const values = month > 0 ? this.month[Math.min(month, this.months) - 1][name] : this.start[name];
    return values ? values[i] : 0;
  }

  /** The same between months. @param {string} name @param {number} i @param {number} t */
  at(name, i, t) {
    const until = Math.min(t, this.leftAt[i] - 1), month = Math.floor(until);
    const before = this.of(name, month, i);
    return until === month ? before : before + (this.of(name, month + 1, i) - before) * (until - month);
  }

  /** What a member captured of all private value until a moment. @param {number} i @param {number} t */
  gained(i, t) {
    const until = Math.max(0, Math.min(t, this.leftAt[i])), month = Math.floor(until), before = month ? this.of("needs_met", month, i) : 0;
    return until === month ? before : before + (this.of("needs_met", month + 1, i) - before) * (until - month);
  }

  /** A value of the partnership in a month from 1. @param {string} name @param {number} month */
  whole(name, month) {
    const value = this.month[Math.min(Math.max(month, 1), this.months) - 1].run[name];
    return Number.isFinite(value) ? value : 0;
  }

  /** @param {number} month */
  membersAt(month) { return month < 1 ? this.start.member.reduce((/** @type {number} */ sum, /** @type {number} */ v) => sum + v, 0) : this.whole("n_members", month); }

  /** @param {number} i @param {number} t */
  isMember(i, t) { return this.joinedAt[i] <= t && this.leftAt[i] > t; }

  /** How many left in a mood by a month. @param {string} mood @param {number} month */
  left(mood, month) { return this.exits.filter((exit) => exit.mood === mood && exit.month <= month).length; }

  /** @param {string} name @param {number} month */
  effort(name, month) { return month < 1 ? 0 : this.whole(`effort_${name}`, month); }

  /** What the partnership spent in a month. @param {number} month */
  spent(month) { return ["safeguard", "bundle", "intervene", "match_inside", "match_outside", "pause", "track"].reduce((sum, name) => sum + this.effort(name, month), 0); }

  /** The month of the next exit after this one. @param {number} month */
  nextExit(month) { return this.exits.reduce((next, exit) => (exit.month > month ? Math.min(next, exit.month) : next), this.months); }
}
