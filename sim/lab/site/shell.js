// @ts-check
/** The frame around every room: the name, the way to each room, and how the page looks. */
import { ROOMS, writeState } from "./state.js";
import { platform } from "./embed.js";
import { isOneFile } from "./files.js";
import { choices, h, icon, s, select } from "./ui/dom.js";
import { qrCode } from "./ui/qr.js";
import { LANGUAGES } from "./ui/words.js";

const SIGNS = {
  first: "M12 3v4M12 17v4M3 12h4M17 12h4M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  watch: "M2 12c4-7 16-7 20 0-4 7-16 7-20 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  explore: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
  case: "M4 6h11M4 12h8M4 18h8M18 12v8M14 16h8",
  compare: "M3 6c8 0 9 11 18 11M3 6c7 0 11 3 18 3",
  convene: "M12 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM5 20c0-9 14-9 14 0",
  learn: "M12 6C9 4 6 4 3 4v14c3 0 6 0 9 2 3-2 6-2 9-2V4c-3 0-6 0-9 2v14",
};
/** What a way into a room leaves behind. */
const FRESH = { month: 0, guess: "", activity: "" };
const SLIDERS = "M4 8h10M18 8h2M16 6v4M4 16h2M10 16h10M8 14v4";

/** @param {any} app */
export function drawShell(app) {
  const { words, state, model } = app, say = words.say.bind(words);
  document.documentElement.lang = state.language;
  document.title = `${say(`room/${state.room}`)} · ${say("title")}`;
  const rooms = /** @type {HTMLElement} */ (document.getElementById("rooms"));
  rooms.setAttribute("aria-label", say("shell/rooms"));
  rooms.replaceChildren(h("ul", {}, ROOMS.filter((room) => room !== "case" || model.own_case).map((room) => h("li", {}, h("a", {
    href: writeState({ ...state, room, ...FRESH }, model), "aria-current": room === state.room ? "page" : null,
    on: { click: (/** @type {MouseEvent} */ event) => follow(event, () => app.go({ room, ...FRESH })) },
  }, icon(/** @type {any} */ (SIGNS)[room]), say(`room/${room}`))))));
  /** @type {HTMLElement} */ (document.getElementById("skip")).textContent = say("shell/skip");
  const bar = /** @type {HTMLElement} */ (document.getElementById("bar"));
  if (bar.dataset.language !== state.language) drawBar(bar, app);
  drawNote(app);
}

/** Let a plain click change the state; with a key pressed it opens another tab, as links do. @param {MouseEvent} event @param {() => void} go */
export function follow(event, go) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go();
}

/** The sign of icon.svg, drawn here: a picture from a file takes a slow phone long. */
const brand = () => s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" },
  s("circle", { cx: 12, cy: 12, r: 10, fill: "#faf9f6", stroke: "#443fb0", "stroke-width": 2 }), s("circle", { cx: 12, cy: 5.5, r: 2, fill: "#1f5fa8" }),
  s("rect", { x: 16, y: 10, width: 4, height: 4, fill: "#e69f00" }), s("path", { d: "m12 16 2.500 4.300h-5z", fill: "#3f8f5f" }),
  s("path", { d: "m6 9.500 2.500 2.500L6 14.500 3.500 12z", fill: "#a3376b" }), s("circle", { cx: 12, cy: 12, r: 2.6, fill: "#0284a8" }));

/** @param {HTMLElement} bar @param {any} app */
function drawBar(bar, app) {
  const { words } = app, say = words.say.bind(words);
  bar.dataset.language = app.state.language;
  const sheet = h("div", { class: "sheet", id: "view-sheet", hidden: true });
  const button = h("button", { type: "button", "aria-expanded": "false", "aria-controls": "view-sheet" }, icon(SLIDERS), h("span", {}, say("shell/view")));
  const open = (/** @type {boolean} */ yes) => {
    sheet.hidden = !yes;
    button.setAttribute("aria-expanded", String(yes));
    if (yes) fillSheet(sheet, app);
  };
  button.addEventListener("click", () => open(sheet.hidden));
  const view = h("div", { class: "view" }, button, sheet);
  view.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape" && !sheet.hidden) { open(false); button.focus(); } });
  document.addEventListener("pointerdown", (event) => { if (!view.contains(/** @type {Node} */ (event.target))) open(false); });
  bar.replaceChildren(h("a", { class: "brand", href: "#first", on: { click: (/** @type {MouseEvent} */ event) => follow(event, () => app.go({ room: "first", guess: "" })) } },
    brand(), h("span", {}, say("title"))), view);
}

/** @param {HTMLElement} sheet @param {any} app */
function fillSheet(sheet, app) {
  const { words } = app, say = words.say.bind(words), { appearance } = /** @type {any} */ (window);
  const look = (/** @type {string} */ name, /** @type {string[]} */ options) => choices({
    label: say(`shell/${name}/label`), options: options.map((id) => [id, say(`shell/${name}/${id}`)]), chosen: appearance.read(name, options[0]),
    choose: (id) => { appearance.set(name, id); fillSheet(sheet, app); },
  });
  const field = (/** @type {string} */ label, /** @type {Node} */ inside) => h("fieldset", {}, h("legend", {}, label), inside);
  const link = h("input", { class: "link", readonly: true, value: app.link(), "aria-label": say("shell/link"), on: { focus: () => link.select() } });
  const copy = h("button", { type: "button", on: { click: async () => {
    try {
      await navigator.clipboard.writeText(link.value);
      app.announce(copy.textContent = say("shell/copied"));
    } catch { link.select(); app.announce(copy.textContent = say("shell/copy_self")); }
  } } }, say("shell/copy"));
  sheet.replaceChildren(...[
    field(say("shell/language"), select({ label: say("shell/language"), options: Object.entries(LANGUAGES), chosen: app.state.language, hidden: true, choose: (language) => app.go({ language }) })),
    field(say("shell/theme/label"), look("theme", ["auto", "light", "dark"])),
    field(say("shell/scale/label"), look("scale", ["normal", "large"])),
    field(say("shell/link"), h("div", {}, link, copy, isOneFile() ? h("p", { class: "small" }, say("shell/one_file")) : qrCode(app.link(), say("shell/qr")))),
    h("button", { type: "button", on: { click: () => print() } }, say("shell/print")),
    app.saving && h("button", { type: "button", on: { click: async (/** @type {any} */ event) => {
      const { target } = event;
      target.textContent = say("shell/saving");
      app.announce(target.textContent = say(await app.saving() ? "shell/saved" : "shell/not_saved"));
    } } }, say("shell/save")),
    h("p", { class: "small" }, say("shell/honest", { version: app.model.version, digest: String(app.model.digest).slice(0, 8) }), platform() && ` ${say("shell/sends", { host: new URL(platform()).host })}`),
  ].filter(Boolean));
}

/** What the address asked for and could not be shown; and whether it was made with another version of the model. @param {any} app */
function drawNote(app) {
  const { words, state, problems, model } = app;
  document.getElementById("note")?.remove();
  const other = state.made && state.made !== String(model.digest).slice(0, 8);
  if (!problems.length && !other) return;
  const text = problems.length ? words.say("shell/problem", { what: words.list(problems) }) : words.say("shell/other_model");
  const note = h("p", { class: "note", id: "note", role: "alert" }, h("span", {}, text), h("button", { type: "button", on: { click: () => note.remove() } }, words.say("shell/close")));
  queueMicrotask(() => app.main.before(note));
}
