// @ts-check
// Unpacks a long table: third differences of the bits of its numbers, seven bits a byte (the eighth: more follows).

/**
 * The sums are of 64 bits in two halves, as whole numbers of that length are slow in a page.
 * @param {Uint8Array} bytes
 * @returns {Float64Array}
 */
export function unpacked(bytes) {
  let count = 0;
  for (const byte of bytes) if (byte < 128) count++;
  const halves = new Uint32Array(2 * count), low = new Uint32Array(4), high = new Uint32Array(4); // a value, and its three differences
  for (let at = 0, to = 0; at < bytes.length; to += 2) {
    let byte = bytes[at++], shift = 6;
    const sign = byte & 1;
    let l = (byte & 127) >> 1, h = 0;
    while (byte > 127) {
      byte = bytes[at++];
      const part = byte & 127;
      if (shift < 32) l |= part << shift;
      if (shift > 25 && shift < 32) h |= part >>> (32 - shift);
      else if (shift >= 32 && shift < 64) h |= part << (shift - 32);
      shift += 7;
    }
    [low[3], high[3]] = sign ? [~l, ~h] : [l, h];
    for (let k = 2; k >= 0; k--) {
      const sum = low[k] + low[k + 1];
      low[k] = sum;
      high[k] += high[k + 1] + (sum > 0xffffffff ? 1 : 0);
    }
    halves[to] = low[0];
    halves[to + 1] = high[0];
  }
  return new Float64Array(halves.buffer);
}
