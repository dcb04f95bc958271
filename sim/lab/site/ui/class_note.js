// @ts-check
/** A student's page hears from the board which round is open, and shows the way there. */
import { call, pageOf, roundOf } from "../model/board.js";
import { nameOf } from "../model/codes.js";
import { h } from "./dom.js";

const EVERY = 4000; // ms

/** Ask the board now and then, as long as the page is open. @param {any} app */
export async function join(app) {
  const came = !location.hash;
  app.classroom = { round: null, number: 0, revealed: false };
  await ask(app);
  const { round } = app.classroom;
  if (came && round) { await app.go(pageOf(round), { replace: true }); note(app); }
  setInterval(() => { if (!document.hidden) ask(app); }, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(app); });
}

/** @param {any} app */
async function ask(app) {
  const known = await call("round"), before = JSON.stringify(app.classroom);
  if (!known.refused) app.classroom = { round: known.round, number: known.number, revealed: known.revealed };
  note(app);
  if (JSON.stringify(app.classroom) !== before) document.dispatchEvent(new Event("class"));
}

/** Show the way to the round, unless it is the page that is open or was put away. @param {any} app */
function note(app) {
  const { words, state, classroom: { round, number } } = app, here = roundOf(state), before = document.getElementById("class-note");
  const there = !round || (here && nameOf(here) === nameOf(round)) || ["board", "teach"].includes(state.room) || app.put_away === number;
  if (there) return void before?.remove();
  if (before?.dataset.number === `${number} ${words.language}`) return;
  before?.remove();
  const away = () => { app.put_away = number; element.remove(); };
  const element = h("p", { class: "note", id: "class-note", role: "alert", "data-number": `${number} ${words.language}` }, h("span", {}, words.say(`class/now/${round.kind}`)),
    h("button", { type: "button", class: "primary", on: { click: () => { away(); app.go(pageOf(round)); } } }, words.say("class/go")), h("button", { type: "button", on: { click: away } }, words.say("shell/close")));
  app.main.before(element);
}
