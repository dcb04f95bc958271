// @ts-check
/** A page around this one learns how high this one is and what a reader has predicted; a learning platform too, if the export allows it. */

const LEAST = 480, REST = 150; // px: a room that fills what there is needs at least this; ms: several changes are told together
const around = typeof window === "undefined" || window.parent === window ? null : window.parent;
/** @type {Set<string>} */
const said = new Set();

/** Show the room alone, and tell how high it is whenever that changes. @param {HTMLElement} main */
export function embed(main) {
  document.documentElement.dataset.embed = "";
  let last = 0, waiting = 0;
  const measure = () => {
    waiting = 0;
    document.body.style.setProperty("height", `${LEAST}px`); // not seen: it is undone before anything is drawn
    const height = Math.max(LEAST, main.scrollHeight);
    document.body.style.removeProperty("height");
    if (height !== last) around?.postMessage({ type: "partnership-size", height: last = height }, "*");
  };
  const later = () => { if (!waiting) waiting = window.setTimeout(measure, REST); };
  new MutationObserver(later).observe(main, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "data-step", "hidden", "open"] });
  new ResizeObserver(later).observe(document.documentElement);
  later();
}

/**
 * Tell, once, what a reader predicted and whether many runs agree.
 * @param {any} app @param {string} activity its name in addresses @param {string} prediction @param {boolean} right
 */
export async function tellDone(app, activity, prediction, right) {
  const key = JSON.stringify([activity, prediction]);
  if (said.has(key)) return;
  said.add(key);
  around?.postMessage({ type: "partnership-done", activity, prediction, right }, "*"); // nothing in it says who
  const host = platform();
  if (host) await (await XAPI()).send(host, app, { activity, prediction, right });
}

/** The host that predictions are sent to, if the export allows one and a learning platform has opened the page; else "". */
export function platform() {
  const allowed = document.querySelector("meta[name=xapi]")?.getAttribute("content") ?? "";
  return new URLSearchParams(location.search).has("endpoint") ? allowed : "";
}

const XAPI = () => import("./xapi.js"); // only where a learning platform has opened the page

/** Whether an address asks for the room alone. @param {string} search */
export const asksToEmbed = (search) => new URLSearchParams(search).has("embed");
