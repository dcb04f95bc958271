// Runs partnerships from parameters and seeds alone, as the page does: node run_bundle.mjs FOLDER.
import fs from "fs";
import path from "path";
import { pathToFileURL } from "url";

const [, , folder, site] = process.argv;
const load = (name) => import(pathToFileURL(path.join(site, "engine", name)).href);
const { Runs } = await load("runs.js");
const job = JSON.parse(fs.readFileSync(path.join(folder, "job.json"), "utf8"));
const cached = (make) => {
  const made = new Map();
  return (key) => made.get(key) ?? (made.set(key, make(key)), made.get(key));
};
const bundle = {
  places: job.places,
  layouts: job.layouts,
  module: cached((key) => {
    const module = new WebAssembly.Module(fs.readFileSync(path.join(folder, `${key}.wasm`)));
    const imports = WebAssembly.Module.imports(module).map((one) => `${one.module}.${one.name}`);
    if (imports.join() !== "env.memory") throw new Error(`imports ${imports}`);
    return module;
  }),
};
const answers = job.runs.map(({ partnership, seeds, months, values, watch, given }) => {
  const runs = new Runs(bundle, partnership, { seeds, months, values, watch: Boolean(watch), given });
  if (watch) {
    runs.begin();
    for (const name of watch) if (runs.read(runs.step(1), name) === undefined) throw new Error(`nothing is written of ${name}`);
    runs.begin();
    return Array.from({ length: months }, (_, k) => {
      const place = runs.step(k + 1);
      return Object.fromEntries(watch.map((name) => [name, [runs.read(place, name)].map((v) => (typeof v === "number" ? [v] : [...v])).flat()]));
    });
  }
  const begin = performance.now();
  const { monthly, summary } = runs.simulate();
  const milliseconds = performance.now() - begin;
  return {
    milliseconds,
    monthly: Object.fromEntries(Object.entries(monthly).map(([name, values]) => [name, [...values].map(String)])),
    summary: Object.fromEntries(Object.entries(summary).map(([name, values]) => [name, [...values].map(String)])),
  };
});
fs.writeFileSync(path.join(folder, "answers.json"), JSON.stringify(answers));
