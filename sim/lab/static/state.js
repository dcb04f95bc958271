// What the page shows, as its controls say it: as an address, as a command, and as what a saved file says of itself.

import { language } from "./words.js";

export const ALL = 1000;
export const main = document.getElementById("lab");
export const sliders = [...document.querySelectorAll(".setting input")];
export const ways = [0, 1].map((k) => document.getElementById(`way${k}`));
export const seed = document.getElementById("seed");

export const waysNow = () => ways.map((w) => w.value).join(",");

const moved = () => sliders.filter((s) => Number(s.value) !== Number(s.dataset.own)).map((s) => [s.id, s.value]);

export function query(withSeed = true, tongue = language) {
  const pairs = [["v", main.dataset.version], ["scenario", main.dataset.scenario], ["policies", waysNow()], ...moved()];
  if (withSeed) pairs.push(["seed", seed.value || "0"], ["m", main.dataset.model.split("+")[1]]);
  if (tongue !== "en") pairs.push(["lang", tongue]);
  return pairs.map(([key, value]) => `${key}=${value}`).join("&");
}

// The address that others can open, also where this machine opened the lab under a name of its own.
export function link() {
  const shared = document.getElementById("link").dataset.shared, here = new URL(location.href);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(here.hostname);
  return `${shared && local ? shared : here.origin + here.pathname}?${query()}`;
}

// The command that gives the numbers of many worlds, or of the watched one.
export function command(many = true) {
  const settings = moved().map(([path, value]) => ` scenario.${path}=${value}`).join("");
  return `partnership ${many ? "compare" : "why"} scenario=${main.dataset.scenario} 'policies=[${waysNow()}]'${settings} ` +
    (many ? `replications=${ALL}` : `seed=${seed.value}`);
}

// The same in a line, for a reader.
export const made = (many = true) => `${main.dataset.case}, ${main.dataset.model}: ${command(many)}`;

export function configuration(many = true) {
  return {
    scenario: main.dataset.scenario,
    settings: Object.fromEntries(moved().map(([path, value]) => [path, Number(value)])),
    policies: ways.map((w) => w.value),
    worlds: many ? `0 to ${ALL - 1}` : seed.value,
    months: Number(main.dataset.months),
    model: main.dataset.model,
    command: command(many),
    ...(main.dataset.note ? { note: main.dataset.note } : { link: link() }), // a page on disk has no link for others
  };
}
