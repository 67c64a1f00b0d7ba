// @ts-check
/** @import { PageData } from "./types.d.ts" */
// The page's data and phrases, and numbers as its language writes them: scripts hold no words of their own.
import { $ } from "./dom.js";

/** @type {PageData} */
export const data = JSON.parse($("report-data").textContent);
export const say = data.labels;

/**
 * A phrase with values in the places of its `%s`.
 * @param {string} phrase
 * @param {string[]} values
 */
export const fill = (phrase, ...values) => values.reduce((sentence, value) => sentence.replace("%s", () => value), phrase);

/**
 * A phrase with values, strings or nodes, in the places that `%(name)s` marks.
 * @param {string} phrase
 * @param {Record<string, string | Node>} values
 */
export function filled(phrase, values) {
  const made = phrase.split(/%\((\w+)\)s/).map((piece, i) => (i % 2 ? values[piece] : piece.replace("%%", "%")));
  return made.map((piece) => (piece instanceof Node ? piece.cloneNode(true) : piece));
}

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} form
 */
function written(value, form) {
  /** @type {Record<string, string>} */
  const signs = { minusSign: "\u2212", group: "\u202f" };
  const writer = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: "min2", ...form });
  return writer.formatToParts(value).map((part) => signs[part.type] ?? part.value).join("");
}

/**
 * A number as the page's language writes it, always with so many decimals: a true minus sign, thin spaces between thousands
 * from 10,000 on, as in the page's sentences.
 * @param {number} value
 */
export function number(value, digits = 2) {
  return written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Two digits that mean something: 36 %, 0.19 %; never 0 % or 100 % for what was merely close to it.
 * @param {number} p
 */
export function percent(p) {
  const shown = p * 100;
  if (shown < 0.01) return `<${number(0.01)}\u00a0%`;
  if (p < 1 && shown > 99.5) return ">99\u00a0%";
  return `${written(shown, shown < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 })}\u00a0%`;
}
