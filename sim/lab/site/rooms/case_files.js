// @ts-check
/** A case comes from a file or from rows that are pasted, and goes into a file; nothing leaves this device. */
import { LONGEST_FILE, readFile, readTable, textOf, writeFile } from "../model/case_file.js";
import { Unreadable } from "../model/yaml.js";
import { h } from "../ui/dom.js";

const NAME = "my_case.yaml", IS_TABLE = /\.(csv|tsv|txt)$/i, IS_CASE = /^\s*(#.*\n\s*)*(---\s*\n\s*)?(title|scenario|now|members|events)\s*:/;

/** @param {any} app @param {any} facts @param {{ open: (draft: import("../model/case.js").Draft) => void, rows: (rows: any[], add: boolean) => void, found: () => any }} what */
export function makeFiles(app, facts, { open, rows, found }) {
  const { words } = app, say = words.say.bind(words), told = h("p", { class: "problem", role: "alert", hidden: true }), noted = h("p", { class: "noted", role: "status", hidden: true });
  const file = h("input", { type: "file", accept: ".yaml,.yml,.csv,.tsv,.txt", hidden: true, on: { change: () => choose(file.files[0]) } });
  const area = h("textarea", { rows: 5, spellcheck: "false", "aria-label": say("case/paste_label"), placeholder: "Brand A; company\nUtrecht; municipality" });
  const button = (/** @type {string} */ name, /** @type {() => void} */ click) => h("button", { type: "button", on: { click } }, say(`case/${name}`));
  const pasting = h("div", { class: "pasting", id: "case-pasting", hidden: true }, h("p", { class: "small" }, say("case/paste_label")), area, h("div", { class: "actions" }, button("paste_add", () => paste(true)), button("paste_replace", () => paste(false))));
  const pastes = h("button", { type: "button", class: "strong", "aria-expanded": "false", "aria-controls": "case-pasting", on: { click: () => unfold(pasting.hidden) } }, say("case/paste"));
  const element = h("div", { class: "files" }, h("div", { class: "actions" }, pastes, button("open", () => file.click()), file, button("save", save)), pasting, told, noted);

  /** Show the place to paste, or hide it. @param {boolean} yes */
  function unfold(yes) {
    pasting.hidden = !yes;
    pastes.setAttribute("aria-expanded", String(yes));
    if (yes) area.focus();
  }

  /** @param {string} text what cannot be read */
  function tell(text) {
    told.hidden = !text;
    told.textContent = text;
    note("");
  }

  /** @param {string} text how it was read */
  function note(text) {
    noted.hidden = !text;
    noted.textContent = text;
  }

  /** Read something; a message says what cannot be read. @param {() => void} read */
  function attempt(read) {
    tell("");
    try { read(); return true; } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const { code, values } = /** @type {any} */ (error);
      tell(say(`case/unreadable/${code}`, values));
      return false;
    }
  }

  /** @param {File | undefined} chosen */
  async function choose(chosen) {
    if (!chosen) return;
    file.value = "";
    if (chosen.size > 4 * LONGEST_FILE) return tell(say("case/unreadable/long", { most: LONGEST_FILE / 1000 }));
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    attempt(() => {
      const { encoding, text } = textOf(bytes);
      read(text, IS_TABLE.test(chosen.name), false);
      if (encoding === "windows-1252") note(say("case/encoding", { encoding: "Windows-1252" }));
    });
  }

  /** @param {string} text @param {boolean} isTable @param {boolean} add */
  function read(text, isTable, add) {
    if (isTable && !IS_CASE.test(text)) rows(readTable(text, facts), add);
    else open(readFile(text, facts, say("case/own")));
  }

  /** @param {string} text @param {boolean} add */
  const take = (text, add) => attempt(() => read(text, true, add));

  /** @param {boolean} add */
  function paste(add) {
    if (!take(area.value, add)) return;
    area.value = "";
    unfold(false);
    pastes.focus();
  }

  function save() {
    const one = found();
    if (!one) return;
    const address = URL.createObjectURL(new Blob([writeFile(one, say("case/comment"))], { type: "application/yaml" }));
    h("a", { href: address, download: NAME }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  return { element, pasted: (/** @type {string} */ text) => take(text, true) };
}
