// @ts-check
// A group of buttons is one stop of the Tab key: arrow keys move in it.
import { all, hit } from "./dom.js";

/**
 * The group's buttons that can be moved to, in their order.
 * @param {HTMLElement} group
 */
const buttons = (group) => all("button:not([hidden])", group, HTMLButtonElement);

/**
 * Leave one button in the order of Tab: the given one, else the one that is pressed, else the first.
 * @param {HTMLElement} group
 * @param {Element} [current]
 */
export function settle(group, current) {
  const found = buttons(group);
  const chosen = current ?? found.find((each) => each.getAttribute("aria-pressed") === "true") ?? found[0];
  for (const each of found) each.tabIndex = each === chosen ? 0 : -1;
}

/** @param {HTMLElement} group */
export function listen(group) {
  group.addEventListener("keydown", (event) => {
    const found = buttons(group);
    const i = found.findIndex((each) => each === event.target);
    const last = found.length - 1;
    /** @type {Record<string, number>} */
    const ways = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: last };
    const to = ways[event.key];
    if (i < 0 || to === undefined) return;
    event.preventDefault();
    found[(to + found.length) % found.length].focus();
  });
  group.addEventListener("focusin", (event) => {
    const button = hit(event, "button");
    if (button) settle(group, button);
  });
  settle(group);
}
