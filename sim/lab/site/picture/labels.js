// @ts-check
/** Names on the picture: sectors where they stand, all or none; leavers as they go. Nothing is written over a member or over another name. */
import { learn, lessonAt } from "./lessons.js";
import { EDGE, RIM, sectorsInOrder } from "./places.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */
const MOST_NAMES = 3;

/** @param {Picture} p @param {number} t @param {import("./flows.js").Place[]} places */
export function drawLabels(p, t, places) {
  const c = p.context, [x, y] = p.centre, size = Math.max(p.em * 0.8125, 12), { run } = p;
  /** @type {Box[]} */
  const taken = places.map(([px, py], i) => box(px, py, p.sizeOf(i, t) + 1)); // members, and the signs of leavers
  taken.push(box(x, y, p.radius * 0.23)); // and the count in the middle
  c.font = `560 ${size}px ${p.font}`;
  c.textBaseline = "middle";
  const write = (/** @type {string} */ text, /** @type {number} */ left, /** @type {number} */ py, /** @type {string} */ colour, plate = "") => {
    const width = c.measureText(text).width, pad = plate ? 5 : 0, edge = Math.min(Math.max(left, 2 + pad), p.width - width - 2 - pad);
    const here = { left: edge - pad, right: edge + width + pad, top: py - size * 0.7, bottom: py + size * 0.7 };
    if (here.top < 0 || here.bottom > p.height || taken.some((other) => meet(here, other))) return false;
    taken.push(here);
    if (plate) {
      c.fillStyle = plate;
      c.strokeStyle = p.colour.line;
      c.lineWidth = 1;
      c.beginPath();
      c.roundRect(here.left, here.top, here.right - here.left, here.bottom - here.top, 5);
      c.fill();
      c.stroke();
    }
    c.fillStyle = colour;
    c.textAlign = "left";
    c.fillText(text, edge, py);
    return true;
  };
  const beside = (/** @type {string} */ text, /** @type {number} */ px, /** @type {number} */ py, /** @type {boolean} */ outward, /** @type {string} */ colour, /** @type {string} */ plate) => {
    const width = c.measureText(text).width, gap = 11 * p.unit + 5;
    return [0, -1.3, 1.3, -2.4, 2.4, -3.6, 3.6].some((dy) => [outward, !outward].some((right) => write(text, right ? px + gap : px - gap - width, py + dy * size, colour, plate)));
  };
  const name = (/** @type {number} */ i) => beside(p.nameOf(i), places[i][0], places[i][1], Math.cos(p.angles[i]) > 0, p.colour.ink, p.colour.card);
  const explain = (/** @type {import("./lessons.js").Lesson} */ lesson) => {
    const { mark, member } = lesson, text = p.words.say(`picture/once/${mark}`), width = c.measureText(text).width;
    const drawn = member >= 0 ? beside(text, places[member][0], places[member][1], Math.cos(p.angles[member]) < 0, p.colour.paper, p.colour.ink)
      : (mark === "tension" ? [-EDGE, EDGE] : [0.3, -0.3, 0.36]).some((r) => write(text, x - width / 2, y + r * p.radius, p.colour.paper, p.colour.ink));
    if (drawn) learn(lesson, t);
  };
  const sectors = sectorsInOrder(run.sectors).map((sector) => {
    const angles = p.angles.filter((_, i) => run.sectors[i] === sector), angle = (Math.min(...angles) + Math.max(...angles)) / 2;
    const cos = Math.cos(angle), text = p.words.label(`sector/${sector}/short`, sector), width = c.measureText(text).width, r = p.radius * 0.99 + size * 0.75;
    const px = x + r * cos, wanted = Math.abs(cos) < 0.3 ? px - width / 2 : cos < 0 ? px - width : px, left = Math.min(Math.max(wanted, 2), p.width - width - 2);
    const py = besideCircle(p, left, width, y + r * Math.sin(angle), size);
    return { text, py, outward: Math.sign(Math.sin(angle)), left, right: left + width, top: py - size * 0.7, bottom: py + size * 0.7 };
  });
  const roomy = sectors.every((here, k) => here.top >= 0 && here.bottom <= p.height && !sectors.some((other, j) => j < k && meet(here, other)));
  for (const { text, left, py, outward } of roomy ? sectors : []) [0, 1.1].some((by) => write(text, left, py + by * outward * size, p.colour.soft)); // where a leaver's sign is in the way, further out
  const lesson = lessonAt(p.lessons, t);
  if (lesson) explain(lesson);
  if (p.chosen >= 0) name(p.chosen);
  const leaving = run.exits.filter(({ month }) => t >= month - 0.7 && t < month + 0.7);
  for (const { member } of leaving.slice(-MOST_NAMES)) if (member !== p.chosen) name(member);
}

/** The height nearest to `py` at which a name stays outside the circle. @param {Picture} p @param {number} left @param {number} width @param {number} py @param {number} size */
function besideCircle(p, left, width, py, size) {
  const [x, y] = p.centre, edge = Math.min(Math.max(left, 2), p.width - width - 2), gap = Math.max(edge - x, x - edge - width, 0), half = size * 0.7;
  const clear = Math.sqrt(Math.max((p.radius * (RIM + 0.02)) ** 2 - gap * gap, 0)) + half; // so far above or below the middle it does not touch
  const up = py < y ? -1 : 1;
  return Math.abs(py - y) >= clear ? py : Math.min(Math.max(y + up * clear, half), p.height - half);
}

/** @param {number} x @param {number} y @param {number} size @returns {Box} */
const box = (x, y, size) => ({ left: x - size, right: x + size, top: y - size, bottom: y + size });

/** @param {Box} a @param {Box} b */
const meet = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
