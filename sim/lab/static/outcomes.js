// Explore and compare: the same outcomes of many runs, one policy before and after the last change, or two side by side.

import { drawChart, drawStrip, fillTable, ladder, lines, POLICY } from "./chart.js";
import { html } from "./draw.js";
import { saveBar } from "./save.js";
import { configuration, provenance } from "./state.js";
import { digits, number, message } from "./messages.js";

const OUTCOMES = {
  members: { ends: "retention", scale: 10, show: (value) => digits(value, 0), gap: message("points") },
  collective: { base: 0.25, ends: "collective_value", scale: 0.1 },
  private: { base: 30, ends: "private_value", scale: 5 },
  society: { base: 15, ends: "society_value", scale: 5 },
};
for (const [outcome, about] of Object.entries(OUTCOMES))
  Object.assign(about, { title: message(`${outcome}.title`), unit: message(`${outcome}.unit`) });

export function showExplore(data, ghost, which) {
  const { strategy, when, curves } = data.policies[which];
  data.policies.forEach((p, k) => { document.getElementById(`shown${k}`).textContent = p.strategy; });
  document.getElementById("key").textContent =
    [ghost ? "key_ghost" : "key", "key_sectors"].map((key) => message(key, { n: digits(data.runs, 0) })).join("; ");
  for (const [outcome, about] of Object.entries(OUTCOMES)) {
    const box = place(document.getElementById("explore"), `explore-${outcome}`, () => {
      const made = html("div", { class: "chart" }), title = html("h3");
      title.append(`${about.title} `, html("small", {}, about.unit));
      made.append(title, html("div", { class: "picture" }), html("p"), html("details"));
      return made;
    });
    const shown = lines(curves, outcome, which), ghosts = ghost ? lines(ghost.policies[which].curves, outcome, which) : [];
    const text = sentence(shown, outcome, when, data.size, ghosts);
    box.querySelector("p").textContent = text;
    drawChart(box.querySelector(".picture"), { shown, ghosts, top: topOf(outcome, data), grant: data.grant, label: `${about.title}. ${text}`, ...about });
    const details = box.querySelector("details"), { name } = data.policies[which];
    fillTable(details, shown.map((l) => ({ title: l.name || strategy, bands: l.bands })), about.unit, about.show);
    details.append(saveBar(`explore-${outcome}`, about.title, ["csv", "svg", "png"], () => ({
      ...numbers(outcome, [{ name, shown }]),
      configuration: { ...configuration(), shown: name },
      picture: picture(about, sentence(shown, outcome, when, data.size, []), data, [{ svg: box.querySelector("svg"), caption: strategy, colour: POLICY[which][0] }]),
    })));
  }
}

export function showCompare(data) {
  const parent = document.getElementById("compare");
  for (const [outcome, about] of Object.entries(OUTCOMES)) {
    const box = place(parent, `compare-${outcome}`, () => {
      const made = html("div", { class: "outcome" }), title = html("h3");
      title.append(`${about.title} `, html("small", {}, about.unit));
      made.append(title, html("div", { class: "charts" }), html("div", { class: "difference" }), html("p"), html("details"));
      for (const k of [0, 1]) {
        const panel = html("div", { class: "chart" });
        panel.append(html("p", { class: `panel panel${k}` }), html("div", { class: "picture" }));
        made.querySelector(".charts").append(panel);
      }
      return made;
    });
    const panels = data.policies.map((p, k) => ({ name: p.name, strategy: p.strategy, when: p.when, shown: lines(p.curves, outcome, k) }));
    panels.forEach(({ strategy, when, shown }, k) => {
      const panel = box.querySelectorAll(".chart")[k];
      panel.querySelector("p").textContent = strategy;
      const label = `${about.title}. ${sentence(shown, outcome, when, data.size, [])}`;
      drawChart(panel.querySelector(".picture"), { shown, top: topOf(outcome, data), grant: data.grant, label, ...about });
    });
    const row = data.differences.find((d) => d.outcome === about.ends), by = about.gap ? 100 : 1;
    const whenOf = (name) => data.policies.find((p) => p.name === name).when;
    box.querySelector(":scope > p").textContent = row.text;
    if (row.low !== null)
      drawStrip(box.querySelector(".difference"), {
        difference: row.difference * by, low: row.low * by, high: row.high * by, scale: about.scale,
        strategy: whenOf(row.policy), base: whenOf(row.baseline), unit: about.gap ?? about.unit,
      });
    const columns = panels.flatMap(({ strategy, shown }) => shown.map((l) => ({ title: l.name ? `${strategy}, ${l.name}` : strategy, bands: l.bands })));
    const details = box.querySelector("details");
    fillTable(details, columns, about.unit, about.show);
    details.append(saveBar(`compare-${outcome}`, about.title, ["csv", "svg", "png"], () => ({
      ...numbers(outcome, panels),
      configuration: { ...configuration(), difference: row },
      picture: {
        ...picture(about, row.text, data, panels.map(({ strategy }, k) => ({ svg: box.querySelectorAll(".chart svg")[k], caption: strategy, colour: POLICY[k][0] }))),
        below: row.low === null ? null : box.querySelector(".difference svg"),
      },
    })));
  }
}

// What is drawn, a row for each line and month.
function numbers(outcome, panels) {
  const rows = panels.flatMap(({ name, shown }) => shown.flatMap(({ sector, bands }) =>
    bands[0].map((_, k) => [name, outcome, sector, k + 1, ...bands.map((values) => values[k])])));
  return { columns: ["policy", "outcome", "sector", "month", "q05", "q25", "q50", "q75", "q95"], rows };
}

function picture({ title, unit, ends }, summary, data, panels) {
  const key = message(ends === "private_value" ? "key_sectors" : "key", { n: digits(data.runs, 0) });
  return { title, unit, summary, panels, notes: [summary, key, provenance()] };
}

function place(parent, id, make) {
  const there = document.getElementById(id);
  if (there) return there;
  const made = make();
  made.id = id;
  parent.append(made);
  return made;
}

function topOf(outcome, data) {
  if (outcome === "members") return data.size;
  const all = data.policies.filter((p) => p.curves).flatMap((p) => lines(p.curves, outcome, 0).flatMap((l) => l.bands[outcome === "private" ? 3 : 4]));
  return ladder(Math.max(...all), OUTCOMES[outcome].base);
}

function sentence(shown, outcome, strategy, size, ghosts) {
  const last = ({ bands }, row) => bands[row][bands[row].length - 1];
  const show = OUTCOMES[outcome].show ?? number;
  const when = message(outcome === "collective" ? "last_month" : "five_years", { strategy });
  if (shown.length > 1)
    return message("sentence_sectors", { when, values: shown.map((l) => `${l.name} ${number(last(l, 2))}`).join(", ") });
  const median = message(outcome === "members" ? "median_of" : "median", { value: show(last(shown[0], 2)), size });
  const text = message("sentence", { when, median, low: show(last(shown[0], 1)), high: show(last(shown[0], 3)) });
  return ghosts.length ? `${text} ${message("before", { value: show(last(ghosts[0], 2)) })}` : text;
}
