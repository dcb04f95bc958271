// @ts-check
/** A clock in months: plays, pauses, steps and jumps. With reduced motion it goes by whole months. */

export class Clock {
  /** @param {number} months @param {(clock: Clock, settled: boolean) => void} onChange */
  constructor(months, onChange) {
    this.months = months;
    this.onChange = onChange;
    this.t = 0;
    this.pace = 2; // months a second
    this.rest = 0; // ms between two frames at least
    this.playing = false;
    this.asked = 0; // a frame
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** The month that is going on; at rest, the one that has just ended. */
  get month() { return Math.ceil(this.t - 0.001); }

  play() {
    if (this.t >= this.months) this.t = 0;
    this.playing = true;
    cancelAnimationFrame(this.asked);
    let last = performance.now();
    const frame = (/** @type {number} */ now) => {
      if (!this.playing) return;
      if (now - last < this.rest) return void (this.asked = requestAnimationFrame(frame));
      if (!this.still.matches) {
        this.t += (Math.min(Math.max(now - last, 0), 100) / 1000) * this.pace;
        last = now;
      } else if (now - last >= 1000 / this.pace) {
        this.t = Math.floor(this.t) + 1;
        last = now;
      }
      this.t = Math.min(this.t, this.months);
      const ended = this.t >= this.months;
      if (ended) this.playing = false;
      this.onChange(this, ended);
      this.asked = requestAnimationFrame(frame);
    };
    this.onChange(this, false);
    this.asked = requestAnimationFrame(frame);
  }

  pause() { this.seek(this.month); }
  toggle() { if (this.playing) this.pause(); else this.play(); }

  /** @param {number} month */
  seek(month) {
    this.playing = false;
    this.t = Math.min(Math.max(month, 0), this.months);
    this.onChange(this, true);
  }

  /** @param {number} by */
  step(by) { this.seek(Math.round(this.playing ? this.month - (by > 0 ? 1 : 0) : this.t) + by); }
}
