// @ts-check
/** Lets the app open without a network once it has been open: what the network gives is saved, and used when there is none. */

const KEPT = "who-stays-5";
/** Every file of the page, saved at once: an export writes their names here. What the engine reads is saved when the page asks for it, or says that it is ready. */
const FILES = ["./"];
const NAMED = /\/modules\/\w+\.wasm$/; // named by what is in them, so that a saved one is right
const ASKED = /\/board\/\w+$/; // what the class does is never saved
const AT_ONCE = 4;
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== worker.location.origin || ASKED.test(request.url)) return;
  event.respondWith((async () => {
    const page = request.mode === "navigate" && request.url.replace(/[?#].*/, ""); // its query may say who the reader is
    const cache = await caches.open(KEPT), same = NAMED.test(request.url) && (await cache.match(request));
    if (same) return same;
    try {
      const answer = await fetch(request);
      if (answer.ok) await cache.put(page || request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(page || request);
      if (kept) return kept;
      throw error;
    }
  })());
});

worker.addEventListener("message", (/** @type {any} */ event) => {
  if (typeof event.data?.keep !== "string") return;
  event.waitUntil(keep(event.data.keep).then(() => event.ports[0].postMessage("kept"), () => event.ports[0].postMessage("failed"))); // the next visit goes on with it
});

/**
 * Save the model, and that of own cases once there was one, with every module that a story needs; leave out those of an earlier model.
 * @param {string} story or "" for all, as for an own case
 */
async function keep(story) {
  const cache = await caches.open(KEPT), known = new Set(), needed = new Set();
  for (const file of ["model.json", "engine.json", ...((await cache.match("case.json")) ? ["case.json"] : [])]) {
    const answer = await fetch(file);
    if (!answer.ok) throw new Error(`${file} is not there (${answer.status})`);
    const { places = {}, partnerships } = await answer.clone().json(), policies = Object.values(partnerships?.[story] ?? {});
    await cache.put(file, answer);
    const keys = new Set(policies.flatMap((/** @type {any} */ one) => [one.first_day, ...one.months, ...one.watch, one.end]));
    for (const [key, { module }] of /** @type {[string, any][]} */ (Object.entries(places))) {
      const { href } = new URL(`modules/${module}.wasm`, worker.location.href);
      known.add(href);
      if (!policies.length || keys.has(key)) needed.add(href);
    }
  }
  const kept = await cache.keys();
  const here = new Set(kept.map(({ url }) => url)), missing = [...needed].filter((url) => !here.has(url));
  await Promise.all(kept.filter(({ url }) => NAMED.test(url) && !known.has(url)).map((old) => cache.delete(old)));
  while (missing.length) await cache.addAll(missing.splice(0, AT_ONCE));
}
