// @ts-check
/** @import { Entry, Found, Wish } from "./types.d.ts" */
// A section's items, those that stand in the page and those in packed blocks. Blocks hold markup of the same template that
// drew the others, with every text escaped by it; it is parsed into a document of its own, where nothing runs or loads, and
// only then moved here.
import { all, one } from "./dom.js";
import * as finding from "./finding.js";
import { unpack } from "./packed.js";
import * as turns from "./turns.js";

export class PackedItems {
  /**
   * @param {string} section Its id.
   * @param {number} count
   * @param {HTMLElement} list Holds the first items.
   */
  constructor(section, count, list) {
    this.count = count;
    this.articles = new Map([...list.children].map((article, i) => [i, /** @type {HTMLElement} */ (article)]));
    this.blocks = all(`script[data-section="${section}"]`).map(({ id, dataset }) => ({
      id,
      first: Number(dataset.first),
      count: Number(dataset.count),
    }));
    /** @type {Entry[]} */
    this.entries = [];
  }

  /**
   * An item's element, unpacked at first need and then kept.
   * @param {number} item
   */
  async article(item) {
    const kept = this.articles.get(item);
    if (kept) return kept;
    const article = document.adoptNode(await this.parsed(item));
    this.articles.set(item, article);
    return article;
  }

  /** @param {number} item */
  async parsed(item) {
    const block = this.blocks.find(({ first, count }) => item >= first && item < first + count);
    if (!block) throw new RangeError(`no block holds item ${item}`);
    /** @type {string[]} */
    const markup = await unpack(block.id);
    return one(".item", new DOMParser().parseFromString(markup[item - block.first], "text/html"));
  }

  /** @param {number} item */
  async entry(item) {
    return (this.entries[item] ??= finding.entry(this.articles.get(item) ?? (await this.parsed(item))));
  }

  /** @returns {Found[]} */
  everything() {
    return Array.from({ length: this.count }, (_, item) => ({ item, match: null }));
  }

  /**
   * Return the items that fit a wish, reading first what was not read yet; null when it was told to stop.
   * @param {Wish} wish
   * @param {(done: number) => boolean} proceed
   */
  async search(wish, proceed) {
    if (!wish.searched && !wish.only && !wish.at) return this.everything();
    /** @type {Found[]} */
    const found = [];
    const whole = await turns.each(
      this.count,
      async (item) => {
        const match = finding.match(await this.entry(item), wish);
        if (match) found.push({ item, match });
      },
      proceed,
    );
    return whole ? found : null;
  }
}
