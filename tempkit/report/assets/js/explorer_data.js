// @ts-check
/** @import { ExplorerBlock, Place, Spot } from "./types.d.ts" */
// The softmax explorer's texts, unpacked.
import { bytesOf } from "./packed.js";

/**
 * What `tempkit.report.explorer.data.numbers` packed: 32-bit floats, byte plane by byte plane.
 * @param {string} packed
 */
function numbers(packed) {
  const bytes = bytesOf(packed);
  const count = bytes.length / 4;
  const view = new DataView(new ArrayBuffer(4));
  return Array.from({ length: count }, (_, i) => {
    for (let plane = 0; plane < 4; plane += 1) view.setUint8(plane, bytes[plane * count + i]);
    return view.getFloat32(0);
  });
}

/**
 * The places of a text.
 * @param {ExplorerBlock} block
 * @param {number} i
 * @param {Spot} spot
 * @returns {Place[]}
 */
export function placesOf(block, i, { vocabulary, others }) {
  const { t, l, h, n, k, p } = block.a[i];
  const [logprobs, entropies, listed] = [l, h, p].map(numbers);
  let start = 0;
  return t.map((string, j) => {
    const top = Array.from({ length: n[j] }, (_, m) => ({ string: block.s[k[start + m]], logprob: listed[start + m] }));
    start += n[j];
    return { string: block.s[string], logprob: logprobs[j], entropy: entropies[j], top, vocabulary, others };
  });
}
