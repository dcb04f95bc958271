// @ts-check
/** A case of the reader's own: texts as typed become members and events, or problems; and what the engine fills in. */
import { OWN } from "./source.js";
import { hasTwoOrders, monthOfDate, written } from "./case_dates.js";
import { notesOf } from "./case_notes.js";
import { amountIn, cellText, isMissing, isShown, likeness, monthIn, nameIn, numberIn, sectorIn } from "./case_cells.js";

export const COLUMNS = ["name", "sector", "segment", "size", "readiness", "mission", "sensitivity", "need", "fee", "joins", "leaves"];
export const EVENT_COLUMNS = ["month", "kind", "member", "segment", "size"];
const AMOUNTS = ["size", "readiness", "mission", "sensitivity", "need", "fee"], LONGEST_TITLE = 200;

/**
 * @typedef {Record<string, string>} Row texts by column
 * @typedef {{ title: string, base: string, start: string, now: string, members: Row[], events: Row[] }} Draft
 * @typedef {{ list: string, row: number, column: string, code: string, values: Record<string, any> }} Problem
 * @typedef {{ name: string, sector: string, segment: string | number | null, joins: number, leaves: number | null } & Record<string, any>} Member
 * @typedef {{ month: number, kind: string, member: string, segment: string | number, size: number }} Event
 * @typedef {{ title: string, base: string, start: string, now: number, labels: string[], members: Member[], events: Event[] }} Case
 */

/** @param {string[]} columns @param {any} [values] @returns {Row} */
export const rowOf = (columns, values = {}) => Object.fromEntries(columns.map((name) => [name, cellText(values[name])]));

/** Read a draft: what was found, what is wrong, and what has no effect. @param {Draft} draft @param {any} facts @returns {{ found: Case, problems: Problem[], notes: Problem[] }} */
export function readCase(draft, facts) {
  /** @type {Problem[]} */
  const problems = [];
  const told = (/** @type {string} */ list, /** @type {number} */ row, /** @type {string} */ column, /** @type {string} */ code, /** @type {any} */ values = {}) => problems.push({ list, row, column, code, values });
  let dated = false; // one problem for all dates of a case that has none of month 1
  /** @param {import("./case_cells.js").Cell} cell @param {string} list @param {number} row @param {string} column @returns {any} */
  const take = ({ value, fault }, list, row, column) => {
    if (fault?.code === "date") dated = true;
    else if (fault) told(list, row, column, fault.code, fault.values);
    return value;
  };
  const base = Object.hasOwn(facts.bases, draft.base) ? draft.base : "neutral", labels = labelsOf(draft.members, facts);
  if (!isShown(draft.title, LONGEST_TITLE)) told("case", 0, "title", "title", { most: LONGEST_TITLE });
  if (base !== draft.base) told("case", 0, "base", "base");
  const begins = draft.start.trim(), start = monthOfDate(begins, facts.month_names);
  if (begins && Number.isNaN(start)) told("case", 0, "start", "start");
  const now = take(monthIn(draft.now, { low: 0, high: facts.most.now }, facts, start), "case", 0, "now") ?? 0;
  const { members: rows, events: listed } = draft, segments = labels.length || facts.bases[base].segments;
  if (rows.length > facts.most.members) told("case", 0, "members", "many", { n: rows.length, most: facts.most.members });
  if (labels.length > facts.most.segments) told("case", 0, "members", "segments", { n: labels.length, most: facts.most.segments });
  const members = rows.slice(0, facts.most.members).map((row, k) => memberOf(row, { labels, segments, start }, facts, (cell, column) => take(cell, "members", k, column)));
  const names = new Map();
  members.forEach(({ name }, k) => {
    const like = likeness(name ?? "");
    if (like && names.has(like)) told("members", k, "name", "twice", { other: names.get(like) });
    else names.set(like, name);
  });
  const events = eventsOf(listed, { members, labels, segments, start }, facts, told, take);
  members.forEach((one, k) => {
    if (one.joins === 1) one.joins = 0; // who joins in the first month is a founder
    if (one.leaves !== null && one.leaves <= one.joins) told("members", k, "leaves", "leaves", { joins: one.joins });
  });
  if (members.filter(({ joins }) => joins <= 0).length < 2) told("case", 0, "members", "founders");
  if (dated && !begins) told("case", 0, "start", "dates");
  const notes = notesOf(events, members, facts.bases[base].values["grant.months"], facts.most.now + 1);
  const swapped = Number.isNaN(start) ? undefined : [begins, draft.now, ...rows.flatMap(({ joins, leaves }) => [joins, leaves]), ...listed.map(({ month }) => month)].find(hasTwoOrders);
  if (swapped) notes.push({ list: "case", row: 0, column: "start", code: "day_first", values: { text: swapped.slice(0, 40) } });
  return { found: { title: draft.title.trim(), base, start: Number.isNaN(start) ? "" : written(start), now, labels, members, events: events.map(({ row, ...event }) => event) }, problems, notes };
}

/** Names of segments in their order; none where all are numbers. @param {Row[]} rows @param {any} facts */
function labelsOf(rows, facts) {
  const texts = rows.map(({ segment }) => segment.trim().replace(/\s+/g, " ")).filter((text) => text && !facts.no_segment.includes(text.toLowerCase())), labels = new Map();
  if (texts.every((text) => Number.isFinite(numberIn(text)))) return [];
  for (const text of texts) if (!labels.has(likeness(text))) labels.set(likeness(text), text);
  return [...labels.values()];
}

/** @param {string} text @param {{ labels: string[], segments: number }} known @param {any} facts @returns {import("./case_cells.js").Cell} */
function segmentIn(text, { labels, segments }, facts) {
  const bare = text.trim();
  if (bare === "") return { value: null };
  if (facts.no_segment.includes(bare.toLowerCase())) return { value: -1 };
  if (labels.length) return isShown(bare, facts.most.name) ? { value: labels.find((label) => likeness(label) === likeness(bare)) ?? null } : { value: null, fault: { code: "segment_name" } };
  const value = numberIn(bare);
  return Number.isInteger(value) && value >= 0 && value < segments ? { value } : { value: null, fault: { code: "segment", values: { high: segments - 1 } } };
}

/** @param {Row} row @param {any} known @param {any} facts @param {(cell: import("./case_cells.js").Cell, column: string) => any} take @returns {Member} */
function memberOf(row, known, facts, take) {
  /** @type {any} */
  const one = { name: take(nameIn(row.name, facts), "name"), sector: take(sectorIn(row.sector, facts), "sector"), segment: take(segmentIn(row.segment, known, facts), "segment") };
  for (const column of AMOUNTS) one[column] = take(amountIn(row[column], column, facts), column);
  one.joins = take(monthIn(row.joins, facts.columns.joins, facts, known.start), "joins") ?? 0;
  one.leaves = take(monthIn(row.leaves, facts.columns.leaves, facts, known.start), "leaves");
  return one;
}

/**
 * @param {Row[]} rows @param {{ members: Member[], labels: string[], segments: number, start: number }} known @param {any} facts
 * @param {(list: string, row: number, column: string, code: string, values?: any) => void} told @param {(cell: any, list: string, row: number, column: string) => any} take
 */
function eventsOf(rows, { members, labels, segments, start }, facts, told, take) {
  /** @type {(Event & { row: number })[]} */
  const events = [];
  /** @type {Record<string, number>} */
  const count = {};
  rows.slice(0, 200).forEach((row, k) => {
    const wrong = (/** @type {string} */ column, /** @type {string} */ code, /** @type {any} */ values = {}) => told("events", k, column, code, values);
    const rumour = row.kind === "rumour", kind = rumour ? "trust" : row.kind, fact = Object.hasOwn(facts.kinds, kind) ? facts.kinds[kind] : null;
    const month = take(monthIn(row.month, facts.month, facts, start), "events", k, "month"), who = members.find(({ name }) => name !== null && name === row.member.trim());
    if (month === null) return void (isMissing(row.month, facts) && wrong("month", "month", facts.month));
    if (row.member.trim() && !who) return wrong("member", "member", { text: row.member.slice(0, 40) });
    if (facts.moves.includes(kind)) {
      const before = who && (kind === "leaves" ? who.leaves : who.joins || null);
      if (!who) wrong("member", "member_needed");
      else if (before !== null && before !== month) wrong("month", "moved", { name: who.name, month: before });
      else /** @type {any} */ (who)[kind] = month;
      return;
    }
    if (!fact) return wrong("kind", "kind");
    if (fact.member === "needed" && !who) return wrong("member", "member_needed");
    if (fact.member === "none" && who) return wrong("member", "member_none");
    const segment = fact.segment ? take(segmentIn(row.segment, { labels, segments }, facts), "events", k, "segment") ?? "" : "";
    if (segment === -1 ? row.segment.trim() !== "-1" : typeof segment === "string" && segment && !labels.includes(segment)) return wrong("segment", "event_segment");
    const [low, high] = rumour ? [0, facts.kinds.trust.high] : [fact.low, fact.high], typed = row.size.trim() === "" ? (rumour ? facts.rumour : 1) : numberIn(row.size);
    if (!(typed >= low && typed <= high)) return wrong("size", "number", { low, high });
    count[kind] = (count[kind] ?? 0) + 1;
    if (count[kind] > facts.most.events) return wrong("kind", "many_events", { most: facts.most.events });
    events.push({ row: k, month, kind, member: who?.name ?? "", segment, size: rumour ? -typed : typed });
  });
  if (rows.length > 200) told("case", 0, "events", "many_events", { most: facts.most.events });
  return events;
}

/** Founders first, then who joins later by month. @param {Member[]} members */
export const inOrder = (members) => [...members].sort((one, two) => Math.max(one.joins, 0) - Math.max(two.joins, 0));

/** What the engine fills in: a number for each member by column, and parameters. @param {Case} found @param {any} facts */
export function givenOf({ base, now, labels, members, events }, facts) {
  const ordered = inOrder(members), segment = (/** @type {any} */ value) => (typeof value === "string" ? labels.indexOf(value) : value);
  const column = (/** @type {string} */ name, /** @type {(one: any) => number | null} */ of) => /** @type {[string, number[]]} */ ([`roster.${name}`, ordered.map((one) => of(one) ?? NaN)]);
  const columns = Object.fromEntries([
    column("sector", (one) => facts.sectors.indexOf(one.sector)), column("segment", (one) => segment(one.segment)), column("joins", (one) => one.joins),
    column("leaves", (one) => one.leaves ?? 0), ...AMOUNTS.map((name) => column(name, (one) => one[name])),
  ]);
  /** @type {Record<string, number>} */
  const values = { ...facts.bases[base].parameters, now, "size.segments": labels.length || facts.bases[base].segments }, used = /** @type {Record<string, number>} */ ({}), shown = [];
  for (const event of [...events].sort((one, two) => one.month - two.month)) {
    const at = facts.slots[event.kind][(used[event.kind] = (used[event.kind] ?? -1) + 1)], member = ordered.findIndex(({ name }) => name === event.member);
    const name = facts.kinds[event.kind].names[member < 0 ? "all" : "one"][Math.sign(event.size) + 1];
    Object.assign(values, { [`events.${at}.month`]: event.month, [`events.${at}.member`]: member, [`events.${at}.size`]: event.size, [`events.${at}.segment`]: event.segment === "" ? -1 : segment(event.segment) });
    if (name) shown.push({ month: event.month, name, member, size: Math.abs(event.size) });
  }
  return { partners: ordered.length, columns, values, events: shown };
}

/** A case as a story of the page. @param {Case} found @param {any} facts @param {string} text */
export function storyOf(found, facts, text) {
  const ordered = inOrder(found.members), segment = (/** @type {any} */ value) => (typeof value === "string" ? found.labels.indexOf(value) : value);
  return {
    id: OWN, pair: facts.pair, label: found.title, about: found.title, text, given: givenOf(found, facts), values: facts.bases[found.base].values,
    founders: ordered.filter(({ joins }) => joins <= 0).length,
    members: ordered.map((one) => ({ name: one.name, sector: one.sector, segment: segment(one.segment) })),
  };
}
