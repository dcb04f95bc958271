// @ts-check
// A web worker that answers one request for runs after another.

import { carry, parse } from "./files.js";
import { answer, prepareSoon, setModel } from "./engine/answer.js";

addEventListener("message", async ({ data }) => {
  if (data.bytes) return void (carry(data.files), setModel(parse(data.bytes)));
  if (data.soon) return void prepareSoon(data.soon);
  try {
    const made = /** @type {any} */ (await answer(data.request));
    const arrays = data.request.call === "ensemble" ? [...Object.values(made.monthly), ...Object.values(made.summary)] : [];
    postMessage({ answer: made }, { transfer: arrays.map((/** @type {any} */ { buffer }) => buffer) });
  } catch (error) {
    postMessage({ error: String(/** @type {any} */ (error).message ?? error) });
  }
});
