// @ts-check
/** What moves: value into the middle and out of it, leaks, ties, introductions and help. Each is a function of the month. */
import { RIM, TURN, arrive, clamp, glide, mix, scatter } from "./places.js";

const FLIGHT = 0.9; // months that a dot of value travels
const TIE_FADES = 14; // months until a tie has faded
const DOTS_A_MONTH = 70; // about so many at most, so that one can follow them
const NICE = [0.5, 1, 2, 5, 10, 20, 50, 100];

/** One scale for all pictures that stand side by side. @param {import("../model/run.js").Run[]} runs */
export function scaleOf(runs) {
  let busiest = 0, most = 1, stock = 1;
  for (const run of runs) for (const { captured, needs_met: gained, run: whole } of run.month) {
    busiest = Math.max(busiest, captured.reduce((/** @type {number} */ sum, /** @type {number} */ v) => sum + (v || 0), 0));
    for (const value of gained) most = Math.max(most, value || 0);
    stock = Math.max(stock, whole.stock || 0);
  }
  return { dot: NICE.find((value) => value >= busiest / DOTS_A_MONTH) ?? 200, most, stock };
}

/** Value of each month as dots with a time of departure. @param {import("../model/run.js").Run} run @param {number} worth */
export function listDots(run, worth) {
  const dots = [];
  for (const [name, scale, inward] of /** @type {[string, number, boolean][]} */ ([["contributed", run.size, true], ["captured", 1, false]]))
    for (let i = 0; i < run.size; i++)
      for (let month = 1, sum = scatter(i * 7 + Number(inward)); month <= run.months && month <= run.leftAt[i]; month++) {
        const amount = ((run.of(name, month, i) || 0) * scale) / worth;
        for (let next = Math.floor(sum) + 1; next <= sum + amount; next++) dots.push({ t: month - 1 + (next - sum) / amount, i, inward });
        sum += amount;
      }
  return dots.sort((a, b) => a.t - b.t);
}

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {[number, number, number]} Place x, y and the share of the way out */

/** Solid dots go in as members contribute, hollow dots come out as they capture. @param {Picture} p @param {number} t @param {Place[]} places */
export function drawDots(p, t, places) {
  if (t <= 0) return;
  const c = p.context, [x, y] = p.centre, core = p.radius * 0.2, dots = (p.dots ??= listDots(p.run, p.scale.dot));
  c.strokeStyle = c.fillStyle = p.colour.value;
  c.lineWidth = 1.5 * p.unit;
  for (let k = firstAfter(dots, t - FLIGHT); k < dots.length && dots[k].t <= t; k++) {
    const { t: begin, i, inward } = dots[k], part = (t - begin) / FLIGHT, [px, py, away] = places[i];
    if (part >= 1 || away > 0.5) continue;
    const along = inward ? 1 - arrive(part) : arrive(part), far = Math.hypot(px - x, py - y) || 1, r = mix(core, far, along);
    c.globalAlpha = Math.min(1, part * 6, (1 - part) * 6);
    c.beginPath();
    c.arc(x + ((px - x) / far) * r, y + ((py - y) / far) * r, 2.5 * p.unit, 0, TURN);
    if (inward) c.fill(); else c.stroke();
  }
  c.globalAlpha = 1;
}

/** @param {{ t: number }[]} dots @param {number} t */
function firstAfter(dots, t) {
  let low = 0, high = dots.length;
  while (low < high) { const middle = (low + high) >> 1; if (dots[middle].t < t) low = middle + 1; else high = middle; }
  return low;
}

/** A leak bursts as a ring, and lines reach the rivals who gain by it. @param {Picture} p @param {number} t @param {Place[]} places */
export function drawLeaks(p, t, places) {
  const c = p.context;
  c.strokeStyle = p.colour.trouble;
  for (const { month, member, rivals } of p.run.leaks) {
    const age = t - month + 0.7;
    if (age <= 0 || age >= 1.4) continue;
    const [x, y] = places[member], reach = arrive(age / 0.4), fade = 1 - glide((age - 0.75) / 0.65);
    c.globalAlpha = 0.55 * fade;
    c.lineWidth = p.unit;
    for (const rival of rivals) line(c, x, y, mix(x, places[rival][0], reach), mix(y, places[rival][1], reach));
    c.globalAlpha = fade;
    c.lineWidth = 2.5 * p.unit;
    c.beginPath();
    c.arc(x, y, p.unit * mix(6, 17, arrive(age / 0.7)), 0, TURN);
    c.stroke();
  }
  c.globalAlpha = 1;
}

/** Introductions inside are ties: they grow, fade with age, and end when one of the two leaves. @param {Picture} p @param {number} t @param {Place[]} places */
export function drawTies(p, t, places) {
  const c = p.context, [x, y] = p.centre, { leftAt } = p.run;
  c.strokeStyle = p.colour.ink;
  for (const { month, member: a, other: b } of p.run.ties) {
    const age = t - month + 1;
    if (age <= 0 || age > TIE_FADES || Math.min(leftAt[a], leftAt[b]) <= t) continue;
    const grown = glide(age / 0.8), [ax, ay, aAway] = places[a], [bx, by, bAway] = places[b];
    const bx1 = mix((ax + bx) / 2, x, 0.3), by1 = mix((ay + by) / 2, y, 0.3);
    c.globalAlpha = (0.5 * (1 - age / TIE_FADES) + 0.06) * (1 - Math.max(aAway, bAway));
    c.lineWidth = (age < 1.2 ? 2 : 1.1) * p.unit;
    c.beginPath();
    c.moveTo(ax, ay); // a part of a quadratic curve, by de Casteljau
    const mx = mix(ax, bx1, grown), my = mix(ay, by1, grown);
    c.quadraticCurveTo(mx, my, mix(mx, mix(bx1, bx, grown), grown), mix(my, mix(by1, by, grown), grown));
    c.stroke();
  }
  c.globalAlpha = 1;
}

/** Introductions outside: a dashed line from the member across the edge. @param {Picture} p @param {number} t @param {Place[]} places */
export function drawIntroductions(p, t, places) {
  const c = p.context, [x, y] = p.centre;
  c.strokeStyle = p.colour.ink;
  for (const { month, member: i } of p.run.introductions) {
    const age = t - month + 1;
    if (age <= 0 || age >= 1.6 || places[i][2] > 0.1) continue;
    const [ax, ay] = places[i], r = mix(Math.hypot(ax - x, ay - y), p.radius * (RIM + 0.03), arrive(age / 0.6));
    const toX = x + r * Math.cos(p.angles[i]), toY = y + r * Math.sin(p.angles[i]);
    c.globalAlpha = 0.7 * (1 - glide((age - 1) / 0.6));
    c.lineWidth = p.unit;
    c.setLineDash([3 * p.unit, 2.5 * p.unit]);
    line(c, ax, ay, toX, toY);
    c.setLineDash([]);
    c.beginPath();
    c.arc(toX, toY, 2 * p.unit, 0, TURN);
    c.stroke();
  }
  c.globalAlpha = 1;
}

/** Help: a line from the orchestrator in the middle to the member. @param {Picture} p @param {number} t @param {Place[]} places */
export function drawHelp(p, t, places) {
  const c = p.context, [x, y] = p.centre;
  c.strokeStyle = p.colour.content;
  c.lineWidth = 2 * p.unit;
  for (const { month, member: i } of p.run.help) {
    const age = t - month + 1;
    if (age <= 0 || age >= 1.2 || places[i][2] > 0.1) continue;
    const [px, py] = places[i], far = Math.hypot(px - x, py - y) || 1, from = (p.radius * 0.25) / far, to = mix(from, 1 - (9 * p.unit) / far, arrive(age / 0.6));
    c.globalAlpha = 0.75 * (1 - clamp((age - 0.8) / 0.4));
    line(c, mix(x, px, from), mix(y, py, from), mix(x, px, to), mix(y, py, to));
  }
  c.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} c @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(c, x1, y1, x2, y2) { c.beginPath(); c.moveTo(x1, y1); c.lineTo(x2, y2); c.stroke(); }
