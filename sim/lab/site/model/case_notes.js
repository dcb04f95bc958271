// @ts-check
/** Events of a case that change nothing: what the page says of them, beside what is wrong. */

/** @typedef {import("./case.js").Problem} Problem */

/**
 * @param {(import("./case.js").Event & { row: number })[]} events @param {import("./case.js").Member[]} members
 * @param {number} grant months at the start @param {number} months that the page shows @returns {Problem[]}
 */
export function notesOf(events, members, grant, months) {
  /** @type {Problem[]} */
  const notes = [], ended = withoutGrant(events, grant);
  const note = (/** @type {number} */ row, /** @type {string} */ code, /** @type {any} */ values = {}) => notes.push({ list: "events", row, column: "month", code, values });
  for (const { row, month, kind, member, size } of events) {
    const who = members.find(({ name }) => name === member);
    if (month > months) note(row, "late", { months });
    else if (who && month <= who.joins) note(row, "not_yet", { name: who.name, month: who.joins });
    else if (who && who.leaves !== null && month > who.leaves) note(row, "no_longer", { name: who.name, month: who.leaves });
    else if (size === 0 && kind !== "budget") note(row, "nothing");
    else if (ended.has(row)) note(row, "ended", { month: ended.get(row) });
  }
  return notes;
}

/** Cuts of a grant of which nothing is left, each with the month in which it ended. @param {(import("./case.js").Event & { row: number })[]} events @param {number} grant */
function withoutGrant(events, grant) {
  const found = new Map();
  let end = grant;
  for (const { row, month, size } of events.filter(({ kind }) => kind === "grant").sort((one, two) => one.month - two.month)) {
    if (size < 0 && month >= end) found.set(row, end);
    else end = size < 0 ? Math.max(month, end + size) : Math.max(month, end) + size;
  }
  return found;
}
