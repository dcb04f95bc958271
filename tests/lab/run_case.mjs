// Runs cases as the page does, from the files of the command line: node run_case.mjs SITE JOB, an exported folder and a list.
import fs from "fs";
import path from "path";

const [, , site, list] = process.argv;
const load = (name) => import(new URL(`../../sim/lab/site/${name}`, import.meta.url).href);
const [{ Runs }, { givenOf, readCase }, { readFile, writeFile }, { pack, unpack }] = await Promise.all(
  ["engine/runs.js", "model/case.js", "model/case_file.js", "model/case_link.js"].map(load));
const facts = JSON.parse(fs.readFileSync(path.join(site, "case.json"), "utf8")), kept = new Map();
const cached = (key, make) => kept.get(key) ?? (kept.set(key, make()), kept.get(key));
const bundle = {
  ...facts,
  module: (key) => cached(key, () => new WebAssembly.Module(fs.readFileSync(path.join(site, `modules/${key}.wasm`)))),
};
const jobs = JSON.parse(fs.readFileSync(list, "utf8")), answers = [];
for (const { text, policy, seeds, months, values } of jobs) {
  const draft = await unpack(await pack(readFile(text, facts, "A case"))), { found, problems } = readCase(draft, facts), given = givenOf(found, facts), begin = performance.now();
  if (problems.length) throw new Error(JSON.stringify(problems));
  const { summary, present } = new Runs(bundle, facts.partnerships.own_case[policy], { seeds, months, values, given }).simulate(null, true);
  const milliseconds = performance.now() - begin;
  answers.push({ milliseconds, present: [...present], written: writeFile(found, "A case"), events: given.events, summary: Object.fromEntries(Object.entries(summary).map(([name, numbers]) => [name, [...numbers].map(String)])) });
}
fs.writeFileSync(`${list}.answers`, JSON.stringify(answers));
