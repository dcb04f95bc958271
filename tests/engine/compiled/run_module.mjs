// Runs a WebAssembly module on the arrays of a folder: node run_module.mjs FOLDER; writes measured.bin there.
import fs from "fs";

const folder = process.argv[2] + "/";
const sizes = JSON.parse(fs.readFileSync(folder + "sizes.json"));
const names = ["cells", "runs", "shared", "keys", "table", "measured"];
const read = (name) => {
  const bytes = fs.readFileSync(folder + name + ".bin");
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const arrays = Object.fromEntries(names.map((name) => [name, name in sizes ? new Float64Array(sizes[name]) : read(name)]));

let end = 65536; // behind the module's own stack
const at = {};
for (const name of names) {
  at[name] = end;
  end += (arrays[name].length * 8 + 15) & ~15;
}
const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1 });
const module = new WebAssembly.Module(fs.readFileSync(folder + "months.wasm"));
const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
if (imports.join() !== "env.memory") throw new Error(`imports ${imports}`);
const { months } = new WebAssembly.Instance(module, { env: { memory } }).exports;
for (const name of names) new Float64Array(memory.buffer, at[name], arrays[name].length).set(arrays[name]);
const whole = [1, sizes.months, sizes.partners, 0, sizes.blocks, sizes.blocks].map(BigInt);
months(...names.map((name) => at[name]), ...whole);
fs.writeFileSync(folder + "measured.bin", new Uint8Array(memory.buffer, at.measured, arrays.measured.length * 8));
