// @ts-check
/** A case as a part of an address: a short text of letters and digits, and back. Whoever wrote it may be a stranger. */
import { COLUMNS, EVENT_COLUMNS, readCase, rowOf, storyOf } from "./case.js";
import { OWN } from "./source.js";

const VERSION = 1, LONGEST = 6000, LARGEST = 60_000, MOST_ROWS = 200;

/** @param {import("./case.js").Draft} draft @returns {Promise<string>} */
export async function pack({ title, base, start, now, members, events }) {
  const row = (/** @type {string[]} */ columns, /** @type {any} */ one) => columns.map((name) => one[name]).join("\t").replace(/\t+$/, "").split("\t");
  const text = JSON.stringify([VERSION, title, base, now, members.map((one) => row(COLUMNS, one)), events.map((one) => row(EVENT_COLUMNS, one)), ...(start ? [start] : [])]);
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text), LARGEST);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} packed @returns {Promise<import("./case.js").Draft>} */
export async function unpack(packed) {
  if (packed.length > LONGEST || !/^[\w-]+$/.test(packed)) throw new Error("this is no case");
  const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await through(new DecompressionStream("deflate-raw"), bytes, LARGEST)), data = JSON.parse(text);
  const isText = (/** @type {unknown} */ value) => typeof value === "string", isRows = (/** @type {unknown} */ rows) => Array.isArray(rows) && rows.length <= MOST_ROWS && rows.every((row) => Array.isArray(row) && row.every(isText));
  if (!Array.isArray(data) || ![6, 7].includes(data.length) || data[0] !== VERSION || ![...data.slice(1, 4), ...data.slice(6)].every(isText) || !data.slice(4, 6).every(isRows)) throw new Error("this is no case");
  const [, title, base, now, members, events, start = ""] = data, row = (/** @type {string[]} */ columns) => (/** @type {string[]} */ cells) => rowOf(columns, Object.fromEntries(columns.map((name, k) => [name, cells[k] ?? ""])));
  return { title, base, start, now, members: members.map(row(COLUMNS)), events: events.map(row(EVENT_COLUMNS)) };
}

/** Open a case as the last of the stories; where it cannot be read, the one that is there stays. @param {any} source @param {string} text */
export async function openCase(source, text) {
  if (!source.model.own_case || source.story(OWN)?.text === text) return;
  const facts = await source.facts();
  try {
    const { found, problems } = readCase(await unpack(text), facts);
    if (!problems.length) source.putCase(storyOf(found, facts, text));
  } catch { /* the address tells that there is no such case */ }
}

/** Whether a case fits in an address. @param {string} packed */
export const fits = (packed) => packed.length <= LONGEST;

/** @param {CompressionStream | DecompressionStream} stream @param {Uint8Array} bytes @param {number} most what comes out */
async function through(stream, bytes, most) {
  const writer = stream.writable.getWriter(), parts = [];
  const written = writer.write(/** @type {any} */ (bytes)).then(() => writer.close()).catch(() => {}); // the reader tells what is wrong
  let length = 0;
  for (const reader = stream.readable.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      throw new Error("this is no case");
    }
    parts.push(value);
  }
  await written;
  const all = new Uint8Array(length);
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
