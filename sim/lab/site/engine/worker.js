// @ts-check
// A web worker that answers one request for runs after another.

import { carry } from "../files.js";
import { answer, prepareSoon, setModel } from "./answer.js";

addEventListener("message", async ({ data }) => {
  if (data.model) return void (carry(data.files), setModel(data.model));
  if (data.soon) return void prepareSoon(data.soon);
  try {
    const made = /** @type {any} */ (await answer(data.request));
    const arrays = data.request.call === "ensemble" ? [...Object.values(made.monthly), ...Object.values(made.summary)] : [];
    postMessage({ answer: made }, { transfer: arrays.map((/** @type {any} */ { buffer }) => buffer) });
  } catch (error) {
    postMessage({ error: String(/** @type {any} */ (error).message ?? error) });
  }
});
