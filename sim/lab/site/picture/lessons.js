// @ts-check
/** What a mark means, in a short phrase where it first appears: one at a time, and never again in this visit. */

const BEFORE = 0.7, LASTS = 4; // months around its event in which a phrase stands
/** @type {Set<string>} */
const told = new Set();

/** @typedef {{ mark: string, month: number, member: number }} Lesson a mark without a member is of the whole picture */

/** The phrases of a run, one after another. @param {import("../model/run.js").Run} run @returns {Lesson[]} */
export function lessonsOf(run) {
  const months = Array.from({ length: run.months }, (_, m) => m + 1), most = (/** @type {ArrayLike<number>} */ values) => Array.from(values).reduce((best, value, i, all) => (value > (all[best] ?? 0) ? i : best), -1);
  const busiest = (/** @type {string} */ flow) => months.map((month) => ({ month, member: most(run.month[month - 1][flow] ?? []) })).filter(({ member }) => member >= 0);
  const whole = (/** @type {(month: number) => boolean} */ is) => months.filter(is).map((month) => ({ month, member: -1 }));
  const left = (/** @type {string} */ mood) => run.exits.filter((exit) => exit.mood === mood);
  /** @type {Record<string, { month: number, member: number }[]>} */
  const seen = {
    given: busiest("contributed"), gained: busiest("captured"), tie: run.ties, outside: run.introductions, help: run.help, leak: run.leaks,
    satisfied: left("satisfied"), frustrated: left("frustrated"), other: left("other"),
    effort: whole((month) => run.spent(month) > 0), stock: whole((month) => month > 2), tension: whole((month) => run.whole("tension", month) > 0.3),
  };
  const lessons = [], waiting = new Set(Object.keys(seen).filter((mark) => !told.has(mark)));
  for (let free = 1; waiting.size; free += LASTS + 1) {
    const [next] = [...waiting].map((mark) => ({ mark, ...(seen[mark].find(({ month }) => month >= free) ?? { month: Infinity, member: -1 }) })).sort((a, b) => a.month - b.month);
    if (next.month > run.months) break;
    lessons.push({ mark: next.mark, month: next.month, member: next.member });
    waiting.delete(next.mark);
    free = next.month;
  }
  return lessons;
}

/** What stands in the picture at a moment. @param {Lesson[]} lessons @param {number} t */
export const lessonAt = (lessons, t) => lessons.find(({ month }) => t > month - BEFORE && t < month + LASTS);

/** A phrase has been there long enough to be read. @param {Lesson} lesson @param {number} t */
export function learn({ mark, month }, t) { if (t > month + LASTS / 2) told.add(mark); }
