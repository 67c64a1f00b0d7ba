// @ts-check
/** @import { Match, Wish } from "./types.d.ts" */
// The question that is open: what of it is shown, with which marks, and how one moves in it.
import * as dressing from "./dressing.js";
import { all, one } from "./dom.js";
import * as finding from "./finding.js";
import * as roving from "./roving.js";
import * as textPages from "./text_pages.js";

/** @param {Element} cell */
const controls = (cell) =>
  all("a, button, summary", cell).filter((each) => each.checkVisibility() && !each.closest("[hidden]"));

export class OpenQuestion {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.box = one(".open-question", root);
    this.list = one(".answers-items", root);
    this.differences = one(".answers-differences", root, HTMLInputElement);
    this.removed = one(".answers-removed", root, HTMLInputElement);
    const whole = one(".answers-whole", root, HTMLInputElement);
    /** @type {HTMLElement | null} */
    this.article = null;
    this.from = 0; // the first text shown; Infinity: all of them
    /** @type {Match | null} */
    this.match = null;
    /** @type {Wish | null} */
    this.wish = null;
    this.worst = "";
    /** @type {WeakSet<Element>} */
    this.heard = new WeakSet();
    this.differences.addEventListener("change", () => {
      this.removed.disabled = !this.differences.checked;
      this.dress();
    });
    this.removed.addEventListener("change", () => this.dress());
    whole.addEventListener("change", () => this.box.classList.toggle("whole", whole.checked));
    // Where all columns have room their heads stick to the window; where they scroll, to their strip.
    this.width = new ResizeObserver(() => this.fit());
    this.width.observe(this.list);
  }

  close() {
    this.article = null;
    this.list.replaceChildren();
  }

  /**
   * @param {HTMLElement} article
   * @param {Match | null} match
   * @param {Wish} wish
   * @param {string} worst The column whose worst answers come first; empty: none.
   */
  show(article, match, wish, worst) {
    if (article !== this.article || match !== this.match || worst !== this.worst) this.from = 0;
    [this.article, this.match, this.wish, this.worst] = [article, match, wish, worst];
    if (this.list.children.length !== 1 || this.list.firstElementChild !== article) this.list.replaceChildren(article);
    for (const old of all(".cell.linked", article)) old.classList.remove("linked");
    this.dress();
  }

  // Show of the question what is wanted of it, with its marks.
  dress() {
    const { article, wish } = this;
    if (!article || !wish) return;
    dressing.unfold(article);
    const wanted = dressing.wanted(article, this.match, this.worst);
    const most = Math.max(0, ...wanted.map((of) => of.length));
    if (this.from < Infinity && this.from >= most) this.from = 0;
    dressing.showTexts(article, wanted, this.from, wish);
    dressing.name(article, wanted, this.worst);
    textPages.draw(article, this.from, most, (to) => {
      this.from = to(this.from);
      this.dress();
    });
    dressing.mark(article, wish.searched, { added: this.differences.checked, removed: this.removed.checked });
    this.settle(one(".strip", article));
    this.fit();
  }

  /**
   * The strip is one tab stop: arrow keys move between its columns, and down each of them.
   * @param {HTMLElement} strip
   */
  settle(strip) {
    const lines = () => finding.cells(strip).filter((cell) => !cell.hidden).map(controls);
    roving.settle(all("a, button, summary", strip));
    if (this.heard.has(strip)) return;
    this.heard.add(strip);
    roving.listen(strip, () => {
      const columns = lines();
      const rows = Math.max(...columns.map((of) => of.length));
      return Array.from({ length: rows }, (_, row) => columns.map((of) => of[Math.min(row, of.length - 1)]));
    }, (to) => to.closest(".cell")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  }

  fit() {
    const strip = this.article && one(".strip", this.article);
    strip?.classList.toggle("fits", strip.scrollWidth <= strip.clientWidth);
  }

  /**
   * The answers of one temperature, made to stand out; null: there are none.
   * @param {string} at
   */
  column(at) {
    const cell = this.article && finding.cells(this.article).find(({ dataset }) => dataset.at === at);
    cell?.classList.add("linked");
    return cell ?? null;
  }

  /**
   * Have a column in sight, as far as its strip can do that.
   * @param {string} at
   */
  point(at) {
    const cell = this.column(at);
    const strip = cell?.parentElement;
    if (cell && strip) strip.scrollLeft = cell.offsetLeft - strip.offsetLeft - (strip.clientWidth - cell.offsetWidth) / 2;
  }

  /**
   * Lead the reader here, to one temperature's answers where one is looked for.
   * @param {string} at
   */
  lead(at) {
    if (!this.article) return;
    this.box.scrollIntoView();
    const cell = at ? this.column(at) : null;
    cell?.scrollIntoView({ block: "nearest", inline: "center" });
    one(".permalink", cell ?? this.article).focus({ preventScroll: true });
  }
}
