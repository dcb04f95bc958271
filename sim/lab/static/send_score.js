// Sending a finished game to the class board, if there is one for its seed.

import { language, message } from "./messages.js";

const element = (id) => document.getElementById(id);
let game = null;

export async function offerBoard(round) {
  const form = element("send"), { scenario, seed } = document.getElementById("convene").dataset;
  game = { scenario, seed: Number(seed), decisions: round.tokens };
  const board = await fetch("/board/run").then((answer) => answer.json()).catch(() => ({})); // the game goes on without one
  form.hidden = !(board.collects && board.scenario === scenario && board.seed === game.seed);
  element("see").hidden = !board.visible;
}

element("send").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  let text;
  try {
    const body = JSON.stringify({ ...game, nickname: element("nickname").value });
    const answer = await fetch("/board/scores", { method: "POST", headers: { "content-type": "application/json" }, body });
    const data = await answer.json();
    button.disabled = !data.refused;
    text = data.refused ? message(`refused.${data.refused}`) : message("sent", {
      retention: data.retention_rank, society: data.society_value_rank, of: data.of,
      kept: (100 * data.retention).toFixed(0), value: data.society_value.toLocaleString(language, { maximumFractionDigits: 1 }),
    });
  } catch {
    button.disabled = false;
    text = message("away");
  }
  element("sent").textContent = text;
  element("status").textContent = text;
});
