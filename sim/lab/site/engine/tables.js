// @ts-check
// Unpacks a long table: third differences of the bits of its numbers, seven bits a byte (the eighth: more follows).

/**
 * @param {Uint8Array} bytes
 * @returns {Float64Array}
 */
export function unpacked(bytes) {
  const bits = [];
  let one = 0n, two = 0n, three = 0n;
  for (let at = 0; at < bytes.length; ) {
    let number = 0n, shift = 0n, byte;
    do {
      byte = bytes[at++];
      number |= BigInt(byte & 127) << shift;
      shift += 7n;
    } while (byte > 127);
    const difference = (number & 1n) === 0n ? number >> 1n : -(number >> 1n) - 1n;
    const value = BigInt.asIntN(64, difference + 3n * one - 3n * two + three);
    [three, two, one] = [two, one, value];
    bits.push(value);
  }
  return new Float64Array(BigInt64Array.from(bits).buffer);
}
