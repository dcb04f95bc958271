// @ts-check
/** Hand in: a student's answer goes to the board of the class, or becomes a code to read out and a file for the teacher. */
import { ASKS, call, named, student } from "../model/board.js";
import { hash, nameOf, writeCode } from "../model/codes.js";
import { fold, h } from "./dom.js";

const LONGEST = 24; // letters of a nickname

/** Ask for a nickname. @param {any} app @param {string} label of the button @param {(self: ReturnType<typeof student>) => void} then */
export function nicknameForm({ words }, label, then) {
  const input = h("input", { id: "nickname", maxlength: LONGEST, required: true, autocomplete: "off", autocapitalize: "words", spellcheck: "false", value: student().nickname });
  return h("form", { class: "nickname", on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); if (input.value.trim()) then(named(input.value.trim(), hash)); } } },
    h("label", { for: "nickname" }, words.say("class/nickname")), input, h("button", { type: "submit", class: "primary" }, label));
}

/**
 * @param {any} app @param {import("../model/codes.js").Round} round that the page answers @param {string} answer
 * @returns {HTMLElement} empty where there is no class
 */
export function handIn(app, round, answer) {
  const { words } = app, say = words.say.bind(words), element = h("section", { class: "hand-in" }), told = h("p", { role: "status" });
  let shown = false;
  const change = () => {
    if (!element.isConnected && shown) return document.removeEventListener("class", change);
    shown ||= element.isConnected;
    draw();
  };

  function draw() {
    const { classroom, state } = app;
    if (ASKS && classroom?.round && nameOf(classroom.round) === nameOf(round)) element.replaceChildren(h("h2", {}, say("class/title")), ...(classroom.revealed ? [h("p", {}, say("class/refused/late"))] : [nicknameForm(app, say("class/send"), send), told]));
    else element.replaceChildren(...(state.of ? [codeOf()] : []));
    element.hidden = !element.children.length;
  }

  /** @param {ReturnType<typeof student>} self */
  async function send({ nickname, token }) {
    const { refused } = await call("answers", { nickname, token, answer, number: app.classroom.number });
    told.textContent = refused ? say(words.has(`class/refused/${refused}`) ? `class/refused/${refused}` : "class/refused/content") : say("class/sent", { nickname });
    told.className = refused ? "refused" : "";
    if (refused === "unreachable") element.append(codeOf());
  }

  /** The code of the answer, for a class without a board. */
  function codeOf() {
    const code = writeCode(answer, round);
    const save = h("button", { type: "button", on: { click: () => {
      const link = h("a", { href: URL.createObjectURL(new Blob([`${student().nickname || `${say("class/nickname")} ${1 + Math.floor(Math.random() * 999)}`} ${code}\n`], { type: "text/plain" })), download: `${student().nickname || code}.txt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href));
    } } }, say("class/save"));
    return fold(say("class/code"), h("p", {}, say("class/code_about")), h("p", { class: "code" }, code), save);
  }

  document.addEventListener("class", change);
  draw();
  return element;
}
