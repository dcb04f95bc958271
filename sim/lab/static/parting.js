// Where the two lives of the watched world part, in sentences, with jumps to those months.

import { html } from "./draw.js";
import { say } from "./words.js";

const element = (id) => document.getElementById(id);

export function wireParting(go) {
  const button = element("part");
  let first = null;
  button.addEventListener("click", () => go(first));

  return {
    clear() { button.disabled = true; },
    show({ places, followed, without }) {
      first = places[0].month;
      button.disabled = first === null;
      element("places").replaceChildren(...places.map(tellPlace));
      element("followed").textContent = followed;
      element("without").replaceChildren(...without.map((told) => list(told)));
    },
  };

  function tellPlace({ month, told }) {
    const item = html("li");
    if (month !== null) {
      const jump = html("button", { type: "button", class: "jump" }, say("jump", { month }));
      jump.addEventListener("click", () => go(month));
      item.append(jump, " ");
    }
    item.append(told);
    return item;
  }
}

function list(told) {
  const made = html("ul");
  made.append(...told.map((sentence) => html("li", {}, sentence)));
  return made;
}
