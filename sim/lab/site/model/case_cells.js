// @ts-check
/** Reads what people write in the cells of a roster, as the command line does. A cell that cannot be read has a problem. */

import { looksLikeDate, monthOfDate } from "./case_dates.js";

/** @typedef {{ code: string, values?: Record<string, any> }} Fault */
/** @typedef {{ value: any, fault?: Fault }} Cell */

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u, WHOLE = /^[+-]?\d{1,4}$/, EITHER = /^[-+]?[1-9]\d{0,2},\d{3}$/;
const LONGEST_CELL = 200;

/** A word without case, accents and signs, to compare it. @param {string} text */
export const plainWord = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** A name without case and surplus spaces, to compare it. @param {string} text */
export const likeness = (text) => text.trim().replace(/\s+/g, " ").toUpperCase().toLowerCase();

/** Whether a text can be shown as it is, and is not too long. @param {string} text @param {number} most */
export const isShown = (text, most) => text.trim() !== "" && !UNPRINTABLE.test(text) && [...text].length <= most;

/** @param {string} text @param {any} facts @returns {boolean} */
export const isMissing = (text, facts) => facts.missing.includes(text.trim().toLowerCase());

/** The number of a sign that cannot be seen. @param {string} sign */
const signOf = (sign) => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** @param {string} code @param {Record<string, any>} [values] @returns {Cell} */
const wrong = (code, values) => ({ value: null, fault: { code, values } });

/** @param {string} text @param {any} facts @returns {Cell} */
export function nameIn(text, facts) {
  if (text.trim() === "") return wrong("no_name");
  const hidden = text.match(UNPRINTABLE);
  if (hidden) return wrong("hidden", { sign: signOf(hidden[0]), after: text.slice(0, hidden.index).slice(-20) });
  return isShown(text, facts.most.name) ? { value: text.trim() } : wrong("name", { most: facts.most.name });
}

/** One of the four sectors, or a usual word for one. @param {string} text @param {any} facts @returns {Cell} */
export function sectorIn(text, facts) {
  if (isMissing(text, facts)) return wrong("no_sector");
  const known = (/** @type {string} */ word) => {
    const plain = plainWord(word), form = [plain, plain.replace(/s$/, ""), plain.replace(/ies$/, "y")].find((one) => Object.hasOwn(facts.sector_words, one));
    return form === undefined ? "" : facts.sector_words[form];
  };
  const parts = new Set(text.split(/[;|,/]/).filter((part) => part.trim()).map(known)), [one] = parts;
  const sector = known(text) || (parts.size === 1 ? one : "");
  return sector ? { value: sector } : wrong("sector", { text: text.slice(0, 40) });
}

/** A number as people write it: 2.5, 2,5, 70%; NaN for anything else. @param {string} text */
export function numberIn(text) {
  let bare = text.replace(/[\s']/g, "").replace(/^[€$£]+|[€$£]+$/g, "");
  const share = bare.endsWith("%");
  bare = share ? bare.slice(0, -1) : bare;
  const parts = bare.split(",");
  if (bare.lastIndexOf(",") > bare.lastIndexOf(".")) {
    const thousands = parts.length > 2 || (!bare.includes(".") && parts[1].length === 3 && !["0", "-0"].includes(parts[0]));
    bare = thousands ? parts.join("") : bare.replaceAll(".", "").replace(",", ".");
  } else bare = bare.split(".").length <= 2 ? bare.replaceAll(",", "") : bare.replaceAll(".", "").replaceAll(",", "");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(bare) ? Number(bare) / (share ? 100 : 1) : NaN;
}

/** A number in a range, or null where it is not known. @param {string} text @param {string} column @param {any} facts @returns {Cell} */
export function amountIn(text, column, facts) {
  const { low, high } = facts.columns[column], word = text.trim().toLowerCase();
  if (isMissing(text, facts)) return { value: null };
  if (EITHER.test(text.trim())) return wrong("either", { text: text.trim() });
  const value = column === "size" && Object.hasOwn(facts.sizes, word) ? facts.sizes[word] : numberIn(text);
  return value >= low && value <= high ? { value } : wrong("number", { low, high });
}

/** A month as a whole number, or as a date where month 1 has one. @param {string} text @param {{ low: number, high: number }} range @param {any} facts @param {number} [start] month 1, counted from the year 0 @returns {Cell} */
export function monthIn(text, { low, high }, facts, start = NaN) {
  const bare = text.trim();
  if (WHOLE.test(bare)) return Number(bare) >= low && Number(bare) <= high ? { value: Number(bare) } : wrong("month", { low, high });
  if (isMissing(text, facts)) return { value: null };
  const value = monthOfDate(bare, facts.month_names) - start + 1;
  if (Number.isNaN(value)) return wrong(looksLikeDate(bare) ? (Number.isNaN(start) ? "date" : "no_date") : "month", { low, high, text: bare.slice(0, 40) });
  return value >= low && value <= high ? { value } : wrong("other_month", { low, high, month: value, text: bare });
}

/** The text of a cell of a stranger's making: never anything but a short text. @param {unknown} value */
export function cellText(value) {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" ? value.slice(0, LONGEST_CELL) : "";
}
