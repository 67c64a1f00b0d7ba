// @ts-check
// The fork view: one temperature of an item's tree by itself, and the whole of a shortened answer. The tree is there
// without this; the counts beside each line say which temperatures' samples go along it. Items may come into the page
// later, so everything is heard at the document.
import { all, hit, one } from "./dom.js";

/**
 * Column 0 counts all samples, the others those of one temperature.
 * @param {Element} counts
 * @param {number} column
 */
const cell = (counts, column) => counts.querySelector(column ? `.c${column}` : "i");

/**
 * @param {Element} item
 * @param {number} column
 */
const number = (item, column) => Number(cell(one(".fork-counts", item), column)?.textContent ?? 0);

/**
 * @param {Element} item
 * @param {number} column
 */
const waysOf = (item, column) => (item.matches(".counted, .fold") ? number(item, column) : 1);

/** @param {Element | null | undefined} item */
const here = (item) => Boolean(item && !item.hasAttribute("data-absent"));

/**
 * A way is there if samples take it.
 * @param {Element} tree
 * @param {number} column
 */
function narrow(tree, column) {
  const total = number(one(".line", tree), column);
  for (const item of all(".branch > li, .ways > li", tree)) {
    const n = number(item, column);
    item.toggleAttribute("data-absent", n === 0);
    if (item.matches(".line:not(.counted)")) item.style.setProperty("--w", String(n === 1 ? 0 : n / total));
  }
  for (const counts of all(".branch .fork-counts", tree)) {
    for (const each of counts.children) each.classList.toggle("aside", column > 0 && each !== cell(counts, column));
  }
  for (const row of all("p.rest:not(:first-child)", tree)) row.toggleAttribute("data-absent", !number(row, column));
  for (const details of all(".fold > details", tree, HTMLDetailsElement)) details.open = column > 0;
  // Where all samples of this temperature go the same way, they do not diverge.
  for (const fork of all(".fork", tree, HTMLDetailsElement)) {
    const items = [...one(":scope > .ways", fork).children];
    const ways = items.filter(here).reduce((sum, item) => sum + waysOf(item, column), 0);
    const goesOn = here(fork.parentElement?.nextElementSibling);
    fork.toggleAttribute("data-through", ways + Number(goesOn) < 2);
    if (ways && !goesOn) fork.open = true;
  }
}

export function start() {
  document.addEventListener("change", (event) => {
    const tree = hit(event, ".fork-tree");
    if (!tree || !(event.target instanceof HTMLInputElement)) return;
    narrow(tree, Number(event.target.value));
    one(".fork-said", tree).textContent = event.target.dataset.said ?? "";
  });

  document.addEventListener("click", (event) => {
    const button = hit(event, "[data-open]");
    /** @type {HTMLElement | null | undefined} */
    const tokens = button?.closest(".item")?.querySelector(`.tokens-button[data-index="${button.dataset.open}"]`);
    tokens?.click();
  });
}
