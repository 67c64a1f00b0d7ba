// @ts-check
// The controls that turn the texts of one item in all its columns at once.
import { element, hit, one } from "./dom.js";
import * as roving from "./roving.js";
import { fill, say } from "./words.js";

export const TEXTS = 1; // of a cell, at once

/**
 * The first text that is shown after a control was used; Infinity: all texts are.
 * @param {number} from
 * @param {string} step
 */
const turned = (from, step) => (step === "all" ? (from === Infinity ? 0 : Infinity) : from + Number(step) * TEXTS);

/**
 * @param {string} step
 * @param {string} label
 */
function button(step, label) {
  const made = element("button", "", label);
  made.type = "button";
  made.dataset.step = step;
  return made;
}

/**
 * @param {HTMLElement} article
 * @param {(to: (from: number) => number) => void} turn
 */
function made(article, turn) {
  const span = element("span");
  span.setAttribute("role", "status");
  const buttons = [button("-1", say["previous texts"]), span, button("1", say["next texts"]), button("all", say["all texts"])];
  const pager = element("div", "texts-pages", ...buttons);
  pager.setAttribute("role", "toolbar");
  pager.setAttribute("aria-label", fill(say["texts of"], one(".permalink", article).textContent));
  pager.addEventListener("click", (event) => {
    const used = hit(event, "button");
    if (used && used.getAttribute("aria-disabled") !== "true") turn((from) => turned(from, used.dataset.step ?? ""));
  });
  roving.toolbar(pager);
  one(".strip", article).before(pager);
  return pager;
}

/**
 * Say which texts are shown, with controls to turn them where there are more.
 * @param {HTMLElement} article
 * @param {number} from
 * @param {number} most Of a column.
 * @param {(to: (from: number) => number) => void} turn
 */
export function draw(article, from, most, turn) {
  const pager = article.querySelector(".texts-pages") ?? made(article, turn);
  const all = from === Infinity;
  const [before, span, after, whole] = pager.children;
  pager.toggleAttribute("hidden", most <= TEXTS);
  span.textContent = all ? fill(say["all of"], String(most)) : fill(say.texts, String(from + 1), String(most));
  before.setAttribute("aria-disabled", String(all || from === 0));
  after.setAttribute("aria-disabled", String(all || from + TEXTS >= most));
  whole.setAttribute("aria-pressed", String(all));
}
