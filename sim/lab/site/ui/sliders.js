// @ts-check
/** Sliders of the model's parameters, with their values in words. */
import { fold, h } from "./dom.js";

const MAIN = ["grant.months", "start.trust", "rules.leak.rate", "sectors.distance"];

/**
 * @param {any} app
 * @param {{ drag: (path: string, value: number) => void, rest: (path: string, value: number) => void }} how
 */
export function makeSliders(app, { drag, rest }) {
  const { words, model } = app;
  /** @type {Map<string, { show: (value: number, own: number) => void }>} */
  const shown = new Map();
  const text = (/** @type {any} */ slider, /** @type {number} */ value) => {
    const unit = `unit/${slider.unit.replaceAll("/", " per ")}`;
    return words.has(unit) ? words.say(unit, { value: words.plain(value) }) : `${words.plain(value)} ${slider.unit}`;
  };
  const make = (/** @type {any} */ slider) => {
    const id = `slider-${slider.path.replaceAll(".", "-")}`, output = h("output", { for: id, "aria-live": "off" }), about = h("span", { class: "about", id: `${id}-about` }, words.label(`slider/${slider.path}/about`, ""));
    const input = h("input", { type: "range", id, min: slider.low, max: slider.high, step: slider.step, "aria-describedby": `${id}-about` });
    const tell = () => { output.textContent = text(slider, Number(input.value)); input.setAttribute("aria-valuetext", output.textContent); };
    input.addEventListener("input", () => { tell(); drag(slider.path, Number(input.value)); });
    input.addEventListener("change", () => rest(slider.path, Number(input.value)));
    shown.set(slider.path, { show: (value, own) => { if (document.activeElement !== input || Number(input.value) !== value) input.value = String(value); tell(); output.classList.toggle("moved", value !== own); } });
    return h("div", { class: "slider" }, h("label", { for: id }, h("span", {}, words.label(`slider/${slider.path}/name`, slider.path)), output), about, input);
  };
  const known = model.sliders, main = known.filter((/** @type {any} */ slider) => MAIN.includes(slider.path)), others = known.filter((/** @type {any} */ slider) => !MAIN.includes(slider.path));
  const more = fold(words.say("explore/more"), others.map(make));
  const element = h("div", { class: "sliders" }, main.map(make), more);
  return {
    element,
    /** @param {Record<string, number>} values @param {Record<string, number>} own */
    show(values, own) {
      for (const [path, slider] of shown) if (values[path] !== undefined) slider.show(values[path], own[path]);
      if (others.some((/** @type {any} */ { path }) => values[path] !== own[path])) more.open = true;
    },
  };
}
