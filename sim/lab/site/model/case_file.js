// @ts-check
/** A case as the file that the command line reads, and rosters as tables; and back. */
import { COLUMNS, EVENT_COLUMNS, rowOf } from "./case.js";
import { isMissing, plainWord, sectorIn } from "./case_cells.js";
import { readYaml, Unreadable } from "./yaml.js";

/** @typedef {import("./case.js").Draft} Draft @typedef {import("./yaml.js").Node} Node */

export const LONGEST_FILE = 200_000;
const MOST_ROWS = 1000;
const NOTHING = /^(null|Null|NULL|~|)$/, INTEGER = /^[-+]?[0-9]+$/, OTHER = /^(0o[0-7]+|0x[0-9a-fA-F]+|true|True|TRUE|false|False|FALSE|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;

const MARKS = { "utf-16le": [0xff, 0xfe], "utf-16be": [0xfe, 0xff] };

/** The text of a file and its encoding: UTF-16 by its mark, UTF-8 if it is that without a fault, or else Windows-1252. @param {Uint8Array} bytes */
export function textOf(bytes) {
  const marked = Object.entries(MARKS).find(([, mark]) => mark.every((byte, k) => bytes[k] === byte))?.[0];
  for (const encoding of marked ? [marked] : ["utf-8", "windows-1252"]) {
    try { return { encoding, text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }; } catch { /* the next one */ }
  }
  throw new Unreadable("encoding", 1);
}

/** Write a case, for the command line and for this page. @param {import("./case.js").Case} found @param {string} comment */
export function writeFile({ title, base, start, now, members, events }, comment) {
  const quoted = (/** @type {unknown} */ value) => (typeof value === "string" ? JSON.stringify(value) : String(value));
  const row = (/** @type {[string, unknown][]} */ pairs) => `  - { ${pairs.filter(([, value]) => value !== null && value !== "").map(([key, value]) => `${key}: ${key === "kind" || key === "sector" ? value : quoted(value)}`).join(", ")} }`;
  const said = (/** @type {any} */ one, /** @type {string[]} */ columns) => /** @type {[string, unknown][]} */ (columns.map((name) => [name, name === "joins" && one.joins === 0 ? null : one[name]]));
  return [
    `# ${comment}`, `title: ${quoted(title)}`, `scenario: ${base}`, ...(start ? [`start: ${quoted(start)}`] : []), ...(now ? [`now: ${now}`] : []),
    "members:", ...members.map((one) => row(said(one, COLUMNS))),
    ...(events.length ? ["events:", ...events.map((one) => row(said(one, EVENT_COLUMNS)))] : []), "",
  ].join("\n");
}

/** Read a case from such a file. @param {string} text @param {any} facts @param {string} title if it says none @returns {Draft} */
export function readFile(text, facts, title) {
  if (text.length > LONGEST_FILE) throw new Unreadable("long", 1, { most: LONGEST_FILE / 1000 });
  const top = readYaml(text);
  if (!top?.map) throw new Unreadable("no_case", 1);
  /** @type {Draft} */
  const draft = { title, base: "neutral", start: "", now: "", members: [], events: [] };
  for (const [key, node] of top.map) {
    if (key === "title") draft.title = nameOf(node);
    else if (key === "scenario") {
      draft.base = nameOf(node);
      if (!Object.hasOwn(facts.bases, draft.base)) throw new Unreadable("scenario", node.line, { text: draft.base.slice(0, 40) });
    } else if (key === "start" && !node.map) draft.start = nameOf(node);
    else if (key === "now") draft.now = amountOf(node);
    else if (key === "members") draft.members = membersOf(node, facts);
    else if (key === "events") draft.events = rowsOf(node, EVENT_COLUMNS, "events");
    else throw new Unreadable("key", node.line, { key: key.slice(0, 40) });
  }
  if (!draft.members.length) throw new Unreadable("no_members", 1);
  return draft;
}

/** A text, which quotes protect from being read as something else. @param {Node} node */
function nameOf({ text, plain, line }) {
  if (text === undefined) throw new Unreadable("value", line);
  if (!plain) return text;
  if (NOTHING.test(text)) return "";
  if (INTEGER.test(text)) return String(BigInt(text.replace("+", "")));
  if (OTHER.test(text)) throw new Unreadable("in_quotes", line, { text: text.slice(0, 40) });
  return text;
}

/** A number, or a text that holds one. @param {Node} node */
function amountOf({ text, plain, line }) {
  if (text === undefined) throw new Unreadable("value", line);
  if (plain && NOTHING.test(text)) return "";
  return plain && OTHER.test(text) && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}

/** @param {Node} node @param {string[]} columns @param {string} what */
function rowsOf(node, columns, what) {
  if (node.plain && node.text === "") return [];
  if (!node.list) throw new Unreadable("rows", node.line, { key: what });
  if (node.list.length > MOST_ROWS) throw new Unreadable("many_rows", node.line, { n: node.list.length });
  return node.list.map((row) => {
    if (!row.map) throw new Unreadable("row", row.line);
    for (const [key, { line }] of row.map) if (!columns.includes(key)) throw new Unreadable("column", line, { key: key.slice(0, 40) });
    return rowOf(columns, Object.fromEntries([...row.map].map(([key, value]) => [key, ["name", "sector", "segment", "kind", "member"].includes(key) ? nameOf(value) : amountOf(value)])));
  });
}

/** Rows, or how many each sector has. @param {Node} node @param {any} facts */
function membersOf(node, facts) {
  if (node.text) throw new Unreadable("members_file", node.line, { text: node.text.slice(0, 40) });
  if (!node.map) return rowsOf(node, COLUMNS, "members");
  return [...node.map].flatMap(([sector, { text = "", line }]) => {
    if (!facts.sectors.includes(sector) || !/^\d{1,3}$/.test(text)) throw new Unreadable("count", line, { key: sector.slice(0, 40) });
    return Array.from({ length: Number(text) }, (_, k) => rowOf(COLUMNS, { name: `${sector[0].toUpperCase()}${sector.slice(1)} ${k + 1}`, sector }));
  });
}

/** Read a roster from a table: commas, semicolons or tabs; without a first row of names, the columns are name and sector. @param {string} text @param {any} facts */
export function readTable(text, facts) {
  if (text.length > LONGEST_FILE) throw new Unreadable("long", 1, { most: LONGEST_FILE / 1000 });
  const bare = text.replace(/^\ufeff/, ""), [first] = bare.split(/\r?\n/, 1), sign = ["\t", ";", ","].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), "\t");
  const lines = cellsOf(bare, sign).filter(({ cells }) => cells.some((/** @type {string} */ cell) => cell.trim()));
  if (lines.length > MOST_ROWS) throw new Unreadable("many_rows", 1, { n: lines.length });
  const head = lines[0]?.cells.map((/** @type {string} */ cell) => columnOf(cell, facts)) ?? [], headed = head.includes("name") && head.includes("sector");
  if (!headed && !(lines[0]?.cells.length > 1 && !sectorIn(lines[0].cells[1], facts).fault)) throw new Unreadable("no_columns", 1);
  const columns = headed ? head : COLUMNS;
  const rows = (headed ? lines.slice(1) : lines).map(({ cells }) => rowOf(COLUMNS, Object.fromEntries(cells.flatMap((cell, k) => (columns[k] && columns.indexOf(columns[k]) === k ? [[columns[k], cell.trim()]] : [])))));
  return rows.filter(({ name, sector }) => !(facts.totals.includes(plainWord(name)) && (isMissing(sector, facts) || !/\p{L}/u.test(sector))));
}

/** @param {string} header @param {any} facts */
function columnOf(header, facts) {
  const bare = header.trim().toLowerCase().replaceAll(" ", "_"), plain = plainWord(header);
  return COLUMNS.includes(bare) ? bare : Object.hasOwn(facts.headers, plain) ? facts.headers[plain] : "";
}

/** @param {string} text @param {string} sign */
function cellsOf(text, sign) {
  /** @type {{ cells: string[], line: number }[]} */
  const lines = [];
  let cells = /** @type {string[]} */ ([]), cell = "", quoted = false, line = 1, begin = 1;
  const end = () => { lines.push({ cells: [...cells, cell], line: begin }); [cells, cell] = [[], ""]; };
  for (let k = 0; k < text.length; k++) {
    const one = text[k];
    if (one === "\n") line++;
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[k + 1] === '"') cell += text[++k];
      else quoted = false;
    } else if (one === '"' && cell.trim() === "") [quoted, cell, begin] = [true, "", cells.length ? begin : line];
    else if (one === sign) { cells.push(cell); cell = ""; }
    else if (one === "\n") { end(); begin = line; }
    else if (one !== "\r") cell += one;
  }
  if (quoted) throw new Unreadable("quote", begin);
  end();
  return lines;
}
