// @ts-check
/** Opens the page: words, engine, address; then one room at a time. */
import { inRoom, readState, writeState } from "./state.js";
import { PREVIEW, Source } from "./model/source.js";
import { LANGUAGES, loadWords, ownLanguage } from "./ui/words.js";
import { h } from "./ui/dom.js";
import { asksToEmbed, embed } from "./embed.js";
import { isOneFile, NO_NETWORK } from "./files.js";
import { drawShell } from "./shell.js";

const KEEPS = !isOneFile() && (location.protocol === "https:" || location.hostname === "localhost"); // then the app opens without a network, too
const ANNOUNCE_AFTER = 150; // ms: the status line speaks once when several things change together

/** @type {Record<string, () => Promise<any>>} */
const OPEN = {
  first: () => import("./rooms/first.js"),
  watch: () => import("./rooms/watch.js"),
  explore: () => import("./rooms/explore.js"),
  compare: () => import("./rooms/compare.js"),
  case: () => import("./rooms/case.js"),
  convene: () => import("./rooms/convene.js"),
  learn: () => import("./rooms/learn.js"),
  teach: () => import("./rooms/teach.js"),
  board: () => import("./rooms/board.js"),
};

const CLASS = () => import("./ui/class_note.js"); // only where the address says that there is a class
const CASES = () => import("./model/case_link.js");

/** @type {Set<string>} */
const kept = new Set();

class App {
  constructor() {
    this.main = /** @type {HTMLElement} */ (document.getElementById("main"));
    /** @type {any} */
    this.room = null;
    this.entered = 0;
  }

  async start() {
    /** @type {any} */
    const self = this;
    const language = preferredLanguage(), [, room = ""] = location.hash.match(/^#\/?(\w+)/) ?? [];
    const known = Object.hasOwn(OPEN, room) ? room : "first";
    OPEN[known]().catch(() => {}); // its files come while the words do
    [self.words, self.source] = await Promise.all([loadWords(language).then(waiting), Source.open(known !== "first").then(soon)]);
    self.model = self.source.model;
    if (asksToEmbed(location.search)) embed(this.main);
    addEventListener("popstate", () => this.read());
    await this.read();
    if (new URLSearchParams(location.search).has("class")) await (await CLASS()).join(self);
  }

  /** Read the address and show what it says. */
  async read() {
    const self = /** @type {any} */ (this);
    await openCase(self.source, caseIn(location.hash));
    const { state, problems } = readState(location.hash, self.model, ownLanguage());
    self.problems = problems;
    await this.show(state);
  }

  /**
   * Change the state: a new entry in the history, so that Back undoes it, or none for what is only a moment.
   * @param {Partial<import("./state.js").State>} changes @param {{ replace?: boolean }} [how]
   */
  async go(changes, { replace = false } = {}) {
    const self = /** @type {any} */ (this);
    await openCase(self.source, changes.case ?? "");
    const state = inRoom({ ...self.state, ...changes }, self.model), address = writeState(state, self.model);
    if (address !== location.hash) history[replace ? "replaceState" : "pushState"](null, "", address);
    self.problems = [];
    await this.show(state);
  }

  /** @param {import("./state.js").State} state */
  async show(state) {
    const self = /** @type {any} */ (this), before = self.state, entered = ++this.entered;
    if (self.words.language !== state.language) self.words = await loadWords(state.language);
    if (entered !== this.entered) return;
    self.state = state;
    const moved = !this.room || before.room !== state.room || before.language !== state.language;
    drawShell(self);
    if (!moved) return void (await self.room.show(state, before));
    this.room?.close?.();
    this.announce("");
    this.main.dataset.state = "loading";
    const [{ open }] = await Promise.all([OPEN[state.room](), state.room === "case" && self.source.facts()]);
    if (entered !== this.entered) return;
    this.main.replaceChildren();
    this.main.className = `room ${state.room === "teach" ? "learn teach" : state.room === "board" ? "board learn" : state.room}`;
    self.room = open(this.main, self);
    await self.room.show(state, null);
    if (before) /** @type {HTMLElement} */ (this.main.querySelector("h1") ?? this.main).focus({ preventScroll: true });
    this.main.scrollTop = 0;
  }

  /** Tell whether the room has settled, for those who wait for it. @param {boolean} done */
  settle(done) {
    this.main.dataset.state = done ? "settled" : "working";
    if (done) keepStory(/** @type {any} */ (this).state.story);
  }

  /** Say something to those who listen to the page. @param {string} text */
  announce(text) {
    const self = /** @type {any} */ (this);
    clearTimeout(self.announcing);
    self.announcing = setTimeout(() => { /** @type {HTMLElement} */ (document.getElementById("status")).textContent = text; }, ANNOUNCE_AFTER);
  }

  /** The address of what is shown now, to hand out. */
  link() {
    const self = /** @type {any} */ (this);
    const inClass = new URLSearchParams(location.search).has("class") ? "?class" : ""; // nothing else: a platform adds who the reader is
    return location.href.replace(/[?#].*/, "") + inClass + writeState(self.state, self.model, true);
  }

  /** How to save everything for use without a network; null where a browser or an address does not allow it. */
  get saving() { return KEEPS && navigator.serviceWorker ? () => keep("") : null; }

  /** @param {string} id */
  strategy(id) {
    const self = /** @type {any} */ (this);
    return self.words.label(`strategy/${id}/name`, id);
  }

  /** A strategy as a condition: with a strategic pause; if nobody does anything. @param {string} id */
  withStrategy(id) {
    const { words } = /** @type {any} */ (this);
    return words.label(`strategy/${id}/when`, words.say("strategy/with", { name: id }));
  }
}

function preferredLanguage() {
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "").get("lang");
  return asked && Object.hasOwn(LANGUAGES, asked) ? asked : ownLanguage();
}

/** Ask for patience in the reader's language as soon as its words are there. @param {import("./ui/words.js").Words} words */
function waiting(words) {
  const text = document.querySelector("main > .wait");
  document.documentElement.lang = words.language;
  if (text) text.textContent = words.say("shell/loading");
  return words;
}

/** The case of the reader's own in an address. @param {string} hash */
const caseIn = (hash) => new URLSearchParams(hash.split("?")[1] ?? "").get("case") ?? "";

/** Open a case of the reader's own, if there is one. @param {Source} source @param {string} text */
async function openCase(source, text) {
  if (text) await (await CASES()).openCase(source, text);
}

/** Let the engine prepare what the address asks for, before there is a room to show it. @param {Source} source */
function soon(source) {
  const { room, story, a, b, values } = readState(location.hash, source.model, "en").state;
  if (["first", "learn", "teach", "board", "case"].includes(room) || caseIn(location.hash)) return source;
  const shown = room === "explore" ? [b] : room === "convene" ? ["by_hand"] : [a, b];
  const how = room === "convene" ? [true, false] : [room === "watch"];
  if (room === "explore" || room === "compare") for (const policy of shown) source.runs({ story, policy, values }, PREVIEW).catch(() => {});
  source.engine.prepare?.(how.flatMap((watch) => shown.map((policy) => ({ story, policy, watch }))));
  return source;
}

/** Once a story is seen, what the engine needs for it is saved for when there is no network; for an installed app, all is. @param {string} story */
function keepStory(story) {
  const what = matchMedia("(display-mode: standalone)").matches ? "" : story;
  if (kept.has(what) || !KEEPS) return;
  kept.add(what);
  keep(what).catch(() => {});
}

/** Save what a story needs without a network, or all stories. @param {string} story or "" for all @returns {Promise<boolean>} whether it is saved */
async function keep(story) {
  const { active } = await navigator.serviceWorker.ready, { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === "kept");
    active?.postMessage({ keep: story }, [port2]);
  });
}

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  const main = /** @type {HTMLElement} */ (document.getElementById("main")), text = error instanceof Error ? error.message : String(error), { words } = /** @type {any} */ (app), told = (text === NO_NETWORK && words?.say("failure/network")) || text;
  main.dataset.state = "failed";
  main.replaceChildren(h("div", { class: "failure" }, h("h1", { tabindex: "-1" }, words?.say("failure/title") ?? "The app cannot show this."), h("p", {}, told),
    h("a", { class: "button", href: "#first", on: { click: () => setTimeout(() => location.reload()) } }, words?.say("failure/back") ?? "Back to the start")));
}

const app = new App();
addEventListener("unhandledrejection", (event) => { if (event.reason?.name !== "AbortError") fail(event.reason); });
app.start().catch(fail);
if (KEEPS) navigator.serviceWorker?.register("offline.js").catch(() => {});
