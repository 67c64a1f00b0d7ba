// @ts-check
/** @import { Entry, Found, IndexBlock, Wish } from "./types.d.ts" */
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
    this.section = section;
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

  /** @returns {Promise<IndexBlock>} */
  index() {
    return unpack(`tokens-${this.section}-index`);
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

  /**
   * Read the texts of all items, so that a search has them.
   * @param {(done: number) => boolean} proceed
   */
  read(proceed) {
    return turns.each(this.count, (item) => this.entry(item), proceed);
  }

  /**
   * Return the items that fit a wish, reading first what was not read yet; null when it was told to stop.
   * @param {Wish} wish
   * @param {(done: number) => boolean} proceed
   * @returns {Promise<Found[] | null>}
   */
  async search(wish, proceed) {
    const block = await this.index();
    const asked = Boolean(wish.only || wish.at);
    const found = Array.from({ length: this.count }, (_, item) => item).flatMap((item) => {
      const wanted = asked || wish.searched ? finding.allowed(block, item, wish) : [];
      return wanted ? [{ item, match: asked || wish.searched ? { wanted, hits: 0 } : null }] : [];
    });
    const { searched } = wish;
    if (!searched) return found;
    /** @type {Found[]} */
    const hit = [];
    const whole = await turns.each(
      found.length,
      async (i) => {
        const { item, match } = found[i];
        const there = match && finding.match(await this.entry(item), match.wanted, searched);
        if (there) hit.push({ item, match: there });
      },
      proceed,
    );
    return whole ? hit : null;
  }
}
