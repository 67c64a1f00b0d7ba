// @ts-check
/** @import { Differences } from "./types.d.ts" */
// Where a text differs from another, word by word.

// Writing without spaces is compared letter by letter, other writing word by word; what is neither, sign by sign.
const SOLID = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}";
const WORD = new RegExp(`[${SOLID}]\\p{M}*|(?:(?![${SOLID}])[\\p{L}\\p{M}\\p{N}_'’])+|\\S`, "gu");
const LARGEST = 1_000_000; // cells of the table; beyond, all that lies between the common ends counts as changed

/** @typedef {{ word: string, start: number, end: number }} Word */

/**
 * @param {string} text
 * @returns {Word[]}
 */
const words = (text) =>
  Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word, start: index, end: index + word.length }));

/**
 * Return which words of `a` and of `b` are in their longest common subsequence.
 * @param {Word[]} a
 * @param {Word[]} b
 */
function common(a, b) {
  const kept = [a.map(() => false), b.map(() => false)];
  /**
   * @param {number} i
   * @param {number} j
   */
  const keep = (i, j) => (kept[0][i] = kept[1][j] = true);
  let start = 0;
  while (start < a.length && start < b.length && a[start].word === b[start].word) keep(start, start++);
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1].word === b[endB - 1].word) keep(--endA, --endB);
  const [rows, columns] = [endA - start, endB - start];
  if (rows * columns > LARGEST) return kept;
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  /**
   * @param {number} i
   * @param {number} j
   */
  const same = (i, j) => a[start + i].word === b[start + j].word;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const at = i * width + j;
      longest[at] = same(i, j) ? longest[at + width + 1] + 1 : Math.max(longest[at + width], longest[at + 1]);
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns;) {
    if (same(i, j)) keep(start + i++, start + j++);
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
    else j++;
  }
  return kept;
}

/**
 * Return what `text` has and `base` has not, and what it lacks, to be put where it would stand.
 * @param {string} base
 * @param {string} text
 * @returns {Differences}
 */
export function differences(base, text) {
  const [a, b] = [words(base), words(text)];
  const [inA, inB] = common(a, b);
  /** @type {Differences} */
  const { added, removed } = { added: [], removed: [] };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (inA[i] && inB[j]) {
      i++;
      j++;
      continue;
    }
    const [goneFrom, newFrom] = [i, j];
    while (i < a.length && !inA[i]) i++;
    while (j < b.length && !inB[j]) j++;
    if (i > goneFrom) removed.push({ at: b[newFrom]?.start ?? text.length, text: base.slice(a[goneFrom].start, a[i - 1].end) });
    if (j > newFrom) added.push([b[newFrom].start, b[j - 1].end]);
  }
  return { added, removed };
}
