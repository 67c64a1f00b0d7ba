// @ts-check
// The page's packed data.
import { $ } from "./dom.js";

/** @type {Map<string, any>} */
const unpacked = new Map();

/** @param {string} base64 */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/**
 * What `tempkit.report.answers.tokens.pack` packed, unpacked once at first need.
 * @template T
 * @param {string} id
 * @returns {Promise<T>}
 */
export async function unpack(id) {
  if (!unpacked.has(id)) {
    const stream = new Blob([bytesOf($(id).textContent)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    unpacked.set(id, JSON.parse(await new Response(stream).text()));
  }
  return unpacked.get(id);
}
