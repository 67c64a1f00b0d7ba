// @ts-check
// The controls that turn the pages of a section's items; there are two of them, above and below.
import { all, hit, one } from "./dom.js";

/** @param {HTMLElement} nav */
const controls = (nav) => all("button, select", nav);

/**
 * Turn pages by the controls. The one used, or its twin at the top, keeps the focus.
 * @param {HTMLElement[]} navs
 * @param {(to: (page: number) => number) => Promise<void>} turn Is told the page to turn to, given the one that is shown.
 */
export function listen(navs, turn) {
  /**
   * @param {HTMLElement} nav
   * @param {(page: number) => number} to
   */
  async function leaf(nav, to) {
    const used = document.activeElement instanceof HTMLElement ? controls(nav).indexOf(document.activeElement) : -1;
    await turn(to);
    navs[0].scrollIntoView();
    if (used >= 0) controls(navs[0])[used].focus({ preventScroll: true });
  }

  for (const nav of navs) {
    nav.addEventListener("click", (event) => {
      const button = hit(event, "button");
      if (button && button.getAttribute("aria-disabled") !== "true") leaf(nav, (page) => page + Number(button.dataset.step));
    });
    const select = one("select", nav, HTMLSelectElement);
    select.addEventListener("change", () => leaf(nav, () => Number(select.value)));
  }
}

/**
 * @param {HTMLElement[]} navs
 * @param {number} page The one that is shown.
 * @param {string[]} spans What each page shows, in words.
 */
export function draw(navs, page, spans) {
  for (const nav of navs) {
    nav.hidden = spans.length < 2;
    const select = one("select", nav, HTMLSelectElement);
    if (select.length !== spans.length || select.dataset.last !== spans.at(-1)) {
      select.replaceChildren(...spans.map((span, p) => new Option(span, String(p))));
      select.dataset.last = spans.at(-1);
    }
    select.value = String(page);
    for (const button of all("button", nav)) {
      const to = page + Number(button.dataset.step);
      button.setAttribute("aria-disabled", String(to < 0 || to >= spans.length)); // it keeps the focus, unlike a disabled one
    }
  }
}
