// Cases as text: what is read, and what is refused. FACTS is a file with what a case may hold: FACTS=... node --test case_units.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { COLUMNS, givenOf, readCase, rowOf } from "../../sim/lab/site/model/case.js";
import { readFile, readTable, textOf, writeFile } from "../../sim/lab/site/model/case_file.js";
import { fits, pack, unpack } from "../../sim/lab/site/model/case_link.js";
import { readYaml } from "../../sim/lab/site/model/yaml.js";

const facts = JSON.parse(fs.readFileSync(process.env.FACTS, "utf8"));
const TWO = "members: [{name: A, sector: private}, {name: B, sector: public}]\n";
const code = (text) => { try { readFile(text, facts, "My case"); return "read"; } catch (error) { return [error.code, error.line].join(" "); } };
const draftOf = (rows, events = []) => ({ title: "My case", base: "neutral", start: "", now: "", members: rows.map((row) => rowOf(COLUMNS, row)), events });
const problemsOf = (rows, events) => readCase(draftOf(rows, events), facts).problems.map(({ list, row, column, code: what }) => `${list} ${row} ${column} ${what}`);

test("a roster is read with commas, semicolons or tabs, usual words, decimal commas and a total", () => {
  const rows = readTable('Organisation;Type;size;Segment\r\n"Jansen; Zn";bedrijf;2,5;denim\r\nUtrecht;gemeente;;none\r\nTotal;;;\r\n', facts), { found, problems } = readCase(draftOf(rows), facts);

  assert.deepEqual(problems, []);
  assert.deepEqual(found.members.map(({ name, sector, size, segment }) => [name, sector, size, segment]), [["Jansen; Zn", "private", 2.5, "denim"], ["Utrecht", "public", null, -1]]);
  assert.deepEqual(readTable("A\tcompany\nB\tNGO", facts).map(({ name, sector }) => [name, sector]), [["A", "company"], ["B", "NGO"]]);
  assert.deepEqual(readTable('name,sector,fee\n"A ""x""",private,70%', facts)[0].name, 'A "x"');
});

test("a file is read as UTF-8, by its mark as UTF-16, or else as Windows-1252", () => {
  const read = (...bytes) => Object.values(textOf(Uint8Array.from(bytes))).join(" ");

  assert.equal(read(...new TextEncoder().encode("Caf\u00e9")), "utf-8 Caf\u00e9");
  assert.equal(read(0x43, 0x61, 0x66, 0xe9), "windows-1252 Caf\u00e9");
  assert.equal(read(0xff, 0xfe, 0x41, 0, 0xe9, 0), "utf-16le A\u00e9");
});

test("what stands in a file by blocks, in brackets or with comments is one case", () => {
  const blocks = readFile("# mine\ntitle: Ours # yes\nmembers:\n- name: 'It''s'\n  sector: private # a firm\n-   {name: \"B: \\u00e9\",\n     sector: public}\nevents:\n  - month: 3\n    kind: rumour\n", facts, ""), { found, problems } = readCase(blocks, facts);

  assert.deepEqual(problems, []);
  assert.deepEqual(found.members.map(({ name }) => name), ["It's", "B: \u00e9"]);
  assert.deepEqual(found.events, [{ month: 3, kind: "trust", member: "", segment: "", size: -3 }]);
});

test("what a file holds besides is refused with its line", () => {
  const cases = {
    [`${TWO}grant: {months: 3}`]: "key 2", [`scenario: atlantis\n${TWO}`]: "scenario 1", [`${TWO}now: [1]`]: "value 2", "members: members.csv": "members_file 1",
    "members:\n  - {name: yes, sector: private}\n  - {name: true, sector: public}": "in_quotes 3", "members:\n  - {name: A, sector: private, colour: red}": "column 2",
    "a: &x 1": "sign 1", "a: !!python/object 1": "sign 1", "a: |\n  text": "sign 1", "a: 1\na: 2": "twice 2", "a:\n\tb: 1": "tab 2", "a: {b: 1": "bracket 1", "a: 'b": "quote 1",
    "members: [{name:A, sector: private}]": "colon 1", "a: b: c": "layout 1", "a: 1\n  more": "layout 2", "- 1": "no_case 1", "": "no_case 1", "%YAML 1.1": "sign 1",
    [`${"[".repeat(50)}`]: "deep 1", [`a: "${"x".repeat(5000)}"`]: "long_line 1", [" ".repeat(300_000)]: "long 1",
    [`members:\n${"  - {name: A, sector: private}\n".repeat(5000)}`]: "many_rows 2", "__proto__: 1": "key 1", "members: {private: 3, __proto__: 2}": "count 1",
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(code(text), expected, text.slice(0, 60));
  assert.equal(readYaml("# nothing"), null);
});

test("ten thousand rows take no time, and are refused", () => {
  const begin = performance.now();

  assert.match(code(`members:\n${"- {name: A}\n".repeat(10_000)}`), /many_rows/);
  assert.throws(() => readTable(`name,sector\n${"A,private\n".repeat(10_000)}`, facts), { code: "many_rows" });
  assert.ok(performance.now() - begin < 3000);
});

test("problems stand beside their field", () => {
  const good = { name: "A", sector: "private" };

  assert.deepEqual(problemsOf([good, { name: "a ", sector: "firm" }]), ["members 1 name twice"]);
  assert.deepEqual(problemsOf([good, { name: "x\u202ey", sector: "church" }, { name: "C\u0000", sector: "" }]), ["members 1 name hidden", "members 1 sector sector", "members 2 name hidden", "members 2 sector no_sector"]);
  assert.deepEqual(problemsOf([good, { name: "B", sector: "public", size: "1e9", readiness: "2", need: "1,250", joins: "2026-03", leaves: "0.5" }]), ["members 1 size number", "members 1 readiness number", "members 1 need either", "members 1 leaves month", "case 0 start dates"]);
  assert.deepEqual(problemsOf([good, { ...good, name: "B", joins: "4", leaves: "4" }, { ...good, name: "C" }]), ["members 1 leaves leaves"]);
  assert.deepEqual(problemsOf([good]), ["case 0 members founders"]);
  assert.deepEqual(problemsOf(Array.from({ length: 61 }, (_, k) => ({ ...good, name: `A${k}` }))), ["case 0 members many"]);
  assert.deepEqual(problemsOf(Array.from({ length: 9 }, (_, k) => ({ ...good, name: `A${k}`, segment: `market ${k}` }))), ["case 0 members segments"]);
  const event = (more) => ({ month: "3", kind: "leak", member: "A", segment: "", size: "", ...more });
  assert.deepEqual(problemsOf([good, { ...good, name: "B" }], [event({ month: "" }), event({ member: "Z" }), event({ member: "" }), event({ kind: "grant" }), event({ kind: "constructor" }),
    event({ kind: "departures", member: "", size: "2" }), event({ kind: "interest", member: "", segment: "denim" }), ...Array.from({ length: 5 }, () => event({}))]),
  ["events 0 month month", "events 1 member member", "events 2 member member_needed", "events 3 member member_none", "events 4 kind kind", "events 5 size number", "events 6 segment segment", "events 11 kind many_events"]);
});

test("dates are months where month 1 has a date, in the forms of the command line", () => {
  const forms = ["2026-03", "03/2026", "15-03-2026", "mar-26", "15 maart 2026", "2026-03-09", "3/15/2026", "46091", "15"], rows = forms.map((joins, k) => ({ name: `A${k}`, sector: "private", joins }));
  const draft = { ...draftOf([...rows, { name: "B", sector: "public" }, { name: "C", sector: "public", leaves: "2026-13" }, { name: "D", sector: "public", leaves: "2024-12" }], [{ month: "apr 2026", kind: "leak", member: "B", segment: "", size: "" }]), start: "01/2025", now: "2025-12" };
  const { found, problems } = readCase(draft, facts);

  assert.deepEqual(found.members.slice(0, forms.length).map(({ joins }) => joins), forms.map(() => 15));
  assert.deepEqual([found.start, found.now, found.events[0].month], ["2025-01", 12, 16]);
  assert.deepEqual(problems.map(({ row, column, code: what }) => `${row} ${column} ${what}`), ["10 leaves no_date", "11 leaves other_month"]);
  assert.deepEqual(problemsOf(rows.slice(0, 8).concat({ name: "B", sector: "public" }, { name: "C", sector: "public" })), ["case 0 start dates"]);
});

test("an event that changes nothing is told", () => {
  const event = (more) => ({ month: "30", kind: "leak", member: "", segment: "", size: "", ...more });
  const events = [event({ kind: "grant", size: "-3" }), event({ member: "A", month: "3" }), event({ member: "A", month: "4" }), event({ member: "B", month: "9" }), event({ member: "B", month: "10" }), event({ kind: "renewal", month: "61" }), event({ kind: "common", size: "0" }),
    event({ kind: "grant", month: "12", size: "-2" })];
  const { problems, notes } = readCase(draftOf([{ name: "A", sector: "private", joins: "3" }, { name: "B", sector: "public", leaves: "9" }, { name: "C", sector: "public" }], events), facts);

  assert.deepEqual(problems, []);
  assert.deepEqual(notes.map(({ row, code: what, values }) => `${row} ${what} ${values.month ?? ""}`), ["0 ended 22", "1 not_yet 3", "4 no_longer 9", "5 late ", "6 nothing "]);
});

test("a case of forty members fits in a link, and comes back", async () => {
  const rows = Array.from({ length: 40 }, (_, k) => ({ name: `Organisation ${k} <script>alert(1)</script>`.slice(0, 36), sector: facts.sectors[k % 4], segment: ["denim", "mills", ""][k % 3], size: k % 2 ? "2.5" : "", joins: k > 30 ? String(k) : "" }));
  const draft = draftOf(rows, [{ month: "3", kind: "leak", member: rows[0].name, segment: "", size: "" }]), packed = await pack(draft);

  assert.deepEqual(await unpack(packed), draft);
  assert.ok(packed.length < 1500 && fits(packed), String(packed.length));
});

test("a link of a stranger's making is refused, or holds texts alone", async () => {
  const deflated = async (value) => Buffer.from(await new Response(new Blob([value]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer()).toString("base64url");
  const strange = ["", "x", "<script>", "A".repeat(10_000), "AAAA", await deflated("null"), await deflated("{}"), await deflated("[1,2,3,4,5,6]"), await deflated('[1,"a","neutral","",[[1]],[]]'),
    await deflated('[1,"a","neutral","",[[["x"]]],[]]'), await deflated(`[1,"${"a".repeat(200_000)}"`), await deflated(new Uint8Array([0xff, 0xfe])), await deflated(JSON.stringify([1, "a", "neutral", "", Array(201).fill(["a"]), []]))];
  for (const text of strange) await assert.rejects(unpack(text), undefined, text.slice(0, 40));
  const { found, problems } = readCase(await unpack(await deflated(JSON.stringify([1, "<b>", "__proto__", "99", [["<img src=x onerror=alert(1)>", "private"], ["B", "constructor"]], []]))), facts);

  assert.equal(found.base, "neutral");
  assert.deepEqual(problems.map(({ column }) => column), ["base", "now", "sector"]);
});

test("events of each kind go to places of their own, in the order of their months", () => {
  const { found } = readCase(draftOf([{ name: "A", sector: "private", joins: "5" }, { name: "B", sector: "public" }, { name: "C", sector: "public" }], [
    { month: "9", kind: "budget", member: "", segment: "", size: "2" }, { month: "4", kind: "budget", member: "", segment: "", size: "3" }, { month: "6", kind: "leak", member: "A", segment: "", size: "" }]), facts), { values, columns, partners, events } = givenOf(found, facts);
  const [first, second] = facts.slots.budget, [leak] = facts.slots.leak;

  assert.deepEqual([values[`events.${first}.month`], values[`events.${second}.month`], values[`events.${leak}.member`]], [4, 9, 2]);
  assert.deepEqual([partners, columns["roster.joins"], columns["roster.leaves"]], [3, [0, 0, 5], [0, 0, 0]]);
  assert.deepEqual(events.map(({ name }) => name), ["budget changed", "budget changed"]);
});

test("what is written is read as the same", () => {
  const { found } = readCase(draftOf(["yes", "null", "012", "1e3", "- a: b # c", "\u{1f9f5} \"q\" \\", "'", "{x}"].map((name) => ({ name, sector: "academic", segment: name }))), facts);

  assert.deepEqual(readCase(readFile(writeFile(found, "mine"), facts, ""), facts).found, found);
});
