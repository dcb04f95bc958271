// What the page shows, read from its controls: as an address, as a command, and as the description in a saved file.

import { language } from "./messages.js";

export const ALL = 1000;
export const main = document.getElementById("lab");
export const sliders = [...document.querySelectorAll(".slider input")];
export const strategies = [0, 1].map((k) => document.getElementById(`strategy${k}`));
export const seed = document.getElementById("seed");

export const policiesNow = () => strategies.map((w) => w.value).join(",");

const moved = () => sliders.filter((s) => Number(s.value) !== Number(s.dataset.own)).map((s) => [s.id, s.value]);

export function query(withSeed = true, code = language) {
  const pairs = [["v", main.dataset.version], ["scenario", main.dataset.scenario], ["policies", policiesNow()], ...moved()];
  if (withSeed) pairs.push(["seed", seed.value || "0"], ["m", main.dataset.model.split("+")[1]]);
  if (code !== "en") pairs.push(["lang", code]);
  return pairs.map(([key, value]) => `${key}=${value}`).join("&");
}

// The address that others can open, also if this computer opened the app as localhost.
export function link() {
  const shared = document.getElementById("link").dataset.shared, here = new URL(location.href);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(here.hostname);
  return `${shared && local ? shared : here.origin + here.pathname}?${query()}`;
}

// The command that gives the numbers of many runs, or of the watched one.
export function command(many = true) {
  const parameters = moved().map(([path, value]) => ` scenario.${path}=${value}`).join("");
  return `partnership ${many ? "compare" : "trace"} scenario=${main.dataset.file ?? main.dataset.scenario} 'policies=[${policiesNow()}]'${parameters} ` +
    (many ? `replications=${ALL}` : `seed=${seed.value}`);
}

// The same in a line, for a reader.
export const provenance = (many = true) => `${main.dataset.case}, ${main.dataset.model}: ${command(many)}`;

export function configuration(many = true) {
  return {
    scenario: main.dataset.scenario,
    parameters: Object.fromEntries(moved().map(([path, value]) => [path, Number(value)])),
    policies: strategies.map((w) => w.value),
    seeds: many ? `0 to ${ALL - 1}` : seed.value,
    months: Number(main.dataset.months),
    model: main.dataset.model,
    command: command(many),
    ...(main.dataset.note ? { note: main.dataset.note } : { link: link() }), // a page on disk has no link for others
  };
}
