// @ts-check
/** @import { Entry, Match, Span, Wish } from "./types.d.ts" */
// What a reader looks for among the answers: their texts, and what `tempkit.report.answers.answers` marked them with. An item's
// entry is read from its markup, so that what is found is what is shown, in items on this page and in packed ones alike.
import { all } from "./dom.js";
import * as marking from "./marking.js";

/** @param {HTMLElement} article */
export const about = (article) => all(".permalink, .prompt .verbatim, .wording", article);
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
 * Everything of an item that can be found.
 * @param {HTMLElement} article
 * @returns {Entry}
 */
export function entry(article) {
  return {
    about: about(article).map(marking.textOf),
    cells: cells(article).map((cell) => ({
      temperature: cell.dataset.temperature ?? "",
      failed: Number(cell.dataset.failed),
      answers: answers(cell).map((answer) => {
        const box = verbatim(answer);
        return { marks: marks(answer), text: box ? marking.textOf(box) : "" };
      }),
    })),
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
 * Return which answers of an item are wanted; null: none of it is.
 * @param {Entry} entry
 * @param {Wish} wish
 * @returns {Match | null}
 */
export function match({ about, cells }, { searched, only, at }) {
  const chosen = cells.map((cell) => !at || cell.temperature === at);
  const allowed = cells.map((cell, c) =>
    cell.answers.flatMap(({ marks }, i) => (chosen[c] && (!only || marks.includes(only)) ? [i] : []))
  );
  const failed = cells.some((cell, c) => chosen[c] && only === "failed" && cell.failed);
  if (only && !failed && !allowed.flat().length) return null;
  if (!searched) return { wanted: allowed, hits: 0 };
  const inAnswers = allowed.map((of, c) => of.map((i) => hits(cells[c].answers[i].text, searched)));
  const count = inAnswers.flat().reduce((sum, each) => sum + each, 0);
  const above = about.reduce((sum, text) => sum + hits(text, searched), 0);
  if (!count && !above) return null;
  // Where answers were hit, those are wanted; where only the question was, all of its answers.
  const wanted = count ? allowed.map((of, c) => of.filter((_, k) => inAnswers[c][k])) : allowed;
  return { wanted, hits: count + above };
}
