// @ts-check
/** Reads the app's own files: from beside the page, or from the page itself where all of it is one file (`single_file.py`). */

/**
 * What a page that is one file carries: every file, deflated, where each is, and the addresses of scripts. (No blobs: a worker of a page from disk cannot read them in WebKit.)
 * @typedef {{ bytes: Uint8Array<ArrayBuffer>, places: Record<string, [number, number]>, addresses: Record<string, string> }} Carried
 */

/** @type {Carried | null} */
let carried = /** @type {any} */ (globalThis).carried ?? null;

/** What a worker needs to read files as its page does. */
export const forWorker = () => carried;

/** Read files as the page of this worker does. @param {Carried | null} files */
export function carry(files) { carried = files; }

/** Whether the app is one file, which has no address on the web. */
export const isOneFile = () => carried !== null;

/** The address of a script of the app. @param {string} name */
export const addressOf = (name) => carried?.addresses[name] ?? new URL(name, import.meta.url).href;

/** @param {Uint8Array<ArrayBuffer>} bytes */
function inflated(bytes) {
  const { readable, writable } = new DecompressionStream("deflate"), writer = writable.getWriter();
  writer.write(bytes).then(() => writer.close()).catch(() => {}); // whoever reads it is told
  return readable;
}

/** What is wrong where a file does not come: the page says it in the reader's words. */
export const NO_NETWORK = "there is no network";

/** @param {string} name @returns {Promise<ArrayBuffer>} */
export async function readFile(name) {
  const place = carried?.places[name];
  const response = carried && place ? new Response(inflated(carried.bytes.subarray(...place))) : await fetch(addressOf(name)).catch(() => { throw new Error(NO_NETWORK); });
  if (!response.ok) throw new Error(`${name} is not there (${response.status})`);
  return response.arrayBuffer();
}

/** @param {BufferSource} bytes @returns {any} */
export const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** @param {string} name @returns {Promise<any>} */
export const readJson = async (name) => parse(await readFile(name));
