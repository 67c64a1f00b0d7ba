// @ts-check
// A list of which one option is selected, and moved in by keys. The options are the box's children.
import { hit } from "./dom.js";

/**
 * The place of the option that an event is at; -1: none.
 * @param {Element} box
 * @param {Event} event
 */
export function place(box, event) {
  const option = hit(event, "[role=option]");
  return option ? [...box.children].indexOf(option) : -1;
}

/**
 * Select an option: it alone is in the tab order.
 * @param {Element} box
 * @param {number} i
 */
export function select(box, i) {
  [...box.children].forEach((option, j) => {
    option.setAttribute("tabindex", i === j ? "0" : "-1");
    option.setAttribute("aria-selected", String(i === j));
  });
}

/**
 * Focus the option that a key leads to; `moved` is told its place first.
 * @param {HTMLElement} box
 * @param {(i: number) => void} moved
 */
export function listen(box, moved = () => {}) {
  box.addEventListener("keydown", (event) => {
    const i = place(box, event);
    const last = box.children.length - 1;
    const rtl = getComputedStyle(box).direction === "rtl" ? -1 : 1;
    /** @type {Record<string, number>} */
    const ways = { ArrowRight: i + rtl, ArrowLeft: i - rtl, ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: last };
    const to = ways[event.key];
    if (i < 0 || to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    moved(next);
    const option = box.children[next];
    if (option instanceof HTMLElement) option.focus();
  });
}
