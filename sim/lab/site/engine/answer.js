// @ts-check
// Answers requests for runs: reads and compiles the modules that they need once.

import { readFile, readJson } from "../files.js";
import { Runs } from "./runs.js";
import { byHand, watchRun } from "./watch.js";

const OWN = "own_case";
/** @type {any} */
let model;
/** @type {Map<string, Promise<any>>} */
const asked = new Map();
/** @type {Map<string, any>} */
const ready = new Map();

/** Set what the bundle says of stories, policies and modules. @param {any} described */
export function setModel(described) { model = described; }

/** @param {string} key @param {() => Promise<any>} make */
function once(key, make) {
  const promise = asked.get(key) ?? make().then((value) => void ready.set(key, value));
  asked.set(key, promise);
  promise.catch(() => asked.delete(key));
  return promise;
}

/** @param {string[]} keys of places */
async function prepare(keys) {
  await Promise.all(keys.map((key) => model.places[key].module).map((module) =>
    once(module, async () => WebAssembly.compile(await readFile(`modules/${module}.wasm`)))));
}

/** @param {string} key */
const get = (key) => ready.get(key);

/** A case of a reader's own has places of its own, which are read when there is one. @param {string} story */
async function learn(story) {
  if (!model.own_case || story !== OWN) return;
  await once("case.json", async () => {
    const { partnerships, places, layouts } = await readJson("case.json");
    for (const [to, from] of [[model.partnerships, partnerships], [model.places, places], [model.layouts, layouts]]) Object.assign(to, from);
  });
}

/** @param {string} story @param {string} policy */
function found(story, policy) {
  const partnership = Object.hasOwn(model.partnerships, story) ? model.partnerships[story] : {};
  if (!Object.hasOwn(partnership, policy)) throw new Error(`there is no ${story} with ${policy}`);
  return partnership[policy];
}

/** @param {any} partnership @param {boolean} watch */
const placesOf = (partnership, watch) => [partnership.first_day, ...(watch ? partnership.watch : [...partnership.months, partnership.end])];

/** @param {any} request */
export async function answer({ call, story, policy, values, seeds, seed, months, effort, given }) {
  await learn(story);
  const partnership = found(story, effort ? "by_hand" : policy), watch = call === "watch";
  await prepare(placesOf(partnership, watch));
  const bundle = { places: model.places, layouts: model.layouts, module: get };
  const used = watch ? { ...partnership, months: partnership.watch, end: partnership.first_day } : { ...partnership, watch: [] };
  const runs = new Runs(bundle, used, { seeds: watch ? [seed] : seeds, months, values, watch, given });
  return watch ? watchRun(runs, model.codes, effort) : runs.simulate(effort ? Array.from({ length: months }, (_, m) => byHand(effort[m])) : null, Boolean(given));
}

/** Read and compile what will be asked for soon; what fails is told by the request. @param {{ story: string, policy: string, watch: boolean }[]} soon */
export function prepareSoon(soon) {
  for (const { story, policy, watch } of soon) learn(story).then(() => prepare(placesOf(found(story, policy), watch))).catch(() => {});
}
