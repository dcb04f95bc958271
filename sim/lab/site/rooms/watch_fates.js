// @ts-check
/** Where the two runs first differ, and a table of the members that fare differently. */
import { differentFates, firstEffort, firstExit } from "../model/divergence.js";
import { namesOf, who } from "../model/sentences.js";
import { fold, h, table } from "../ui/dom.js";

/** @param {any} app @param {import("../model/run.js").Run[]} runs @param {string[]} strategies @param {(month: number) => void} seek */
export function fatesOf({ words }, [one, two], strategies, seek) {
  const say = (/** @type {string} */ key, /** @type {any} */ values = {}) => words.say(`watch/differ/${key}`, values), effort = firstEffort(one, two), exit = firstExit(one, two), fates = differentFates(one, two), names = namesOf(words, one);
  const told = (/** @type {import("../model/run.js").Exit | null} */ left) => (left ? say("left", { mood: words.say(`mood/${left.mood}`), month: left.month }) : say("stays"));
  const go = (/** @type {number} */ month) => h("button", { type: "button", on: { click: () => seek(month) } }, say("go", { month }));
  if (!exit && !fates.length) return fold(say("title"), h("p", {}, say("none")));
  return fold(say("title"),
    effort ? h("p", {}, say("effort", { month: effort })) : null,
    exit ? h("p", { class: "differ" }, say("exit", { month: exit.month, who: who(words, one, exit.who) }), " ", go(exit.month)) : null,
    fates.length ? table(say("caption"), [say("member"), ...strategies], fates.map(({ member, a, b }) => [names[member], told(a), told(b)])) : null);
}
