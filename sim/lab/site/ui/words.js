// @ts-check
/** The words of one language, from one file: sentences with places to fill, plurals and numbers. */
import { readJson } from "../files.js";

export const LANGUAGES = { de: "Deutsch", en: "English", es: "Español", fr: "Français", nl: "Nederlands" };
/** The locale of numbers and lists: British English. @type {Record<string, string>} */
const LOCALES = { de: "de-DE", en: "en-GB", es: "es-ES", fr: "fr-FR", nl: "nl-NL" };
/** Languages in which a noun within a sentence and a sentence after a colon have a capital. */
const CAPITALS = ["de"];
/** What stands before a colon and a semicolon: in French a narrow space at which no line breaks. @type {Record<string, string>} */
const GAPS = { fr: "\u202f" };

const PLACE = /\{(\w+)(?::(\+?)(\d|%))?\}/g;

/** The first of the browser's languages that the page has, or else English. */
export function ownLanguage() {
  const wanted = (globalThis.navigator?.languages ?? []).map((one) => one.toLowerCase().split("-")[0]);
  return wanted.find((one) => Object.hasOwn(LANGUAGES, one)) ?? "en";
}

/** @param {string} language */
export async function loadWords(language) {
  return new Words(language, await readJson(`words/${language}.json`));
}

export class Words {
  /** @param {string} language @param {any} entries */
  constructor(language, entries) {
    this.language = language;
    this.locale = LOCALES[language] ?? language;
    this.entries = entries;
    this.gap = GAPS[language] ?? "";
    /** @type {Record<string, any>} */
    this.formats = {}; // made when they are wanted, as each takes a slow phone long
  }

  get plural() { return (this.formats.plural ??= new Intl.PluralRules(this.locale)); }

  /** @param {string} key @returns {any} */
  find(key) {
    let entry = this.entries;
    const parts = key.split("/");
    for (const part of parts) entry = entry?.[part];
    return entry;
  }

  /** @param {string} key */
  has(key) { return this.find(key) !== undefined; }

  /**
   * A sentence. Keys are divided by slashes, as paths of parameters have dots. Where an entry has plural forms, `n`
   * (or the value that `by` names) chooses. `{name}` is a place; `{name:1}` a number with one decimal, `{name:+1}`
   * one with its sign, `{name:%}` a share as a percentage.
   * @param {string} key @param {Record<string, any>} [values]
   * @returns {string}
   */
  say(key, values = {}) {
    let entry = this.find(key);
    if (entry === undefined) throw new Error(`${this.language} words: there is no "${key}"`);
    if (typeof entry === "object") entry = entry[this.plural.select(values[entry.by ?? "n"])] ?? entry.other;
    return entry.replace(PLACE, (/** @type {string} */ place, /** @type {string} */ name, /** @type {string} */ sign, /** @type {string} */ digits) => {
      const value = values[name];
      if (value === undefined) return place;
      if (typeof value !== "number") return String(value);
      return digits === "%" ? this.percent(value) : this.number(value, Number(digits ?? 0), Boolean(sign));
    });
  }

  /** The label of a thing of the model in this language, or else the model's own. @param {string} key @param {string} otherwise */
  label(key, otherwise) { return this.has(key) ? this.say(key) : otherwise; }

  /** @param {number} value @param {number} [digits] @param {boolean} [signed] */
  number(value, digits = 0, signed = false) {
    if (!digits && !signed && value >= 0 && value < 999) return String(Math.round(value)); // alike in every language
    const name = `${digits}${signed}`;
    this.formats[name] ??= new Intl.NumberFormat(this.locale, {
      minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: signed ? "exceptZero" : "auto",
    });
    const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value; // no minus before a zero
    return this.formats[name].format(shown).replace("-", "−");
  }

  /** A number with as many decimals as it needs, up to three. @param {number} value */
  plain(value) {
    this.formats.plain ??= new Intl.NumberFormat(this.locale, { maximumFractionDigits: 3 });
    return this.formats.plain.format(value);
  }

  /** @param {number} share */
  percent(share) {
    this.formats.percent ??= new Intl.NumberFormat(this.locale, { style: "percent", maximumFractionDigits: 0 });
    return this.formats.percent.format(share);
  }

  /** A label within a sentence. @param {string} text */
  inside(text) { return CAPITALS.includes(this.language) ? text : text.toLocaleLowerCase(this.locale); }

  /** A sentence that comes after a colon. @param {string} text */
  after(text) { return CAPITALS.includes(this.language) ? capital(text) : text; }

  /** A name, a colon, and what is said of it. @param {string} name @param {string} text */
  colon(name, text) { return `${name}${this.gap}: ${text}`; }

  /** @param {string[]} items */
  list(items) { return (this.formats.and ??= new Intl.ListFormat(this.locale, { type: "conjunction" })).format(items); }

  /** A sentence in which **this** is strong. @param {string} text */
  rich(text) {
    const parts = document.createDocumentFragment();
    text.split("**").forEach((part, k) => {
      if (k % 2) parts.append(Object.assign(document.createElement("strong"), { textContent: part }));
      else parts.append(part);
    });
    return parts;
  }
}

/** @param {string} text */
export const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
