// @ts-check
/** The sentence of a month. While a run plays it has one fact, and stays as long as it takes to read, unless something of more weight happens. */
import { monthSentence } from "../model/sentences.js";

const LETTERS_A_SECOND = 22, SHORTEST = 1.4, LONGEST = 5; // seconds

/** @param {import("./words.js").Words} words */
export function makeTelling(words) {
  let shown = 0, free = 0, weight = 0;
  /**
   * What to say in a month; null where the last sentence stays.
   * @param {import("../model/run.js").Run} run @param {number} month @param {{ playing: boolean, pace: number }} clock
   */
  return (run, month, { playing, pace }) => {
    const now = weightOf(run, month);
    if (playing && month >= shown && month < free && now <= weight) return null;
    const told = monthSentence(words, run, month, playing ? 1 : undefined), title = month ? words.say("month/title", { month }) : words.say("month/start");
    [shown, weight, free] = [month, now, playing ? month + pace * Math.min(Math.max(told.length / LETTERS_A_SECOND, SHORTEST), LONGEST) : 0];
    return { title, told };
  };
}

/** Members who leave and turning points weigh more than leaks, and leaks more than a quiet month. @param {import("../model/run.js").Run} run @param {number} month */
function weightOf(run, month) {
  const has = (/** @type {{ month: number }[]} */ events) => events.some((event) => event.month === month);
  return has(run.exits) || has(run.phases) || has(run.shocks) ? 2 : has(run.leaks) ? 1 : 0;
}
