// @ts-check
/** Draws resamples beside the page, so that the page does not stand still. */
import { resamples } from "./statistics/random.js";

addEventListener("message", ({ data: { n, count } }) => {
  const drawn = resamples(n, count);
  /** @type {any} */ (self).postMessage(drawn, [drawn.buffer]);
});
