// @ts-check
// What the page was given: the pairs to show and the words to say, and a digest of both, which tells whether they were changed.
import { $ } from "../dom.js";

/** @typedef {{ code: string, question: [string, string][], left: string, right: string }} Pair */
/** @typedef {{ sheet: string, pairs: Pair[], say: Record<string, string> }} Sheet */

const source = $("report-data").textContent;

/** @type {Sheet} */
export const sheet = JSON.parse(source);

/**
 * Fowler, Noll and Vo's hash (FNV-1a, 32 bits) of a text in ASCII.
 * @param {string} text
 * @param {number} start
 */
function hashed(text, start) {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** As `tempkit.report.rating.rating_page` computes it. */
export const digest = hashed(source, 0x811c9dc5) + hashed(source, 0x9dc5811c);

/**
 * @param {string} phrase
 * @param {...(string | number)} values
 */
export const say = (phrase, ...values) =>
  values.reduce((/** @type {string} */ text, value) => text.replace("%s", String(value)), sheet.say[phrase]);
