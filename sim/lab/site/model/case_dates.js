// @ts-check
/** Dates in the cells of a case, as the command line reads them: what matters is their month. */

const SERIALS = [14_000, 73_000], EPOCH = Date.UTC(1899, 11, 30), DAY = 86_400_000; // days as spreadsheets number dates
const TIME = /[t ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]m)?(z|[+-]\d{2}:?\d{2})?$/;

/** Whether a text can have been meant as a date. @param {string} text */
export const looksLikeDate = (text) => /\d{4}|\d\s*[-/]\s*\d|\d\.\d+\.\d|\p{L}{3,}.*\d/u.test(text);

/** Whether day and month can change places, as in 05/06/2025. @param {string} text */
export function hasTwoOrders(text) {
  const [, one, other] = text.trim().match(/^(\d{1,2})\/(\d{1,2})\/\d{2,4}\b/) ?? [];
  return one !== undefined && Number(one) <= 12 && Number(other) <= 12 && one !== other;
}

/**
 * The month of a date, counted from the year 0; NaN for anything else.
 * @param {string} text such as 2026-03, 03/2026, 15-03-2026 (the day first, unless it cannot be), mar-26, 15 maart 2026
 * @param {Record<string, number>} names of months by their first letters
 */
export function monthOfDate(text, names) {
  const bare = text.trim().toLowerCase().replace(TIME, "");
  const of = (/** @type {string} */ year, /** @type {number} */ month) => {
    const n = Number(year), full = year.length === 4 ? n : n < 70 ? 2000 + n : 1900 + n;
    return month >= 1 && month <= 12 && full >= 1800 ? full * 12 + month - 1 : NaN;
  };
  const dayIn = (/** @type {string} */ day) => Number(day) >= 1 && Number(day) <= 31;
  let parts;
  if (/^\d{5}$/.test(bare) && Number(bare) >= SERIALS[0] && Number(bare) <= SERIALS[1]) {
    const date = new Date(EPOCH + Number(bare) * DAY);
    return of(String(date.getUTCFullYear()), date.getUTCMonth() + 1);
  }
  if ((parts = bare.match(/^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$/))) return dayIn(parts[3] ?? "1") ? of(parts[1], Number(parts[2])) : NaN;
  if ((parts = bare.match(/^(\d{1,2})[-/.](\d{4})$/))) return of(parts[2], Number(parts[1]));
  if ((parts = bare.match(/^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$/))) {
    const [day, month] = Number(parts[3]) > 12 ? [parts[3], parts[1]] : [parts[1], parts[3]];
    return dayIn(day) ? of(parts[4], Number(month)) : NaN;
  }
  parts = bare.match(/^(?:\d{1,2}(?:st|nd|rd|th|\.)?[-/. ])?([a-zäéû]{3,9})\.?[-/.' ](?:\d{1,2}(?:st|nd|rd|th)?,? )?(\d{4}|\d{2})$/);
  const name = parts && [4, 3].map((n) => parts[1].slice(0, n)).find((one) => Object.hasOwn(names, one));
  return parts && name ? of(parts[2], names[name]) : NaN;
}

/** A month counted from the year 0, as 2026-03. @param {number} month */
export const written = (month) => `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`;
