// @ts-check
/** Names on the picture: sectors where they stand, leavers as they go. Nothing is written over a member or over another name. */
import { RIM, sectorsInOrder } from "./places.js";

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
  const write = (/** @type {string} */ text, /** @type {number} */ left, /** @type {number} */ py, /** @type {string} */ colour, plate = false) => {
    const width = c.measureText(text).width, pad = plate ? 5 : 0, edge = Math.min(Math.max(left, 2 + pad), p.width - width - 2 - pad);
    const here = { left: edge - pad, right: edge + width + pad, top: py - size * 0.7, bottom: py + size * 0.7 };
    if (here.top < 0 || here.bottom > p.height || taken.some((other) => meet(here, other))) return false;
    taken.push(here);
    if (plate) {
      c.fillStyle = p.colour.card;
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
  const name = (/** @type {number} */ i) => {
    const text = p.nameOf(i), width = c.measureText(text).width, gap = 11 * p.unit + 5, [px, py] = places[i], outward = Math.cos(p.angles[i]) > 0;
    for (const dy of [0, -1.3, 1.3, -2.4, 2.4, -3.6, 3.6]) for (const right of [outward, !outward])
      if (write(text, right ? px + gap : px - gap - width, py + dy * size, p.colour.ink, true)) return;
  };
  for (const sector of sectorsInOrder(run.sectors)) {
    const angles = p.angles.filter((_, i) => run.sectors[i] === sector), angle = (Math.min(...angles) + Math.max(...angles)) / 2;
    const cos = Math.cos(angle), text = p.words.label(`sector/${sector}/short`, sector), width = c.measureText(text).width, r = p.radius * 0.99 + size * 0.75;
    const px = x + r * cos, left = Math.abs(cos) < 0.3 ? px - width / 2 : cos < 0 ? px - width : px;
    write(text, left, besideCircle(p, left, width, y + r * Math.sin(angle), size), p.colour.soft);
  }
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
