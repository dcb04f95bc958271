// Runs partnerships from parameters and keys alone, by two WebAssembly modules: node run_module.mjs FOLDER.
// Nothing here knows the model: rows are copied by name from the first day to the months.
import fs from "fs";

const folder = process.argv[2] + "/";
const job = JSON.parse(fs.readFileSync(folder + "job.json")); // months, partners, runs, inputs, memory
const read = (name) => {
  const bytes = fs.readFileSync(folder + name);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const keys = read("keys.bin");

function loaded(name) {
  const layout = JSON.parse(fs.readFileSync(`${folder}${name}.json`));
  const table = read(`${name}.table.bin`);
  const blocks = Math.ceil(job.runs / layout.lanes);
  const months = name === "months" ? job.months : 1;
  const [cell, run, shared] = layout.sizes;
  const lengths = {
    cells: blocks * job.partners * cell, runs: blocks * run, shared: job.partners * shared, keys: blocks * layout.lanes,
    table: table.length, measured: layout.measured * months * blocks * layout.lanes,
  };
  let end = 65536; // behind the module's own stack
  const at = {};
  for (const [part, length] of Object.entries(lengths)) {
    at[part] = end;
    end += (length * 8 + 15) & ~15;
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1 });
  const module = new WebAssembly.Module(fs.readFileSync(`${folder}${name}.wasm`));
  const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
  if (imports.join() !== "env.memory") throw new Error(`imports ${imports}`);
  const call = new WebAssembly.Instance(module, { env: { memory } }).exports.months;
  const arrays = Object.fromEntries(
    Object.entries(lengths).map(([part, length]) => [part, new Float64Array(memory.buffer, at[part], length)]));
  arrays.table.set(table);
  arrays.keys.set(keys);
  const numbers = [name === "months" ? 1 : 0, months, job.partners, 0, blocks, blocks].map(BigInt);
  const places = ["cells", "runs", "shared", "keys", "table", "measured"].map((part) => at[part]);
  for (const [path, row] of Object.entries(layout.runs)) {
    if (!(path in job.inputs)) continue;
    const values = [job.inputs[path]].flat();
    for (let k = 0; k < blocks * layout.lanes; k++) {
      const value = values[Math.min(values.length === 1 ? 0 : k, values.length - 1)];
      arrays.runs[Math.floor(k / layout.lanes) * run + row * layout.lanes + (k % layout.lanes)] = value;
    }
  }
  return { layout, arrays, blocks, run: () => call(...places, ...numbers) };
}

const first = loaded("first_day");
const months = loaded("months");
first.run();
for (const kind of ["cells", "runs"]) {
  const strides = [first, months].map((m) => m.layout.sizes[kind === "cells" ? 0 : 1]);
  const groups = kind === "cells" ? months.blocks * job.partners : months.blocks;
  for (const [name, row] of Object.entries(months.layout[kind])) {
    const number = name in job.memory ? job.memory[name] : first.layout.numbers[name];
    const from = first.layout[kind][name];
    if (number === undefined && from === undefined) continue; // a parameter, or what the months make themselves
    const lanes = months.layout.lanes;
    for (let group = 0; group < groups; group++)
      for (let lane = 0; lane < lanes; lane++)
        months.arrays[kind][group * strides[1] + row * lanes + lane] =
          number === undefined ? first.arrays[kind][group * strides[0] + from * lanes + lane] : number;
  }
}
const start = performance.now();
months.run();
console.log(JSON.stringify({ milliseconds: performance.now() - start }));
fs.writeFileSync(folder + "measured.bin", new Uint8Array(months.arrays.measured.buffer, months.arrays.measured.byteOffset,
  months.arrays.measured.byteLength));
