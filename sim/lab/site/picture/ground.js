// @ts-check
/** The disc of those who take part, with an edge that trembles with tension; and the middle: what is built, and the orchestrator. */
import { EDGE, TURN, clamp, mix } from "./places.js";

/** @typedef {import("./picture.js").Picture} Picture */
const WAVES = 60;

/** @param {Picture} p @param {number} t */
export function drawGround(p, t) {
  const c = p.context, [x, y] = p.centre, { run } = p, month = Math.max(1, Math.ceil(t));
  const here = t <= run.months && run.membersAt(Math.round(t)) > 0;
  const tense = here ? mix(t < 1 ? 0 : run.whole("tension", month - 1), run.whole("tension", month), clamp(t - month + 1)) : 0;
  const swing = p.radius * 0.05 * clamp(tense), edge = p.radius * EDGE;
  c.beginPath();
  for (let step = 0; step <= 360; step++) {
    const angle = (step / 360) * TURN, r = edge + swing * Math.sin(angle * WAVES + t * 2.5);
    c.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  c.fillStyle = p.colour.card;
  c.fill();
  c.strokeStyle = p.colour.edge;
  c.lineWidth = 1.2;
  c.stroke();
}

/** The stock of knowledge as a disc, effort as a ring, and how many take part. @param {Picture} p @param {number} t */
export function drawMiddle(p, t) {
  const c = p.context, [x, y] = p.centre, { run } = p, month = Math.max(1, Math.ceil(t - 0.001)), ring = p.radius * 0.215;
  const before = month > 1 ? run.whole("stock", month - 1) : 0, stock = t < 0.01 ? 0 : mix(before, run.whole("stock", month), clamp(t - month + 1));
  const disc = (/** @type {number} */ r) => { c.beginPath(); c.arc(x, y, Math.max(r, 0), 0, TURN); c.fill(); };
  c.fillStyle = p.colour.card;
  disc(ring + 5 * p.unit);
  c.fillStyle = p.colour.value;
  c.globalAlpha = 0.22;
  disc(ring * Math.sqrt(clamp(stock / p.scale.stock)) * 0.96);
  c.globalAlpha = 1;
  if (!p.kept) {
    const most = run.about.budget || 1, arc = (/** @type {number} */ share, /** @type {string} */ colour) => {
      if (share <= 0) return;
      c.strokeStyle = colour;
      c.beginPath();
      c.arc(x, y, ring, -TURN / 4, -TURN / 4 + TURN * Math.min(share, 1));
      c.stroke();
    };
    c.lineCap = "butt";
    c.lineWidth = 4 * p.unit;
    arc(run.whole("budget", month) / most, p.colour.line);
    if (t > 0) arc(run.spent(month) / most, p.colour.ink);
  }
  writeCount(p, t);
}

/** @param {Picture} p @param {number} t */
function writeCount(p, t) {
  const c = p.context, [x, y] = p.centre, { run } = p, roomy = p.radius > 118;
  const here = p.kept ? p.kept.size : run.membersAt(Math.min(Math.floor(t + 0.4), run.months));
  c.fillStyle = p.colour.ink;
  c.textAlign = "center";
  c.textBaseline = "alphabetic";
  c.font = `680 ${p.radius * 0.17}px ${p.font}`;
  c.fillText(p.asks ? "?" : p.words.number(here), x, y + p.radius * (roomy ? 0.035 : 0.06));
  if (!roomy) return;
  const pause = run.phases.find(({ cause }) => cause === "pause"), after = run.phases.find(({ month, cause }) => cause !== "pause" && pause && month > pause.month);
  const planning = pause && t > pause.month - 1 && t < (after?.month ?? run.months) - 0.5;
  c.font = `400 ${Math.max(p.radius * 0.068, 11)}px ${p.font}`;
  c.fillStyle = p.colour.soft;
  c.fillText(planning ? p.words.say("picture/pause") : p.words.say("picture/of", { size: run.size }), x, y + p.radius * 0.115);
}
