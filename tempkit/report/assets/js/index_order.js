// @ts-check
/** @import { Found, IndexBlock, Sorting } from "./types.d.ts" */
// In which order the index has its questions. The worst come first where a column of scores is sorted by, the most where
// counts are; the other way round when reversed. What has no score is last either way.

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

/**
 * What questions are sorted by, the first have the lowest; NaN: last in any case. Null: the order of the run.
 * @param {IndexBlock} block
 * @param {string} by
 * @param {(item: number) => boolean} marked
 * @returns {((item: number) => number) | null}
 */
function measured(block, by, marked) {
  const column = block.t.indexOf(by);
  if (column >= 0) {
    const sign = block.u ? 1 : -1;
    return (item) => sign * (block.s[item][column] ?? NaN);
  }
  if (by === "truncated") return (item) => -block.c[item];
  if (by === "differing") return (item) => -block.d[item];
  return by === "marked" ? (item) => -Number(marked(item)) : null;
}

/**
 * @param {Found[]} found In the order of the run.
 * @param {IndexBlock} block
 * @param {Sorting} sorting
 * @param {(item: number) => boolean} marked
 * @returns {Found[]}
 */
export function ordered(found, block, { by, reversed }, marked) {
  const way = reversed ? -1 : 1;
  if (by === "name") return [...found].sort((a, b) => way * collator.compare(block.k[a.item], block.k[b.item]));
  const value = measured(block, by, marked);
  if (!value) return found;
  const valued = found.map((each) => ({ each, v: value(each.item) }));
  const known = valued.filter(({ v }) => !Number.isNaN(v)).sort((a, b) => way * (a.v - b.v));
  return [...known, ...valued.filter(({ v }) => Number.isNaN(v))].map(({ each }) => each);
}

/**
 * How a column is sorted, as `aria-sort` says it.
 * @param {IndexBlock} block
 * @param {Sorting} sorting
 */
export function direction(block, { by, reversed }) {
  const rising = by === "name" || (block.t.includes(by) && block.u);
  return rising === reversed ? "descending" : "ascending";
}
