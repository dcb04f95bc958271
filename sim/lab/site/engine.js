// @ts-check
// The engine of the page: the model as WebAssembly in web workers, which divide the runs among them; where a browser
// allows no worker, in the page itself, a few runs at a time.

import { addressOf, forWorker, parse, readFile, readJson } from "./files.js";

const MOST_WORKERS = 4, LANES = 16;

/** @param {boolean} [atOnce] whether the workers start before they are wanted */
export async function openEngine(atOnce = false) {
  const described = readFile("engine.json"), started = atOnce ? startWorkers(described) : null;
  return new Engine(await readJson("model.json"), described, started);
}

/** @param {Promise<ArrayBuffer>} described what the workers read */
function startWorkers(described) {
  const n = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
  return Array.from({ length: n }, () => new Desk(described));
}

class Engine {
  /** @param {any} model what there is to choose and to see @param {Promise<ArrayBuffer>} described what the workers read @param {Desk[] | null} started */
  constructor(model, described, started) {
    this.model = model;
    this.described = described;
    this.desks = started;
  }

  /** They start when the first of them is wanted. @type {Desk[]} */
  get workers() { return (this.desks ??= startWorkers(this.described)); }

  /**
   * Many runs of one case, with the seeds from `first` on; `effort` as in `watch`.
   * @param {{ story: string, policy: string, values?: Record<string, number>, first?: number, count?: number, months?: number, effort?: any[] | null, given?: import("./engine/runs.js").Given | null }} request
   * @param {{ signal?: AbortSignal }} [how]
   */
  async ensemble({ story, policy, values = {}, first = 0, count = 250, months = this.model.months, effort = null, given = null }, { signal } = {}) {
    const each = this.workers.some(({ inPage }) => inPage) ? 2 * LANES : count / this.workers.length; // the page must answer in between
    const size = Math.ceil(each / LANES) * LANES, parts = [];
    for (let begin = 0; begin < count; begin += size) {
      const seeds = Array.from({ length: Math.min(size, count - begin) }, (_, k) => first + begin + k);
      parts.push(this.#ask({ call: "ensemble", story, policy, values, seeds, months, effort, given }, signal));
    }
    return join(await Promise.all(parts));
  }

  /**
   * One run month by month; `effort` has shares of the budget for each month of a game.
   * @param {{ story: string, policy: string, values?: Record<string, number>, seed: number, months?: number, effort?: any[] | null, given?: import("./engine/runs.js").Given | null }} request
   * @param {{ signal?: AbortSignal }} [how]
   */
  watch({ story, policy, values = {}, seed, months = this.model.months, effort = null, given = null }, { signal } = {}) {
    return this.#ask({ call: "watch", story, policy, values, seed, months, effort, given }, signal);
  }

  /** What a case of the reader's own may hold. */
  facts() { return readJson("case.json"); }

  /** Fetch and compile what will be asked for soon. @param {{ story: string, policy: string, watch: boolean }[]} soon */
  prepare(soon) {
    for (const desk of this.workers) desk.send({ soon });
  }

  /** @param {any} request @param {AbortSignal} [signal] */
  #ask(request, signal) {
    const desk = this.workers.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least));
    return desk.ask(request, signal);
  }
}

const load = () => import("./engine/answer.js");

/** A worker and the requests that wait for it: one that is given up before its turn is never run. */
class Desk {
  /** @param {Promise<ArrayBuffer>} described what engine.json holds: each worker reads it by itself, while the page goes on */
  constructor(described) {
    /** @type {{ request: any, signal?: AbortSignal, resolve: (value: any) => void, reject: (reason: any) => void }[]} */
    this.waiting = [];
    this.inPage = false;
    /** @type {(message: any) => void} */
    this.send = () => {};
    try {
      this.#open(described);
    } catch {
      this.#openInPage(described);
    }
  }

  /** @param {Promise<ArrayBuffer>} described */
  #open(described) {
    const worker = new Worker(addressOf("worker.js"), { type: "module" });
    let works = false;
    worker.addEventListener("message", ({ data }) => { works = true; this.#done(data); });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (works) this.#done({ error: event.message || "the worker stopped" });
      else if (!this.inPage) this.#openInPage(described);
    });
    const opened = described.then((bytes) => worker.postMessage({ bytes, files: forWorker() }));
    this.send = (message) => opened.then(() => worker.postMessage(message), (error) => message.request && this.#done({ error: error.message }));
  }

  /** Do a worker's work here. @param {Promise<ArrayBuffer>} described */
  #openInPage(described) {
    this.inPage = true;
    const opened = Promise.all([load(), described]).then(([engine, bytes]) => (engine.setModel(parse(bytes)), engine));
    this.send = async ({ soon, request }) => {
      const engine = await opened;
      if (soon) return engine.prepareSoon(soon);
      await new Promise((resolve) => setTimeout(resolve)); // first what the reader does
      engine.answer(request).then((answer) => this.#done({ answer }), (error) => this.#done({ error: error.message }));
    };
    if (this.waiting.length) this.#next();
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
    if (this.waiting.length) this.send({ request: this.waiting[0].request });
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
  return { months, runs, monthly, summary, present: parts[0].present.map((/** @type {number} */ _, /** @type {number} */ i) => parts.reduce((sum, { present }) => sum + present[i], 0)) };
}
