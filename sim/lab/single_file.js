// @ts-check
// Opens the app that this page carries: gives every script in it an address, and starts the first (single_file.py).
(async () => {
  /** @param {string} id */
  const textOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id)).textContent ?? "";
  const { places, scripts, pictures } = JSON.parse(textOf("places")), letters = atob(textOf("carried")), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  /** @type {Record<string, Blob>} */
  const blobs = {};
  /** @type {Record<string, string>} */
  const addresses = {};
  for (const [name, begin, end] of places) blobs[name] = new Blob([bytes.subarray(begin, end)]);
  /** @param {string} name */
  const unpacked = (name) => new Response(blobs[name].stream().pipeThrough(new DecompressionStream("deflate"))).text();
  const texts = await Promise.all(scripts.map(unpacked));
  scripts.forEach((/** @type {string} */ name, /** @type {number} */ k) => {
    const text = texts[k].replace(/"app:([^"]+)"/g, (/** @type {string} */ _, /** @type {string} */ other) => `"${addresses[other]}"`);
    addresses[name] = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  });
  for (const name of pictures) addresses[name] = URL.createObjectURL(new Blob([await unpacked(name)], { type: "image/svg+xml" }));
  Object.assign(globalThis, { carried: { blobs, addresses } });
  await import(addresses["main.js"]);
})().catch((error) => {
  console.error(error);
  const line = document.querySelector("#main .wait");
  if (line) line.textContent = "This browser cannot open the page. Use a Chrome, Edge, Firefox or Safari of the last three years.";
});
