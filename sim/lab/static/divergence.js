// Where the two runs of the watched seed first differ, in sentences, with jumps to those months.

import { html } from "./draw.js";
import { message } from "./messages.js";

const element = (id) => document.getElementById(id);

export function wireDivergence(go) {
  const button = element("first-difference");
  let first = null;
  button.addEventListener("click", () => go(first));

  return {
    clear() { button.disabled = true; },
    show({ places, later, without }) {
      first = places[0].month;
      button.disabled = first === null;
      element("places").replaceChildren(...places.map(placeItem));
      element("later").textContent = later;
      element("without").replaceChildren(...without.map((texts) => list(texts)));
    },
  };

  function placeItem({ month, text }) {
    const item = html("li");
    if (month !== null) {
      const jump = html("button", { type: "button", class: "jump" }, message("jump", { month }));
      jump.addEventListener("click", () => go(month));
      item.append(jump, " ");
    }
    item.append(text);
    return item;
  }
}

function list(texts) {
  const made = html("ul");
  made.append(...texts.map((sentence) => html("li", {}, sentence)));
  return made;
}
