// @ts-check
// Opens the app that this page carries: gives every script in it an address, and starts the first script (single_file.py).
(async () => {
  /** @param {string} id */
  const textOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id)).textContent ?? "";
  const { places, scripts } = JSON.parse(textOf("places")), letters = atob(textOf("carried")), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  /** @type {Record<string, string>} */
  const addresses = {};
  await Promise.all(scripts.map(async (/** @type {string} */ name) => {
    const text = await new Response(new Blob([bytes.subarray(...places[name])]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
    addresses[name] = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  }));
  Object.assign(globalThis, { carried: { bytes, places, addresses } });
  await import(addresses["start.js"]);
})().catch((error) => {
  console.error(error);
  const line = document.querySelector("#main .wait");
  if (line) line.textContent = "This browser cannot open the page. Use a Chrome, Edge, Firefox or Safari of the last three years.";
});
