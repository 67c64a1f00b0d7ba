// @ts-check
/** @import { Entry, IndexBlock, Match, Span, Wish } from "./types.d.ts" */
// What a reader looks for among the answers: what `tempkit.report.answers.answers` marked them with, which the index's block
// holds for all of them, and their texts, which are read from an item's markup, so that what is found is what is shown.
import { all } from "./dom.js";
import * as marking from "./marking.js";

/** `tempkit.report.answers.index.MARKS`: the bit of each. */
const BITS = ["cut", "missed", "apart", "differs"];

/** @param {HTMLElement} article */
export const about = (article) => all(".item > h5 .permalink, .prompt .verbatim, .wording", article);
/** @param {HTMLElement} article */
export const cells = (article) => all(".cell", article);
/** @param {HTMLElement} cell */
export const answers = (cell) => all(".answer", cell);
/** @param {HTMLElement} answer */
export const marks = (answer) => (answer.dataset.marks ?? "").split(" ");

/**
 * The box with an answer's text; null: it has none.
 * @param {Element} answer
 */
export const verbatim = (answer) => answer.querySelector(".verbatim:not(.empty)");

/**
 * Everything of an item that can be searched.
 * @param {HTMLElement} article
 * @returns {Entry}
 */
export function entry(article) {
  return {
    about: about(article).map(marking.textOf),
    cells: cells(article).map((cell) =>
      answers(cell).map((answer) => {
        const box = verbatim(answer);
        return box ? marking.textOf(box) : "";
      })
    ),
  };
}

/**
 * A pattern that matches what was typed as it stands, in any case; null for nothing.
 * @param {string} query
 */
export function pattern(query) {
  const typed = query.trim();
  return typed ? new RegExp(typed.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu") : null;
}

/**
 * @param {string} text
 * @param {RegExp | null} searched
 * @returns {Span[]}
 */
export const ranges = (text, searched) =>
  searched ? Array.from(text.matchAll(searched), ({ 0: hit, index }) => [index, index + hit.length]) : [];

/**
 * @param {string} text
 * @param {RegExp} searched
 */
const hits = (text, searched) => ranges(text, searched).length;

/**
 * Return which answers of an item have what is asked for, by cell, without their texts; null: none of them.
 * @param {IndexBlock} block
 * @param {number} item
 * @param {Wish} wish
 * @returns {number[][] | null}
 */
export function allowed({ t, m, f }, item, { only, at, marked }) {
  if (only === "marked" && !marked(item)) return null;
  const bit = 1 << BITS.indexOf(only);
  const chosen = t.map((suffix) => !at || suffix === at);
  const found = m[item].map((digits, c) =>
    Array.from(digits, (digit, i) => {
      const fits = chosen[c] && (!only || only === "marked" || (BITS.includes(only) && parseInt(digit, 16) & bit));
      return fits ? i : -1;
    }).filter((i) => i >= 0)
  );
  const failed = only === "failed" && f[item].some((count, c) => chosen[c] && count);
  return !only || only === "marked" || failed || found.some((of) => of.length) ? found : null;
}

/**
 * Return which of an item's allowed answers hold what is searched for; null: it is nowhere in the item.
 * @param {Entry} entry
 * @param {number[][]} allowed By cell.
 * @param {RegExp} searched
 * @returns {Match | null}
 */
export function match({ about, cells }, allowed, searched) {
  const inAnswers = allowed.map((of, c) => of.map((i) => hits(cells[c][i], searched)));
  const count = inAnswers.flat().reduce((sum, each) => sum + each, 0);
  const above = about.reduce((sum, text) => sum + hits(text, searched), 0);
  if (!count && !above) return null;
  // Where answers were hit, those are wanted; where only the question was, all of its answers.
  const wanted = count ? allowed.map((of, c) => of.filter((_, k) => inAnswers[c][k])) : allowed;
  return { wanted, hits: count + above };
}
