// Sending a finished game to the class board, where there is one for its world.

import { language, say } from "./words.js";

const element = (id) => document.getElementById(id);
let game = null;

export async function offerBoard(told) {
  const form = element("send"), { scenario, seed } = document.getElementById("convene").dataset;
  game = { scenario, seed: Number(seed), decisions: told.moves };
  const board = await (await fetch("/board/world")).json();
  form.hidden = !(board.collects && board.scenario === scenario && board.seed === game.seed);
  element("see").hidden = !board.seen;
}

element("send").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  let said;
  try {
    const body = JSON.stringify({ ...game, nickname: element("nickname").value });
    const answer = await fetch("/board/scores", { method: "POST", headers: { "content-type": "application/json" }, body });
    const found = await answer.json();
    button.disabled = !found.refused;
    said = found.refused ? say(`refused.${found.refused}`) : say("sent", {
      retention: found.retention_rank, society: found.society_value_rank, of: found.of,
      kept: (100 * found.retention).toFixed(0), value: found.society_value.toLocaleString(language, { maximumFractionDigits: 1 }),
    });
  } catch {
    button.disabled = false;
    said = say("away");
  }
  element("sent").textContent = said;
  element("status").textContent = said;
});
