// @ts-check
// The engine of the page: the model as WebAssembly in web workers, which divide the runs among them.

const MOST_WORKERS = 4, LANES = 16;

/** @param {string} base the address of the folder with model.json */
export async function openEngine(base) {
  const response = await fetch(new URL("model.json", base));
  if (!response.ok) throw new Error(`model.json is not there (${response.status})`);
  return new Engine(base, await response.json());
}

class Engine {
  /** @param {string} base @param {any} model */
  constructor(base, model) {
    this.model = model;
    const n = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
    this.workers = Array.from({ length: n }, () => new Desk(base, model));
  }

  /**
   * Many runs of one case, with the seeds from `first` on; `effort` as in `watch`.
   * @param {{ story: string, policy: string, values?: Record<string, number>, first?: number, count?: number, months?: number, effort?: any[] | null }} request
   * @param {{ signal?: AbortSignal }} [how]
   */
  async ensemble({ story, policy, values = {}, first = 0, count = 250, months = this.model.months, effort = null }, { signal } = {}) {
    const size = Math.ceil(count / this.workers.length / LANES) * LANES, parts = [];
    for (let begin = 0; begin < count; begin += size) {
      const seeds = Array.from({ length: Math.min(size, count - begin) }, (_, k) => first + begin + k);
      parts.push(this.#ask({ call: "ensemble", story, policy, values, seeds, months, effort }, signal));
    }
    return join(await Promise.all(parts));
  }

  /**
   * One run month by month; `effort` has shares of the budget for each month of a game.
   * @param {{ story: string, policy: string, values?: Record<string, number>, seed: number, months?: number, effort?: any[] | null }} request
   * @param {{ signal?: AbortSignal }} [how]
   */
  watch({ story, policy, values = {}, seed, months = this.model.months, effort = null }, { signal } = {}) {
    return this.#ask({ call: "watch", story, policy, values, seed, months, effort }, signal);
  }

  /** Fetch and compile what will be asked for soon. @param {{ story: string, policy: string, watch: boolean }[]} soon */
  prepare(soon) {
    for (const desk of this.workers) desk.worker.postMessage({ soon });
  }

  /** @param {any} request @param {AbortSignal} [signal] */
  #ask(request, signal) {
    const desk = this.workers.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least));
    return desk.ask(request, signal);
  }
}

/** A worker and the requests that wait for it: one that is given up before its turn is never run. */
class Desk {
  /** @param {string} base @param {any} model */
  constructor(base, model) {
    this.worker = new Worker(new URL("./engine/worker.js", import.meta.url), { type: "module" });
    this.worker.postMessage({ model, base });
    /** @type {{ request: any, signal?: AbortSignal, resolve: (value: any) => void, reject: (reason: any) => void }[]} */
    this.waiting = [];
    this.worker.addEventListener("message", ({ data }) => this.#done(data));
    this.worker.addEventListener("error", (event) => this.#done({ error: event.message || "the worker stopped" }));
  }

  /** @param {any} request @param {AbortSignal} [signal] @returns {Promise<any>} */
  ask(request, signal) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, signal, resolve, reject });
      if (this.waiting.length === 1) this.#next();
    });
  }

  #next() {
    while (this.waiting[0]?.signal?.aborted) this.waiting.shift()?.reject(this.#stopped());
    if (this.waiting.length) this.worker.postMessage({ request: this.waiting[0].request });
  }

  /** @param {{ answer?: any, error?: string }} data */
  #done({ answer, error }) {
    const one = this.waiting.shift();
    if (one?.signal?.aborted) one.reject(this.#stopped());
    else if (error !== undefined) one?.reject(new Error(error));
    else one?.resolve(answer);
    this.#next();
  }

  #stopped() {
    return new DOMException("another request took its place", "AbortError");
  }
}

/** Put blocks of runs of one case one behind another. @param {any[]} parts */
function join(parts) {
  if (parts.length === 1) return parts[0];
  const months = parts[0].months, runs = parts.reduce((sum, part) => sum + part.runs, 0);
  /** @type {Record<string, Float64Array>} */
  const monthly = {}, summary = /** @type {Record<string, Float64Array>} */ ({});
  for (const name of Object.keys(parts[0].monthly)) {
    monthly[name] = new Float64Array(months * runs);
    for (let month = 0; month < months; month++) {
      let at = month * runs;
      for (const part of parts) {
        monthly[name].set(part.monthly[name].subarray(month * part.runs, (month + 1) * part.runs), at);
        at += part.runs;
      }
    }
  }
  for (const name of Object.keys(parts[0].summary)) {
    summary[name] = new Float64Array(runs);
    let at = 0;
    for (const part of parts) {
      summary[name].set(part.summary[name], at);
      at += part.runs;
    }
  }
  return { months, runs, monthly, summary };
}
