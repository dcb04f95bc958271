// @ts-check
/** The living picture of one run. It is a function of the month: play, step and drag all call draw(t). */
import { RIM, TURN, clamp, glide, mix, nearness, placeMembers, scatter } from "./places.js";
import { drawSign, outline, shapeOf, SIGN_COLOURS } from "./marks.js";
import { drawDots, drawHelp, drawIntroductions, drawLeaks, drawTies, scaleOf } from "./flows.js";
import { drawGround, drawMiddle } from "./ground.js";
import { drawLabels } from "./labels.js";
import { lessonsOf } from "./lessons.js";

const COLOURS = ["paper", "card", "ink", "soft", "line", "edge", "value", "trouble", "content", "public", "private", "academic", "nonprofit"];
const SMALLEST_WITH_NAMES = 210; // px of height
const REACH = 24; // px from a member within which a click means it

export class Picture {
  /** @param {HTMLCanvasElement} canvas @param {import("../ui/words.js").Words} words @param {(i: number) => string} nameOf */
  constructor(canvas, words, nameOf) {
    Object.assign(this, { canvas, words, nameOf });
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.words = words;
    this.nameOf = nameOf;
    this.canvas = canvas;
    this.t = 0;
    this.asked = 0; // a frame
    this.chosen = -1;
    /** Whether a mark is explained where it first appears. */
    this.explains = false;
    /** @type {import("./lessons.js").Lesson[]} */
    this.lessons = [];
    this.gathered = 1;
    /** Members that the reader expects to stay; nobody in particular. @type {Set<number> | null} */
    this.kept = null;
    /** Whether it asks how many will be there. */
    this.asks = false;
    /** @type {import("../model/run.js").Run} */
    this.run = /** @type {any} */ (null); // until it is shown
    /** Value that moves, listed when there is some to draw. @type {{ t: number, i: number, inward: boolean }[] | null} */
    this.dots = null;
    this.width = this.height = this.radius = this.em = this.ratio = 0;
    this.unit = 1;
    this.font = "sans-serif";
    /** @type {[number, number]} */
    this.centre = [0, 0];
    /** @type {Record<string, string>} */
    this.colour = {};
    /** @type {number[]} */
    this.angles = [];
    this.scale = { dot: 1, most: 1, stock: 1 };
    this.restyle = () => { this.readColours(); this.draw(); };
    this.moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    addEventListener("appearance", this.restyle);
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(canvas);
  }

  close() {
    this.watcher.disconnect();
    removeEventListener("appearance", this.restyle);
  }

  /** @param {import("../model/run.js").Run} run @param {ReturnType<typeof scaleOf>} [scale] one for all pictures side by side */
  show(run, scale = scaleOf([run])) {
    Object.assign(this, { run, scale });
    this.angles = placeMembers(run.sectors, run.segments);
    this.dots = null;
    this.lessons = this.explains ? lessonsOf(run) : [];
    this.draw();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colour = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.font = getComputedStyle(this.canvas).fontFamily;
  }

  fit() {
    const { width, height } = this.canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    if (!width || !height) return;
    this.readColours();
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this, { width, height, ratio, em: parseFloat(getComputedStyle(this.canvas).fontSize) });
    this.named = height >= SMALLEST_WITH_NAMES;
    this.centre = [width / 2, height / 2 + (this.named ? this.em * 0.05 : 0)];
    this.radius = Math.max(Math.min(width / 2 - 4, height / 2 - (this.named ? this.em * 1.3 : 2)), 30);
    this.unit = Math.max(this.radius / 180, 0.62); // marks grow with the picture
    this.paint();
  }

  /** Where a member is: x, y, and the share of the way out. @param {number} i @param {number} t @returns {[number, number, number]} */
  place(i, t) {
    const { run } = this, away = glide((t - run.leftAt[i] + 0.8) / 0.8), inside = glide(this.gathered * 1.6 - scatter(i) * 0.6);
    const joined = run.joinedAt[i] > 0 ? glide(t - run.joinedAt[i] + 1) : 1;
    const r = this.radius * mix(mix(1.2, nearness(run.at("engagement", i, Math.max(t, run.joinedAt[i]))), Math.min(inside, joined)), RIM, away);
    return [this.centre[0] + r * Math.cos(this.angles[i]), this.centre[1] + r * Math.sin(this.angles[i]), away];
  }

  /** Area is the private value gained so far. @param {number} i @param {number} t */
  sizeOf(i, t) {
    const crowd = clamp(Math.sqrt(24 / this.run.size), 0.65, 1.25);
    return this.unit * crowd * (4 + 7.5 * Math.sqrt(clamp(this.run.gained(i, t) / this.scale.most)));
  }

  /** Members come in from outside, each at its own time. @param {number} duration ms */
  gather(duration) {
    if (!this.moves) return;
    const begin = performance.now(), frame = (/** @type {number} */ now) => {
      if (this.gathered === 1) return; // somebody is ahead of us
      this.gathered = clamp((now - begin) / duration);
      this.paint();
      if (this.gathered < 1) requestAnimationFrame(frame);
    };
    this.gathered = 0;
    requestAnimationFrame(frame);
  }

  /** @param {number} x @param {number} y */
  memberAt(x, y) {
    let best = -1, nearest = REACH;
    this.angles.forEach((_, i) => {
      const [px, py] = this.place(i, this.t), distance = Math.hypot(px - x, py - y);
      if (distance < nearest) [best, nearest] = [i, distance];
    });
    return best;
  }

  /** The next member round the circle. @param {number} by */
  neighbour(by) {
    const order = this.angles.map((_, i) => i).sort((a, b) => this.angles[a] - this.angles[b]), at = order.indexOf(this.chosen);
    return order[(at + by + order.length) % order.length] ?? 0;
  }

  /** Draw a month with the next frame. */
  draw(t = this.t) {
    this.t = t;
    this.asked ||= requestAnimationFrame(() => { this.asked = 0; this.paint(); });
  }

  paint() {
    if (!this.run || !this.ratio) return;
    const { t } = this;
    const c = this.context;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.clearRect(0, 0, this.width, this.height);
    c.lineJoin = c.lineCap = "round";
    const places = this.angles.map((_, i) => this.place(i, t));
    drawGround(this, t);
    drawTies(this, t, places);
    drawIntroductions(this, t, places);
    drawHelp(this, t, places);
    drawLeaks(this, t, places);
    drawDots(this, t, places);
    c.lineCap = "round";
    places.forEach((place, i) => this.drawMember(i, t, place));
    drawMiddle(this, t);
    if (this.named) drawLabels(this, t, places);
  }

  /** @param {number} i @param {number} t @param {[number, number, number]} place */
  drawMember(i, t, [x, y, away]) {
    if (t < this.run.joinedAt[i] - 1) return;
    const c = this.context, sector = this.run.sectors[i], ghost = this.kept !== null && !this.kept.has(i);
    const small = 5.2 * this.unit, size = mix(this.sizeOf(i, t), small, away), gone = glide((away - 0.35) / 0.5);
    if (i === this.chosen) {
      c.strokeStyle = this.colour.ink;
      c.lineWidth = 2;
      c.beginPath();
      c.arc(x, y, size + 5 * this.unit, 0, TURN);
      c.stroke();
    }
    if (gone < 1) {
      c.globalAlpha = 1 - gone;
      outline(c, shapeOf(sector), x, y, size);
      c.fillStyle = ghost ? this.colour.card : this.colour[sector] ?? this.colour.soft;
      c.fill();
      c.strokeStyle = ghost ? this.colour.soft : this.colour.ink;
      c.lineWidth = ghost ? 1 : 0.9;
      c.setLineDash(ghost ? [2, 2] : []);
      c.stroke();
      c.setLineDash([]);
    }
    if (gone > 0) {
      const mood = this.run.exitOf[i]?.mood ?? "other";
      c.globalAlpha = gone;
      c.strokeStyle = this.colour[SIGN_COLOURS[mood]];
      drawSign(c, mood, x, y, small);
    }
    c.globalAlpha = 1;
  }
}
