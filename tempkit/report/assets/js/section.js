// @ts-check
/** @import { Found, Wish } from "./types.d.ts" */
// The answers of one model in one use case: which of its items are wanted, and which page of them is shown.
import { all, one } from "./dom.js";
import * as dressing from "./dressing.js";
import * as finding from "./finding.js";
import * as itemPages from "./item_pages.js";
import { PackedItems } from "./packed_items.js";
import * as textPages from "./text_pages.js";
import * as turns from "./turns.js";
import { fill, say } from "./words.js";

const WAIT_MS = 200; // after a key, before searching

export class Section {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.id = root.dataset.section ?? "";
    this.size = Number(root.dataset.size); // items of a page
    this.list = one(".answers-items", root);
    this.items = new PackedItems(this.id, Number(root.dataset.count), this.list);
    /** @type {Map<number, number>} */
    this.from = new Map(); // the first text shown, by item; Infinity: all of them
    this.turn = 0; // counts what was asked for, so that work for an older wish stops
    /** @type {Wish} */
    this.wish = { searched: null, only: "", at: "" };
    /** @type {Found[]} */
    this.found = this.items.everything();
    this.page = 0;
    this.shown = false; // once
    this.query = one(".answers-query", root, HTMLInputElement);
    this.only = one(".answers-only", root, HTMLSelectElement);
    this.at = one(".answers-at", root, HTMLSelectElement);
    this.differences = one(".answers-differences", root, HTMLInputElement);
    this.removed = one(".answers-removed", root, HTMLInputElement);
    this.status = one(".answers-status", root);
    this.navs = all(".answers-pages", root);
    this.listen();
  }

  listen() {
    let waiting = 0;
    this.query.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(), WAIT_MS);
    });
    this.only.addEventListener("change", () => this.search());
    this.at.addEventListener("change", () => this.search());
    this.differences.addEventListener("change", () => {
      this.removed.disabled = !this.differences.checked;
      this.show();
    });
    this.removed.addEventListener("change", () => this.show());
    itemPages.listen(this.navs, async (to) => {
      this.page = to(this.page);
      await this.show();
      const first = this.found[this.page * this.size];
      if (first) history.replaceState(null, "", `#${this.id}-item-${first.item + 1}`);
    });
  }

  /**
   * Find what is asked for and show its first page, or the one with an item.
   * @param {number | null} item
   */
  async search(item = null) {
    const turn = ++this.turn;
    const wish = { searched: finding.pattern(this.query.value), only: this.only.value, at: this.at.value };
    let found;
    try {
      found = await this.items.search(wish, (done) => {
        if (turn === this.turn) this.status.textContent = fill(say.searching, String(done), String(this.items.count));
        return turn === this.turn;
      });
    } catch {
      this.status.textContent = say["items unreadable"];
      return;
    }
    if (!found || turn !== this.turn) return;
    [this.found, this.wish] = [found, wish];
    this.page = item === null ? 0 : this.pageOf(item);
    this.from.clear();
    await this.show();
  }

  /** @param {number} item */
  pageOf(item) {
    return Math.floor(this.found.findIndex((each) => each.item === item) / this.size);
  }

  // Show the page of items that is turned to.
  async show() {
    this.shown = true;
    const turn = ++this.turn;
    const current = () => turn === this.turn;
    const pages = Math.max(1, Math.ceil(this.found.length / this.size));
    this.page = Math.max(0, Math.min(this.page, pages - 1));
    const shown = this.found.slice(this.page * this.size, (this.page + 1) * this.size);
    /** @type {HTMLElement[]} */
    const articles = [];
    try {
      /** @param {number} i */
      const read = async (i) => articles.push(await this.items.article(shown[i].item));
      if (!(await turns.each(shown.length, read, current))) return;
    } catch {
      this.status.textContent = say["items unreadable"];
      return;
    }
    if (!current()) return;
    const same = articles.length === this.list.children.length && articles.every((each, i) => each === this.list.children[i]);
    if (!same) this.list.replaceChildren(...articles);
    this.tell(pages);
    await turns.each(shown.length, (i) => this.dress(articles[i], shown[i]), current);
  }

  /** @param {number} pages */
  tell(pages) {
    const { searched, only, at } = this.wish;
    const hits = this.found.reduce((sum, { match }) => sum + (match?.hits ?? 0), 0);
    const [items, all] = [String(this.found.length), String(this.items.count)];
    if (searched) this.status.textContent = fill(say.hits, String(hits), items, all);
    else if (only || at) this.status.textContent = fill(say.matching, items, all);
    else this.status.textContent = "";
    const spans = Array.from({ length: pages }, (_, page) => {
      const [first, last] = [page * this.size + 1, Math.min((page + 1) * this.size, this.found.length)];
      return fill(say.span, String(first), String(last), items);
    });
    itemPages.draw(this.navs, this.page, spans);
  }

  /** The first item on the page that is turned to; -1: there is none. */
  get place() {
    return this.found[this.page * this.size]?.item ?? -1;
  }

  /**
   * Search as the fields say, and be at an item again.
   * @param {number} item
   */
  restore(item) {
    return this.search(item);
  }

  /**
   * Show one item, wherever it is.
   * @param {number} item
   */
  async go(item) {
    if (this.found.some((each) => each.item === item)) {
      this.page = this.pageOf(item);
      await this.show();
    } else {
      this.query.value = this.only.value = this.at.value = "";
      await this.search(item);
    }
    const article = await this.items.article(item);
    article.scrollIntoView();
    one(".permalink", article).focus({ preventScroll: true });
  }

  /**
   * Show of an item what is wanted of it, with its marks.
   * @param {HTMLElement} article
   * @param {Found} found
   */
  dress(article, found) {
    const { item, match } = found;
    dressing.unfold(article);
    const wanted = dressing.wanted(article, match);
    const most = Math.max(0, ...wanted.map((of) => of.length));
    let from = this.from.get(item) ?? 0;
    if (from < Infinity && from >= most) from = 0;
    dressing.showTexts(article, wanted, from, this.wish);
    textPages.draw(article, from, most, (to) => this.turnTexts(article, item, to));
    dressing.mark(article, this.wish.searched, { added: this.differences.checked, removed: this.removed.checked });
  }

  /**
   * @param {HTMLElement} article
   * @param {number} item
   * @param {(from: number) => number} to
   */
  turnTexts(article, item, to) {
    this.from.set(item, to(this.from.get(item) ?? 0));
    const found = this.found.find((each) => each.item === item);
    if (found) this.dress(article, found);
  }
}
