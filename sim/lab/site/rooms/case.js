// @ts-check
/** Case: a partnership of the reader's own, its members by name and what happens to it; then a story of the other rooms. */
import { COLUMNS, EVENT_COLUMNS, readCase, rowOf } from "../model/case.js";
import { fits, pack, unpack } from "../model/case_link.js";
import { OWN } from "../model/source.js";
import { outlinePath, shapeOf } from "../picture/marks.js";
import { fold, h, scrolled, s, select, setChosen } from "../ui/dom.js";
import { pairOf } from "../state.js";
import { makeFiles } from "./case_files.js";
import { makeRows } from "./case_rows.js";

const MAIN = ["name", "sector", "segment", "joins", "leaves"], REST = 400; // ms after typing until the address follows
const EXAMPLE = ["private", "private", "private", "public", "academic", "nonprofit"];

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, source, model } = app, say = words.say.bind(words), facts = source.ofCases;
  /** @type {{ draft: import("../model/case.js").Draft, found: any, problems: any[], packed: string, entered: number }} */
  const now = { draft: example(), found: null, problems: [], packed: "", entered: 0 };
  const text = (/** @type {string} */ label, /** @type {string} */ name, more = {}, about = "") => {
    const input = h("input", { ...more, on: { input: () => { /** @type {any} */ (now.draft)[name] = input.value; changed(); } } }), told = h("p", { class: "problem", id: `case-${name}`, hidden: true });
    if (about) input.setAttribute("aria-describedby", `case-${name}-about`);
    return { input, told, element: h("div", { class: "field" }, h("label", {}, h("span", { class: "small" }, label), input), told, about && h("p", { class: "about", id: `case-${name}-about` }, about)) };
  };
  const title = text(say("case/name"), "title", { maxlength: 200 }), start = text(say("case/start"), "start", { placeholder: "2025-01", size: 9, maxlength: 20 }, say("case/start_about")), month = text(say("case/now"), "now", { placeholder: "0", size: 9, maxlength: 20 }, say("case/now_about"));
  const base = select({ label: say("case/base"), options: Object.keys(facts.bases).map((id) => [id, words.label(`story/${id}/name`, id)]), chosen: "neutral", choose: (id) => { now.draft.base = id; changed(); } });
  const chips = h("div", { class: "chips", role: "group", "aria-label": say("case/add_by_sector") }), names = h("datalist", { id: "case-names" }), segments = h("datalist", { id: "case-segments" });
  const dates = h("div", { class: "dates", role: "alert", hidden: true }, h("p", { class: "problem" }, say("case/problem/dates")), h("button", { type: "button", on: { click: () => start.input.focus() } }, say("case/give_start"))), order = h("p", { class: "noted", role: "status", hidden: true });
  const count = h("p", { class: "small", role: "status" }), whole = h("p", { class: "problem", role: "alert", hidden: true });
  const sectors = /** @type {[string, string][]} */ (facts.sectors.map((/** @type {string} */ id) => [id, say(`sector/${id}/one`)]));
  const kinds = /** @type {[string, string][]} */ (Object.keys(facts.kinds).map((id) => [id, say(`case/kind/${id}/name`)]));
  const list = (/** @type {[string, string][]} */ options, /** @type {string} */ value, /** @type {string} */ label) => {
    const known = options.some(([id]) => id === value), element = h("select", { "aria-label": label }, [...(known ? [] : [[value, value || say("case/choose")]]), ...options].map(([id, name]) => h("option", { value: id }, name)));
    element.value = value;
    return element;
  };
  const input = (/** @type {any} */ row, /** @type {string} */ column, /** @type {string} */ label, more = {}) => h("input", { value: row[column], "aria-label": label, autocomplete: "off", spellcheck: "false", ...more });
  const numeric = { inputmode: "decimal", size: 5, placeholder: "–" };
  const members = makeRows(app, {
    list: "members", label: say("case/members"), columns: [...MAIN, ...COLUMNS.filter((name) => !MAIN.includes(name))].map((name) => ({ name, label: say(`case/column/${name}/name`), more: !MAIN.includes(name) })),
    field: (column, row, label) => (column === "sector" ? list(sectors, row.sector, label) : column === "name" ? input(row, column, label, { size: 18 }) : column === "segment" ? input(row, column, label, { size: 9, list: "case-segments", placeholder: "–" }) : input(row, column, label, ["joins", "leaves"].includes(column) ? { size: 8, placeholder: "–" } : numeric)),
    who: (row, k) => row.name.trim() || say("case/member", { n: k + 1 }), changed: () => changed(), remove: (k) => { now.draft.members.splice(k, 1); redraw(); members.focus(Math.max(0, k - 1), "name"); }, pasted: (paste) => files.pasted(paste),
  });
  const events = makeRows(app, {
    list: "events", label: say("case/events"), columns: EVENT_COLUMNS.map((name) => ({ name, label: say(`case/event/${name}`) })),
    uses: (column, row) => !Object.hasOwn(facts.kinds, row.kind) || ["month", "kind"].includes(column) || (column === "member" ? facts.kinds[row.kind].member !== "none" : column === "segment" ? facts.kinds[row.kind].segment : facts.kinds[row.kind].low < facts.kinds[row.kind].high),
    field: (column, row, label) => (column === "kind" ? list(kinds, row.kind, label) : column === "member" ? input(row, column, label, { list: "case-names", placeholder: say("case/all") }) : column === "segment" ? input(row, column, label, { list: "case-segments", size: 9, placeholder: say("case/all") }) : input(row, column, label, column === "month" ? { size: 8 } : { inputmode: "decimal", size: 5, placeholder: "1" })),
    who: (_, k) => say("case/event/number", { n: k + 1 }), remove: (k) => { now.draft.events.splice(k, 1); redraw(); addEvent.focus(); },
    changed: (column) => { if (column === "kind") { const k = now.draft.events.findIndex((row) => row === changedRow()); redraw(); events.focus(k, "kind"); } else changed(); },
  });
  const changedRow = () => now.draft.events[[...events.element.querySelectorAll("tbody tr")].findIndex((row) => row.contains(document.activeElement))];
  const files = makeFiles(app, facts, {
    open: (draft) => { now.draft = draft; redraw(false); },
    rows: (rows, add) => {
      const { draft } = now, before = add ? draft.members.filter((row) => COLUMNS.some((name) => row[name].trim() && name !== "sector")) : [];
      draft.members = [...before, ...rows];
      if (!add) draft.events = draft.events.filter(({ member }) => !member.trim() || rows.some(({ name }) => name.trim() === member.trim()));
      redraw(false);
    },
    found: () => (settleProblems() ? now.found : null),
  });
  const addEvent = h("button", { type: "button", on: { click: () => { now.draft.events.push(rowOf(EVENT_COLUMNS, { month: "12", kind: "leak" })); redraw(); events.focus(now.draft.events.length - 1, "kind"); } } }, say("case/add_event"));
  const more = h("input", { type: "checkbox", on: { change: () => members.element.classList.toggle("all", more.checked) } });
  const go = (/** @type {string} */ room) => async () => {
    if (!settleProblems()) return;
    const [a, b] = pairOf({ ...model, stories: [...model.stories.filter((/** @type {any} */ { id }) => id !== OWN), { id: OWN, pair: facts.pair }] }, OWN);
    await app.go({ room, story: OWN, a, b, values: {}, month: 0, decisions: "", of: 0, case: await pack(now.draft) });
  };
  const meaning = (/** @type {string} */ key, /** @type {string[]} */ ids) => h("dl", {}, ids.map((id) => h("div", {}, h("dt", {}, say(`case/${key}/${id}/name`)), h("dd", {}, say(`case/${key}/${id}/about`)))));
  main.append(h("div", { class: "page" },
    h("header", {}, h("h1", { tabindex: "-1" }, say("case/title")), h("p", {}, say("case/lead")), h("p", { class: "small" }, say("case/private"))),
    h("div", { class: "fields" }, title.element, base), files.element,
    h("section", {}, h("h2", {}, say("case/members")), chips, dates, order, h("label", { class: "check" }, more, say("case/more")), scrolled(h("div", { class: "wide" }, members.element)), fold(say("case/meaning"), meaning("column", COLUMNS))),
    h("section", {}, h("h2", {}, say("case/events")), h("p", { class: "small" }, say("case/events_lead")), h("div", { class: "fields" }, start.element, month.element), scrolled(h("div", { class: "wide" }, events.element)), h("div", { class: "actions" }, addEvent), fold(say("case/kinds"), meaning("kind", Object.keys(facts.kinds)))),
    names, segments), h("div", { class: "go" }, h("div", {}, count, whole), h("button", { type: "button", class: "primary", on: { click: go("watch") } }, say("case/watch")), h("button", { type: "button", on: { click: go("compare") } }, say("case/compare")), h("button", { type: "button", on: { click: go("convene") } }, say("first/door_convene"))));
  let waiting = 0;

  /** A few members to begin with. @returns {import("../model/case.js").Draft} */
  function example() {
    const seen = /** @type {Record<string, number>} */ ({});
    const rows = EXAMPLE.map((sector) => rowOf(COLUMNS, { name: `${say(`sector/${sector}/one`)} ${(seen[sector] = (seen[sector] ?? 0) + 1)}`, sector }));
    return { title: say("case/own"), base: "neutral", start: "", now: "", members: rows, events: [] };
  }

  /** Read what was typed, tell its problems, and let the address follow, if it is the reader's. */
  function changed(replace = true, follows = true) {
    const { found, problems, notes } = readCase(now.draft, facts), swapped = notes.find(({ list: where }) => where === "case");
    Object.assign(now, { found, problems });
    members.tell(problems);
    events.tell(problems, notes);
    dates.hidden = !problems.some(({ code }) => code === "dates");
    order.hidden = !swapped;
    order.textContent = swapped ? say(`case/note/${swapped.code}`, swapped.values) : "";
    for (const [name, { input: field, told }] of Object.entries({ title, start, now: month })) {
      const problem = problems.find((one) => one.list === "case" && one.column === name && one.code !== "dates");
      told.hidden = !problem;
      told.textContent = problem ? say(`case/problem/${problem.code}`, problem.values) : "";
      field.setAttribute("aria-invalid", String(Boolean(problem)));
    }
    const general = problems.filter((one) => one.list === "case" && ["members", "events", "base"].includes(one.column));
    whole.hidden = !general.length;
    whole.textContent = general.map((one) => say(`case/problem/${one.code}`, one.values)).join(" ");
    count.textContent = problems.length ? say("case/problems", { n: problems.length }) : say("case/count", { n: found.members.length, founders: found.members.filter(({ joins }) => joins <= 0).length });
    names.replaceChildren(...found.members.map(({ name }) => h("option", { value: name ?? "" })));
    segments.replaceChildren(...found.labels.map((label) => h("option", { value: label })));
    drawChips();
    clearTimeout(waiting);
    if (follows && !problems.length) waiting = window.setTimeout(() => remember(replace), replace ? REST : 0);
  }

  /** @param {boolean} replace */
  async function remember(replace) {
    const packed = await pack(now.draft);
    if (app.state.room !== "case" || packed === now.packed) return;
    if (!fits(packed)) return void Object.assign(whole, { hidden: false, textContent: say("case/problem/link") });
    now.packed = packed;
    await app.go({ case: packed }, { replace });
  }

  function drawChips() {
    const { members: rows } = now.draft;
    chips.replaceChildren(...sectors.map(([id, label]) => h("button", { type: "button", class: `chip ${id}`, disabled: rows.length >= facts.most.members, "aria-label": say("case/add", { sector: label }), on: { click: () => add(id) } },
      s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: outlinePath(shapeOf(id), 8, 8, 6) })), h("b", {}, String(rows.filter(({ sector }) => sector === id).length)), say(`sector/${id}/short`), h("span", { "aria-hidden": "true" }, "+"))));
  }

  /** @param {string} sector */
  function add(sector) {
    now.draft.members.push(rowOf(COLUMNS, { sector }));
    redraw();
    members.focus(now.draft.members.length - 1, "name");
  }

  /** Show all of the draft again. @param {boolean} [replace] whether the address before is forgotten @param {boolean} [follows] whether it follows at all */
  function redraw(replace = true, follows = true) {
    const { draft } = now, { found } = readCase(draft, facts);
    found.members.forEach(({ sector }, k) => { if (sector) draft.members[k].sector = sector; });
    [title.input.value, start.input.value, month.input.value] = [draft.title, draft.start, draft.now];
    setChosen(base, draft.base);
    if (draft.members.some((row) => COLUMNS.some((name) => !MAIN.includes(name) && row[name]))) members.element.classList.toggle("all", (more.checked = true));
    members.draw(draft.members.slice(0, facts.most.members));
    events.draw(draft.events.slice(0, 100));
    changed(replace, follows);
  }

  /** Whether all can be read; if not, go to the first problem. */
  function settleProblems() {
    const [first] = now.problems;
    if (!first) return true;
    app.announce(say(`case/problem/${first.code}`, first.values));
    if (first.list === "members") members.focus(first.row, first.column);
    else if (first.list === "events") events.focus(first.row, first.column);
    else (/** @type {any} */ ({ title, start, now: month })[first.column])?.input.focus();
    return false;
  }

  /** @param {import("../state.js").State} state */
  async function show(state) {
    const entered = ++now.entered;
    if (state.case && state.case !== now.packed) {
      const draft = await unpack(state.case);
      if (entered !== now.entered) return;
      Object.assign(now, { draft, packed: state.case });
      redraw();
    } else if (!now.found) redraw(true, false); // an example: the address, and a message about it, stay until something is entered
    app.settle(true);
  }

  return { show, close: () => clearTimeout(waiting) };
}
