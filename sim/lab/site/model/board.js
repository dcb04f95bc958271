// @ts-check
/** The board of the class in the teacher's page: the round, and who answered what. Without a server it works as well, with codes. */

const KEPT = "who-stays board", SELF = "who-stays nickname";
/** Whether the address says that there is a board to ask: a page on another host asks nothing. */
export const ASKS = typeof location !== "undefined" && new URLSearchParams(location.search).has("class");

/** What this tab remembers until it is closed; where a browser stores nothing, as long as the page is open. @type {Record<string, string>} */
const here = {};

/** @param {string} name @returns {any} */
function read(name) {
  try { return JSON.parse(sessionStorage.getItem(name) ?? here[name] ?? "null"); } catch { return JSON.parse(here[name] ?? "null"); }
}

/** @param {string} name @param {any} value */
function write(name, value) {
  here[name] = JSON.stringify(value);
  try { sessionStorage.setItem(name, here[name]); } catch { /* then `here` has it */ }
}

/** Seeds of a class that plays the game: one for each student. */
export const SEEDS = 28;

/** @typedef {import("./codes.js").Round} Round */
/** @typedef {{ nickname: string, answer: string, typed?: boolean }} Answer */

/**
 * Ask the board, or send it something.
 * @param {string} path @param {any} [content] @returns {Promise<any>} what it says; `refused` has the reason of a refusal
 */
export async function call(path, content) {
  const how = content ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content) } : {};
  try {
    const response = await fetch(`board/${path}`, { cache: "no-store", ...how });
    return response.headers.get("content-type")?.includes("json") ? await response.json() : { refused: response.status === 404 ? "missing" : "content" };
  } catch { return { refused: "unreachable" }; }
}

/** The page on which a round is answered, as changes of the state. @param {Round} round @returns {any} */
export function pageOf({ kind, about, story, seed, seeds }) {
  if (kind === "activity") return { room: "learn", activity: about, guess: "" };
  return kind === "first" ? { room: "first", story, b: about, seed, guess: "p" } : { room: "convene", story, seed, of: seeds, nth: 0, decisions: "" };
}

/** The round that the page of a student answers, or null. @param {import("../state.js").State} state @returns {Round | null} */
export function roundOf({ room, activity, story, b, seed, of }) {
  if (room === "learn" && activity) return { kind: "activity", about: activity, story: "", seed: 0, seeds: 1 };
  if (room === "first") return { kind: "first", about: b, story, seed, seeds: 1 };
  return room === "convene" && of ? { kind: "game", about: "", story, seed, seeds: of } : null;
}

export class Board {
  constructor() {
    /** @type {Round | null} */
    this.round = null;
    /** By what games rank. */
    this.by = "";
    this.number = 0;
    this.revealed = false;
    this.open = false;
    /** Whether only those who are there may still send. */
    this.frozen = false;
    this.teacher = !ASKS;
    this.shared = "";
    /** Why the board does not answer, or "". */
    this.problem = "";
    /** @type {Answer[]} */
    this.sent = [];
    /** @type {Answer[]} those that the teacher typed */
    this.typed = [];
    const kept = read(KEPT);
    if (kept && !ASKS) Object.assign(this, kept);
    else if (kept) [this.typed, this.number, this.by] = [kept.typed, kept.number, kept.by];
  }

  /** All answers; one that was typed takes the place of one that was sent under the same nickname. */
  get answers() {
    const typed = new Set(this.typed.map(({ nickname }) => nickname.toLowerCase()));
    return [...this.sent.filter(({ nickname }) => !typed.has(nickname.toLowerCase())), ...this.typed];
  }

  /** Ask the server how things stand. */
  async ask() {
    if (!ASKS) return;
    const known = await call("round");
    this.problem = known.refused ?? "";
    if (this.problem) return;
    if (known.number !== this.number) [this.typed, this.sent] = [[], []];
    Object.assign(this, { round: known.round, number: known.number, revealed: known.revealed, teacher: known.teacher ?? false, open: known.open ?? true, frozen: known.frozen ?? false, shared: known.shared ?? "" });
    const seen = known.visible ? await call("answers") : { answers: [] };
    if (seen.answers && (seen.number ?? this.number) === this.number) this.sent = seen.answers;
    this.keep();
  }

  /** Begin a round, or begin the same one again without answers. @param {Round | null} round */
  async begin(round) {
    if (ASKS) await this.manage(round ? { do: "begin", ...round } : { do: "end" });
    else Object.assign(this, { round, revealed: false, typed: [], number: this.number + 1 });
    this.keep();
  }

  async reveal() {
    if (ASKS) await this.manage({ do: "reveal" });
    else this.revealed = true;
    this.keep();
  }

  /** @param {string} nickname */
  async remove(nickname) {
    this.typed = this.typed.filter((one) => one.nickname !== nickname);
    if (ASKS) await this.manage({ do: "remove", nickname });
    this.keep();
  }

  /** Let the others see the answers, or not. @param {boolean} yes */
  async show(yes) { await this.manage({ do: yes ? "open" : "close" }); }

  /** Take no new nicknames, or take them again. @param {boolean} yes */
  async freeze(yes) { await this.manage({ do: yes ? "freeze" : "admit" }); }

  /** @param {string} nickname @param {string} answer */
  add(nickname, answer) {
    this.typed = [...this.typed.filter((one) => one.nickname.toLowerCase() !== nickname.toLowerCase()), { nickname, answer, typed: true }];
    this.keep();
  }

  /** @param {any} content */
  async manage(content) {
    const { refused } = await call("manage", content);
    await this.ask();
    if (refused) this.problem = refused;
  }

  /** Keep it for a page that is loaded again, until the tab is closed. */
  keep() { write(KEPT, { round: this.round, number: this.number, revealed: this.revealed, by: this.by, typed: this.typed }); }
}

/** Which of the seeds of the class this page plays: that of the address, or else the student's own. @param {import("../state.js").State} state */
export const nthOf = ({ of, nth }) => (of ? nth || 1 + (student().number % of) : 0);

/** The seed that this page plays. @param {import("../state.js").State} state */
export const seedOf = (state) => (state.of ? state.seed + ((nthOf(state) - 1) % state.of) : state.seed);

/** The student of this page, for the session only. @returns {{ nickname: string, number: number, token: string }} */
export function student() {
  return read(SELF) ?? { nickname: "", number: 0, token: "" };
}

/** Keep a nickname; the first one draws the student's own seed of the class. @param {string} nickname @param {(text: string) => number} hash */
export function named(nickname, hash) {
  const before = student(), token = before.token || Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join("");
  const self = { nickname, number: before.token ? before.number : hash(nickname.toLowerCase()), token };
  write(SELF, self);
  return self;
}
