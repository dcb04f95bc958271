// @ts-check
/** Making elements: no text becomes markup, and no style is written inline. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Give an element attributes and children. `on` adds listeners, `style` sets custom properties, null leaves out.
 * @template {Element} T
 * @param {T} element
 * @param {Record<string, any>} attributes
 * @param {any[]} children
 * @returns {T}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, /** @type {any} */ (listener));
    else if (name === "style") for (const [property, v] of Object.entries(value)) /** @type {any} */ (element).style.setProperty(property, v);
    else if (name === "value") /** @type {any} */ (element).value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children @returns {any} */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children @returns {any} */
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** A drawn sign of 24 by 24. @param {string} path */
export const icon = (path) => s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: path }));

/**
 * A choice of a few, as buttons of which one is pressed.
 * @param {{ label: string, options: [string, string][], chosen: string, choose: (id: string) => void }} what
 */
export function choices({ label, options, chosen, choose }) {
  const group = h("div", { class: "choices", role: "group", "aria-label": label });
  for (const [id, text] of options)
    group.append(h("button", { type: "button", "data-id": id, "aria-pressed": String(id === chosen), on: { click: () => choose(id) } }, text));
  return group;
}

/** Show which of the choices is pressed. @param {Element} group @param {string} chosen */
export function press(group, chosen) {
  for (const button of group.children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.id === chosen));
}

/**
 * A list to choose from, with a label; over it stands what is chosen, so that a long name goes on in a second line.
 * @param {{ label: string, options: [string, string][], chosen: string, choose: (id: string) => void, hidden?: boolean, mark?: any }} what
 */
export function select({ label, options, chosen, choose, hidden = false, mark = null }) {
  const list = h("select", { on: { change: (/** @type {any} */ event) => { choose(event.target.value); setChosen(element, event.target.value); } } },
    options.map(([id, text]) => h("option", { value: id }, text)));
  const element = h("label", { class: "select" }, mark, h("span", { class: hidden ? "unseen" : "small" }, label), h("span", { class: "list" }, h("span", { class: "chosen", "aria-hidden": "true" }), list));
  setChosen(element, chosen);
  return element;
}

/** Show what is chosen in a list. @param {Element} element that `select` made @param {string} id */
export function setChosen(element, id) {
  const list = /** @type {HTMLSelectElement} */ (element.querySelector("select"));
  list.value = id;
  /** @type {Element} */ (element.querySelector(".chosen")).textContent = list.selectedOptions[0]?.textContent ?? "";
}

/**
 * A table: a caption, the names of the columns, and rows whose first cell is their name.
 * @param {string} caption @param {string[]} columns @param {(string | number)[][]} rows
 */
export function table(caption, columns, rows) {
  return h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(([first, ...cells]) => h("tr", {}, h("th", { scope: "row" }, first), cells.map((cell, k) => h("td", { "data-name": columns[k + 1] }, cell))))));
}

/** Folded text that opens. @param {string} summary @param {...any} children */
export const fold = (summary, ...children) => h("details", {}, h("summary", {}, summary), scrolled(h("div", { class: "folded" }, children)));

/** Let the keyboard reach what scrolls by itself, for as long as it does. @param {any} element */
export function scrolled(element) {
  const show = () => {
    if (element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };
  new ResizeObserver(show).observe(element);
  new MutationObserver(show).observe(element, { childList: true, subtree: true });
  return element;
}
