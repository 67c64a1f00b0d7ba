// The answers side by side: items by the page, texts of an item by the page, search, filters and differences. Items that do
// not stand in the page come from packed blocks. Those hold markup of the same template that drew the others, with every
// text escaped by it; it is parsed into a document of its own, where nothing runs or loads, and only then moved here.
(() => {
  "use strict";
  const { $, element, fill, say, unpack } = page;
  const TEXTS = 2; // of a cell, at once
  const WAIT_MS = 200; // after a key, before searching
  const sections = new Map();

  class Section {
    constructor(root) {
      this.root = root;
      this.id = root.dataset.section;
      this.count = Number(root.dataset.count);
      this.size = Number(root.dataset.size);
      this.list = root.querySelector(".answers-items");
      this.articles = new Map([...this.list.children].map((article, i) => [i, article]));
      this.blocks = [...document.querySelectorAll(`script[data-section="${this.id}"]`)].map(({ id, dataset }) => ({
        id,
        first: Number(dataset.first),
        count: Number(dataset.count),
      }));
      this.entries = [];
      this.from = new Map(); // the first text shown, by item; Infinity: all of them
      this.turn = 0; // counts what was asked for, so that work for an older wish stops
      this.wish = { searched: null, only: "", at: "" };
      this.found = [...Array(this.count).keys()].map((item) => ({ item, match: null }));
      this.page = 0;
      const input = (name) => root.querySelector(`.answers-${name}`);
      this.query = input("query");
      this.only = input("only");
      this.at = input("at");
      this.differences = input("differences");
      this.removed = input("removed");
      this.status = input("status");
      this.navs = [...root.querySelectorAll(".answers-pages")];
      this.listen();
    }

    listen() {
      let waiting;
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
      for (const nav of this.navs) {
        nav.addEventListener("click", ({ target }) => {
          const step = Number(target.closest("button")?.dataset.step ?? 0);
          if (step && target.closest("button").getAttribute("aria-disabled") !== "true") this.leaf(this.page + step, nav);
        });
        nav.querySelector("select").addEventListener("change", ({ target }) => this.leaf(Number(target.value), nav));
      }
    }

    // An item's element, unpacked at first need and then kept.
    async article(item) {
      if (!this.articles.has(item)) this.articles.set(item, document.adoptNode(await this.parsed(item)));
      return this.articles.get(item);
    }

    async parsed(item) {
      const block = this.blocks.find(({ first, count }) => item >= first && item < first + count);
      const markup = (await unpack(block.id))[item - block.first];
      return new DOMParser().parseFromString(markup, "text/html").body.firstElementChild;
    }

    // Find what is asked for and show its first page, or the one with an item; what is not indexed yet is read first.
    async search(item = null) {
      const turn = ++this.turn;
      const wish = { searched: finding.pattern(this.query.value), only: this.only.value, at: this.at.value };
      const narrowed = Boolean(wish.searched || wish.only || wish.at);
      const found = [];
      try {
        const whole = await finding.each(
          this.count,
          async (i) => {
            if (narrowed) this.entries[i] ??= finding.entry(this.articles.get(i) ?? (await this.parsed(i)));
            const match = narrowed ? finding.match(this.entries[i], wish) : null;
            if (match || !narrowed) found.push({ item: i, match });
          },
          (done) => {
            if (turn === this.turn) this.status.textContent = fill(say.searching, done, this.count);
            return turn === this.turn;
          },
        );
        if (!whole || turn !== this.turn) return;
      } catch {
        this.status.textContent = say["items unreadable"];
        return;
      }
      Object.assign(this, { found, wish, page: item === null ? 0 : this.pageOf(item, found) });
      this.from.clear();
      await this.show();
    }

    pageOf(item, found = this.found) {
      return Math.floor(found.findIndex((each) => each.item === item) / this.size);
    }

    // Show the page of items that is turned to.
    async show() {
      this.shown = true;
      const turn = ++this.turn;
      const pages = Math.max(1, Math.ceil(this.found.length / this.size));
      this.page = Math.max(0, Math.min(this.page, pages - 1));
      const shown = this.found.slice(this.page * this.size, (this.page + 1) * this.size);
      const articles = [];
      try {
        const read = async (i) => articles.push(await this.article(shown[i].item));
        if (!(await finding.each(shown.length, read, () => turn === this.turn))) return;
      } catch {
        this.status.textContent = say["items unreadable"];
        return;
      }
      if (turn !== this.turn) return;
      if (articles.some((article, i) => article !== this.list.children[i]) || articles.length !== this.list.children.length) {
        this.list.replaceChildren(...articles);
      }
      this.tell(shown, pages);
      await finding.each(shown.length, (i) => this.dress(articles[i], shown[i]), () => turn === this.turn);
    }

    tell(shown, pages) {
      const { searched, only, at } = this.wish;
      const hits = this.found.reduce((sum, { match }) => sum + (match?.hits ?? 0), 0);
      const [items, all] = [String(this.found.length), String(this.count)];
      if (searched) this.status.textContent = fill(say.hits, String(hits), items, all);
      else if (only || at) this.status.textContent = fill(say.matching, items, all);
      else this.status.textContent = "";
      const span = (p) => fill(say.span, String(p * this.size + 1), String(Math.min((p + 1) * this.size, this.found.length)), items);
      for (const nav of this.navs) {
        nav.hidden = pages < 2;
        const select = nav.querySelector("select");
        if (select.length !== pages || select.dataset.of !== items) {
          select.replaceChildren(...Array.from({ length: pages }, (_, p) => new Option(span(p), p)));
          select.dataset.of = items;
        }
        select.value = this.page;
        for (const button of nav.querySelectorAll("button")) {
          const to = this.page + Number(button.dataset.step);
          button.setAttribute("aria-disabled", String(to < 0 || to >= pages)); // it keeps the focus, unlike a disabled one
        }
      }
    }

    // Turn to a page of items; the control used, or its twin at the top, keeps the focus.
    async leaf(to, nav) {
      const at = [...nav.querySelectorAll("button, select")].indexOf(document.activeElement);
      this.page = to;
      await this.show();
      const first = this.found[this.page * this.size];
      if (first) history.replaceState(null, "", `#${this.id}-item-${first.item + 1}`);
      this.navs[0].scrollIntoView();
      if (at >= 0) this.navs[0].querySelectorAll("button, select")[at].focus({ preventScroll: true });
    }

    // Show one item, wherever it is.
    async go(item) {
      if (this.found.some((each) => each.item === item)) {
        this.page = this.pageOf(item);
        await this.show();
      } else {
        this.query.value = this.only.value = this.at.value = "";
        await this.search(item);
      }
      const article = this.articles.get(item);
      article.scrollIntoView();
      article.querySelector(".permalink").focus({ preventScroll: true });
    }

    // Show of an item what is wanted of it, with its marks.
    dress(article, { item, match }) {
      const cells = finding.cells(article);
      for (const more of article.querySelectorAll(".more")) {
        more.querySelector("summary").remove(); // texts are turned by page instead
        more.replaceWith(...more.childNodes);
      }
      const wanted = cells.map((cell, c) => {
        const answers = finding.answers(cell);
        return match ? match.wanted[c].map((i) => answers[i]) : answers;
      });
      const most = Math.max(0, ...wanted.map((of) => of.length));
      let from = this.from.get(item) ?? 0;
      if (from < Infinity && from >= most) from = 0;
      const all = from === Infinity;
      const { only, at, searched } = this.wish;
      cells.forEach((cell, c) => {
        cell.hidden = Boolean(at && cell.dataset.temperature !== at);
        // A column that has no more texts than fit keeps showing them beside the others' further ones.
        const shown = all || wanted[c].length <= TEXTS ? wanted[c] : wanted[c].slice(from, from + TEXTS);
        for (const answer of finding.answers(cell)) answer.hidden = !shown.includes(answer);
        for (const failure of cell.querySelectorAll(".failure")) failure.hidden = Boolean(only && only !== "failed");
        cell.querySelector(".none-here")?.remove();
        if (shown.length || !finding.answers(cell).length || (only === "failed" && Number(cell.dataset.failed))) return;
        cell.append(element("p", "none-here hint", wanted[c].length ? say["no more texts"] : say["none here"]));
      });
      this.pager(article, item, from, most);
      for (const box of finding.about(article)) marking.draw(box, finding.ranges(marking.textOf(box), searched));
      const base = article.querySelector(".answer[data-base]");
      const baseBox = base && finding.verbatim(base);
      for (const answer of article.querySelectorAll(".answer:not([hidden])")) {
        const box = finding.verbatim(answer);
        if (!box) continue;
        const text = marking.textOf(box);
        const compared = this.differences.checked && base && answer.dataset.marks.split(" ").includes("differs");
        const different = compared ? marking.differences(baseBox ? marking.textOf(baseBox) : "", text) : {};
        if (!this.removed.checked) delete different.removed;
        marking.draw(box, finding.ranges(text, searched), different);
      }
    }

    // The controls that turn the texts of one item in all its columns at once.
    pager(article, item, from, most) {
      const strip = article.querySelector(".strip");
      let pager = strip.previousElementSibling;
      if (!pager?.classList.contains("texts-pages")) {
        const button = (step, label) => {
          const made = element("button", "", label);
          made.type = "button";
          made.dataset.step = step;
          return made;
        };
        pager = element("div", "texts-pages", button("-1", say["previous texts"]), element("span"), button("1", say["next texts"]), button("all", say["all texts"]));
        pager.setAttribute("role", "group");
        pager.setAttribute("aria-label", fill(say["texts of"], article.querySelector(".permalink").textContent));
        pager.firstElementChild.nextElementSibling.setAttribute("role", "status");
        pager.addEventListener("click", ({ target }) => this.turnTexts(item, target.closest("button")));
        strip.before(pager);
      }
      const all = from === Infinity;
      const [before, span, after, whole] = pager.children;
      pager.hidden = most <= TEXTS;
      span.textContent = all
        ? fill(say["all of"], String(most))
        : fill(say.texts, String(from + 1), String(Math.min(from + TEXTS, most)), String(most));
      before.setAttribute("aria-disabled", String(all || from === 0));
      after.setAttribute("aria-disabled", String(all || from + TEXTS >= most));
      whole.setAttribute("aria-pressed", String(all));
    }

    turnTexts(item, button) {
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      const { step } = button.dataset;
      const from = this.from.get(item) ?? 0;
      this.from.set(item, step === "all" ? (from === Infinity ? 0 : Infinity) : from + Number(step) * TEXTS);
      this.dress(this.articles.get(item), this.found.find((each) => each.item === item));
    }
  }

  // An item's address leads to it even where it is packed, or not among those found.
  async function follow() {
    const [, id, number] = /^#(.+)-item-(\d+)$/.exec(location.hash) ?? [];
    const section = sections.get(id);
    if (section && number >= 1 && number <= section.count) await section.go(Number(number) - 1);
  }

  const waiting = [...document.querySelectorAll(".side-by-side")].map((root) => new Section(root));
  for (const section of waiting) sections.set(section.id, section);

  // Where the address leads comes first; then one section per turn of the event loop, so that the page stays responsive.
  async function next() {
    const section = waiting.shift();
    if (!section) return;
    if (!section.shown) await section.show();
    setTimeout(next, 0);
  }
  setTimeout(() => follow().then(next), 0);
  addEventListener("hashchange", follow);
})();
