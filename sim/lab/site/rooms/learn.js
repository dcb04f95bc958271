// @ts-check
import { h } from "../ui/dom.js";
/** @param {HTMLElement} main @param {any} app */
export function open(main, app) { main.append(h("h1", { tabindex: "-1" }, "")); return { show: async () => app.settle(true) }; }
