// @ts-check
/** @import { Found, IndexBlock, Sorting, Way, Wish } from "./types.d.ts" */
// The answers of one model in one use case: which of its questions are wanted, in which order, and which one is open.
import { all, one } from "./dom.js";
import * as finding from "./finding.js";
import * as order from "./index_order.js";
import { IndexTable } from "./index_table.js";
import * as marks from "./marks.js";
import { OpenQuestion } from "./open_question.js";
import { PackedItems } from "./packed_items.js";
import { QuestionBar } from "./question_bar.js";
import { fill, say } from "./words.js";

const WAIT_MS = 200; // after a key, before searching

export class Section {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.id = root.dataset.section ?? "";
    this.items = new PackedItems(this.id, Number(root.dataset.count), one(".answers-items", root));
    this.table = new IndexTable(one("table.index", root), this.id, {
      sort: (by) => this.sort(by, this.sorting.by === by && !this.sorting.reversed),
      mark: (item) => this.mark(item),
    });
    this.bar = new QuestionBar(one(".question-bar", root), { step: (by) => this.step(by), mark: () => this.mark(this.item) });
    this.question = new OpenQuestion(root);
    this.turn = 0; // counts what was asked for, so that work for an older wish stops
    /** @type {IndexBlock | null} */
    this.block = null;
    /** @type {Wish} */
    this.wish = { searched: null, only: "", at: "", marked: (item) => this.isMarked(item) };
    /** @type {Sorting} */
    this.sorting = { by: "", reversed: false };
    /** @type {Found[]} */
    this.found = [];
    this.item = -1; // the open one
    this.query = one(".answers-query", root, HTMLInputElement);
    this.only = one(".answers-only", root, HTMLSelectElement);
    this.at = one(".answers-at", root, HTMLSelectElement);
    this.order = one(".answers-sort", root, HTMLSelectElement);
    this.status = one(".answers-status", root);
    this.listen();
  }

  listen() {
    let waiting = 0;
    this.query.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(), WAIT_MS);
    });
    // Who is about to type has the texts read meanwhile.
    this.query.addEventListener(
      "focus",
      () => this.attempt(() => this.items.read(() => document.activeElement === this.query)),
    );
    this.only.addEventListener("change", () => this.search());
    this.at.addEventListener("change", () => this.search());
    this.order.addEventListener("change", () => this.sort(this.order.value, false));
    marks.listen(() => this.showMarks());
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T | null>} Null where the data cannot be unpacked, which is then said.
   */
  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      console.warn(error);
      this.status.textContent = say["items unreadable"];
      return null;
    }
  }

  async start() {
    this.block = await this.attempt(() => this.items.index());
    this.showMarks();
    await this.search();
  }

  /**
   * Find what is asked for and have a question open: the one that is, if it is among those found, or else the first.
   * @param {Way & { item?: number }} way
   */
  async search({ item = this.item, ...way } = {}) {
    const turn = ++this.turn;
    const wish = { ...this.wish, searched: finding.pattern(this.query.value), only: this.only.value, at: this.at.value };
    const found = await this.attempt(() =>
      this.items.search(wish, (done) => {
        if (turn === this.turn) this.status.textContent = fill(say.searching, String(done), String(this.items.count));
        return turn === this.turn;
      })
    );
    if (!found || !this.block || turn !== this.turn) return; // nothing can be shown, or it was overtaken
    this.found = order.ordered(found, this.block, this.sorting, (i) => this.isMarked(i));
    this.wish = wish;
    this.table.show(this.found.map((each) => each.item));
    this.tell();
    await this.open(this.placeOf(item) < 0 ? this.found[0]?.item ?? -1 : item, way);
  }

  /**
   * Sort, and open the first question of the new order.
   * @param {string} by
   * @param {boolean} reversed
   */
  async sort(by, reversed) {
    this.sorting = { by, reversed };
    const named = [...this.order.options].some(({ value }) => value === by);
    this.order.value = named && !reversed ? by : "head";
    if (this.block) this.table.sorted(this.sorting, this.block);
    await this.search({ item: by ? -1 : this.item });
  }

  tell() {
    const { searched, only, at } = this.wish;
    const hits = this.found.reduce((sum, { match }) => sum + (match?.hits ?? 0), 0);
    const { every = "", some = "" } = this.root.dataset;
    const found = String(this.found.length);
    if (searched) this.status.textContent = fill(say.hits, String(hits), found, String(this.items.count));
    else this.status.textContent = only || at ? fill(some, found) : every;
  }

  /** @param {number} item */
  placeOf(item) {
    return this.found.findIndex((each) => each.item === item);
  }

  /**
   * Open one of the questions found; -1: none is left.
   * @param {number} item
   * @param {Way} way
   */
  async open(item, { at = "", focus = false, address = false } = {}) {
    const turn = ++this.turn;
    const article = item < 0 ? null : await this.attempt(() => this.items.article(item));
    if (turn !== this.turn) return;
    this.item = item;
    this.bar.draw(this.placeOf(item), this.found.length);
    if (!article) return this.question.close();
    const worst = this.sorting.by.startsWith("t-") && !this.sorting.reversed ? this.sorting.by : "";
    this.question.show(article, this.found[this.placeOf(item)]?.match ?? null, this.wish, worst);
    this.table.open(item);
    this.bar.mark(this.isMarked(item));
    if (focus) this.question.lead(at);
    else if (at || worst) this.question.point(at || worst);
    if (address) history.replaceState(null, "", `#${article.id}`);
  }

  /**
   * Open the question so many places on from the open one. Where the focus is in the index or on a control it stays there, and
   * what was opened is said.
   * @param {number} by
   * @param {boolean} focus Whether the reader is led to it.
   */
  async step(by, focus = false) {
    const next = this.found[Math.max(0, this.placeOf(this.item) + by)];
    if (!next || next.item === this.item) return;
    const inIndex = this.table.table.contains(document.activeElement);
    await this.open(next.item, { focus: focus && !inIndex, address: true });
    if (inIndex) this.table.focus();
    const place = fill(say.place, String(this.placeOf(next.item) + 1), String(this.found.length));
    this.status.textContent = fill(say.opened, place, this.block?.k[next.item] ?? "");
  }

  /**
   * Lead the reader to a question, wherever it is, and to one temperature's answers to it.
   * @param {number} item
   * @param {string} at
   */
  async go(item, at) {
    if (this.placeOf(item) >= 0 && (!at || !this.wish.at || this.wish.at === at)) {
      await this.open(item, { at, focus: true });
    } else {
      this.query.value = this.only.value = this.at.value = "";
      await this.search({ item, at, focus: true });
    }
  }

  /** @param {number} item */
  isMarked(item) {
    return this.block !== null && marks.has([...this.block.o, this.block.k[item]]);
  }

  /** @param {number} item */
  mark(item) {
    if (this.block && item >= 0) marks.toggle([...this.block.o, this.block.k[item]]);
  }

  showMarks() {
    const marked = this.table.rows.map((_, item) => this.isMarked(item));
    marked.forEach((is, item) => this.table.mark(item, is));
    this.bar.mark(marked[this.item] ?? false);
    for (const out of all(".marks-out", this.root)) out.hidden = !marked.includes(true);
  }
}
