// @ts-check
/** @import { Match, Wish } from "./types.d.ts" */
// Show of an item what is wanted of it, with its marks.
import { differences } from "./differing.js";
import { all, element, one } from "./dom.js";
import * as finding from "./finding.js";
import * as marking from "./marking.js";
import { TEXTS } from "./text_pages.js";
import { say } from "./words.js";

/**
 * Which differences from the base answer are marked.
 * @typedef {{ added: boolean, removed: boolean }} Marked
 */

/**
 * Texts are turned by page: none stays folded away.
 * @param {HTMLElement} article
 */
export function unfold(article) {
  for (const more of all(".more", article)) {
    one("summary", more).remove();
    more.replaceWith(...more.childNodes);
  }
}

/** @param {HTMLElement} answer */
const quality = ({ dataset }) => dataset.quality === undefined ? Infinity : Number(dataset.quality);

/**
 * The answers that are wanted, by cell; in the column that the index is sorted by the worst come first.
 * @param {HTMLElement} article
 * @param {Match | null} match
 * @param {string} worst That column; empty: none.
 */
export const wanted = (article, match, worst) =>
  finding.cells(article).map((cell, c) => {
    const answers = finding.answers(cell);
    const found = match ? match.wanted[c].map((i) => answers[i]) : answers;
    return cell.dataset.at === worst ? [...found].sort((a, b) => quality(a) - quality(b)) : found;
  });

/**
 * Say of the worst answer of a column that it is.
 * @param {HTMLElement} article
 * @param {HTMLElement[][]} wanted By cell.
 * @param {string} worst The column; empty: none.
 */
export function name(article, wanted, worst) {
  for (const old of all(".lowest", article)) old.remove();
  const c = finding.cells(article).findIndex(({ dataset }) => dataset.at === worst);
  if (c < 0 || wanted[c].length < 2 || quality(wanted[c][0]) === Infinity) return;
  wanted[c][0].prepend(element("p", "lowest", say.lowest));
}

/**
 * Show of each cell so many texts as fit.
 * @param {HTMLElement} article
 * @param {HTMLElement[][]} wanted By cell.
 * @param {number} from The first text; Infinity: all are shown.
 * @param {Wish} wish
 */
export function showTexts(article, wanted, from, { only, at }) {
  finding.cells(article).forEach((cell, c) => {
    cell.hidden = Boolean(at && cell.dataset.at !== at);
    // A column that has no more texts than fit keeps showing them beside the others' further ones.
    const whole = from === Infinity || wanted[c].length <= TEXTS;
    const shown = whole ? wanted[c] : wanted[c].slice(from, from + TEXTS);
    const answers = finding.answers(cell);
    for (const answer of answers) answer.hidden = !shown.includes(answer);
    for (const failure of all(".failure", cell)) failure.hidden = Boolean(only && only !== "failed" && only !== "marked");
    cell.querySelector(".none-here")?.remove();
    if (shown.length || !answers.length || (only === "failed" && Number(cell.dataset.failed))) return;
    cell.append(element("p", "none-here hint", wanted[c].length ? say["no more texts"] : say["none here"]));
  });
}

/**
 * Mark in what is shown of an item what was searched for, and what differs from the base answer.
 * @param {HTMLElement} article
 * @param {RegExp | null} searched
 * @param {Marked} marked
 */
export function mark(article, searched, { added, removed }) {
  for (const box of finding.about(article)) marking.draw(box, finding.ranges(marking.textOf(box), searched));
  const base = article.querySelector(".answer[data-base]");
  const baseBox = base && finding.verbatim(base);
  const baseText = baseBox ? marking.textOf(baseBox) : "";
  for (const answer of all(".answer:not([hidden])", article)) {
    const box = finding.verbatim(answer);
    if (!box) continue;
    const text = marking.textOf(box);
    const compared = added && base && finding.marks(answer).includes("differs");
    const different = compared ? differences(baseText, text) : marking.NONE;
    marking.draw(box, finding.ranges(text, searched), removed ? different : { ...different, removed: [] });
  }
}
