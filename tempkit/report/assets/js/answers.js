// @ts-check
// The answers side by side: items by the page, texts of an item by the page, search, filters and differences.
import { all } from "./dom.js";
import { Section } from "./section.js";

export function start() {
  const sections = all(".side-by-side").map((root) => new Section(root));

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
    if (!section) return;
    if (!section.shown) await section.show();
    setTimeout(next, 0);
  }
  setTimeout(() => follow().then(next), 0);
  addEventListener("hashchange", follow);
}
