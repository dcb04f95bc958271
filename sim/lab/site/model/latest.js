// @ts-check
/** Only the latest wish counts: one task runs at a time, and of those that wait the last one follows. */

export class Latest {
  constructor() {
    this.running = false;
    /** @type {{ task: (signal: AbortSignal) => Promise<void>, urgent: boolean } | null} */
    this.next = null;
    this.control = new AbortController();
  }

  /**
   * Run a task, or let it wait for the one that is running. An urgent one stops it.
   * @param {(signal: AbortSignal) => Promise<void>} task @param {boolean} [urgent]
   */
  async run(task, urgent = false) {
    this.next = { task, urgent };
    if (this.running) { if (urgent) this.control.abort(); return; }
    this.running = true;
    try {
      while (this.next) {
        const { task: now } = this.next;
        this.next = null;
        this.control = new AbortController();
        await now(this.control.signal).catch((error) => { if (error.name !== "AbortError") throw error; });
      }
    } finally { this.running = false; }
  }

  stop() {
    this.next = null;
    this.control.abort();
  }
}
