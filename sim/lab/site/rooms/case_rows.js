// @ts-check
/** Rows to edit: a table on a wide page, cards on a narrow one; a problem stands beside its field. */
import { h } from "../ui/dom.js";

/**
 * @param {any} app
 * @param {{ list: string, label: string, columns: { name: string, label: string, more?: boolean }[], field: (column: string, row: any, named: string) => HTMLElement,
 *   uses?: (column: string, row: any) => boolean, who: (row: any, k: number) => string, changed: (column: string) => void, remove: (k: number) => void, pasted?: (text: string) => boolean }} what
 */
export function makeRows(app, { list, label, columns, field, uses = () => true, who, changed, remove, pasted = () => false }) {
  const { words } = app, body = h("tbody");
  const element = h("table", { class: "rows" }, h("caption", { class: "unseen" }, label), h("thead", {}, h("tr", {},
    columns.map((column) => h("th", { scope: "col", class: column.more ? "more" : null }, column.label)), h("th", {}, h("span", { class: "unseen" }, words.say("case/remove", { name: "" }))))), body);
  /** @type {Map<string, { input: HTMLElement, told: HTMLElement }>} */
  const cells = new Map();

  /** @param {any} row @param {number} k */
  function drawRow(row, k) {
    return h("tr", {}, columns.map(({ name, label: title, more }) => {
      if (!uses(name, row)) return h("td", { class: `unused${more ? " more" : ""}` });
      const input = field(name, row, `${title}: ${who(row, k)}`), told = h("p", { class: "problem", id: `${list}-${k}-${name}`, hidden: true });
      input.addEventListener("input", () => { row[name] = /** @type {HTMLInputElement} */ (input).value; changed(name); });
      input.addEventListener("paste", (/** @type {any} */ event) => {
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (/[\t\n]/.test(text.trim()) && pasted(text)) event.preventDefault();
      });
      cells.set(`${k}/${name}`, { input, told });
      return h("td", { "data-label": title, "data-column": name, class: more ? "more" : null }, input, told);
    }), h("td", { class: "out" }, h("button", { type: "button", "aria-label": words.say("case/remove", { name: who(row, k) }), on: { click: () => remove(k) } }, "×")));
  }

  /** @param {any[]} rows */
  function draw(rows) {
    cells.clear();
    element.hidden = !rows.length;
    body.replaceChildren(...rows.map(drawRow));
  }

  /** @param {import("../model/case.js").Problem[]} problems @param {import("../model/case.js").Problem[]} [notes] of what has no effect */
  function tell(problems, notes = []) {
    const [wrong, noted] = [problems, notes].map((all) => new Map(all.filter((one) => one.list === list).map((one) => [`${one.row}/${one.column}`, one])));
    for (const [key, { input, told }] of cells) {
      const problem = wrong.get(key), one = problem ?? noted.get(key);
      told.hidden = !one;
      told.className = problem ? "problem" : "problem noted";
      told.textContent = one ? words.say(`case/${problem ? "problem" : "note"}/${one.code}`, one.values) : "";
      if (problem) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (one) input.setAttribute("aria-describedby", told.id);
      else input.removeAttribute("aria-describedby");
    }
  }

  return { element, draw, tell, focus: (/** @type {number} */ k, /** @type {string} */ column) => cells.get(`${k}/${column}`)?.input.focus() };
}
