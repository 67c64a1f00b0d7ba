// @ts-check
/** @import { IndexBlock, Sorting } from "./types.d.ts" */
// The index: a grid with a row per question, one tab stop, whose heads sort. Its rows are in the page; links to packed questions
// and the reader's marks come with the script.
import { all, element, hit, one } from "./dom.js";
import * as order from "./index_order.js";
import * as roving from "./roving.js";
import { fill, say } from "./words.js";

/** @param {Element} row */
const controls = (row) =>
  [...row.children].flatMap((cell) => {
    const held = cell.querySelector("a, button") ?? cell;
    return held instanceof HTMLElement ? [held] : [];
  });

export class IndexTable {
  /**
   * @param {HTMLElement} table
   * @param {string} section Its id.
   * @param {{ sort: (by: string) => void, mark: (item: number) => void }} told
   */
  constructor(table, section, told) {
    this.table = table;
    this.body = one("tbody", table);
    this.rows = all("tr", this.body);
    this.order = this.rows.map((_, item) => item);
    this.heads = all("thead th", table);
    /** @type {Map<HTMLElement, number>} */
    this.places = new Map(this.rows.map((row, item) => [row, item]));
    /** @type {HTMLElement | null} */
    this.current = null;
    const columns = this.heads.flatMap(({ dataset }) => dataset.sort?.startsWith("t-") ? [dataset.sort] : []);
    table.setAttribute("role", "grid");
    this.makeHeads();
    this.rows.forEach((row, item) => this.makeRow(row, `#${section}-item-${item + 1}`, columns));
    roving.settle(
      [...this.heads.map((head) => one("button", head)), ...this.rows.flatMap(controls)],
      controls(this.rows[0])[0],
    );
    roving.listen(table, () => [one("thead tr", table), ...this.shown()].map(controls));
    table.addEventListener("click", (event) => {
      const by = hit(event, "th[data-sort] button")?.closest("th")?.dataset.sort;
      if (by) told.sort(by);
      const star = hit(event, ".star-button");
      if (star) told.mark(this.itemOf(star));
    });
  }

  makeHeads() {
    const marked = element("th", "", say.mark);
    marked.scope = "col";
    marked.dataset.sort = "marked";
    this.heads[0].parentElement?.append(marked);
    this.heads.push(marked);
    for (const head of this.heads) {
      const button = element("button", "", ...head.childNodes);
      button.type = "button";
      head.append(button);
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {string} address
   * @param {string[]} columns
   */
  makeRow(row, address, columns) {
    const [name, ...cells] = all("a", row, HTMLAnchorElement);
    name.href = address;
    cells.forEach((link, c) => (link.href = `${address}-${columns[c]}`));
    for (const cell of all("td:not(:has(a))", row)) cell.tabIndex = -1;
    const star = element("button", "star star-button");
    star.type = "button";
    star.setAttribute("aria-label", fill(say["mark of"], name.textContent));
    star.setAttribute("aria-pressed", "false");
    row.append(element("td", "", star));
  }

  /** @param {Element} node */
  itemOf(node) {
    const row = node.closest("tr");
    return (row && this.places.get(row)) ?? -1;
  }

  shown() {
    return this.order.map((item) => this.rows[item]).filter((row) => !row.hidden);
  }

  /**
   * Show these questions and no others, in this order.
   * @param {number[]} items
   */
  show(items) {
    const wanted = new Set(items);
    const order = [...items, ...this.order.filter((item) => !wanted.has(item))];
    if (order.some((item, i) => item !== this.order[i])) this.body.append(...order.map((item) => this.rows[item]));
    this.order = order;
    this.rows.forEach((row, item) => (row.hidden = !wanted.has(item)));
    // Whatever was in the tab order may be gone.
    const stop = this.table.querySelector('[tabindex="0"]');
    if (stop?.closest("tr")?.hidden) {
      if (stop instanceof HTMLElement) stop.tabIndex = -1;
      controls(this.shown()[0] ?? one("thead tr", this.table))[0].tabIndex = 0;
    }
  }

  /**
   * @param {Sorting} sorting
   * @param {IndexBlock} block
   */
  sorted(sorting, block) {
    for (const head of this.heads) {
      if (head.dataset.sort === sorting.by) head.setAttribute("aria-sort", order.direction(block, sorting));
      else head.removeAttribute("aria-sort");
    }
  }

  /**
   * Say which question is open, and have its row in sight.
   * @param {number} item
   */
  open(item) {
    this.current?.removeAttribute("aria-current");
    this.current?.closest("tr")?.classList.remove("open");
    const row = this.rows[item];
    this.current = one("th a", row);
    this.current.setAttribute("aria-current", "true");
    row.classList.add("open");
    const box = /** @type {HTMLElement} */ (this.table.parentElement);
    const head = one("thead", this.table).offsetHeight;
    if (row.offsetTop - head < box.scrollTop) box.scrollTop = row.offsetTop - head;
    const below = row.offsetTop + row.offsetHeight - box.clientHeight;
    if (below > box.scrollTop) box.scrollTop = below;
  }

  focus() {
    this.current?.focus();
  }

  /**
   * @param {number} item
   * @param {boolean} marked
   */
  mark(item, marked) {
    one(".star-button", this.rows[item]).setAttribute("aria-pressed", String(marked));
  }
}
