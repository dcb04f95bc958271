// @ts-check
// Runs partnerships by WebAssembly modules, from parameters and seeds to outcomes. Nothing here knows the model: what
// is written, and where, is said by the bundle that Python wrote (sim/engine/compiled/bundle.py).

import { holds } from "./conditions.js";

const STACK = 65536; // bytes that a module keeps for itself
const ROWS_AT_ONCE = 2 ** 18; // bytes of members' rows that are worked on at once

/**
 * @typedef {object} Place
 * @property {string} module
 * @property {string} layout
 * @property {Record<string, number>} cells
 * @property {Record<string, number>} runs
 * @property {[number, number]} spare
 * @property {number} measured
 * @property {(number | string)[][]} tables
 * @property {Record<string, number>} columns
 * @property {string[]} wide
 * @property {Record<string, number>} same
 * @property {any[]} holds
 */
/**
 * @typedef {object} Bundle
 * @property {Record<string, Place>} places
 * @property {Record<string, { lanes: number, cells: Record<string, number>, runs: Record<string, number>, numbers: string[] }>} layouts
 * @property {(digest: string) => WebAssembly.Module} module
 */
/**
 * @typedef {object} Partnership
 * @property {string} first_day
 * @property {string[]} months
 * @property {string[]} watch
 * @property {string} end
 * @property {Record<string, number>} parameters
 * @property {Record<string, number>} remembered
 * @property {number} partners
 * @property {string[]} monthly
 * @property {string[]} series
 * @property {string[]} outcomes
 * @property {any[]} events
 */
/**
 * What is known of a partnership that was compiled for any roster: numbers for each member, by column.
 * @typedef {{ partners: number, columns: Record<string, number[]>, values: Record<string, number>, events: any[] }} Given
 */

/** Rows of some runs in the memory that all modules of a partnership share. */
export class Runs {
  /**
   * @param {Bundle} bundle
   * @param {Partnership} template
   * @param {{ seeds: number[] | BigUint64Array, months: number, values?: Record<string, number>, watch?: boolean, given?: Given | null }} what
   */
  constructor(bundle, template, { seeds, months, values = {}, watch = false, given = null }) {
    const partnership = given ? filledIn(template, given) : template;
    this.partnership = partnership;
    this.months = months;
    this.n = seeds.length;
    const keys = [partnership.first_day, ...partnership.months, ...partnership.watch, partnership.end];
    const places = [...new Set(keys)].map((key) => bundle.places[key]);
    const shared = (this.shared = bundle.layouts[places[0].layout]); // the same for all of them
    const lanes = (this.lanes = shared.lanes);
    this.blocks = Math.ceil(this.n / lanes);
    /** @param {"cells" | "runs"} kind */
    const rows = (kind) =>
      Math.max(1, ...places.map((place) => Object.keys(shared[kind]).length + Object.keys(place[kind]).length));
    this.cellRows = rows("cells");
    this.runRows = rows("runs");
    const perBlock = partnership.partners * this.cellRows * lanes;
    this.atOnce = watch ? this.blocks : Math.min(this.blocks, Math.max(1, Math.floor(ROWS_AT_ONCE / (perBlock * 8))));
    this.measures = Math.max(...places.map((place) => place.measured));
    const tables = places.map((place) => tableOf(place, given?.columns ?? {}));
    const sizes = {
      cells: this.atOnce * perBlock,
      runs: this.atOnce * this.runRows * lanes,
      spareCells: Math.max(1, ...places.map((place) => place.spare[0])) * partnership.partners * lanes,
      spareRuns: Math.max(1, ...places.map((place) => place.spare[1])) * lanes,
      numbers: Math.max(1, shared.numbers.length),
      keys: this.blocks * lanes,
      measured: this.measures * months * this.blocks * lanes,
    };
    let end = STACK;
    /** @param {number} length */
    const reserve = (length) => {
      const at = end;
      end += (length * 8 + 63) & ~63;
      return at;
    };
    this.at = Object.fromEntries(Object.entries(sizes).map(([name, length]) => [name, reserve(length)]));
    const tableAt = tables.map((table) => reserve(table.length));
    const memory = (this.memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) }));
    /** @param {string} name */
    const array = (name) => new Float64Array(memory.buffer, this.at[name], sizes[/** @type {keyof sizes} */ (name)]);
    this.cells = array("cells");
    this.runs = array("runs");
    this.numbers = array("numbers");
    this.measured = array("measured");
    tables.forEach((table, k) => new Float64Array(memory.buffer, tableAt[k], table.length).set(table));
    this.programs = new Map(
      places.map((place, k) => {
        const { exports } = new WebAssembly.Instance(bundle.module(place.module), { env: { memory } });
        return [place, { exports: /** @type {any} */ (exports), table: tableAt[k] }];
      }),
    );
    this.places = bundle.places;
    this.values = partnership.parameters;
    this.set(values);
    this.#keys(BigUint64Array.from(seeds, BigInt));
  }

  /**
   * Give parameters other values than the partnership's own.
   * @param {Record<string, number>} values
   */
  set(values) {
    const known = this.partnership.parameters;
    for (const path of Object.keys(values)) if (!(path in known)) throw new Error(`no parameter ${path}`);
    this.values = { ...known, ...values };
    this.shared.numbers.forEach((path, k) => (this.numbers[k] = Number(this.values[path])));
  }

  /** @param {BigUint64Array} seeds */
  #keys(seeds) {
    const full = this.blocks * this.lanes;
    const array = new BigUint64Array(this.memory.buffer, this.at.keys, full);
    for (let k = 0; k < full; k++) array[k] = seeds[Math.min(k, seeds.length - 1)];
    const { exports } = [...this.programs.values()][0];
    exports.keys_of(this.at.keys, this.at.keys, BigInt(full));
  }

  /**
   * @param {Place} place
   * @param {{ first: number, n: number, block: number, blocks: number }} what
   */
  #call(place, { first, n, block, blocks }) {
    const { exports, table } = /** @type {any} */ (this.programs.get(place));
    const { at, lanes } = this;
    const shift = block * lanes * 8;
    const whole = [this.cellRows, this.runRows, first, n, Math.max(first - 1, 0), this.months, this.partnership.partners, 0, blocks, this.blocks];
    exports.months(at.cells, at.runs, at.spareCells, at.spareRuns, at.numbers, at.keys + shift, table, at.measured + shift, ...whole.map(BigInt));
  }

  /** Lay out what the policy remembers at the start. */
  #remember() {
    for (const [name, value] of Object.entries(this.partnership.remembered)) {
      const wide = this.places[this.partnership.months[0]].wide.includes(name.slice(0, name.lastIndexOf(".")));
      const [array, rows, row] = wide ? [this.cells, this.cellRows, this.shared.cells[name]] : [this.runs, this.runRows, this.shared.runs[name]];
      for (let at = row * this.lanes; at < array.length; at += rows * this.lanes) array.fill(value, at, at + this.lanes);
    }
  }

  /**
   * The module that is right in a month.
   * @param {string[]} keys
   * @param {number} month
   */
  #of(keys, month) {
    const key = keys.find((one) => holds(this.places[one].holds, (path) => this.values[path], month));
    if (key === undefined) throw new Error(`these values need a module that this page does not have (month ${month})`);
    return this.places[key];
  }

  /** Draw the first day of the runs that are worked on at once, from a block on. @param {number} block @param {number} blocks */
  begin(block = 0, blocks = this.atOnce) {
    this.#remember();
    this.#call(this.places[this.partnership.first_day], { first: 0, n: 1, block, blocks });
  }

  /** One month of all runs, with its flows. @param {number} month */
  step(month) {
    const place = this.#of(this.partnership.watch, month);
    this.#call(place, { first: month, n: 1, block: 0, blocks: this.blocks });
    return place;
  }

  /**
   * All months of all runs, and their outcomes; if asked, in how many runs each partner is a member at the end.
   * @param {Record<string, number>[] | null} byMonth parameters that have a value of their own in each month
   * @param {boolean} counted whether members are counted one by one
   */
  simulate(byMonth = null, counted = false) {
    const { partnership, lanes, values: own } = this;
    const end = this.places[partnership.end];
    /** @type {{ place: Place, values: Record<string, number>, text: string, first: number, n: number }[]} */
    const parts = [];
    for (let month = 1; month <= this.months; month++) {
      const values = { ...own, ...byMonth?.[month - 1] }, text = byMonth ? JSON.stringify(values) : "", last = parts.at(-1);
      if (byMonth) this.set(values);
      const place = this.#of(partnership.months, month);
      if (last?.place === place && last.text === text) last.n++;
      else parts.push({ place, values, text, first: month, n: 1 });
    }
    const summary = Object.fromEntries(partnership.outcomes.map((name) => [name, new Float64Array(this.n)]));
    const present = new Float64Array(counted ? partnership.partners : 0);
    for (let block = 0; block < this.blocks; block += this.atOnce) {
      const blocks = Math.min(this.atOnce, this.blocks - block);
      if (byMonth) this.set(own);
      this.begin(block, blocks);
      for (const { place, values, first, n } of parts) {
        if (byMonth) this.set(values);
        this.#call(place, { first, n, block, blocks });
      }
      this.#count(present, block, blocks);
      this.#call(end, { first: this.months + 1, n: 1, block, blocks });
      for (const name of partnership.outcomes) {
        const row = end.runs[`outcome.${name}.0`] * lanes;
        for (let k = 0; k < blocks * lanes && block * lanes + k < this.n; k++)
          summary[name][block * lanes + k] = this.runs[Math.floor(k / lanes) * this.runRows * lanes + row + (k % lanes)];
      }
    }
    return { months: this.months, runs: this.n, monthly: this.#monthly(), summary, present };
  }

  /** Add in how many of some blocks of runs each partner is a member. @param {Float64Array} present @param {number} block @param {number} blocks */
  #count(present, block, blocks) {
    const { lanes, cellRows } = this, row = this.shared.cells["member.0"], n = Math.min(blocks * lanes, this.n - block * lanes);
    for (let i = 0; i < present.length; i++)
      for (let k = 0; k < n; k++) present[i] += this.cells[((Math.floor(k / lanes) * this.partnership.partners + i) * cellRows + row) * lanes + (k % lanes)];
  }

  #monthly() {
    const full = this.blocks * this.lanes;
    return Object.fromEntries(this.partnership.monthly.map((name, k) => {
      const values = new Float64Array(this.months * this.n);
      for (let month = 0; month < this.months; month++) {
        const at = (k * this.months + month) * full;
        values.set(this.measured.subarray(at, at + this.n), month * this.n);
      }
      return [name, values];
    }));
  }

  /**
   * A quantity of the first run: one value for each partner, or one in all.
   * @param {Place} place
   * @param {string} name such as trust.0
   * @returns {Float64Array | number}
   */
  read(place, name) {
    const { lanes, partnership } = this;
    if (name in place.same) return place.same[name];
    const cell = place.cells[name] ?? this.shared.cells[name];
    if (cell === undefined) return this.runs[(place.runs[name] ?? this.shared.runs[name]) * lanes];
    return Float64Array.from({ length: partnership.partners }, (_, k) => this.cells[(k * this.cellRows + cell) * lanes]);
  }

  /** What was measured in a month of the first run. @param {number} month from 1 */
  outcomesOf(month) {
    const full = this.blocks * this.lanes;
    return Object.fromEntries(this.partnership.series.map((name, k) => [name, this.measured[(k * this.months + month - 1) * full]]));
  }
}

/** @param {Partnership} template @param {Given} given @returns {Partnership} */
function filledIn(template, { partners, values, events }) {
  if (!(partners >= 1 && partners <= template.partners)) throw new Error(`${partners} members: this page has room for ${template.partners}`);
  return { ...template, partners, events, parameters: { ...template.parameters, ...values } };
}

/** @param {Place} place @param {Record<string, number[]>} columns */
function tableOf(place, columns) {
  const all = Float64Array.from([...place.tables.flat(), 0], Number); // what JSON cannot hold is a text
  for (const [name, start] of Object.entries(place.columns)) if (name in columns) all.set(columns[name], start);
  return all;
}
