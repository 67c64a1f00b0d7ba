// @ts-check
// The answers side by side: items by the page, texts of an item by the page, search, filters and differences.
import { all } from "./dom.js";
import { Section } from "./section.js";

/** @type {Section[]} */
let sections = [];
/** @type {() => void} */
let ready;
/** @type {Promise<void>} */
const begun = new Promise((resolve) => (ready = resolve));

/** Where each section is, by its id. @returns {Record<string, number>} */
export const places = () => Object.fromEntries(sections.map((each) => [each.id, each.place]));

/**
 * Have each section where it was, once all of them have begun.
 * @param {Record<string, number>} kept
 */
export async function restore(kept) {
  await begun;
  for (const each of sections) if (each.id in kept) await each.restore(kept[each.id]);
}

export function start() {
  sections = all(".side-by-side").map((root) => new Section(root));

  // An item's address leads to it even where it is packed, or not among those found.
  async function follow() {
    const [, id, number] = /^#(.+)-item-(\d+)$/.exec(location.hash) ?? [];
    const section = sections.find((each) => each.id === id);
    const item = Number(number);
    if (section && item >= 1 && item <= section.items.count) await section.go(item - 1);
  }

  // Where the address leads comes first; then one section per turn of the event loop, so that the page stays responsive.
  const waiting = [...sections];
  async function next() {
    const section = waiting.shift();
    if (!section) return ready();
    if (!section.shown) await section.show();
    setTimeout(next, 0);
  }
  setTimeout(() => follow().then(next), 0);
  addEventListener("hashchange", follow);
}
