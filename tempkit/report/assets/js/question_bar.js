// @ts-check
// The controls above the open question: the one before it, the one after it, and the reader's mark.
import { all, hit, one } from "./dom.js";
import * as roving from "./roving.js";
import { fill, say } from "./words.js";

export class QuestionBar {
  /**
   * @param {HTMLElement} bar
   * @param {{ step: (by: number) => void, mark: () => void }} told
   */
  constructor(bar, told) {
    this.place = one(".question-place", bar);
    this.star = one(".question-mark", bar);
    this.steps = all("[data-step]", bar);
    roving.toolbar(bar);
    bar.addEventListener("click", (event) => {
      const button = hit(event, "button");
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      if (button === this.star) told.mark();
      else told.step(Number(button.dataset.step));
    });
  }

  /**
   * @param {number} at The place of the open question among those shown, from 0; -1: it is none of them.
   * @param {number} of How many are shown.
   */
  draw(at, of) {
    this.place.textContent = at < 0 ? "" : fill(say.place, String(at + 1), String(of));
    for (const button of this.steps) {
      const to = at + Number(button.dataset.step);
      button.setAttribute("aria-disabled", String(at < 0 || to < 0 || to >= of)); // it keeps the focus, unlike a disabled one
    }
  }

  /** @param {boolean} marked */
  mark(marked) {
    this.star.setAttribute("aria-pressed", String(marked));
  }
}
