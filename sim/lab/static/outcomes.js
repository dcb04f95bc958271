// Explore and compare: the same outcomes of many worlds, one policy with its last setting, or two side by side.

import { drawChart, drawStrip, fillTable, ladder, lines, POLICY } from "./chart.js";
import { html } from "./draw.js";
import { saveBar } from "./save.js";
import { configuration, made } from "./state.js";
import { digits, number, say } from "./words.js";

const OUTCOMES = {
  members: { ends: "retention", scale: 10, show: (value) => digits(value, 0), gap: say("points") },
  collective: { base: 0.25, ends: "collective_value", scale: 0.1 },
  private: { base: 30, ends: "private_value", scale: 5 },
  society: { base: 15, ends: "society_value", scale: 5 },
};
for (const [outcome, about] of Object.entries(OUTCOMES))
  Object.assign(about, { title: say(`${outcome}.title`), unit: say(`${outcome}.unit`) });

export function showExplore(found, ghost, which) {
  const { way, curves } = found.policies[which];
  found.policies.forEach((p, k) => { document.getElementById(`shown${k}`).textContent = p.way; });
  document.getElementById("key").textContent =
    [ghost ? "key_ghost" : "key", "key_sectors"].map((key) => say(key, { n: digits(found.runs, 0) })).join("; ");
  for (const [outcome, about] of Object.entries(OUTCOMES)) {
    const box = place(document.getElementById("explore"), `explore-${outcome}`, () => {
      const made = html("div", { class: "chart" }), title = html("h3");
      title.append(`${about.title} `, html("small", {}, about.unit));
      made.append(title, html("div", { class: "picture" }), html("p"), html("details"));
      return made;
    });
    const shown = lines(curves, outcome, which), ghosts = ghost ? lines(ghost.policies[which].curves, outcome, which) : [];
    const said = sentence(shown, outcome, way, found.size, ghosts);
    box.querySelector("p").textContent = said;
    drawChart(box.querySelector(".picture"), { shown, ghosts, top: topOf(outcome, found), grant: found.grant, label: `${about.title}. ${said}`, ...about });
    const details = box.querySelector("details"), { name } = found.policies[which];
    fillTable(details, shown.map((l) => ({ title: l.name || way, bands: l.bands })), about.unit, about.show);
    details.append(saveBar(`explore-${outcome}`, about.title, ["csv", "svg", "png"], () => ({
      ...numbers(outcome, [{ name, shown }]),
      configuration: { ...configuration(), shown: name },
      picture: picture(about, sentence(shown, outcome, way, found.size, []), found, [{ svg: box.querySelector("svg"), caption: way, colour: POLICY[which][0] }]),
    })));
  }
}

export function showCompare(found) {
  const whole = document.getElementById("compare");
  for (const [outcome, about] of Object.entries(OUTCOMES)) {
    const box = place(whole, `compare-${outcome}`, () => {
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
    const panels = found.policies.map((p, k) => ({ name: p.name, way: p.way, shown: lines(p.curves, outcome, k) }));
    panels.forEach(({ way, shown }, k) => {
      const panel = box.querySelectorAll(".chart")[k];
      panel.querySelector("p").textContent = way;
      const label = `${about.title}. ${sentence(shown, outcome, way, found.size, [])}`;
      drawChart(panel.querySelector(".picture"), { shown, top: topOf(outcome, found), grant: found.grant, label, ...about });
    });
    const row = found.differences.find((d) => d.outcome === about.ends), by = about.gap ? 100 : 1;
    const wayOf = (name) => found.policies.find((p) => p.name === name).way;
    box.querySelector(":scope > p").textContent = row.told;
    if (row.low !== null)
      drawStrip(box.querySelector(".difference"), {
        difference: row.difference * by, low: row.low * by, high: row.high * by, scale: about.scale,
        way: wayOf(row.policy), base: wayOf(row.baseline), unit: about.gap ?? about.unit,
      });
    const columns = panels.flatMap(({ way, shown }) => shown.map((l) => ({ title: l.name ? `${way}, ${l.name}` : way, bands: l.bands })));
    const details = box.querySelector("details");
    fillTable(details, columns, about.unit, about.show);
    details.append(saveBar(`compare-${outcome}`, about.title, ["csv", "svg", "png"], () => ({
      ...numbers(outcome, panels),
      configuration: { ...configuration(), difference: row },
      picture: {
        ...picture(about, row.told, found, panels.map(({ way }, k) => ({ svg: box.querySelectorAll(".chart svg")[k], caption: way, colour: POLICY[k][0] }))),
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

function picture({ title, unit, ends }, says, found, panels) {
  const key = say(ends === "private_value" ? "key_sectors" : "key", { n: digits(found.runs, 0) });
  return { title, unit, says, panels, notes: [says, key, made()] };
}

function place(parent, id, make) {
  const there = document.getElementById(id);
  if (there) return there;
  const made = make();
  made.id = id;
  parent.append(made);
  return made;
}

function topOf(outcome, found) {
  if (outcome === "members") return found.size;
  const all = found.policies.filter((p) => p.curves).flatMap((p) => lines(p.curves, outcome, 0).flatMap((l) => l.bands[outcome === "private" ? 3 : 4]));
  return ladder(Math.max(...all), OUTCOMES[outcome].base);
}

function sentence(shown, outcome, way, size, ghosts) {
  const last = ({ bands }, row) => bands[row][bands[row].length - 1];
  const whole = OUTCOMES[outcome].show ?? number;
  const when = say(outcome === "collective" ? "last_month" : "five_years", { way: `${way[0].toUpperCase()}${way.slice(1)}` });
  if (shown.length > 1)
    return say("sentence_sectors", { when, values: shown.map((l) => `${l.name} ${number(last(l, 2))}`).join(", ") });
  const middle = say(outcome === "members" ? "middle_of" : "middle", { value: whole(last(shown[0], 2)), size });
  const said = say("sentence", { when, middle, low: whole(last(shown[0], 1)), high: whole(last(shown[0], 3)) });
  return ghosts.length ? `${said} ${say("before", { value: whole(last(ghosts[0], 2)) })}` : said;
}
